//! How many attempts run at once, as it is written: `4`, at the most, or `4!`, exactly.

use std::str::FromStr;

/// More than this are a slip of the finger.
pub(super) const MOST: usize = 10_000;

/// A number of workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Workers {
    /// How many attempts run at once, at the most.
    pub(crate) number: usize,
    /// It is so many whatever is measured: no pressure on the machine makes them fewer.
    pub(crate) exact: bool,
}

/// It is no number of workers. Says how one is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write a number from 1 to 10000, and `!` after it for exactly so many, however busy the machine is: 4 or 4!"
)]
pub(crate) struct NoNumber;

impl Workers {
    /// So many at the most.
    pub(crate) fn at_most(number: usize) -> Self {
        Self { number, exact: false }
    }
}

impl FromStr for Workers {
    type Err = NoNumber;

    fn from_str(text: &str) -> Result<Self, NoNumber> {
        let (digits, exact) = text.strip_suffix('!').map_or((text, false), |digits| (digits, true));
        // A sign is no mistake for a parser of numbers.
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = digits.parse().ok().filter(|number| is_plain && (1..=MOST).contains(number));
        number.map(|number| Self { number, exact }).ok_or(NoNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_an_upper_bound_and_one_with_an_exclamation_mark_is_exact() {
        assert_eq!("16".parse(), Ok(Workers { number: 16, exact: false }));
        assert_eq!("16!".parse(), Ok(Workers { number: 16, exact: true }));
        for wrong in ["", "!", "0", "0!", "x!", "16!!", "!16", "+4", "4 !", "10001", "-1!", "4.5"] {
            assert_eq!(wrong.parse::<Workers>(), Err(NoNumber), "{wrong:?}");
        }
    }
}
