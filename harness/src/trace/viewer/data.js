// From records to what is shown: actions with their times, documents, pictures, and what went on beside them.

function readTrace(records, sources) {
  const trace = {
    begun: records.find((record) => record.is === "begun") ?? {},
    over: records.find((record) => record.is === "over"),
    pages: new Map(),
    actions: [],
    snapshots: [],
    pictures: [],
    console: [],
    exchanges: new Map(),
    log: [],
    mail: [],
    leftOut: [],
    sources,
  };
  const actions = new Map();
  for (const record of records) {
    const at = record.at_us / 1000;
    switch (record.is) {
      case "page":
        trace.pages.set(record.page, record.label);
        break;
      case "action": {
        const action = { ...record, at, steps: record.steps ?? [], ended: undefined, times: 1 };
        actions.set(record.id, action);
        trace.actions.push(action);
        break;
      }
      case "ended": {
        const action = actions.get(record.id);
        if (action) Object.assign(action, { ended: at, error: record.error, times: record.times });
        break;
      }
      case "snapshot":
        trace.snapshots.push({ ...record, at });
        break;
      case "picture":
        trace.pictures.push({ ...record, at });
        break;
      case "console":
        trace.console.push({ ...record, at });
        break;
      case "exchange":
        trace.exchanges.set(record.id, { ...record, at: record.began_us / 1000 });
        break;
      case "log":
        trace.log.push({ ...record, at });
        break;
      case "mail":
        trace.mail.push({ ...record, at });
        break;
      case "left_out":
        trace.leftOut.push(record.what);
        break;
    }
  }
  for (const list of [trace.snapshots, trace.mail, trace.console]) list.sort((one, other) => one.at - other.at);
  trace.exchanges = [...trace.exchanges.values()].sort((one, other) => one.at - other.at);
  trace.duration = Math.max(1, ...records.map((record) => record.at_us / 1000));
  trace.images = new Map();
  for (const { url, mime, body, is_base64: isBase64 } of trace.exchanges) {
    if (!body || !/^(image|font)\//.test(mime)) continue;
    const data = isBase64 ? `;base64,${body}` : `;charset=utf-8,${encodeURIComponent(body)}`;
    trace.images.set(url, `data:${mime}${data}`);
  }
  trace.documents = new Map();
  return trace;
}

// The document of a snapshot: what was different, put together. Some are kept, so that none is far from one that is.
function documentOf(trace, snapshot) {
  const chain = [];
  let at = snapshot;
  let text;
  while (at) {
    text = trace.documents.get(at);
    if (text !== undefined) break;
    chain.push(at);
    const { page, cut } = at;
    if (cut.base === undefined) break;
    at = trace.snapshots.find((other) => other.page === page && other.number === cut.base);
    if (!at) return undefined;
  }
  text ??= "";
  for (const [index, part] of chain.reverse().entries()) {
    const { base, before, text: middle, after } = part.cut;
    text = base === undefined ? middle : text.slice(0, before) + middle + text.slice(text.length - after);
    if (index % 16 === 15) trace.documents.set(part, text);
  }
  trace.documents.set(snapshot, text);
  return text;
}

// The last one of a page until a moment; the first one from a moment on.
const lastUntil = (list, page, at) => list.findLast((one) => one.page === page && one.at <= at);
const firstFrom = (list, page, at) => list.find((one) => one.page === page && one.at >= at);

function snapshotOf(trace, action, when) {
  const { page, at, ended } = action;
  if (when === "before") return lastUntil(trace.snapshots, page, at);
  if (ended === undefined) return trace.snapshots.findLast((one) => one.page === page);
  const after = firstFrom(trace.snapshots, page, ended);
  // What is read changes nothing, so that there may be none until the next action.
  const next = trace.actions.find((other) => other.page === page && other.at > action.at);
  if (after && (!next || after.at <= Math.max(next.at, ended + 50))) return after;
  return lastUntil(trace.snapshots, page, next?.at ?? Infinity);
}

function pictureOf(trace, action, when) {
  const { page, at, ended = Infinity } = action;
  if (when === "before") return lastUntil(trace.pictures, page, at) ?? firstFrom(trace.pictures, page, at);
  return firstFrom(trace.pictures, page, ended) ?? lastUntil(trace.pictures, page, ended);
}
