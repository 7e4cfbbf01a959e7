//! How many attempts may run at once. Pure: it knows neither machine nor clock, only what was measured window after window.
//!
//! It finds the number as TCP finds the bandwidth of a network that tells nobody what it has (additive increase,
//! multiplicative decrease: Chiu and Jain 1989; slow start and one decrease per round trip: RFC 5681), and as Netflix's
//! concurrency-limits does for servers, from which it has that a limit which nobody needs does not rise. `make -l`,
//! `ninja -l` and `parallel --load` compare a load average with a fixed number instead. That follows a minute late, and a
//! whole suite may be over by then.
//!
//! * It begins with one for each core and doubles after each window with room, until there was none for a while. Until then, each
//!   attempt that is over in a moment raises it by one: a thousand such tests are done before anything can be measured.
//! * Then it rises by one after a second of room, and falls by a quarter after a second of pressure.
//! * Between room and pressure there is a band in which it stays.
//! * What was measured under another limit does not count, nor does what was measured before a decrease has taken effect.
//! * Tasks that wait for cores are no reason to run fewer than there are cores: fewer would not be done sooner. That
//!   memory is short, or the harness itself is not run, is one: it halves.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::{LimitReason, Pressure};

/// So many windows are a second: what is decided after them is no moment's whim.
const LASTING: usize = 4;
/// Shortage of memory is not waited for as long: it makes all things slow at once, and gets worse by itself.
const ALARMING: usize = 2;

/// An attempt that takes less asks nothing of the machine that could be measured, and nothing of a browser.
const MOMENT: Duration = Duration::from_millis(10);

/// What is room, and what is pressure. On two cores, tasks of a suite of browser tests wait for a core during 0.84 of
/// the time with two workers, 0.94 with four, 0.99 with sixteen; it takes 48, 52 and 78 s.
const CPU: Band = Band { room: 0.7, pressed: 0.9 };
/// As the part of time in which some task waits for memory. A healthy machine shows zeros.
const MEMORY: Band = Band { room: 0.05, pressed: 0.2 };
/// In microseconds. On a machine where everything waits for a core, who was asleep is still woken within one or two
/// milliseconds.
const DELAY: Band = Band { room: 5e3, pressed: 25e3 };

#[derive(Debug, Clone, Copy)]
struct Band {
    /// Below this there is room.
    room: f64,
    /// From this on there is too much.
    pressed: f64,
}

/// What was measured in a window, and what ran at its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) pressure: Pressure,
    pub(super) running: usize,
    /// Tests wait.
    pub(super) is_waiting: bool,
    /// One of them would start, if one more might run.
    pub(super) wants_more: bool,
    /// Services or browsers booted. That asks much, for a moment, and says nothing of the tests.
    pub(super) booted: bool,
}

/// See the module's documentation.
#[derive(Debug, Clone)]
pub(super) struct Controller {
    limit: usize,
    why: LimitReason,
    workers: usize,
    cores: usize,
    /// No pressure was met so far: the limit doubles.
    doubles: bool,
    /// What was measured under this limit, the last of it.
    measured: VecDeque<Pressure>,
}

impl Controller {
    /// Between 1 and `workers`, on a machine with so many cores.
    pub(super) fn new(workers: usize, cores: usize) -> Self {
        let (workers, cores) = (workers.max(1), cores.max(1));
        let limit = cores.min(workers);
        Self { limit, why: LimitReason::Start, workers, cores, doubles: true, measured: VecDeque::new() }
    }

    /// How many may run at once.
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Why it is this number.
    pub(super) fn why(&self) -> LimitReason {
        self.why
    }

    /// Why it is no higher, where it could be.
    pub(super) fn held_by(&self) -> Option<LimitReason> {
        (self.limit < self.workers).then_some(self.why)
    }

