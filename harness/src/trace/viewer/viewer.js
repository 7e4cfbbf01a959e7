// What is chosen, and how it is shown.

const trace = readTrace(JSON.parse(byId("records").textContent), JSON.parse(byId("sources").textContent));
// In a snapshot nothing is loaded and nothing runs, whatever the page was.
const RULES = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
const MARKS = `<style>
[data-callboard-target] { outline: 3px solid #e8590c !important; outline-offset: 2px !important; }
img[data-callboard-src]:not([src]) { background: repeating-linear-gradient(45deg, #8883 0 6px, #8881 6px 12px); }
*, *::before, *::after { animation-play-state: paused !important; transition: none !important; caret-color: transparent !important; }
</style>`;

const chosen = { action: undefined, when: "after", tab: "Call" };

function showHead() {
  const { test, attempt, started } = trace.begun;
  const name = test ?? "Trace";
  document.title = `${name} – trace`;
  byId("test").textContent = name;
  const outcome = !trace.over ? "not ended" : trace.over.problem ? "did not pass" : "passed";
  byId("outcome").textContent = outcome;
  byId("outcome").className = outcome.replaceAll(" ", "-");
  const facts = [`attempt ${attempt ?? "?"}`, started ? new Date(started).toLocaleString() : "", seconds(trace.duration), `${trace.actions.length} actions`];
  if (trace.leftOut.length) facts.push(`left out, to stay small: ${trace.leftOut.join(", ")}`);
  byId("facts").textContent = facts.filter(Boolean).join(" · ");
}

