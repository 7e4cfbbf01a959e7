//! A worker in a process of its own, as the run sees it: started when it is needed, and again when it has died.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::crash::Told;
use super::link::Link;
use super::printed::{OnOutput, Printed};
use super::wire::{self, Order, VERSION, Word};
use super::{GRACE, Incarnations, Made, NOTICE, Task, blocked};
use crate::browser::State;
use crate::config::{Console, Signal};
use crate::machine::Patience;
use crate::model::{Account, Outcome, Problem, Role, SlotId};
use crate::process::Warden;
use crate::services::App;
use crate::slots::Slot;
use crate::suite::{BrowserSource, Cancelled, Limits, Observer};
use crate::trail::Standstill;

/// How long a process that blocks may take to say where; the names in a backtrace are looked up in all of the executable.
const WHERE: Duration = Duration::from_secs(10);
/// How long the last words of a process may be on their way.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often it is looked at what was printed.
const LOOK: Duration = Duration::from_millis(50);

/// Everything that a worker process is started with.
pub(crate) struct Surroundings {
    pub(crate) slot: Slot,
    /// Where its log is.
    pub(crate) log: PathBuf,
    /// The folder for what is printed, while nobody knows yet whether anything is.
    pub(crate) output: PathBuf,
    pub(crate) accounts: BTreeMap<Role, Account>,
    pub(crate) limits: Limits,
    pub(crate) console: Arc<Console>,
    /// The attribute that elements are known to tests by.
    pub(crate) test_id: String,
    pub(crate) browser: BrowserSource,
    pub(crate) on_event: Observer,
    pub(crate) on_output: Option<OnOutput>,
    pub(crate) warden: Option<Arc<Warden>>,
    pub(crate) incarnations: Incarnations,
    /// The socket of the slot's mail server, and how the server is to be. It is kept here, so that the port is taken also
    /// while no worker lives.
    #[cfg(feature = "mail")]
    pub(crate) mail: Option<crate::mail::Bound>,
}

/// See the module's documentation.
pub(crate) struct Process {
    surroundings: Surroundings,
    app: Option<App>,
    /// Of the accounts that have signed in.
    states: BTreeMap<(Role, SlotId), State>,
    link: Option<Link>,
    /// How many attempts there were.
    attempts: u64,
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("slot", &self.surroundings.slot.id()).finish_non_exhaustive()
    }
}

impl Process {
    /// Starts the first process, so that it comes up while the services do.
    pub(crate) async fn start(surroundings: Surroundings) -> io::Result<Self> {
        let mut process = Self { surroundings, app: None, states: BTreeMap::new(), link: None, attempts: 0 };
        process.spawn().await?;
        Ok(process)
    }

    /// The slot is furnished: attempts can be made.
    pub(crate) fn furnish(&mut self, app: App) {
        self.app = Some(app);
    }

    /// The slot is furnished once more, and another warden ends what is started from now on.
    pub(crate) fn begin_anew(&mut self, app: App, warden: Option<Arc<Warden>>) {
        self.app = Some(app);
        self.surroundings.warden = warden;
    }

    /// See [`Worker::ready`](super::Worker::ready).
    pub(super) async fn ready(&mut self) -> io::Result<u32> {
        if self.link.as_ref().is_some_and(|link| link.spent) {
            self.end(GRACE).await;
        }
        if self.link.as_ref().is_none_or(|link| link.group.try_exit_status().is_some()) {
            self.link = None;
            self.spawn().await?;
        }
        let is_homeless = self.link.as_ref().is_some_and(|link| !link.has_home);
        let home = is_homeless.then(|| self.home());
        let Some(link) = &mut self.link else { return Err(io::ErrorKind::NotConnected.into()) };
        if let Some(home) = home {
            link.say(&Order::Home(Box::new(home))).await?;
            link.has_home = true;
            link.arrives().await?;
        }
        Ok(link.incarnation)
    }

    async fn spawn(&mut self) -> io::Result<()> {
        let Surroundings { slot, log, warden, incarnations, browser, .. } = &self.surroundings;
        #[cfg(feature = "mail")]
        let mail = self.surroundings.mail.as_ref();
        #[cfg(feature = "mail")]
        let listener = mail.map(|mail| &mail.listener);
        #[cfg(not(feature = "mail"))]
        let listener = None;
        let mut link = Link::start(log, listener, warden.as_ref(), browser.clone(), incarnations.next())?;
        link.say(&Order::Hello { version: VERSION, slot: slot.into() }).await?;
        #[cfg(feature = "mail")]
        if let Some(mail) = mail {
            let handed = super::wires::hand(&mail.listener, link.group.process())?;
            link.say(&Order::Mail(Box::new(mail.wire.clone()), handed)).await?;
        }
        self.link = Some(link);
        Ok(())
    }

