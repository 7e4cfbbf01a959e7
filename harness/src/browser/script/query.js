// From a locator to the elements that it means.

// A fault of the test's, not of the page: it is told at once.
class Misuse extends Error {
  constructor(details) {
    super(details.kind);
    this.details = details;
  }
}

// All elements beneath a root, those of open shadow trees before the ones in the light.
function* elementsIn(root) {
  if (root.shadowRoot) yield* elementsIn(root.shadowRoot);
  for (let child = root.firstElementChild; child; child = child.nextElementSibling) {
    yield child;
    yield* elementsIn(child);
  }
}

// A root and all open shadow roots beneath it.
function scopesOf(root) {
  const scopes = [root];
  if (root.shadowRoot) scopes.push(...scopesOf(root.shadowRoot));
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) scopes.push(...scopesOf(element.shadowRoot));
  }
  return scopes;
}

function inOrder(root, wanted) {
  if (wanted.size < 2) return [...wanted];
  const found = [];
  for (const element of elementsIn(root)) {
    if (wanted.has(element)) found.push(element);
    if (found.length === wanted.size) break;
  }
  return found;
}

function byCss(root, { css }) {
  const scopes = scopesOf(root);
  try {
    if (scopes.length === 1) return [...root.querySelectorAll(css)];
    return inOrder(root, new Set(scopes.flatMap((scope) => [...scope.querySelectorAll(css)])));
  } catch (error) {
    throw new Misuse({ kind: "selector", text: css, at: whereInvalid(css), why: "this is not a CSS selector" });
  }
}

// How many characters of a selector can be the beginning of one: the longest prefix, in whole compounds, that is.
function whereInvalid(css) {
  const isValid = (text) => {
    try {
      document.createDocumentFragment().querySelector(text);
      return true;
    } catch {
      return false;
    }
  };
  let [depth, quote, begin, last] = [0, "", 0, 0];
  for (let index = 0; index <= css.length; index += 1) {
    const character = css[index];
    if (quote) {
      if (character === "\\") index += 1;
      else if (character === quote) quote = "";
      continue;
    }
    if (character === '"' || character === "'") quote = character;
    else if (character === "[" || character === "(") depth += 1;
    else if (character === "]" || character === ")") depth -= 1;
    else if (depth === 0 && (character === undefined || /[\s>+~,]/.test(character))) {
      const compound = css.slice(begin, index).trim();
      if (compound && !isValid(compound)) return begin + css.slice(begin).search(/\S/);
      begin = index + 1;
      last = index;
    }
  }
  return begin < css.length ? begin + Math.max(css.slice(begin).search(/\S/), 0) : last === css.length ? 0 : last;
}

function byXpath(root, { xpath }) {
  const relative = root === document ? xpath : xpath.replace(/^\//, "./");
  try {
    const result = document.evaluate(relative, root, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
    const nodes = Array.from({ length: result.snapshotLength }, (_, index) => result.snapshotItem(index));
    return nodes.filter((node) => node.nodeType === Node.ELEMENT_NODE);
  } catch {
    throw new Misuse({ kind: "selector", text: xpath, at: 0, why: "this is not an XPath expression that finds elements" });
  }
}

// The innermost elements whose text fits.
function byText(root, { text }) {
  const [fits, known] = [fitting(text), new Map()];
  const fitted = (element) => fits(textOf(element, known));
  const inner = (element) => [...(element.shadowRoot?.children ?? []), ...element.children];
  return [...elementsIn(root)].filter(
    (element) => !["script", "style", "head", "title", "noscript", "template"].includes(element.localName) && fitted(element) && !inner(element).some(fitted),
  );
}

// The controls that are labelled so.
function byLabel(root, { label }) {
  const fits = fitting(label);
  const labels = (element) => {
    const references = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const referred = references.map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean);
    const texts = [...referred, ...(element.labels ?? [])].map((label) => textOf(label));
    const said = element.getAttribute("aria-label");
    return said === null ? texts : [said, ...texts];
  };
  return [...elementsIn(root)].filter((element) => labels(element).some(fits));
}

function byAttribute(root, { attribute, value }) {
  const fits = fitting(value);
  return byCss(root, { css: `[${CSS.escape(attribute)}]` }).filter((element) => fits(element.getAttribute(attribute)));
}

const ROLE_STATES = {
  checked: (element) => isChecked(element),
  disabled: (element) => !isEnabled(element),
  expanded: (element) => (element.localName === "details" ? element.open : element.getAttribute("aria-expanded") === "true"),
  level: (element) => Number(element.getAttribute("aria-level") ?? /^h([1-6])$/.exec(element.localName)?.[1] ?? 0),
  pressed: (element) => element.getAttribute("aria-pressed") === "true",
  selected: (element) => (element.localName === "option" ? element.selected : element.getAttribute("aria-selected") === "true"),
};

function byRole(root, { role, name, hidden, states }) {
  const fits = name && fitting(name);
  return [...elementsIn(root)].filter(
    (element) =>
      roleOf(element) === role &&
      Object.entries(states).every(([state, wanted]) => ROLE_STATES[state](element) === wanted) &&
      (hidden || !isInaccessible(element)) &&
      (!fits || fits(nameOf(element))),
  );
}

const FINDERS = { css: byCss, xpath: byXpath, text: byText, label: byLabel, attribute: byAttribute, role: byRole };

const SIEVES = {
  has_text: ({ has_text }) => {
    const fits = fitting(has_text);
    return (element) => fits(textOf(element));
  },
  has_not_text: ({ has_not_text }) => {
    const fits = fitting(has_not_text);
    return (element) => !fits(textOf(element));
  },
  has: ({ has }) => (element) => query(has, [element]).length > 0,
  has_not: ({ has_not }) => (element) => query(has_not, [element]).length === 0,
  named: ({ named }) => {
    const fits = fitting(named);
    return (element) => fits(nameOf(element));
  },
  visible: ({ visible }) => (element) => isVisible(element) === visible,
};

// The elements that steps lead to, from these roots: each once, in the order of the page.
function query(steps, roots = [document]) {
  return steps.reduce((elements, step) => {
    if (step.by === "nth") {
      const index = step.nth < 0 ? elements.length + step.nth : step.nth;
      return elements.slice(index, index + 1).filter(() => index >= 0);
    }
    if (step.by === "and") {
      const others = new Set(query(step.and));
      return elements.filter((element) => others.has(element));
    }
    if (step.by === "or") return inOrder(document, new Set([...elements, ...query(step.or)]));
    if (step.by in SIEVES) return elements.filter(SIEVES[step.by](step));
    const find = FINDERS[step.by];
    if (elements.length === 1) return find(elements[0], step);
    return [...new Set(elements.flatMap((element) => find(element, step)))];
  }, roots);
}

// The one element, or none yet. More than one is the test's fault.
function one(steps) {
  const found = query(steps);
  if (found.length > 1) {
    throw new Misuse({ kind: "strict", count: found.length, matches: found.slice(0, 10).map(markup) });
  }
  return found[0];
}
