//! A slot that this run holds: its lease, its services, its browser, its worker.

mod resting;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

pub(super) use resting::Resting;

use super::browser::Keeper;
use super::engine::Settings;
use super::events::Events;
use super::film::Studio;
use super::folder::RunFolder;
#[cfg(feature = "mail")]
use super::mail;
use super::reset::Wear;
use crate::browser::{Pace, Waits};
use crate::config::Config;
use crate::machine::Boots;
#[cfg(feature = "mail")]
use crate::mail::{MailError, Served};
use crate::model::{Account, Event, Role, SlotId, chain, micros};
use crate::process::Warden;
use crate::services::{ServiceError, Services, SlotServices, WORKER_LOG};
use crate::slots::{Lease, Slot, Turns};
use crate::suite::{Cancelled, Furnishing, Limit, Limits, Observer, Suite};
use crate::worker::{Incarnations, OnOutput, Process, Surroundings, Thread, Worker};

/// Is shown each notice.
pub(crate) type OnNotice = Arc<dyn Fn(&str) + Send + Sync>;

/// Is told the index of each test whose first attempt begins, among those that are executed.
pub(crate) type OnStarted = Arc<dyn Fn(usize) + Send + Sync>;

/// What all stations of a run share.
pub(super) struct Common {
    pub(super) config: Arc<Config>,
    pub(super) suite: &'static Suite,
    pub(super) folder: RunFolder,
    pub(super) events: Events,
    pub(super) services: Services,
    /// What boots waits for its turn.
    pub(super) boots: Boots,
    pub(super) turns: Turns,
    /// `--sign-in-timeout`
    pub(super) sign_in_timeout: Option<Duration>,
    /// `--fixture-timeout`
    pub(super) fixture_timeout: Option<Duration>,
    pub(super) warden: Option<Arc<Warden>>,
    /// Who ends browsers and drivers: another one where they live longer than all else.
    pub(super) warden_of_browsers: Option<Arc<Warden>>,
    pub(super) on_notice: OnNotice,
    pub(super) on_started: OnStarted,
    /// Is shown what tests print, as they do.
    pub(super) on_output: Option<OnOutput>,
    /// Tests run on threads of this process, and not in processes of their own.
    pub(super) inline: bool,
    pub(super) incarnations: Incarnations,
    /// How many slots came up.
    pub(super) came_up: AtomicU32,
    pub(super) cancelled: Cancelled,
    /// Where films are made.
    pub(super) studio: Studio,
}

impl Common {
    /// What the stations of a run with these settings share; nothing is started but the warden.
    pub(super) fn new(settings: &Settings, boots: Boots, turns: Turns, cancelled: Cancelled) -> Self {
        let (events, on_notice) = (settings.events.clone(), settings.on_notice.clone());
        let notice = move |text: &str| {
            events.emit(Event::Notice { text: text.to_owned() });
            on_notice(text);
        };
        let warden = match Warden::start(notice.clone()) {
            Ok(warden) => Some(Arc::new(warden)),
            Err(error) => {
                notice(&format!("nothing cleans up after this run if it is killed: {error}"));
                None
            }
        };
        let services = Services::new(
            settings.config.clone(),
            settings.folder.ground().to_owned(),
            settings.bin_dir.clone(),
            boots.clone(),
            warden.clone(),
        );
        if !settings.inline
            && let Err(error) = std::fs::create_dir_all(settings.folder.output())
        {
            notice(&format!("what tests print is not kept: {error}"));
        }
        Self {
            config: settings.config.clone(),
            suite: settings.suite,
            folder: settings.folder.clone(),
            events: settings.events.clone(),
            services,
            boots,
            turns,
            sign_in_timeout: settings.sign_in_timeout,
            fixture_timeout: settings.fixture_timeout,
            warden_of_browsers: warden.clone(),
            warden,
            on_notice: settings.on_notice.clone(),
            on_started: settings.on_started.clone(),
            on_output: settings.on_output.clone(),
            inline: settings.inline,
            incarnations: Incarnations::default(),
            came_up: AtomicU32::new(0),
            cancelled,
            studio: Studio::default(),
        }
    }

    /// Shows a notice, and keeps it among the events.
    pub(super) fn notice(&self, text: &str) {
        self.events.emit(Event::Notice { text: text.to_owned() });
        (self.on_notice)(text);
    }

