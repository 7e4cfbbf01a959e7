// The pictures of an attempt on one clock: they run, or one of them is looked at.

// More small pictures than these nobody looks through, and a browser has to hold each.
const MOST_SMALL = 60;
const MOST_PAGES = 4;

function readFilm(records) {
  const film = { begun: records.find((record) => record.is === "begun") ?? {}, over: records.find((record) => record.is === "over"), pages: new Map(), actions: new Map(), isCut: false };
  for (const record of records) {
    const at = record.at_us / 1000;
    if (record.is === "page") film.pages.set(record.page, { label: record.label, pictures: [] });
    else if (record.is === "picture") film.pages.get(record.page)?.pictures.push({ at, data: record.data });
    else if (record.is === "action") film.actions.set(record.id, { at, what: record.what, ended: undefined, error: undefined });
    else if (record.is === "ended") Object.assign(film.actions.get(record.id) ?? {}, { ended: at, error: record.error });
    else if (record.is === "left_out") film.isCut = true;
  }
  film.duration = Math.max(1, ...records.map((record) => record.at_us / 1000));
  const seen = [...film.pages.values()].filter((page) => page.pictures.length);
  // How somebody signed in is looked at where there is nothing else.
  const own = seen.filter((page) => !page.label.endsWith(", signing in"));
  film.shown = (own.length ? own : seen).slice(0, MOST_PAGES);
  film.actions = [...film.actions.values()];
  return film;
}

const film = readFilm(JSON.parse(byId("records").textContent));
const address = ({ data }) => `data:image/jpeg;base64,${data}`;
const at = byId("at");
// Where it runs: when it was begun, at which place of the film.
let running;

function showHead() {
  const { test, attempt, started } = film.begun;
  const name = test ?? "Film";
  document.title = `${name} – film`;
  byId("test").textContent = plain(name);
  const outcome = !film.over ? "not ended" : film.over.problem ? "did not pass" : "passed";
  byId("outcome").textContent = outcome;
  byId("outcome").className = outcome.replaceAll(" ", "-");
  const count = film.shown.reduce((sum, page) => sum + page.pictures.length, 0);
  const facts = [`attempt ${attempt ?? "?"}`, started ? new Date(started).toLocaleString() : "", seconds(film.duration), `${count} pictures`];
  if (film.isCut) facts.push("its end is left out, to stay small");
  byId("facts").textContent = facts.filter(Boolean).join(" · ");
}

function showStage() {
  for (const page of film.shown) {
    page.image = make("img", { alt: `What the page of ${plain(page.label)} looked like` });
    byId("stage").append(make("figure", {}, make("div", { class: "frame" }, page.image), film.shown.length > 1 ? make("figcaption", {}, page.label) : undefined));
  }
  if (!film.shown.length) byId("stage").append(empty("No picture was taken."));
}

function showSmall() {
  const all = film.shown.flatMap((page) => page.pictures.map((picture) => ({ ...picture, page }))).sort((one, other) => one.at - other.at);
  const step = Math.max(1, all.length / MOST_SMALL);
  for (let index = 0; index < all.length; index += step) {
    const picture = all[Math.floor(index)];
    const label = film.shown.length > 1 ? `${picture.page.label} at ${clock(picture.at)}` : `At ${clock(picture.at)}`;
    byId("film").append(make("button", { type: "button", "aria-label": label, "data-at": picture.at, onclick: () => { stop(); show(picture.at); } },
      make("img", { src: address(picture), alt: "" }), clock(picture.at)));
  }
}

function show(time) {
  at.value = time;
  byId("clock").textContent = `${clock(time)} of ${clock(film.duration)}`;
  for (const page of film.shown) {
    const picture = page.pictures.findLast((one) => one.at <= time) ?? page.pictures[0];
    if (page.now !== picture) page.image.src = address(picture);
    page.now = picture;
  }
  const action = film.actions.findLast((one) => one.at <= time);
  const failed = action?.error !== undefined && time >= action.ended;
  byId("caption").textContent = action ? plain(failed ? action.error.split("\n")[0] : action.what) : "";
  byId("caption").className = failed ? "bad" : "";
  const small = [...byId("film").children];
  const current = small.findLast((one) => Number(one.dataset.at) <= time) ?? small[0];
  for (const one of small) {
    if (one === current) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

const speed = () => Number(byId("speed").value);

function step(now) {
  if (!running) return;
  const time = Math.min(film.duration, running.from + (now - running.since) * speed());
  show(time);
  if (time >= film.duration) return stop();
  requestAnimationFrame(step);
}

function play() {
  // From its beginning, where it is at its end.
  const from = Number(at.value) >= Math.floor(film.duration) ? 0 : Number(at.value);
  running = { from, since: performance.now() };
  byId("play").textContent = "Pause";
  requestAnimationFrame(step);
}

function stop() {
  running = undefined;
  byId("play").textContent = "Play";
}

showHead();
showStage();
showSmall();
at.max = Math.ceil(film.duration);
byId("play").addEventListener("click", () => (running ? stop() : play()));
byId("speed").addEventListener("change", () => running && play());
at.addEventListener("input", () => { stop(); show(Number(at.value)); });
addEventListener("keydown", (event) => {
  if (event.key !== " " || event.target.closest("button, select")) return;
  event.preventDefault();
  byId("play").click();
});
// How it ended is what is looked for.
show(film.duration);
