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

function byXpath(root, { xpath }) {
  // From an element on, `//p` is what is inside of it.
  const relative = root === document ? xpath : xpath.replace(/^(\(*)\//, "$1./");
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
  // As names are made: what is referred to goes before what is said, and that before a `<label>`.
  const labels = (element) => {
    const references = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const referred = references.map((id) => element.getRootNode().getElementById?.(id)).filter(Boolean);
    if (referred.length > 0) {
      const texts = referred.map((label) => textOf(label));
      return [...texts, texts.join(" ")];
    }
    const said = element.getAttribute("aria-label");
    if (said?.trim()) return [said];
    // The control may be inside of its label, and what is chosen in it is no part of that.
    return [...(element.labels ?? [])].map((label) => textOf(label, new Map([[element, ""]])));
  };
  return [...elementsIn(root)].filter((element) => labels(element).some(fits));
}

function byAttribute(root, { attribute, value }) {
  const fits = fitting(value);
  return byCss(root, { css: `[${CSS.escape(attribute)}]` }).filter((element) => fits(element.getAttribute(attribute)));
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
      const others = new Set(query(step.and, roots));
      return elements.filter((element) => others.has(element));
    }
    if (step.by === "or") return inOrder(document, new Set([...elements, ...query(step.or, roots)]));
    if (step.by in SIEVES) return elements.filter(SIEVES[step.by](step));
    const find = FINDERS[step.by];
    if (elements.length === 1) return find(elements[0], step);
    const found = new Set(elements.flatMap((element) => find(element, step)));
    // An XPath leads also outwards.
    return step.by === "xpath" ? inOrder(document, found) : [...found];
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
