//! `[roles.NAME]`: the accounts of each role, one for each slot that has one.

use std::collections::BTreeMap;
use std::path::Path;

use super::accounts::{self, Row};
use super::diagnostic::Diagnostic;
use super::reader::{Item, Reader, Table};
use super::settings::MOST_SLOTS;
use super::template::{SlotValues, Template, Values, Vocabulary, Within};
use super::{Ports, Slots};
use crate::model::{Account, Role, SlotId};

/// Where a role's accounts come from, before it is known how many slots there are.
pub(super) struct Definition<'a> {
    pub(super) role: Role,
    table: Table<'a>,
    accounts: Accounts<'a>,
}

enum Accounts<'a> {
    /// One text for all slots.
    Pattern {
        username: Option<(Item<'a>, Template)>,
        password: String,
        count: Option<(Item<'a>, u16)>,
        attributes: Vec<(Item<'a>, Template)>,
    },
    /// The rows of a file.
    File { item: Item<'a>, rows: Vec<Row> },
    /// Nothing that could be used; why is noted already.
    Faulty,
}

/// Reads all roles as far as that is possible without the number of slots.
pub(super) fn read<'a>(root: &Table<'a>, ports: &Ports) -> Vec<Definition<'a>> {
    let items = root.section("roles").into_iter().flat_map(|table| table.items());
    items.filter_map(|item| definition(&item, ports)).collect()
}

fn definition<'a>(item: &Item<'a>, ports: &Ports) -> Option<Definition<'a>> {
    if !is_name(&item.key) {
        item.reader.refuse(
            item.key_span.clone(),
            format!("`{}` cannot be the name of a role", item.key.escape_debug()),
            "write letters, digits, `_` and `-` only",
        );
        return None;
    }
    let role = Role::new(&item.key);
    let table = item.table(&format!("[roles.{role}]"))?;
    table.only(&["accounts", "accounts_file", "attributes", "password", "username"]);
    let accounts = match table.get("accounts_file") {
        Some(file) => from_file(&table, file, &role),
        None => from_pattern(&table, ports),
    };
    Some(Definition { role, table, accounts })
}

/// Whether this can be the name of a role or a service: it is part of file names and of messages.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn from_file<'a>(table: &Table<'a>, item: Item<'a>, role: &Role) -> Accounts<'a> {
    for key in ["accounts", "attributes", "password", "username"] {
        if let Some(other) = table.get(key) {
            table.reader.refuse(
                other.key_span,
                format!("{} has both `accounts_file` and `{key}`", table.name),
                format!(
                    "leave `{key}` out: the file has a row for each account; or leave `accounts_file` out"
                ),
            );
        }
    }
    let help = "write the path of a CSV file with the columns role, slot, username, password";
    let Some(path) = item.some_text(help) else { return Accounts::Faulty };
    match accounts::read(&item, &table.reader.dir.join(path), role) {
        Some(rows) => Accounts::File { item, rows },
        None => Accounts::Faulty,
    }
}

fn from_pattern<'a>(table: &Table<'a>, ports: &Ports) -> Accounts<'a> {
    let vocabulary = Vocabulary { within: Within::Account, ports };
    let username = table
        .require("username", "write username = \"user{slot}@example.test\", or name an `accounts_file`")
        .filter(|item| item.some_text("write the name to sign in with").is_some())
        .and_then(|item| item.template(&vocabulary).map(|template| (item, template)));
    let password = table
        .require(
            "password",
            "write password = \"…\", or password = { env = \"NAME\" } to take it from the environment",
        )
        .and_then(|item| password(table, &item));
    let count = table.get("accounts").and_then(|item| {
        if item.is_zero() {
            item.refuse(
                format!("{} has no account", table.name),
                "write how many slots have one, or leave the key out for an account in every slot",
            );
            return None;
        }
        item.number(1..=MOST_SLOTS).map(|count| (item, count))
    });
    let attributes = table.templates("attributes", &vocabulary);
    Accounts::Pattern { username, password: password.unwrap_or_default(), count, attributes }
}

