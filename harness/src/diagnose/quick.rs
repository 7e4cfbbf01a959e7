//! What a person does first: all tests once in parallel, and each that fails three times alone.
//!
//! So few attempts confirm nothing. They are evidence as all others are, and what is said beside is what was counted.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::analysis::{Analysis, Ended, plan};
use super::infer::{Docket, Experiment, TestNo};
use crate::model::SlotId;

/// So often each failing test runs alone.
const TIMES: u16 = 3;
/// What that may take, in durations of the first run: with that run it is less than three.
const PART: f64 = 1.8;
/// It is at least this long, where a run is over in a moment.
const AT_LEAST: Duration = Duration::from_secs(40);

impl Analysis {
    pub(super) async fn quick(&mut self, result: &mut Option<Docket>) -> Ended {
        self.tell_start(None, None);
        let began = Instant::now();
        let docket = match self.begin(result).await {
            Ok(docket) => docket,
            Err(ended) => return ended,
        };
        let kept = self.asks.since.as_ref().and_then(|since| since.evidence.as_ref());
        let run = kept.map_or_else(|| began.elapsed(), |story| Duration::from_micros(story.took_us()));
        let limit = run.mul_f64(PART).max(AT_LEAST);
        let seen = docket.beliefs().into_iter().map(|belief| belief.test);
        let asked = self.asks.only.iter().filter_map(|test| self.experiments.roster.number(test));
        // Of a run whose attempts are no evidence, all that failed there.
        let asked = asked.filter(|_| self.asks.since.is_some());
        let failing: BTreeSet<TestNo> = seen.chain(asked).collect();
        self.allowed = failing.len() * usize::from(TIMES);
        let alone = Instant::now();
        // Each once before any of them twice: the time may be over before all are.
        for turn in 0..TIMES {
            for &test in &failing {
                if alone.elapsed() >= limit {
                    return Ended::Time;
                }
                // In slots that the run has used, where there are several not always the same.
                let slot = SlotId((turn + test.0) % self.asks.workers.max(1));
                match self.perform(&[plan(Some(test), Experiment::Isolated { slot }, 1)]).await {
                    Ok(seen) => docket.observe(&seen),
                    Err(ended) => return ended,
                }
            }
        }
        Ended::Done
    }
}
