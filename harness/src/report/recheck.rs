//! What the second tries of a failed test say of it: no more than was seen.

use crate::model::{Outcome, SlotId, Trial};
use crate::story::{Story, TestStory};

/// `fails alone too: failed alone in slot 3 and in slot 5, once each`. Nothing of a test that was not tried once more.
pub(super) fn words(test: &TestStory, story: &Story) -> Option<String> {
    let trials: Vec<&Trial> =
        test.recheck.as_ref()?.iter().filter(|trial| trial.outcome != Outcome::Skipped).collect();
    let failed_in = test.attempts.last().and_then(|attempt| attempt.slot);
    let place = |trial: &Trial| format!("in slot {}", story.slot_name(trial.slot));
    let passes = |trial: &Trial| trial.outcome == Outcome::Passed;
    let verb = |trial: &Trial| if passes(trial) { "passed" } else { trial.outcome.word() };
    let label = label(&trials, failed_in, story);
    let evidence = match trials.as_slice() {
        [] => return None,
        [one] => {
            let other = if Some(one.slot) == failed_in { "; there was no other slot for it" } else { "" };
            format!("{} alone {}, once{other}", verb(one), place(one))
        }
        [one, other, ..] if verb(one) == verb(other) => {
            format!("{} alone {} and {}, once each", verb(one), place(one), place(other))
        }
        [one, other, ..] => {
            format!("{} alone {}, {} alone {}, once each", verb(one), place(one), verb(other), place(other))
        }
    };
    let first = test.problem().map(|problem| problem.message.as_str()).unwrap_or_default();
    let is_other = |trial: &&&Trial| trial.message.as_ref().is_some_and(|message| !is_alike(message, first));
    let otherwise = trials.iter().find(is_other).map(|_| ", with another message").unwrap_or_default();
    Some(format!("{label}: {evidence}{otherwise}"))
}

fn label(trials: &[&Trial], failed_in: Option<SlotId>, story: &Story) -> String {
    let of_place = |is_there: bool| {
        let trial = trials.iter().find(|trial| (Some(trial.slot) == failed_in) == is_there);
        trial.map(|trial| trial.outcome == Outcome::Passed)
    };
    let passed = match (of_place(true), of_place(false)) {
        (Some(false), Some(true)) => {
            let slot = failed_in.map(|slot| story.slot_name(slot)).unwrap_or_default();
            return format!("only in slot {slot}");
        }
        (Some(true), Some(false)) => return "not always, also alone".to_owned(),
        (Some(passed), _) | (None, Some(passed)) => passed,
        (None, None) => return String::new(),
    };
    if !passed {
        return "fails alone too".to_owned();
    }
    // With one worker it was not beside others that it failed, but after them.
    let label = if story.run.workers > 1 { "only in parallel" } else { "only in the run, after others" };
    label.to_owned()
}

/// Whether two messages begin the same but for numbers.
fn is_alike(one: &str, other: &str) -> bool {
    let form = |message: &str| {
        let line = message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
        line.replace(|c: char| c.is_ascii_digit(), "")
    };
    form(one) == form(other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, Problem, Record, TestId};

    fn story(workers: usize, trials: &[(u16, Option<&str>)]) -> Story {
        let mut story = Story::default();
        story.run.workers = workers;
        let test = TestId::new("t");
        let mut tell = |event| story.tell(Record { at_us: 1, event });
        let outcome = Outcome::Failed;
        let problem = Some(Problem::failed("expected 3, not 4", None));
        let (slot, took_us) = (Some(SlotId(3)), 1);
        tell(Event::AttemptFinished { test: test.clone(), attempt: 1, slot, outcome, problem, took_us });
        tell(Event::TestFinished {
            test: test.clone(),
            outcome,
            flaky: false,
            attempts: 1,
            reason: None,
            fixme: None,
        });
        let trial = |(slot, message): &(u16, Option<&str>)| Trial {
            attempt: 2,
            slot: SlotId(*slot),
            outcome: if message.is_some() { Outcome::Failed } else { Outcome::Passed },
            message: message.map(str::to_owned),
        };
        tell(Event::Rechecked { test, trials: trials.iter().map(trial).collect() });
        story
    }

    fn said(trials: &[(u16, Option<&str>)]) -> String {
        let story = story(4, trials);
        words(&story.tests[0], &story).unwrap_or_default()
    }

    #[test]
    fn no_more_is_said_than_was_seen() {
        let same = Some("expected 5, not 6");
        assert_eq!(
            said(&[(3, same), (5, same)]),
            "fails alone too: failed alone in slot 3 and in slot 5, once each"
        );
        assert_eq!(
            said(&[(3, None), (5, None)]),
            "only in parallel: passed alone in slot 3 and in slot 5, once each"
        );
        assert_eq!(
            said(&[(3, same), (5, None)]),
            "only in slot 3: failed alone in slot 3, passed alone in slot 5, once each"
        );
        assert_eq!(
            said(&[(3, None), (5, same)]),
            "not always, also alone: passed alone in slot 3, failed alone in slot 5, once each"
        );
        assert_eq!(
            said(&[(3, None)]),
            "only in parallel: passed alone in slot 3, once; there was no other slot for it"
        );
        assert_eq!(said(&[(5, same)]), "fails alone too: failed alone in slot 5, once");
        assert_eq!(said(&[]), "");
    }

    #[test]
    fn another_message_is_told() {
        assert!(said(&[(3, Some("no browser")), (5, None)]).ends_with(", once each, with another message"));
    }

    #[test]
    fn with_one_worker_nothing_was_parallel() {
        let story = story(1, &[(3, None)]);
        let words = words(&story.tests[0], &story).unwrap();
        assert!(words.starts_with("only in the run, after others: passed alone"), "{words}");
    }
}
