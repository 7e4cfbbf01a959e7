//! What only the C library can do on Linux and macOS.
#![allow(unsafe_code, reason = "see each of the functions")]

use std::backtrace::Backtrace;
use std::fs::File;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long the other thread may take to look at its own stack.
const LOOK: Duration = Duration::from_secs(3);

/// What a thread saw of its own stack.
static SEEN: Mutex<Option<Backtrace>> = Mutex::new(None);
/// It is there. Until then only the thread that looks takes the lock, so that it never has to wait for it.
static IS_SEEN: AtomicBool = AtomicBool::new(false);

/// Writes out what the streams of C hold back: they are not those of Rust, and have buffers of their own.
pub(crate) fn flush_c_streams() {
    // SAFETY: `fflush` with a null pointer flushes all output streams, and takes the lock of each (POSIX).
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// Lets standard output and standard error be this file.
pub(crate) fn print_to(file: &File) -> io::Result<()> {
    rustix::stdio::dup2_stdout(file)?;
    Ok(rustix::stdio::dup2_stderr(file)?)
}

/// Whether nobody has closed standard output or standard error.
pub(crate) fn can_print() -> bool {
    rustix::io::fcntl_getfd(rustix::stdio::stdout()).is_ok()
        && rustix::io::fcntl_getfd(rustix::stdio::stderr()).is_ok()
}

/// A thread that can be asked for its stack.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Thread(libc::pthread_t);

// SAFETY: on the platforms that have it, a `pthread_t` is a number or an address that nobody here looks behind.
unsafe impl Send for Thread {}

impl Thread {
    /// The thread that asks. It must live as long as somebody asks for its stack.
    pub(crate) fn this() -> Self {
        // SAFETY: it has no preconditions.
        Self(unsafe { libc::pthread_self() })
    }

    /// Where the thread is. For a process that is about to be ended: the thread is interrupted wherever it is, and if that
    /// is inside of the memory allocator, it gets no further, and there is no answer.
    pub(crate) fn backtrace(self) -> Option<Backtrace> {
        let signal = signal();
        let handler: extern "C" fn(libc::c_int) = look;
        // SAFETY: the structure is a valid one with all its fields; the handler has the signature that is asked for. That it
        // allocates, which a handler of a signal must not, is the risk that the documentation names.
        let sent = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = handler as *const () as libc::sighandler_t;
            action.sa_flags = libc::SA_RESTART;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(signal, &raw const action, std::ptr::null_mut()) == 0
                && libc::pthread_kill(self.0, signal) == 0
        };
        let began = Instant::now();
        while sent && began.elapsed() < LOOK {
            if IS_SEEN.swap(false, Ordering::Acquire) {
                return SEEN.lock().ok()?.take();
            }
            // A handler of a signal must not wake anybody, so it is looked at whether it has done its work.
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }
}

extern "C" fn look(_signal: libc::c_int) {
    // Only the frames are noted here; their names are looked up by whoever shows them.
    if let Ok(mut seen) = SEEN.try_lock() {
        *seen = Some(Backtrace::force_capture());
        drop(seen);
        IS_SEEN.store(true, Ordering::Release);
    }
}

/// One that nobody else uses, as a rule.
#[cfg(target_os = "linux")]
fn signal() -> libc::c_int {
    libc::SIGRTMIN() + 7
}

#[cfg(not(target_os = "linux"))]
fn signal() -> libc::c_int {
    libc::SIGUSR2
}
