//! The results in words with the time of each test, `test name ... ok <0.123s>`, as libtest has them under `--report-time`.
//! Everything else is as libtest-mimic prints it, which has no place for times.

use std::io::{self, Write};
use std::time::Duration;

use libtest_mimic::Conclusion;

use super::face::Shown;
use super::results::Form;

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// A line for each test that is over.
pub(super) struct Timed<'a> {
    output: &'a mut dyn Write,
    colors: bool,
    width: usize,
    failures: Vec<(String, String)>,
}

impl<'a> Timed<'a> {
    /// `width` is that of the longest name.
    pub(super) fn new(output: &'a mut dyn Write, colors: bool, width: usize) -> Self {
        Self { output, colors, width, failures: Vec::new() }
    }

    fn painted(&self, word: &str, color: &str) -> String {
        if self.colors { format!("\u{1b}[{color}m{word}\u{1b}[0m") } else { word.to_owned() }
    }

    /// In one piece, so that nothing comes in between, and at once.
    fn say(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(text.as_bytes())?;
        self.output.flush()
    }
}

impl Form for Timed<'_> {
    fn suite_started(&mut self, tests: usize, _: Option<u64>) -> io::Result<()> {
        self.say(&format!("\nrunning {tests} test{}\n", if tests == 1 { "" } else { "s" }))
    }

    fn test_started(&mut self, _: &str) -> io::Result<()> {
        // Others run meanwhile: a line is printed whole.
        Ok(())
    }

    fn result(&mut self, name: &str, shown: &Shown, took: Duration) -> io::Result<()> {
        let time = format!(" <{:.3}s>", took.as_secs_f64());
        let result = match shown {
            Shown::Ok(_) => self.painted("ok", GREEN) + time.as_str(),
            Shown::Failed(message) => {
                self.failures.push((name.to_owned(), message.clone()));
                self.painted("FAILED", RED) + time.as_str()
            }
            Shown::Ignored(Some(reason)) => self.painted(&format!("ignored ({reason})"), YELLOW),
            Shown::Ignored(None) => self.painted("ignored", YELLOW),
        };
        self.say(&format!("test {name:width$} ... {result}\n", width = self.width))
    }

    fn suite_ended(&mut self, conclusion: &Conclusion, took: Duration) -> io::Result<()> {
        let mut text = String::new();
        if !self.failures.is_empty() {
            let messages =
                self.failures.iter().map(|(name, message)| format!("---- {name} ----\n{message}\n\n"));
            let names = self.failures.iter().map(|(name, _)| format!("    {name}\n"));
            text = format!(
                "\nfailures:\n\n{}\nfailures:\n{}",
                messages.collect::<String>(),
                names.collect::<String>()
            );
        }
        let result =
            if conclusion.has_failed() { self.painted("FAILED", RED) } else { self.painted("ok", GREEN) };
        let Conclusion { num_filtered_out, num_passed, num_failed, num_ignored, num_measured } = conclusion;
        self.say(&format!(
            "{text}\ntest result: {result}. {num_passed} passed; {num_failed} failed; {num_ignored} ignored; {num_measured} \
             measured; {num_filtered_out} filtered out; finished in {:.2}s\n\n",
            took.as_secs_f64()
        ))
    }
}
