//! One attempt of a test in a slot: the slot is brought up where it is not, and looked after when it is over.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::pin::Pin;
use std::time::{Duration, Instant};

use super::film;
use super::station::{Common, Resting, Station, StationError, keep_logs_since};
use super::trace;
use super::trouble::trouble_since;
use super::verdict;
use crate::config::Config;
use crate::model::{
    Account, Event, Outcome, Part, Problem, SlotId, TestId, below, chain, masked, micros, without_secrets,
};
use crate::slots::{Lease, Turn};
use crate::suite::Test;
use crate::worker::{Made, Recorded, Report, Stuck, Task};

/// An attempt that is to be made.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) index: usize,
    pub(super) test: &'static Test,
    /// What it is called: not as it is written where it is repeated.
    pub(super) name: TestId,
    /// The how many-th execution of the test it is, from 1.
    pub(super) repetition: u32,
    pub(super) number: u32,
    pub(super) deadline: Duration,
    /// In the order of their numbers.
    pub(super) companions: Vec<Companion>,
    /// The experiment that it is made for.
    pub(super) experiment: Option<u32>,
    /// How many times slower the processor is for its pages, where that is more than once.
    pub(super) slow_pages: u16,
    /// What it waits for when all is ready.
    pub(super) gate: Option<Gate>,
}

/// Opens when an attempt may begin that is ready.
pub(super) struct Gate(pub(super) Pin<Box<dyn Future<Output = ()> + Send>>);

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// A slot of which the attempt uses accounts.
#[derive(Debug)]
pub(super) struct Companion {
    pub(super) slot: SlotId,
    /// Until the attempt is over; where the slot is up, its station has the lease.
    #[expect(dead_code, reason = "it is held, and nothing else")]
    pub(super) lease: Option<Lease>,
}

/// Where it is to be made.
pub(super) enum Place {
    Up(Box<Station>),
    Resting(Box<Resting>),
    Leased(SlotId, Lease),
}

/// It was made, or could not be.
pub(super) struct Done {
    pub(super) index: usize,
    pub(super) slot: SlotId,
    pub(super) after: After,
    /// Nothing when no attempt was made, because the slot did not come up, or when it has no verdict, because the run ends.
    pub(super) result: Option<Result>,
}

/// What became of the slot.
pub(super) enum After {
    /// The next test may come.
    Fine(Box<Station>),
    /// It did not come up, or not again after it was.
    NotUp { reason: String, whole_run: bool },
    /// It was about to come up, or to be made fit, when the run was to end.
    GivenUp,
    /// Its services die again and again.
    Worn { station: Box<Station>, reason: String },
    /// The test does not end.
    Stuck { station: Box<Station>, reason: String },
}

/// What the attempt came to.
pub(super) struct Result {
    pub(super) outcome: Outcome,
    pub(super) problem: Option<Problem>,
    /// Why it was skipped.
    pub(super) skipped: Option<String>,
    pub(super) place: verdict::Place,
    pub(super) took: Duration,
}

/// Makes the attempt.
pub(super) async fn make(mut attempt: Attempt, place: Place, common: &Common) -> Done {
    let index = attempt.index;
    let slot = match &place {
        Place::Up(station) => station.slot.id(),
        Place::Resting(resting) => resting.slot().id(),
        Place::Leased(slot, _) => *slot,
    };
    let ready = tokio::select! {
        biased;
        // What was about to start ends when it is dropped.
        () = common.cancelled.wait() => return Done { index, slot, after: After::GivenUp, result: None },
        ready = ready(attempt.test, place, common) => ready,
    };
    let (station, turn, worker) = match ready {
        Ok(ready) => ready,
        Err(error) => {
            let whole_run = matches!(error, StationError::Run(_));
            let after = After::NotUp { reason: chain(&error), whole_run };
            return Done { index, slot, after, result: None };
        }
    };
    if let Some(gate) = attempt.gate.take() {
        gate.0.await;
    }
    let (after, result) = execute(attempt, worker, station, common).await;
    drop(turn);
    Done { index, slot, after, result }
}

/// Brings the place into the state in which the attempt can be made, and waits for the test's turn. Returns the worker's
/// incarnation, too.
async fn ready(
    test: &Test,
    place: Place,
    common: &Common,
) -> std::result::Result<(Box<Station>, io::Result<Turn>, u32), StationError> {
    let station = match place {
        Place::Up(station) => station,
        Place::Resting(resting) => Box::new(resting.wake(common).await?),
        Place::Leased(slot, lease) => Box::new(Station::open(slot, lease, common).await?),
    };
    let turn = common.turns.take(test.entry.exclusive, test.entry.group).await;
    if let Err(error) = &turn {
        tracing::warn!(%error, "the turn of a test could not be locked; other processes may not respect it");
    }
    // After the wait for the turn: much can happen to a service meanwhile.
    let mut station = station.freshen(common).await?;
    match station.worker.ready().await {
        Ok(worker) => Ok((station, turn, worker)),
        Err(error) => {
            station.close().await;
            Err(StationError::Worker(error))
        }
    }
}

