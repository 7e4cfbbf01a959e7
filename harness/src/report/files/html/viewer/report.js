// What is chosen stands behind the `#` of the address, so that it can be sent and gone back to.

const VIEWS = { tests: "Tests", timeline: "Timeline", run: "Run" };
const START = { view: "tests", q: "", sort: "outcome", down: false, test: undefined, attempt: undefined };
let state = { ...START };

function hashOf({ view, q, sort, down, test, attempt }) {
  const words = new URLSearchParams();
  if (view && view !== START.view) words.set("view", view);
  if (q) words.set("q", q);
  if (sort && sort !== START.sort) words.set("sort", sort);
  if (down) words.set("down", "1");
  if (test !== undefined) words.set("test", test);
  if (attempt !== undefined) words.set("attempt", String(attempt));
  return `#${words}`;
}

function stateOf(hash) {
  const words = new URLSearchParams(hash.replace(/^#/, ""));
  const view = words.get("view") ?? START.view;
  const sort = words.get("sort") ?? START.sort;
  return {
    view: Object.hasOwn(VIEWS, view) ? view : START.view,
    q: words.get("q") ?? "",
    sort: Object.hasOwn(SORTS, sort) ? sort : START.sort,
    down: words.get("down") === "1",
    test: words.get("test") ?? undefined,
    attempt: words.get("attempt") ? Number(words.get("attempt")) : undefined,
  };
}

// What is typed replaces what was typed before; everything else can be gone back from.
function go(next, replaces) {
  const hash = hashOf(next);
  if (replaces) history.replaceState(null, "", hash);
  else if (hash !== location.hash) history.pushState(null, "", hash);
  show();
}

// The list as it was left.
let listState = { ...START };
let listTop = 0;
let shownHash;

function show() {
  shownHash = location.hash;
  const was = state;
  const wasTest = was.test !== undefined && was.view === "tests";
  if (was.view === "tests" && !wasTest && !byId("tests").hidden) listTop = scrollY;
  state = stateOf(location.hash);
  const isTest = state.test !== undefined && state.view === "tests";
  const shown = isTest ? "test" : state.view;
  for (const id of ["tests", "timeline", "run", "test"]) byId(id).hidden = id !== shown;
  for (const link of byId("views").children) {
    const isIt = !isTest && link.dataset.view === state.view;
    if (isIt) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (shown === "tests") {
    listState = state;
    showList();
    if (wasTest) {
      scrollTo({ top: listTop, behavior: "instant" });
      const test = testNamed(was.test);
      if (shownTests.includes(test)) rove(test, true);
    }
  } else if (shown === "timeline") showTimeline();
  else if (shown === "run") showRun();
  else {
    showTest(state.test, state.attempt);
    if (!wasTest || was.test !== state.test) {
      scrollTo({ top: 0, behavior: "instant" });
      byId("test").querySelector("h2")?.focus({ preventScroll: true });
    }
  }
  document.title = plain(isTest ? `${state.test} – report` : `${VIEWS[state.view]} – ${data.run.suite ?? "report"}`);
}

function showHead() {
  const { suite, id, started, workers, callboard, shuffle_seed: seed } = data.run;
  byId("suite").textContent = plain(suite ?? "Report of a run");
  const rate = passRate();
  const whole = data.end?.took ?? data.last;
  const took = `${data.end ? "in" : "until its last event, after"} ${whole >= 10e6 && whole < 120e6 ? `${Math.round(whole / 1e6)} s` : ms(whole)}`;
  const share = rate ? `${rate.percent}% (${rate.good}/${rate.asked})` : data.tests.length ? "All tests were skipped" : "No tests";
  byId("rate").replaceChildren(make("b", { class: rate && rate.good < rate.asked ? "bad" : rate ? "good" : "" }, share), ` ${took}`);
  const when = started && !Number.isNaN(Date.parse(started)) ? new Date(started).toLocaleString() : started;
  byId("facts").textContent = plain([when, `run ${id}`, plural(workers, "worker"), seed === null ? "" : `shuffled with seed ${seed}`, `callboard ${callboard}`].filter(Boolean).join(" · "));
  byId("views").append(...Object.entries(VIEWS).map(([view, label]) => make("a", { href: hashOf({ view }), "data-view": view }, label)));
  byId("banners").append(...banners());
}

function banners() {
  const say = (kind, text, more) => make("div", { class: `banner ${kind}`, role: "note" }, make("p", {}, text), more);
  const all = [];
  if (!data.end) all.push(say("bad", "This run has no end: it was killed, or it still went on when this report was made. What is shown is what had happened until then."));
  if (data.end?.interrupted) all.push(say("bad", "The run was interrupted. Tests that had not begun did not run."));
  if (data.end?.stopped_after) all.push(say("bad", `The run was stopped when ${plural(data.end.stopped_after, "test")} had failed (--max-failures).`));
  if (data.flaws.length) {
    const items = data.flaws.slice(0, 50).map(([line, why]) => make("li", {}, `line ${line}: ${why}`));
    if (data.flaws.length > 50) items.push(make("li", {}, `and ${data.flaws.length - 50} more`));
    all.push(say("odd", `${plural(data.flaws.length, "line")} of events.jsonl could not be read; what they told is missing here.`, make("details", {}, make("summary", {}, "Which"), make("ul", {}, ...items))));
  }
  return all;
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  const words = { auto: "as the system", light: "light", dark: "dark" };
  byId("theme").textContent = { auto: "◐", light: "☀", dark: "☾" }[name];
  byId("theme").setAttribute("aria-label", `Colours: ${words[name]}`);
  byId("theme").title = `Colours: ${words[name]}`;
}
// Some browsers keep nothing for a file.
const kept = { get: () => { try { return localStorage.getItem("callboard-theme"); } catch { return null; } }, set: (name) => { try { localStorage.setItem("callboard-theme", name); } catch {} } };
byId("theme").addEventListener("click", () => {
  const names = ["auto", "light", "dark"];
  const name = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
  kept.set(name);
  setTheme(name);
});

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const isTyping = event.target.matches?.("input, textarea, select");
  if (event.key === "/" && !isTyping) {
    if (byId("tests").hidden) go({ ...listState, test: undefined });
    byId("query").focus();
    byId("query").select();
    event.preventDefault();
  } else if (event.key === "Escape") {
    hideTip();
    if (state.test !== undefined || state.view !== "tests") go({ ...listState, test: undefined });
    else if (isTyping) event.target.blur();
  }
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
// A link to another place in here: told by its hash alone.
for (const told of ["hashchange", "popstate"]) addEventListener(told, () => { if (location.hash !== shownHash) show(); });

setTheme(["auto", "light", "dark"].includes(kept.get()) ? kept.get() : "auto");
showHead();
show();
document.documentElement.dataset.ready = "";
