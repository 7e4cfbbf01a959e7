//! All that is decided before anything is started, and a run that goes on.

use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use jiff::Timestamp;

use super::args::Args;
use super::main::{AFTER_THE_END, Wrong, plain, surroundings, usage};
use super::signals::interruptions;
use super::stopped::Stopped;
use super::{earlier, places};
use crate::config::{Config, ConfigError, RecordMode, Reports, When, Workers};
use crate::kept;
use crate::machine::cores;
use crate::model::{Event, FORMAT, Part, Record, SlotId, fingerprint};
use crate::report::{self, Desk, Terminal};
use crate::run::{Demand, End, Engine, Events, Plan, RunFolder, Settings, Verdict, Writer};
use crate::slots::Leases;
use crate::story::Story;
use crate::suite::Suite;
use crate::worker::OnOutput;

/// Whose run it is.
pub(super) struct Whose<'a> {
    pub(super) manifest_dir: &'a Path,
    pub(super) suite: Option<String>,
    /// How its tests are run again. Under the standard harness nobody knows.
    pub(super) command: Option<String>,
    /// Tests cannot be in processes of their own, because `main` is not ours.
    pub(super) inline: bool,
    /// It was stopped before, and goes on in its folder.
    pub(super) stopped: Option<&'a Stopped>,
}

/// All that is decided before anything is started.
pub(super) struct Prepared {
    pub(super) config: Arc<Config>,
    suite: &'static Suite,
    pub(super) plan: Plan,
    pub(super) folder: RunFolder,
    pub(super) events: Events,
    writer: Writer,
    desk: Desk,
    leases: Leases,
    pub(super) usable: Vec<SlotId>,
    pub(super) workers: Workers,
    pub(super) notice: Option<String>,
    retries: Option<u32>,
    timeout: Option<Duration>,
    sign_in_timeout: Option<Duration>,
    fixture_timeout: Option<Duration>,
    max_failures: Option<usize>,
    pub(super) demand: Demand,
    inline: bool,
    rechecks: bool,
    frees_slots: bool,
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
        let Whose { manifest_dir, suite: suite_name, command, inline, stopped } = whose;
        let config = configured(args, manifest_dir)?;
        check(suite, &plan, &config).map_err(plain)?;
        let configuration = configuration(&config);
        if let Some(stopped) = stopped {
            stopped.check(configuration.as_deref(), &config).map_err(usage)?;
        }
        let usable = usable_slots(args, &config)?;
        let tests = plan.executed().count();
        let threads = args.test_threads.map(|threads| Workers::at_most(threads.get()));
        let alone = args.debug.then_some(Workers { number: 1, exact: true });
        let asked = alone.or(args.workers).or(threads);
        let (workers, notice) = config.workers(asked, cores(), tests);
        let output = places::output_dir(manifest_dir);
        // Where tests run in this very process, somebody looks at one, or another program makes the run.
        let is_ordinary = !(args.audit || args.analyze || args.replay.is_some());
        let is_inline = inline || args.debug || (args.no_capture && tests == 1);
        let rechecks =
            (args.verdict || config.tests.verdict) && !args.no_verdict && is_ordinary && !is_inline;
        let experience = earlier::experience(&plan, suite_name.as_deref(), &output, workers.number);
        let mut demand = plan.demand(&config, &usable, workers.number, &experience);
        if args.audit {
            // Slot by slot, so that no more are up than are being asked.
            demand.order.sort_unstable();
        }
        let leases = Leases::open().map_err(|error| surroundings(&error))?;
        let now = Timestamp::now();
        let folder = match stopped {
            Some(stopped) => stopped.folder().map_err(usage)?,
            None => RunFolder::create(&output, now).map_err(|error| surroundings(&error))?,
        };
        make_room(output.clone(), config.keep, folder.id().to_owned(), tests);
        // Where each test is a run by itself, nobody wants a summary of each.
        let job = suite_name.as_deref().and_then(|_| places::job_summary());
        let desk = Desk::open(folder.path().to_owned(), output, config.reports.clone(), job);
        let (desk, reporter) = desk.map_err(|error| surroundings(&error))?;
        let follower = follow(folder.path().to_owned()).map_err(|error| surroundings(&error))?;
        let listeners = std::iter::once(reporter).chain(follower).collect();
        let file = folder.path().join("events.jsonl");
        let opened = match stopped {
            Some(stopped) => Events::go_on(&file, stopped.took(), listeners),
            None => Events::create(&file, listeners),
        };
        let (events, writer) = opened.map_err(|error| surroundings(&error))?;
        if stopped.is_none() {
            events.emit(Event::RunStarted {
                format: FORMAT,
                run: folder.id().to_owned(),
                started: now.to_string(),
                callboard: env!("CARGO_PKG_VERSION").to_owned(),
                suite: suite_name,
                command,
                cores: cores(),
                slots: config.slots.count,
                base_port: config.slots.base_port,
                workers: workers.number,
                exact: workers.exact,
                accounts: config
                    .roles
                    .iter()
                    .map(|(role, accounts)| (role.clone(), accounts.len()))
                    .collect(),
                tests,
                shuffle_seed: plan.shuffle_seed,
                repeat_each: Some(args.times()).filter(|times| *times > 1),
                diagnosis: args.analyze || args.replay.is_some(),
                audit: args.audit,
                shard: plan.shard,
                division: plan.division.clone(),
                build: places::build(),
                configuration,
            });
            events.emit(Event::Planned { tests: plan.told(&demand) });
        }
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
            inline: is_inline,
            rechecks,
            frees_slots: args.audit,
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
            rechecks: self.rechecks,
            frees_slots: self.frees_slots,
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
            let end = runtime.block_on(async { Box::pin(Engine::new(settings).run(interruptions())).await });
            // A program that is being started at this very moment comes to be known, and is ended. Tests that were
            // under way when the run was interrupted are not waited for: they have threads of their own.
            runtime.shutdown_timeout(AFTER_THE_END);
            end
        });
        Ok(Running { thread: thread.map_err(|error| surroundings(&error))?, scribes })
    }
}

