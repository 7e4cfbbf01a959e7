//! How late a thread is woken that asks for nothing else. Pure: it is told the time.

use std::time::{Duration, Instant};

/// A thread that is woken later than this was not merely one of several that took turns: the machine did not run it.
/// Time slices are a few milliseconds long.
const SLACK: Duration = Duration::from_millis(50);

/// What is known of a thread that sleeps again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lateness {
    due: Instant,
    seen: Seen,
}

/// All that was seen of it, up to some moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// How often it was woken.
    pub(super) times: u32,
    /// How late, in all.
    pub(super) late: Duration,
    /// For how long it was not run although it should have been, in all.
    pub(super) stalled: Duration,
}

impl Lateness {
    /// It sleeps, and wants to be woken then.
    pub(super) fn new(due: Instant) -> Self {
        Self { due, seen: Seen::default() }
    }

    /// It is awake, and goes to sleep until `next`.
    pub(super) fn woken(&mut self, now: Instant, next: Instant) {
        self.seen = self.seen(now);
        self.seen.times += 1;
        self.due = next;
    }

    /// What was seen up to now. Where it is late and still sleeps, that counts: of two threads that stood still
    /// together, the one that asks may be woken first.
    pub(super) fn seen(&self, now: Instant) -> Seen {
        let late = now.saturating_duration_since(self.due);
        let stalled = if late > SLACK { late } else { Duration::ZERO };
        Seen { times: self.seen.times, late: self.seen.late + late, stalled: self.seen.stalled + stalled }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn who_is_woken_much_too_late_stood_still() {
        let start = Instant::now();
        let mut lateness = Lateness::new(start + ms(20));
        lateness.woken(start + ms(20), start + ms(40));
        lateness.woken(start + ms(90), start + ms(110));
        assert_eq!(lateness.seen(start + ms(110)), Seen { times: 2, late: ms(50), stalled: ms(0) });
        lateness.woken(start + ms(1110), start + ms(1130));
        let seen = Seen { times: 3, late: ms(1050), stalled: ms(1000) };
        assert_eq!(lateness.seen(start + ms(1120)), seen);
    }

    #[test]
    fn who_is_late_and_still_sleeps_stands_still_already() {
        let start = Instant::now();
        let mut lateness = Lateness::new(start);
        assert_eq!(lateness.seen(start + ms(700)), Seen { times: 0, late: ms(700), stalled: ms(700) });
        // Counted once, however often it is asked.
        lateness.woken(start + ms(700), start + ms(720));
        assert_eq!(lateness.seen(start + ms(700)).stalled, ms(700));
    }
}
