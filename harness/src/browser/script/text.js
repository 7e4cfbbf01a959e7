// Texts: how they are compared, and how an element is shown to a person.

// The text as it is read: runs of white space are one space, and what cannot be seen is nothing.
const spaced = (text) => text.replace(/[\u200b\u00ad]/g, "").replace(/\s+/g, " ").trim();

// A function that says whether a text fits `{ text, how, any_case }`.
function fitting(pattern) {
  if (pattern.how === "regex") {
    const regex = new RegExp(pattern.text, pattern.any_case ? "iu" : "u");
    return (text) => regex.test(spaced(text));
  }
  const fold = (text) => (pattern.any_case ? spaced(text).toLowerCase() : spaced(text));
  const wanted = fold(pattern.text);
  return pattern.how === "exact" ? (text) => fold(text) === wanted : (text) => fold(text).includes(wanted);
}

// What a person would call the text of an element: of buttons that are inputs it is their value.
function textOf(element, known = new Map()) {
  const remembered = known.get(element);
  if (remembered !== undefined) return remembered;
  let text = "";
  if (element.localName === "input") {
    if (["submit", "button", "reset"].includes(element.type)) text = element.value;
  } else if (!["script", "style", "noscript", "template"].includes(element.localName)) {
    const parts = [...(element.shadowRoot?.childNodes ?? []), ...element.childNodes];
    for (const node of parts) {
      if (node.nodeType === Node.TEXT_NODE) text += node.data;
      else if (node.nodeType === Node.ELEMENT_NODE) text += textOf(node, known);
    }
  }
  known.set(element, text);
  return text;
}

const cut = (text, length) => (text.length > length ? `${text.slice(0, length)}…` : text);

// An element's first tag and the beginning of its text. What is typed into a password field is not shown.
function markup(element) {
  const tag = tagOf(element);
  const text = cut(spaced(textOf(element)), 80);
  const isEmpty = text === "" && element.childElementCount === 0;
  return isEmpty ? tag : `${tag}${text || "…"}</${element.localName}>`;
}

// Its first tag alone.
function tagOf(element) {
  const secret = element.localName === "input" && element.type === "password";
  const attribute = ({ name, value }) => {
    if (secret && name === "value") return ` value="•••"`;
    return value === "" ? ` ${name}` : ` ${name}="${cut(spaced(value), 60)}"`;
  };
  return `<${element.localName}${cut([...element.attributes].map(attribute).join(""), 240)}>`;
}
