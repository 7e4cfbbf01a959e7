//! A part of a suite that a machine executes, where several share it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// One of several parts of a suite: `2/3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Shard {
    /// Which part, from 1.
    pub number: u32,
    /// How many parts there are.
    pub of: u32,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts =
            text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match parts {
            None => Err("a shard is a number and how many there are: 1/3".to_owned()),
            Some((_, 0)) => Err("there is at least one shard: 1/1".to_owned()),
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            Some((number, of)) => {
                Err(format!("the shards of {of} are 1/{of} to {of}/{of}, and {number} is none of them"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_one_of_those_that_there_are() {
        let read = |text: &str| text.parse::<Shard>();
        assert_eq!(read("2/3").map(|shard| shard.to_string()), Ok("2/3".to_owned()));
        assert_eq!(read("4/3").unwrap_err(), "the shards of 3 are 1/3 to 3/3, and 4 is none of them");
        assert!(read("0/3").unwrap_err().contains("and 0 is none of them"));
        for text in ["x", "1", "1/", "/3", "-1/3", "1/3/5", "1.5/3"] {
            assert!(read(text).unwrap_err().contains("1/3"), "{text}");
        }
        assert!(read("0/0").is_err() && read("1/0").is_err());
    }
}
