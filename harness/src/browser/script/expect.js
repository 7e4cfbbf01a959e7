// What is expected of elements, looked at until it holds.

const fitsAll = (wanted, texts) =>
  wanted.length === texts.length && wanted.every((pattern, index) => fitting(pattern)(texts[index]));

// Each says whether it holds for the element, and what is there: `{ holds, seen }`.
const MATCHERS = {
  visible: (element) => ({ holds: isVisible(element), seen: isVisible(element) ? "visible" : "hidden" }),
  enabled: (element) => ({ holds: isEnabled(controlOf(element)), seen: isEnabled(controlOf(element)) ? "enabled" : "disabled" }),
  editable: (element) => {
    const holds = READINGS.editable(element);
    return { holds, seen: holds ? "editable" : "not editable" };
  },
  checked: (element) => {
    const checked = isChecked(controlOf(element));
    if (checked === undefined) {
      throw new Misuse({ kind: "element", why: "cannot be checked", markup: markup(element) });
    }
    return { holds: checked === true, seen: checked === "mixed" ? "half checked" : checked ? "checked" : "not checked" };
  },
  focused: (element) => {
    const focused = document.activeElement;
    const other = focused && focused !== document.body ? `${markup(focused)} has the focus` : "nothing has the focus";
    return { holds: isFocused(element), seen: isFocused(element) ? "focused" : other };
  },
  in_viewport: (element) => {
    const holds = pointIn(element) !== undefined;
    return { holds, seen: holds ? "in the window" : "outside of the window" };
  },
  empty: (element) => {
    const value = valueOf(element) ?? textOf(element);
    return { holds: spaced(value) === "", seen: value };
  },
  text: (element, { wanted }) => ({ holds: fitting(wanted)(textOf(element)), seen: spaced(textOf(element)) }),
  value: (element, { wanted }) => {
    const value = valueOf(element);
    if (value === undefined) throw new Misuse({ kind: "element", why: "has no value", markup: markup(element) });
    // What was typed counts to the last space.
    const holds = wanted.how === "exact" ? value === wanted.text : fitting(wanted)(value);
    return { holds, seen: value };
  },
  attribute: (element, { name, wanted }) => {
    const value = element.getAttribute(name);
    if (value === null) return { holds: false, seen: null };
    return { holds: !wanted || (wanted.how === "exact" ? value === wanted.text : fitting(wanted)(value)), seen: value };
  },
  class: (element, { wanted }) => {
    const classes = [...element.classList];
    return { holds: wanted.every((name) => classes.includes(name)), seen: classes.join(" ") };
  },
  css: (element, { name, wanted }) => {
    const value = getComputedStyle(element).getPropertyValue(name);
    return { holds: fitting(wanted)(value), seen: value };
  },
  name: (element, { wanted }) => ({ holds: fitting(wanted)(nameOf(element)), seen: nameOf(element) }),
  role: (element, { wanted }) => ({ holds: roleOf(element) === wanted, seen: roleOf(element) }),
};

// Those about all elements that the locator means.
const OF_ALL = {
  count: (elements, { wanted }) => ({ holds: elements.length === wanted, seen: elements.length }),
  texts: (elements, { wanted }) => {
    const texts = elements.map((element) => spaced(textOf(element)));
    return { holds: fitsAll(wanted, texts), seen: texts };
  },
};

// How an element that is not there is to be taken: it is hidden, and for all else it is not as expected.
function ofNone(matcher, negated) {
  const isFine = matcher === "visible" && negated;
  return { isFine, seen: "no element matches" };
}

OPERATIONS.expect = ({ steps, matcher, not: negated, limit, ...rest }) =>
  until(limit, () => {
    if (matcher === "attached") {
      const found = query(steps);
      const holds = found.length > 0;
      if (holds !== negated) return { value: true };
      return { seen: holds ? "attached" : "no element matches", markup: holds ? markup(found[0]) : undefined };
    }
    if (matcher in OF_ALL) {
      const found = query(steps);
      const { holds, seen } = OF_ALL[matcher](found, rest);
      return holds !== negated ? { value: true } : { is: seen, markup: found.slice(0, 10).map(markup).join("\n") };
    }
    const element = one(steps);
    if (!element) {
      const { isFine, seen } = ofNone(matcher, negated);
      return isFine ? { value: true } : { seen };
    }
    const { holds, seen } = MATCHERS[matcher](element, rest);
    return holds !== negated ? { value: true } : { is: seen, markup: markup(element) };
  });

// Those about the page.
const OF_PAGE = { url: () => location.href, title: () => document.title };

OPERATIONS.page = ({ what, wanted, not: negated, limit }) => {
  const fits = wanted.how === "regex" ? fitting(wanted) : undefined;
  return until(limit, () => {
    const seen = OF_PAGE[what]();
    const holds = fits ? fits(seen) : wanted.how === "exact" ? seen === wanted.text : seen.includes(wanted.text);
    return holds !== negated ? { value: true } : { is: seen };
  });
};
