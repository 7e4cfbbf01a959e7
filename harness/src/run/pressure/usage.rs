//! How many attempts ran at once while others waited, and what held those back. Pure: it is told the time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::model::LimitReason;

/// Less than this is the beginning of any run, and not worth a word.
const WORTH_A_WORD: Duration = Duration::from_secs(1);

/// The sum of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Used {
    /// How many attempts ran at once while others waited, on average over that time.
    pub(crate) average: f64,
    /// What held others back for longest.
    pub(crate) why: LimitReason,
}

/// What was noted so far.
#[derive(Debug, Default)]
pub(super) struct Usage {
    now: Option<Moment>,
    /// For how long tests waited.
    waited: Duration,
    /// The time of all attempts that ran meanwhile.
    worked: Duration,
    held: BTreeMap<LimitReason, Duration>,
}

#[derive(Debug)]
struct Moment {
    since: Instant,
    running: usize,
    is_waiting: bool,
    held: Option<LimitReason>,
}

impl Usage {
    /// From now on this many run, others wait or do not, and the limit is what holds them back, for a reason, or is not.
    pub(super) fn note(&mut self, now: Instant, running: usize, is_waiting: bool, held: Option<LimitReason>) {
        let since = Moment { since: now, running, is_waiting, held };
        let Some(before) = self.now.replace(since).filter(|before| before.is_waiting) else { return };
        let time = now.saturating_duration_since(before.since);
        self.waited += time;
        self.worked += time * u32::try_from(before.running).unwrap_or(u32::MAX);
        if let Some(limit) = before.held {
            *self.held.entry(limit).or_default() += time;
        }
    }

    /// The sum, if the limit was a reason to speak of.
    pub(super) fn sum(&self) -> Option<Used> {
        if self.held.values().sum::<Duration>() < WORTH_A_WORD {
            return None;
        }
        let (&why, _) = self.held.iter().max_by_key(|(_, time)| **time)?;
        Some(Used { average: self.worked.as_secs_f64() / self.waited.as_secs_f64(), why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(moments: &[(u64, usize, bool, Option<LimitReason>)]) -> Option<Used> {
        let start = Instant::now();
        let mut usage = Usage::default();
        for &(at, running, is_waiting, held) in moments {
            usage.note(start + Duration::from_millis(at), running, is_waiting, held);
        }
        usage.sum()
    }

    #[test]
    fn the_average_is_over_the_time_in_which_tests_wait() {
        let used = sum(&[
            (0, 2, true, Some(LimitReason::Start)),
            (500, 4, true, Some(LimitReason::Cpu)),
            (2000, 8, true, None),
            (2500, 3, false, None),
            (90_000, 0, false, None),
        ]);
        assert_eq!(used, Some(Used { average: (1.0 + 6.0 + 4.0) / 2.5, why: LimitReason::Cpu }));
    }

    #[test]
    fn nothing_is_said_where_the_limit_was_not_the_reason() {
        assert_eq!(sum(&[]), None);
        assert_eq!(sum(&[(0, 1, true, None), (60_000, 0, false, None)]), None);
        assert_eq!(
            sum(&[(0, 2, true, Some(LimitReason::Start)), (900, 16, true, None), (60_000, 0, false, None)]),
            None
        );
    }
}
