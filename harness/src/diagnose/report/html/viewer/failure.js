// One failure with all that speaks for what is said of it.

const failureId = (index) => `failure-${index + 1}`;

function difference(one) {
  const at = one.at_us === undefined ? "" : `after ${seconds(one.at_us / 1000)}, `;
  return `${at}${PLACES[one.at] ?? one.at} ${one.what} (${one.in_failed} of ${one.failed} failed attempts, 0 of ${one.passed} that passed)`;
}

function speaks(failure) {
  const [first, ...later] = failure.divergences;
  const said = [
    first && `First difference: ${difference(first)}`,
    ...later.map((one) => `then ${difference(one)}`),
    ...failure.sql_states.map((state) => `The database said, in failed attempts alone: ${state}`),
    failure.shared_writes.length ? `Both write: ${failure.shared_writes.join(", ")}` : undefined,
    ...failure.page_errors.slice(0, 5).map(([error, times]) => `On its pages: ${error} (${plural(times, "time")})`),
    failure.also_at.length ? `Seen in the same way at ${plural(failure.also_at.length, "other test")}` : undefined,
  ];
  return said.filter(Boolean);
}

function curveOf({ curve }) {
  if (!curve) return [];
  const rows = curve.points.map(({ workers, rate: part, band }) => {
    const { failed, attempts } = curve.counts.find((count) => count.workers === workers);
    return [String(workers), `${failed} of ${attempts}`, percent(part), `${percent(band.low)} to ${percent(band.high)}`];
  });
  return [make("h4", {}, "How often, by how many ran at once"), plot(curve),
    make("details", {}, make("summary", {}, "In figures"), table("How often it fails by how many ran at once", ["At once", "Failed", "Fitted", "Band of 95 %"], rows))];
}

function consequences(failure) {
  const { impact, avoid, would_change: changes, replay } = failure;
  const said = [
    impact && `Impact: ${impact}`,
    avoid && `It would be avoided by ${avoid.how}${avoid.hides ? ` — and that hides it: ${avoid.hides}` : ""}`,
    ...changes.map((change) => `What would change the verdict: ${change}`),
    replay && make("span", {}, "Again: ", make("code", { class: "mono" }, `--replay ${replay}`)),
  ].filter(Boolean);
  return said.length ? [make("h4", {}, "What follows"), list(said)] : [];
}

function article(failure, index) {
  const { message, location, fresh } = failure;
  const where = location ? `${location.file}:${location.line}` : "";
  const rows = failure.arms.map(([arm, tally]) => [ARMS[arm] ?? arm, rate(tally)]);
  if (fresh) {
    rows.push(["with the cause, on fresh data", `${fresh.with.failed} of ${fresh.with.attempts}`]);
    if (fresh.without.attempts) rows.push(["without it, on fresh data", `${fresh.without.failed} of ${fresh.without.attempts}`]);
  }
  const evidence = speaks(failure);
  return make("article", { class: "failure", id: failureId(index), "aria-labelledby": `${failureId(index)}-name` },
    make("div", { class: "head" }, make("h3", { id: `${failureId(index)}-name` }, failure.test), badge(failure)),
    failure.first_look ? make("p", {}, `Counted: ${failure.first_look}.`) : undefined,
    make("p", {}, isClaimed(failure) ? `It is ${failure.cause}.` : `Nothing is claimed. The most probable single cause is ${failure.cause}.`),
    failure.blame ? make("p", { class: "blame" }, BLAMES[failure.blame] ?? failure.blame) : undefined,
    make("pre", { class: "framed" }, `${failure.outcome}: ${message}${where ? `\nat ${where}` : ""}`),
    make("div", { class: "two" },
      make("div", {}, make("h4", {}, "What is believed"), posterior(failure.classes), ...curveOf(failure)),
      make("div", {}, make("h4", {}, "What was seen"), table(`How often ${failure.test} failed`, ["Experiment", "Failed"], rows))),
    ...(evidence.length ? [make("h4", {}, "What speaks for it"), list(evidence)] : []),
    ...consequences(failure));
}