    fn home(&self) -> wire::Home {
        let Surroundings { accounts, limits, console, test_id, .. } = &self.surroundings;
        let app = self.app.as_ref();
        wire::Home {
            base_url: app.map(|app| app.base_url().to_owned()).unwrap_or_default(),
            log: app.and_then(App::log).map(Path::to_owned),
            accounts: accounts.values().map(Into::into).collect(),
            limits: *limits,
            console: Console::clone(console),
            test_id: test_id.clone(),
            states: self
                .states
                .iter()
                .map(|((role, slot), state)| (role.clone(), *slot, state.clone()))
                .collect(),
        }
    }

    /// See [`Worker::execute`](super::Worker::execute). Whatever the attempt does to the process, there is a result.
    pub(super) async fn execute(&mut self, task: Task, cancelled: &Cancelled) -> Made {
        self.attempts += 1;
        let slot = self.surroundings.slot.id();
        let output = self.surroundings.output.join(format!("{slot}-{}.log", self.attempts));
        let mut printed = Printed::new(output.clone(), &task, slot, self.surroundings.on_output.clone());
        let mut told = Told::new(task.name.clone(), task.attempt);
        let order = Order::Attempt(Box::new(wire::Attempt {
            test: task.test.known.clone(),
            name: task.name.clone(),
            number: task.attempt,
            deadline: task.deadline,
            folder: task.folder.clone(),
            run: task.run.clone(),
            lent: task.lent.iter().map(|(asked, account)| ((*asked).to_owned(), account.into())).collect(),
            recorded: task.recorded.clone(),
            slow_pages: task.slow_pages,
            output,
        }));
        let said = match &mut self.link {
            Some(link) => link.say(&order).await,
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        let made = match said {
            Ok(()) => self.listen(&task, &mut told, &mut printed, cancelled).await,
            Err(_) => Heard::Closed,
        };
        let made = match made {
            Heard::Made { made, spent } => {
                if let (Some(why), Some(link)) = (spent, &mut self.link) {
                    tracing::debug!(%why, "the worker process of slot {slot} is replaced");
                    link.spent = true;
                }
                made
            }
            Heard::Closed => {
                let exit = match self.link.take() {
                    Some(link) => link.exit().await,
                    None => None,
                };
                Made::broken(told.crashed(exit), told.attached())
            }
            Heard::Stuck(problem) => {
                self.kill().await;
                Made::broken(problem, told.attached())
            }
            Heard::NotCancelled => {
                self.kill().await;
                Made::Cancelled
            }
        };
        for event in told.close() {
            (self.surroundings.on_event)(event);
        }
        printed.keep();
        made
    }

    /// Listens to the process until the attempt is over, or should be.
    async fn listen(
        &mut self,
        task: &Task,
        told: &mut Told,
        printed: &mut Printed,
        cancelled: &Cancelled,
    ) -> Heard {
        let Self { link, states, surroundings, .. } = self;
        let Some(link) = link else { return Heard::Closed };
        let set_up = surroundings.limits.longest_set_up(task.test.entry.arguments) + NOTICE;
        let mut wait = Wait::SetUp;
        let mut until = Instant::now() + set_up;
        let mut look = tokio::time::interval(LOOK);
        let mut cancelled = std::pin::pin!(cancelled.wait());
        // Who was forked in the test, and has moved away, may hold the socket open.
        let mut exited = std::pin::pin!(link.group.exited());
        let mut has_exited = false;
        loop {
            let is_cancelled = matches!(wait, Wait::Cancelled);
            let counts = !has_exited && !is_cancelled;
            tokio::select! {
                biased;
                word = link.hear() => match word {
                    Ok(Some(Word::Event(event))) => {
                        told.hear(&event);
                        (surroundings.on_event)(event);
                    }
                    Ok(Some(Word::SignedIn { role, slot, state })) => drop(states.insert((role, slot), state)),
                    Ok(Some(Word::Begun)) if counts => {
                        (wait, until) = (Wait::Test(Patience::begin()), Instant::now() + task.deadline + NOTICE);
                    }
                    Ok(Some(Word::Ending)) if counts => (wait, until) = (Wait::TearDown, Instant::now() + GRACE),
                    Ok(Some(Word::Pulse { still })) if matches!(wait, Wait::Pulse) && still < set_up => {
                        (wait, until) = (Wait::SetUp, Instant::now() + set_up.saturating_sub(still));
                    }
                    Ok(Some(Word::Pulse { .. })) if matches!(wait, Wait::Pulse) => until = Instant::now(),
                    Ok(Some(Word::Stands { standstill, stack })) if matches!(wait, Wait::Answer(_)) => {
                        return Heard::Stuck(stuck(task.deadline, &wait, told, Some((standstill, stack))));
                    }
                    Ok(Some(Word::Made { made, spent })) => return Heard::Made { made, spent },
                    Ok(Some(_)) => {}
                    Ok(None) | Err(_) => return Heard::Closed,
                },
                _ = &mut exited, if !has_exited => {
                    has_exited = true;
                    (wait, until) = (Wait::Gone, Instant::now() + LAST_WORDS);
                }
                () = &mut cancelled, if counts => {
                    (wait, until) = (Wait::Cancelled, Instant::now() + NOTICE);
                    if link.say(&Order::Cancel).await.is_err() {
                        return Heard::NotCancelled;
                    }
                }
                () = tokio::time::sleep_until(until) => match wait {
                    Wait::Cancelled => return Heard::NotCancelled,
                    Wait::Gone => return Heard::Closed,
                    Wait::Answer(_) => return Heard::Stuck(stuck(task.deadline, &wait, told, None)),
                    Wait::SetUp => {
                        if link.say(&Order::Pulse).await.is_err() {
                            return Heard::Closed;
                        }
                        (wait, until) = (Wait::Pulse, Instant::now() + WHERE);
                    }
                    Wait::Test(patience) if patience.elapsed() < task.deadline + patience.extension(task.deadline) + NOTICE => {
                        until = Instant::now() + task.deadline + patience.extension(task.deadline) + NOTICE - patience.elapsed();
                    }
                    _ => {
                        if link.say(&Order::Where).await.is_err() {
                            return Heard::Closed;
                        }
                        (wait, until) = (Wait::Answer(Box::new(wait)), Instant::now() + WHERE);
                    }
                },
                _ = look.tick() => printed.look(),
            }
        }
    }

    /// Ends the process at once, with all of its group.
    async fn kill(&mut self) {
        if let Some(link) = self.link.take() {
            link.group.stop(Signal::Kill, Duration::ZERO).await;
        }
    }

    /// Lets the process end what it holds: fixtures that live as long as the slot.
    async fn end(&mut self, limit: Duration) {
        let Some(mut link) = self.link.take() else { return };
        let surroundings = &self.surroundings;
        let orderly = async {
            link.say(&Order::Stop).await?;
            while let Some(word) = link.hear().await? {
                if let Word::Event(event) = word {
                    (surroundings.on_event)(event);
                }
            }
            Ok::<_, io::Error>(())
        };
        let _ = tokio::time::timeout(limit, orderly).await;
        link.group.stop(Signal::Kill, Duration::ZERO).await;
    }

    /// The next attempt finds another process.
    pub(super) async fn retire(&mut self) {
        self.end(GRACE).await;
    }

    /// The next attempt finds another process, in which nobody has signed in.
    pub(super) async fn renew(&mut self) {
        self.end(GRACE).await;
        self.states.clear();
    }

    pub(super) async fn stop(mut self) {
        self.end(GRACE).await;
    }
}

/// What became of an attempt.
enum Heard {
    Made {
        made: Made,
        spent: Option<String>,
    },
    /// The process has ended, or does not want to speak any more.
    Closed,
    Stuck(Problem),
    /// It was told to end and did not.
    NotCancelled,
}

/// What the run waits for.
enum Wait {
    /// Set-up has limits of its own, but for one that blocks its thread.
    SetUp,
    /// For how long the thread has been blocked.
    Pulse,
    /// Its limit may be extended, as it is there.
    Test(Patience),
    TearDown,
    /// To the question where it stands; before, it was waited for the other.
    Answer(Box<Wait>),
    Cancelled,
    /// For what the process has said before its end, and is still on its way.
    Gone,
}

/// The test does not come to an end: where it stands, as far as is known.
fn stuck(
    deadline: Duration,
    wait: &Wait,
    told: &Told,
    stands: Option<(Standstill, Option<String>)>,
) -> Problem {
    let (standstill, stack) =
        stands.unwrap_or_else(|| (Standstill { steps: told.steps(), ..Standstill::default() }, None));
    let before = if let Wait::Answer(before) = wait { before } else { wait };
    let what = match before {
        Wait::SetUp | Wait::Pulse => {
            format!("the set-up of the test blocks its thread{}", standstill.after_colon())
        }
        Wait::TearDown => format!("the tear-down did not end within {GRACE:?}{}", standstill.after_colon()),
        _ => blocked(deadline, &standstill),
    };
    let stack = match stack {
        Some(stack) => format!("\nits thread was here:\n{stack}"),
        None => "\nits thread could not be asked where it is".to_owned(),
    };
    let message = format!("{what}. Its worker process was ended{stack}");
    Problem { outcome: Outcome::TimedOut, message, location: None, steps: standstill.steps }
}
