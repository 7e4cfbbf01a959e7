// The document as text: with its styles, with what its controls hold, and without anything that could run or be loaded.

// More than so many characters are nobody's page.
const MOST_OF_SNAPSHOT = 2_000_000;
const NO_CLOSING = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];
// What runs, is loaded, or would not be what it is inside of another document.
const LEFT_OUT = ["script", "noscript", "template", "base", "object", "embed", "applet", "portal", "fencedframe"];
// What swallows what follows.
const RENAMED = { plaintext: "pre", xmp: "pre", listing: "pre", noembed: "div", noframes: "div", frameset: "div" };
const ADDRESSES = ["src", "srcset", "poster", "data", "background", "lowsrc", "xlink:href"];
const HIDDEN_VALUE = "••••••••";

// A form and a document have what is named in them as properties of their own, whatever that hides.
const own = (type, name) => {
  const { get } = Object.getOwnPropertyDescriptor(type.prototype, name);
  return (node) => get.call(node);
};
const allAttributes = own(Element, "attributes");
const localNameOf = own(Element, "localName");
const namespaceOf = own(Element, "namespaceURI");
const shadowOf = own(Element, "shadowRoot");
const scrolledDown = own(Element, "scrollTop");
const scrolledAside = own(Element, "scrollLeft");
const firstOf = own(Node, "firstChild");
const nextOf = own(Node, "nextSibling");
const typeOf = own(Node, "nodeType");
const rootOf = own(Document, "documentElement");

const SHEETS = new WeakMap();
let lastSnapshot;

const escapeText = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
const escapeValue = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]);
const isPlainName = (name) => /^[a-zA-Z_][\w.:-]*$/.test(name);

// The rules of a sheet as they are now; read again when their number has changed.
function sheetText(sheet) {
  let rules;
  try {
    rules = sheet.cssRules;
  } catch {
    return undefined;
  }
  const known = SHEETS.get(sheet);
  if (known && known.count === rules.length) return known.text;
  const text = [...rules]
    .map((rule) => (rule.styleSheet ? (sheetText(rule.styleSheet) ?? "") : rule.cssText))
    .join("\n")
    .replaceAll("</", "<\\/");
  SHEETS.set(sheet, { count: rules.length, text });
  return text;
}

const adopted = (root) =>
  [...(root.adoptedStyleSheets ?? [])].map((sheet) => `<style>${sheetText(sheet) ?? ""}</style>`).join("");

function isSecretField(element, mask) {
  if (element.type === "password" || /^(cc-|.*password|one-time-code)/.test(element.autocomplete)) return true;
  return mask.includes(element.name?.toLowerCase()) || mask.includes(element.id?.toLowerCase());
}

// What a control holds, as the attributes that it would have begun with.
function held(element, name, mask, attributes) {
  if (name === "input") {
    if (["checkbox", "radio"].includes(element.type)) {
      attributes.delete("checked");
      if (element.checked) attributes.set("checked", "");
    } else if (element.type !== "file" && (element.value !== "" || attributes.has("value"))) {
      const isSecret = isSecretField(element, mask);
      attributes.set("value", isSecret ? (element.value && HIDDEN_VALUE) : element.value);
    }
  } else if (name === "option") {
    attributes.delete("selected");
    if (element.selected) attributes.set("selected", "");
  }
}

function attributesOf(element, name, { mask, marked }) {
  const attributes = new Map();
  for (const { name: key, value } of allAttributes(element)) {
    if (!isPlainName(key) || /^on/i.test(key) || key.startsWith("data-callboard-")) continue;
    if (["allow", "integrity", "nonce", "sandbox", "srcdoc", "action", "formaction", "ping", "target", "http-equiv", "autofocus"].includes(key)) continue;
    if (ADDRESSES.includes(key.toLowerCase())) {
      // A part of the same document may be drawn.
      if (key === "xlink:href" && value.startsWith("#")) attributes.set(key, value);
      continue;
    }
    if (key === "href") {
      if (namespaceOf(element) === "http://www.w3.org/2000/svg") {
        if (value.startsWith("#")) attributes.set(key, value);
        continue;
      }
      attributes.set("href", "#");
      attributes.set("data-callboard-href", value);
      continue;
    }
    attributes.set(key, value);
  }
  held(element, name, mask, attributes);
  if (name === "img") {
    const source = element.currentSrc || element.src;
    if (source.startsWith("data:") && source.length < 20_000) attributes.set("src", source);
    else if (source) attributes.set("data-callboard-src", source.startsWith("data:") ? "data:" : source);
    const { width, height } = element;
    if (!attributes.has("width") && width) attributes.set("width", width);
    if (!attributes.has("height") && height) attributes.set("height", height);
  }
  const [x, y] = [scrolledAside(element), scrolledDown(element)];
  if (x || y) attributes.set("data-callboard-scroll", `${Math.round(x)},${Math.round(y)}`);
  if (marked.has(element)) attributes.set("data-callboard-target", "");
  let text = "";
  for (const [key, value] of attributes) text += ` ${key}="${escapeValue(String(value))}"`;
  return text;
}

