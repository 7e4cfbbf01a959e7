//! The results that callboard prints itself, as they come: what form they have, in JSON or in words, is another's matter.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use libtest_mimic::Conclusion;

use super::face::{Expect, Shown};
use crate::run::{Plan, Verdict};

/// What happens to a test that is executed. These are counted in the order of the plan.
pub(crate) enum News {
    /// Its first attempt begins.
    Started(usize),
    /// It will not be tried again.
    Over(usize, Box<Verdict>),
}

/// How results are written.
pub(super) trait Form {
    fn suite_started(&mut self, tests: usize, shuffle_seed: Option<u64>) -> io::Result<()>;
    fn test_started(&mut self, name: &str) -> io::Result<()>;
    fn result(&mut self, name: &str, shown: &Shown, took: Duration) -> io::Result<()>;
    fn suite_ended(&mut self, conclusion: &Conclusion, took: Duration) -> io::Result<()>;
}

/// The tests of a plan, and what is told of them.
pub(super) struct Results {
    pub(super) executed: Vec<String>,
    /// Each with its reason, or an empty one.
    pub(super) ignored: Vec<(&'static str, &'static str)>,
    pub(super) shuffle_seed: Option<u64>,
    pub(super) expect: Expect,
    pub(super) news: Receiver<News>,
}

impl Results {
    /// Of the tests of a plan, and where to tell what happens to them.
    pub(super) fn new(plan: &Plan, expect: Expect) -> (Self, Sender<News>) {
        let (sender, news) = channel();
        let ignored = plan.tests.iter().filter_map(|test| Some((test.test.id.as_str(), test.ignored?)));
        let results = Self {
            executed: plan.executed().map(|planned| planned.name().to_string()).collect(),
            ignored: ignored.collect(),
            shuffle_seed: plan.shuffle_seed,
            expect,
            news,
        };
        (results, sender)
    }

    /// How many characters the longest name has.
    pub(super) fn width(&self) -> usize {
        let names =
            self.ignored.iter().map(|(name, _)| *name).chain(self.executed.iter().map(String::as_str));
        names.map(|name| name.chars().count()).max().unwrap_or_default()
    }

    /// Prints what happens as it does, until every test is over or nobody is left to tell. A test that was never
    /// started is started, for the reader, with its result: each result follows the start of its test.
    pub(super) fn print(self, form: &mut dyn Form) -> io::Result<Conclusion> {
        let Self { executed, ignored, shuffle_seed, expect, news } = self;
        let mut printer = Printer::new(form);
        printer.form.suite_started(executed.len() + ignored.len(), shuffle_seed)?;
        for (name, reason) in ignored {
            let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
            printer.form.test_started(name)?;
            printer.result(name, &Shown::Ignored(reason), Duration::ZERO)?;
        }
        let mut tests: Vec<_> = executed.into_iter().map(|name| Test { name, stage: Stage::Waits }).collect();
        let mut left = tests.len();
        while left > 0 {
            match news.recv() {
                Ok(News::Started(index)) => tests[index].start(&mut printer)?,
                Ok(News::Over(index, verdict)) => {
                    let took = verdict.took;
                    tests[index].end(&Shown::of(*verdict, expect), took, &mut printer)?;
                    left -= 1;
                }
                Err(_) => break,
            }
        }
        for test in tests.iter_mut().filter(|test| test.stage != Stage::Over) {
            test.end(&Shown::without_verdict(), Duration::ZERO, &mut printer)?;
        }
        printer.form.suite_ended(&printer.conclusion, printer.began.elapsed())?;
        Ok(printer.conclusion)
    }
}

/// A test that is executed, and how much of it was printed.
struct Test {
    name: String,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waits,
    Runs,
    Over,
}

impl Test {
    fn start(&mut self, printer: &mut Printer) -> io::Result<()> {
        self.stage = Stage::Runs;
        printer.form.test_started(&self.name)
    }

    fn end(&mut self, shown: &Shown, took: Duration, printer: &mut Printer) -> io::Result<()> {
        if self.stage == Stage::Waits {
            self.start(printer)?;
        }
        self.stage = Stage::Over;
        printer.result(&self.name, shown, took)
    }
}

/// Writes and counts.
struct Printer<'a> {
    form: &'a mut dyn Form,
    began: Instant,
    conclusion: Conclusion,
}

impl<'a> Printer<'a> {
    fn new(form: &'a mut dyn Form) -> Self {
        let conclusion =
            Conclusion { num_filtered_out: 0, num_passed: 0, num_failed: 0, num_ignored: 0, num_measured: 0 };
        Self { form, began: Instant::now(), conclusion }
    }

    fn result(&mut self, name: &str, shown: &Shown, took: Duration) -> io::Result<()> {
        let count = match shown {
            Shown::Ok(_) => &mut self.conclusion.num_passed,
            Shown::Failed(_) => &mut self.conclusion.num_failed,
            Shown::Ignored(_) => &mut self.conclusion.num_ignored,
        };
        *count += 1;
        self.form.result(name, shown, took)
    }
}
