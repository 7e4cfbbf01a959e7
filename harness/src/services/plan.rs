//! What is to be run for the run or for a slot, with every placeholder filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::App;
use super::error::Subject;
use super::ready::Target;
use crate::config::{
    Config, Origin, Ready, Reset, Scope, Service, Setup, SlotValues, Stop, Template, Values, When,
};
use crate::process::Launch;
use crate::slots::Slot;

/// What is to be run: set-up commands first, then services, each in this order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) setups: Vec<SetupJob>,
    pub(super) services: Vec<ServiceJob>,
}

impl Plan {
    /// All files that programs of it log to.
    pub(super) fn logs(&self) -> impl Iterator<Item = &Path> {
        let services = self.services.iter().flat_map(|job| {
            let reset = match &job.reset {
                ResetJob::Command(command) => Some(&command.launch),
                ResetJob::Restart | ResetJob::Unneeded => None,
            };
            job.launch.iter().chain(reset)
        });
        self.setups.iter().map(|job| &job.launch).chain(services).map(|launch| &*launch.log)
    }
}

/// A command that must end with success.
#[derive(Debug, Clone)]
pub(super) struct SetupJob {
    pub(super) subject: Box<Subject>,
    pub(super) launch: Launch,
    pub(super) timeout: Duration,
}

/// A program that is to be there.
#[derive(Debug, Clone)]
pub(super) struct ServiceJob {
    pub(super) subject: Box<Subject>,
    pub(super) name: String,
    /// `None` for one that runs elsewhere.
    pub(super) launch: Option<Launch>,
    /// How to see that it is ready, or why that cannot be seen.
    pub(super) target: Result<Target, String>,
    pub(super) startup_timeout: Duration,
    pub(super) stop: Stop,
    pub(super) reset: ResetJob,
}

/// How a service is brought back to what it was at the beginning.
#[derive(Debug, Clone)]
pub(super) enum ResetJob {
    /// It is ended, and started again on the files that it began with.
    Restart,
    /// By a command, while it runs.
    Command(SetupJob),
    /// Not at all.
    Unneeded,
}

/// Where plans come from.
pub(super) trait Planner: Send + Sync {
    /// What belongs to the run.
    fn for_run(&self) -> Plan;
    /// What belongs to a slot.
    fn for_slot(&self, slot: &Slot) -> Plan;
    /// The application as the tests of a slot see it.
    fn app(&self, slot: &Slot) -> App;
    /// Whether slots may have to be what they were at their beginning once more.
    fn resets(&self) -> bool;
}

/// Plans what `callboard.toml` says.
#[derive(Debug)]
pub(super) struct FromConfig {
    pub(super) config: Arc<Config>,
    pub(super) run_dir: PathBuf,
    pub(super) bin_dir: PathBuf,
}

impl Planner for FromConfig {
    fn for_run(&self) -> Plan {
        let setups = self.config.setup.iter().filter(|setup| setup.scope == Scope::Run);
        let services = self.config.services.iter().filter(|service| belongs_to_run(service));
        self.plan(None, setups, services)
    }

    fn for_slot(&self, slot: &Slot) -> Plan {
        let setups = self.config.setup.iter().filter(|setup| setup.scope == Scope::Slot);
        let services = self.config.services.iter().filter(|service| !belongs_to_run(service));
        self.plan(Some(slot), setups, services)
    }

    fn app(&self, slot: &Slot) -> App {
        // One per slot is what the tests are about; else one that all share, if it has an address.
        let services = &self.config.services;
        let own = services.iter().find(|service| service.scope == Scope::Slot);
        let elsewhere = || services.iter().find(|service| matches!(service.origin, Origin::Elsewhere(_)));
        let shared = || services.iter().find(|service| service.port.is_some());
        let Some(service) = own.or_else(elsewhere).or_else(shared) else {
            return App::new(&local(slot.port()), None);
        };
        match (&service.origin, service.scope, service.port) {
            (Origin::Elsewhere(url), ..) => App::new(url, None),
            (Origin::Command(_), Scope::Run, Some(port)) => {
                App::new(&local(port), Some(self.log(None, &service.name)))
            }
            (Origin::Command(_), ..) => {
                App::new(&local(slot.port()), Some(self.log(Some(slot), &service.name)))
            }
        }
    }

    fn resets(&self) -> bool {
        self.config.reset != When::Never
    }
}

/// One that runs elsewhere is the same one for all slots, so it is looked at once.
fn belongs_to_run(service: &Service) -> bool {
    service.scope == Scope::Run || matches!(service.origin, Origin::Elsewhere(_))
}

