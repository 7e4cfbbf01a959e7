// What became of a test in the runs that are kept, this one included, and since when it has not passed.

const EARLIER = data.earlier ?? [];
const NOT_EXECUTED = ["did-not-run", "unfinished", "skipped"];
const dated = (started) => (Number.isNaN(Date.parse(started)) ? started : new Date(started).toLocaleString());
const isBad = ({ standing }) => STANDINGS.get(standing)?.bad ?? false;

// The oldest first.
function pastOf(test) {
  if (!test.past) {
    const here = { id: data.run.id, started: data.run.started, standing: test.standing, took: test.took ?? null, isThis: true };
    test.past = (test.history ?? []).map(([run, standing, took]) => ({ id: EARLIER[run][0], started: EARLIER[run][1], standing, took }));
    if (!NOT_EXECUTED.includes(test.standing)) test.past.push(here);
  }
  return test.past;
}

// In how many of the last runs in a row it did not pass; of a test that passes now, how often in a row it had not before.
function inARow(past) {
  const from = past.length - 1 - (past.at(-1)?.isThis && !isBad(past.at(-1)) ? 1 : 0);
  let first = from + 1;
  while (first > 0 && isBad(past[first - 1])) first -= 1;
  return { times: from + 1 - first, first: past[first], isAll: first === 0 };
}

// What is said of a test that did not pass, in a few words.
function trendOf(test) {
  const past = pastOf(test);
  if (past.length < 2 || !past.at(-1).isThis || !isBad(test)) return undefined;
  const { times, isAll } = inARow(past);
  if (times === 1) return "new";
  return isAll ? `never passed in ${plural(past.length, "run")}` : `${times} times in a row`;
}

// The same in a sentence.
function sinceOf(test) {
  const past = pastOf(test);
  if (!test.history?.length) return undefined;
  const { times, first, isAll } = inARow(past);
  const here = past.at(-1);
  if (times === 0) return undefined;
  const began = first.isThis ? "this run" : `the run ${first.id} of ${dated(first.started)}`;
  if (here.isThis && !isBad(here)) return `It passes again: ${times === 1 ? "the last time" : `${times} times in a row`} it did not, ${times === 1 ? "" : "at first "}in ${began}, in which it ${wordOf(first.standing)}.`;
  if (!here.isThis) return `The last time that it was executed it did not pass; that began in ${began}, in which it ${wordOf(first.standing)}.`;
  if (isAll) return `It has passed in none of these runs; the first of them is ${began}.`;
  if (times === 1) return "It passed the last time: this is the run in which it began not to pass.";
  return `It has not passed ${times} times in a row: that began in ${began}, in which it ${wordOf(first.standing)}.`;
}

function historyOf(test) {
  const past = pastOf(test);
  if (!test.history?.length) return undefined;
  const good = past.filter((one) => !isBad(one)).length;
  const flaky = past.filter(({ standing }) => standing === "flaky").length;
  const percent = Math.max(Math.floor((100 * good) / past.length), Math.min(good, 1));
  const times = past.map(({ took }) => took).filter((took) => took !== null).sort((one, other) => one - other);
  const usual = times.length ? `, ${ms(times[Math.floor((times.length - 1) / 2)])} as a rule` : "";
  const rate = `Passed in ${good} of ${plural(past.length, "run")} (${percent}%)${flaky ? `, only on a retry in ${flaky} of them` : ""}${usual}.`;
  const most = Math.max(1, ...times);
  const strip = make("ol", { class: "strip", "aria-hidden": "true" }, ...past.map((one) => {
    const bar = make("span", { class: "amount" });
    bar.style.height = `${Math.max(8, (100 * (one.took ?? 0)) / most)}%`;
    return make("li", { class: `${one.standing}${one.isThis ? " here" : ""}`, title: plain(`${wordOf(one.standing)}${one.took === null ? "" : ` in ${ms(one.took)}`}, ${one.isThis ? "this run" : `run ${one.id}`}, ${dated(one.started)}`) },
      make("span", { class: "column" }, bar), make("i", {}, STANDINGS.get(one.standing)?.sign ?? "·"));
  }));
  const rows = [...past].reverse().map((one) => [one.isThis ? "this run" : one.id, dated(one.started), badge(one.standing), one.took === null ? "" : ms(one.took)]);
  const asTable = make("details", {}, make("summary", {}, "These runs as a table"), table("What became of the test, the newest run first", ["Run", "Began", "Outcome", "Took"], rows));
  return section("In the runs that are kept", "", make("p", { class: "rate" }, rate), strip, asTable);
}
