// The slots over time: who ran when and where, what else a slot was busy with, and what the machine said to it.

const SPANS = {
  services: "services boot", browser: "browser starts", "sign-in": "sign-in", session: "session opens",
  fixture: "fixture is set up", reset: "slot is reset", renewal: "browser is renewed",
};
const MOST_ZOOM = 400;
const view = { zoom: 1, built: false, chosen: undefined };

const part = (us) => `${(100 * us) / total}%`;

function placed(element, from, to) {
  element.style.left = part(from);
  element.style.width = part(Math.max(0, to - from));
  return element;
}

const attemptWords = (one) =>
  `${one.test.name}${one.test.attempts.length > 1 ? `, attempt ${one.number}` : ""}: ${wordOf(one.standing)}, ${one.slot === undefined ? "no slot" : `slot ${slotName(one.slot)}`}, from ${moment(one.from)}, ${ms(one.until - one.from)}`;

function attemptBox(one) {
  const box = make("a", { class: `box ${one.standing}`, href: testLink(one.test, one), tabindex: "-1", "aria-label": attemptWords(one), draggable: "false" },
    make("i", { "aria-hidden": "true" }, STANDINGS.get(one.standing)?.sign ?? "·"), " ", one.test.short);
  box.attempt = one;
  one.box = box;
  return placed(box, one.from, one.until);
}

function spanBox([kind, from, to, of]) {
  const box = placed(make("span", { class: `span ${kind}` }), from, to ?? data.last);
  box.words = `${SPANS[kind]}${of ? `: ${of}` : ""}, from ${moment(from)}, ${to === null ? "not ended" : ms(to - from)}`;
  return box;
}

function lane(label, note, ...content) {
  return make("div", { class: "lane" }, make("div", { class: "label" }, make("b", {}, label), note ? make("span", {}, note) : undefined), make("div", { class: "track" }, ...content));
}

function slotLane({ slot, port, leased, skipped, spans = [] }) {
  const own = attempts.filter((one) => one.slot === slot);
  const lent = attempts.filter((one) => one.companions?.includes(slot));
  const marks = lent.map((one) => {
    const mark = placed(make("span", { class: "lent" }), one.from, one.until);
    mark.words = `accounts of slot ${slotName(slot)} are used by ${one.test.name} in slot ${slotName(one.slot)}`;
    return mark;
  });
  const lease = leased === undefined ? [] : [Object.assign(placed(make("span", { class: "lease" }), 0, leased), { words: `slot ${slotName(slot)} was leased at ${moment(leased)}` })];
  const [number, ...of] = slotName(slot).split(" of ");
  const note = skipped ? "left out" : of[0] ?? (port === undefined ? "" : `:${port}`);
  return lane(`slot ${number}`, note, ...lease, ...spans.map(spanBox), ...marks, ...own.map(attemptBox));
}

// A line over the whole time, of points at which the value changes to `at` most 1.
function curve(name, points, isStep) {
  let path = `M0 1`;
  let last = 1;
  for (const [at, value] of points) {
    const y = (1 - Math.min(1, value)).toFixed(4);
    path += isStep ? `H${at}V${y}` : `V${y}H${at}`;
    last = y;
  }
  path += isStep ? `H${total}` : "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${total} 1`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("class", `curve ${name}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", isStep || !points.length ? path : `${path}V1Z`);
  svg.append(line);
  return svg;
}

