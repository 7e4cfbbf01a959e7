//! Moments that a seed chooses: how often, when, and whom.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// How many kills of each kind there are, unless `CALLBOARD_SOAK_KILLS` says otherwise.
const KILLS: u64 = 3;

/// The plan of one campaign of kills. The same seed gives the same plan.
#[derive(Debug)]
pub(crate) struct Moments {
    /// How many kills.
    pub(crate) kills: u64,
    /// `CALLBOARD_SOAK_SEED`, else a new one.
    pub(crate) seed: u64,
    state: u64,
}

impl Moments {
    pub(crate) fn from_environment() -> Self {
        let number = |name: &str| {
            let text = env::var(name).ok()?;
            Some(text.parse().unwrap_or_else(|_| panic!("{name} is {text:?}, which is no number")))
        };
        let seed =
            number("CALLBOARD_SOAK_SEED").unwrap_or_else(|| RandomState::new().hash_one("") % 1_000_000);
        Self { kills: number("CALLBOARD_SOAK_KILLS").unwrap_or(KILLS), seed, state: seed }
    }

    /// A moment before this much time has passed.
    pub(crate) fn within(&mut self, time: Duration) -> Duration {
        Duration::from_micros(self.below(u64::try_from(time.as_micros()).unwrap_or(u64::MAX)))
    }

    /// One of them.
    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        all.get(usize::try_from(self.below(count)).unwrap_or(0)).copied()
    }

    /// `SplitMix64`: three lines that every machine computes alike.
    fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }
}
