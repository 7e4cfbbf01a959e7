// The list of tests: a table, in groups, of which a browser draws what is seen.

const SORTS = {
  outcome: { label: "Outcome", compare: (one, other) => RANK.get(one.standing) - RANK.get(other.standing) || one.index - other.index },
  name: { label: "Test", compare: (one, other) => (one.name < other.name ? -1 : 1) },
  duration: { label: "Duration", compare: (one, other) => (other.took ?? -1) - (one.took ?? -1) || one.index - other.index },
  start: { label: "Start", compare: (one, other) => (one.from ?? Infinity) - (other.from ?? Infinity) || one.index - other.index },
};
// Of rows without groups, so many are drawn together.
const TOGETHER = 50;

const longest = Math.max(1, ...data.tests.map(({ took }) => took ?? 0));
const testLink = (test, attempt) => hashOf({ test: test.name, attempt: attempt && attempt !== test.last ? attempt.number : undefined });

function row(test) {
  if (test.row) return test.row;
  const link = make("a", { href: testLink(test), tabindex: "-1", title: test.name }, test.short);
  const first = test.problem?.message.split("\n")[0] ?? test.reason ?? (test.standing === "expected-failure" ? test.fixme : undefined);
  const bar = make("span", { class: "bar" });
  bar.style.width = `${(100 * (test.took ?? 0)) / longest}%`;
  const labels = [...test.roles.map((role) => ["role", role]), ...test.tags.map((tag) => ["tag", tag])];
  const trend = trendOf(test);
  test.row = make("div", { role: "row", class: "row" },
    make("div", { role: "cell", class: "c-outcome" }, badge(test.standing)),
    make("div", { role: "rowheader", class: "c-name" }, link, first ? make("span", { class: "first" }, first.length > 300 ? `${first.slice(0, 300)}…` : first) : undefined),
    make("div", { role: "cell", class: "c-labels" }, ...labels.map(([kind, label]) => make("span", { class: `label ${kind}` }, label)), trend ? make("span", { class: "label trend" }, trend) : undefined),
    make("div", { role: "cell", class: "c-slot" }, test.last?.slot === undefined ? "" : `slot ${slotName(test.last.slot)}`, test.attempts.length > 1 ? make("span", { class: "quiet" }, ` ${test.attempts.length} attempts`) : undefined),
    make("div", { role: "cell", class: "c-took" }, test.took === undefined ? "" : ms(test.took), bar),
    make("div", { role: "cell", class: "c-start" }, test.from === undefined ? "" : moment(test.from)));
  test.row.test = test;
  return test.row;
}

function header(sort, isDown) {
  const column = (name) => {
    const isIt = name === sort;
    const label = SORTS[name].label;
    return make("div", { role: "columnheader", class: `c-${{ duration: "took" }[name] ?? name}`, "aria-sort": isIt ? (isDown ? "descending" : "ascending") : "none" },
      make("button", { type: "button", class: isIt ? "sorted" : undefined, onclick: () => go({ ...state, sort: name, down: isIt ? !state.down : false }) },
        label, make("span", { "aria-hidden": "true" }, isIt ? (isDown ? " ▲" : " ▼") : "")));
  };
  const silent = (label, name) => make("div", { role: "columnheader", class: `c-${name}` }, label);
  return make("div", { role: "rowgroup", class: "head" },
    make("div", { role: "row", class: "row" }, column("outcome"), column("name"), silent("Roles and tags", "labels"), silent("Slot", "slot"), column("duration"), column("start")));
}

function group(name, tests, note) {
  const body = make("div", { role: "rowgroup", class: "group" });
  body.style.setProperty("--rows", tests.length);
  if (name !== undefined) {
    const head = make("span", { class: "module" }, name || "(no module)");
    body.append(make("div", { role: "row", class: "row title" }, make("div", { role: "rowheader", "aria-colspan": "6" }, head, " ", make("span", { class: "quiet" }, note))));
  }
  body.append(...tests.map(row));
  return body;
}

// Trouble first, by module; then what wants a look; then the rest by module.
function groups(tests, sort, isDown) {
  const sorted = [...tests].sort(SORTS[sort].compare);
  if (isDown) sorted.reverse();
  if (sort === "duration" || sort === "start") {
    const parts = [];
    for (let at = 0; at < sorted.length; at += TOGETHER) parts.push(group(undefined, sorted.slice(at, at + TOGETHER)));
    return parts;
  }
  const byKey = new Map();
  for (const test of sorted) {
    const bucket = sort === "outcome" && STANDINGS.get(test.standing).bad ? "bad" : test.standing === "flaky" && sort === "outcome" ? "flaky" : "";
    const key = `${bucket} ${test.module}`;
    if (!byKey.has(key)) byKey.set(key, { bucket, module: test.module, tests: [] });
    byKey.get(key).tests.push(test);
  }
  const words = { bad: "did not pass", flaky: "flaky", "": "" };
  return [...byKey.values()].map(({ bucket, module, tests: own }) => group(module, own, `${own.length} ${words[bucket]}`));
}

