//! Password hashes: argon2id as PHC strings, so that each carries its own parameters.

use std::str::FromStr;
use std::sync::{LazyLock, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::error::{Error, Result};

/// How expensive new hashes are, written as in a PHC string: `m=<KiB>,t=<passes>,p=<lanes>`.
#[derive(Debug, Clone)]
pub(crate) struct HashCost(Params);

impl HashCost {
    /// Cheap, because this application exists to be signed in to by tests. A real deployment passes
    /// `--password-cost m=19456,t=2,p=1`.
    pub(crate) const DEFAULT: &str = "m=256,t=1,p=1";

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone())
    }
}

impl Default for HashCost {
    fn default() -> Self {
        // The constant's text is tested below.
        Self::DEFAULT.parse().unwrap_or(Self(Params::DEFAULT))
    }
}

/// The cost that this process hashes with: the command line sets it once, before the first password.
static COST: OnceLock<HashCost> = OnceLock::new();

/// Has an effect once, before the first password is hashed.
pub(crate) fn configure(cost: HashCost) {
    COST.get_or_init(|| cost);
}

pub(crate) fn hash(password: &str) -> Result<String> {
    let argon2 = COST.get_or_init(HashCost::default).argon2();
    let hash: PasswordHash = argon2.hash_password(password.as_bytes()).map_err(internal)?;
    Ok(hash.to_string())
}

/// The same hash every time; only for test data, where `salt` still differs between accounts.
pub(crate) fn hash_with_salt(password: &str, salt: &str) -> Result<String> {
    let argon2 = COST.get_or_init(HashCost::default).argon2();
    let hash: PasswordHash =
        argon2.hash_password_with_salt(password.as_bytes(), salt.as_bytes()).map_err(internal)?;
    Ok(hash.to_string())
}

impl FromStr for HashCost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut numbers = [0; 3];
        let mut parts = text.split(',');
        for (number, prefix) in numbers.iter_mut().zip(["m=", "t=", "p="]) {
            *number = parts
                .next()
                .and_then(|part| part.trim().strip_prefix(prefix))
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| format!("expected m=<KiB>,t=<passes>,p=<lanes>, such as {}", Self::DEFAULT))?;
        }
        if parts.next().is_some() {
            return Err(format!("expected three numbers, such as {}", Self::DEFAULT));
        }
        let [memory, passes, lanes] = numbers;
        Params::new(memory, passes, lanes, None).map(Self).map_err(|error| error.to_string())
    }
}

/// Whether the password belongs to the hash. Without a hash (no such user) it takes as long and says
/// no, so that the time of an answer does not tell which addresses have an account.
pub(crate) fn matches(password: &str, hash: Option<&str>) -> bool {
    static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| self::hash("nobody").ok());
    let Some(known) = hash.or(NOBODY.as_deref()) else { return false };
    let verified = Argon2::default().verify_password(password.as_bytes(), known).is_ok();
    verified && hash.is_some()
}

/// The rules for a new password.
pub(crate) fn check_new(password: &str) -> Result<(), String> {
    match password.chars().count() {
        0 => Err("Please enter a password.".into()),
        1..8 => Err("Please use at least 8 characters.".into()),
        8..=200 => Ok(()),
        _ => Err("Please use at most 200 characters.".into()),
    }
}

fn internal(error: argon2::password_hash::Error) -> Error {
    Error::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{HashCost, check_new, hash, hash_with_salt, matches};

    #[test]
    fn a_password_matches_its_own_hash_only() {
        let known = hash("only-for-tests").unwrap();
        assert!(known.starts_with("$argon2id$v=19$m=256,t=1,p=1$"), "{known}");
        assert!(matches("only-for-tests", Some(&known)));
        assert!(!matches("only-for-test", Some(&known)));
        assert!(!matches("nobody", None));
        assert_ne!(known, hash("only-for-tests").unwrap());
    }

    #[test]
    fn a_given_salt_gives_the_same_hash() {
        let hash = |salt| hash_with_salt("only-for-tests", salt).unwrap();
        assert_eq!(hash("one@example.test"), hash("one@example.test"));
        assert_ne!(hash("one@example.test"), hash("two@example.test"));
    }

    #[test]
    fn the_cost_is_read_strictly() {
        assert!(HashCost::DEFAULT.parse::<HashCost>().is_ok());
        for text in
            ["", "m=256", "m=256,t=1", "t=1,m=256,p=1", "m=256,t=1,p=1,x=1", "m=1,t=1,p=1", "m=256,t=0,p=1"]
        {
            assert!(text.parse::<HashCost>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_new_password_has_a_length() {
        assert!(check_new("").is_err() && check_new("seven77").is_err());
        assert!(check_new("eight888").is_ok());
        assert!(check_new(&"x".repeat(201)).is_err());
    }
}
