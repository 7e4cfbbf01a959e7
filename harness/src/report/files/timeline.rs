//! The timeline of a run as Chrome's Trace Event Format has it, for Perfetto (<https://ui.perfetto.dev>): a lane for each
//! slot, with what it was busy with, one beside it for the boots of its services, and one for those that all share.
//!
//! The format is described in "Trace Event Format" (Google, 2016): complete events `X` with `ts` and `dur` in
//! microseconds, counters `C`, and names of lanes as metadata `M`.

use serde_json::{Value, json};

use crate::story::{AttemptStory, Span, SpanKind, Standing, StepStory, Story, TestStory};

/// The process of all lanes.
const RUN: u32 = 1;
/// The lane of what all slots share. Those of slots follow.
const SHARED: u32 = 0;

/// One JSON document.
pub(super) fn render(story: &Story) -> String {
    let mut events = vec![name("process_name", SHARED, &format!("callboard {}", story.run.id))];
    if !story.shared.is_empty() {
        events.push(name("thread_name", SHARED, "services of the run"));
    }
    events.extend(story.shared.iter().map(|span| of_span(span, SHARED, story)));
    for (slot, lane) in &story.lanes {
        let called = story.slot_name(*slot);
        let port = lane.port.map(|port| format!(" (port {port})")).unwrap_or_default();
        events.push(name("thread_name", lane_of(slot.0), &format!("slot {called}{port}")));
        let (boots, others): (Vec<&Span>, Vec<&Span>) =
            lane.spans.iter().partition(|span| span.kind == SpanKind::Services);
        events.extend(others.into_iter().map(|span| of_span(span, lane_of(slot.0), story)));
        // A service that died boots while an attempt is under way: in one lane they would cut each other.
        if !boots.is_empty() {
            events.push(name("thread_name", boots_of(slot.0), &format!("services of slot {called}")));
        }
        events.extend(boots.into_iter().map(|span| of_span(span, boots_of(slot.0), story)));
    }
    for (test, attempt) in story.attempts() {
        // What had no slot has no lane.
        let Some(slot) = attempt.slot else { continue };
        events.push(of_attempt(test, attempt, lane_of(slot.0), story));
        events.extend(attempt.steps.iter().map(|step| of_step(step, attempt, lane_of(slot.0), story)));
    }
    for load in &story.loads {
        let mut values = json!({});
        for (key, part) in [("cpu", load.pressure.cpu), ("memory", load.pressure.memory)] {
            if let Some(part) = part {
                values[key] = json!((part * 100.0).round());
            }
        }
        events
            .push(json!({ "name": "waiting (%)", "ph": "C", "pid": RUN, "ts": load.at_us, "args": values }));
    }
    let facts = &story.run;
    let about = json!({
        "run": facts.id, "started": facts.started, "callboard": facts.callboard, "suite": facts.suite,
        "cores": facts.cores, "workers": facts.workers,
    });
    json!({ "traceEvents": events, "displayTimeUnit": "ms", "otherData": about }).to_string()
}

fn lane_of(slot: u16) -> u32 {
    2 * u32::from(slot) + 1
}

fn boots_of(slot: u16) -> u32 {
    lane_of(slot) + 1
}

fn name(what: &str, lane: u32, name: &str) -> Value {
    json!({ "name": what, "ph": "M", "pid": RUN, "tid": lane, "args": { "name": name } })
}

fn complete(name: &str, category: &str, lane: u32, from_us: u64, to_us: u64, args: &Value) -> Value {
    json!({
        "name": name, "cat": category, "ph": "X", "pid": RUN, "tid": lane, "ts": from_us,
        "dur": to_us.saturating_sub(from_us), "args": args,
    })
}

fn of_span(span: &Span, lane: u32, story: &Story) -> Value {
    let what = match span.kind {
        SpanKind::Services => "services boot",
        SpanKind::Browser => "browser starts",
        SpanKind::SignIn => "sign-in",
        SpanKind::Session => "session",
        SpanKind::Fixture => "fixture",
        SpanKind::Reset => "reset",
        SpanKind::Renewal => "browser renewed",
    };
    let name = if span.of.is_empty() { what.to_owned() } else { format!("{what}: {}", span.of) };
    complete(&name, what, lane, span.from_us, span.to_us.unwrap_or(story.last_us), &json!({}))
}

fn of_attempt(test: &TestStory, attempt: &AttemptStory, lane: u32, story: &Story) -> Value {
    let outcome = attempt.end.as_ref().map(|end| match end.outcome {
        Some(outcome) => outcome.word(),
        None => "cancelled",
    });
    let problem = attempt.end.as_ref().and_then(|end| end.problem.as_ref());
    let args = json!({
        "attempt": attempt.number, "outcome": outcome.unwrap_or("unfinished"), "worker": attempt.worker,
        "flaky": test.standing() == Standing::Flaky, "message": problem.map(|problem| &problem.message),
    });
    let name = test.planned.test.as_str();
    complete(name, "attempt", lane, attempt.started_us, attempt.ended_us(story), &args)
}

fn of_step(step: &StepStory, attempt: &AttemptStory, lane: u32, story: &Story) -> Value {
    let end = step.end.map_or(attempt.ended_us(story), |(_, took_us)| step.started_us + took_us);
    complete(&step.title, "step", lane, step.started_us, end, &json!({}))
}
