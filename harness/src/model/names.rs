//! Names of things: tests, slots, roles, and the accounts that belong to a role in a slot.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The name of a test: its module path without the crate's name, as libtest prints it. Where each test is executed several
/// times, every time but the first has ` (2 of 3)` behind it.
///
/// ```
/// use callboard::TestId;
/// assert_eq!(TestId::new("instructor::updates_own_profile").name(), "updates_own_profile");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TestId(String);

impl TestId {
    /// A test's name from its full path.
    pub fn new(path: impl Into<String>) -> Self {
        Self(path.into())
    }

    /// The whole path, `instructor::updates_own_profile`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part of the path, `updates_own_profile`.
    pub fn name(&self) -> &str {
        self.0.rsplit("::").next().unwrap_or(&self.0)
    }
}

impl fmt::Display for TestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The number of a slot, from 0. Its port is the configured base port plus this number.
///
/// ```
/// assert_eq!(callboard::SlotId(3).to_string(), "3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SlotId(pub u16);

impl SlotId {
    /// The number as an index into a list of all slots.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A kind of user of the application under test, as named in `callboard.toml`: `instructor`.
///
/// ```
/// assert_eq!(callboard::Role::new("instructor").as_str(), "instructor");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Role(String);

impl Role {
    /// A role by its name in `callboard.toml`.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name of the role.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Role {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One login of one role, for one slot.
///
/// The password is shown by no formatting: it is had by [`Account::password`] alone.
///
/// ```
/// use callboard::{Account, e2e};
///
/// #[e2e(role = "instructor")]
/// fn works_at_the_north_campus(account: &Account) {
///     assert!(account.username().starts_with("instructor"));
///     assert_eq!(account.attribute("campus"), Some("north"));
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    role: Role,
    slot: SlotId,
    username: String,
    password: String,
    attributes: BTreeMap<String, String>,
}

impl Account {
    /// An account of `role` that belongs to `slot`.
    pub fn new(
        role: Role,
        slot: SlotId,
        username: impl Into<String>,
        password: impl Into<String>,
        attributes: BTreeMap<String, String>,
    ) -> Self {
        Self { role, slot, username: username.into(), password: password.into(), attributes }
    }

    /// The role of this account.
    pub fn role(&self) -> &Role {
        &self.role
    }

    /// The slot that this account belongs to: no test in another slot uses it.
    pub fn slot(&self) -> SlotId {
        self.slot
    }

    /// The name to sign in with, often an e-mail address.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password to sign in with.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// A further attribute: a column of the accounts file, or a key of the role's table `attributes`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// All further attributes, by name.
    pub fn attributes(&self) -> &BTreeMap<String, String> {
        &self.attributes
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("role", &self.role)
            .field("slot", &self.slot)
            .field("username", &self.username)
            .field("password", &"…")
            .field("attributes", &self.attributes)
            .finish()
    }
}