function showList() {
  const list = byId("list");
  let [steps, page] = ["", undefined];
  for (const [index, action] of trace.actions.entries()) {
    if (trace.pages.size > 1 && action.page !== page) list.append(make("li", { class: "page" }, trace.pages.get(action.page) ?? ""));
    page = action.page;
    const path = action.steps.join(" › ");
    if (path !== steps && path) list.append(make("li", { class: "step" }, path));
    steps = path;
    const bad = action.error !== undefined || action.ended === undefined;
    list.append(
      make("li", {},
        make("button", { type: "button", class: `${action.kind}${bad ? " bad" : ""}`, "data-index": index, tabindex: "-1", onclick: () => choose(index) },
          make("span", { class: "what" }, action.what),
          make("span", { class: "took" }, action.ended === undefined ? "…" : `${seconds(action.ended - action.at)}${action.times > 1 ? ` ×${action.times}` : ""}`))),
    );
  }
  list.addEventListener("keydown", (event) => {
    const last = trace.actions.length - 1;
    const to = { ArrowDown: chosen.action + 1, ArrowUp: chosen.action - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    choose(Math.min(Math.max(to, 0), last), true);
    event.preventDefault();
  });
}

function showFilm() {
  const film = byId("film");
  const seen = [...trace.pages.keys()].filter((page) => trace.pictures.some((one) => one.page === page));
  // How somebody signed in is looked at where there is nothing else.
  const own = seen.filter((page) => !trace.pages.get(page).endsWith(", signing in"));
  const pages = (own.length ? own : seen).slice(0, 3);
  film.replaceChildren();
  film.hidden = pages.length === 0;
  const width = film.clientWidth || 1;
  const count = Math.max(1, Math.floor(width / 124));
  for (const page of pages) {
    const row = make("div", { class: "row" });
    for (let index = 0; index < count; index += 1) {
      const at = ((index + 0.5) / count) * trace.duration;
      const picture = lastUntil(trace.pictures, page, at);
      const image = picture ? make("img", { src: `data:image/jpeg;base64,${picture.data}`, alt: "" }) : make("span");
      row.append(make("button", { type: "button", tabindex: "-1", "aria-label": `${trace.pages.get(page)} at ${clock(at)}`, onclick: () => chooseAt(page, at) }, image));
    }
    film.append(row);
  }
  film.append(make("div", { class: "range" }));
  showRange();
}

function showRange() {
  const range = document.querySelector("#film .range");
  const action = trace.actions[chosen.action];
  if (!range || !action) return;
  range.style.left = `${(action.at / trace.duration) * 100}%`;
  range.style.width = `${(((action.ended ?? trace.duration) - action.at) / trace.duration) * 100}%`;
}

function chooseAt(page, at) {
  const index = trace.actions.findLastIndex((action) => action.page === page && action.at <= at);
  choose(Math.max(0, index));
}

function choose(index, focus) {
  chosen.action = index;
  for (const button of document.querySelectorAll("#list button")) {
    const isIt = Number(button.dataset.index) === index;
    button.tabIndex = isIt ? 0 : -1;
    if (isIt) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
    if (!isIt) continue;
    button.scrollIntoView({ block: "nearest" });
    if (focus) button.focus();
  }
  showRange();
  showSnapshot();
  showPanel();
}

function fit(frame, { width, height }) {
  const view = byId("view");
  const scale = Math.min(view.clientWidth / width, view.clientHeight / height, 1);
  Object.assign(frame.style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})` });
  frame.style.left = `${Math.max(0, (view.clientWidth - width * scale) / 2)}px`;
}

const unescaped = (text) => text.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// With the images that are known.
function withImages(text) {
  return text.replace(/ data-callboard-src="([^"]*)"/g, (all, address) => {
    const image = trace.images.get(unescaped(address));
    return image ? ` src="${image}"` : all;
  });
}

// What is marked in a snapshot that was taken before the next action is that one's element.
const isOwn = (snapshot, action) => action.error !== undefined && snapshot.at >= action.ended && snapshot.at < action.ended + 50;

function scrolled(inner) {
  for (const element of inner.querySelectorAll("[data-callboard-scroll]")) {
    const [x, y] = element.dataset.callboardScroll.split(",").map(Number);
    element.scrollTo({ left: x, top: y, behavior: "instant" });
  }
}

function showSnapshot() {
  const action = trace.actions[chosen.action];
  const view = byId("view");
  view.replaceChildren();
  byId("address").textContent = "";
  if (!action) return view.append(empty("There is nothing to look at."));
  const snapshot = chosen.when === "picture" ? undefined : snapshotOf(trace, action, chosen.when);
  const text = snapshot && documentOf(trace, snapshot);
  if (text !== undefined) {
    byId("address").textContent = `${snapshot.url} · ${clock(snapshot.at)}`;
    const frame = make("iframe", { sandbox: "allow-same-origin", title: `The page ${chosen.when} it`, tabindex: "-1" });
    const [, doctype, rest] = /^(<!doctype html>)?([^]*)$/.exec(text);
    frame.addEventListener("load", () => {
      if (frame.contentDocument) scrolled(frame.contentDocument);
      frame.dataset.loaded = "";
    });
    frame.srcdoc = `${doctype ?? ""}<meta http-equiv="Content-Security-Policy" content="${RULES}">${MARKS}${withImages(chosen.when === "after" && !isOwn(snapshot, action) ? rest.replaceAll(' data-callboard-target=""', "") : rest)}`;
    view.append(frame);
    return fit(frame, snapshot);
  }
  const picture = pictureOf(trace, action, chosen.when === "before" ? "before" : "after");
  if (!picture) return view.append(empty("There is no snapshot of this moment."));
  byId("address").textContent = `picture of ${clock(picture.at)}`;
  view.append(make("img", { class: "picture", src: `data:image/jpeg;base64,${picture.data}`, alt: "What the page looked like" }));
}

function showPanel() {
  const action = trace.actions[chosen.action];
  const panel = byId("panel");
  panel.replaceChildren(PANES[chosen.tab](trace, action));
  panel.setAttribute("aria-label", chosen.tab);
  const now = panel.querySelector(".now");
  // Only the panel moves, not the page around it.
  if (now) panel.scrollTop = Math.max(0, now.offsetTop - panel.clientHeight / 3);
  else panel.scrollTop = 0;
}

showHead();
showList();
tabs(byId("when"), ["before", "after", "picture"], chosen.when, (name) => { chosen.when = name; showSnapshot(); }, (name) => ({ before: "Before", after: "After", picture: "Picture" })[name]);
tabs(byId("tabs"), Object.keys(PANES), chosen.tab, (name) => { chosen.tab = name; showPanel(); }, (name) => {
  const count = COUNTS[name]?.(trace);
  return count ? `${name} ${count}` : name;
});
showFilm();
// What went wrong is what is looked for; otherwise how it ended.
const wrong = trace.actions.findLastIndex((action) => action.error !== undefined || action.ended === undefined);
choose(wrong >= 0 && (trace.over?.problem || !trace.over) ? wrong : trace.actions.length - 1);
addEventListener("resize", () => { showFilm(); showSnapshot(); });
