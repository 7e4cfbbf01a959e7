//! `callboard.toml` as the rest of the program sees it: read, checked, every default filled in.
//!
//! Nothing is started before the whole configuration is known to be good; each fault is an
//! error with file, line and remedy.

mod accounts;
mod asked;
mod audit;
mod console;
mod diagnostic;
pub(crate) mod duration;
mod find;
mod history;
mod mail;
mod ports;
mod reader;
mod recording;
mod report;
mod reset;
mod roles;
mod services;
mod settings;
mod size;
mod source;
mod template;
#[cfg(test)]
mod tests;
mod workers;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

use crate::model::{Account, Part, Role, SlotId};
pub(crate) use audit::BeforeRun;
pub(crate) use console::{Console, OnError};
pub(crate) use diagnostic::ConfigError;
use diagnostic::Diagnostic;
pub(crate) use mail::Mail;
use reader::{Reader, Table};
pub(crate) use recording::{RecordMode, Trace};
pub(crate) use report::Reports;
pub(crate) use reset::{Reset, When};
use source::{Source, shown};
pub(crate) use template::{SlotValues, Template, Values};
pub(crate) use workers::Workers;

/// How environment variables are looked up.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Named ports of a slot, before its id is added.
type Ports = BTreeMap<String, u16>;

/// Everything that was configured.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    /// The file that was read, absolute. Messages name it.
    pub(crate) file: PathBuf,
    /// How many slots there are, and how many of them work at once.
    pub(crate) slots: Slots,
    /// Further ports of a slot, by name; each is this number plus the slot's id.
    pub(crate) ports: BTreeMap<String, u16>,
    /// The roles with their accounts, by the slot that each account is for; no role is without one.
    pub(crate) roles: BTreeMap<Role, BTreeMap<SlotId, Account>>,
    /// Commands that prepare the run or a slot, in order.
    pub(crate) setup: Vec<Setup>,
    /// Programs that the tests need running, in order of starting.
    pub(crate) services: Vec<Service>,
    /// Which browser, and how.
    pub(crate) browser: Browser,
    /// The SMTP server of each slot, if there is to be one.
    #[cfg_attr(
        not(feature = "mail"),
        allow(dead_code, reason = "read in every build, to say which feature is missing; used only with it")
    )]
    pub(crate) mail: Option<Mail>,
    /// What holds for each test that says nothing else.
    pub(crate) tests: Tests,
    /// When a slot is brought back to the state in which its first test found it.
    pub(crate) reset: When,
    /// What becomes of errors on the pages of a test.
    pub(crate) console: Console,
    /// Whether accounts are compared before the tests run.
    pub(crate) before_run: BeforeRun,
    /// Of which attempts a trace is made.
    pub(crate) trace: Trace,
    /// Of which attempts a film is made.
    pub(crate) video: RecordMode,
    /// Which reports are made.
    pub(crate) reports: Reports,
    /// How many runs are kept.
    pub(crate) keep: usize,
}

/// `[slots]`
#[derive(Debug, Clone)]
pub(crate) struct Slots {
    /// Slot ids are `0..count`.
    pub(crate) count: u16,
    /// What says that there are so many, for messages: "slots.count in callboard.toml:3".
    pub(crate) count_from: String,
    /// The port of slot 0.
    pub(crate) base_port: u16,
    /// How many attempts run at once; `None` is "auto": as many as there are cores.
    pub(crate) workers: Option<Workers>,
    /// How long a run waits for a slot that another run holds.
    pub(crate) lease_timeout: Duration,
}

/// What a set-up command or a service belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Once, before the first slot is used.
    Run,
    /// Once for each slot that is used.
    Slot,
}

/// `[[setup]]`: a command that must end with success.
#[derive(Debug, Clone)]
pub(crate) struct Setup {
    pub(crate) scope: Scope,
    /// The program and its arguments; never empty.
    pub(crate) command: Vec<Template>,
    pub(crate) env: BTreeMap<String, Template>,
    /// How long it may take.
    pub(crate) timeout: Duration,
    /// The line of the file where it stands, for messages.
    pub(crate) line: usize,
}

