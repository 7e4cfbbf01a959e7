//! Windows: jobs, which hold a process and all that it starts, and end with their last handle.
//!
//! This process is in a job of its own, and each group in another one inside of it. Only this process has handles of them,
//! none is inherited, and nothing can leave a job: so however the run ends, the kernel closes the handles, and with
//! them ends everything that is still there. Nobody has to outlive the run for that, nor has a process to be marked.

mod job;
mod members;
mod remains;
#[cfg(test)]
mod tests;
mod warden;

use std::os::windows::io::OwnedHandle;
use std::process::ExitStatus;

use super::Exit;
pub(super) use members::Members;
pub(crate) use warden::Warden;

/// What a program can be given as its input or output.
pub(crate) type Wire = OwnedHandle;

/// The status of a process that was ended by its job: one of the numbers that are left to programs, and that none uses.
const ENDED: u32 = 0xE0CB_0009;

/// From here on a status is a fault, and no number that a program chose for itself.
const FAULTS: u32 = 0xC000_0000;

/// Nothing: what this process starts is in its job anyway.
pub(crate) fn carry() {}

pub(super) fn exit(status: ExitStatus) -> Exit {
    match status.code() {
        Some(code) if code.cast_unsigned() >= FAULTS => Exit::Signal(code),
        Some(code) => Exit::Code(code),
        None => Exit::Unknown,
    }
}

/// What a process was ended by, where that was not it itself.
pub(super) fn cause(status: i32) -> String {
    let status = status.cast_unsigned();
    let name = match status {
        ENDED => return "callboard".to_owned(),
        0xC000_0005 => "an access violation",
        0xC000_0094 => "a division by zero",
        0xC000_00FD => "a stack overflow",
        0xC000_0135 => "a missing DLL",
        0xC000_013A => "Ctrl-C or Ctrl-Break",
        0xC000_0409 => "an abort",
        _ => "an exception",
    };
    format!("{name} ({status:#010X})")
}
