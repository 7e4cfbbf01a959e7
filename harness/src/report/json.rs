//! The results as lines of JSON: the objects, the keys and their order are those of libtest's
//! `--format json --report-time`. libtest-mimic's own lack reasons and times, and quote messages once more.

use std::io::{self, Write};
use std::time::Duration;

use libtest_mimic::Conclusion;
use serde_json::Value;

use super::face::Shown;
use super::results::Form;

/// A line for each thing that happens to a test.
pub(super) struct Json<'a> {
    output: &'a mut dyn Write,
}

impl<'a> Json<'a> {
    pub(super) fn new(output: &'a mut dyn Write) -> Self {
        Self { output }
    }

    /// Writes an object in one piece, so that nothing comes in between, and at once.
    fn line(&mut self, keys: &str) -> io::Result<()> {
        self.output.write_all(format!("{{ {keys} }}\n").as_bytes())?;
        self.output.flush()
    }
}

impl Form for Json<'_> {
    fn suite_started(&mut self, tests: usize, shuffle_seed: Option<u64>) -> io::Result<()> {
        let seed = shuffle_seed.map(|seed| format!(r#", "shuffle_seed": {seed}"#)).unwrap_or_default();
        self.line(&format!(r#""type": "suite", "event": "started", "test_count": {tests}{seed}"#))
    }

    fn test_started(&mut self, name: &str) -> io::Result<()> {
        self.line(&format!(r#""type": "test", "event": "started", "name": {}"#, text(name)))
    }

    fn result(&mut self, name: &str, shown: &Shown, took: Duration) -> io::Result<()> {
        let time = format!(r#", "exec_time": {}"#, took.as_secs_f64());
        let (event, more) = match shown {
            Shown::Ok(None) => ("ok", time),
            Shown::Ok(Some(printed)) => ("ok", format!(r#"{time}, "stdout": {}"#, text(printed))),
            Shown::Failed(message) => {
                ("failed", format!(r#"{time}, "stdout": {}"#, text(&format!("{message}\n"))))
            }
            Shown::Ignored(Some(reason)) => ("ignored", format!(r#", "message": {}"#, text(reason))),
            Shown::Ignored(None) => ("ignored", String::new()),
        };
        self.line(&format!(r#""type": "test", "name": {}, "event": "{event}"{more}"#, text(name)))
    }

    fn suite_ended(&mut self, conclusion: &Conclusion, took: Duration) -> io::Result<()> {
        let Conclusion { num_filtered_out, num_passed, num_failed, num_ignored, num_measured } = conclusion;
        let event = if *num_failed == 0 { "ok" } else { "failed" };
        let took = took.as_secs_f64();
        self.line(&format!(
            r#""type": "suite", "event": "{event}", "passed": {num_passed}, "failed": {num_failed}, "ignored": {num_ignored}, "measured": {num_measured}, "filtered_out": {num_filtered_out}, "exec_time": {took}"#
        ))
    }
}

/// A string of JSON, with its quotes.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;
    use crate::model::{Location, Outcome, Problem, TestId};
    use crate::report::face::Expect;
    use crate::report::results::{News, Results};
    use crate::run::Verdict;

    const NAMES: [&str; 3] = ["a::first", "b::\"second\" \\ ü", "c::third"];

    fn verdict(name: &str, outcome: Outcome) -> Verdict {
        Verdict {
            test: TestId::new(name),
            outcome,
            flaky: false,
            attempts: 1,
            skipped: None,
            expected: None,
            problem: None,
            place: None,
            took: Duration::from_micros(1500),
            earlier: Vec::new(),
        }
    }

    /// What is printed of this news, and nothing more to come.
    fn printed(news: Vec<News>, ignored: &[(&'static str, &'static str)]) -> String {
        let (sender, receiver) = channel();
        for news in news {
            sender.send(news).unwrap();
        }
        drop(sender);
        let results = Results {
            executed: NAMES.map(str::to_owned).to_vec(),
            ignored: ignored.to_vec(),
            shuffle_seed: None,
            expect: Expect { fail_on_flaky: true, ..Expect::default() },
            news: receiver,
        };
        let mut output = Vec::new();
        let conclusion = results.print(&mut Json::new(&mut output)).unwrap();
        let output = String::from_utf8(output).unwrap();
        let last: Value = serde_json::from_str(output.lines().last().unwrap()).unwrap();
        assert_eq!(last["event"], if conclusion.has_failed() { "failed" } else { "ok" });
        output
    }

    /// Of each line about this test, its event, and its reason or what it printed.
    fn told<'a>(objects: &'a [Value], name: &str) -> Vec<(&'a str, Option<&'a str>)> {
        let of_test = objects.iter().filter(|object| object["name"] == name);
        of_test
            .map(|object| {
                let words = object.get("message").or_else(|| object.get("stdout"));
                (object["event"].as_str().unwrap(), words.and_then(Value::as_str))
            })
            .collect()
    }

    fn objects(output: &str) -> Vec<Value> {
        output.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }

    fn over(test: usize, outcome: Outcome) -> News {
        News::Over(test, Box::new(verdict(NAMES[test], outcome)))
    }

    #[test]
    fn lines_are_those_of_libtest() {
        let mut failed = verdict(NAMES[1], Outcome::Failed);
        let location = Location { file: "tests/b.rs".into(), line: 3, column: 5 };
        failed.problem = Some(Problem::failed("a \"tab\":\t\u{1b}ü", Some(location)));
        let mut skipped = verdict(NAMES[2], Outcome::Skipped);
        skipped.skipped = Some("no\nprinter".to_owned());
        let news = vec![
            News::Started(1),
            News::Started(0),
            News::Over(0, Box::new(verdict(NAMES[0], Outcome::Passed))),
            News::Started(2),
            News::Over(1, Box::new(failed)),
            News::Over(2, Box::new(skipped)),
        ];
        let output = printed(news, &[("d::fourth", ""), ("e::fifth", "needs a \"printer\"")]);
        let expected = r#"{ "type": "suite", "event": "started", "test_count": 5 }
{ "type": "test", "event": "started", "name": "d::fourth" }
{ "type": "test", "name": "d::fourth", "event": "ignored" }
{ "type": "test", "event": "started", "name": "e::fifth" }
{ "type": "test", "name": "e::fifth", "event": "ignored", "message": "needs a \"printer\"" }
{ "type": "test", "event": "started", "name": "b::\"second\" \\ ü" }
{ "type": "test", "event": "started", "name": "a::first" }
{ "type": "test", "name": "a::first", "event": "ok", "exec_time": 0.0015 }
{ "type": "test", "event": "started", "name": "c::third" }
{ "type": "test", "name": "b::\"second\" \\ ü", "event": "failed", "exec_time": 0.0015, "stdout": "thread 'b::\"second\" \\ ü' panicked at tests/b.rs:3:5:\nfailed: a \"tab\":\t\u001bü\n" }
{ "type": "test", "name": "c::third", "event": "ignored", "message": "no\nprinter" }
{ "type": "suite", "event": "failed", "passed": 1, "failed": 1, "ignored": 3, "measured": 0, "filtered_out": 0"#;
        assert!(output.starts_with(expected), "{output}");
    }

    #[test]
    fn what_was_never_started_is_started_with_its_result() {
        let output = printed(vec![over(1, Outcome::Errored), News::Started(2)], &[]);
        let objects = objects(&output);
        let did_not_run = [("started", None), ("ignored", Some("did not run"))];
        assert_eq!(told(&objects, NAMES[0]), did_not_run);
        assert_eq!(told(&objects, NAMES[2]), did_not_run);
        assert_eq!(told(&objects, NAMES[1])[1].0, "failed");
        assert_eq!(objects.last().unwrap()["ignored"], 2);
    }

    #[test]
    fn a_flaky_test_fails_where_it_may_not_be() {
        let mut flaky = verdict(NAMES[0], Outcome::Passed);
        flaky.flaky = true;
        flaky.attempts = 2;
        let location = Location { file: "tests/b.rs".into(), line: 3, column: 5 };
        flaky.problem = Some(Problem { location: Some(location), ..Problem::errored("gone") });
        let output = printed(vec![News::Over(0, Box::new(flaky))], &[]);
        let expected = "thread 'a::first' panicked at tests/b.rs:3:5:\n\
                        flaky: passed on attempt 2, but before that errored: gone\n";
        assert_eq!(told(&objects(&output), NAMES[0])[1], ("failed", Some(expected)));
    }

    #[test]
    fn each_line_is_written_in_one_piece_and_flushed() {
        struct Pieces(Vec<String>);
        impl Write for Pieces {
            fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
                self.0.push(String::from_utf8(piece.to_vec()).unwrap());
                Ok(piece.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                self.0.push("flushed".to_owned());
                Ok(())
            }
        }
        let mut pieces = Pieces(Vec::new());
        let (plan, (sender, news)) = (NAMES.map(str::to_owned).to_vec(), channel());
        drop(sender);
        let results = Results {
            executed: plan,
            ignored: Vec::new(),
            shuffle_seed: Some(7),
            expect: Expect::default(),
            news,
        };
        assert!(!results.print(&mut Json::new(&mut pieces)).unwrap().has_failed());
        assert_eq!(
            pieces.0[0],
            "{ \"type\": \"suite\", \"event\": \"started\", \"test_count\": 3, \"shuffle_seed\": 7 }\n"
        );
        assert_eq!(pieces.0.len(), 2 * (2 + 2 * NAMES.len()));
        for pair in pieces.0.chunks(2) {
            assert!(pair[0].ends_with(" }\n") && pair[1] == "flushed", "{pair:?}");
        }
    }
}
