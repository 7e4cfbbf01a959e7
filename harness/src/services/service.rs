//! One service: from its start to its readiness, and to its end.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::error::{Excerpt, ServiceError, Subject};
use super::plan::ServiceJob;
use super::ready::{self, Target};
use crate::config::Stop;
use crate::process::{Group, Launch, Warden};

/// How long a listener that is on its way out may still be seen on the port: a killed process gives
/// its port back a moment after it stopped counting as alive.
const LINGERING: Duration = Duration::from_secs(1);

/// A service that was ready once.
#[derive(Debug)]
pub(super) struct Running {
    subject: Box<Subject>,
    group: Group,
    stop: Stop,
}

impl ServiceJob {
    /// Starts it and waits until it is ready. `None` for one that runs elsewhere: there is nothing to stop.
    pub(super) async fn start(self, warden: Option<&Arc<Warden>>) -> Result<Option<Running>, ServiceError> {
        let target = match &self.target {
            Ok(target) => target.clone(),
            Err(why) => {
                return Err(ServiceError::Unaskable { subject: self.subject, why: why.clone() });
            }
        };
        match self.launch.clone() {
            Some(launch) => self.boot(&launch, &target, warden).await.map(Some),
            None => self.visit(&target).await.map(|()| None),
        }
    }

    async fn boot(
        self,
        launch: &Launch,
        target: &Target,
        warden: Option<&Arc<Warden>>,
    ) -> Result<Running, ServiceError> {
        let Self { subject, startup_timeout: timeout, stop, .. } = self;
        if let Some(port) = target.local_port()
            && is_taken(port).await
        {
            return Err(ServiceError::PortTaken { subject, address: format!("127.0.0.1:{port}") });
        }
        let group = match Group::spawn(launch, warden) {
            Ok(group) => group,
            Err(source) => return Err(ServiceError::Spawn { subject, source: Arc::new(source) }),
        };
        let log = (group.log(), group.log_start());
        let ready = tokio::select! {
            biased;
            exit = group.exited() => {
                return Err(ServiceError::ExitedEarly { subject, exit, log: Excerpt::of(&group) });
            }
            ready = ready::until_ready(target, Some(log), timeout) => ready,
        };
        // An answer from a port says that somebody is there; that it is ours, only that ours lives.
        if let Some(exit) = group.try_exit_status() {
            return Err(ServiceError::ExitedEarly { subject, exit, log: Excerpt::of(&group) });
        }
        if let Err(mut last) = ready {
            last.push_str(&hint(target, &subject).await);
            group.stop(stop.signal, stop.grace).await;
            return Err(ServiceError::NotReady { subject, timeout, last, log: Excerpt::of(&group) });
        }
        Ok(Running { subject, group, stop })
    }

    async fn visit(self, target: &Target) -> Result<(), ServiceError> {
        let Self { subject, startup_timeout: timeout, .. } = self;
        let ready = ready::until_ready(target, None, timeout).await;
        ready.map_err(|last| ServiceError::NotThere { subject, timeout, last })
    }
}

/// Whether somebody listens on the port, and goes on doing so.
async fn is_taken(port: u16) -> bool {
    let begun = Instant::now();
    while ready::connect("127.0.0.1", port).await.is_ok() {
        if begun.elapsed() > LINGERING {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    false
}

/// What a service that did not get ready in time may have done wrong.
async fn hint(target: &Target, subject: &Subject) -> String {
    let Some(port) = target.local_port() else { return String::new() };
    if ready::connect("127.0.0.1", port).await.is_ok() {
        return String::new();
    }
    if ready::connect("::1", port).await.is_ok() {
        return format!("\n  it listens on [::1]:{port} only: have it listen on 127.0.0.1");
    }
    let remedy = match subject.slot {
        Some(_) => "does its command pass `{port}`, or does it read CALLBOARD_PORT?",
        None => "is it the one that the configuration says?",
    };
    format!("\n  nobody listens on port {port}: {remedy}")
}

impl Running {
    /// An error when it has ended.
    pub(super) fn check(&self) -> Result<(), ServiceError> {
        let Some(exit) = self.group.try_exit_status() else { return Ok(()) };
        Err(ServiceError::Exited { subject: self.subject.clone(), exit, log: Excerpt::of(&self.group) })
    }

    /// Ends it the way it is configured, and in any case.
    pub(super) async fn stop(&self) {
        self.group.stop(self.stop.signal, self.stop.grace).await;
    }
}
