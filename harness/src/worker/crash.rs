//! What the run knows of an attempt whose worker process cannot say anything any more.

use crate::model::{Event, Outcome, Problem, StepResult, TestId};
use crate::process::Exit;

/// What an attempt has told so far.
#[derive(Debug)]
pub(super) struct Told {
    test: TestId,
    attempt: u32,
    /// The steps that have begun and not ended, oldest first: number, parent, title.
    open: Vec<(u32, Option<u32>, String)>,
    attached: Vec<String>,
}

impl Told {
    pub(super) fn new(test: TestId, attempt: u32) -> Self {
        Self { test, attempt, open: Vec::new(), attached: Vec::new() }
    }

    /// It tells something.
    pub(super) fn hear(&mut self, event: &Event) {
        match event {
            Event::StepStarted { step, parent, title, .. } => {
                self.open.push((*step, *parent, title.clone()));
            }
            Event::StepFinished { step, .. } => self.open.retain(|(open, ..)| open != step),
            Event::Attached { path, .. } => {
                self.attached.extend(path.rsplit('/').next().map(str::to_owned));
            }
            _ => {}
        }
    }

    /// The titles of the steps in which it is, the outermost first: of several at once those of the latest.
    pub(super) fn steps(&self) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = self.open.last();
        while let Some((_, parent, title)) = next {
            path.push(title.clone());
            next = parent.and_then(|parent| self.open.iter().find(|(step, ..)| *step == parent));
        }
        path.reverse();
        path
    }

    /// What was attached, by the names of its files.
    pub(super) fn attached(&self) -> Vec<String> {
        self.attached.clone()
    }

    /// The ends of the steps that nobody ended.
    pub(super) fn close(&mut self) -> Vec<Event> {
        let open = std::mem::take(&mut self.open);
        let end = |(step, _, _): (u32, Option<u32>, String)| Event::StepFinished {
            test: self.test.clone(),
            attempt: self.attempt,
            step,
            result: StepResult::Cancelled,
            // How long it took nobody knows any more.
            took_us: 0,
        };
        open.into_iter().rev().map(end).collect()
    }

    /// The worker's process has ended.
    pub(super) fn crashed(&self, exit: Option<Exit>) -> Problem {
        let message = match exit {
            Some(Exit::Code(code)) => format!(
                "the worker process of the slot exited with status {code} during the test: something in the test ended \
                 its process"
            ),
            Some(exit) => format!("the worker process of the slot {exit} during the test"),
            None => {
                "the worker process of the slot closed its connection to the run during the test".to_owned()
            }
        };
        Problem { outcome: Outcome::Crashed, message, location: None, steps: self.steps() }
    }
}