/// `[[service]]`: a program that runs while the tests do.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// Its name in messages and of its log file.
    pub(crate) name: String,
    pub(crate) scope: Scope,
    pub(crate) origin: Origin,
    /// The port of a run's service, where the file tells it. Services of a slot have the slot's ports.
    pub(crate) port: Option<u16>,
    pub(crate) env: BTreeMap<String, Template>,
    pub(crate) ready: Ready,
    /// How long it may take until it is ready.
    pub(crate) startup_timeout: Duration,
    pub(crate) stop: Stop,
    /// How it is brought back to the state in which the slot's first test found it.
    pub(crate) reset: Reset,
    /// The line of the file where it stands, for messages.
    pub(crate) line: usize,
}

/// Where a service comes from.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// Started by callboard: the program and its arguments; never empty.
    Command(Vec<Template>),
    /// Runs already, at this address; shared by all slots.
    Elsewhere(String),
}

/// When a service is ready.
#[derive(Debug, Clone)]
pub(crate) enum Ready {
    /// When this path of it, or this whole address, answers 2xx, 3xx or 400 to 403. Of a command of the
    /// run it is always a whole address.
    Http(Template),
    /// When a line of its log matches.
    Log(regex_lite::Regex),
    /// When its port accepts a connection.
    Port,
}

/// How a service is ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stop {
    pub(crate) signal: Signal,
    /// How long after the signal the whole process group is killed.
    pub(crate) grace: Duration,
}

/// The signals that a service may be ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    Term,
    Int,
    Hup,
    Quit,
    Kill,
}

/// Which browser it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Chromium, Chrome, or what is made of it.
    #[default]
    Chromium,
    /// Firefox.
    Firefox,
}

impl Engine {
    const ALL: [(&str, Self); 2] = [("chromium", Self::Chromium), ("firefox", Self::Firefox)];
    /// How it is written.
    pub(crate) const FORM: &str = "`chromium` or `firefox`";

    /// The engine of this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, engine)| *engine)
    }
}

/// How sessions are kept apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Each has a context of its own.
    #[default]
    Context,
    /// One after another has the browser's own context, which is emptied before.
    Reset,
    /// As `Context`, and each attempt has a browser of its own.
    Browser,
}

impl Isolation {
    const ALL: [(&str, Self); 3] =
        [("context", Self::Context), ("reset", Self::Reset), ("browser", Self::Browser)];
    /// How it is written.
    pub(crate) const FORM: &str = "`context`, `reset` or `browser`";

    /// The isolation of this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == text).map(|(_, isolation)| *isolation)
    }
}

/// `[browser]`
#[derive(Debug, Clone)]
pub(crate) struct Browser {
    /// Which browser it is.
    pub(crate) engine: Engine,
    /// The address of the driver that starts it, where that is not one of this machine's.
    pub(crate) url: Option<String>,
    /// The browser's executable, instead of one that is found.
    pub(crate) executable: Option<PathBuf>,
    /// The driver's executable, instead of one that is found.
    pub(crate) driver: Option<PathBuf>,
    /// Further command-line arguments of the browser.
    pub(crate) args: Vec<String>,
    /// Whether it has a window.
    pub(crate) headed: bool,
    /// How sessions are kept apart.
    pub(crate) isolation: Isolation,
    /// After so many attempts that used it another takes its place; `None` is never.
    pub(crate) renew_after: Option<u32>,
    /// So it is when it has more memory than this, in bytes; `None` is never.
    pub(crate) renew_above: Option<u64>,
    /// The attribute that elements are known to tests by.
    pub(crate) test_id: String,
}

impl Default for Browser {
    fn default() -> Self {
        Self {
            engine: Engine::default(),
            url: None,
            executable: None,
            driver: None,
            args: Vec::new(),
            headed: false,
            isolation: Isolation::default(),
            test_id: "data-testid".to_owned(),
            renew_after: Some(200),
            renew_above: Some(1_500_000_000),
        }
    }
}

/// `[tests]`
#[derive(Debug, Clone)]
pub(crate) struct Tests {
    /// The deadline of an attempt.
    pub(crate) timeout: Duration,
    /// The deadline of a sign-in.
    pub(crate) sign_in_timeout: Duration,
    /// How long the set-up of a fixture may take, without that of others.
    pub(crate) fixture_timeout: Duration,
    /// How long an action on a page waits for its element.
    pub(crate) action_timeout: Duration,
    /// How long an expectation of a page has to become true.
    pub(crate) expect_timeout: Duration,
    /// Whether tests that failed are tried once more alone, and once in another slot, when the others are over.
    pub(crate) verdict: bool,
    /// What is waited before each action; only the command line says so.
    pub(crate) slow_mo: Duration,
    /// Whether somebody is asked before each action; only the command line says so.
    pub(crate) steps: bool,
    /// How often a test that did not pass is tried again.
    pub(crate) retries: u32,
}

