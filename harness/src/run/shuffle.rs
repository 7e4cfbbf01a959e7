//! Random orders and places that a seed replays, on every machine and in every version of the random number crates
//! that keeps PCG what it is.

use std::hash::{BuildHasher, RandomState};

use rand_core::Rng;
use rand_pcg::Pcg32;

/// A seed that differs from call to call.
pub(super) fn seed() -> u64 {
    // Short enough to be typed again from a log.
    RandomState::new().hash_one(std::process::id()) % 1_000_000_000
}

/// The numbers `0..length` in an order that depends on the seed alone (Fisher–Yates).
pub(super) fn order(length: usize, seed: u64) -> Vec<usize> {
    const STREAM: u64 = 0xa02b_dbf7_bb3c_00a7;
    let mut random = Pcg32::new(seed, STREAM);
    let mut order: Vec<usize> = (0..length).collect();
    for last in (1..length).rev() {
        let bound = u64::try_from(last + 1).unwrap_or(u64::MAX);
        // 64 bits against a bound of thousands: the bias is far below anything that could be noticed.
        let pick = usize::try_from(random.next_u64() % bound).unwrap_or(0);
        order.swap(last, pick);
    }
    order
}

/// Random numbers that depend on the seed alone, and have nothing to do with the order.
pub(super) fn draws(seed: u64) -> impl Iterator<Item = u64> {
    const STREAM: u64 = 0x53c5_ca59_e8d0_a3f1;
    let mut random = Pcg32::new(seed, STREAM);
    std::iter::repeat_with(move || random.next_u64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_permutation() {
        let mut shuffled = order(50, 7);
        assert_eq!(shuffled, order(50, 7));
        assert_ne!(shuffled, order(50, 8));
        shuffled.sort_unstable();
        assert_eq!(shuffled, (0..50).collect::<Vec<_>>());
        assert!(order(0, 7).is_empty());
    }

    #[test]
    fn a_seed_gives_one_row_of_numbers() {
        let row = |seed| draws(seed).take(50).collect::<Vec<_>>();
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
    }
}
