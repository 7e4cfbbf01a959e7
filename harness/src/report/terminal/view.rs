//! The lines of the live view: what runs in each slot, and how far the run has come. Pure: a function of the story, the
//! time and the size of the terminal.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use console::{measure_text_width, truncate_str};

use super::paint::Paint;
use crate::model::{Counts, SlotId, seconds};
use crate::story::{AttemptStory, Lane, SpanKind, Story, TestStory};

/// The terminal, in columns and lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size {
    pub(super) columns: usize,
    pub(super) lines: usize,
}

/// More than this is harder to read, and not easier.
const WIDEST_BAR: usize = 40;
/// Less says nothing.
const NARROWEST_BAR: usize = 8;

/// The view at this moment of the run, in microseconds since it began. No line is as wide as the terminal, and together they
/// leave a line of it free, so that the terminal never breaks or scrolls them by itself.
pub(super) fn lines(story: &Story, now_us: u64, size: Size, paint: Paint) -> Vec<String> {
    let mut busy = busy(story, now_us);
    let room = size.lines.saturating_sub(2);
    let left_out = if busy.len() > room {
        // Those that have taken longest are those that somebody waits for. One line says that there are more.
        busy.sort_by_key(|slot| slot.since_us);
        let left_out = busy.split_off(room.saturating_sub(1).min(busy.len()));
        busy.sort_by_key(|slot| slot.id);
        left_out.len()
    } else {
        0
    };
    let digits = busy.iter().map(|slot| slot.id.to_string().len()).max().unwrap_or(1);
    let mut lines: Vec<String> =
        busy.iter().map(|slot| slot.line(digits, now_us, size.columns, paint)).collect();
    if left_out > 0 && room > 0 {
        let more = format!("{:digits$}  and {left_out} more", "…");
        lines.push(paint.dim(fit(&more, size.columns)).to_string());
    }
    lines.push(progress(story, now_us, size.columns, paint));
    lines
}

/// A slot in which something happens.
struct Busy<'a> {
    id: SlotId,
    /// The test, or what the slot itself is busy with.
    what: Cow<'a, str>,
    /// The innermost step of the test.
    step: Option<&'a str>,
    is_test: bool,
    since_us: u64,
}

impl Busy<'_> {
    /// `3  instructor::saves › fills the form   1.2 s`
    fn line(&self, digits: usize, now_us: u64, columns: usize, paint: Paint) -> String {
        let took = seconds(Duration::from_micros(now_us.saturating_sub(self.since_us)));
        let id = format!("{:>digits$}", self.id.to_string());
        let what = plain(&self.what);
        // Number, two blanks, text, two blanks, time; and the last column stays free.
        let room = columns.saturating_sub(digits + took.len() + 5);
        let what = keep_end(&what, room);
        let left = room.saturating_sub(measure_text_width(&what));
        let step = self.step.map(|step| format!(" › {}", plain(step))).unwrap_or_default();
        let step = keep_begin(&step, left);
        let padding = " ".repeat(left.saturating_sub(measure_text_width(&step)));
        let what = if self.is_test { what.to_string() } else { paint.dim(what).to_string() };
        let line = format!("{}  {what}{}{padding}  {}", paint.dim(id), paint.dim(step), paint.dim(took));
        fit(&line, columns)
    }
}

/// The slots in which something happens, by their numbers.
fn busy(story: &Story, now_us: u64) -> Vec<Busy<'_>> {
    let mut busy: BTreeMap<SlotId, Busy> = BTreeMap::new();
    let preparing = story.lanes.iter().filter_map(|(id, lane)| Some((*id, prepares(lane)?)));
    busy.extend(preparing.map(|(id, since_us)| {
        (id, Busy { id, what: "starts its services".into(), step: None, is_test: false, since_us })
    }));
    let under_way = |test: &'_ TestStory| test.verdict.is_none() && !test.attempts.is_empty();
    for test in story.tests.iter().filter(|test| under_way(test)) {
        let Some((attempt, slot)) = test.attempts.last().and_then(running) else { continue };
        let name = test.planned.test.as_str();
        let what = if attempt.number > 1 {
            format!("{name} (attempt {})", attempt.number).into()
        } else {
            name.into()
        };
        let step = attempt.steps.iter().rev().find(|step| step.end.is_none());
        let step = step.map(|step| step.title.as_str());
        let since_us = attempt.started_us.min(now_us);
        busy.insert(slot, Busy { id: slot, what, step, is_test: true, since_us });
    }
    busy.into_values().collect()
}

