//! From the command line to the exit code.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use super::args::Args;
use super::earlier::{self, keep_last_failed};
use super::looks;
use super::places;
use super::prepared::{Prepared, Whose};
use crate::config::ConfigError;
use crate::model::{Event, chain};
use crate::process;
use crate::report::{self, Again, COMMAND, Face, Terminal, Watch};
use crate::run::{BUSY, Demand, End, Ignored, Plan, Selection, Shuffle, busy_main};
use crate::suite::Suite;
use crate::worker;

/// Some test did not pass; what libtest says then, too.
pub(super) const FAILED: u8 = 101;
/// The command line, the configuration or the suite is wrong. Nothing was started.
const USAGE: u8 = 2;
/// The surroundings could not be set up at all.
pub(super) const SURROUNDINGS: u8 = 3;
/// As shells have it for Ctrl-C.
pub(super) const INTERRUPTED: u8 = 130;

/// Below the folder of a run: the results as libtest has them, where they were not printed.
const LIST: &str = "list.log";

/// How long the threads of a run may take to notice its end.
pub(super) const AFTER_THE_END: Duration = Duration::from_secs(1);

/// Who calls: what `callboard::main!()` knows of the consumer's package.
#[derive(Debug, Clone, Copy)]
pub struct Consumer {
    /// `CARGO_MANIFEST_DIR`
    pub manifest_dir: &'static str,
    /// `CARGO_PKG_NAME`
    pub package: &'static str,
    /// The name of the test target as a crate: `module_path!()`
    pub target: &'static str,
}

impl Consumer {
    /// What its suite is called among others that share a folder for what runs leave.
    pub(super) fn suite(&self) -> String {
        format!("{}/{}", self.package, self.target)
    }

    /// The command that runs its tests again.
    pub(super) fn again(&self) -> Again {
        let command = std::env::var(COMMAND).ok();
        Again::new(self.package, self.target, Path::new(self.manifest_dir), command)
    }

    /// Whose a run of it is.
    pub(super) fn whose(&self, again: &Again) -> Whose<'static> {
        Whose {
            manifest_dir: Path::new(self.manifest_dir),
            suite: Some(self.suite()),
            command: Some(again.command().to_owned()),
            inline: false,
            stopped: None,
        }
    }
}

