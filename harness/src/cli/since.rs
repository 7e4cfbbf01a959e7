//! `--since`: a run whose failing tests an analysis looks into.

use std::collections::BTreeSet;
use std::path::Path;

use super::prepared::{Prepared, configuration};
use crate::diagnose::Since;
use crate::kept;
use crate::machine::cores;
use crate::model::{Outcome, TestId};
use crate::story::{Standing, Story, TestStory};

/// Reads the run that is named so.
pub(super) fn read(name: &Path, suite: &str, output: &Path) -> Result<(Story, BTreeSet<TestId>), String> {
    let folder = kept::find(name, output).ok_or_else(|| no_such_run("--since", name, output))?;
    let story = Story::read(&folder.join("events.jsonl")).map_err(|error| error.to_string())?;
    let run = &story.run.id;
    if story.run.suite.as_deref() != Some(suite) {
        let other = story.run.suite.as_deref().unwrap_or("a single test");
        return Err(format!("--since: run {run} is of `{other}`, and these are the tests of `{suite}`"));
    }
    let failed: BTreeSet<TestId> = story
        .tests
        .iter()
        .filter(|test| has_failed(test))
        .map(|test| test.planned.written().clone())
        .collect();
    if failed.is_empty() {
        return Err(format!("--since: no test failed in run {run}: there is nothing to look into"));
    }
    Ok((story, failed))
}

/// What a run is to an analysis of these of its failing tests.
pub(super) fn of(story: Story, failed: Vec<TestId>, prepared: &Prepared) -> Since {
    let run = story.run.id.clone();
    let evidence = is_as_now(&story, prepared).then_some(story);
    Since { run, failed, evidence }
}

/// What is said of a name that no run has.
pub(super) fn no_such_run(option: &str, name: &Path, output: &Path) -> String {
    format!(
        "{option}: there is no run `{}`: it is neither the folder of a run nor its events.jsonl, and not among those in {}",
        name.display(),
        output.join("runs").display()
    )
}

/// Whether an attempt failed that nobody expected to: also one of a test that passed on a retry.
fn has_failed(test: &TestStory) -> bool {
    let is_bad = |outcome: Option<Outcome>| outcome.is_some_and(|outcome| !outcome.is_ok());
    let mut outcomes = test.attempts.iter().map(|attempt| attempt.end.as_ref().and_then(|end| end.outcome));
    test.standing() != Standing::FailedAsExpected && outcomes.any(is_bad)
}

/// Whether it was a run of all these tests, built as they are, under the same conditions: then its attempts are as good as those
/// that would be made now.
fn is_as_now(story: &Story, prepared: &Prepared) -> bool {
    let facts = &story.run;
    let run_then: BTreeSet<&TestId> = story.tests.iter().map(|test| test.planned.written()).collect();
    let now: BTreeSet<&TestId> = prepared.plan.executed().map(|planned| &planned.test.id).collect();
    let is_whole = facts.shard.is_none() && facts.repeat_each.is_none() && now.is_subset(&run_then);
    let all_ran = story.tests.iter().filter(|test| now.contains(test.planned.written()));
    is_whole
        && !facts.diagnosis
        && all_ran.clone().all(|test| !test.attempts.is_empty())
        && facts.callboard == env!("CARGO_PKG_VERSION")
        && facts.build.is_some()
        && facts.build == super::places::build()
        && facts.configuration == configuration(&prepared.config)
        && facts.slots == prepared.config.slots.count
        && (facts.cores, facts.workers) == (cores(), prepared.workers.number)
}
