//! Who follows a run for the eyes of a person: failures in full as they come, and on a terminal the live view.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::canvas::Canvas;
use super::paint::Paint;
use super::{Words, view};
use crate::model::{Event, Outcome, Record, TestId};
use crate::report::github;
use crate::report::message::message_of;
use crate::story::Story;

/// How often the live view is drawn at the most.
const FRAME: Duration = Duration::from_millis(100);

/// How somebody watches.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// Lines may be drawn again.
    pub(super) draws: bool,
    /// Header and notices are printed, too.
    pub(super) talks: bool,
    pub(super) paint: Paint,
    pub(super) github: bool,
    pub(super) fail_on_flaky: bool,
}

/// A thread that follows the events of a run.
#[derive(Debug)]
pub(crate) struct Watch {
    thread: JoinHandle<()>,
}

impl Watch {
    /// Begins to follow the run that has this folder. The sender is where it is told of the events.
    pub(super) fn begin(folder: PathBuf, manner: Manner) -> io::Result<(Self, Sender<Record>)> {
        let (sender, records) = channel();
        let thread = std::thread::Builder::new().name("callboard terminal".to_owned());
        let thread = thread.spawn(move || Watcher::new(folder, manner).follow(&records))?;
        Ok((Self { thread }, sender))
    }

    /// Waits until everything is printed that comes before the summary.
    pub(crate) fn end(self) {
        // A panic is told by the panic hook.
        let _ = self.thread.join();
    }
}

struct Watcher {
    story: Story,
    folder: PathBuf,
    manner: Manner,
    canvas: Option<Canvas>,
    /// When the run began.
    began: Instant,
    /// What is to be printed above the view with the next drawing.
    above: String,
}

impl Watcher {
    fn new(folder: PathBuf, manner: Manner) -> Self {
        let canvas = manner.draws.then(Canvas::new).flatten();
        Self { story: Story::default(), folder, manner, canvas, began: Instant::now(), above: String::new() }
    }

    /// Until the last event, or until nobody can tell anything more.
    fn follow(mut self, records: &Receiver<Record>) {
        let mut due = Instant::now();
        loop {
            let wait = if self.canvas.is_some() {
                due.saturating_duration_since(Instant::now())
            } else {
                Duration::MAX
            };
            match records.recv_timeout(wait) {
                Ok(record) => {
                    let is_last = matches!(record.event, Event::RunFinished { .. });
                    self.tell(record);
                    if is_last {
                        break;
                    }
                    if self.canvas.is_none() {
                        self.print();
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    self.draw();
                    due = Instant::now() + FRAME;
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        // Of the view nothing is left.
        self.print();
    }

    fn tell(&mut self, record: Record) {
        let (mut is_notice, mut over) = (None, None);
        match &record.event {
            Event::RunStarted { workers, tests, repeat_each, shuffle_seed, .. } => {
                self.began =
                    Instant::now().checked_sub(Duration::from_micros(record.at_us)).unwrap_or(self.began);
                if self.manner.talks {
                    let header = Words::header(*tests, *workers, repeat_each.unwrap_or(1), *shuffle_seed);
                    self.above.push_str(&header);
                    self.above.push('\n');
                }
            }
            Event::Notice { text } => is_notice = Some(Words::notice(text)),
            Event::TearDownFailed { slot, problem } => {
                is_notice = Some(Words::notice(&Words::tear_down_failed(*slot, problem)));
            }
            Event::TestFinished { test, outcome, flaky, .. } => over = Some((test.clone(), *outcome, *flaky)),
            _ => {}
        }
        self.story.tell(record);
        if let Some(notice) = is_notice {
            self.notice(&notice);
        }
        if let Some((test, outcome, flaky)) = over {
            self.over(&test, outcome, flaky);
        }
    }

    /// Notices belong to the standard error; what was drawn must not be in their way.
    fn notice(&mut self, notice: &str) {
        self.print();
        let _ = writeln!(io::stderr(), "{notice}");
    }

    fn over(&mut self, test: &TestId, outcome: Outcome, flaky: bool) {
        if outcome.is_ok() && !(flaky && self.manner.fail_on_flaky) {
            return;
        }
        let Some(told) = self.story.test(test) else { return };
        let failure = message_of(told, &self.folder).unwrap_or_default();
        let failure = if self.manner.github { github::grouped(&failure) } else { failure };
        let heading = self.manner.paint.bad(format!("---- {test} ----"));
        let _ = write!(self.above, "{heading}\n{failure}\n\n");
    }

    /// Takes what was drawn away, and prints what is to be printed.
    fn print(&mut self) {
        let above = std::mem::take(&mut self.above);
        // Where nothing can be printed, nobody looks.
        let _ = match &mut self.canvas {
            Some(canvas) => canvas.draw(&above, &[]),
            None if above.is_empty() => return,
            None => io::stdout().lock().write_all(above.as_bytes()),
        };
    }

    fn draw(&mut self) {
        let above = std::mem::take(&mut self.above);
        let Some(canvas) = &mut self.canvas else { return };
        let now_us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        let lines = view::lines(&self.story, now_us, canvas.size(), self.manner.paint);
        // As above.
        let _ = canvas.draw(&above, &lines);
    }
}
