//! Processes of the machine, as `/proc` shows them.

use std::fs;
use std::time::{Duration, Instant};

/// How long a condition is waited for: far longer than it takes, also on a machine that is busy.
const DEADLINE: Duration = Duration::from_mins(1);

/// Waits until a condition gives a value.
///
/// # Panics
/// When it does not for a minute.
#[track_caller]
pub fn until<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(value) = condition() {
            return value;
        }
        assert!(Instant::now() < deadline, "waited {DEADLINE:?} until {what}");
        // The pause between two looks at other processes, which tell nobody; only the condition decides.
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Processes that have this text in their environment or on their command line, each with its command line.
///
/// Both, because a browser's helpers write over their environment, and a server's say nothing on their
/// command line.
pub fn marked(text: &str) -> Vec<(u32, String)> {
    let own = std::process::id();
    let processes = fs::read_dir("/proc").expect("/proc").flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|&id: &u32| id != own).filter_map(|id| Some((id, has(id, text)?))).collect()
}

fn has(process: u32, text: &str) -> Option<String> {
    let read = |file: &str| fs::read(format!("/proc/{process}/{file}")).unwrap_or_default();
    let command = String::from_utf8_lossy(&read("cmdline")).replace('\0', " ");
    let environment = read("environ");
    let is_marked =
        command.contains(text) || environment.windows(text.len()).any(|window| window == text.as_bytes());
    is_marked.then_some(command)
}
