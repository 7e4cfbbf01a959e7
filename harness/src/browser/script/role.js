// Roles and names, as those get them who cannot see the page: WAI-ARIA and HTML-AAM, and where these leave it open, as
// browsers do it.

// What is said in place of a role, and means the same.
const SYNONYMS = { directory: "list", image: "img", presentation: "none" };

const ROLES = new Set(
  `alert alertdialog application article banner blockquote button caption cell checkbox code columnheader combobox
  complementary contentinfo definition deletion dialog document emphasis feed figure form generic grid gridcell group
  heading img insertion link list listbox listitem log main mark marquee math menu menubar menuitem menuitemcheckbox
  menuitemradio meter navigation none note option paragraph progressbar radio radiogroup region row rowgroup rowheader
  scrollbar search searchbox separator slider spinbutton status strong subscript superscript switch tab table tablist
  tabpanel term textbox time timer toolbar tooltip tree treegrid treeitem`.split(/\s+/),
);

const synonym = (role) => SYNONYMS[role] ?? role;

// The library knows `<br>` for nothing; it parts words, as a block does.
const styleOf = (element, pseudo) => {
  const style = getComputedStyle(element, pseudo);
  if (element.localName !== "br") return style;
  return { getPropertyValue: (name) => (name === "display" ? "block" : style.getPropertyValue(name)) };
};

function nameOf(element) {
  const name = accessibility.computeAccessibleName(element, {
    computedStyleSupportsPseudoElements: true,
    getComputedStyle: styleOf,
  });
  return name || spaced(element.getAttribute("aria-placeholder") ?? element.placeholder ?? "");
}

// What makes an element one that nobody can pass over, though it has `role=none`.
const isNeeded = (element) =>
  (element.tabIndex >= 0 && !element.matches(":disabled")) ||
  [...element.attributes].some(({ name, value }) => value !== "" && /^aria-(label|labelledby|describedby|live|controls|owns|details)$/.test(name));

// The role that is said, if one is that holds.
function saidRole(element) {
  const tokens = (element.getAttribute("role") ?? "").toLowerCase().split(/\s+/).map(synonym);
  const said = tokens.find((token) => ROLES.has(token));
  return said === "none" && isNeeded(element) ? undefined : said;
}

const HEADED_BY = "article,aside,main,nav,section,[role=article],[role=complementary],[role=main],[role=navigation],[role=region]";

// Of whom an element has its role, and loses it with theirs.
const PARENTS = { li: "ul,ol,menu", tr: "table,thead,tbody,tfoot", td: "tr", th: "tr", thead: "table", tbody: "table", tfoot: "table" };

function isPassedOver(element) {
  const parents = PARENTS[element.localName];
  const parent = element.parentElement;
  if (!parents || !parent?.matches(parents)) return false;
  return parent.hasAttribute("role") ? saidRole(parent) === "none" : isPassedOver(parent);
}

const BY_INPUT_TYPE = {
  button: "button", checkbox: "checkbox", file: "button", hidden: null, image: "button", number: "spinbutton",
  radio: "radio", range: "slider", reset: "button", submit: "button",
};

function roleOfInput(element) {
  const { type } = element;
  if (type in BY_INPUT_TYPE) return BY_INPUT_TYPE[type];
  if (element.list && ["email", "search", "tel", "text", "url"].includes(type)) return "combobox";
  return type === "search" ? "searchbox" : "textbox";
}

const BY_TAG = {
  address: "group", blockquote: "blockquote", caption: "caption", code: "code", del: "deletion", dfn: "term", em: "emphasis",
  hgroup: "group", ins: "insertion", li: "listitem", mark: "mark", math: "math", meter: "meter", p: "paragraph", s: "deletion",
  search: "search", strong: "strong", sub: "subscript", sup: "superscript", svg: "img", time: "time",
};

const isNamed = (element) => nameOf(element) !== "";

// What an element is by itself.
function ownRole(element) {
  const tag = element.localName;
  if (isPassedOver(element)) return null;
  if (tag in BY_TAG) return BY_TAG[tag];
  switch (tag) {
    case "input":
      return roleOfInput(element);
    case "section":
      return isNamed(element) ? "region" : null;
    case "form":
      return "form";
    case "aside":
      return element.parentElement?.closest(HEADED_BY)?.matches("main,[role=main]") !== false || isNamed(element) ? "complementary" : null;
    case "header":
      return element.closest(HEADED_BY) ? null : "banner";
    case "footer":
      return element.closest(HEADED_BY) ? null : "contentinfo";
    case "td":
      return element.closest("[role=grid],[role=treegrid]") ? "gridcell" : "cell";
    case "th": {
      if (element.scope === "row" || element.scope === "rowgroup") return "rowheader";
      const isFirst = element.cellIndex === 0 && element.parentElement?.parentElement?.localName !== "thead";
      return !element.scope && isFirst && element.parentElement?.querySelector("td") ? "rowheader" : "columnheader";
    }
    case "summary":
      return element.parentElement?.localName === "details" ? "button" : null;
    case "img":
      return element.getAttribute("alt") === "" && !isNeeded(element) ? "none" : "img";
    default: {
      const bare = element.hasAttribute("role") ? withoutRole(element) : element;
      const role = synonym(accessibility.getRole(bare));
      return ROLES.has(role) && role !== "generic" ? role : null;
    }
  }
}

// The library heeds the attribute, which does not hold here.
function withoutRole(element) {
  const bare = element.cloneNode(false);
  bare.removeAttribute("role");
  return bare;
}

const roleOf = (element) => saidRole(element) ?? ownRole(element);

// Whether those who cannot see the page are not told of it.
function isInaccessible(element) {
  for (let at = element; at; at = at.getRootNode().host) {
    if (accessibility.isInaccessible(at, { getComputedStyle: styleOf })) return true;
  }
  // What is in a closed `details`, for one, the library does not know. Options are as visible as their list.
  const shown = element.closest("select") ?? element;
  return getComputedStyle(shown).display !== "contents" && !shown.checkVisibility();
}

// What can be said of an element of a role. Nothing where it cannot.
const ROLE_STATES = {
  checked: (element) => isChecked(element),
  disabled: (element) => !isEnabled(element),
  expanded: (element) => {
    const details = element.localName === "summary" ? element.parentElement : element;
    if (details.localName === "details") return details.open;
    const said = element.getAttribute("aria-expanded");
    return said === null ? undefined : said === "true";
  },
  level: (element) => Number(element.getAttribute("aria-level") ?? /^h([1-6])$/.exec(element.localName)?.[1] ?? 0),
  pressed: (element) => {
    const said = element.getAttribute("aria-pressed");
    return said === "mixed" ? said : said === "true";
  },
  selected: (element) => (element.localName === "option" ? element.selected : element.getAttribute("aria-selected") === "true"),
};

function byRole(root, { role, name, hidden, states }) {
  const [fits, wanted] = [name && fitting(name), synonym(role)];
  return [...elementsIn(root)].filter(
    (element) =>
      (roleOf(element) ?? "generic") === wanted &&
      Object.entries(states).every(([state, wanted]) => ROLE_STATES[state](element) === wanted) &&
      (hidden || !isInaccessible(element)) &&
      (!fits || fits(nameOf(element))),
  );
}
