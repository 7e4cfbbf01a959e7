//! A worker process, from the inside: it takes orders from the run, and makes attempts on a thread.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use super::inline::{self, Inline, Rest, trail};
use super::traces::Traces;
use super::wire::{self, Order, VERSION, Word};
use super::wires::Taken;
use super::{Made, Task, native, output};
use crate::browser::{DriverEndpoint, Endpoint, State};
use crate::model::{Account, Event, Problem, Role, SlotId};
use crate::services::App;
use crate::slots::Slot;
use crate::suite::{BrowserSource, Cancel, Furnishing, Suite};
use crate::trail::Trail;

/// What makes an executable with `callboard::main!()` a worker.
pub(crate) const ARGUMENT: &str = "--callboard-worker";

/// The process of a worker: from its first order to its end.
pub(crate) fn main() -> ExitCode {
    match Taken::from_standard().and_then(serve) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{ARGUMENT} is how a run starts its workers, and not for use by hand: {error}");
            ExitCode::from(2)
        }
    }
}

/// What the worker says to the run, from any thread.
#[derive(Clone)]
struct Mouth(Arc<Mutex<Words>>);

struct Words {
    wire: super::wires::Words,
    /// What is still to be said.
    kept: Vec<u8>,
}

impl Mouth {
    fn new(wire: super::wires::Words) -> Self {
        Self(Arc::new(Mutex::new(Words { wire, kept: Vec::new() })))
    }

    /// Says it, after all that was kept.
    fn say(&self, word: &Word) {
        let mut words = self.lock();
        words.keep(word);
        words.say();
    }

    /// Keeps it until something else is said, or the thread of the tests waits: each message costs both sides more than what
    /// it is about.
    fn keep(&self, word: &Word) {
        self.lock().keep(word);
    }

    fn say_kept(&self) {
        let mut words = self.lock();
        if !words.kept.is_empty() {
            words.say();
        }
    }

