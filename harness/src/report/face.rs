//! The face of a run: what editors, cargo and nextest see of it. In words libtest-mimic prints the results, in JSON and where
//! each line has a time callboard does; both only wait for verdicts, while the run schedules by itself.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::Sender;

use libtest_mimic::{ColorSetting, Conclusion, FormatSetting};

use super::github::grouped;
use super::json::Json;
use super::libtest::{self, Trials};
use super::message::{message, message_of_flaky};
use super::output::printed;
use super::results::{News, Results};
use super::timed::Timed;
use crate::model::Outcome;
use crate::run::{Plan, Planned, Verdict};

/// How the face prints, and what it counts as failed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Style {
    pub(crate) format: Option<FormatSetting>,
    pub(crate) color: Option<ColorSetting>,
    pub(crate) logfile: Option<String>,
    /// Each test has its time in its line. Lines of JSON have it anyway.
    pub(crate) times: bool,
    /// The list is of ignored tests alone.
    pub(crate) ignored: bool,
    pub(crate) expect: Expect,
}

/// What is made of a verdict.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Expect {
    /// It has failed if it needed a retry.
    pub(crate) fail_on_flaky: bool,
    /// What it printed is shown.
    pub(crate) show_output: bool,
    /// What a failed test printed is a group of a log of GitHub Actions.
    pub(crate) groups: bool,
}

/// What the results are written to.
pub(crate) type Output = Box<dyn Write>;

impl Style {
    /// Opens what the results are written to, so that nothing is started where they cannot be.
    pub(crate) fn open(&self) -> Result<Output, Unwritable> {
        let Some(path) = &self.logfile else { return Ok(Box::new(io::stdout())) };
        let file = File::create(path).map_err(|error| self.unwritable(error))?;
        Ok(Box::new(file))
    }

    fn unwritable(&self, error: io::Error) -> Unwritable {
        let target = self.logfile.as_ref().map(|path| format!("`{path}` (--logfile)"));
        Unwritable { target: target.unwrap_or_else(|| "standard output".to_owned()), error }
    }
}

/// The results cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the results to {target}: {error}")]
pub(crate) struct Unwritable {
    target: String,
    error: io::Error,
}

/// Prints the names of these tests, each with `: test`.
pub(crate) fn list(tests: &[Planned], style: &Style, mut output: Output) -> Result<(), Unwritable> {
    libtest::list(tests, style, &mut *output).map_err(|error| style.unwritable(error))
}

/// Who prints the results.
pub(crate) struct Face {
    printer: Printer,
    output: Output,
}

enum Printer {
    Trials(Trials),
    Results(Results),
}

impl Style {
    fn is_json(&self) -> bool {
        matches!(self.format, Some(FormatSetting::Json))
    }
}

impl Face {
    /// A face for the tests of a plan, and the hands that tell it of those that are executed. `start` says in which
    /// order these will start.
    pub(crate) fn new(plan: &Plan, start: &[usize], style: &Style, output: Output) -> (Self, Hands) {
        let (printer, hands) = if style.is_json() || style.times {
            let (results, news) = Results::new(plan, style.expect);
            (Printer::Results(results), Hands::News(news))
        } else {
            let (trials, hands) = Trials::new(&plan.tests, start, style.expect);
            (Printer::Trials(trials), Hands::Trials(hands.into_iter().map(Some).collect()))
        };
        (Self { printer, output }, hands)
    }

    /// Prints the results as they come, and then the summary. Ends when every test has its verdict, or the hands
    /// are gone.
    pub(crate) fn print(self, style: &Style) -> Result<Conclusion, Unwritable> {
        // libtest-mimic opens the log file once more. It stays open here meanwhile: closed in between, a pipe would end.
        let Self { printer, mut output } = self;
        match printer {
            Printer::Trials(trials) => trials.print(style, &mut *output),
            Printer::Results(results) if style.is_json() => results.print(&mut Json::new(&mut *output)),
            Printer::Results(results) => {
                let colors = matches!(style.color, Some(ColorSetting::Always));
                let width = results.width();
                results.print(&mut Timed::new(&mut *output, colors, width))
            }
        }
        .map_err(|error| style.unwritable(error))
    }
}

/// What tells the face how the run goes on. Tests are those that are executed, counted in the order of the plan.
pub(crate) enum Hands {
    /// Of each test, until it has its verdict.
    Trials(Vec<Option<Sender<Verdict>>>),
    News(Sender<News>),
}

impl Hands {
    /// Tells that the first attempt of a test begins.
    pub(crate) fn starter(&self) -> impl Fn(usize) + Send + Sync + 'static {
        let news = match self {
            // libtest-mimic shows a test when it is over.
            Self::Trials(_) => None,
            Self::News(news) => Some(news.clone()),
        };
        move |test| {
            if let Some(news) = &news {
                // The face has ended where nothing can be written any more.
                let _ = news.send(News::Started(test));
            }
        }
    }

    /// Hands the verdict of a test over.
    pub(crate) fn give(&mut self, test: usize, verdict: Verdict) {
        // As above.
        match self {
            Self::Trials(hands) => {
                if let Some(hand) = hands[test].take() {
                    let _ = hand.send(verdict);
                }
            }
            Self::News(news) => {
                let _ = news.send(News::Over(test, Box::new(verdict)));
            }
        }
    }
}

/// What is shown of a test in the end, in the words of libtest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shown {
    /// With what it printed, where that is to be shown.
    Ok(Option<String>),
    Failed(String),
    /// With a reason, if there is one.
    Ignored(Option<String>),
}

impl Shown {
    pub(super) fn of(verdict: Verdict, expect: Expect) -> Self {
        match verdict.outcome {
            Outcome::Passed if verdict.flaky && expect.fail_on_flaky => {
                Self::Failed(message_of_flaky(&verdict))
            }
            Outcome::Passed => Self::Ok(printed(&verdict).filter(|_| expect.show_output)),
            Outcome::Skipped => Self::Ignored(verdict.skipped),
            _ => Self::Failed(message(&verdict, verdict.attempts > 1)),
        }
        .grouped(expect)
    }

    fn grouped(self, expect: Expect) -> Self {
        match self {
            Self::Failed(text) if expect.groups => Self::Failed(grouped(&text)),
            other => other,
        }
    }

    /// Of a test that has no verdict: the run ended before.
    pub(super) fn without_verdict() -> Self {
        Self::Ignored(Some("did not run".to_owned()))
    }
}