    fn limits(&self) -> Limits {
        let configured = &self.config.tests;
        Limits {
            sign_in: Limit { asked: self.sign_in_timeout, configured: configured.sign_in_timeout },
            fixture: Limit { asked: self.fixture_timeout, configured: configured.fixture_timeout },
            waits: Waits {
                action: configured.action_timeout,
                expect: configured.expect_timeout,
                pace: Pace { slow_mo: configured.slow_mo, steps: configured.steps },
            },
        }
    }

    /// Takes what happens in a slot's surroundings.
    fn observer(&self) -> Observer {
        let (events, on_notice) = (self.events.clone(), self.on_notice.clone());
        Arc::new(move |event| {
            if let Event::TearDownFailed { slot, problem } = &event {
                on_notice(&format!("in slot {slot}, {}", problem.message));
            }
            events.emit(event);
        })
    }
}

/// See the module's documentation.
pub(super) struct Station {
    pub(super) slot: Slot,
    pub(super) accounts: BTreeMap<Role, Account>,
    pub(super) services: SlotServices,
    pub(super) worker: Worker,
    /// What was done to it since it was as it should be.
    pub(super) wear: Wear,
    pub(super) browser: Arc<Keeper>,
    /// Of an inline worker.
    #[cfg(feature = "mail")]
    mail: Option<Served>,
    /// Dropped last: the ports are free only when all that may use them has ended.
    lease: Lease,
}

/// A slot could not be brought up.
#[derive(Debug, thiserror::Error)]
pub(super) enum StationError {
    /// What belongs to the run failed, so no other slot will do better.
    #[error(transparent)]
    Run(ServiceError),
    /// What belongs to this slot failed.
    #[error(transparent)]
    Slot(ServiceError),
    /// The slot's mail server cannot be started.
    #[cfg(feature = "mail")]
    #[error("cannot start the mail server of slot {0}, [mail] of callboard.toml")]
    Mail(SlotId, #[source] MailError),
    /// The system gave no thread or process, or the process was none.
    #[error("cannot start the worker of the slot: {0}")]
    Worker(io::Error),
}

impl Station {
    /// Brings the slot up, once what belongs to the run is up.
    pub(super) async fn open(id: SlotId, lease: Lease, common: &Common) -> Result<Self, StationError> {
        let config = &common.config;
        common.services.start_run().await.map_err(StationError::Run)?;
        let ports = config.ports.iter().map(|(name, base)| (name.clone(), base + id.0)).collect();
        let slot = Slot::new(id, config.port(id), ports, common.folder.slot(id));
        let browser = Keeper::new(
            &slot,
            config.browser.clone(),
            common.warden_of_browsers.clone(),
            common.boots.clone(),
            common.events.clone(),
        );
        let accounts: BTreeMap<Role, Account> = config
            .roles
            .iter()
            .filter_map(|(role, accounts)| Some((role.clone(), accounts.get(&id)?.clone())))
            .collect();
        // Before the services, which may look for the mail server as soon as they start; and a process comes up while they do.
        #[cfg(feature = "mail")]
        let bound = mail::bind(config, &slot).map_err(|error| StationError::Mail(id, error))?;
        #[cfg(feature = "mail")]
        let (bound, mail) = match bound {
            Some(bound) if common.inline => (None, Some(bound.serve().map_err(StationError::Worker)?)),
            bound => (bound, None),
        };
        let mut process = None;
        if !common.inline {
            let surroundings = Surroundings {
                slot: slot.clone(),
                log: slot.dir().join(WORKER_LOG),
                output: common.folder.output(),
                accounts: accounts.clone(),
                limits: common.limits(),
                console: Arc::new(config.console.clone()),
                test_id: common.config.browser.test_id.clone(),
                browser: browser.source(),
                on_event: common.observer(),
                on_output: common.on_output.clone(),
                warden: common.warden.clone(),
                incarnations: common.incarnations.clone(),
                #[cfg(feature = "mail")]
                mail: bound,
            };
            process = Some(Process::start(surroundings).await.map_err(StationError::Worker)?);
        }

        let services = start_services(&slot, common).await?;
        let app = services.app().clone();
        let worker = match process {
            Some(mut process) => {
                process.furnish(app);
                Ok(Worker::Process(Box::new(process)))
            }
            None => Thread::start(
                Furnishing {
                    slot: slot.clone(),
                    app,
                    accounts: accounts.clone(),
                    suite: common.suite,
                    limits: common.limits(),
                    console: Arc::new(config.console.clone()),
                    test_id: common.config.browser.test_id.clone(),
                    browser: browser.source(),
                    #[cfg(feature = "mail")]
                    mailbox: mail.as_ref().map(Served::mailbox),
                    on_event: common.observer(),
                    states: Vec::new(),
                    on_signed_in: Arc::new(|_, _, _| {}),
                },
                &common.incarnations,
            )
            .map(|thread| Worker::Thread(Box::new(thread))),
        };
        let worker = match worker {
            Ok(worker) => worker,
            Err(error) => {
                services.stop().await;
                return Err(StationError::Worker(error));
            }
        };
        common.came_up.fetch_add(1, Ordering::Relaxed);
        Ok(Self {
            slot,
            accounts,
            services,
            worker,
            wear: Wear::default(),
            browser,
            #[cfg(feature = "mail")]
            mail,
            lease,
        })
    }