/// Since when the services of a slot start, if they do.
fn prepares(lane: &Lane) -> Option<u64> {
    if lane.skipped.is_some() {
        return None;
    }
    let open = lane.spans.iter().rfind(|span| span.kind == SpanKind::Services && span.to_us.is_none());
    open.map(|span| span.from_us)
}

fn running(attempt: &AttemptStory) -> Option<(&AttemptStory, SlotId)> {
    if attempt.end.is_some() { None } else { Some((attempt, attempt.slot?)) }
}

/// `37/58 ━━━━━━━━━━━━━─────── 31 passed, 4 failed  0:23`
fn progress(story: &Story, now_us: u64, columns: usize, paint: Paint) -> String {
    let counts = story.counts();
    let all = story.tests.len();
    let over = all - counts.did_not_run;
    let clock = {
        let seconds = now_us / 1_000_000;
        format!("{}:{:02}", seconds / 60, seconds % 60)
    };
    let numbers = format!("{over}/{all}");
    let counted = counted(&counts, paint);
    let fixed = numbers.len() + measure_text_width(&counted) + clock.len() + 3;
    let room = columns.saturating_sub(fixed + 2).min(WIDEST_BAR);
    let bar = if room < NARROWEST_BAR {
        String::new()
    } else {
        format!("{} ", bar(over, all, room, &counts, paint))
    };
    fit(&format!("{numbers} {bar}{counted} {}", paint.dim(clock)), columns)
}

fn bar(over: usize, all: usize, width: usize, counts: &Counts, paint: Paint) -> String {
    let full = (over * width).checked_div(all).unwrap_or(0);
    let done = "━".repeat(full);
    let done = if counts.bad() > 0 { paint.bad(done) } else { paint.good(done) };
    format!("{done}{}", paint.dim("─".repeat(width - full)))
}

/// `31 passed, 1 flaky, 4 failed`
fn counted(counts: &Counts, paint: Paint) -> String {
    let steady = counts.passed - counts.flaky.min(counts.passed);
    let mut parts = vec![paint.good(format!("{steady} passed")).to_string()];
    if counts.flaky > 0 {
        parts.push(paint.doubtful(format!("{} flaky", counts.flaky)).to_string());
    }
    let bad = [
        (counts.failed, "failed"),
        (counts.errored, "errored"),
        (counts.timed_out, "timed out"),
        (counts.crashed, "crashed"),
    ];
    let bad = bad.into_iter().filter(|(count, _)| *count > 0);
    parts.extend(bad.map(|(count, word)| paint.bad(format!("{count} {word}")).to_string()));
    if counts.skipped > 0 {
        parts.push(paint.dim(format!("{} skipped", counts.skipped)).to_string());
    }
    parts.join(", ")
}

/// So that a line is narrower than the terminal.
fn fit(line: &str, columns: usize) -> String {
    keep_begin(line, columns.saturating_sub(1)).into_owned()
}

fn keep_begin(text: &str, room: usize) -> Cow<'_, str> {
    if room == 0 { "".into() } else { truncate_str(text, room, "…") }
}

/// The end of a name tells more than its beginning.
fn keep_end(name: &str, room: usize) -> Cow<'_, str> {
    let width = measure_text_width(name);
    if width <= room {
        return name.into();
    }
    if room == 0 {
        return "".into();
    }
    let mut left = width + 1;
    let mut rest = name;
    while left > room {
        let mut signs = rest.chars();
        let Some(sign) = signs.next() else { return "".into() };
        left -= measure_text_width(sign.encode_utf8(&mut [0; 4]));
        rest = signs.as_str();
    }
    format!("…{rest}").into()
}

