//! The warm browser of a slot and its driver: each started when the first session asks for it, and again when it has died.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::events::Events;
use crate::browser::{Browser, BrowserError, DriverEndpoint, DriverProgram, Endpoint, Options};
use crate::config::{self, Engine, Isolation};
use crate::machine::Boots;
use crate::model::{Event, Problem, RenewWhy, SlotId, chain, micros};
use crate::process::Warden;
use crate::setup::{Browsers, find, find_firefox, find_with_window};
use crate::slots::Slot;
use crate::suite::BrowserSource;

/// Owns the browser and the driver of a slot, on the runtime of the run.
#[derive(Debug)]
pub(super) struct Keeper {
    slot: SlotId,
    config: config::Browser,
    dir: PathBuf,
    warden: Option<Arc<Warden>>,
    boots: Boots,
    events: Events,
    browser: Mutex<Option<Warm>>,
    driver: Mutex<Option<DriverProgram>>,
}

/// A browser that runs.
#[derive(Debug)]
struct Warm {
    browser: Browser,
    /// How many attempts have used it, the present one included.
    attempts: u32,
    /// Whether the present one has.
    used: bool,
}

/// A browser has served enough.
#[derive(Debug)]
pub(super) struct Spent {
    why: RenewWhy,
    attempts: u32,
    memory: Option<u64>,
}

impl Keeper {
    pub(super) fn new(
        slot: &Slot,
        config: config::Browser,
        warden: Option<Arc<Warden>>,
        boots: Boots,
        events: Events,
    ) -> Arc<Self> {
        Arc::new(Self {
            slot: slot.id(),
            config,
            dir: slot.dir().to_owned(),
            warden,
            boots,
            events,
            browser: Mutex::new(None),
            driver: Mutex::new(None),
        })
    }

    /// What the slot's worker, which lives on a runtime of its own, asks for a browser and a driver.
    pub(super) fn source(self: &Arc<Self>) -> BrowserSource {
        let ended =
            |program| Problem::errored(format_args!("the run ended before the {program} was started"));
        let (keeper, run) = (self.clone(), Handle::current());
        let browser = move |gone| {
            let keeper = keeper.clone();
            let started = run.spawn(async move { keeper.endpoint(gone).await });
            Box::pin(async move { started.await.unwrap_or_else(|_| Err(ended("browser"))) })
                as BoxFuture<'static, _>
        };
        let (keeper, run) = (self.clone(), Handle::current());
        let driver = move |gone| {
            let keeper = keeper.clone();
            let started = run.spawn(async move { keeper.driver(gone).await });
            Box::pin(async move { started.await.unwrap_or_else(|_| Err(ended("driver"))) })
                as BoxFuture<'static, _>
        };
        BrowserSource { browser: Arc::new(browser), driver: Arc::new(driver) }
    }

    /// `gone` is the address of one that does not answer any more, though its process may still look alive.
    async fn endpoint(&self, gone: Option<String>) -> Result<Endpoint, Problem> {
        let mut browser = self.browser.lock().await;
        if let Some(warm) = browser.as_mut()
            && warm.browser.check().is_ok()
            && gone.as_ref() != Some(&warm.browser.endpoint().web_socket_url)
        {
            warm.attempts += u32::from(!std::mem::replace(&mut warm.used, true));
            return Ok(warm.browser.endpoint().clone());
        }
        let boot = self.boots.next().await;
        let began = Instant::now();
        let started = self.launch().await?;
        let started = started.map_err(|error| Problem::errored(chain(&error)))?;
        drop(boot);
        self.events.emit(Event::BrowserReady { slot: self.slot, took_us: micros(began.elapsed()) });
        let endpoint = started.endpoint().clone();
        if let Some(dead) = browser.replace(Warm { browser: started, attempts: 1, used: true }) {
            dead.browser.close().await;
        }
        Ok(endpoint)
    }

    /// Whether the browser has served enough. An attempt is over.
    pub(super) async fn spent(&self) -> Option<Spent> {
        let mut browser = self.browser.lock().await;
        let warm = browser.as_mut()?;
        // What did not use it has not worn it either.
        if !std::mem::take(&mut warm.used) {
            return None;
        }
        let attempts = warm.attempts;
        let bound = match self.config.isolation {
            Isolation::Browser => Some(1),
            Isolation::Context | Isolation::Reset => self.config.renew_after,
        };
        if bound.is_some_and(|bound| attempts >= bound) {
            return Some(Spent { why: RenewWhy::Attempts, attempts, memory: None });
        }
        let bound = self.config.renew_above?;
        let memory = warm.browser.memory();
        memory.is_some_and(|memory| memory > bound).then_some(Spent {
            why: RenewWhy::Memory,
            attempts,
            memory,
        })
    }

    /// Ends a browser that has served enough; the next session starts another.
    pub(super) async fn renew(&self, spent: Spent, began: Instant) {
        if let Some(warm) = self.browser.lock().await.take() {
            warm.browser.close().await;
        }
        let Spent { why, attempts, memory } = spent;
        let took_us = micros(began.elapsed());
        self.events.emit(Event::BrowserRenewed { slot: self.slot, why, attempts, memory, took_us });
    }

    /// Gives the address of the driver, as that of the browser. It does not wait for its turn to boot: it costs little, and a test waits for it whose time counts.
    async fn driver(&self, gone: Option<String>) -> Result<DriverEndpoint, Problem> {
        let mut driver = self.driver.lock().await;
        if let Some(driver) = driver.as_ref()
            && driver.check().is_ok()
            && gone.as_ref() != Some(&driver.endpoint().url)
        {
            return Ok(driver.endpoint().clone());
        }
        let started = DriverProgram::launch(&self.found()?, &self.options()).await;
        let started = started.map_err(|error| Problem::errored(chain(&error)))?;
        let endpoint = started.endpoint().clone();
        if let Some(dead) = driver.replace(started) {
            dead.close().await;
        }
        Ok(endpoint)
    }

    async fn launch(&self) -> Result<Result<Browser, BrowserError>, Problem> {
        let (engine, options) = (self.config.engine, self.options());
        if let Some(url) = &self.config.url {
            return Ok(Browser::remote(engine, url, &options).await);
        }
        let found = self.found()?;
        Ok(match engine {
            Engine::Chromium => Browser::launch(&found, &options).await,
            Engine::Firefox => Browser::launch_firefox(&found, &options).await,
        })
    }

    fn found(&self) -> Result<Browsers, Problem> {
        let find = if self.config.engine == Engine::Firefox {
            find_firefox
        } else if self.config.headed {
            find_with_window
        } else {
            find
        };
        find(self.config.executable.as_deref(), self.config.driver.as_deref()).map_err(Problem::errored)
    }

    fn options(&self) -> Options {
        Options {
            warden: self.warden.clone(),
            dir: self.dir.clone(),
            args: self.config.args.clone(),
            headless: !self.config.headed,
            one_context: self.config.isolation == Isolation::Reset,
        }
    }

    /// Ends both, if they are there.
    pub(super) async fn close(&self) {
        let browser = async {
            if let Some(warm) = self.browser.lock().await.take() {
                warm.browser.close().await;
            }
        };
        let driver = async {
            if let Some(driver) = self.driver.lock().await.take() {
                driver.close().await;
            }
        };
        tokio::join!(browser, driver);
    }
}