function elementText(element, context) {
  let name = localNameOf(element);
  if (LEFT_OUT.includes(name)) return "";
  if (!isPlainName(name)) name = "div";
  name = RENAMED[name] ?? name;
  if (name === "meta") return element.httpEquiv ? "" : `<meta${attributesOf(element, name, context)}>`;
  if (name === "link" || name === "style") {
    if (!element.sheet) return "";
    const media = element.media ? ` media="${escapeValue(element.media)}"` : "";
    const text = element.sheet.disabled ? "" : sheetText(element.sheet);
    return text === undefined ? `<!-- a style sheet of another origin -->` : `<style${media}>${text}</style>`;
  }
  const start = `<${name}${attributesOf(element, name, context)}`;
  if (name === "iframe" || name === "frame") {
    let inner;
    try {
      inner = element.contentDocument;
    } catch {}
    const text = inner ? documentText(inner, context) : "<p>a frame of another origin</p>";
    return `${start.replace("<frame ", "<iframe ")} sandbox="allow-same-origin" srcdoc="${escapeValue(text)}"></iframe>`;
  }
  if (NO_CLOSING.includes(name)) return `${start}>`;
  if (name === "textarea") {
    const value = isSecretField(element, context.mask) ? element.value && HIDDEN_VALUE : element.value;
    return `${start}>\n${escapeText(value)}</textarea>`;
  }
  let text = `${start}>`;
  const root = shadowOf(element);
  if (root) {
    text += `<template shadowrootmode="open">${adopted(root)}${childrenText(root, context)}</template>`;
  }
  return `${text}${childrenText(element, context)}</${name}>`;
}

function childrenText(parent, context) {
  let text = "";
  for (let node = firstOf(parent); node; node = nextOf(node)) {
    const type = typeOf(node);
    if (type === Node.ELEMENT_NODE) text += elementText(node, context);
    else if (type === Node.TEXT_NODE) text += escapeText(node.data);
  }
  return text;
}

function documentText(inner, context) {
  const root = rootOf(inner);
  if (!root) return "";
  const doctype = inner.compatMode === "CSS1Compat" ? "<!doctype html>" : "";
  return doctype + elementText(root, context) + adopted(inner);
}

OPERATIONS.snapshot = ({ number, whole, steps, mask, secrets }) => {
  let marked = [];
  try {
    if (steps) marked = query(steps).slice(0, 20);
  } catch {
    // What is wrong with it is told by who acts on it.
  }
  const all = documentText(document, { mask, marked: new Set(marked) }).slice(0, MOST_OF_SNAPSHOT);
  // Before anything is told of it: what is kept out may come in parts, of which none would be recognised.
  const text = secrets.reduce((text, secret) => text.replaceAll(secret, "…"), all);
  const last = whole ? undefined : lastSnapshot;
  lastSnapshot = { number, text };
  const rest = { url: location.href, width: innerWidth, height: innerHeight };
  if (!last) return { before: 0, text, after: 0, ...rest };
  const most = Math.min(last.text.length, text.length);
  let before = 0;
  while (before < most && last.text.charCodeAt(before) === text.charCodeAt(before)) before += 1;
  // A character of two units stays whole.
  if (before > 0 && (text.charCodeAt(before - 1) & 0xfc00) === 0xd800) before -= 1;
  let after = 0;
  const [a, b] = [last.text.length - 1, text.length - 1];
  while (after < most - before && last.text.charCodeAt(a - after) === text.charCodeAt(b - after)) after += 1;
  if (after > 0 && (text.charCodeAt(text.length - after) & 0xfc00) === 0xdc00) after -= 1;
  return { base: last.number, before, text: text.slice(before, text.length - after), after, ...rest };
};
