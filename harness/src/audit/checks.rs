//! What an audit executes: for each slot and each role that has an account for it, the sign-in and the probes of the role.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::model::{Account, Role, SlotId, TestId};
use crate::run::{Plan, Planned};
use crate::suite::{Suite, Test, TestEntry};

/// The check that every account has.
pub(super) const SIGN_IN: &str = "sign_in";

/// Which accounts are audited, and by what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) slots: Vec<SlotId>,
    /// Only these roles, if there are any.
    pub(crate) roles: BTreeSet<String>,
    /// Only checks whose names, `role::sign_in` or `role::probe`, contain one of these, if there are any.
    pub(crate) filters: Vec<String>,
    /// Filters are whole names.
    pub(crate) exact: bool,
}

/// See the room's documentation.
#[derive(Debug)]
pub(crate) struct Checks {
    checks: Vec<Check>,
    /// Of all slots and roles that are looked at.
    pub(super) accounts: BTreeMap<(Role, SlotId), Account>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Check {
    pub(super) role: Role,
    pub(super) slot: SlotId,
    /// `sign_in`, or the name of a probe.
    pub(super) name: String,
    test: &'static Test,
}

impl Check {
    /// What it is called in the run.
    pub(super) fn id(&self) -> &TestId {
        &self.test.id
    }
}

impl Checks {
    /// Slot after slot, in each the sign-in of a role before its probes: so that a slot is done with before many are up.
    pub(crate) fn of(suite: &'static Suite, config: &Config, wanted: &Wanted) -> Self {
        let is_wanted = |role: &Role, check: &str| {
            let name = format!("{role}::{check}");
            let matches =
                |filter: &String| if wanted.exact { name == *filter } else { name.contains(filter.as_str()) };
            wanted.filters.is_empty() || wanted.filters.iter().any(matches)
        };
        let roles = config
            .roles
            .iter()
            .filter(|(role, _)| wanted.roles.is_empty() || wanted.roles.contains(role.as_str()));
        let of_role = |(role, accounts)| {
            let checks = of_role(suite, role).filter(|(name, _)| is_wanted(role, name));
            (role, accounts, checks.collect::<Vec<_>>())
        };
        let of_roles: Vec<_> = roles.map(of_role).collect();
        let mut all = Self { checks: Vec::new(), accounts: BTreeMap::new() };
        for &slot in &wanted.slots {
            for (role, accounts, checks) in &of_roles {
                let Some(account) = accounts.get(&slot).filter(|_| !checks.is_empty()) else { continue };
                all.accounts.insert(((*role).clone(), slot), account.clone());
                for (name, test) in checks {
                    let test = in_slot(test, role, name, slot);
                    all.checks.push(Check { role: (*role).clone(), slot, name: name.clone(), test });
                }
            }
        }
        all
    }

    /// The names of all checks that there are, for filters.
    pub(crate) fn names(suite: &'static Suite, config: &Config) -> Vec<String> {
        let of_role = |role| of_role(suite, role).map(move |(name, _)| format!("{role}::{name}"));
        config.roles.keys().flat_map(of_role).collect()
    }

    /// What a run is to execute.
    pub(crate) fn plan(&self) -> Plan {
        let planned = |check: &Check| Planned { test: check.test, repetition: None, ignored: None };
        Plan {
            tests: self.checks.iter().map(planned).collect(),
            shuffle_seed: None,
            shard: None,
            division: None,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter()
    }

    /// How many checks there are.
    pub(crate) fn len(&self) -> usize {
        self.checks.len()
    }

    /// The accounts of so many slots and roles: `64 accounts (4 roles, 16 slots)`
    pub(crate) fn extent(&self) -> String {
        let slots: BTreeSet<SlotId> = self.accounts.keys().map(|(_, slot)| *slot).collect();
        let roles: BTreeSet<&Role> = self.accounts.keys().map(|(role, _)| role).collect();
        let counted =
            |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
        format!(
            "{} ({}, {})",
            counted(self.accounts.len(), "account"),
            counted(roles.len(), "role"),
            counted(slots.len(), "slot")
        )
    }
}

/// The sign-in of a role, if a function signs it in, and its probes.
fn of_role(suite: &'static Suite, role: &Role) -> impl Iterator<Item = (String, &'static Test)> {
    let sign_in = suite.sign_in(role).map(|_| &*Box::leak(Box::new(Test::of_sign_in(role))));
    let role = role.to_string();
    let is_of_role = move |probe: &&Test| probe.entry.roles.contains(&role.as_str());
    let probes = suite.probes().iter().filter(is_of_role);
    let sign_in = sign_in.into_iter().map(|test| (SIGN_IN.to_owned(), test));
    sign_in.chain(probes.map(|probe| (probe.id.to_string(), probe)))
}

/// The same in this slot alone. It lives as long as the process, as all that is executed.
fn in_slot(test: &Test, role: &Role, name: &str, slot: SlotId) -> &'static Test {
    let entry: &'static TestEntry = Box::leak(Box::new(TestEntry { slot: Some(slot.0), ..*test.entry }));
    Box::leak(Box::new(Test {
        id: TestId::new(format!("{role}::{name} in slot {slot}")),
        known: test.known.clone(),
        entry,
        roles: test.roles.clone(),
        allow_console: test.allow_console.clone(),
    }))
}