/// A text that moves no cursor.
fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_control) {
        text.chars().map(|sign| if sign.is_control() { '·' } else { sign }).collect::<String>().into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Outcome, PlannedTest, Record, TestId};

    const PLAIN: Paint = Paint { colors: false };

    fn story(names: &[&str], events: Vec<(u64, Event)>) -> Story {
        let planned =
            |name: &&str| serde_json::from_value::<PlannedTest>(serde_json::json!({ "test": name })).unwrap();
        let mut story = Story::default();
        story.tell(Record { at_us: 1, event: Event::Planned { tests: names.iter().map(planned).collect() } });
        for (at_us, event) in events {
            story.tell(Record { at_us, event });
        }
        story
    }

    fn started(test: &str, slot: u16) -> Event {
        Event::AttemptStarted {
            test: TestId::new(test),
            attempt: 1,
            slot: SlotId(slot),
            companions: Vec::new(),
            worker: 1,
            base_url: String::new(),
            accounts: Vec::new(),
            folder: String::new(),
            experiment: None,
        }
    }

    fn over(test: &str, outcome: Outcome, flaky: bool) -> Event {
        Event::TestFinished {
            test: TestId::new(test),
            outcome,
            flaky,
            attempts: 1,
            reason: None,
            fixme: None,
        }
    }

    fn step(test: &str, title: &str) -> Event {
        Event::StepStarted {
            test: TestId::new(test),
            attempt: 1,
            step: 1,
            parent: None,
            title: title.to_owned(),
        }
    }

    fn shown(story: &Story, columns: usize, lines: usize) -> Vec<String> {
        let shown = super::lines(story, 83_400_000, Size { columns, lines }, PLAIN);
        for line in &shown {
            assert!(measure_text_width(line) < columns.max(1), "{line:?} in {columns} columns");
        }
        assert!(shown.len() < lines.max(2), "{shown:#?} in {lines} lines");
        shown
    }

    #[test]
    fn a_line_a_slot_and_how_far_the_run_has_come() {
        let story = story(
            &["a::first", "b::second", "c::third", "d::fourth"],
            vec![
                (2, Event::ServicesStarting { slot: Some(SlotId(11)) }),
                (80_000_000, started("a::first", 3)),
                (80_000_000, step("a::first", "saves\u{1b}[2J")),
                (81_000_000, over("b::second", Outcome::Passed, true)),
                (82_000_000, over("c::third", Outcome::TimedOut, false)),
            ],
        );
        assert_eq!(
            shown(&story, 80, 24),
            [
                " 3  a::first › saves·[2J                                                  3.4 s",
                "11  starts its services                                                  83.4 s",
                "2/4 ━━━━━━━━━━━━━━━━━━━─────────────────── 0 passed, 1 flaky, 1 timed out 1:23",
            ]
            .map(str::to_owned),
        );
    }

    #[test]
    fn it_fits_any_terminal() {
        let names: Vec<String> =
            (0..16).map(|slot| format!("module::of::tests::test_日本_number_{slot}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let started = |(slot, name): (u16, &&str)| (u64::from(slot) * 1_000_000, started(name, slot));
        let story = story(&names, (0..).zip(&names).map(started).collect());
        assert_eq!(shown(&story, 80, 20).len(), 17);
        let small = shown(&story, 30, 10);
        assert_eq!(small.len(), 9);
        // The longest of all, the end of its name, and its time.
        assert!(small[0].starts_with(" 0  …") || small[0].starts_with("0  …"), "{small:#?}");
        assert!(small[0].ends_with("_number_0  83.4 s"), "{small:#?}");
        assert!(small[7].ends_with("and 9 more"), "{small:#?}");
        for columns in 0..30 {
            for lines in 0..6 {
                shown(&story, columns, lines);
            }
        }
    }
}