function showCounts() {
  const chip = (standing, count) => {
    const isOn = hasTerm(state.q, "outcome", standing);
    return make("button", { type: "button", class: `chip ${standing}`, "aria-pressed": String(isOn), onclick: () => go({ ...state, q: toggled(state.q, "outcome", standing) }) },
      make("i", { "aria-hidden": "true" }, STANDINGS.get(standing).sign), ` ${wordOf(standing)} `, make("b", {}, String(count)));
  };
  const all = make("button", { type: "button", class: "chip", "aria-pressed": String(state.q === ""), onclick: () => go({ ...state, q: "" }) }, "all ", make("b", {}, String(data.tests.length)));
  const holder = byId("counts");
  const at = [...holder.children].indexOf(document.activeElement);
  holder.replaceChildren(all, ...[...counts].filter(([, count]) => count > 0).map(([standing, count]) => chip(standing, count)));
  if (at >= 0) holder.children[at]?.focus();
}

let shownTests = [];

function showList() {
  showCounts();
  const query = byId("query");
  if (query.value.trim() !== state.q) query.value = state.q;
  const terms = parseQuery(state.q);
  const found = data.tests.filter((test) => matches(test, terms));
  const list = byId("list");
  const parts = groups(found, state.sort, state.down);
  shownTests = parts.flatMap((part) => [...part.children]).map((one) => one.test).filter(Boolean);
  const was = document.activeElement?.closest?.("[aria-sort]") && state.sort;
  if (found.length === 0) list.replaceChildren(emptyList(terms));
  else list.replaceChildren(make("div", { role: "table", "aria-label": "Tests", "aria-rowcount": String(found.length + 1), class: "table" }, header(state.sort, state.down), ...parts));
  if (was) list.querySelector('[aria-sort]:not([aria-sort="none"]) button')?.focus();
  const words = terms.length ? `${found.length} of ${plural(data.tests.length, "test")}` : "";
  byId("found").textContent = found.length && !terms.length && !data.tests.some(({ standing }) => STANDINGS.get(standing).bad || standing === "did-not-run")
    ? `All ${plural(data.tests.length, "test")} came to a good end.` : plain(words);
  rove(shownTests.includes(roving) ? roving : shownTests[0]);
}

function emptyList(terms) {
  if (data.tests.length === 0) return make("p", { class: "empty big" }, data.end ? "Nothing ran: no test was selected." : "The run was ended before it had planned its first test.");
  return make("div", { class: "empty big" }, make("p", {}, wrongIn(terms) ?? "No test is like this."),
    make("button", { type: "button", class: "plain", onclick: () => go({ ...state, q: "" }) }, "Show all tests"));
}

// One link of the list is reached by the tabulator; the arrows go on from there.
let roving;
function rove(test, focus) {
  roving?.row?.querySelector("a").setAttribute("tabindex", "-1");
  roving = test;
  const link = test?.row?.querySelector("a");
  link?.setAttribute("tabindex", "0");
  if (!focus || !link) return;
  link.focus({ preventScroll: true });
  test.row.scrollIntoView({ block: "nearest" });
}

byId("list").addEventListener("focusin", (event) => {
  const test = event.target.closest(".row")?.test;
  if (test && test !== roving) rove(test);
});
byId("list").addEventListener("keydown", (event) => {
  if (!event.target.closest(".row")?.test) return;
  const at = shownTests.indexOf(roving);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shownTests.length - 1, PageDown: at + 10, PageUp: at - 10 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  if (to < 0 && event.key === "ArrowUp") byId("query").focus();
  else rove(shownTests[Math.min(Math.max(to, 0), shownTests.length - 1)], true);
});
byId("query").addEventListener("input", () => go({ ...state, q: byId("query").value.trim() }, true));
byId("query").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "Enter") {
    if (shownTests.length) rove(shownTests[0], true);
    event.preventDefault();
  } else if (event.key === "Escape" && byId("query").value) {
    byId("query").value = "";
    go({ ...state, q: "" }, true);
    event.stopPropagation();
    event.preventDefault();
  }
});
