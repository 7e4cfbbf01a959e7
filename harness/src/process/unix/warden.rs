//! The warden: a tiny process that outlives a killed run for a moment, to end what the run started.

use std::collections::HashSet;
use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use rustix::process::{Pid, Signal, kill_process_group};

use super::super::Exit;
use super::Members;
use super::mark::Mark;

/// A shell script, because the executable of a run cannot be started again in a role of its own: under
/// the standard test harness its `main` is not ours.
const SCRIPT: &str = include_str!("warden.sh");

/// As many wardens of one run may be killed until there is no other: whoever goes on then means it, or the machine has no
/// shell that can read the script.
const DEATHS: u32 = 8;

/// Knows every process group and every folder of temporary files of this run, and the mark that all its processes carry.
/// It ends and removes them when the run dies.
///
/// It holds the reading end of a pipe of which this process holds the only writing end (closed in every
/// child, as the standard library does with all that it opens), so it notices the death even where
/// nothing of the run could say a last word. It is in a process group of its own, ignores the
/// signals of a terminal, and carries no mark, so that it also outlives the end of a run around this one. When somebody
/// kills it, another takes its place and is told everything again.
///
/// Dropping it is the same as [`Warden::end`].
#[derive(Debug)]
pub(crate) struct Warden {
    mark: Mark,
    ledger: Arc<Mutex<Ledger>>,
    /// Waits for the process, and replaces it.
    keeper: Mutex<Option<JoinHandle<()>>>,
}

/// What a warden has to know.
#[derive(Debug, Default)]
struct Ledger {
    groups: HashSet<Pid>,
    dirs: HashSet<OsString>,
    is_over: bool,
    /// The pipe to the warden, while there is one.
    input: Option<ChildStdin>,
    #[cfg(test)]
    id: Option<Pid>,
}

impl Warden {
    /// Starts the warden of this run. `on_notice` is told when it does not live as long as the run, in whole sentences.
    pub(crate) fn start(on_notice: impl Fn(&str) + Send + 'static) -> io::Result<Self> {
        let mark = Mark::of_run();
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let child = launch(&mark, &mut lock(&ledger))?;
        let keeper = Keeper { mark: mark.clone(), ledger: ledger.clone(), on_notice: Box::new(on_notice) };
        let thread = thread::Builder::new().name("callboard warden".to_owned());
        let keeper = thread.spawn(move || keeper.keep(child))?;
        Ok(Self { mark, ledger, keeper: Mutex::new(Some(keeper)) })
    }

    /// Lets what the command starts carry what every process of the run has to.
    pub(crate) fn mark_on(&self, command: &mut Command) {
        self.mark.put_on(command);
    }

    /// What is looked for.
    #[cfg(test)]
    pub(crate) fn mark(&self) -> &str {
        self.mark.text()
    }

    /// Its process.
    #[cfg(test)]
    pub(crate) fn id(&self) -> Option<Pid> {
        lock(&self.ledger).id
    }

    /// A process group lives from now on. After the warden's end no group may: it is killed at once.
    pub(crate) fn watch(&self, members: &Members) {
        let group = members.id();
        let mut ledger = lock(&self.ledger);
        if ledger.is_over {
            // It can only fail because nobody is there any more.
            let _ = kill_process_group(group, Signal::KILL);
            return;
        }
        ledger.groups.insert(group);
        ledger.tell(&group_line(b'+', group));
    }

    /// A process group has ended. To be said before its leader is reaped: afterwards its number may
    /// be somebody else's.
    pub(crate) fn forget(&self, members: &Members) {
        let group = members.id();
        let mut ledger = lock(&self.ledger);
        if ledger.groups.remove(&group) {
            ledger.tell(&group_line(b'-', group));
        }
    }

    /// A folder that is to be removed with the run, until the warden's end. A path that is not absolute, or that could be
    /// misunderstood, is not taken.
    pub(crate) fn watch_dir(&self, dir: &Path) {
        let path = dir.as_os_str();
        if dir.is_absolute() && dir.parent().is_some() && !path.as_bytes().contains(&b'\n') {
            let mut ledger = lock(&self.ledger);
            ledger.dirs.insert(path.to_owned());
            ledger.tell(&line(b'd', path.as_bytes()));
        }
    }

