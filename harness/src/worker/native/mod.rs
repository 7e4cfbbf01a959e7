//! What a worker process needs and the standard library does not have. `unsafe` is allowed here and in
//! `process/windows/job.rs`, and nowhere else in the crate.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::backtrace::Backtrace;

#[cfg(unix)]
pub(super) use unix::{Thread, can_print, flush_c_streams, print_to};
#[cfg(windows)]
pub(super) use windows::*;

/// The frames that are of interest: from where the thread stands up to the harness, without what looked there.
pub(super) fn shown(stack: &Backtrace) -> String {
    const MOST: usize = 40;
    let text = stack.to_string();
    let mut frames: Vec<(String, Option<&str>)> = Vec::new();
    for line in text.lines() {
        match line.trim().strip_prefix("at ") {
            Some(place) => {
                if let Some((_, at)) = frames.last_mut() {
                    *at = Some(place);
                }
            }
            None => frames
                .push((line.trim().split_once(": ").map_or(line.trim(), |(_, name)| name).to_owned(), None)),
        }
    }
    let from = frames
        .iter()
        .rposition(|(name, _)| name.contains("worker::native::unix::look"))
        .map_or(0, |look| look + 1);
    let own = |(name, _): &&(String, Option<&str>)| {
        !["::__INVENTORY::", "catch_unwind", "callboard::suite::"]
            .iter()
            .any(|harness| name.contains(harness))
    };
    let mut shown = String::new();
    // The first is the system's way into the handler of a signal.
    for (name, at) in frames.iter().skip(from + 1).take_while(own).take(MOST) {
        shown.push_str("  ");
        shown.push_str(name);
        if let Some(at) = at {
            shown.push_str("\n      at ");
            shown.push_str(at);
        }
        shown.push('\n');
    }
    shown.trim_end().to_owned()
}
