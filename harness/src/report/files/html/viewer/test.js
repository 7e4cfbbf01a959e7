// All that is known of one test.

// The colours of a terminal say nothing here.
const withoutColours = (text) => text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, "");
const place = ({ file, line, column }) => `${file}:${line}:${column}`;

function copyButton(label, text) {
  const button = make("button", { type: "button", class: "plain copy", "aria-label": `Copy ${label}` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      // Where there is no clipboard, what would be copied is marked.
      const shown = button.parentElement.querySelector("code, pre");
      if (shown) getSelection().selectAllChildren(shown);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  return button;
}

function section(title, note, ...content) {
  if (!content.some(Boolean)) return undefined;
  return make("section", { class: "part" }, make("h3", {}, title, note ? make("span", { class: "quiet" }, ` ${note}`) : undefined), ...content);
}

const joined = (items) => items.flatMap((item, index) => (index ? [index === items.length - 1 ? " and " : ", ", item] : [item]));

// "ran in slot 3 as …, worker 2, after …, beside …"
function neighbourhood(one, isShort) {
  if (one.slot === undefined) return [" had no slot"];
  const linked = (other) => make("a", { href: testLink(other.test, other) }, other.test.short, other.test.attempts.length > 1 ? ` (attempt ${other.number})` : "");
  const words = [isShort ? ` ${wordOf(one.standing)} in slot ${slotName(one.slot)}` : `Ran in slot ${slotName(one.slot)}`];
  if (one.companions?.length) words.push(` with accounts of slot${one.companions.length > 1 ? "s" : ""} ${one.companions.map(slotName).join(", ")}`);
  if (!isShort && one.accounts?.length) words.push(" as ", ...joined(one.accounts.map((account) => make("b", {}, account))));
  if (!isShort && one.worker !== undefined) words.push(`, worker ${one.worker}`);
  words.push(`, from ${moment(one.from)} for ${ms(one.until - one.from)}`);
  const last = before(one);
  words.push(", ", ...(last ? ["after ", linked(last), last.test.problem && !["passed", "skipped"].includes(last.standing) ? ` (${wordOf(last.standing)})` : ""] : ["the first of its slot"]));
  const others = beside(one).sort((a, b) => b.until - b.from - (a.until - a.from));
  const most = isShort ? 3 : 12;
  if (others.length) {
    const shown = others.slice(0, most).map(linked);
    words.push(", beside ", ...joined(others.length > most ? [...shown, `${others.length - most} more`] : shown));
  } else words.push(", alone");
  return [...words, "."];
}

function problemOf(one) {
  const { problem } = one;
  if (!problem) return undefined;
  const { message, location, steps = [] } = problem;
  const excerpt = location && data.sources[`${location.file}:${location.line}`];
  const parts = [make("div", { class: "framed error" }, make("pre", { class: "message" }, message), copyButton("the message", message))];
  if (steps.length) parts.push(make("p", { class: "quiet" }, "in step ", ...joined(steps.map((step) => make("b", {}, step))).map((word) => (word === " and " || word === ", " ? " › " : word))));
  if (location) parts.push(make("p", { class: "framed-line" }, make("code", {}, place(location)), " ", copyButton("the place", place(location))));
  if (excerpt?.lines) {
    const code = make("ol", { class: "source", "aria-label": `Lines ${excerpt.from} to ${excerpt.from + excerpt.lines.length - 1} of ${plain(location.file)}` });
    code.style.counterReset = `line ${excerpt.from - 1}`;
    excerpt.lines.forEach((line, index) => {
      const isHere = excerpt.from + index === location.line;
      code.append(make("li", { class: isHere ? "now" : undefined, "aria-current": isHere ? "true" : undefined }, make("code", {}, line || " ")));
    });
    parts.push(code);
  } else if (excerpt) parts.push(make("p", { class: "quiet" }, `Its lines are not shown: ${excerpt.why}.`));
  return section("What happened", "", ...parts);
}

function stepsOf(one) {
  if (!one.steps?.length) return undefined;
  const MOST = 500;
  const children = new Map();
  for (const step of one.steps.slice(0, MOST)) {
    const parent = step[1] ?? undefined;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(step);
  }
  const whole = Math.max(1, one.until - one.from);
  const list = (parent, depth) => {
    const own = children.get(parent);
    if (!own || depth > 40) return undefined;
    return make("ol", { class: "steps" }, ...own.map(([id, , title, from, result, took]) => {
      const end = took ?? one.until - from;
      const bar = make("span", { class: "bar" });
      bar.style.marginLeft = `${(100 * (from - one.from)) / whole}%`;
      bar.style.width = `${(100 * end) / whole}%`;
      const word = result === "ok" ? "" : result === null ? "not ended" : result === "failed" ? "failed" : "given up";
      return make("li", {}, make("div", { class: `step ${result ?? "open"}` }, make("span", { class: "what" }, title), word ? make("span", { class: "word" }, word) : undefined,
        make("span", { class: "took" }, ms(end)), make("span", { class: "room", "aria-hidden": "true" }, bar)), list(id, depth + 1));
    }));
  };
  const more = one.steps.length > MOST ? make("p", { class: "quiet" }, `${one.steps.length - MOST} more are in events.jsonl.`) : undefined;
  return section("Steps", "", list(undefined, 0), more);
}

function picturesOf({ pictures = [] }) {
  const MOST = 40;
  const figures = pictures.slice(0, MOST).map(({ name, path, picture, bytes, missing }) => {
    const source = byId(`picture-${picture}`)?.textContent;
    const caption = make("figcaption", {}, missing ? `${name}: not there any more` : source ? fileLink(path, name) : fileLink(path, `${name} (${size(bytes)}, not part of this page)`));
    return make("figure", {}, source ? make("a", { href: linkTo(path), target: "_blank", rel: "noopener noreferrer" }, make("img", { src: source, alt: `Picture: ${plain(name)}`, loading: "lazy" })) : undefined, caption);
  });
  return section("Pictures", "", figures.length ? make("div", { class: "pictures" }, ...figures) : undefined);
}

const TITLES = { server: "Server log of this attempt", output: "What it printed", console: "Console", accessibility: "What an assistive technology sees", mail: "Mail", attachment: "Attached texts" };
// Those are open at once that are read first.
const OPEN = ["server", "output", "console"];

function textsOf({ texts = [] }, is) {
  const own = texts.filter((one) => one.is === is);
  const parts = own.map(({ name, path, bytes, text, cut = 0, missing }) => {
    const whole = missing ? make("span", { class: "quiet" }, "not there any more") : fileLink(path, `whole file, ${size(bytes)}`);
    const fromEnd = OPEN.includes(is);
    const note = cut ? make("p", { class: "quiet" }, fromEnd ? `${size(cut)} before this are only in the file.` : `${size(cut)} after this are only in the file.`) : undefined;
    const shown = text === undefined ? undefined : text === "" ? empty("It is empty.") : make("div", { class: "framed" }, make("pre", { class: "log", tabindex: "0", "aria-label": `${TITLES[is]}: ${plain(name)}` }, withoutColours(text)), copyButton(name, text));
    const content = make("details", { open: OPEN.includes(is) }, make("summary", {}, name, " ", make("span", { class: "quiet" }, "("), whole, make("span", { class: "quiet" }, ")")),
      ...(fromEnd ? [note, shown] : [shown, note]).filter(Boolean), text === undefined && !missing ? make("p", { class: "quiet" }, "There was no room for it in this page.") : undefined);
    return content;
  });
  return section(TITLES[is], "", ...parts);
}

function networkOf({ network }) {
  if (!network) return undefined;
  const { rows, path, left_out: leftOut, cut } = network;
  const isBad = ({ status, failure }) => (failure && !failure.cancelled) || status >= 400;
  const head = ["Status", "Method", "Address", "Type", "Took", "Size", "At"].map((name) => make("th", { scope: "col" }, name));
  const body = rows.map((one) => make("tr", { class: isBad(one) ? "bad" : undefined },
    make("td", {}, one.failure ? (one.failure.cancelled ? "cancelled" : "failed") : String(one.status ?? "…")), make("td", {}, one.method),
    make("td", { class: "url" }, one.url, one.failure ? make("span", { class: "first" }, one.failure.text) : undefined, one.session ? make("span", { class: "quiet" }, ` ${one.session}`) : undefined),
    make("td", {}, one.resource.toLowerCase()), make("td", {}, one.took_us === undefined ? "not ended" : ms(one.took_us)), make("td", {}, one.bytes === undefined ? "" : size(one.bytes)), make("td", {}, moment(one.at_us))));
  const notes = [leftOut ? `${leftOut} more` : "", cut ? "what came before" : ""].filter(Boolean);
  return section("Network", `${plural(rows.length + leftOut, "request")}${cut ? " at least" : ""}`,
    rows.length ? make("div", { class: "wide", role: "region", "aria-label": "Requests", tabindex: "0" }, make("table", { class: "network" }, make("caption", { class: "unseen" }, "Requests, those first that failed"), make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body))) : empty("No request is shown."),
    make("p", { class: "quiet" }, notes.length ? `${notes.join(" and ")}, headers and bodies are in `.replace(/^./, (one) => one.toUpperCase()) : "Headers and bodies are in ", fileLink(path, "network.jsonl"), "."));
}

const KINDS = { exception: "exception", rejection: "unhandled rejection", console: "console.error", request_failed: "failed request", http_error: "HTTP error", crash: "crash" };

function pageProblemsOf({ pages = [] }) {
  const items = pages.map(({ kind, text, page, source, stack = [], request, times, at_us: at }) => make("li", {},
    make("p", {}, make("b", {}, KINDS[kind] ?? kind), times > 1 ? ` ${times} times` : "", make("span", { class: "quiet" }, ` after ${moment(at)} on ${page}`)),
    make("pre", {}, text), request ? make("p", { class: "quiet" }, `${request.method} ${request.url} ${request.status ?? ""}`) : undefined,
    source ? make("p", { class: "quiet" }, `at ${source.url}:${source.line}:${source.column}`) : undefined,
    stack.length ? make("details", {}, make("summary", {}, "Stack"), make("pre", {}, stack.join("\n"))) : undefined));
  return section("Errors on pages", "", items.length ? make("ul", { class: "page-problems" }, ...items) : undefined);
}

function filesOf({ files = [] }) {
  const WORDS = { page: "the page's document", film: "the film of the attempt", attachment: "attached", file: "" };
  const items = files.map(({ is, name, path, bytes, missing }) => make("li", {}, missing ? `${name}: not there any more` : fileLink(path, name), make("span", { class: "quiet" }, ` ${WORDS[is]} ${missing ? "" : size(bytes)}`)));
  return section("Files", "", items.length ? make("ul", {}, ...items) : undefined);
}

function attemptPanel(one) {
  const left = one.kept ?? {};
  const again = one.again ? section("Run it again", "in the same place", make("div", { class: "framed" }, make("pre", {}, make("code", {}, one.again)), copyButton("the command", one.again))) : undefined;
  const trace = left.trace ? make("p", {}, fileLink(left.trace, "Open the trace", { class: "button" })) : undefined;
  const ran = make("p", { class: "ran" }, ...neighbourhood(one), " ", one.slot === undefined ? undefined : make("a", { href: hashOf({ view: "timeline", test: one.test.name, attempt: one.number }) }, "See it in the timeline"));
  const parts = [trace, problemOf(one), ran, picturesOf(left), stepsOf(one), pageProblemsOf(one), textsOf(left, "console"), networkOf(left), textsOf(left, "server"), textsOf(left, "output"),
    textsOf(left, "mail"), textsOf(left, "accessibility"), textsOf(left, "attachment"), filesOf(left), again];
  const quiet = !one.kept && !one.problem && !one.steps?.length && ["passed", "skipped"].includes(one.standing) ? make("p", { class: "quiet" }, "It left nothing: what tests leave is kept of those that did not pass.") : undefined;
  return [...parts, quiet].filter(Boolean);
}

function showTest(name, number) {
  const holder = byId("test");
  const test = testNamed(name);
  const back = make("p", { class: "back" }, make("a", { href: hashOf({ ...listState, test: undefined, attempt: undefined }) }, "← All tests"));
  if (!test) {
    holder.replaceChildren(back, make("h2", { tabindex: "-1" }, "There is no such test in this run"), make("p", {}, name));
    return;
  }
  const at = shownTests.indexOf(test);
  const step = (to, label) => (shownTests[to] ? make("a", { href: testLink(shownTests[to]), title: plain(shownTests[to].name), rel: label === "Next" ? "next" : "prev" }, label) : undefined);
  if (at >= 0) back.append(make("span", { class: "steps-of-list" }, step(at - 1, "Previous"), " ", step(at + 1, "Next")));
  const labels = [...test.roles.map((role) => ["role", role]), ...test.tags.map((tag) => ["tag", tag])];
  const title = make("h2", { tabindex: "-1" }, make("bdi", {}, test.name));
  const head = make("div", { class: "test-head" }, title, copyButton("the name", test.name));
  const about = make("p", { class: "test-facts" }, badge(test.standing), " ", test.took === undefined ? "" : ms(test.took), " ",
    ...labels.map(([kind, label]) => make("a", { class: `label ${kind}`, href: hashOf({ q: `${kind}:${/\s/.test(label) ? `"${label}"` : label}` }) }, label)),
    test.location ? make("code", { class: "quiet" }, place(test.location)) : undefined);
  const said = sinceOf(test);
  const since = said && make("p", { class: "since" }, said);
  const why = test.reason ? section("Why it was skipped", "", make("p", {}, test.reason)) : test.fixme !== undefined ? section("Why it is expected to fail", "", make("p", {}, test.fixme)) : undefined;
  const tried = test.tried ? section("Tried once more, alone", "", make("p", {}, test.tried)) : undefined;
  const none = test.attempts.length ? undefined : empty(test.standing === "skipped" ? "It was not executed." : "It did not run: the run came to its end before.");
  const panel = make("div", { id: "attempt" });
  const chosen = test.attempts.find((one) => one.number === number) ?? (test.standing === "flaky" && number === undefined ? test.attempts.find((one) => one.problem) : undefined) ?? test.last;
  const several = test.attempts.length > 1;
  const list = several ? make("div", { role: "tablist", "aria-label": "Attempts" }) : undefined;
  const show = (one) => panel.replaceChildren(...attemptPanel(one));
  if (several) {
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("tabindex", "0");
    const byNumber = (of) => test.attempts.find((one) => String(one.number) === of);
    tabs(list, test.attempts.map((one) => String(one.number)), String(chosen.number), (of) => {
      show(byNumber(of));
      panel.setAttribute("aria-label", `Attempt ${of}`);
      history.replaceState(null, "", hashOf({ test: test.name, attempt: Number(of) }));
      shownHash = location.hash;
      state = stateOf(shownHash);
    }, (of) => `Attempt ${of}: ${wordOf(byNumber(of).standing)}`, "attempt");
    panel.setAttribute("aria-label", `Attempt ${chosen.number}`);
  }
  if (chosen) show(chosen);
  holder.replaceChildren(...[back, head, about, since, why, tried, none, list, chosen ? panel : undefined, historyOf(test)].filter(Boolean));
  if (roving !== test && shownTests.includes(test)) rove(test);
}
