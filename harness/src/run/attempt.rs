//! One attempt of a test in a slot: the slot is brought up where it is not, and looked after when it is over.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::station::{Common, Station, StationError, keep_logs_since};
use super::verdict;
use crate::config::Config;
use crate::model::{Account, Event, Outcome, Part, Problem, SlotId, TestId, chain, masked, micros};
use crate::slots::Lease;
use crate::suite::Test;
use crate::trail::{Of, Trail};
use crate::worker::{Stuck, Task};

/// An attempt that is to be made.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) index: usize,
    pub(super) test: &'static Test,
    pub(super) number: u32,
    pub(super) deadline: Duration,
    /// In the order of their numbers.
    pub(super) companions: Vec<Companion>,
}

/// A slot of which the attempt uses accounts.
#[derive(Debug)]
pub(super) struct Companion {
    pub(super) slot: SlotId,
    /// Until the attempt is over; where the slot is up, its station has the lease.
    pub(super) _lease: Option<Lease>,
}

/// Where it is to be made.
pub(super) enum Place {
    Up(Box<Station>),
    Leased(SlotId, Lease),
}

/// It was made, or could not be.
pub(super) struct Done {
    pub(super) index: usize,
    pub(super) slot: SlotId,
    pub(super) after: After,
    /// Nothing when the slot did not come up: then no attempt was made.
    pub(super) result: Option<Result>,
}

/// What became of the slot.
pub(super) enum After {
    /// The next test may come.
    Fine(Box<Station>),
    /// It did not come up, or not again after it was.
    NotUp { reason: String, whole_run: bool, was_up: bool },
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
pub(super) async fn make(attempt: Attempt, place: Place, common: &Common) -> Done {
    let index = attempt.index;
    let (slot, was_up) = match &place {
        Place::Up(station) => (station.slot.id(), true),
        Place::Leased(slot, _) => (*slot, false),
    };
    let not_up = |error: StationError| {
        let whole_run = matches!(error, StationError::Run(_));
        let after = After::NotUp { reason: chain(&error), whole_run, was_up };
        Done { index, slot, after, result: None }
    };
    let station = match place {
        Place::Up(station) => station,
        Place::Leased(slot, lease) => match Station::open(slot, lease, common).await {
            Ok(station) => Box::new(station),
            Err(error) => return not_up(error),
        },
    };
    let test = attempt.test.entry;
    let turn = common.turns.take(test.exclusive, test.group).await;
    if let Err(error) = &turn {
        tracing::warn!(%error, "the turn of a test could not be locked; other processes may not respect it");
    }
    // After the wait for the turn: much can happen to a service meanwhile.
    let station = match station.freshen(common).await {
        Ok(station) => station,
        Err(error) => return not_up(error),
    };
    let (after, result) = execute(attempt, station, common).await;
    drop(turn);
    Done { index, slot, after, result: Some(result) }
}

async fn execute(attempt: Attempt, mut station: Box<Station>, common: &Common) -> (After, Result) {
    let Attempt { index, test, number, deadline, companions } = attempt;
    let accounts = accounts(test, &station, &companions, &common.config);
    let slot = station.slot.id();
    let (name, worker) = (&test.id, station.worker.incarnation());
    let folder = common.folder.attempt(name, number);
    common.events.emit(Event::AttemptStarted {
        test: name.clone(),
        attempt: number,
        slot,
        companions: companions.iter().map(|companion| companion.slot).collect(),
        worker,
    });
    if number == 1 {
        (common.on_started)(index);
    }
    let began = Instant::now();
    let marks = station.mark_logs();

    let trail = trail(name, number, &folder, &accounts, &station, common);
    let lent = accounts.iter().filter(|(_, account)| account.slot() != slot).cloned().collect();
    let task = Task { test: test.entry, deadline, folder: folder.clone(), lent, trail: trail.clone() };
    let executed = station.worker.execute(task).await;
    trail.close();
    let (stuck, mut outcome, mut problem, mut skipped) = match executed {
        Ok(report) => (None, report.outcome, report.problem, report.skipped),
        Err(Stuck(problem)) => (Some(problem.message.clone()), problem.outcome, Some(problem), None),
    };
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
    common.events.emit(Event::AttemptFinished {
        test: name.clone(),
        attempt: number,
        slot: Some(slot),
        outcome,
        problem: problem.clone(),
        took_us: micros(took),
    });
    let place = verdict::Place {
        slot: station.slot.clone(),
        base_url: station.services.app().base_url().to_owned(),
        accounts: accounts.into_iter().map(|(_, account)| account).collect(),
        kept: folder,
        attached: trail.attached(),
    };
    station.wear.note(name, outcome, common.config.reset, dead.is_some());
    let worn = dead.and_then(|dead| station.wear.worn_out(&dead));
    let after = match (stuck, worn) {
        (Some(reason), _) => After::Stuck { station, reason },
        (None, Some(reason)) => After::Worn { station, reason },
        (None, None) => After::Fine(station),
    };
    (after, Result { outcome, problem, skipped, place, took })
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

/// What the attempt tells goes among the events; no password does.
fn trail(
    test: &TestId,
    attempt: u32,
    folder: &Path,
    accounts: &[(&'static str, Account)],
    station: &Station,
    common: &Common,
) -> Arc<Trail> {
    let events = common.events.clone();
    // Those of the slot, and those that are lent.
    let accounts = station.accounts.values().chain(accounts.iter().map(|(_, account)| account));
    let passwords: Vec<String> = accounts.map(|account| account.password().to_owned()).collect();
    Trail::new(Of {
        test: test.clone(),
        attempt,
        folder: folder.to_owned(),
        run: common.folder.path().to_owned(),
        emit: Box::new(move |event| events.emit(event)),
        mask: Box::new(move |text| masked(text, passwords.iter().map(String::as_str))),
    })
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