function machineLanes() {
  const lanes = [];
  const percent = (value) => `${Math.round(100 * value)}%`;
  for (const [key, label] of [["cpu", "CPU"], ["memory", "memory"]]) {
    const points = data.loads.filter(([, load]) => load[key] !== undefined && load[key] !== null).map(([at, load]) => [at, load[key]]);
    if (!points.length) continue;
    const values = points.map(([, value]) => value);
    const words = `Tasks waited for ${key === "cpu" ? "a core" : "memory"} during ${percent(values.reduce((sum, one) => sum + one, 0) / values.length)} of the time on average, ${percent(Math.max(...values))} at the most`;
    const one = lane(label, "waited for", curve(key, points));
    one.querySelector(".track").words = words;
    one.append(make("span", { class: "unseen" }, `${words}.`));
    one.classList.add("low");
    lanes.push(one);
  }
  // What ran at once on several machines, no clock tells.
  if (data.machines) return lanes;
  const changes = attempts.filter((one) => one.slot !== undefined).flatMap((one) => [[one.from, 1], [one.until, -1]]).sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  let now = 0;
  const running = changes.map(([at, by]) => [at, (now += by)]);
  const most = Math.max(1, data.run.workers, ...running.map(([, count]) => count));
  if (running.length) {
    const limits = data.limits.length ? [...data.limits, [total, data.limits.at(-1)[1]]] : [];
    const one = lane("at once", `of ${data.run.workers}`, curve("running", running.map(([at, count]) => [at, count / most]), true), limits.length ? curve("limit", limits.map(([at, limit]) => [at, limit / most]), true) : undefined);
    const words = `${plural(Math.max(...running.map(([, count]) => count)), "attempt")} ran at once at the most${limits.length ? `; the limit was between ${Math.min(...limits.map(([, limit]) => limit))} and ${Math.max(...limits.map(([, limit]) => limit))}` : ""}`;
    one.querySelector(".track").words = words;
    one.append(make("span", { class: "unseen" }, `${words}.`));
    one.classList.add("low");
    lanes.push(one);
  }
  return lanes;
}

function timelineTable() {
  const details = make("details", { class: "as-table" }, make("summary", {}, "The timeline as a table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const rows = [...attempts.map((one) => [one.from, one.slot, one, one.until, one.test.name, wordOf(one.standing)]),
      ...data.lanes.flatMap(({ slot, spans = [] }) => spans.map(([kind, from, to, of]) => [from, slot, undefined, to ?? data.last, `${SPANS[kind]}${of ? `: ${of}` : ""}`, ""])),
      ...data.shared.map(([kind, from, to]) => [from, undefined, undefined, to ?? data.last, `${SPANS[kind]} (of the run)`, ""])];
    rows.sort((one, other) => one[0] - other[0]);
    const head = ["From", "Slot", "What", "Took", "Outcome"].map((name) => make("th", { scope: "col" }, name));
    const body = rows.map(([from, slot, attempt, to, what, outcome]) => make("tr", {}, make("td", {}, moment(from)), make("td", {}, slot === undefined ? "" : slotName(slot)),
      make("td", {}, attempt ? make("a", { href: testLink(attempt.test, attempt) }, what) : what), make("td", {}, ms(to - from)), make("td", {}, outcome)));
    details.append(make("table", {}, make("caption", { class: "unseen" }, "What happened in which slot, in the order of time"), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body)));
  });
  return details;
}

