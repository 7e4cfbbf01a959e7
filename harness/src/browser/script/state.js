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

// HTML's own rule for controls, and ARIA's for all others, which holds for what is inside, too.
function isEnabled(element) {
  if (element.matches(":disabled")) return false;
  for (const at of ancestry(element)) {
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

const HEADED_BY = "article,aside,main,nav,section,[role=article],[role=complementary],[role=main],[role=navigation],[role=region]";

// Its role by the rules of ARIA in HTML: where those ask for its place or its name, that is seen to here.
function roleOf(element) {
  const said = (element.getAttribute("role") ?? "").trim().split(/\s+/)[0];
  const role = accessibility.getRole(element);
  if (said && role === said) return role;
  switch (element.localName) {
    case "form":
    case "section":
      return accessibility.computeAccessibleName(element) ? role : null;
    case "header":
    case "footer":
      return element.closest(HEADED_BY) ? null : role;
    case "td":
      return element.closest("[role=grid],[role=treegrid]") ? "gridcell" : role;
    case "th": {
      const scope = element.scope || (element.parentElement?.parentElement?.localName === "tbody" && "row");
      return scope === "row" || scope === "rowgroup" ? "rowheader" : role;
    }
    case "li":
      return element.parentElement?.matches("ul,ol,menu,[role=list]") ? role : null;
    case "summary":
      return element.parentElement?.localName === "details" ? role : null;
    case "p":
      return "paragraph";
    case "blockquote":
    case "caption":
    case "code":
    case "mark":
    case "search":
    case "time":
    case "strong":
      return role ?? element.localName;
    case "em":
      return role ?? "emphasis";
    case "meter":
      return "meter";
    case "svg":
      return role ?? "img";
    default:
      return role;
  }
}

// Whether those who cannot see the page are not told of it.
function isInaccessible(element) {
  for (let at = element; at; at = at.getRootNode().host) {
    if (accessibility.isInaccessible(at)) return true;
  }
  return false;
}

const nameOf = (element) => accessibility.computeAccessibleName(element);

// Where in the window the middle of what can be seen of it is, or `{ from: { x, y } }` of its upper left corner.
function pointIn(element, from) {
  const boxes = [...element.getClientRects()].filter(hasSpace);
  const box = from ? element.getBoundingClientRect() : (boxes[0] ?? element.getBoundingClientRect());
  if (from) return { x: box.left + from.x, y: box.top + from.y };
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

// What would get a click at this place in the element's stead; nothing if the element itself gets it.
function coveredBy(element, point) {
  const hit = elementAt(point);
  if (!hit) return "nothing there can be clicked";
  for (const at of ancestry(hit)) if (at === element) return undefined;
  // A click on a label is one on its control, and one in a control may be meant for its label.
  const label = hit.closest?.("label");
  if (label && label.control === element) return undefined;
  if (element.localName === "label" && element.control && element.control === hit) return undefined;
  return markup(hit);
}
