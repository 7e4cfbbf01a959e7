//! The command line: every argument that libtest accepts, and callboard's own.

use std::ffi::OsString;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser, ValueEnum};

use crate::config::{RecordMode, When, Workers, duration};
use crate::diagnose::Limit;
use crate::model::Shard;

/// Runs end-to-end tests, each in a leased slot.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Clone, Default, Parser)]
#[command(
    disable_version_flag = true,
    args_override_self = true,
    after_help = "A test runs when its name contains one of the filters (with --exact: is one of them).\n\
                  RUST_TEST_THREADS and CALLBOARD_* in the environment stand for their options."
)]
pub(crate) struct Args {
    /// Run the tests whose names contain one of these
    #[arg(value_name = "FILTERS")]
    pub(crate) filters: Vec<String>,

    /// Take filters and --skip as whole names
    #[arg(long)]
    pub(crate) exact: bool,
    /// Leave out tests whose names contain this (may be repeated)
    #[arg(long, value_name = "FILTER")]
    pub(crate) skip: Vec<String>,
    /// Run only ignored tests
    #[arg(long)]
    pub(crate) ignored: bool,
    /// Run ignored and other tests
    #[arg(long)]
    pub(crate) include_ignored: bool,
    /// Leave out tests marked `#[should_panic]`
    #[arg(long)]
    pub(crate) exclude_should_panic: bool,
    /// Run only tests with this tag (may be repeated: one of them)
    #[arg(long, value_name = "TAG")]
    pub(crate) tag: Vec<String>,
    /// Run only tests of this role (may be repeated: one of them)
    #[arg(long, value_name = "ROLE")]
    pub(crate) role: Vec<String>,
    /// Run only this part of the selected tests, which several machines share: 1/3
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Use only this slot (may be repeated)
    #[arg(long, value_name = "N")]
    pub(crate) slot: Vec<u16>,

    /// List the tests, and start nothing
    #[arg(long)]
    pub(crate) list: bool,
    /// How the list and the results are printed
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// Who prints: line on a terminal where somebody watches, else list
    #[arg(long, value_enum, value_name = "REPORTER", conflicts_with = "format")]
    pub(crate) reporter: Option<Reporter>,
    /// One character a test: the same as --format=terse and --reporter=dot
    #[arg(short, long, conflicts_with_all = ["format", "reporter"])]
    pub(crate) quiet: bool,
    /// When to color
    #[arg(long, value_enum, value_name = "WHEN")]
    pub(crate) color: Option<Color>,
    /// Write the results to this file instead
    #[arg(long, value_name = "PATH")]
    pub(crate) logfile: Option<String>,
    /// Print how long each test took: in its line, or after the results where tests have none
    #[arg(long)]
    pub(crate) report_time: bool,

    /// How many tests run at once at the most, fewer when the machine cannot carry them; N! for exactly N [default: as
    /// configured]
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<Workers>,
    /// How many at the most, in libtest's word
    #[arg(long, value_name = "N")]
    pub(crate) test_threads: Option<NonZeroUsize>,
    /// Try a test that did not pass up to N times again
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<u32>,
    /// When a slot is brought back to its first state, above the configuration: never, after-failure, after-each
    #[arg(long, value_name = "WHEN", value_parser = when)]
    pub(crate) reset: Option<When>,
    /// Of which attempts a trace is left, above the configuration: on, off, retain-on-failure, on-first-retry
    #[arg(long, value_name = "MODE", value_parser = record_mode)]
    pub(crate) trace: Option<RecordMode>,
    /// Of which attempts a film is left, above the configuration: on, off, retain-on-failure, on-first-retry
    #[arg(long, value_name = "MODE", value_parser = record_mode)]
    pub(crate) video: Option<RecordMode>,
    /// How long a test may take, above its attribute and the configuration: 90s, 1m30s
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub(crate) timeout: Option<Duration>,
    /// How long a sign-in may take, above its attribute and the configuration
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub(crate) sign_in_timeout: Option<Duration>,
    /// How long the set-up of a fixture may take, above its attribute and the configuration
    #[arg(long, value_name = "TIME", value_parser = limit)]
    pub(crate) fixture_timeout: Option<Duration>,
    /// Count a test that passed only on a retry as failed
    #[arg(long, visible_alias = "fail-on-flaky-tests")]
    pub(crate) fail_on_flaky: bool,
    /// Start nothing more when N tests have failed for good
    #[arg(long, value_name = "N")]
    pub(crate) max_failures: Option<NonZeroUsize>,
    /// The same as --max-failures=1
    #[arg(short = 'x', long)]
    pub(crate) fail_fast: bool,
    /// Execute each test N times, each time as a test of its own
    #[arg(long, value_name = "N")]
    pub(crate) repeat_each: Option<NonZeroU32>,
    /// Try tests that failed once more when the others are over: alone, and alone in another slot [default: where CI is set]
    #[arg(long, overrides_with = "no_verdict")]
    pub(crate) verdict: bool,
    /// Do not, also where CI is set
    #[arg(long, overrides_with = "verdict")]
    pub(crate) no_verdict: bool,
    /// Run only what did not pass in the last run, or everything if there was nothing
    #[arg(long)]
    pub(crate) last_failed: bool,
    /// Start the tests in random order, in random slots
    #[arg(long)]
    pub(crate) shuffle: bool,
    /// Start the tests in the order and the slots of this shuffled run again
    #[arg(long, value_name = "SEED")]
    pub(crate) shuffle_seed: Option<u64>,

