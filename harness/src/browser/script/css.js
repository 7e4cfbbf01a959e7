// CSS as a person means it: through open shadow trees, and no further out than the element that it begins at.

// `a > b, c`: lists of `{ combinator, compound, at, end }`, one for each of what the commas divide.
function complexesOf(css) {
  const complexes = [[]];
  const open = [];
  let [quote, begin, combinator] = ["", 0, ""];
  const close = (end) => {
    const compound = css.slice(begin, end);
    if (compound === "") return;
    complexes.at(-1).push({ combinator, compound, at: begin, end });
    combinator = " ";
  };
  for (let index = 0; index < css.length; index += 1) {
    const character = css[index];
    if (character === "\\") index += 1;
    else if (quote) {
      if (character !== quote) continue;
      quote = "";
      open.pop();
    } else if (character === '"' || character === "'") {
      quote = character;
      open.push(index);
    } else if (character === "[" || character === "(") open.push(index);
    else if (character === "]" || character === ")") open.pop();
    else if (open.length === 0 && /[\s>+~,]/.test(character)) {
      close(index);
      begin = index + 1;
      if (character === ",") {
        complexes.push([]);
        combinator = "";
      } else if (!/\s/.test(character)) combinator = character;
    }
  }
  // The browser closes by itself what is still open, which nobody means.
  if (open.length > 0) {
    const why = `this \`${css[open[0]]}\` is not closed`;
    throw new Misuse({ kind: "selector", text: css, at: open[0], why });
  }
  close(css.length);
  return complexes;
}

const isCss = (css) => {
  try {
    document.createDocumentFragment().querySelector(css);
    return true;
  } catch {
    return false;
  }
};

// Where a selector stops being one: the first part with which it is none.
function whereInvalid(css) {
  const parts = complexesOf(css).flat();
  const begin = parts[0]?.combinator ? parts[0].at : 0;
  const wrong = parts.find(({ end }) => !isCss(css.slice(begin, end)));
  return wrong ? wrong.at : css.trimEnd().length;
}

// Whether an element is what a complex selector ends in, as far as to this part of it.
function fitsComplex(element, root, parts, index = parts.length - 1) {
  const { combinator, compound } = parts[index];
  const isOf = (at) => {
    if (!compound.includes(":scope")) return at !== root && at.matches(compound);
    const rest = compound.replaceAll(":scope", "") || "*";
    return at === (root === document ? document.documentElement : root) && at.matches(rest);
  };
  if (!isOf(element)) return false;
  if (index === 0 && combinator === "") return true;
  const isBefore = (at) => (index === 0 ? at === root : fitsComplex(at, root, parts, index - 1));
  const beside = combinator === "+" || combinator === "~";
  const next = (at) => {
    if (at === root) return null;
    return beside ? at.previousElementSibling : around(at);
  };
  const isOnce = combinator === ">" || combinator === "+";
  for (let at = next(element); at; at = isOnce ? null : next(at)) if (isBefore(at)) return true;
  return false;
}

function byCss(root, { css }) {
  const [scopes, complexes] = [scopesOf(root), complexesOf(css)];
  try {
    const isPlain = complexes.every((parts) => parts.length === 1 && parts[0].combinator === "");
    const isWhole = root === document && complexes.every((parts) => parts[0]?.combinator === "");
    if (scopes.length === 1 && (isPlain || isWhole)) return [...root.querySelectorAll(css)];
    if (complexes.some((parts) => parts.length === 0)) throw new SyntaxError("nothing before a comma");
    // The browser's own parser says whether it is one at all.
    root.querySelectorAll(complexes.map((parts) => css.slice(parts[0].at, parts.at(-1).end)).join(","));
    const found = complexes.flatMap((parts) => {
      const last = parts.at(-1).compound;
      const candidates = scopes.flatMap((scope) => [...scope.querySelectorAll(last.replaceAll(":scope", "") || "*")]);
      return candidates.filter((element) => fitsComplex(element, root, parts));
    });
    return inOrder(root, new Set(found));
  } catch {
    throw new Misuse({ kind: "selector", text: css, at: whereInvalid(css), why: "this is not a CSS selector" });
  }
}