/// A password of a role, or of something else that has one.
pub(super) fn password(role: &Table<'_>, item: &Item<'_>) -> Option<String> {
    if !item.is_table() {
        return item.text().map(str::to_owned);
    }
    let table = item.table("`password`")?;
    table.only(&["env"]);
    let name = table.require("env", "write password = { env = \"NAME\" }")?;
    let variable = name.some_text("write the name of an environment variable")?;
    let value = (role.reader.environment)(variable);
    match value.as_deref() {
        Some("") => name.refuse(
            format!("the environment variable {variable}, the password of {}, is empty", role.name),
            format!("set {variable} to the password; a secret that a CI job may not read comes out empty"),
        ),
        None => name.refuse(
            format!("the environment variable {variable}, the password of {}, is not set", role.name),
            format!("set {variable} to the password, or write password = \"…\" here"),
        ),
        Some(_) => {}
    }
    value
}

/// The largest number of accounts that a role fixes, and which role does so where.
pub(super) fn most_accounts(definitions: &[Definition<'_>]) -> Option<(u16, String)> {
    let fixed = definitions.iter().filter_map(|definition| {
        let (count, item) = match &definition.accounts {
            Accounts::Pattern { count, .. } => count.as_ref().map(|(item, count)| (*count, item))?,
            Accounts::File { item, rows } => (rows.iter().map(|row| row.account.slot().0 + 1).max()?, item),
            Accounts::Faulty => return None,
        };
        Some((count, format!("the accounts of role `{}`, {}", definition.role, item.place())))
    });
    // Of several that have as many, the first is named.
    fixed.reduce(|most, other| if other.0 > most.0 { other } else { most })
}

/// The accounts of all roles in these slots.
pub(super) fn accounts(
    definitions: Vec<Definition<'_>>,
    slots: &Slots,
    ports: &Ports,
) -> BTreeMap<Role, BTreeMap<SlotId, Account>> {
    let all = definitions.into_iter().map(|definition| {
        let role = definition.role.clone();
        (role, definition.accounts(slots, ports))
    });
    all.collect()
}

impl Definition<'_> {
    fn accounts(self, slots: &Slots, ports: &Ports) -> BTreeMap<SlotId, Account> {
        let (item, username, password, count, attributes) = match self.accounts {
            Accounts::File { rows, .. } => {
                refuse_rows_out_of_range(self.table.reader, &rows, slots);
                return rows.into_iter().map(|row| (row.account.slot(), row.account)).collect();
            }
            Accounts::Pattern { username: Some((item, username)), password, count, attributes } => {
                (item, username, password, count, attributes)
            }
            Accounts::Pattern { username: None, .. } | Accounts::Faulty => return BTreeMap::new(),
        };
        let role = self.role;
        let count = match count {
            Some((item, count)) if count > slots.count => {
                item.refuse(
                    format!("role `{role}` has {count} accounts, but there are {} slots", slots.count),
                    format!("write {} or less, or more slots ({})", slots.count, slots.count_from),
                );
                slots.count
            }
            Some((_, count)) => count,
            None => slots.count,
        };
        if count > 1 && !username.differs_by_slot() {
            item.refuse(
                format!("{count} slots would share one login of role `{role}`"),
                "write {slot} into the username, or accounts = 1",
            );
        }
        let account = |slot| {
            // Ports past the last one are refused elsewhere, and must not stop this.
            let port = slots.base_port.saturating_add(slot);
            let named = ports.iter().map(|(name, base)| (name.clone(), base.saturating_add(slot))).collect();
            let id = SlotId(slot);
            let fill = |template: &Template| fill(template, slots.count, id, port, &named);
            let attributes = attributes.iter().map(|(item, value)| (item.key.clone(), fill(value)));
            Account::new(role.clone(), id, fill(&username), &password, attributes.collect())
        };
        (0..count).map(|slot| (SlotId(slot), account(slot))).collect()
    }
}

fn refuse_rows_out_of_range(reader: &Reader<'_>, rows: &[Row], slots: &Slots) {
    for row in rows.iter().filter(|row| row.account.slot().0 >= slots.count) {
        reader.refuse_elsewhere(
            Diagnostic::new(
                format!(
                    "slot {} of role `{}` is out of range: there are {} slots ({})",
                    row.account.slot(),
                    row.account.role(),
                    slots.count,
                    slots.count_from
                ),
                format!("write a slot from 0 to {}, or more slots", slots.count - 1),
            )
            .at(&row.place),
        );
    }
}

fn fill(template: &Template, slots: u16, id: SlotId, port: u16, ports: &Ports) -> String {
    // No account knows a folder: the vocabulary of accounts has none.
    let nowhere = Path::new("");
    template.render(&Values {
        slots,
        run_dir: nowhere,
        bin_dir: nowhere,
        config_dir: nowhere,
        slot: Some(SlotValues { id, port, ports, dir: nowhere }),
    })
}
