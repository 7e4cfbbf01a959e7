//! As much at once as the machine carries: what is measured decides how many attempts run at once.
//!
//! Window after window the pressure on the machine is read, a pure controller says what follows from it, and the board
//! places no more tests than that. Nothing is measured where one worker was asked for, or an exact number.

mod controller;
#[cfg(test)]
mod properties;
mod usage;

use std::time::{Duration, Instant};

use controller::{Controller, Window};
use usage::Usage;

use super::events::Events;
use crate::config::Workers;
use crate::machine::{Boots, Gauge, cores};
use crate::model::{Event, Pressure};
use crate::slots::Board;

/// How long is measured before something is decided. A suite of a thousand tests that do nothing is over before the
/// first; a browser test takes longer.
const WINDOW: Duration = Duration::from_millis(250);

/// Holds a run to what the machine carries.
#[derive(Debug)]
pub(super) struct Throttle(Option<Measuring>);

#[derive(Debug)]
struct Measuring {
    controller: Controller,
    gauge: Gauge,
    usage: Usage,
    boots: Boots,
    /// How many boots had begun when the window did.
    boots_before: usize,
    /// Whether more would have run at the end of the last window, if they had been allowed to: where tests wait for
    /// their group, or for the slots of their role, it is not the limit that holds them back. To ask costs too much for
    /// each test that ends.
    wants_more: bool,
    /// When the window ends.
    ends: Instant,
    events: Events,
}

impl Throttle {
    /// Limits the board of a run that is about to begin, unless it is to run exactly so many.
    pub(super) fn new(workers: Workers, boots: Boots, board: &mut Board, events: Events) -> Self {
        if workers.exact || workers.number < 2 {
            return Self(None);
        }
        let controller = Controller::new(workers.number, cores());
        let measuring = Measuring {
            boots_before: boots.counts().0,
            ends: Instant::now() + WINDOW,
            gauge: Gauge::new(),
            wants_more: true,
            usage: Usage::default(),
            controller,
            boots,
            events,
        };
        if measuring.controller.held_by().is_some() {
            measuring.limit(board, None);
        }
        Self(Some(measuring))
    }

    /// Waits until the window is over.
    pub(super) fn window(&self) -> impl Future<Output = ()> + use<> {
        let ends = self.0.as_ref().map(|measuring| measuring.ends);
        async move {
            match ends {
                Some(ends) => tokio::time::sleep_until(ends.into()).await,
                None => std::future::pending().await,
            }
        }
    }

    /// What runs and waits has changed.
    pub(super) fn note(&mut self, board: &Board) {
        let Some(measuring) = &mut self.0 else { return };
        let is_held = board.is_full() && measuring.wants_more;
        let held = measuring.controller.held_by().filter(|_| is_held);
        measuring.usage.note(Instant::now(), board.running(), board.is_waiting(), held);
    }

    /// An attempt is over.
    pub(super) fn finished(&mut self, took: Duration, board: &mut Board) {
        let Some(measuring) = &mut self.0 else { return };
        if measuring.controller.finished(took) {
            measuring.limit(board, None);
        }
    }

    /// A window is over: decides how many may run at once from now on.
    pub(super) fn decide(&mut self, board: &mut Board) {
        let Some(measuring) = &mut self.0 else { return };
        let (begun, ended) = measuring.boots.counts();
        measuring.wants_more = board.wants_more();
        let window = Window {
            pressure: measuring.gauge.read(),
            running: board.running(),
            is_waiting: board.is_waiting(),
            wants_more: measuring.wants_more,
            booted: begun > ended || begun > measuring.boots_before,
        };
        measuring.boots_before = begun;
        measuring.ends = Instant::now() + WINDOW;
        if let Some(pressure) = measuring.controller.decide(window) {
            measuring.limit(board, Some(pressure));
        }
    }

    /// Tells how many ran at once, if the machine was ever the reason that it were no more.
    pub(super) fn tell_used(&self) {
        let Some(measuring) = &self.0 else { return };
        if let Some(used) = measuring.usage.sum() {
            measuring.events.emit(Event::WorkersUsed { average: used.average, why: used.why });
        }
    }
}

impl Measuring {
    /// Lets the board know, and tells why.
    fn limit(&self, board: &mut Board, pressure: Option<Pressure>) {
        board.set_limit(self.controller.limit());
        self.events.emit(Event::WorkersLimited {
            limit: self.controller.limit(),
            why: self.controller.why(),
            running: board.running(),
            pressure,
        });
    }
}