impl Config {
    /// Finds the file and reads it: the one that `CALLBOARD_CONFIG` names, else the nearest
    /// `callboard.toml` in `start` and the folders above it, up to the root of the repository or
    /// workspace.
    pub(crate) fn load(start: &Path, environment: Environment<'_>) -> Result<Self, ConfigError> {
        Self::read(&find::find(start, environment)?, environment)
    }

    /// Reads this file.
    pub(crate) fn read(file: &Path, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let text = std::fs::read_to_string(&file).map_err(|error| {
            let help = "it must be a UTF-8 text file that you may read";
            Diagnostic::new(format!("cannot read the configuration: {error}"), help).at(shown(&file))
        })?;
        Self::parse(file, text, environment)
    }

    /// Reads this text as if it were that file.
    fn parse(file: PathBuf, text: String, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let mut source = Source::new(shown(&file), text);
        let text = source.text.clone();
        let document = match DeTable::parse(&text) {
            Ok(document) => document.into_inner(),
            Err(error) => {
                source.hide_suspects();
                let span = error.span().unwrap_or_default();
                let help = match error.message() {
                    "duplicate key" => "keep one of the two",
                    _ => "this is not TOML; https://toml.io shows how it is written",
                };
                return Err(source.fault(span, error.message(), help).into());
            }
        };
        source.hide_secrets(&document);
        let dir = file.parent().unwrap_or(Path::new("/")).to_owned();
        let reader = Reader::new(&source, &dir, environment);
        let config = Self::from_document(file, &Table::root(&reader, &document));
        let faults = reader.faults();
        if faults.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(faults)) }
    }

    /// Reads all that can be read; what cannot is noted in the table's reader.
    fn from_document(file: PathBuf, root: &Table<'_>) -> Self {
        root.only(&[
            "audit", "browser", "console", "history", "mail", "ports", "report", "reset", "roles", "service",
            "setup", "slots", "tests", "trace", "video",
        ]);
        let (ports, mut claims) = ports::read(root);
        let roles = roles::read(root, &ports);
        let (slots, claim) = settings::slots(root, roles::most_accounts(&roles));
        for claim in &mut claims {
            claim.slots = slots.count;
        }
        claims.push(claim);
        let setup = services::setup(root, &ports);
        let (services, of_services) = services::services(root, &ports);
        claims.extend(of_services);
        ports::check(root.reader, &slots, &claims);
        let roles = roles::accounts(roles, &slots, &ports);
        let browser = settings::browser(root);
        let mail = mail::read(root, &ports, mail::BUILT);
        let tests = settings::tests(root);
        let reset = reset::when(root);
        let console = console::read(root);
        let before_run = audit::before_run(root);
        let trace = recording::trace(root);
        let video = recording::video(root);
        let reports = report::read(root);
        let keep = history::keep(root);
        Self {
            file,
            slots,
            ports,
            roles,
            setup,
            services,
            browser,
            mail,
            tests,
            reset,
            console,
            before_run,
            trace,
            video,
            reports,
            keep,
        }
    }

    /// The folder of `callboard.toml`: commands run in it, relative paths start from it.
    pub(crate) fn dir(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }

    /// The port of a slot. Checked when the file was read: it is one.
    pub(crate) fn port(&self, slot: SlotId) -> u16 {
        self.slots.base_port + slot.0
    }

    /// All ports of a slot, its own first.
    pub(crate) fn all_ports(&self, slot: SlotId) -> impl Iterator<Item = u16> + '_ {
        std::iter::once(self.port(slot)).chain(self.ports.values().map(move |base| base + slot.0))
    }

    /// The account of a role in a slot, if the role has one for it.
    pub(crate) fn account(&self, role: &str, slot: SlotId) -> Option<&Account> {
        self.roles.get(role)?.get(&slot)
    }

    /// Whether a slot has an account for each of these roles that is to be its own: those of a test's own slot, or those
    /// of one of its companions.
    pub(crate) fn has_accounts(&self, asked: &[&str], companion: Option<usize>, slot: SlotId) -> bool {
        Part::of_companion(asked, companion).all(|role| self.account(role, slot).is_some())
    }
}