function buildTimeline() {
  const tool = (label, sign, zoom) => make("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: () => zoomTo(zoom()) }, sign);
  const legend = make("p", { class: "legend" }, ...Object.entries(SPANS).map(([kind, words]) => make("span", {}, make("i", { class: `span ${kind}`, "aria-hidden": "true" }), words)));
  const inner = make("div", { class: "lanes" }, make("div", { class: "lane axis" }, make("div", { class: "label" }), make("div", { class: "track", id: "ticks" })),
    ...(data.shared.length ? [lane("run", "services", ...data.shared.map(spanBox))] : []), ...data.lanes.map(slotLane), ...machineLanes());
  const scroll = make("div", { id: "lanes", role: "group", "aria-label": "Slots over time. Arrows go from attempt to attempt, plus and minus zoom, 0 shows all." }, inner);
  const nothing = attempts.length + data.shared.length + data.lanes.length === 0;
  byId("timeline").replaceChildren(make("h2", {}, "Timeline"),
    make("div", { class: "tools" }, tool("Zoom out", "−", () => view.zoom / 2), tool("Zoom in", "+", () => view.zoom * 2), tool("Show all", "All", () => 1),
      make("span", { class: "quiet hint" }, "Ctrl and wheel, or two fingers, zoom; drag moves. A click opens the test.")),
    make("p", { id: "about", role: "status" }), nothing ? empty("Nothing ran, and no slot was leased.") : scroll, legend, timelineTable());
  if (nothing) return;
  const first = attempts.find((one) => one.box);
  first?.box.setAttribute("tabindex", "0");
  listenToTimeline(scroll);
}

const trackWidth = () => Math.max(50, byId("lanes").clientWidth - byId("lanes").querySelector(".label").offsetWidth) * view.zoom;

// `x` is the place that stays where it is, in pixels from the left of what is seen; the middle where nothing is said.
function zoomTo(zoom, x) {
  const scroll = byId("lanes");
  const label = scroll.querySelector(".label").offsetWidth;
  const at = x ?? (scroll.clientWidth + label) / 2;
  const where = (scroll.scrollLeft + at - label) / trackWidth();
  view.zoom = Math.min(MOST_ZOOM, Math.max(1, zoom));
  scroll.dataset.zoom = String(Math.round(view.zoom * 100) / 100);
  scroll.style.setProperty("--track", `${trackWidth()}px`);
  scroll.scrollLeft = where * trackWidth() + label - at;
  showTicks();
}

function showTicks() {
  const scroll = byId("lanes");
  const width = trackWidth();
  const wanted = total / (width / 90);
  const unit = 10 ** Math.floor(Math.log10(wanted));
  const step = Math.max(1, [1, 2, 5, 10].map((by) => by * unit).find((by) => by >= wanted));
  const from = Math.floor(((scroll.scrollLeft - 200) / width) * total / step) * step;
  const to = ((scroll.scrollLeft + scroll.clientWidth + 200) / width) * total;
  const ticks = [];
  for (let at = Math.max(0, from); at <= Math.min(to, total); at += step) {
    const tick = make("span", { class: "tick" }, step >= 1e6 ? `${Math.round(at / 1e6)} s` : step >= 1000 ? `${(at / 1e6).toFixed(step >= 1e5 ? 1 : step >= 1e4 ? 2 : 3)} s` : `${(at / 1000).toFixed(3)} ms`);
    tick.style.left = part(at);
    ticks.push(tick);
  }
  byId("ticks").replaceChildren(...ticks);
}

// Attempts in the neighbourhood of one light up.
function choose(one) {
  if (view.lit === one && one) return;
  view.lit = one;
  const inner = byId("lanes")?.firstChild;
  for (const box of inner?.querySelectorAll(".chosen, .beside, .before") ?? []) box.classList.remove("chosen", "beside", "before");
  inner?.classList.toggle("lit", one !== undefined);
  const about = byId("about");
  if (!one) return void (about.textContent = "Who ran beside an attempt, and what before it in its slot, lights up when it is pointed at or reached with the keyboard.");
  one.box?.classList.add("chosen");
  for (const other of beside(one)) other.box?.classList.add("beside");
  before(one)?.box?.classList.add("before");
  about.replaceChildren(make("a", { href: testLink(one.test, one) }, one.test.name), ...neighbourhood(one, true));
}

function focusBox(one) {
  for (const box of byId("lanes").querySelectorAll('.box[tabindex="0"]')) box.setAttribute("tabindex", "-1");
  one.box.setAttribute("tabindex", "0");
  bring(one);
  one.box.focus({ preventScroll: true });
}

function bring(one) {
  const scroll = byId("lanes");
  const label = scroll.querySelector(".label").offsetWidth;
  const [left, right] = [one.from, one.until].map((us) => (us / total) * trackWidth());
  const seen = scroll.clientWidth - label;
  if (left < scroll.scrollLeft || right > scroll.scrollLeft + seen) scroll.scrollLeft = (left + right) / 2 - seen / 2;
}

function neighbour(one, key) {
  const boxed = attempts.filter((other) => other.box);
  const own = boxed.filter((other) => other.slot === one.slot).sort((a, b) => a.from - b.from);
  if (key === "ArrowRight") return own[own.indexOf(one) + 1];
  if (key === "ArrowLeft") return own[own.indexOf(one) - 1];
  const slots = [...new Set(boxed.map(({ slot }) => slot))].sort((a, b) => a - b);
  const slot = slots[slots.indexOf(one.slot) + (key === "ArrowDown" ? 1 : -1)];
  const middle = (other) => Math.abs((other.from + other.until) / 2 - (one.from + one.until) / 2);
  return boxed.filter((other) => other.slot === slot).sort((a, b) => middle(a) - middle(b))[0];
}

function listenToTimeline(scroll) {
  const fromLeft = (x) => x - scroll.getBoundingClientRect().left;
  const chosenOf = (event) => event.target.closest?.(".box")?.attempt;
  scroll.addEventListener("scroll", showTicks, { passive: true });
  scroll.addEventListener("focusin", (event) => { const one = chosenOf(event); if (one) { choose(one); tipAt(one.box, attemptWords(one)); } });
  scroll.addEventListener("focusout", () => { hideTip(); choose(view.chosen); });
  scroll.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const zoom = { "+": view.zoom * 2, "=": view.zoom * 2, "-": view.zoom / 2, 0: 1 }[event.key];
    const one = chosenOf(event);
    if (zoom) zoomTo(zoom, one ? fromLeft(one.box.getBoundingClientRect().left) : undefined);
    else if (one && event.key.startsWith("Arrow")) { const next = neighbour(one, event.key); if (next) focusBox(next); }
    else return;
    event.preventDefault();
  });
  scroll.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey) return;
    event.preventDefault();
    zoomTo(view.zoom * Math.exp(-event.deltaY / 200), fromLeft(event.clientX));
  }, { passive: false });
  let drag;
  scroll.addEventListener("pointerdown", (event) => { if (event.pointerType === "mouse" && event.button === 0) drag = { x: event.clientX, left: scroll.scrollLeft, far: false }; });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const by = event.clientX - drag.x;
    drag.far ||= Math.abs(by) > 4;
    if (drag.far) scroll.scrollLeft = drag.left - by;
  });
  addEventListener("pointerup", () => { const was = drag; drag = undefined; if (was?.far) view.dragged = performance.now(); });
  // The end of a drag is no click.
  scroll.addEventListener("click", (event) => { if (performance.now() - (view.dragged ?? -1000) < 50) event.preventDefault(); }, true);
  let pinch;
  const spread = ([one, other]) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  scroll.addEventListener("touchstart", ({ touches }) => { pinch = touches.length === 2 ? { spread: spread(touches), zoom: view.zoom } : undefined; }, { passive: true });
  scroll.addEventListener("touchmove", (event) => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    zoomTo((pinch.zoom * spread(event.touches)) / pinch.spread, fromLeft((event.touches[0].clientX + event.touches[1].clientX) / 2));
  }, { passive: false });
  scroll.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    const one = chosenOf(event);
    choose(one ?? view.chosen);
    const words = one ? attemptWords(one) : event.target.words ?? event.target.closest(".track")?.words;
    if (words) tipAt(event.target, words, event.clientX);
    else hideTip();
  });
  scroll.addEventListener("pointerleave", () => { hideTip(); choose(view.chosen); });
}

