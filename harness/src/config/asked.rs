//! What is asked of the configuration: roles and slots that tests name, and a number of workers.

use super::Config;
use super::Workers;
use super::diagnostic::{ConfigError, Diagnostic, did_you_mean};
use super::source::shown;
use crate::model::{Part, SlotId, can_assign};

impl Config {
    /// A test or a sign-in asks for this role. `asked_by` names it, with its place:
    /// "test `x` (tests/e2e/a.rs:12:4)".
    pub(crate) fn check_role(&self, role: &str, asked_by: &str) -> Result<(), ConfigError> {
        if self.roles.contains_key(role) {
            return Ok(());
        }
        let example = format!(
            "[roles.{role}]\nusername = \"{role}{{slot}}@example.test\"\npassword = \"only-for-tests\""
        );
        let roles = self.roles.keys().map(crate::model::Role::as_str);
        let help = if self.roles.is_empty() {
            format!("add the role to {}:\n\n{example}", shown(&self.file))
        } else {
            format!("{}; or add it:\n\n{example}", did_you_mean("roles", role, roles))
        };
        let message = format!("{asked_by} asks for role `{role}`, which {} does not have", self.shown_name());
        Err(self.fault(message, help))
    }

    /// A test is pinned to this slot.
    pub(crate) fn check_slot(&self, slot: u16, asked_by: &str) -> Result<(), ConfigError> {
        if slot < self.slots.count {
            return Ok(());
        }
        Err(self.fault(
            format!("{asked_by} is pinned to slot {slot}, which does not exist"),
            format!(
                "write a slot from 0 to {}, or more slots: there are {} ({})",
                self.slots.count - 1,
                self.slots.count,
                self.slots.count_from
            ),
        ))
    }

    /// Whether there is a slot where a test can run: all its roles have an account there, and it is the
    /// one that the test is pinned to. And whether there are others, one for each number, that have the accounts which
    /// it uses besides. Roles and slot were checked by the two functions above.
    pub(crate) fn check_place(
        &self,
        roles: &[&str],
        slot: Option<u16>,
        asked_by: &str,
    ) -> Result<(), ConfigError> {
        let have = |companion: Option<usize>| {
            let slots = (0..self.slots.count).map(SlotId);
            slots.filter(|slot| self.has_accounts(roles, companion, *slot)).collect::<Vec<_>>()
        };
        let mut own = have(None);
        own.retain(|own| slot.is_none_or(|slot| own.0 == slot));
        if own.is_empty() {
            return Err(self.no_place(roles, slot, asked_by));
        }
        let companions = (0..Part::companions(roles)).map(|number| have(Some(number)));
        let seekers: Vec<Vec<SlotId>> = std::iter::once(own).chain(companions).collect();
        if can_assign(&seekers) { Ok(()) } else { Err(self.no_companions(roles, seekers.len(), asked_by)) }
    }

    fn no_place(&self, roles: &[&str], slot: Option<u16>, asked_by: &str) -> ConfigError {
        let have = self.where_accounts_are(Part::of_companion(roles, None));
        let (message, help) = match slot {
            Some(slot) => (
                format!("{asked_by} is pinned to slot {slot}, where not all of its roles have an account"),
                "pin it to another slot, or add an account there",
            ),
            None => (
                format!("{asked_by} asks for roles that have no slot in common"),
                "add accounts, so that one slot has an account of each",
            ),
        };
        self.fault(message, format!("{help}: {have}"))
    }

    /// `several` counts the test's own slot as well.
    fn no_companions(&self, roles: &[&str], several: usize, asked_by: &str) -> ConfigError {
        let mut plain: Vec<&str> = roles.iter().map(|asked| Part::of(asked).role).collect();
        plain.sort_unstable();
        plain.dedup();
        let (count, from) = (self.slots.count, &self.slots.count_from);
        let (are, s) = if count == 1 { ("is", "") } else { ("are", "s") };
        let list = roles.iter().map(|role| format!("`{role}`")).collect::<Vec<_>>().join(", ");
        self.fault(
            format!(
                "{asked_by} asks for {list}: the accounts of {several} slots at once, and there are not so many that fit"
            ),
            format!(
                "add accounts, so that {several} slots have them, or leave out a number: {}; there {are} {count} slot{s} \
                 ({from})",
                self.where_accounts_are(plain)
            ),
        )
    }

    fn where_accounts_are<'a>(&self, roles: impl IntoIterator<Item = &'a str>) -> String {
        let have = roles.into_iter().map(|role| format!("`{role}` has accounts in {}", self.slots_of(role)));
        have.collect::<Vec<_>>().join(", ")
    }

    /// How many attempts run at once, and what to tell the user if that is less than was asked for.
    /// `asked` is the command line's word, which goes before the environment's and the file's.
    pub(crate) fn workers(
        &self,
        asked: Option<Workers>,
        cores: usize,
        tests: usize,
    ) -> (Workers, Option<String>) {
        let slots = usize::from(self.slots.count);
        let asked = asked.or(self.slots.workers);
        let exact = asked.is_some_and(|asked| asked.exact);
        let asked = asked.map(|asked| asked.number);
        // More workers than tests is nobody's mistake, and no cause for a notice.
        let workers = asked.unwrap_or(cores).min(slots).min(tests).max(1);
        let notice = asked.filter(|asked| *asked > slots && tests > slots).map(|asked| {
            let there_are = if slots == 1 { "is 1 slot".to_owned() } else { format!("are {slots} slots") };
            let from = &self.slots.count_from;
            format!("{asked} workers asked for, but there {there_are} ({from}); running {workers} at once")
        });
        (Workers { number: workers, exact }, notice)
    }

    fn slots_of(&self, role: &str) -> String {
        let slots = self.roles.get(role).into_iter().flat_map(|accounts| accounts.keys());
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for SlotId(slot) in slots {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *slot => *last = *slot,
                _ => ranges.push((*slot, *slot)),
            }
        }
        let range = |(first, last): &(u16, u16)| {
            if first == last { format!("slot {first}") } else { format!("slots {first} to {last}") }
        };
        ranges.iter().map(range).collect::<Vec<_>>().join(", ")
    }

    fn shown_name(&self) -> String {
        let name = self.file.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    fn fault(&self, message: String, help: String) -> ConfigError {
        Diagnostic::new(message, help).at(shown(&self.file)).into()
    }
}