/// The configuration, and what the command line says of it.
fn configured(args: &Args, manifest_dir: &Path) -> Result<Config, Wrong> {
    let environment = |name: &str| std::env::var(name).ok();
    let mut config = Config::load(manifest_dir, &environment).map_err(plain)?;
    config.reset = args.reset.unwrap_or(config.reset);
    watch(args, &mut config)?;
    config.trace.mode = args.trace.unwrap_or(config.trace.mode);
    config.video = args.video.unwrap_or(config.video);
    if args.audit {
        // What is compared is the state in which the tests would find it, and nothing is to be kept for tests to come.
        config.reset = When::Never;
        config.trace.mode = args.trace.unwrap_or(RecordMode::Off);
    }
    if args.analyze || args.audit || args.replay.is_some() {
        // Tests have no verdicts then, and what is said of them is a document of its own.
        config.reports = Reports::none();
    }
    Ok(config)
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

/// What tells this configuration from another one.
pub(super) fn configuration(config: &Config) -> Option<String> {
    std::fs::read(&config.file).ok().map(fingerprint)
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
    for probe in suite.probes() {
        for role in &probe.roles {
            config
                .check_role(Part::of(role).role, &format!("probe `{}` ({})", probe.id, probe.entry.place))?;
        }
    }
    for sign_in in suite.sign_ins() {
        if let Some(role) = sign_in.role {
            config.check_role(role, &format!("sign-in `{}` ({})", sign_in.name, sign_in.place))?;
        }
    }
    Ok(())
}

pub(super) fn usable_slots(args: &Args, config: &Config) -> Result<Vec<SlotId>, Wrong> {
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