    /// Show the browser's window
    #[arg(long)]
    pub(crate) headed: bool,
    /// Wait before each action and each command to the browser, so that one can follow: 350 (milliseconds), 1s
    #[arg(long, value_name = "TIME", value_parser = pace)]
    pub(crate) slow_mo: Option<Duration>,
    /// Stop before each action and ask what to do; in a window if there is a display, one test at a time, without time limits
    #[arg(long)]
    pub(crate) debug: bool,

    /// Compare the accounts instead of running tests: each signs in, and what its probes find is to be the same in all slots. Filters
    /// choose among `role::sign_in` and `role::probe`
    #[arg(long, conflicts_with_all = ["analyze", "replay", "list", "last_failed", "shard"])]
    pub(crate) audit: bool,

    /// Find out why tests fail: runs all tests several times, then experiments with those that failed. Filters say whose failures
    /// are looked into
    #[arg(long)]
    pub(crate) analyze: bool,
    /// What --analyze may cost: a number of runs of the suite, or a time (20, 10m)
    #[arg(long, value_name = "COST", value_parser = budget, requires = "analyze")]
    pub(crate) budget: Option<Limit>,
    /// A first answer: --analyze runs all tests once, and those that fail three times alone
    #[arg(long, requires = "analyze", conflicts_with = "budget")]
    pub(crate) quick: bool,
    /// Look into what failed in a run that is kept: its id, or its folder
    #[arg(long, value_name = "RUN", requires = "analyze")]
    pub(crate) since: Option<PathBuf>,
    /// Go on with an analysis that was stopped: the last one, or this. It has the budget that it had left, or that of --budget
    #[arg(long, value_name = "RUN", requires = "analyze", num_args = 0..=1, conflicts_with_all = ["filters", "quick", "since"])]
    #[allow(clippy::option_option, reason = "an option whose value is optional, as clap has it")]
    pub(crate) resume: Option<Option<PathBuf>>,

    /// Make what an analysis has found happen again: `replay-1.json` of its folder; five times, or as --repeat-each says
    #[arg(long, value_name = "FILE", conflicts_with = "analyze")]
    pub(crate) replay: Option<PathBuf>,

    /// Let tests print as they run
    #[arg(long, visible_alias = "nocapture")]
    pub(crate) no_capture: bool,
    /// Show what passed tests printed, too
    #[arg(long)]
    pub(crate) show_output: bool,
    /// Run benchmarks instead of tests (there are none)
    #[arg(long)]
    pub(crate) bench: bool,
    /// Run tests, not benchmarks
    #[arg(long, conflicts_with = "bench")]
    pub(crate) test: bool,
    /// Accepted for libtest's sake
    #[arg(short = 'Z', value_name = "FLAG", value_parser = ["unstable-options"], action = ArgAction::Append)]
    pub(crate) unstable: Vec<String>,
    /// Accepted for libtest's sake
    #[arg(long, hide = true)]
    pub(crate) force_run_in_process: bool,
    /// Accepted for libtest's sake
    #[arg(long, hide = true)]
    pub(crate) ensure_time: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line a test
    Pretty,
    /// A character a test
    Terse,
    /// A JSON object a line
    Json,
}

/// Who prints the results for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reporter {
    /// A live view, and failures as they come
    Line,
    /// A line a test, as libtest has it
    List,
    /// A character a test
    Dot,
    /// Failures, and a short summary
    Quiet,
}

/// When to color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Args {
    /// Reads a command line, the program's name first. The error also stands for `--help`.
    pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let mut args = Self::try_parse_from(arguments)?;
        if args.quiet {
            args.format = Some(Format::Terse);
        }
        if args.shuffle_seed.is_none() {
            args.shuffle_seed = variable("RUST_TEST_SHUFFLE_SEED")?;
        }
        args.shuffle |= args.shuffle_seed.is_some();
        if args.test_threads.is_none() {
            args.test_threads = variable("RUST_TEST_THREADS")?;
        }
        Ok(args)
    }

    /// How often each test is executed.
    pub(crate) fn times(&self) -> u32 {
        self.repeat_each.map_or(1, NonZeroU32::get)
    }

    /// When so many tests have failed for good, nothing more is started.
    pub(crate) fn max_failures(&self) -> Option<usize> {
        if self.fail_fast { Some(1) } else { self.max_failures.map(NonZeroUsize::get) }
    }

    /// Whether a program reads the results.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Some(Format::Json)
    }
}

