//! How the probability of a failure rises with how many attempts run at once, where that was measured.

use serde::Serialize;

use super::failure::ALPHA;
use crate::diagnose::evidence::Evidence;
use crate::diagnose::infer::{Count, Ending, Point, TestNo, rising};

/// What was counted, and the rising curve that fits it best.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Curve {
    /// By how many attempts ran at once at the most while one ran, itself included.
    pub(crate) counts: Vec<Count>,
    /// With a band of .95 at each point by itself.
    pub(crate) points: Vec<Point>,
}

/// That of a test that fails in this way. What failed in another way is not counted, nor what was made on a machine that was kept busy.
pub(super) fn curve(evidence: &Evidence<'_>, test: TestNo, signature: &str) -> Option<Curve> {
    let mut counts: Vec<Count> = Vec::new();
    for (setting, ending) in evidence.calm_attempts(test) {
        let failed = match ending {
            Ending::Passed => 0,
            Ending::Failed(how) if how == signature => 1,
            Ending::Failed(_) => continue,
        };
        match counts.iter_mut().find(|count| count.workers == setting.in_flight) {
            Some(count) => {
                count.failed += failed;
                count.attempts += 1;
            }
            None => counts.push(Count { workers: setting.in_flight, failed, attempts: 1 }),
        }
    }
    counts.sort_by_key(|count| count.workers);
    let points = rising(&counts, ALPHA);
    (points.len() > 1).then_some(Curve { counts, points })
}
