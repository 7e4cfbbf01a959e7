// What is searched for: words, and `outcome: role: slot: tag:` with one. What is said twice of one key is either of both.

const KEYS = {
  outcome: (test, value) => test.standing === value.replaceAll(" ", "-"),
  role: (test, value) => test.roles.some((role) => role.toLowerCase() === value || role.split("#")[0].toLowerCase() === value),
  slot: (test, value) => test.attempts.some(({ slot, companions = [] }) => [slot, ...companions].some((one) => one !== undefined && slotWords(one).includes(value))),
  tag: (test, value) => test.tags.some((tag) => tag.toLowerCase() === value),
};

// Its name, and the number that it has on its machine.
const slotWords = (slot) => [slotName(slot), slotName(slot).split(" ")[0]];
const unquoted = (text) => text.replaceAll('"', "");

function parseQuery(text) {
  const terms = [];
  for (const [, minus, word] of text.matchAll(/(-?)((?:"[^"]*"?|[^\s"])+)/g)) {
    const [, key, rest] = /^(outcome|role|slot|tag):(?!:)([^]*)$/i.exec(word) ?? [];
    const value = unquoted(key ? rest : word).toLowerCase();
    if (value === "") continue;
    terms.push({ key: key?.toLowerCase(), value, not: minus === "-" });
  }
  return terms;
}

// Why nothing can be found, where that is so.
function wrongIn(terms) {
  const missing = (key, values) => {
    const term = terms.find((one) => one.key === key && !values.includes(one.value.replaceAll(" ", key === "outcome" ? "-" : " ")));
    return term && `There is no ${key} “${term.value}” in this run; there ${values.length ? `is ${values.join(", ")}` : "is none"}.`;
  };
  const all = (of) => [...new Set(data.tests.flatMap(of))].sort();
  return missing("outcome", [...STANDINGS.keys()])
    ?? missing("role", all((test) => test.roles.flatMap((role) => [role, role.split("#")[0]].map((one) => one.toLowerCase()))))
    ?? missing("tag", all((test) => test.tags.map((tag) => tag.toLowerCase())))
    ?? missing("slot", [...new Set(data.lanes.flatMap(({ slot }) => slotWords(slot)))]);
}

function textOf(test) {
  test.text ??= [
    test.name, test.problem?.message, test.problem?.location?.file, test.location?.file, test.reason, test.fixme, ...test.roles, ...test.tags,
  ].filter(Boolean).join("\n").toLowerCase();
  return test.text;
}

function matches(test, terms) {
  const holds = ({ key, value }) => (key ? KEYS[key](test, value) : textOf(test).includes(value));
  const asked = terms.filter(({ not }) => !not);
  if (terms.some((term) => term.not && holds(term))) return false;
  if (!asked.filter(({ key }) => !key).every(holds)) return false;
  return Object.keys(KEYS).every((key) => {
    const ofKey = asked.filter((term) => term.key === key);
    return ofKey.length === 0 || ofKey.some(holds);
  });
}

const hasTerm = (text, key, value) => parseQuery(text).some((term) => term.key === key && term.value === value && !term.not);

// The same search with this term, or without it where it was there.
function toggled(text, key, value) {
  if (!hasTerm(text, key, value)) return `${text.trim()} ${key}:${value}`.trim();
  const words = text.match(/(?:"[^"]*"?|[^\s"])+/g) ?? [];
  return words.filter((word) => unquoted(word).toLowerCase() !== `${key}:${value}`).join(" ");
}
