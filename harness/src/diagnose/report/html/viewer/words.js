// Words and figures of an analysis.

const data = JSON.parse(byId("data").textContent);

const LABELS = { confirmed: "CONFIRMED", likely: "LIKELY", undetermined: "UNDETERMINED", not_reproduced: "NOT REPRODUCED" };
const CLASSES = {
  one_off: "one-off", deterministic: "deterministic", random: "random", slot: "slot", order: "order", brittle: "brittle", overlap: "overlap",
  load: "load", surroundings: "surroundings",
};
const ARMS = {
  parallel: "in parallel runs", isolated: "alone", in_slot: "alone in a suspected slot", loaded: "alone on a busy machine", beside: "beside one other",
  pool: "beside several others", after_here: "after one other in its slot", after_elsewhere: "after one other elsewhere", sequence: "after several others in its slot",
};
const PLACES = { step: "the step fails", request: "the request", page: "on a page", log: "in the server's log", missing: "what is not asked for" };
const BLAMES = {
  product: "A bug of the product: different accounts, the server's own error, and a busy machine alone does not make it.",
  isolation: "The two tests use the same account: each should have its own.",
  weak_wait: "The server is healthy meanwhile: the test waits for too short a time, or for the wrong thing.",
};
const CLAIMED = ["confirmed", "likely"];

const percent = (part) => `${Math.round(part * 100)} %`;
const classOf = (failure) => failure.classes[0]?.[0] ?? "one_off";
const isClaimed = (failure) => CLAIMED.includes(failure.label);
const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

function accusedName({ test, slot }) {
  return test ?? `slot ${slot}`;
}

// Who is to blame, where one has the larger part.
function culprit(failure) {
  const first = failure.culprits[0];
  return first && first.weight >= 0.5 ? accusedName(first) : "";
}

function rate({ failed, attempts, interval }) {
  if (!attempts) return "not tried";
  return `${failed} of ${attempts} (${Math.round(interval.low * 100)} to ${percent(interval.high)})`;
}

const badge = ({ label }) => make("span", { class: `badge ${label}` }, LABELS[label] ?? label);

function table(caption, head, rows, attributes = {}) {
  return make("div", { class: "wide", tabindex: "0", role: "region", "aria-label": caption }, make("table", attributes, make("caption", { class: "unseen" }, caption),
    make("thead", {}, make("tr", {}, ...head.map((name) => make("th", { scope: "col" }, name)))),
    make("tbody", {}, ...rows.map((cells) => make("tr", {}, ...cells.map((cell, index) => cell instanceof HTMLTableCellElement ? cell : index ? make("td", {}, cell) : make("th", { scope: "row" }, cell)))))));
}

const list = (items) => make("ul", {}, ...items.map((item) => make("li", {}, item)));
