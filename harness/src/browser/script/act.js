// What is done with an element, and what is read of it.

// How it is brought into the window, one way after another: what is in the way of one is not in that of another.
const ALIGNMENTS = [
  undefined,
  { block: "center", inline: "center" },
  { block: "end", inline: "end" },
  { block: "start", inline: "start" },
];

// Looks whether the one element can be acted on: `{ value }` of what `then` makes of it, or `{ seen }`.
//
// `needs` are of visible, enabled, editable, stable, receives; each as Playwright documents actionability.
function ready({ steps, needs, from, force }, then) {
  const isStill = stillness();
  let tries = 0;
  return () => {
    const element = one(steps);
    if (!element) return { seen: "no element matches" };
    const seen = (what) => ({ seen: `it ${what}`, markup: markup(element) });
    const target = controlOf(element);
    if (needs.includes("editable")) {
      const why = whyNotEditable(target);
      if (why) throw new Misuse({ kind: "element", why, markup: markup(element) });
    }
    // Looked at from the first, so that it need not be waited for when everything else is as it should be.
    const still = !needs.includes("stable") || isStill(element);
    if (needs.includes("visible") && !isVisible(element)) return seen("is not visible");
    if (needs.includes("enabled") && !isEnabled(target)) return seen("is disabled");
    if (needs.includes("editable") && isReadOnly(target)) return seen("is read-only");
    if (!still) return seen("moves");
    if (!needs.includes("receives") && !force) return then(element);
    const point = pointIn(element, from);
    if (force && point) return then(element, point);
    const covering = point ? coveredBy(element, point) : "is outside of the window";
    if (covering) {
      const alignment = point ? ALIGNMENTS[tries % ALIGNMENTS.length] : ALIGNMENTS[1 + (tries % 3)];
      tries += 1;
      if (alignment) element.scrollIntoView({ ...alignment, behavior: "instant" });
      return seen(point ? `is covered by ${covering}` : covering);
    }
    return then(element, point);
  };
}

const HELD = new Map();
let lastHeld = 0;

// Keeps an element until it is asked for by its number.
function hold(element) {
  lastHeld += 1;
  HELD.set(lastHeld, element);
  return lastHeld;
}

function release(number) {
  const element = HELD.get(number);
  HELD.delete(number);
  return element;
}

const told = (element, types) => {
  for (const type of types) element.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
};

// Inputs whose text is not typed but chosen: their value is set, as the browser's own pickers do.
const IS_CHOSEN = ["color", "date", "datetime-local", "month", "range", "time", "week"];

// Makes an element ready to be typed over; sets what cannot be typed.
function prepareFill(element, text) {
  const target = controlOf(element);
  target.focus();
  if (target.localName === "input" && IS_CHOSEN.includes(target.type)) {
    target.value = text;
    if (target.value !== text) {
      const why = `does not take "${text}" as its ${target.type}`;
      throw new Misuse({ kind: "element", why, markup: markup(target) });
    }
    told(target, ["input", "change"]);
    return { value: { typed: false } };
  }
  if (target.localName === "input" || target.localName === "textarea") target.select();
  else getSelection().selectAllChildren(target);
  return { value: { typed: true } };
}

// Chooses options of a `<select>`: `{ value }`, `{ label }`, `{ index }` or `{ any }` of value and label each.
function chooseOptions(element, wanted) {
  const target = controlOf(element);
  if (target.localName !== "select") {
    throw new Misuse({ kind: "element", why: "is no <select> element", markup: markup(target) });
  }
  if (wanted.length > 1 && !target.multiple) {
    throw new Misuse({ kind: "element", why: "takes one option only", markup: markup(target) });
  }
  const options = [...target.options];
  const label = (option) => spaced(option.label);
  const chosen = wanted.map((want) =>
    options.find((option, index) => {
      if (want.index !== undefined) return index === want.index;
      if (want.value !== undefined) return option.value === want.value;
      if (want.label !== undefined) return label(option) === spaced(want.label);
      return option.value === want.any || label(option) === spaced(want.any);
    }),
  );
  if (chosen.includes(undefined)) {
    const there = options.slice(0, 20).map((option) => `"${label(option)}" (${option.value})`).join(", ");
    return { seen: `has no such option; it has ${there || "none"}`, markup: markup(target) };
  }
  if (chosen.some((option) => option.disabled)) return { seen: "has that option disabled", markup: markup(target) };
  for (const option of options) option.selected = chosen.includes(option);
  told(target, ["input", "change"]);
  return { value: [...target.selectedOptions].map((option) => option.value) };
}

const READINGS = {
  text: (element) => textOf(element),
  inner_text: (element) => element.innerText ?? "",
  html: (element) => element.innerHTML,
  value: (element) => {
    const value = valueOf(element);
    if (value === undefined) throw new Misuse({ kind: "element", why: "has no value", markup: markup(element) });
    return value;
  },
  attribute: (element, { name }) => element.getAttribute(name),
  checked: (element) => {
    const checked = isChecked(controlOf(element));
    if (checked === undefined) {
      throw new Misuse({ kind: "element", why: "cannot be checked", markup: markup(element) });
    }
    return checked === true;
  },
  enabled: (element) => isEnabled(controlOf(element)),
  editable: (element) => !whyNotEditable(controlOf(element)) && isEnabled(element) && !isReadOnly(controlOf(element)),
  focused: isFocused,
  markup,
  box: (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  },
};

const OPERATIONS = {
  // Where it can be clicked, once it can.
  point: (request) => until(request.limit, ready(request, (_, point) => ({ value: point }))),

  // Its number, for who needs the element itself, and where its inside begins in the window.
  hold: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        const inside = (side) => parseFloat(style[`padding${side}`]) || 0;
        const x = box.left + element.clientLeft + inside("Left");
        const y = box.top + element.clientTop + inside("Top");
        return { value: { number: hold(element), tag: element.localName, x, y } };
      }),
    ),

  focus: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        controlOf(element).focus();
        return { value: true };
      }),
    ),

  blur: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        controlOf(element).blur();
        return { value: true };
      }),
    ),

  scroll: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        const box = element.getBoundingClientRect();
        const isIn = box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth;
        if (!isIn) element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
        return { value: true };
      }),
    ),

  fill: (request) => until(request.limit, ready(request, (element) => prepareFill(element, request.text))),

  select: (request) => until(request.limit, ready(request, (element) => chooseOptions(element, request.options))),

  read: (request) =>
    until(
      request.limit,
      ready(request, (element) => ({ value: { is: READINGS[request.what](element, request) ?? null } })),
    ),

  // Of all elements that are there now.
  all: ({ steps, what, ...rest }) => {
    const read = what === "visible" ? isVisible : READINGS[what];
    const value = query(steps).map((element) => (read ? read(element, rest) : null));
    return { done: true, value, looks: 1, waited: 0 };
  },
};
