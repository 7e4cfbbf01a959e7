//! Which tests are suspected more than others to make a test fail: those that write what it writes.

use std::collections::{BTreeMap, BTreeSet};

use super::infer::{Roster, TestNo};
use crate::model::SentRequest;
use crate::story::Story;

/// How much more a test is suspected that shares a target which nobody else writes.
const SHARED: f64 = 4.0;
/// However much two tests share, no more than so many times as much as others.
const MOST: f64 = 9.0;

/// What each test ever wrote, by number: `POST /api/courses`.
pub(super) type Writes = BTreeMap<TestNo, BTreeSet<String>>;

/// What the tests of a story wrote in its experiments up to this one. What a server refused counts as well: it was to change
/// something.
pub(super) fn writes(story: &Story, roster: &Roster, last: u32) -> Writes {
    let mut writes = Writes::new();
    // An analysis that goes on knows more than it knew then, and has to decide as it did.
    let attempts = story.attempts().filter(|(_, attempt)| attempt.experiment.is_none_or(|made| made <= last));
    for (test, attempt) in attempts {
        let Some(test) = roster.number(test.planned.written()) else { continue };
        let targets = attempt.requests.iter().filter(|request| request.is_write());
        writes.entry(test).or_default().extend(targets.map(SentRequest::target));
    }
    writes.retain(|_, targets| !targets.is_empty());
    writes
}

/// For each test that writes, how much more than others each is suspected, by number; 1 for no more. What many write says little
/// of any two of them: a target counts by how few share it.
pub(super) fn kinship(writes: &Writes, tests: usize) -> Vec<(TestNo, Vec<f64>)> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for target in writes.values().flatten() {
        *count.entry(target).or_default() += 1;
    }
    let of = |one: &TestNo, targets: &BTreeSet<String>| {
        let mut suspected = vec![1.0; tests];
        for (other, its) in writes.iter().filter(|(other, _)| *other != one) {
            #[expect(clippy::cast_precision_loss, reason = "numbers of tests")]
            let shared: f64 =
                targets.intersection(its).map(|target| 1.0 / (count[&**target] - 1) as f64).sum();
            suspected[other.index()] = (1.0 + SHARED * shared).min(MOST);
        }
        suspected
    };
    let kin = writes.iter().map(|(test, targets)| (*test, of(test, targets)));
    kin.filter(|(_, suspected)| suspected.iter().any(|weight| *weight > 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_the_same_is_suspected_by_how_few_do() {
        let of = |targets: &[&str]| targets.iter().map(|target| (*target).to_owned()).collect();
        let writes = Writes::from([
            (TestNo(0), of(&["POST /register", "POST /login"])),
            (TestNo(1), of(&["POST /register", "POST /login"])),
            (TestNo(3), of(&["POST /login"])),
            (TestNo(4), of(&["POST /courses"])),
        ]);
        let kin = kinship(&writes, 5);
        let said: Vec<(u16, &[f64])> = kin.iter().map(|(test, weights)| (test.0, &**weights)).collect();
        assert_eq!(
            said,
            [
                (0, &[1.0, 7.0, 1.0, 3.0, 1.0][..]),
                (1, &[7.0, 1.0, 1.0, 3.0, 1.0][..]),
                (3, &[3.0, 3.0, 1.0, 1.0, 1.0][..]),
            ]
        );
    }

    #[test]
    fn what_later_experiments_told_does_not_count() {
        let mut story = Story::default();
        for (experiment, path) in [(1, "/first"), (2, "/second")] {
            let line = |event: serde_json::Value| serde_json::from_value(event).unwrap();
            story.tell(line(serde_json::json!({
                "at_us": experiment, "event": "attempt_started", "test": "a", "attempt": experiment, "slot": 0, "worker": 1,
                "base_url": "", "accounts": [], "folder": "", "experiment": experiment
            })));
            story.tell(line(serde_json::json!({
                "at_us": experiment, "event": "requests_sent", "test": "a", "attempt": experiment,
                "requests": [{ "at_us": 0, "method": "POST", "path": path, "status": 200, "times": 1 }]
            })));
        }
        let roster = Roster::new(vec![crate::model::TestId::new("a")], 1, 1);
        let written = |last| writes(&story, &roster, last).into_values().flatten().collect::<Vec<_>>();
        assert_eq!(written(1), ["POST /first"]);
        assert_eq!(written(2), ["POST /first", "POST /second"]);
    }

    #[test]
    fn much_that_is_shared_has_a_bound() {
        let all: BTreeSet<String> = (0..20).map(|number| format!("POST /{number}")).collect();
        let writes = Writes::from([(TestNo(0), all.clone()), (TestNo(1), all)]);
        assert_eq!(kinship(&writes, 2)[0].1, [1.0, MOST]);
    }
}