/// A time limit, as the configuration has them.
fn limit(text: &str) -> Result<Duration, String> {
    match duration::parse(text) {
        Some(limit) if !limit.is_zero() => Ok(limit),
        Some(_) => Err("a time limit has to be more than zero".to_owned()),
        None => Err(format!("this is no span of time; write {}", duration::FORM)),
    }
}

/// A pause: a span of time, or a number of milliseconds.
fn pace(text: &str) -> Result<Duration, String> {
    let milliseconds = text.parse().ok().map(Duration::from_millis);
    milliseconds.or_else(|| duration::parse(text)).ok_or_else(|| {
        format!("this is no span of time; write a number of milliseconds, or {}", duration::FORM)
    })
}

/// A number of runs of the suite, or a time.
fn budget(text: &str) -> Result<Limit, String> {
    if let Ok(suites) = text.parse::<usize>() {
        return if suites < 2 {
            Err("less than two runs tell nothing".to_owned())
        } else {
            Ok(Limit::Suites(suites))
        };
    }
    let time = duration::parse(text).filter(|time| !time.is_zero()).map(Limit::Time);
    time.ok_or_else(|| format!("write a number of runs of the suite, or a time: {}", duration::FORM))
}

/// When a slot is reset, as the configuration has it.
fn when(text: &str) -> Result<When, String> {
    When::parse(text).ok_or_else(|| format!("write {}", When::FORM))
}

/// Of which attempts a recording is left, as the configuration has it.
fn record_mode(text: &str) -> Result<RecordMode, String> {
    RecordMode::parse(text).ok_or_else(|| format!("write {}", RecordMode::FORM))
}

/// A variable of the environment that stands for an option.
fn variable<T: std::str::FromStr>(name: &str) -> Result<Option<T>, clap::Error> {
    let Some(text) = std::env::var_os(name) else { return Ok(None) };
    let value = text.to_str().and_then(|text| text.parse().ok());
    let wrong = || {
        let message =
            format!("{name} in the environment is `{}`, which is not such a number\n", text.display());
        clap::Error::raw(clap::error::ErrorKind::ValueValidation, message)
    };
    value.ok_or_else(wrong).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Args, clap::Error> {
        Args::read(std::iter::once("e2e").chain(line.split_whitespace()).map(OsString::from))
    }

    #[test]
    fn every_argument_of_libtest_is_accepted() {
        for line in [
            "a::b --exact --nocapture --include-ignored",
            "a:: --nocapture",
            "-Z unstable-options --format=json --show-output",
            "-Zunstable-options --format json --report-time",
            "--list --format terse",
            "--list --format terse --ignored",
            "a --nocapture --exact",
            "a b --skip c --skip d --no-capture",
            "--test-threads 1 --test-threads=2 -q --color always --logfile x --test",
            "--shuffle --shuffle-seed 7 --ensure-time --force-run-in-process --exclude-should-panic --fail-fast",
            "--bench",
        ] {
            read(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        for line in [
            "--nonsense",
            "--test-threads 0",
            "--workers none",
            "--workers 0!",
            "--workers x!",
            "--format xml",
            "--quiet --format json",
            "--timeout 90",
            "--timeout 0s",
            "--sign-in-timeout soon",
            "--repeat-each 0",
            "--max-failures 0",
            "--reset sometimes",
            "--trace sometimes",
            "--reporter loud",
            "--reporter line --format json",
            "--reporter line -q",
            "--shard 0/3",
            "--shard 4/3",
            "--shard x",
            "--quick",
            "--since x",
            "--resume",
            "--analyze --quick --budget 3",
            "--analyze --resume x --quick",
            "--analyze a --resume",
        ] {
            assert_eq!(read(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }

    #[test]
    fn to_stop_fast_is_to_stop_after_one() {
        let most = |line: &str| read(line).unwrap().max_failures();
        assert_eq!([most(""), most("--max-failures 3")], [None, Some(3)]);
        assert_eq!(["--fail-fast", "-x", "-x --max-failures 3"].map(most), [Some(1); 3]);
    }

    #[test]
    fn several_filters_and_skips_are_kept() {
        let args = read("a b --skip c --skip d").unwrap();
        assert_eq!((args.filters, args.skip), (vec!["a".into(), "b".into()], vec!["c".into(), "d".into()]));
    }
}
