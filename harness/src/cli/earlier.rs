//! What earlier runs mean for this one.

use std::path::Path;

use crate::kept::History;
use crate::run::{Experience, LastFailed, LastFailedError, Plan};

/// `--last-failed`: leaves only what did not pass in the last run, if there is any such test, and says what that came to.
pub(super) fn keep_last_failed(
    plan: &mut Plan,
    suite: &str,
    output: &Path,
    flaky_too: bool,
) -> Result<String, LastFailedError> {
    let Some(last) = LastFailed::of(History::of(suite, output), flaky_too)? else {
        let runs = output.join("runs");
        let runs = runs.display();
        return Ok(format!("--last-failed: there is no earlier run of `{suite}` in {runs}; everything runs"));
    };
    let LastFailed { run, tests } = last;
    if tests.is_empty() {
        return Ok(format!("--last-failed: all tests passed in the last run ({run}); everything runs"));
    }
    let count = tests.len();
    let s = if count == 1 { "" } else { "s" };
    if !plan.tests.iter().any(|planned| tests.contains(&planned.test.id)) {
        return Ok(format!(
            "--last-failed: {count} test{s} did not pass in the last run ({run}), but none is selected now; everything that \
             is selected runs"
        ));
    }
    plan.keep(&tests);
    let left = plan.tests.len();
    let selected = if left < count { format!("; {left} of them selected now") } else { String::new() };
    Ok(format!("--last-failed: {count} test{s} did not pass in the last run ({run}){selected}"))
}

/// All that earlier runs tell of durations.
pub(super) fn all_experience(suite: &str, output: &Path) -> Experience {
    Experience::read_in_any_time(&History::of(suite, output))
}

/// What earlier runs tell of durations, where the order of these tests can depend on it.
pub(super) fn experience(plan: &Plan, suite: Option<&str>, output: &Path, workers: usize) -> Experience {
    match suite {
        // Where all start at once there is no order.
        Some(suite) if plan.shuffle_seed.is_none() && plan.executed().count() > workers => {
            Experience::read(&History::of(suite, output))
        }
        _ => Experience::default(),
    }
}
