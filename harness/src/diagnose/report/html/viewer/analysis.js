// The page: verdicts, who disturbs whom, evidence, experiments, capacity.

function showHead() {
  const { runs } = data;
  byId("suite").replaceChildren(plain(data.suite ?? data.run));
  document.title = plain(`Analysis of ${data.suite ?? data.run}`);
  const passed = runs.map((run) => run.passed).sort((one, other) => one - other)[Math.floor(runs.length / 2)];
  const tests = Math.max(0, ...runs.map((run) => run.tests));
  const count = (label) => data.failures.filter((failure) => failure.label === label).length;
  byId("rate").append(runs.length ? `${Math.round((100 * passed) / Math.max(1, tests))} % pass rate (${passed} of ${tests}), the median of ${plural(runs.length, "run")}` : "No run of the suite came to its end");
  const labels = Object.keys(LABELS).filter(count).map((label) => `${count(label)} ${LABELS[label].toLowerCase()}`);
  byId("facts").append(plain([`${plural(data.failures.length, "failure")}${labels.length ? `: ${labels.join(", ")}` : ""}`,
    `${data.executions} executions, ${data.suite_equivalents.toFixed(1)} times the suite, in ${Math.round(data.took_s)} s`,
    data.started.replace("T", " ").replace(/\..*|Z$/, " UTC"), `callboard ${data.callboard}`].join(" · ")));
  const parts = [["verdicts", "Verdicts"], ["matrix", "Who disturbs whom"], ["failures", "Evidence"], ["experiments", "Experiments"], ["capacity", "Capacity"]];
  byId("parts").append(...parts.map(([id, name]) => make("a", { href: `#${id}` }, name)));
  const notes = [
    data.quick && "A quick look: all tests once in parallel, and each that failed three times alone. So few attempts say where a test fails, and hardly why.",
    data.since && sinceOf(data.since),
    data.ended_early && `It ended early: ${data.ended_early}. What follows is what was known by then.`,
  ].filter(Boolean);
  byId("notes").append(...notes.map((note) => make("p", {}, note)));
  byId("notes").hidden = !notes.length;
  byId("theme").addEventListener("click", () => {
    const isDark = (document.documentElement.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    document.documentElement.dataset.theme = isDark ? "light" : "dark";
  });
}

function sinceOf({ run, is_evidence: isEvidence, not_again: notAgain }) {
  const again = notAgain.length ? ` Did not fail again: ${notAgain.join(", ")}.` : "";
  return `What failed in run ${run}, ${isEvidence ? "which counts as the first run of the suite" : "whose attempts count for nothing"}.${again}`;
}

function showVerdicts() {
  const rows = data.failures.map((failure, index) => [
    make("a", { href: `#${failureId(index)}` }, failure.test), badge(failure),
    isClaimed(failure) ? CLASSES[classOf(failure)] ?? classOf(failure) : failure.classes.filter(([, weight]) => weight >= 0.05).map(([name, weight]) => `${CLASSES[name] ?? name} ${percent(weight)}`).join(", "),
    make("span", { class: "mono" }, isClaimed(failure) ? culprit(failure) : ""), rate(failure.parallel), rate(failure.alone)]);
  byId("verdicts").append(rows.length ? table("Verdicts", ["Test", "", "Class", "Culprit", "Fails in parallel", "Fails alone"], rows) : empty("No test failed."));
}

// Rows fail, columns make them: the probability of the class times its part.
function showMatrix() {
  const DISTURBING = ["overlap", "order", "brittle"];
  const failing = data.failures.filter((failure) => DISTURBING.includes(classOf(failure)) && failure.culprits.some(({ test }) => test));
  const part = (failure, name) => (failure.culprits.find(({ test }) => test === name)?.weight ?? 0) * (failure.classes[0]?.[1] ?? 0);
  const columns = [...new Set(failing.flatMap(({ culprits }) => culprits.map(({ test }) => test).filter(Boolean)))].filter((name) => failing.some((failure) => part(failure, name) >= 0.05));
  if (!columns.length) {
    byId("matrix").append(empty("No test is suspected of making another one fail."));
    return;
  }
  const cell = (failure, name) => {
    const weight = part(failure, name);
    const shown = make("td", { class: weight >= 0.05 ? "hit" : undefined }, weight >= 0.05 ? percent(weight) : "");
    shown.style.setProperty("--part", weight);
    return shown;
  };
  const rows = failing.filter((failure) => columns.some((name) => part(failure, name) >= 0.05))
    .map((failure) => [make("a", { href: `#${failureId(data.failures.indexOf(failure))}` }, failure.test), ...columns.map((name) => cell(failure, name))]);
  byId("matrix").append(make("p", { class: "quiet" }, "Rows fail because of columns: how probable that is."), table("Who disturbs whom", ["Fails", ...columns], rows, { class: "cells" }));
}

function showExperiments() {
  const rows = data.experiments.map(({ number, purpose, attempts, failed, took_s: took, trouble }) => [
    String(number), make("span", {}, purpose, trouble ? make("span", { class: "quiet" }, ` — not made: ${trouble}`) : undefined),
    make("td", { class: "count" }, `${failed} of ${attempts}`), make("td", { class: "took" }, took === undefined ? "" : seconds(took * 1000))]);
  byId("experiments").append(rows.length ? table("Experiments", ["", "What it was to show", "Failed", "Took"], rows) : empty("No experiment was made."));
}

function showCapacity() {
  const { cores, accounts, slots, first_port: port, workers, load } = data.capacity;
  const all = Object.values(accounts).reduce((sum, count) => sum + count, 0);
  byId("capacity").append(facts([
    ["CPU cores", String(cores)], ["Worker accounts", `${all} of ${plural(Object.keys(accounts).length, "role")}`], ["Slots", String(slots)],
    ["Workers used", String(workers)], ["Ports used", slots > 1 ? `${port} to ${port + slots - 1}` : String(port)],
    ...(load ? [["Kept busy by", `${load.processes} processes${load.slow_pages ? `, and pages ${load.slow_pages} times slower` : ""}`]] : [])]));
}

showHead();
showVerdicts();
showMatrix();
byId("failures").append(...(data.failures.length ? data.failures.map(article) : [empty("No test failed.")]));
showExperiments();
showCapacity();
