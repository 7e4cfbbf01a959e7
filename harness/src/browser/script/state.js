// What can be said of one element.

// The element around this one, also if that is the host of its shadow tree.
const around = (element) => element.parentElement ?? element.getRootNode().host ?? null;

function* ancestry(element) {
  for (let at = element; at; at = around(at)) yield at;
}

// It takes up space and is not hidden by `visibility`. Neither opacity nor what covers it matters.
function isVisible(element) {
  const style = getComputedStyle(element);
  if (style.display === "contents") {
    return [...element.childNodes].some((node) => {
      if (node.nodeType === Node.ELEMENT_NODE) return isVisible(node);
      if (node.nodeType !== Node.TEXT_NODE || spaced(node.data) === "") return false;
      const range = document.createRange();
      range.selectNode(node);
      return hasSpace(range.getBoundingClientRect());
    });
  }
  // Of what is in a closed `details` or in `content-visibility: hidden` the box may still be known.
  const options = { checkOpacity: false, visibilityProperty: true, contentVisibilityAuto: false };
  if (element.checkVisibility && !element.checkVisibility(options)) return false;
  return style.visibility === "visible" && hasSpace(element.getBoundingClientRect());
}

const hasSpace = (box) => box.width > 0 && box.height > 0;

// HTML's own rule for controls, and ARIA's for all others; both hold for what is inside, too. A field set has only what is
// in it disabled, and that says so itself.
function isEnabled(element) {
  if (element.matches(":disabled")) return false;
  for (const at of ancestry(element)) {
    if (at.matches(":disabled:not(fieldset)")) return false;
    const said = at.getAttribute("aria-disabled");
    if (said === "true") return false;
    if (said === "false") return true;
  }
  return true;
}

const IS_TYPED_INTO = "input:not([type=button],[type=checkbox],[type=file],[type=image],[type=radio],[type=reset],[type=submit]),textarea";

// Why nothing can be typed into it; nothing if it can.
function whyNotEditable(element) {
  if (!element.matches(IS_TYPED_INTO) && !element.isContentEditable) {
    return element.localName === "select"
      ? "is a <select>: use `select`"
      : "is no <input>, <textarea> or [contenteditable] element that takes text";
  }
  return undefined;
}

const isReadOnly = (element) => element.readOnly === true || element.getAttribute("aria-readonly") === "true";

// Whether it is checked: a box, a radio button, a switch, also one by ARIA. Nothing for what cannot be.
function isChecked(element) {
  if (element.localName === "input" && ["checkbox", "radio"].includes(element.type)) {
    return element.indeterminate ? "mixed" : element.checked;
  }
  const said = element.getAttribute("aria-checked");
  if (said !== null) return said === "mixed" ? "mixed" : said === "true";
  const roles = ["checkbox", "radio", "switch", "menuitemcheckbox", "menuitemradio", "option", "treeitem"];
  return roles.includes(roleOf(element)) ? false : undefined;
}

// The value of a control, or of the control that a label is for. Nothing for what has none.
function valueOf(element) {
  const control = controlOf(element);
  return ["input", "textarea", "select"].includes(control.localName) ? control.value : undefined;
}

const controlOf = (element) => (element.localName === "label" && element.control) || element;

const isFocused = (element) => element.getRootNode().activeElement === element && document.hasFocus();

// Gives it the focus. Whether what is typed goes there now.
function takesFocus(element) {
  if (isFocused(element)) return true;
  element.focus();
  if (isFocused(element) || element.shadowRoot?.activeElement) return true;
  if (element !== document.body && element !== document.documentElement) return false;
  // The page itself has the keys that nothing else in it has.
  document.activeElement?.blur();
  return true;
}

// Where in the window the middle of what can be seen of it is, or a place `from` its upper left corner. Of a box that is
// known to be seen, it is its middle.
function pointIn(element, from, seen) {
  const whole = element.getBoundingClientRect();
  if (from) {
    const point = { x: whole.left + from.x, y: whole.top + from.y };
    const isIn = point.x >= 0 && point.y >= 0 && point.x < innerWidth && point.y < innerHeight;
    return isIn ? point : undefined;
  }
  const box = seen ?? [...element.getClientRects()].find(hasSpace) ?? whole;
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
  if (right - left <= 0 || bottom - top <= 0) return undefined;
  return { x: (left + right) / 2, y: (top + bottom) / 2 };
}

// The innermost element at a place of the window, also in open shadow trees.
function elementAt({ x, y }) {
  let [root, found] = [document, null];
  for (;;) {
    const inner = root.elementFromPoint(x, y);
    if (!inner || inner === found) return found;
    found = inner;
    if (!inner.shadowRoot) return found;
    root = inner.shadowRoot;
  }
}

// Whether what hits the first of these, which is inside of the others, hits the element.
function isHitBy(element, path) {
  if (path.includes(element)) return true;
  // A click on a label is one on its control, and one on a control may be meant for its label.
  const label = path.find((at) => at.localName === "label");
  if (label && label.control === element) return true;
  return element.localName === "label" && element.control !== null && path.includes(element.control);
}

// What would get a click at this place in the element's stead; nothing if the element itself gets it.
function coveredBy(element, point) {
  const hit = elementAt(point);
  if (!hit) return "nothing there can be clicked";
  return isHitBy(element, [...ancestry(hit)]) ? undefined : markup(hit);
}