/// The `main` of a test executable.
pub fn main(consumer: Consumer) -> ExitCode {
    if std::env::args_os().nth(1).is_some_and(|first| first == worker::ARGUMENT) {
        return worker::child_main();
    }
    if std::env::args_os().nth(1).is_some_and(|first| first == BUSY) {
        return busy_main();
    }
    let args = match Args::read(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => {
            let code = u8::try_from(error.exit_code()).unwrap_or(USAGE);
            // Where help cannot be printed, there is nowhere to say so.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    match execute(&args, consumer) {
        Ok(code) => ExitCode::from(code),
        Err(wrong) => {
            Terminal::complain(&wrong.message);
            ExitCode::from(wrong.code)
        }
    }
}

/// Why nothing was run.
pub(super) struct Wrong {
    pub(super) code: u8,
    pub(super) message: String,
}

pub(super) fn usage(error: impl std::fmt::Display) -> Wrong {
    Wrong { code: USAGE, message: format!("error: {error}") }
}

/// Errors of the configuration are whole reports already.
pub(super) fn plain(error: ConfigError) -> Wrong {
    Wrong { code: USAGE, message: error.to_string() }
}

pub(super) fn surroundings(error: &dyn std::error::Error) -> Wrong {
    Wrong { code: SURROUNDINGS, message: format!("error: {}", chain(error)) }
}

fn execute(args: &Args, consumer: Consumer) -> Result<u8, Wrong> {
    if args.no_capture && !args.list {
        // The test may be executed in this very process; a worker's has its mark from the start.
        process::carry();
    }
    if args.audit {
        return super::audit::audit(args, consumer);
    }
    if args.analyze {
        return super::analyze::analyze(args, consumer);
    }
    if let Some(file) = &args.replay {
        return super::analyze::replay(file, args, consumer);
    }
    let manifest_dir = Path::new(consumer.manifest_dir);
    let suite = Suite::collected().map_err(usage)?;
    let mut plan = Plan::new(suite.tests(), &selection(args));
    if let Some(shard) = args.shard {
        let output = places::output_dir(manifest_dir);
        plan.divide(shard, &earlier::all_experience(&consumer.suite(), &output));
    }
    let mut notices = Vec::new();
    if args.last_failed {
        let output = places::output_dir(manifest_dir);
        let kept = keep_last_failed(&mut plan, &consumer.suite(), &output, args.fail_on_flaky);
        notices.push(kept.map_err(usage)?);
    }
    let terminal = looks::terminal(args, consumer);
    let mut style = looks::style(args, &terminal);
    let mut output = style.open().map_err(usage)?;
    if args.list {
        return report::list(&plan.tests, &style, output).map(|()| 0).map_err(|error| surroundings(&error));
    }
    plan.ask_conditions().map_err(usage)?;
    plan.repeat(args.times());
    if plan.executed().next().is_none() {
        // Nothing to execute needs nothing: no configuration, no folder, no slot.
        let (face, _) = Face::new(&plan, &[], &style, output);
        return face.print(&style).map(|_| 0).map_err(|error| surroundings(&error));
    }
    if let Some(code) = super::audit::before(args, suite, &plan, consumer)? {
        return Ok(code);
    }
    let mut watch = None;
    let prepared = Prepared::new(args, suite, plan, consumer.whose(&terminal.again), |folder| {
        let (begun, sender) = terminal.watch(folder)?.unzip();
        watch = begun;
        Ok(sender)
    })?;
    let (workers, folder) = (prepared.workers.number, prepared.folder.path().to_owned());
    if watch.is_some() && style.logfile.is_none() {
        // What whoever watches tells in other words is there for those who look for it.
        style.logfile = Some(folder.join(LIST).display().to_string());
        output = style.open().map_err(|error| surroundings(&error))?;
    }
    let Demand { needs, order } = &prepared.demand;
    let (face, mut hands) = Face::new(&prepared.plan, order, &style, output);
    terminal.header(needs.len(), workers, args.times(), prepared.plan.shuffle_seed);
    notices.extend(prepared.notice.clone());
    for notice in notices {
        if watch.is_none() {
            Terminal::notice(&notice);
        }
        prepared.events.emit(Event::Notice { text: notice });
    }
    // Who watches reads them among the events.
    let on_notice: fn(&str) = if watch.is_some() { |_| {} } else { Terminal::notice };
    let (time, times) = std::sync::mpsc::channel();
    let (success, successes) = std::sync::mpsc::channel();
    let shows_output = args.show_output;
    let run = prepared.start(on_notice, hands.starter(), move |index, verdict| {
        // Asked for below, after the end.
        let _ = time.send((verdict.test.clone(), verdict.took));
        if let Some(printed) = report::printed(&verdict).filter(|_| shows_output && verdict.outcome.is_ok()) {
            let _ = success.send((verdict.test.clone(), printed));
        }
        hands.give(index, verdict);
    })?;
    let has_times = style.times && watch.is_none();
    let printed = face.print(&style);
    let ended = run.join();
    if let Some(watch) = watch {
        Watch::end(watch);
    }
    let (end, story) = ended.map_err(|error| surroundings(&error))?;
    terminal.successes(successes.iter().collect());
    if args.report_time && !has_times {
        terminal.times(times.iter().collect());
    }
    terminal.summary(&story, end.never_up.as_deref(), &folder);
    let conclusion = printed.map_err(|error| surroundings(&error))?;
    Ok(match &end {
        End { interrupted: true, .. } => INTERRUPTED,
        End { never_up: Some(_), .. } => SURROUNDINGS,
        _ if conclusion.has_failed() => FAILED,
        _ => 0,
    })
}

/// Which tests the command line selects.
pub(super) fn selection(args: &Args) -> Selection {
    Selection {
        filters: args.filters.clone(),
        skip: args.skip.clone(),
        exact: args.exact,
        ignored: match (args.ignored, args.include_ignored) {
            (true, false) => Ignored::RunOnly,
            (_, true) => Ignored::Run,
            (false, false) => Ignored::Show,
        },
        exclude_should_panic: args.exclude_should_panic,
        tags: args.tag.clone(),
        roles: args.role.clone(),
        nothing: args.bench,
        shuffle: args.shuffle.then(|| args.shuffle_seed.map_or(Shuffle::Anew, Shuffle::Again)),
    }
}
