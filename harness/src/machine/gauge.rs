//! Measures what is asked of the machine.

use std::fs;
use std::time::{Duration, Instant};

use super::lateness::Seen;
use super::psi::Counter;
use super::{cores, stalls};
use crate::model::{Pressure, micros};

/// Measures from reading to reading.
#[derive(Debug)]
pub(crate) struct Gauge {
    cpu: Option<Meter>,
    memory: Option<Meter>,
    seen: Seen,
}

impl Gauge {
    /// Begins to measure.
    pub(crate) fn new() -> Self {
        Self { cpu: Meter::new("cpu"), memory: Meter::new("memory"), seen: stalls::seen() }
    }

    /// The pressure since the last reading.
    pub(crate) fn read(&mut self) -> Pressure {
        let cpu = match &mut self.cpu {
            Some(meter) => meter.read(),
            None => fs::read_to_string("/proc/loadavg").ok().and_then(|text| glance(&text, cores())),
        };
        let before = std::mem::replace(&mut self.seen, stalls::seen());
        let late = self.seen.late.saturating_sub(before.late);
        // Of a witness that was not woken at all, the one time that it should have been.
        let times = (self.seen.times - before.times).max(1);
        Pressure { cpu, memory: self.memory.as_mut().and_then(Meter::read), delay_us: micros(late / times) }
    }
}

/// Reads a counter of waiting again and again.
#[derive(Debug)]
struct Meter {
    counter: Counter,
    last: (Instant, Duration),
}

impl Meter {
    fn new(resource: &str) -> Option<Self> {
        let mut counter = Counter::open(resource)?;
        let waited = counter.read()?;
        Some(Self { counter, last: (Instant::now(), waited) })
    }

    /// In which part of the time since the last reading somebody waited.
    fn read(&mut self) -> Option<f64> {
        let now = (Instant::now(), self.counter.read()?);
        let (then, before) = std::mem::replace(&mut self.last, now);
        part(now.1.saturating_sub(before), now.0 - then)
    }
}

fn part(waited: Duration, time: Duration) -> Option<f64> {
    if time.is_zero() {
        return None;
    }
    Some((waited.as_secs_f64() / time.as_secs_f64()).min(1.0))
}

/// What can be seen at one moment, of a `/proc/loadavg` whose fourth word is `running/all` tasks: whether any waits. The
/// averages before it are over a minute and more, in which a whole run may be over.
fn glance(text: &str, cores: usize) -> Option<f64> {
    let running: usize = text.split_whitespace().nth(3)?.split_once('/')?.0.parse().ok()?;
    // Who looks is one of them, and runs.
    Some(if running > cores { 1.0 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_time_is_at_most_all_of_it() {
        let ms = Duration::from_millis;
        assert_eq!(part(ms(100), ms(250)), Some(0.4));
        // Counter and clock are not read at the same moment.
        assert_eq!(part(ms(251), ms(250)), Some(1.0));
        assert_eq!(part(ms(1), ms(0)), None);
    }

    #[test]
    fn a_glance_sees_whether_a_task_waits() {
        assert_eq!(glance("10.96 15.77 14.25 3/90 6273\n", 2), Some(1.0));
        assert_eq!(glance("10.96 15.77 14.25 2/90 6273\n", 2), Some(0.0));
        for strange in ["", "1 2 3", "1 2 3 x/9", "1 2 3 4 5"] {
            assert_eq!(glance(strange, 2), None, "{strange:?}");
        }
    }
}
