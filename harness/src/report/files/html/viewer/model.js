// What is known of the run, and what follows from it: who ran beside whom, and what before.

const data = JSON.parse(byId("data").textContent);

// What becomes of a test: its word, its sign, and whether it is trouble. The worst first.
const STANDINGS = new Map([
  ["failed", { word: "failed", sign: "✗", bad: true }],
  ["errored", { word: "errored", sign: "!", bad: true }],
  ["timed-out", { word: "timed out", sign: "◷", bad: true }],
  ["crashed", { word: "crashed", sign: "✕", bad: true }],
  ["unfinished", { word: "unfinished", sign: "…", bad: true }],
  ["flaky", { word: "flaky", sign: "≈", bad: false }],
  ["did-not-run", { word: "did not run", sign: "○", bad: false }],
  ["expected-failure", { word: "expected failure", sign: "✗", bad: false }],
  ["passed", { word: "passed", sign: "✓", bad: false }],
  ["skipped", { word: "skipped", sign: "–", bad: false }],
]);
const RANK = new Map([...STANDINGS.keys()].map((name, index) => [name, index]));

const total = Math.max(1, data.end?.took ?? 0, data.last);
// What an attempt came to, as tests have it; the run itself may have ended it.
const standingOf = (attempt) => attempt.outcome?.replace("_", "-") ?? (attempt.to === undefined ? "unfinished" : "cancelled");
const wordOf = (standing) => STANDINGS.get(standing)?.word ?? standing;
const ms = (us) => (us < 120e6 ? seconds(us / 1000) : `${Math.floor(us / 60e6)} min ${Math.floor((us / 1e6) % 60)} s`);
const moment = (us) => clock(us / 1000);

const attempts = [];
for (const [index, test] of data.tests.entries()) {
  test.index = index;
  test.roles ??= [];
  test.tags ??= [];
  test.attempts ??= [];
  const cut = test.name.lastIndexOf("::", test.name.indexOf(" ") < 0 ? undefined : test.name.indexOf(" "));
  test.module = cut < 0 ? "" : test.name.slice(0, cut);
  test.short = cut < 0 ? test.name : test.name.slice(cut + 2);
  for (const attempt of test.attempts) {
    Object.assign(attempt, { test, until: attempt.to ?? data.last, standing: standingOf(attempt) });
    attempts.push(attempt);
  }
  test.last = test.attempts.at(-1);
  test.took = test.last?.took ?? (test.last ? test.last.until - test.last.from : undefined);
  test.from = test.attempts[0]?.from;
  const problems = test.attempts.filter((attempt) => attempt.problem);
  test.problem = (test.standing === "flaky" ? problems[0] : problems.at(-1))?.problem;
}
// Slots of which only attempts are told have a lane as well.
const known = new Set(data.lanes.map(({ slot }) => slot));
for (const { slot } of attempts) {
  if (slot === undefined || known.has(slot)) continue;
  known.add(slot);
  data.lanes.push({ slot });
}
data.lanes.sort((one, other) => one.slot - other.slot);
const testNamed = (name) => data.tests.find((test) => test.name === name);

// Of several runs that are told as one, each has slots of its own, and times from its own beginning.
const machineOf = (slot) => data.machines?.findLast(([, from]) => from <= slot);
function slotName(slot) {
  const machine = machineOf(slot);
  return machine ? `${slot - machine[1]} of ${machine[0]}` : String(slot);
}

// Those that ran at the same time, elsewhere.
const beside = (one) => attempts.filter((other) => other !== one && other.slot !== undefined && machineOf(other.slot) === machineOf(one.slot) && other.from < one.until && other.until > one.from);
// What ran last in the same slot.
function before(one) {
  if (one.slot === undefined) return undefined;
  const earlier = attempts.filter((other) => other.slot === one.slot && other !== one && other.until <= one.from);
  return earlier.reduce((last, other) => (!last || other.until > last.until ? other : last), undefined);
}

const counts = new Map([...STANDINGS.keys()].map((name) => [name, 0]));
for (const { standing } of data.tests) counts.set(standing, (counts.get(standing) ?? 0) + 1);

// How many passed of those that were to run. Not none is not 0%, and not all is not 100%.
function passRate() {
  const good = counts.get("passed") + counts.get("flaky") + counts.get("expected-failure");
  const asked = data.tests.length - counts.get("skipped");
  return asked === 0 ? undefined : { good, asked, percent: Math.max(Math.floor((100 * good) / asked), Math.min(good, 1)) };
}

const plural = (count, word, words = `${word}s`) => `${count} ${count === 1 ? word : words}`;

// Where the report links to: files of the run, whose folder is the one around the report's.
const linkTo = (path) => `../${path.split("/").map(encodeURIComponent).join("/")}`;
const fileLink = (path, text, attributes = {}) => make("a", { href: linkTo(path), target: "_blank", rel: "noopener noreferrer", ...attributes }, text);

const badge = (standing) =>
  make("span", { class: `badge ${standing}` }, make("i", { "aria-hidden": "true" }, STANDINGS.get(standing)?.sign ?? "·"), " ", wordOf(standing));
