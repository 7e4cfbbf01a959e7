//! What the machine can take, and what it does to the run: how many programs may boot at once, how long tasks wait for
//! cores and memory, and for how long nothing of this process ran although it wanted to.

mod boots;
mod gauge;
mod lateness;
mod psi;
mod stalls;

pub(crate) use boots::Boots;
pub(crate) use gauge::Gauge;
pub(crate) use stalls::{Extension, Patience, run_out};

/// How many cores this process may use.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
