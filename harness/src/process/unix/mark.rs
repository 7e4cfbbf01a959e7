//! The mark of a run: by it all that it started is found, also what left the run's process groups.

use std::env;
use std::ffi::OsString;
use std::hash::{BuildHasher, RandomState};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The variable that everything inherits, from parent to child, and few programs take away: not those that become a daemon,
/// nor a browser with the helpers that it sends into sessions of their own.
///
/// It holds the marks of all runs that a process belongs to, with commas between: a run that a test of another run started
/// ends with that one, and the other way round it does not.
const VARIABLE: &str = "CALLBOARD_RUN_MARK";

/// One run's mark.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    own: String,
    /// It, after those of the runs around this one.
    all: OsString,
}

impl Mark {
    /// That which this process carries itself, if [`carry`] put it there, else a new one: tests under the standard harness
    /// are several runs in one process.
    pub(super) fn of_run() -> Self {
        match carried() {
            Some(own) => Self { own, all: env::var_os(VARIABLE).unwrap_or_default() },
            None => Self::new(),
        }
    }

    fn new() -> Self {
        // The process for those who read it, the random number so that no stranger has the same.
        let own = format!("{}-{:016x}", std::process::id(), RandomState::new().hash_one(VARIABLE));
        let mut all = env::var_os(VARIABLE).filter(|outer| !outer.is_empty()).unwrap_or_default();
        if !all.is_empty() {
            all.push(",");
        }
        all.push(&own);
        Self { own, all }
    }

    /// What to look for.
    pub(super) fn text(&self) -> &str {
        &self.own
    }

    /// Lets what the command starts carry the mark.
    pub(crate) fn put_on(&self, command: &mut Command) {
        command.env(VARIABLE, &self.all);
    }

    /// Keeps what the command starts from carrying any: it is to outlive the runs.
    pub(super) fn take_off(command: &mut Command) {
        command.env_remove(VARIABLE);
    }
}

/// The mark that was made for this very process.
fn carried() -> Option<String> {
    let marks = env::var(VARIABLE).ok()?;
    let last = marks.rsplit(',').next()?;
    last.starts_with(&format!("{}-", std::process::id())).then(|| last.to_owned())
}

/// Lets this process carry a mark itself, for the programs that a test starts on its own where it is executed in the
/// run's process. The environment of a process that has begun can be changed in no safe way, so it begins again: the same
/// executable, the same process, a few milliseconds after the first time. To be called before anything is started.
///
/// Not under a debugger, for which the second beginning would be an event of its own; and only where that can be told, which
/// is Linux.
pub(crate) fn carry() {
    if carried().is_some() || !is_left_alone() {
        return;
    }
    let Ok(executable) = env::current_exe() else { return };
    begin_again(Command::new(executable));
}

fn begin_again(mut command: Command) {
    let mut words = env::args_os();
    if let Some(name) = words.next() {
        command.arg0(name);
    }
    Mark::new().put_on(&mut command);
    // It comes back only when the system refused. Then the run's services and browsers still carry a mark of theirs.
    let _ = command.args(words).exec();
}

/// Whether nobody traces this process.
fn is_left_alone() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.strip_prefix("TracerPid:").is_some_and(|tracer| tracer.trim() == "0"))
}
