//! From the command line to the exit code.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use jiff::Timestamp;

use super::args::Args;
use super::earlier::{self, keep_last_failed};
use super::looks;
use super::places;
use super::signals::interruptions;
use crate::config::{Config, ConfigError, Reports, Workers};
use crate::kept;
use crate::machine::cores;
use crate::model::{Event, FORMAT, Part, Record, SlotId, chain};
use crate::process;
use crate::report::{self, Desk, Face, Terminal, Watch};
use crate::run::{
    BUSY, Demand, End, Engine, Events, Ignored, Plan, RunFolder, Selection, Settings, Shuffle, Verdict,
    Writer, busy_main,
};
use crate::slots::Leases;
use crate::story::Story;
use crate::suite::Suite;
use crate::worker::{self, OnOutput};

/// Some test did not pass; what libtest says then, too.
pub(super) const FAILED: u8 = 101;
/// The command line, the configuration or the suite is wrong. Nothing was started.
const USAGE: u8 = 2;
/// The surroundings could not be set up at all.
const SURROUNDINGS: u8 = 3;
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

    /// Whose a run of it is.
    pub(super) fn whose(&self) -> Whose<'static> {
        Whose { manifest_dir: Path::new(self.manifest_dir), suite: Some(self.suite()), inline: false }
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
fn plain(error: ConfigError) -> Wrong {
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
    let mut watch = None;
    let prepared = Prepared::new(args, suite, plan, consumer.whose(), |folder| {
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
    let printed = face.print(&style);
    let ended = run.join();
    if let Some(watch) = watch {
        Watch::end(watch);
    }
    let (end, story) = ended.map_err(|error| surroundings(&error))?;
    terminal.successes(successes.iter().collect());
    if args.report_time {
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

/// Whose run it is.
pub(super) struct Whose<'a> {
    pub(super) manifest_dir: &'a Path,
    pub(super) suite: Option<String>,
    /// Tests cannot be in processes of their own, because `main` is not ours.
    pub(super) inline: bool,
}

/// All that is decided before anything is started.
pub(super) struct Prepared {
    pub(super) config: Arc<Config>,
    suite: &'static Suite,
    pub(super) plan: Plan,
    pub(super) folder: RunFolder,
    events: Events,
    writer: Writer,
    desk: Desk,
    leases: Leases,
    pub(super) usable: Vec<SlotId>,
    pub(super) workers: Workers,
    notice: Option<String>,
    retries: Option<u32>,
    timeout: Option<Duration>,
    sign_in_timeout: Option<Duration>,
    fixture_timeout: Option<Duration>,
    max_failures: Option<usize>,
    demand: Demand,
    inline: bool,
    on_output: Option<OnOutput>,
}

/// Longer than anybody looks at a test.
const A_DAY: Duration = Duration::from_hours(24);

/// What the command line says for those who watch.
fn watch(args: &Args, config: &mut Config) -> Result<(), Wrong> {
    let has_display = cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    config.tests.slow_mo = args.slow_mo.unwrap_or_default();
    config.tests.steps = args.debug;
    config.browser.headed |= args.headed || (args.debug && has_display);
    if config.browser.headed && !has_display {
        return Err(usage(
            "a browser's window needs a display, and neither DISPLAY nor WAYLAND_DISPLAY is set: start this on a desktop, \
             or with `xvfb-run`",
        ));
    }
    if args.debug && !io::stdin().is_terminal() {
        return Err(usage("--debug asks at the terminal, and the standard input is none"));
    }
    Ok(())
}

impl Prepared {
    /// `follow` is asked who follows the run, when its folder is known.
    pub(super) fn new(
        args: &Args,
        suite: &'static Suite,
        plan: Plan,
        whose: Whose,
        follow: impl FnOnce(PathBuf) -> io::Result<Option<Sender<Record>>>,
    ) -> Result<Self, Wrong> {
        let Whose { manifest_dir, suite: suite_name, inline } = whose;
        let environment = |name: &str| std::env::var(name).ok();
        let mut config = Config::load(manifest_dir, &environment).map_err(plain)?;
        config.reset = args.reset.unwrap_or(config.reset);
        watch(args, &mut config)?;
        config.trace.mode = args.trace.unwrap_or(config.trace.mode);
        if args.analyze || args.replay.is_some() {
            // Tests have no verdicts then, and what is said of them is a document of its own.
            config.reports = Reports::none();
        }
        check(suite, &plan, &config).map_err(plain)?;
        let usable = usable_slots(args, &config)?;
        let tests = plan.executed().count();
        let threads = args.test_threads.map(|threads| Workers::at_most(threads.get()));
        let alone = args.debug.then_some(Workers { number: 1, exact: true });
        let asked = alone.or(args.workers).or(threads);
        let (workers, notice) = config.workers(asked, cores(), tests);
        let output = places::output_dir(manifest_dir);
        let experience = earlier::experience(&plan, suite_name.as_deref(), &output, workers.number);
        let demand = plan.demand(&config, &usable, workers.number, &experience);
        let leases = Leases::open().map_err(|error| surroundings(&error))?;
        let now = Timestamp::now();
        let folder = RunFolder::create(&output, now).map_err(|error| surroundings(&error))?;
        make_room(output, config.keep, folder.id().to_owned(), tests);
        // Where each test is a run by itself, nobody wants a summary of each.
        let job = suite_name.as_deref().and_then(|_| places::job_summary());
        let desk = Desk::open(folder.path().to_owned(), config.reports.clone(), job);
        let (desk, reporter) = desk.map_err(|error| surroundings(&error))?;
        let follower = follow(folder.path().to_owned()).map_err(|error| surroundings(&error))?;
        let listeners = std::iter::once(reporter).chain(follower).collect();
        let (events, writer) = Events::create(&folder.path().join("events.jsonl"), listeners)
            .map_err(|error| surroundings(&error))?;
        events.emit(Event::RunStarted {
            format: FORMAT,
            run: folder.id().to_owned(),
            started: now.to_string(),
            callboard: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite_name,
            cores: cores(),
            slots: config.slots.count,
            base_port: config.slots.base_port,
            workers: workers.number,
            exact: workers.exact,
            accounts: config.roles.iter().map(|(role, accounts)| (role.clone(), accounts.len())).collect(),
            tests,
            shuffle_seed: plan.shuffle_seed,
            repeat_each: Some(args.times()).filter(|times| *times > 1),
            diagnosis: args.analyze || args.replay.is_some(),
            shard: plan.shard,
            division: plan.division.clone(),
        });
        events.emit(Event::Planned { tests: plan.told(&demand) });
        // Who is asked takes their time.
        let patient = args.debug.then_some(A_DAY);
        Ok(Self {
            config: Arc::new(config),
            suite,
            plan,
            folder,
            events,
            writer,
            desk,
            leases,
            usable,
            workers,
            notice,
            retries: args.retries,
            timeout: args.timeout.or(patient),
            sign_in_timeout: args.sign_in_timeout.or(patient),
            fixture_timeout: args.fixture_timeout.or(patient),
            max_failures: args.max_failures(),
            demand,
            // Tests need no process where somebody else gives each one, or where a single one is watched, perhaps in a
            // debugger: `--nocapture` for a single test is what debuggers and nextest say.
            inline: inline || args.debug || (args.no_capture && tests == 1),
            on_output: args.no_capture.then(|| report::streamed(args.is_json())),
        })
    }

    /// What the engine needs, and who writes down what happens.
    pub(super) fn settings(
        self,
        on_notice: impl Fn(&str) + Send + Sync + 'static,
        on_started: impl Fn(usize) + Send + Sync + 'static,
        on_verdict: impl FnMut(usize, Verdict) + Send + 'static,
    ) -> (Settings, Scribes) {
        let settings = Settings {
            config: self.config,
            suite: self.suite,
            plan: self.plan,
            folder: self.folder,
            events: self.events,
            leases: self.leases,
            usable: self.usable,
            bin_dir: places::bin_dir(),
            workers: self.workers,
            retries: self.retries,
            timeout: self.timeout,
            sign_in_timeout: self.sign_in_timeout,
            fixture_timeout: self.fixture_timeout,
            max_failures: self.max_failures,
            demand: self.demand,
            on_notice: Arc::new(on_notice),
            on_started: Arc::new(on_started),
            on_output: self.on_output,
            inline: self.inline,
            on_verdict: Box::new(on_verdict),
        };
        (settings, Scribes { writer: self.writer, desk: self.desk })
    }

    /// Starts the run on threads of its own.
    pub(super) fn start(
        self,
        on_notice: impl Fn(&str) + Send + Sync + 'static,
        on_started: impl Fn(usize) + Send + Sync + 'static,
        on_verdict: impl FnMut(usize, Verdict) + Send + 'static,
    ) -> Result<Running, Wrong> {
        let (settings, scribes) = self.settings(on_notice, on_started, on_verdict);
        let runtime = runtime()?;
        let thread = std::thread::Builder::new().name("callboard run".to_owned()).spawn(move || {
            let end = runtime.block_on(async { Engine::new(settings).run(interruptions()).await });
            // A program that is being started at this very moment comes to be known, and is ended. Tests that were
            // under way when the run was interrupted are not waited for: they have threads of their own.
            runtime.shutdown_timeout(AFTER_THE_END);
            end
        });
        Ok(Running { thread: thread.map_err(|error| surroundings(&error))?, scribes })
    }
}

/// The runtime of a run.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Wrong> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("callboard run")
        .enable_all()
        .build();
    runtime.map_err(|error| surroundings(&error))
}

/// A run that goes on.
pub(super) struct Running {
    thread: std::thread::JoinHandle<End>,
    scribes: Scribes,
}

impl Running {
    /// Waits for its end, and hands over what it was.
    pub(super) fn join(self) -> io::Result<(End, Story)> {
        let end = self
            .thread
            .join()
            .map_err(|_| io::Error::other("the run panicked; this is a bug of callboard"))?;
        Ok((end, self.scribes.finish()?))
    }
}

/// Who writes down what happens in a run.
pub(super) struct Scribes {
    writer: Writer,
    desk: Desk,
}

impl Scribes {
    /// Waits until all is written, and hands over what the run was.
    pub(super) fn finish(self) -> io::Result<Story> {
        self.writer.finish()?;
        // The results do not depend on it.
        let (story, written) = self.desk.close();
        if let Err(error) = written {
            Terminal::complain(&format!("error: {error}"));
        }
        Ok(story)
    }
}

/// Removes the oldest runs, beside the beginning of this one: nobody waits for it.
fn make_room(output: PathBuf, keep: usize, own: String, tests: usize) {
    let remover = std::thread::Builder::new().name("callboard kept runs".to_owned());
    // Without a thread, the next run does it.
    let _ = remover.spawn(move || kept::prune(&output, keep, &own, tests));
}

/// The suite against the configuration: every role is there and has an account, every slot exists.
fn check(suite: &Suite, plan: &Plan, config: &Config) -> Result<(), ConfigError> {
    for test in plan.executed().map(|planned| planned.test) {
        let asked_by = format!("test `{}` ({})", test.id, test.entry.place);
        for role in &test.roles {
            config.check_role(Part::of(role).role, &asked_by)?;
        }
        if let Some(slot) = test.entry.slot {
            config.check_slot(slot, &asked_by)?;
        }
        config.check_place(&test.roles, test.entry.slot, &asked_by)?;
    }
    for sign_in in suite.sign_ins() {
        if let Some(role) = sign_in.role {
            config.check_role(role, &format!("sign-in `{}` ({})", sign_in.name, sign_in.place))?;
        }
    }
    Ok(())
}

fn usable_slots(args: &Args, config: &Config) -> Result<Vec<SlotId>, Wrong> {
    if args.slot.is_empty() {
        return Ok((0..config.slots.count).map(SlotId).collect());
    }
    for &slot in &args.slot {
        config.check_slot(slot, &format!("--slot {slot}")).map_err(plain)?;
    }
    let mut slots: Vec<SlotId> = args.slot.iter().copied().map(SlotId).collect();
    slots.sort_unstable();
    slots.dedup();
    Ok(slots)
}

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