    /// Gives the tests to come a worker that knows nothing of those before: who has signed in, and what fixtures live as long
    /// as the slot. The one before ends, and tears these down, while the services still are what they were made on.
    pub(super) async fn replace_worker(&mut self) -> Result<(), StationError> {
        self.worker.renew().await.map_err(StationError::Worker)
    }

    /// Ends everything, and then gives the slot back.
    pub(super) async fn close(self) {
        drop(self.end().await);
    }

    /// Ends everything, and keeps the slot.
    pub(super) async fn end(self) -> Lease {
        let Self { worker, browser, services, lease, .. } = self;
        worker.stop().await;
        tokio::join!(browser.close(), services.stop());
        #[cfg(feature = "mail")]
        if let Some(mail) = self.mail {
            // It is a thread that is waited for, but not for long: it ends at once.
            let _ = tokio::task::spawn_blocking(move || mail.stop()).await;
        }
        lease
    }

    /// Ends everything but the worker, which does not come to an end.
    pub(super) async fn abandon(self) {
        let Self { browser, services, lease: _lease, .. } = self;
        tokio::join!(browser.close(), services.stop());
        #[cfg(feature = "mail")]
        if let Some(mail) = self.mail {
            // It is a thread that is waited for, but not for long: it ends at once.
            let _ = tokio::task::spawn_blocking(move || mail.stop()).await;
        }
    }

    /// How long the logs of the slot's services are now.
    pub(super) fn mark_logs(&self) -> Vec<(PathBuf, u64)> {
        let length = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
        self.services.logs().map(|(_, path)| (path.to_owned(), length(path))).collect()
    }
}

async fn start_services(slot: &Slot, common: &Common) -> Result<SlotServices, StationError> {
    common.services.start_run().await.map_err(StationError::Run)?;
    let (id, began) = (slot.id(), Instant::now());
    common.events.emit(Event::ServicesStarting { slot: Some(id) });
    let services = common.services.start_slot(slot).await.map_err(StationError::Slot)?;
    common.events.emit(Event::ServicesReady { slot: Some(id), took_us: micros(began.elapsed()) });
    if let Some(why) = services.why_no_reset() {
        common.notice(&format!("slot {id} is not reset after its tests: {}", chain(why)));
    }
    Ok(services)
}

/// Of the log of one service, no more than this is kept for one attempt, in bytes.
const MOST_KEPT: u64 = 16 << 20;

/// Writes what the services logged since the marks into one file: exactly what they said during an attempt,
/// since a slot runs one test at a time.
pub(super) fn keep_logs_since(marks: &[(PathBuf, u64)], file: &Path) -> io::Result<()> {
    std::fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
    let mut kept = File::create(file)?;
    for (path, mark) in marks {
        let Ok(mut log) = File::open(path) else { continue };
        log.seek(SeekFrom::Start(*mark))?;
        if marks.len() > 1 {
            writeln!(kept, "==> {} <==", path.file_stem().unwrap_or_default().display())?;
        }
        io::copy(&mut log.take(MOST_KEPT), &mut kept)?;
    }
    Ok(())
}
