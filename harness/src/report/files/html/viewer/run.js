// The run as a whole: what it could use and used, what took longest, what the user was told.

function table(caption, head, rows) {
  return make("div", { class: "wide" }, make("table", {}, make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell, index) => (index ? make("td", {}, cell) : make("th", { scope: "row" }, cell))))))));
}

function showRun() {
  const holder = byId("run");
  if (holder.firstChild) return;
  const slowest = data.tests.filter(({ took }) => took !== undefined).sort((one, other) => other.took - one.took).slice(0, 10);
  const slots = data.lanes.map(({ slot, port, leased, skipped }) => {
    const own = attempts.filter((one) => one.slot === slot);
    const busy = own.reduce((sum, one) => sum + one.until - one.from, 0);
    const since = total - (leased ?? total);
    return [slotName(slot), port === undefined ? "" : String(port), String(own.length), since > 0 ? `${Math.round((100 * busy) / since)}%` : "", skipped ? `left out: ${skipped}` : ""];
  });
  const notices = data.notices.map(([at, text, slot]) => make("li", {}, make("time", {}, moment(at)), make("pre", {}, slot === null ? text : `slot ${slotName(slot)}: ${text}`)));
  const LINKS = [["events.jsonl", "all events of the run"]];
  holder.append(...[make("h2", {}, "Run"),
    section("Capacity", "", table("What the run could use, and what it used", ["Metric", "Value", "Notes"], data.capacity)),
    section("Slots", "", slots.length ? table("Slots", ["Slot", "Port", "Attempts", "Busy", ""], slots) : empty("No slot was used.")),
    section("Slowest tests", "", slowest.length ? table("Slowest tests", ["Test", "Took", "Outcome"], slowest.map((test) => [make("a", { href: testLink(test) }, test.name), ms(test.took), badge(test.standing)])) : empty("No test ran.")),
    section("Notices", "", notices.length ? make("ol", { class: "lines" }, ...notices) : empty("There is nothing that the user was told.")),
    section("Files", "", make("ul", {}, ...LINKS.map(([path, words]) => make("li", {}, fileLink(path, path), make("span", { class: "quiet" }, ` ${words}`)))))].filter(Boolean));
}
