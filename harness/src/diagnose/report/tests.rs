//! What is said of a failure, by what its attempts left.

use serde_json::json;

use super::failure::Failure;
use crate::diagnose::evidence::Evidence;
use crate::diagnose::infer::{
    Arm, Belief, Blame, Cause, Class, Count, Culprit, Label, Roster, Tally, TestNo, Verdict,
};
use crate::model::{Record, TestId};
use crate::story::Story;

/// What differs from one story to the next.
#[derive(Clone, Copy)]
struct Tale {
    /// Of both tests, where they meet.
    same_account: bool,
    /// With which the one that fails is answered.
    status: u16,
    /// What its server logs then.
    logged: Option<&'static str>,
    /// In how many of three attempts it failed alone on a busy machine.
    failed_busy: u32,
}

const RACE: Tale = Tale { same_account: false, status: 500, logged: None, failed_busy: 0 };

/// `a` fails beside `b`, and passes alone.
fn failure(tale: Tale, label: Label) -> Failure {
    let roster = Roster::new(vec![TestId::new("mail::a"), TestId::new("mail::b")], 2, 2);
    let story = story(tale);
    let (a, b) = (TestNo(0), Culprit::Test { test: TestNo(1) });
    let tally = |failed, attempts| Tally { failed, attempts };
    let belief = Belief {
        test: a,
        signature: "failed: expected a welcome".to_owned(),
        classes: vec![(Class::Overlap, 0.995), (Class::Load, 0.005)],
        culprits: vec![(b, 0.97)],
        causes: vec![(Cause::Beside { test: TestNo(1) }, 0.96)],
        rate: 0.9,
        arms: vec![
            (Arm::Parallel, tally(1, 1)),
            (Arm::Isolated, tally(0, 1)),
            (Arm::Loaded, tally(tale.failed_busy, 3)),
        ],
    };
    let verdict = Verdict { label, belief, culprit: Some(b), fresh: None, spent: 7 };
    Failure::of(&verdict, &Evidence::of(&story, &roster), &roster, &story, None)
}

fn story(tale: Tale) -> Story {
    let mut story = Story::default();
    let mut tell = |second: u64, event: serde_json::Value| {
        let mut record = event;
        record["at_us"] = json!(second * 1_000_000);
        story.tell(serde_json::from_value::<Record>(record).unwrap());
    };
    let started = |test: &str, attempt: u32, slot: u16, account: &str| json!({ "event": "attempt_started", "test": test, "attempt": attempt, "slot": slot, "worker": 1, "accounts": [account] });
    let sent = |test: &str, attempt: u32, status: u16| {
        let request =
            json!({ "method": "POST", "path": "/register", "status": status, "at_us": 400_000, "times": 1 });
        json!({ "event": "requests_sent", "test": test, "attempt": attempt, "requests": [request] })
    };
    let finished = |test: &str, attempt: u32, outcome: &str| {
        let problem =
            (outcome == "failed").then(|| json!({ "outcome": "failed", "message": "expected a welcome" }));
        let mut event = json!({ "event": "attempt_finished", "test": test, "attempt": attempt, "outcome": outcome, "took_us": 2_000_000 });
        if let Some(problem) = problem {
            event["problem"] = problem;
        }
        event
    };
    let other = if tale.same_account { "ida0" } else { "ida1" };
    tell(1, started("mail::a", 1, 0, "ida0"));
    tell(1, started("mail::b", 1, 1, other));
    tell(3, sent("mail::a", 1, tale.status));
    if let Some(line) = tale.logged {
        tell(3, json!({ "event": "trouble_logged", "test": "mail::a", "attempt": 1, "lines": [line] }));
    }
    tell(3, finished("mail::a", 1, "failed"));
    tell(3, sent("mail::b", 1, 201));
    tell(3, finished("mail::b", 1, "passed"));
    tell(5, started("mail::a", 2, 0, "ida0"));
    tell(7, sent("mail::a", 2, 201));
    tell(7, finished("mail::a", 2, "passed"));
    story
}

#[test]
fn a_confirmed_overlap_is_told_with_all_that_speaks_for_it() {
    let failure = failure(RACE, Label::Confirmed);
    assert_eq!(failure.blame, Some(Blame::Product));
    assert_eq!(failure.divergences[0].what, "POST /register: 500");
    assert_eq!((failure.divergences[0].in_failed, failure.divergences[0].passed), (1, 1));
    assert_eq!(failure.shared_writes, ["POST /register"]);
    assert_eq!(
        failure.outlook.impact.as_deref(),
        Some(
            "two who send `POST /register` at the same moment: one of them meets `POST /register: 500` (in 1 of 1 failed attempts)"
        )
    );
    let avoid = failure.outlook.avoid.unwrap();
    assert_eq!(
        avoid.how,
        "`group = \"register\"` on `mail::a` and on `mail::b`: tests of a group never run at once"
    );
    assert_eq!(avoid.hides.as_deref(), Some("the bug of the product stays, and no test shows it any more"));
    let counts = failure.curve.unwrap().counts;
    let count = |workers, failed| Count { workers, failed, attempts: 1 };
    assert_eq!(counts, [count(1, 0), count(2, 1)]);
}

#[test]
fn the_product_is_blamed_only_where_all_that_it_takes_was_seen() {
    let blamed = |tale| failure(tale, Label::Confirmed).blame;
    assert_eq!(blamed(Tale { same_account: true, ..RACE }), Some(Blame::Isolation));
    assert_eq!(blamed(Tale { failed_busy: 1, ..RACE }), None);
    assert_eq!(blamed(Tale { status: 409, ..RACE }), None);
    // A constraint that is violated is as good as a 5xx; that a database is busy is not.
    let logged = |line| Tale { status: 409, logged: Some(line), ..RACE };
    assert_eq!(blamed(logged("ERROR UNIQUE constraint failed: numbers.id")), Some(Blame::Product));
    assert_eq!(blamed(logged("ERROR database is locked")), None);
    assert_eq!(failure(RACE, Label::Likely).blame, None);
}

#[test]
fn what_is_missing_for_another_verdict_is_said() {
    let said = |tale| failure(tale, Label::Confirmed).outlook.would_change.join("; ");
    let mild = said(Tale { status: 409, ..RACE });
    assert!(mild.contains("an answer of 5xx, or a constraint that is violated"), "{mild}");
    assert!(!mild.contains("on a busy machine"), "{mild}");
    let busy = said(Tale { failed_busy: 2, ..RACE });
    assert!(busy.contains("alone on a busy machine"), "{busy}");
    let likely = failure(RACE, Label::Likely).outlook;
    assert!(likely.would_change[0].contains("fresh data"), "{:?}", likely.would_change);
    let open = failure(RACE, Label::NotReproduced { at_most: 0.2 }).outlook;
    assert_eq!((open.impact, open.avoid), (None, None));
}
