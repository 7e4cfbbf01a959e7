//! The results in words. libtest-mimic prints and counts; each of its trials only waits for the verdict of its test.

use std::sync::mpsc::{Receiver, Sender, channel};

use libtest_mimic::{Arguments, Completion, Conclusion, Trial};

use super::face::{Shown, Style};
use crate::run::{Planned, Verdict};

/// As many tests are watched at once, each by a thread that waits; starting one for each of a thousand tests would
/// take longer than the tests do. They are watched in the order in which they start, so that a line is printed
/// late only where one test is overtaken by so many others; the run itself is never held up.
const WATCHED: usize = 200;

/// One trial for each selected test.
pub(super) struct Trials(Vec<Trial>);

impl Trials {
    /// Trials for these tests, and the hands of those that are executed, in the order of `tests`. `start` says in
    /// which order these will start.
    pub(super) fn new(
        tests: &[Planned],
        start: &[usize],
        fail_on_flaky: bool,
    ) -> (Self, Vec<Sender<Verdict>>) {
        let (mut trials, mut hands, mut executed) = (Vec::new(), Vec::new(), Vec::new());
        for planned in tests {
            let name = planned.name();
            if let Some(reason) = planned.ignored {
                trials.push(ignored(name.as_str(), reason));
                continue;
            }
            let (hand, verdict) = channel();
            hands.push(hand);
            executed.push(Some(Trial::ignorable_test(name.as_str(), move || {
                match wait(&verdict, fail_on_flaky) {
                    Shown::Ok => Ok(Completion::Completed),
                    Shown::Failed(text) => Err(text.into()),
                    Shown::Ignored(reason) => Ok(Completion::Ignored { reason }),
                }
            })));
        }
        trials.extend(start.iter().filter_map(|&test| executed.get_mut(test)?.take()));
        (Self(trials), hands)
    }

    /// Prints the results as they come, and then the summary.
    pub(super) fn print(self, style: &Style) -> Conclusion {
        let arguments = Arguments {
            test_threads: Some(self.0.len().clamp(1, WATCHED)),
            format: style.format,
            color: style.color,
            logfile: style.logfile.clone(),
            ..Arguments::default()
        };
        libtest_mimic::run(&arguments, self.0)
    }
}

fn ignored(name: &str, reason: &'static str) -> Trial {
    if reason.is_empty() {
        return Trial::test(name, || Ok(())).with_ignored_flag(true);
    }
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

fn wait(verdict: &Receiver<Verdict>, fail_on_flaky: bool) -> Shown {
    verdict.recv().map_or_else(|_| Shown::without_verdict(), |verdict| Shown::of(verdict, fail_on_flaky))
}

/// Prints the names of these tests, each with `: test`.
pub(crate) fn list(tests: &[Planned], style: &Style) {
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
    let _ = libtest_mimic::run(&arguments, trials.collect());
}