    /// A window is over. If the limit, or the reason for it, is another one from now on, says what that was decided by.
    pub(super) fn decide(&mut self, window: Window) -> Option<Pressure> {
        let measured = self.measure(window)?;
        // Below one for each core, another shortage made it so few. When that is over, this one does not keep it there.
        let cpu = measured.cpu.filter(|_| self.limit >= self.cores);
        let judged = Pressure { cpu, ..measured };
        let lasts = self.measured.len() == LASTING;
        let is_news = match (pressed(judged), scarce(judged)) {
            (Some(why @ LimitReason::Memory), _) if self.measured.len() >= ALARMING => self.fall(window, why),
            (Some(why), _) if lasts => self.fall(window, why),
            (_, Some(why)) => lasts && self.stay(why),
            (_, None) => window.wants_more && (self.doubles || lasts) && self.rise(),
        };
        is_news.then_some(measured)
    }

    /// What was measured under this limit, in all, if this window says anything about it.
    fn measure(&mut self, window: Window) -> Option<Pressure> {
        if !window.is_waiting {
            return None;
        }
        if window.running > self.limit {
            // The last decrease is only about to take effect.
            self.measured.clear();
            return None;
        }
        if window.booted && scarce(window.pressure) == Some(LimitReason::Cpu) {
            return None;
        }
        self.measured.push_back(window.pressure);
        if self.measured.len() > LASTING {
            self.measured.pop_front();
        }
        Some(summary(&self.measured))
    }

    /// An attempt is over. Says whether the limit is another one from now on.
    pub(super) fn finished(&mut self, took: Duration) -> bool {
        self.doubles && took < MOMENT && self.change((self.limit + 1).min(self.workers), LimitReason::Room)
    }

    fn rise(&mut self) -> bool {
        let to = if self.doubles { self.limit * 2 } else { self.limit + 1 };
        self.change(to.min(self.workers), LimitReason::Room)
    }

    fn fall(&mut self, window: Window, why: LimitReason) -> bool {
        self.doubles = false;
        // Where fewer run than may, there would be no relief in a limit above them.
        let now = window.running.clamp(1, self.limit);
        let to = match why {
            LimitReason::Cpu => (now * 3 / 4).max(self.cores.min(self.limit)),
            _ => (now / 2).max(1),
        };
        self.change(to, why)
    }

    /// Neither room nor pressure: it stays where it is, and knows why.
    fn stay(&mut self, why: LimitReason) -> bool {
        self.doubles = false;
        self.change(self.limit, why)
    }

    fn change(&mut self, limit: usize, why: LimitReason) -> bool {
        if limit == self.limit {
            // Where all may run, there is no reason to name.
            let is_news = self.limit < self.workers && why != self.why;
            self.why = why;
            return is_news;
        }
        self.measured.clear();
        self.limit = limit;
        self.why = why;
        true
    }
}

/// What there is too little of, the worst first.
fn pressed(pressure: Pressure) -> Option<LimitReason> {
    above(pressure, |band| band.pressed)
}

/// What there is not enough of for more attempts, the worst first; nothing where there is room.
fn scarce(pressure: Pressure) -> Option<LimitReason> {
    above(pressure, |band| band.room)
}

fn above(Pressure { cpu, memory, delay_us }: Pressure, threshold: fn(Band) -> f64) -> Option<LimitReason> {
    // What the system does not tell counts as none.
    let measured = [
        (memory.unwrap_or(0.0), MEMORY, LimitReason::Memory),
        (delay_us as f64, DELAY, LimitReason::Delay),
        (cpu.unwrap_or(0.0), CPU, LimitReason::Cpu),
    ];
    let found = measured.into_iter().find(|(measured, band, _)| *measured >= threshold(*band));
    found.map(|(_, _, limit)| limit)
}

/// The averages; of the delays the least. A moment in which nothing is run is long, but one window out of four: a second in
/// which the harness is late again and again is another thing.
fn summary(measured: &VecDeque<Pressure>) -> Pressure {
    let mean = |of: fn(&Pressure) -> Option<f64>| {
        let known: Vec<f64> = measured.iter().filter_map(of).collect();
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        // To a thousandth: more is noise, and events would be full of it.
        (!known.is_empty()).then(|| (mean * 1e3).round() / 1e3)
    };
    let delay = measured.iter().map(|pressure| pressure.delay_us).min();
    Pressure {
        cpu: mean(|pressure| pressure.cpu),
        memory: mean(|pressure| pressure.memory),
        delay_us: delay.unwrap_or(0),
    }
}
