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
  const [isStill, inWindow] = [stillness(), seenThrough()];
  let [tries, known] = [0, undefined];
  // What was in the way before it was scrolled says more than that it was.
  const meanwhile = (element, why) => ({ seen: known ?? `it ${why}`, markup: markup(element) });
  const pointed = (element) => {
    const part = inWindow(element);
    if (part === undefined) return meanwhile(element, "is not drawn yet");
    const point = part && pointIn(element, from, part === true ? undefined : part);
    if (force && point) return then(element, point);
    const covering = point && coveredBy(element, point);
    if (point && !covering) return then(element, point);
    const alignment = point ? ALIGNMENTS[tries % ALIGNMENTS.length] : ALIGNMENTS[1 + (tries % 3)];
    tries += 1;
    if (alignment) element.scrollIntoView({ ...alignment, behavior: "instant" });
    const why = covering ? `is covered by ${covering}` : from ? "has that place outside of the window" : "is outside of the window";
    known = `it ${why}`;
    return { seen: known, markup: markup(element) };
  };
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
    if (!still) return meanwhile(element, "does not stand still");
    return needs.includes("receives") || force ? pointed(element) : then(element);
  };
}

// What of an element can be seen through all windows that its frame is in: that only the browser knows. `true` where there is
// one window only, nothing until it is known, `null` if nothing can be seen.
function seenThrough() {
  if (window === window.top) return () => true;
  let [watched, observer, box] = [undefined, undefined, undefined];
  return (element) => {
    const known = watched === element ? box : undefined;
    if (watched !== element || known !== undefined) {
      // Told again by the next frame, for it may have been scrolled.
      observer?.disconnect();
      [watched, box] = [element, undefined];
      observer = new IntersectionObserver((entries) => {
        const part = entries.at(-1).intersectionRect;
        box = hasSpace(part) ? part : null;
      });
      observer.observe(element);
    }
    return known;
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
  const refused = () => {
    const why = `does not take "${cut(text, 80)}" as its ${target.type}`;
    throw new Misuse({ kind: "element", why, markup: markup(target) });
  };
  if (target.localName === "input" && IS_CHOSEN.includes(target.type)) {
    const wanted = target.type === "color" ? text.trim().toLowerCase() : text.trim();
    const before = target.value;
    target.focus();
    target.value = wanted;
    if (target.value !== wanted) {
      target.value = before;
      refused();
    }
    told(target, ["input", "change"]);
    return { value: { typed: false } };
  }
  if (target.type === "number" && Number.isNaN(Number(text))) refused();
  if (!takesFocus(target)) return { seen: "it does not take the focus", markup: markup(target) };
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
    return { seen: `it has no such option; there are ${there || "none"}`, markup: tagOf(target) };
  }
  if (chosen.some((option) => option.matches(":disabled"))) return { seen: "that option is disabled", markup: tagOf(target) };
  target.focus();
  for (const option of options) option.selected = chosen.includes(option);
  told(target, ["input", "change"]);
  return { value: [...target.selectedOptions].map((option) => option.value) };
}

// The input that files are chosen with.
function fileInput(element, { many, folder }) {
  const target = controlOf(element);
  const fault = (why) => {
    throw new Misuse({ kind: "element", why, markup: markup(target) });
  };
  if (target.localName !== "input" || target.type !== "file") fault('is no <input type="file"> element');
  if (many && !target.multiple && !target.webkitdirectory) fault("takes one file only: it is not `multiple`");
  if (folder && !target.webkitdirectory) fault("takes no folder: it is not `webkitdirectory`");
  return target;
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
  radio: (element) => controlOf(element).type === "radio" || roleOf(element) === "radio",
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
  // Where it can be clicked, once it can. `guard`: what happens there from then on must happen to it.
  point: (request) =>
    until(
      request.limit,
      ready(request, (element, point) => {
        if (request.guard) guard(element, point, request.guard);
        return { value: point };
      }),
    ),

  // Its number, for who needs the element itself, and where its inside begins in the window.
  hold: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        const target = request.file ? fileInput(element, request) : element;
        const box = target.getBoundingClientRect();
        const style = getComputedStyle(target);
        const inside = (side) => parseFloat(style[`padding${side}`]) || 0;
        const scale = target.offsetWidth ? box.width / target.offsetWidth : 1;
        const x = box.left + (target.clientLeft + inside("Left")) * scale;
        const y = box.top + (target.clientTop + inside("Top")) * scale;
        return { value: { number: hold(target), markup: tagOf(target), x, y, scale } };
      }),
    ),

  // What of the page is over a place in the frame that is in the element.
  over: ({ steps, x, y }) => {
    const element = one(steps);
    return { done: true, value: element ? (coveredBy(element, { x, y }) ?? null) : null, looks: 1, waited: 0 };
  },

  // Files that are nowhere but in the request.
  files: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        const target = fileInput(element, request);
        const transfer = new DataTransfer();
        for (const { name, mime, data } of request.files) {
          const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
          transfer.items.add(new File([bytes], name, { type: mime }));
        }
        target.files = transfer.files;
        told(target, ["input", "change"]);
        return { value: true };
      }),
    ),

  verdict: () => verdict(),
  settle: () => settle(),
  watch_drag: () => watchDrag(),
  dragged: () => dragged(),

  focus: (request) =>
    until(
      request.limit,
      ready(request, (element) => {
        const target = controlOf(element);
        return takesFocus(target) ? { value: true } : { seen: "it does not take the focus", markup: markup(target) };
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
