// What the tabs below show.

// Whether something happened while an action went on.
const isWithin = (at, action) => action && at >= action.at - 1 && at <= (action.ended ?? Infinity) + 1;

function lines(entries, action, none) {
  if (entries.length === 0) return empty(none);
  const list = make("ol", { class: "lines" });
  for (const { at, kind, text, place } of entries) {
    const now = isWithin(at, action);
    list.append(
      make("li", { class: `${kind ?? ""}${now ? " now" : ""}` },
        make("time", {}, clock(at)),
        kind ? make("span", { class: "kind" }, kind) : undefined,
        make("pre", {}, text),
        place ? make("span", { class: "place" }, place) : undefined),
    );
  }
  return list;
}

const headers = (title, pairs) =>
  pairs.length ? make("details", { open: true }, make("summary", {}, title), facts(pairs)) : undefined;

function body(title, text, isBase64) {
  if (!text) return undefined;
  return make("details", { open: true }, make("summary", {}, title), make("pre", {}, isBase64 ? "no text" : text));
}

function exchange(one, action) {
  const { method, url, status, resource, failure, at, ended_us: ended, bytes } = one;
  const bad = failure || status >= 400;
  const took = ended === undefined ? "not ended" : seconds(ended / 1000 - at);
  let path = url;
  try {
    const address = new URL(url);
    path = address.pathname + address.search;
  } catch {}
  return make("details", { class: `exchange${bad ? " bad" : ""}${isWithin(at, action) ? " now" : ""}` },
    make("summary", {},
      make("time", {}, clock(at)), make("span", { class: "method" }, method), make("span", { class: "path", title: url }, path),
      make("span", { class: "status" }, failure ? "failed" : String(status ?? "…")),
      make("span", { class: "resource" }, resource.toLowerCase()), make("span", {}, took), make("span", {}, size(bytes))),
    facts([["Address", url], ["Failure", failure], ["Media type", one.mime], ["From the cache", one.from_cache ? "yes" : undefined], ["Routed", one.routed]]),
    headers("Headers of the request", one.request_headers), body("Body of the request", one.request_body),
    headers("Headers of the response", one.response_headers), body("Body of the response", one.body, one.is_base64));
}

const PANES = {
  Call: (trace, action) => {
    if (!action) return empty("No action was recorded.");
    const took = action.ended === undefined ? "it did not end" : seconds(action.ended - action.at);
    return make("div", {},
      action.error ? make("pre", { class: "error" }, action.error) : undefined,
      facts([
        ["What", action.what], ["Kind", action.kind], ["Page", trace.pages.get(action.page) ?? String(action.page)],
        ["In step", action.steps.join(" › ")], ["Began", clock(action.at)], ["Took", took],
        ["In a row", action.times > 1 ? `${action.times} times` : undefined],
        ["Source", action.file ? `${action.file}:${action.line}` : undefined],
      ]));
  },
  Log: (trace, action) => {
    const entries = [
      ...trace.actions.map(({ at, kind, what, times }) => ({ at, kind, text: times > 1 ? `${what} (${times} times)` : what })),
      ...trace.actions.filter(({ error }) => error).map(({ ended, error }) => ({ at: ended, kind: "error", text: error })),
      ...trace.console.map(({ at, level, text }) => ({ at, kind: level, text })),
      ...trace.exchanges.map(({ at, method, url, status, failure }) => ({ at, kind: "network", text: `${method} ${url} ${failure ?? status ?? ""}` })),
      ...trace.log.map(({ at, text }) => ({ at, kind: "server", text })),
      ...trace.mail.map(({ at, subject }) => ({ at, kind: "mail", text: subject })),
    ];
    entries.sort((one, other) => one.at - other.at);
    return lines(entries, action, "Nothing was recorded.");
  },
  Console: (trace, action) =>
    lines(trace.console.map(({ at, level, text, place }) => ({ at, kind: level, text, place })), action, "The console stayed empty."),
  Network: (trace, action) => {
    if (trace.exchanges.length === 0) return empty("No request was recorded.");
    return make("div", { class: "network" }, ...trace.exchanges.map((one) => exchange(one, action)));
  },
  Server: (trace, action) => lines(trace.log, action, "The application logged nothing."),
  Mail: (trace, action) => {
    const entries = trace.mail.map(({ at, from, to, subject, text }) => ({
      at, text: `From: ${from}\nTo: ${to.join(", ")}\nSubject: ${subject}\n\n${text}`,
    }));
    return lines(entries, action, "No mail came in.");
  },
  Source: (trace, action) => {
    const text = action?.file && trace.sources[action.file];
    if (!text) return empty(action?.file ? `${action.file}:${action.line} was not found when the trace was made.` : "No place in the source is known of this.");
    const code = make("ol", { class: "source" });
    text.split("\n").forEach((line, index) => {
      const isHere = index + 1 === action.line;
      code.append(make("li", { class: isHere ? "now" : undefined, "aria-current": isHere ? "true" : undefined }, make("code", {}, line || " ")));
    });
    return make("div", {}, make("p", { class: "place" }, `${action.file}:${action.line}`), code);
  },
};

// How many entries of a tab there are.
const COUNTS = {
  Console: (trace) => trace.console.length,
  Network: (trace) => trace.exchanges.length,
  Mail: (trace) => trace.mail.length,
};