    /// Says what happened. What has begun is said at once, because it may be the end of this process.
    fn tell(&self, event: Event) {
        match event {
            Event::FixtureReady { .. } | Event::StepFinished { .. } => self.keep(&Word::Event(event)),
            _ => self.say(&Word::Event(event)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Words> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Words {
    fn keep(&mut self, word: &Word) {
        match wire::frame(word) {
            Ok(frame) => self.kept.extend(frame),
            Err(error) => tracing::warn!(%error, "something could not be said to the run"),
        }
    }

    fn say(&mut self) {
        if self.wire.write_all(&self.kept).is_err() {
            // Nobody is there any more for whom anything could be done here.
            std::process::exit(1);
        }
        self.kept.clear();
    }
}

fn serve(mut wires: Taken) -> io::Result<()> {
    let slot: Slot = match wire::read(&mut wires.orders)? {
        Some(Order::Hello { version: VERSION, slot }) => slot.into(),
        _ => return Err(io::Error::other("the first order is not one of this version")),
    };
    let mouth = Mouth::new(wires.words);
    let suite = match Suite::collected() {
        Ok(suite) => suite,
        Err(error) => {
            mouth.say(&Word::Unfit(error.to_string()));
            return Ok(());
        }
    };
    let mut worker = Worker {
        mouth,
        slot,
        suite,
        #[cfg(feature = "mail")]
        mail: None,
        house: None,
        questions: Arc::default(),
        present: None,
    };
    while let Some(order) = wire::read(&mut wires.orders)? {
        match order {
            Order::Hello { .. } => return Err(io::Error::other("it was greeted twice")),
            #[cfg(feature = "mail")]
            Order::Mail(mail, handed) => worker.start_mail(wires.mail.take(&handed)?, *mail)?,
            Order::Home(home) => worker.move_in(*home)?,
            Order::Attempt(attempt) => worker.attempt(*attempt),
            Order::Cancel => {
                if let Some(present) = &worker.present {
                    present.cancel.cancel();
                }
            }
            Order::Where => worker.stand(),
            Order::Pulse => {
                if let Some(house) = &worker.house {
                    worker.mouth.say(&Word::Pulse { still: house.inline.pulse().still() });
                }
            }
            answer @ (Order::Browser { .. } | Order::Driver { .. }) => worker.questions.answered(answer),
            Order::Stop => {
                // Questions for a browser or a driver are answered meanwhile.
                let questions = worker.questions.clone();
                let mut orders = wires.orders;
                std::thread::spawn(move || {
                    while let Ok(Some(order)) = wire::read(&mut orders) {
                        questions.answered(order);
                    }
                    // The run is gone.
                    std::process::exit(1);
                });
                worker.stop();
                return Ok(());
            }
        }
    }
    // The run is gone without a word.
    std::process::exit(1);
}

struct Worker {
    mouth: Mouth,
    slot: Slot,
    suite: &'static Suite,
    #[cfg(feature = "mail")]
    mail: Option<crate::mail::Served>,
    house: Option<House>,
    questions: Arc<Questions>,
    present: Option<Present>,
}

/// Where attempts are made.
struct House {
    inline: Inline,
    thread: native::Thread,
    passwords: Vec<String>,
    /// How the process is between two attempts.
    traces: Arc<Mutex<Traces>>,
}

/// The attempt that is made now, or was last.
struct Present {
    cancel: Cancel,
    trail: Arc<Trail>,
}

impl Worker {
    #[cfg(feature = "mail")]
    fn start_mail(&mut self, listener: std::net::TcpListener, mail: crate::mail::Wire) -> io::Result<()> {
        self.mail = Some(crate::mail::Bound { listener, wire: mail }.serve()?);
        Ok(())
    }

    fn move_in(&mut self, home: wire::Home) -> io::Result<()> {
        let accounts: Vec<Account> = home.accounts.into_iter().map(Account::from).collect();
        let passwords = accounts.iter().map(|account| account.password().to_owned()).collect();
        let (events, signed_in) = (self.mouth.clone(), self.mouth.clone());
        let furnishing = Furnishing {
            slot: self.slot.clone(),
            app: App::new(&home.base_url, home.log),
            accounts: accounts.into_iter().map(|account| (account.role().clone(), account)).collect(),
            suite: self.suite,
            limits: home.limits,
            console: Arc::new(home.console),
            test_id: home.test_id,
            browser: self.browser_source(),
            #[cfg(feature = "mail")]
            mailbox: self.mail.as_ref().map(crate::mail::Served::mailbox),
            on_event: Arc::new(move |event| events.tell(event)),
            states: home.states,
            on_signed_in: Arc::new(move |role: &Role, slot: SlotId, state: &State| {
                signed_in.say(&Word::SignedIn { role: role.clone(), slot, state: state.clone() });
            }),
        };
        let (here, thread) = std::sync::mpsc::channel();
        let at_start = move || {
            let _ = here.send(native::Thread::this());
        };
        let kept = self.mouth.clone();
        let inline = Inline::start(furnishing, at_start, move || kept.say_kept())?;
        let thread = thread.recv().map_err(|_| io::Error::other("the thread for tests did not start"))?;
        self.house = Some(House { inline, thread, passwords, traces: Arc::new(Mutex::new(Traces::now())) });
        self.mouth.say(&Word::Ready);
        Ok(())
    }

    /// The run starts browsers and drivers: they live on when this process does not.
    fn browser_source(&self) -> BrowserSource {
        let ended =
            |program| Problem::errored(format_args!("the run ended before the {program} was started"));
        let (mouth, questions) = (self.mouth.clone(), self.questions.clone());
        let browser = move |gone| {
            let (asked, answer) = questions.browsers.ask();
            mouth.say(&Word::Browser { asked, gone });
            Box::pin(async move { answer.await.unwrap_or_else(|_| Err(ended("browser"))) })
                as BoxFuture<'static, _>
        };
        let (mouth, questions) = (self.mouth.clone(), self.questions.clone());
        let driver = move |gone| {
            let (asked, answer) = questions.drivers.ask();
            mouth.say(&Word::Driver { asked, gone });
            Box::pin(async move { answer.await.unwrap_or_else(|_| Err(ended("driver"))) })
                as BoxFuture<'static, _>
        };
        BrowserSource { browser: Arc::new(browser), driver: Arc::new(driver) }
    }

    fn attempt(&mut self, attempt: wire::Attempt) {
        let Some(house) = &self.house else {
            return self.mouth.say(&Word::Unfit("it has no home".to_owned()));
        };
        let Some(test) = self.suite.find(&attempt.test) else {
            return self.mouth.say(&Word::Unfit(format!("it knows no such test: {:?}", attempt.test)));
        };
        if let Err(error) = output::redirect(&attempt.output) {
            tracing::warn!(%error, "what the test prints is not kept");
        }
        let lent: BTreeMap<&'static str, Account> = attempt
            .lent
            .into_iter()
            .filter_map(|(asked, login)| {
                let asked = test.roles.iter().find(|role| **role == asked)?;
                Some((*asked, Account::from(login)))
            })
            .collect();
        let mut passwords = house.passwords.clone();
        passwords.extend(lent.values().map(|account| account.password().to_owned()));
        let wire::Attempt { name, number, deadline, folder, run, recorded, slow_pages, .. } = attempt;
        let task = Task { test, name, attempt: number, deadline, folder, run, lent, recorded, slow_pages };
        let events = self.mouth.clone();
        let trail = trail(&task, passwords, move |event: Event| events.tell(event));
        let cancel = Cancel::new();
        let (begun, ending, made) = (self.mouth.clone(), self.mouth.clone(), self.mouth.clone());
        let traces = house.traces.clone();
        house.inline.order(inline::Order {
            task,
            trail: trail.clone(),
            cancelled: cancel.listener(),
            begun: Box::new(move || begun.say(&Word::Begun)),
            ending: Box::new(move || ending.say(&Word::Ending)),
            made: Box::new(move |result: Made, rest: Rest| {
                output::flush();
                let spent = traces.lock().unwrap_or_else(PoisonError::into_inner).left(rest);
                made.say(&Word::Made { made: result, spent });
            }),
        });
        self.present = Some(Present { cancel, trail });
    }

    /// Says where the attempt stands. The thread that makes it may be beyond saying anything.
    fn stand(&self) {
        let (Some(house), Some(present)) = (&self.house, &self.present) else { return };
        let standstill = present.trail.standstill();
        let stack = house.thread.backtrace().map(|stack| native::shown(&stack));
        self.mouth.say(&Word::Stands { standstill, stack });
    }

    fn stop(self) {
        if let Some(house) = self.house {
            house.inline.stop_blocking();
        }
        #[cfg(feature = "mail")]
        if let Some(mail) = self.mail {
            mail.stop();
        }
    }
}

/// What the run was asked for.
#[derive(Default)]
struct Questions {
    browsers: Open<Endpoint>,
    drivers: Open<DriverEndpoint>,
}

impl Questions {
    /// Takes an order that is an answer.
    fn answered(&self, order: Order) {
        match order {
            Order::Browser { asked, answer } => self.browsers.answer(asked, answer),
            Order::Driver { asked, answer } => self.drivers.answer(asked, answer),
            _ => {}
        }
    }
}

/// Questions of one kind.
struct Open<T> {
    last: AtomicU64,
    open: Mutex<HashMap<u64, oneshot::Sender<Result<T, Problem>>>>,
}

impl<T> Default for Open<T> {
    fn default() -> Self {
        Self { last: AtomicU64::default(), open: Mutex::default() }
    }
}

impl<T> Open<T> {
    fn ask(&self) -> (u64, oneshot::Receiver<Result<T, Problem>>) {
        let asked = self.last.fetch_add(1, Ordering::Relaxed);
        let (sender, answer) = oneshot::channel();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(asked, sender);
        (asked, answer)
    }

    fn answer(&self, asked: u64, answer: Result<T, Problem>) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&asked);
        if let Some(open) = open {
            let _ = open.send(answer);
        }
    }
}
