//! The results as lines of JSON: the objects, the keys and their order are those of libtest's
//! `--format json --report-time`. libtest-mimic's own lack reasons and times, and quote messages once more.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use libtest_mimic::Conclusion;
use serde_json::Value;

use super::face::Shown;
use crate::run::{Plan, Verdict};

/// What happens to a test that is executed. These are counted in the order of the plan.
pub(crate) enum News {
    /// Its first attempt begins.
    Started(usize),
    /// It will not be tried again.
    Over(usize, Verdict),
}

/// A line for each thing that happens to a test.
pub(super) struct Lines {
    executed: Vec<&'static str>,
    /// Each with its reason, or an empty one.
    ignored: Vec<(&'static str, &'static str)>,
    shuffle_seed: Option<u64>,
    fail_on_flaky: bool,
    news: Receiver<News>,
}

impl Lines {
    /// Lines for the tests of a plan, and where to tell what happens to them.
    pub(super) fn new(plan: &Plan, fail_on_flaky: bool) -> (Self, Sender<News>) {
        let (sender, news) = channel();
        let ignored = plan.tests.iter().filter_map(|test| Some((test.test.id.as_str(), test.ignored?)));
        let lines = Self {
            executed: plan.executed().map(|test| test.id.as_str()).collect(),
            ignored: ignored.collect(),
            shuffle_seed: plan.shuffle_seed,
            fail_on_flaky,
            news,
        };
        (lines, sender)
    }

    /// Prints what happens as it does, until every test is over or nobody is left to tell. A test that was never
    /// started is started, for the reader, with its result: each result follows the start of its test.
    pub(super) fn print(self, output: &mut dyn Write) -> io::Result<Conclusion> {
        let Self { executed, ignored, shuffle_seed, fail_on_flaky, news } = self;
        let mut printer = Printer::new(output);
        printer.suite_started(executed.len() + ignored.len(), shuffle_seed)?;
        for (name, reason) in ignored {
            let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
            printer.test_started(name)?;
            printer.result(name, &Shown::Ignored(reason), Duration::ZERO)?;
        }
        let mut tests: Vec<_> = executed.into_iter().map(|name| Test { name, stage: Stage::Waits }).collect();
        let mut left = tests.len();
        while left > 0 {
            match news.recv() {
                Ok(News::Started(index)) => tests[index].start(&mut printer)?,
                Ok(News::Over(index, verdict)) => {
                    let took = verdict.took;
                    tests[index].end(&Shown::of(verdict, fail_on_flaky), took, &mut printer)?;
                    left -= 1;
                }
                Err(_) => break,
            }
        }
        for test in tests.iter_mut().filter(|test| test.stage != Stage::Over) {
            test.end(&Shown::without_verdict(), Duration::ZERO, &mut printer)?;
        }
        printer.suite_ended()
    }
}

/// A test that is executed, and how much of it was printed.
struct Test {
    name: &'static str,
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
        printer.test_started(self.name)
    }

    fn end(&mut self, shown: &Shown, took: Duration, printer: &mut Printer) -> io::Result<()> {
        if self.stage == Stage::Waits {
            self.start(printer)?;
        }
        self.stage = Stage::Over;
        printer.result(self.name, shown, took)
    }
}

/// Writes and counts.
struct Printer<'a> {
    output: &'a mut dyn Write,
    began: Instant,
    conclusion: Conclusion,
}

impl<'a> Printer<'a> {
    fn new(output: &'a mut dyn Write) -> Self {
        let conclusion =
            Conclusion { num_filtered_out: 0, num_passed: 0, num_failed: 0, num_ignored: 0, num_measured: 0 };
        Self { output, began: Instant::now(), conclusion }
    }

    fn suite_started(&mut self, tests: usize, shuffle_seed: Option<u64>) -> io::Result<()> {
        let seed = shuffle_seed.map(|seed| format!(r#", "shuffle_seed": {seed}"#)).unwrap_or_default();
        self.line(&format!(r#""type": "suite", "event": "started", "test_count": {tests}{seed}"#))
    }

    fn test_started(&mut self, name: &str) -> io::Result<()> {
        self.line(&format!(r#""type": "test", "event": "started", "name": {}"#, text(name)))
    }

    fn result(&mut self, name: &str, shown: &Shown, took: Duration) -> io::Result<()> {
        let Conclusion { num_passed, num_failed, num_ignored, .. } = &mut self.conclusion;
        let (count, event) = match shown {
            Shown::Ok => (num_passed, "ok"),
            Shown::Failed(_) => (num_failed, "failed"),
            Shown::Ignored(_) => (num_ignored, "ignored"),
        };
        *count += 1;
        let mut line = format!(r#""type": "test", "name": {}, "event": "{event}""#, text(name));
        if !matches!(shown, Shown::Ignored(_)) {
            line += &format!(r#", "exec_time": {}"#, took.as_secs_f64());
        }
        match shown {
            Shown::Failed(message) => line += &format!(r#", "stdout": {}"#, text(&format!("{message}\n"))),
            Shown::Ignored(Some(reason)) => line += &format!(r#", "message": {}"#, text(reason)),
            Shown::Ok | Shown::Ignored(None) => {}
        }
        self.line(&line)
    }

    fn suite_ended(mut self) -> io::Result<Conclusion> {
        let Conclusion { num_filtered_out, num_passed, num_failed, num_ignored, num_measured } =
            self.conclusion;
        let event = if num_failed == 0 { "ok" } else { "failed" };
        let took = self.began.elapsed().as_secs_f64();
        self.line(&format!(
            r#""type": "suite", "event": "{event}", "passed": {num_passed}, "failed": {num_failed}, "ignored": {num_ignored}, "measured": {num_measured}, "filtered_out": {num_filtered_out}, "exec_time": {took}"#
        ))?;
        Ok(self.conclusion)
    }

    /// Writes an object in one piece, so that nothing comes in between, and at once.
    fn line(&mut self, keys: &str) -> io::Result<()> {
        self.output.write_all(format!("{{ {keys} }}\n").as_bytes())?;
        self.output.flush()
    }
}

/// A string of JSON, with its quotes.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}
