//! The libtest face: what editors, cargo and nextest see. libtest-mimic prints and counts; each of its trials only
//! waits for the verdict of its test, while the run schedules by itself.

use std::sync::mpsc::{Receiver, Sender, channel};

use libtest_mimic::{Arguments, ColorSetting, Completion, Conclusion, FormatSetting, Trial};

use super::message::message;
use crate::model::Outcome;
use crate::run::{Planned, Verdict};

/// As many tests are watched at once, each by a thread that waits; starting one for each of a thousand tests would
/// take longer than the tests do. They are watched in the order in which they start, so that a line is printed
/// late only where one test is overtaken by so many others; the run itself is never held up.
const WATCHED: usize = 200;

/// How the face prints.
#[derive(Debug, Clone, Default)]
pub(crate) struct Style {
    pub(crate) format: Option<FormatSetting>,
    pub(crate) color: Option<ColorSetting>,
    pub(crate) logfile: Option<String>,
    /// The list is of ignored tests alone.
    pub(crate) ignored: bool,
}

/// One trial for each selected test.
pub(crate) struct Face(Vec<Trial>);

/// Where a verdict is handed to the trial that waits for it.
pub(crate) type Hand = Sender<Verdict>;

impl Face {
    /// Trials for these tests, and the hands of those that are executed, in the order of `tests`. `start` says in
    /// which order these will start.
    pub(crate) fn new(
        tests: &[Planned],
        start: &[usize],
        fail_on_flaky: bool,
        style: &Style,
    ) -> (Self, Vec<Hand>) {
        // In JSON libtest-mimic puts `Error: "` before the message, but editors look for a line that begins
        // like a panic.
        let is_json = matches!(style.format, Some(FormatSetting::Json));
        let put = move |text: String| if is_json { format!("\n{text}\n") } else { text };
        let (mut trials, mut hands, mut executed) = (Vec::new(), Vec::new(), Vec::new());
        for planned in tests {
            let name = planned.test.id.as_str();
            if let Some(reason) = planned.ignored {
                trials.push(ignored(name, reason));
                continue;
            }
            let (hand, verdict) = channel();
            hands.push(hand);
            executed.push(Some(Trial::ignorable_test(name, move || {
                wait(&verdict, fail_on_flaky).map_err(|text| put(text).into())
            })));
        }
        trials.extend(start.iter().filter_map(|&test| executed.get_mut(test)?.take()));
        (Self(trials), hands)
    }
}

fn ignored(name: &str, reason: &'static str) -> Trial {
    if reason.is_empty() {
        return Trial::test(name, || Ok(())).with_ignored_flag(true);
    }
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}

fn wait(verdict: &Receiver<Verdict>, fail_on_flaky: bool) -> Result<Completion, String> {
    let Ok(verdict) = verdict.recv() else { return Ok(Completion::ignored_with("did not run")) };
    match verdict.outcome {
        Outcome::Passed if verdict.flaky && fail_on_flaky => {
            let first = message(&verdict, true);
            Err(format!("flaky: passed on attempt {}, but before that: {first}", verdict.attempts))
        }
        Outcome::Passed => Ok(Completion::Completed),
        Outcome::Skipped => Ok(Completion::Ignored { reason: verdict.skipped }),
        _ => Err(message(&verdict, verdict.attempts > 1)),
    }
}

/// Prints the results as they come, and then the summary.
pub(crate) fn print(face: Face, style: &Style) -> Conclusion {
    let arguments = Arguments {
        test_threads: Some(face.0.len().clamp(1, WATCHED)),
        format: style.format,
        color: style.color,
        logfile: style.logfile.clone(),
        ..Arguments::default()
    };
    libtest_mimic::run(&arguments, face.0)
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