    /// A folder that is gone already, or that is to be kept.
    pub(crate) fn forget_dir(&self, dir: &Path) {
        let path = dir.as_os_str();
        let mut ledger = lock(&self.ledger);
        if ledger.dirs.remove(path) {
            ledger.tell(&line(b'k', path.as_bytes()));
        }
    }

    /// Ends the groups and all that carries the mark, removes the folders that it still knows, and waits until that is done.
    /// From then on nothing outlives the run, for nothing new is let live.
    pub(crate) fn end(&self) {
        // The lock is free again before the wait: who comes meanwhile learns that it is over.
        let keeper = {
            let mut ledger = lock(&self.ledger);
            ledger.is_over = true;
            ledger.say_the_end();
            self.keeper.lock().unwrap_or_else(PoisonError::into_inner).take()
        };
        // A panic of that thread was told where it happened, and is no reason for another.
        let _ = keeper.map(JoinHandle::join);
        // Where there was no warden any more. Whoever is still in the ledger is not reaped yet, so its number is its own.
        for group in &lock(&self.ledger).groups {
            let _ = kill_process_group(*group, Signal::KILL);
        }
    }
}

impl Drop for Warden {
    fn drop(&mut self) {
        self.end();
    }
}

impl Ledger {
    /// One line at a time, whole: lines of several threads must not mix.
    fn tell(&mut self, line: &[u8]) {
        if let Some(input) = &mut self.input {
            // A warden that was killed a moment ago cannot hear it; the next one is told everything.
            let _ = input.write_all(line);
        }
    }

    /// Said aloud rather than only by closing the pipe: should its writing end have got into some child
    /// after all, the end of the run still does not wait for that child.
    fn say_the_end(&mut self) {
        self.tell(b"q\n");
        self.input = None;
    }

    /// Everything, for a warden that knows nothing.
    fn lines(&self, mark: &Mark) -> Vec<u8> {
        let mark = line(b'm', mark.text().as_bytes());
        let groups = self.groups.iter().flat_map(|group| group_line(b'+', *group));
        let dirs = self.dirs.iter().flat_map(|dir| line(b'd', dir.as_bytes()));
        mark.into_iter().chain(groups).chain(dirs).collect()
    }
}

fn line(what: u8, rest: &[u8]) -> Vec<u8> {
    [&[what], rest, b"\n"].concat()
}

fn group_line(what: u8, group: Pid) -> Vec<u8> {
    line(what, group.as_raw_nonzero().to_string().as_bytes())
}

fn lock(ledger: &Mutex<Ledger>) -> MutexGuard<'_, Ledger> {
    ledger.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a warden's process, and tells it all that is known.
fn launch(mark: &Mark, ledger: &mut Ledger) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "callboard-warden"])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    Mark::take_off(&mut command);
    let mut child = command.spawn()?;
    let mut input = child.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
    // Should it be dead already, whoever waits for it finds out.
    let _ = input.write_all(&ledger.lines(mark));
    ledger.input = Some(input);
    #[cfg(test)]
    {
        ledger.id = Some(Pid::from_child(&child));
    }
    if ledger.is_over {
        ledger.say_the_end();
    }
    Ok(child)
}

/// Keeps a warden in its place, on a thread of its own.
struct Keeper {
    mark: Mark,
    ledger: Arc<Mutex<Ledger>>,
    on_notice: Box<dyn Fn(&str) + Send>,
}

impl Keeper {
    /// Waits until a warden has done its work, also if that takes several of them.
    fn keep(self, mut child: Child) {
        for deaths in 1.. {
            let status = child.wait();
            let mut ledger = lock(&self.ledger);
            ledger.input = None;
            if ledger.is_over && status.as_ref().is_ok_and(ExitStatus::success) {
                return;
            }
            let end = status.map_or(Exit::Unknown, Exit::from);
            let next = if deaths < DEATHS { launch(&self.mark, &mut ledger).map(Some) } else { Ok(None) };
            // Who is told may have something to say to the warden.
            drop(ledger);
            let lost = match next {
                Ok(Some(next)) => {
                    if deaths == 1 {
                        (self.on_notice)(&format!("the warden of this run {end}; another took its place"));
                    }
                    child = next;
                    continue;
                }
                Ok(None) => format!("it {end}, and so did {} before it", deaths - 1),
                Err(error) => format!("it {end}, and another could not be started: {error}"),
            };
            (self.on_notice)(&format!(
                "nothing cleans up after this run if it is killed: the warden is gone: {lost}"
            ));
            return;
        }
    }
}
