//! The results in words. libtest-mimic prints and counts; each of its trials only waits for the verdict of its test.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};

use libtest_mimic::{Arguments, Completion, Conclusion, Trial};

use super::face::{Expect, Shown, Style};
use crate::run::{Planned, Verdict};
use crate::suite::call;

/// As many tests are watched at once, each by a thread that waits; starting one for each of a thousand tests would
/// take longer than the tests do. They are watched in the order in which they start, so that a line is printed
/// late only where one test is overtaken by so many others; the run itself is never held up.
const WATCHED: usize = 200;

/// One trial for each selected test.
pub(super) struct Trials(Vec<Trial>);

impl Trials {
    /// Trials for these tests, and the hands of those that are executed, in the order of `tests`. `start` says in
    /// which order these will start.
    pub(super) fn new(tests: &[Planned], start: &[usize], expect: Expect) -> (Self, Vec<Sender<Verdict>>) {
        let (mut trials, mut hands, mut executed) = (Vec::new(), Vec::new(), Vec::new());
        for planned in tests {
            let name = planned.name();
            if let Some(reason) = planned.ignored {
                trials.push(ignored(name.as_str(), reason));
                continue;
            }
            let (hand, verdict) = channel();
            hands.push(hand);
            executed.push(Some(Trial::ignorable_test(name.as_str(), move || match wait(&verdict, expect) {
                Shown::Ok(_) => Ok(Completion::Completed),
                Shown::Failed(text) => Err(text.into()),
                Shown::Ignored(reason) => Ok(Completion::Ignored { reason }),
            })));
        }
        trials.extend(start.iter().filter_map(|&test| executed.get_mut(test)?.take()));
        (Self(trials), hands)
    }

    /// Prints the results as they come, and then the summary. What it prints to is `output`, too.
    pub(super) fn print(self, style: &Style, output: &mut dyn Write) -> io::Result<Conclusion> {
        let arguments = Arguments {
            test_threads: Some(self.0.len().clamp(1, WATCHED)),
            format: style.format,
            color: style.color,
            logfile: style.logfile.clone(),
            ..Arguments::default()
        };
        run(&arguments, self.0, output)
    }
}

/// libtest-mimic panics where it cannot write.
fn run(arguments: &Arguments, trials: Vec<Trial>, output: &mut dyn Write) -> io::Result<Conclusion> {
    call(|| libtest_mimic::run(arguments, trials)).map_err(|panic| {
        // Its panic names the error in the words of a programmer: the same once more.
        let tried = output.write_all(b"\n").and_then(|()| output.flush());
        tried.err().unwrap_or_else(|| io::Error::other(panic.message))
    })
}

fn ignored(name: &str, reason: &'static str) -> Trial {
    if reason.is_empty() {
        return Trial::test(name, || Ok(())).with_ignored_flag(true);
    }
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

fn wait(verdict: &Receiver<Verdict>, expect: Expect) -> Shown {
    verdict.recv().map_or_else(|_| Shown::without_verdict(), |verdict| Shown::of(verdict, expect))
}

/// Prints the names of these tests, each with `: test`. What it prints to is `output`, too.
pub(super) fn list(tests: &[Planned], style: &Style, output: &mut dyn Write) -> io::Result<()> {
    let trials = tests.iter().map(|planned| {
        Trial::test(planned.test.id.as_str(), || Ok(()))
            .with_ignored_flag(planned.test.entry.ignore.is_some())
    });
    let arguments = Arguments {
        list: true,
        ignored: style.ignored,
        format: style.format,
        logfile: style.logfile.clone(),
        ..Arguments::default()
    };
    // A list has no conclusion.
    run(&arguments, trials.collect(), output).map(drop)
}
