use std::path::Path;

use super::*;
use crate::model::{Event, Record};

fn told(events: Vec<Event>) -> Story {
    let mut story = Story::default();
    for (event, second) in events.into_iter().zip(1..) {
        story.tell(Record { at_us: second * 1_000_000, event });
    }
    story
}

fn started(test: &str, attempt: u32) -> Event {
    Event::AttemptStarted {
        test: TestId::new(test),
        attempt,
        slot: SlotId(3),
        companions: Vec::new(),
        worker: 2,
        base_url: "http://127.0.0.1:3005".to_owned(),
        accounts: vec!["ida".to_owned()],
        folder: format!("tests/{test}/attempt-{attempt}"),
        experiment: None,
    }
}

fn finished(test: &str, attempt: u32, outcome: Outcome) -> Event {
    let problem = (outcome != Outcome::Passed).then(|| Problem::failed("no", None));
    Event::AttemptFinished {
        test: TestId::new(test),
        attempt,
        slot: Some(SlotId(3)),
        outcome,
        problem,
        took_us: 700_000,
    }
}

fn judged(test: &str, outcome: Outcome, flaky: bool) -> Event {
    Event::TestFinished { test: TestId::new(test), outcome, flaky, attempts: 1, reason: None, fixme: None }
}

#[test]
fn a_flaky_test_has_the_problem_of_its_first_attempt() {
    let story = told(vec![
        started("a", 1),
        finished("a", 1, Outcome::Failed),
        started("a", 2),
        finished("a", 2, Outcome::Passed),
        judged("a", Outcome::Passed, true),
    ]);
    let test = story.test(&TestId::new("a")).unwrap();
    assert_eq!(test.standing(), Standing::Flaky);
    assert_eq!(test.problem().unwrap().message, "no");
    assert_eq!((test.attempts[1].started_us, test.took_us()), (3_000_000, Some(700_000)));
    assert_eq!((story.counts().passed, story.counts().flaky), (1, 1));
}

#[test]
fn what_a_kill_left_open_is_unfinished() {
    let story = told(vec![started("a", 1), finished("b", 1, Outcome::Failed)]);
    assert_eq!(story.test(&TestId::new("a")).unwrap().standing(), Standing::Unfinished);
    assert_eq!(story.counts().did_not_run, 2);
    assert_eq!(story.tests[0].attempts[0].ended_us(&story), 2_000_000);
    // Its beginning was not told.
    assert_eq!(story.tests[1].attempts[0].slot, Some(SlotId(3)));
}

#[test]
fn what_takes_its_time_is_a_span_of_its_slot() {
    let slot = Some(SlotId(3));
    let story = told(vec![
        Event::ServicesStarting { slot },
        Event::ServicesReady { slot, took_us: 1_000_000 },
        Event::ServicesStarting { slot },
        Event::BrowserReady { slot: SlotId(3), took_us: 500_000 },
    ]);
    let spans: Vec<_> = story.lanes[&SlotId(3)].spans.iter().map(|span| (span.from_us, span.to_us)).collect();
    assert_eq!(spans, [(1_000_000, Some(2_000_000)), (3_000_000, None), (3_500_000, Some(4_000_000))]);
}

fn read(text: &str) -> Result<Story, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.jsonl");
    std::fs::write(&file, text).unwrap();
    Story::read(&file)
}

const FIRST: &str = r#"{"at_us":1,"event":"run_started","format":1,"run":"r","started":"2026-11-22T07:15:02Z","callboard":"0.1.0","cores":2,"slots":16,"base_port":3002,"workers":4,"accounts":{},"tests":1}"#;

#[test]
fn what_cannot_be_read_is_a_flaw_with_its_line() {
    let story =
        read(&format!("{FIRST}\nnonsense\n{{\"at_us\":9,\"event\":\"notice\",\"text\":\"x\"}}\n{{\"at"))
            .unwrap();
    let flaws: Vec<_> = story.flaws.iter().map(|flaw| flaw.line).collect();
    assert_eq!(flaws, [2, 4]);
    assert!(story.flaws[1].why.contains("torn"), "{}", story.flaws[1].why);
    assert_eq!((story.last_us, story.notices.len()), (9, 1));
}

#[test]
fn what_is_no_run_or_a_newer_one_is_refused() {
    assert!(matches!(read("{}\n"), Err(ReadError::Foreign { .. })));
    assert!(matches!(read(""), Err(ReadError::Foreign { .. })));
    let newer = FIRST.replace("\"format\":1", "\"format\":2").replace("0.1.0", "9.0.0");
    let error = read(&newer).unwrap_err().to_string();
    assert!(error.contains("use callboard 9.0.0 or later"), "{error}");
    assert!(matches!(Story::read(Path::new("/none")), Err(ReadError::Io { .. })));
}