function tipAt(element, words, x) {
  const tip = byId("tip");
  tip.textContent = plain(words);
  tip.hidden = false;
  const box = element.getBoundingClientRect();
  const left = (x ?? Math.max(box.left, 0)) + 8;
  tip.style.left = `${Math.max(8, Math.min(left, innerWidth - tip.offsetWidth - 8))}px`;
  const below = box.bottom + 6;
  tip.style.top = `${below + tip.offsetHeight > innerHeight ? box.top - tip.offsetHeight - 6 : below}px`;
}

function hideTip() {
  byId("tip").hidden = true;
}

function showTimeline() {
  if (!view.built) buildTimeline();
  view.built = true;
  if (!byId("lanes")) return;
  const test = state.test !== undefined ? testNamed(state.test) : undefined;
  view.chosen = test?.attempts.find(({ number }) => number === state.attempt) ?? test?.last;
  zoomTo(view.zoom);
  choose(view.chosen);
  if (view.chosen?.box) {
    byId("lanes").querySelector('.box[tabindex="0"]')?.setAttribute("tabindex", "-1");
    view.chosen.box.setAttribute("tabindex", "0");
    bring(view.chosen);
  }
}
addEventListener("resize", () => { if (!byId("timeline").hidden && byId("lanes")) zoomTo(view.zoom); });