async fn execute(
    attempt: Attempt,
    worker: u32,
    mut station: Box<Station>,
    common: &Common,
) -> (After, Option<Result>) {
    let Attempt { index, test, name, repetition, number, companions, experiment, .. } = attempt;
    let accounts = accounts(test, &station, &companions, &common.config);
    let slot = station.slot.id();
    let folder = common.folder.attempt(&test.id, repetition, number);
    common.events.emit(Event::AttemptStarted {
        test: name.clone(),
        attempt: number,
        slot,
        companions: companions.iter().map(|companion| companion.slot).collect(),
        worker,
        base_url: station.services.app().base_url().to_owned(),
        accounts: accounts.iter().map(|(_, account)| account.username().to_owned()).collect(),
        folder: below(common.folder.path(), &folder),
        experiment,
    });
    if number == 1 {
        (common.on_started)(index);
    }
    let began = Instant::now();
    let marks = station.mark_logs();

    let lent = accounts.iter().filter(|(_, account)| account.slot() != slot).cloned().collect();
    let run = common.folder.path().to_owned();
    let task = Task {
        test,
        name: name.clone(),
        attempt: number,
        deadline: attempt.deadline,
        folder: folder.clone(),
        run,
        lent,
        recorded: recorded(&common.config, number),
        slow_pages: attempt.slow_pages,
    };
    let (made, stuck) = station.worker.execute(task, &common.cancelled).await;
    let report = match made {
        Made::Over(report) => report,
        Made::Cancelled => {
            trace::forget(&folder);
            let took_us = micros(began.elapsed());
            common.events.emit(Event::AttemptCancelled { test: name, attempt: number, slot, took_us });
            return (after_cancelled(station, stuck), None);
        }
    };
    let Report { mut outcome, mut problem, mut skipped, attached } = report;
    let stuck = stuck.err().and(problem.as_ref()).map(|problem| problem.message.clone());
    let took = began.elapsed();
    // A dead service explains whatever the test saw, and is not the test's fault.
    let checked = match problem {
        Some(_) => station.services.check_after_trouble().await,
        None => station.services.check(),
    };
    let dead = checked.err().map(|error| chain(&error));
    if let Some(dead) = &dead {
        problem = Some(of_surroundings(dead, problem));
        (outcome, skipped) = (Outcome::Errored, None);
    }
    if let Some(problem) = &mut problem {
        problem.location = problem.location.take().or_else(|| Some(test.entry.place.into()));
        if let Err(error) = keep_logs_since(&marks, &folder.join("server.log")) {
            tracing::warn!(%error, "the log of an attempt could not be kept");
        }
    }
    let lent_and_own = station.accounts.values().chain(accounts.iter().map(|(_, account)| account));
    tell_trouble(&marks, &name, number, lent_and_own, common);
    let passwords = accounts.iter().map(|(_, account)| account.password().to_owned());
    let trace = trace::finish(&name, number, &folder, outcome, passwords, common).await;
    common.events.emit(Event::AttemptFinished {
        test: name.clone(),
        attempt: number,
        slot: Some(slot),
        outcome,
        problem: problem.clone(),
        took_us: micros(took),
    });
    film::finish(&name, number, &folder, outcome.is_ok(), common);
    let place = verdict::Place {
        slot: station.slot.clone(),
        base_url: station.services.app().base_url().to_owned(),
        accounts: accounts.into_iter().map(|(_, account)| account).collect(),
        kept: folder,
        attached,
        trace,
    };
    station.wear.note(&name, outcome, common.config.reset, dead.is_some());
    let worn = dead.and_then(|dead| station.wear.worn_out(&dead));
    let after = match (stuck, worn) {
        (Some(reason), _) => After::Stuck { station, reason },
        (None, Some(reason)) => After::Worn { station, reason },
        (None, None) => After::Fine(station),
    };
    (after, Some(Result { outcome, problem, skipped, place, took }))
}

/// What a slot is in after an attempt that the end of the run cut short.
fn after_cancelled(station: Box<Station>, stuck: std::result::Result<(), Stuck>) -> After {
    match stuck {
        Ok(()) => After::Fine(station),
        Err(Stuck) => After::Stuck { station, reason: "a test did not end with the run".to_owned() },
    }
}

/// Tells what services logged since these marks that looks like trouble, without the passwords of these accounts.
fn tell_trouble<'a>(
    marks: &[(PathBuf, u64)],
    test: &TestId,
    attempt: u32,
    accounts: impl Iterator<Item = &'a Account> + Clone,
    common: &Common,
) {
    let lines = trouble_since(marks);
    if lines.is_empty() {
        return;
    }
    let clean = |line: String| without_secrets(&masked(line, accounts.clone().map(Account::password)));
    let lines = lines.into_iter().map(clean).collect();
    common.events.emit(Event::TroubleLogged { test: test.clone(), attempt, lines });
}

/// What is recorded of the so many-th attempt of a test.
fn recorded(config: &Config, number: u32) -> Recorded {
    Recorded {
        trace: config.trace.mode.begins(number),
        film: config.video.begins(number),
        mask: config.trace.mask.clone(),
    }
}

/// What happened to the surroundings of a test, and then what it had to say itself.
fn of_surroundings(dead: &str, of_test: Option<Problem>) -> Problem {
    match of_test {
        None => Problem::errored(dead),
        Some(problem) => Problem {
            outcome: Outcome::Errored,
            message: format!("{dead}\nand the test: {}", problem.message),
            ..problem
        },
    }
}

/// The account of each role of a test, in the order in which it asks for them.
fn accounts(
    test: &Test,
    station: &Station,
    companions: &[Companion],
    config: &Config,
) -> Vec<(&'static str, Account)> {
    let account = |asked: &&'static str| {
        let Part { role, companion } = Part::of(asked);
        let account = match companion {
            None => station.accounts.get(role),
            Some(number) => config.account(role, companions.get(number)?.slot),
        };
        Some((*asked, account?.clone()))
    };
    test.roles.iter().filter_map(account).collect()
}