fn local(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

impl FromConfig {
    fn plan<'a>(
        &self,
        slot: Option<&Slot>,
        setups: impl Iterator<Item = &'a Setup>,
        services: impl Iterator<Item = &'a Service>,
    ) -> Plan {
        let ports = slot.map(|slot| self.named_ports(slot)).unwrap_or_default();
        let values = Values {
            slots: self.config.slots.count,
            run_dir: &self.run_dir,
            bin_dir: &self.bin_dir,
            config_dir: self.config.dir(),
            slot: slot.map(|slot| SlotValues {
                id: slot.id(),
                port: slot.port(),
                ports: &ports,
                dir: slot.dir(),
            }),
        };
        let place = Place { planner: self, slot, values };
        Plan {
            setups: setups.map(|setup| place.setup(setup)).collect(),
            services: services.map(|service| place.service(service)).collect(),
        }
    }

    fn named_ports(&self, slot: &Slot) -> BTreeMap<String, u16> {
        let names = self.config.ports.keys();
        names.filter_map(|name| Some((name.clone(), slot.named_port(name)?))).collect()
    }

    fn log(&self, slot: Option<&Slot>, name: &str) -> PathBuf {
        let dir = slot.map_or_else(|| self.run_dir.join("run"), |slot| slot.dir().to_owned());
        dir.join(format!("{name}.log"))
    }
}

/// The run or a slot, while it is being planned for.
struct Place<'a> {
    planner: &'a FromConfig,
    slot: Option<&'a Slot>,
    values: Values<'a>,
}

impl Place<'_> {
    fn setup(&self, setup: &Setup) -> SetupJob {
        let launch = self.launch(&setup.command, &setup.env, "setup");
        let what = format!("set-up command `{}`", words(&launch));
        SetupJob { subject: self.subject(what, setup.line).into(), launch, timeout: setup.timeout }
    }

    fn service(&self, service: &Service) -> ServiceJob {
        let (launch, base) = match &service.origin {
            Origin::Command(command) => {
                let launch = self.launch(command, &service.env, &service.name);
                let port = self.slot.map(Slot::port).or(service.port);
                (Some(launch), port.map(local))
            }
            Origin::Elsewhere(url) => (None, Some(url.clone())),
        };
        ServiceJob {
            subject: self.subject(format!("service `{}`", service.name), service.line).into(),
            name: service.name.clone(),
            target: self.target(&service.ready, base.as_deref(), launch.is_some()),
            launch,
            startup_timeout: service.startup_timeout,
            stop: service.stop,
            reset: self.reset(service),
        }
    }

    fn reset(&self, service: &Service) -> ResetJob {
        match &service.reset {
            Reset::Restart => ResetJob::Restart,
            Reset::Unneeded => ResetJob::Unneeded,
            Reset::Command { command, timeout } => {
                let launch = self.launch(command, &service.env, "reset");
                let what = format!("reset command `{}` of service `{}`", words(&launch), service.name);
                let subject = self.subject(what, service.line).into();
                ResetJob::Command(SetupJob { subject, launch, timeout: *timeout })
            }
        }
    }

    fn target(&self, ready: &Ready, base: Option<&str>, has_log: bool) -> Result<Target, String> {
        match ready {
            Ready::Http(path) => Target::http(base, &path.render(&self.values)),
            Ready::Port => Target::port(base),
            Ready::Log(regex) if has_log => Ok(Target::Log(regex.clone())),
            Ready::Log(_) => Err("callboard does not start it, so there is no log: \
                                  write `ready = { http = \"/\" }` or `ready = \"port\"`"
                .to_owned()),
        }
    }

    fn launch(&self, command: &[Template], env: &BTreeMap<String, Template>, log: &str) -> Launch {
        let mut words = command.iter().map(|word| word.render(&self.values));
        Launch {
            program: words.next().unwrap_or_default().into(),
            args: words.map(Into::into).collect(),
            env: self.environment(env),
            dir: self.values.config_dir.to_owned(),
            log: self.planner.log(self.slot, log),
        }
    }

    /// What every program is told, then what the configuration says.
    fn environment(&self, own: &BTreeMap<String, Template>) -> BTreeMap<String, String> {
        let mut env = BTreeMap::new();
        env.insert("CALLBOARD_RUN_DIR".to_owned(), self.values.run_dir.display().to_string());
        if let Some(slot) = self.values.slot {
            env.insert("CALLBOARD_SLOT".to_owned(), slot.id.to_string());
            env.insert("CALLBOARD_SLOT_DIR".to_owned(), slot.dir.display().to_string());
            env.insert("CALLBOARD_PORT".to_owned(), slot.port.to_string());
            for (name, port) in slot.ports {
                env.insert(format!("CALLBOARD_PORT_{}", variable_name(name)), port.to_string());
            }
        }
        env.extend(own.iter().map(|(name, value)| (name.clone(), value.render(&self.values))));
        env
    }

    fn subject(&self, what: String, line: usize) -> Subject {
        Subject {
            what,
            file: self.planner.config.file.clone(),
            line,
            slot: self.slot.map(|slot| (slot.id(), slot.port())),
        }
    }
}

/// `smtp-in` as part of a variable's name: `SMTP_IN`.
fn variable_name(name: &str) -> String {
    name.chars()
        .map(|char| if char.is_ascii_alphanumeric() { char.to_ascii_uppercase() } else { '_' })
        .collect()
}

/// Enough of a command to recognise it.
fn words(launch: &Launch) -> String {
    let words: Vec<_> = std::iter::once(launch.program.display().to_string())
        .chain(launch.args.iter().map(|word| word.display().to_string()))
        .collect();
    let command = words.join(" ");
    match command.char_indices().nth(80) {
        Some((cut, _)) => format!("{}…", &command[..cut]),
        None => command,
    }
}
