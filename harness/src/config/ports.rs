//! The ports of all slots: that each is one, and that no two things want the same.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Slots;
use super::diagnostic::Diagnostic;
use super::reader::{Reader, Table};
use super::settings::BASE_PORT;

/// A port that something wants in each of a number of slots, counted up from its base.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    /// As messages call it: `base_port`, `smtp`.
    pub(super) name: String,
    pub(super) base: u16,
    /// For how many slots; a service of the run wants its port once.
    pub(super) slots: u16,
    /// Where the file says so; an environment variable and a default are nowhere in it.
    pub(super) span: Option<Range<usize>>,
}

/// `[ports]`, with the claims of the ones that are numbers. Ports that are not still have their names in
/// the map, so that a placeholder for one is no fault of its own.
pub(super) fn read(root: &Table<'_>) -> (BTreeMap<String, u16>, Vec<Claim>) {
    let mut ports = BTreeMap::new();
    let mut claims = Vec::new();
    for item in root.section("ports").into_iter().flat_map(|table| table.items()) {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !item.key.starts_with(|c: char| c.is_ascii_lowercase()) || !item.key.chars().all(letter) {
            item.reader.refuse(
                item.key_span.clone(),
                format!("`{}` cannot be the name of a port", item.key),
                "begin with a lower-case letter, and go on with lower-case letters, digits and `_`",
            );
            continue;
        }
        let base = item.number(1..=u16::MAX);
        ports.insert(item.key.clone(), base.unwrap_or_default());
        if let Some(base) = base {
            claims.push(Claim { name: item.key.clone(), base, slots: 1, span: Some(item.span()) });
        }
    }
    (ports, claims)
}

/// Refuses claims that go past the last port, and pairs of claims that meet in some slot.
pub(super) fn check(reader: &Reader<'_>, slots: &Slots, claims: &[Claim]) {
    let mut claims = claims.to_vec();
    // The one that stands last in the file is the one to point at.
    claims.sort_by_key(|claim| claim.span.as_ref().map(|span| span.start));
    for claim in &claims {
        let last = u32::from(claim.base) + u32::from(claim.slots) - 1;
        if last > u32::from(u16::MAX) {
            let message = format!(
                "`{}` is {}, so slot {} would have port {last}, and the last port is {}",
                claim.name,
                claim.base,
                claim.slots - 1,
                u16::MAX,
            );
            let most = u16::MAX - (claim.slots - 1);
            refuse(
                reader,
                claim,
                message,
                format!("write {most} or less: there are {} slots ({})", slots.count, slots.count_from),
            );
        }
    }
    for (index, second) in claims.iter().enumerate() {
        for first in &claims[..index] {
            let Some((port, one, other)) = collision(first, second) else { continue };
            let (one, other) = (of_slot(first, one), of_slot(second, other));
            let message = format!("{one} and {other} are both port {port}");
            refuse(reader, second, message, room_beside(first, second));
        }
    }
}

/// The first port that both want, and the slot of each that wants it.
pub(super) fn collision(first: &Claim, second: &Claim) -> Option<(u16, u16, u16)> {
    let port = first.base.max(second.base);
    let (one, other) = (port - first.base, port - second.base);
    (one < first.slots && other < second.slots).then_some((port, one, other))
}

fn of_slot(claim: &Claim, slot: u16) -> String {
    if claim.name.contains(' ') {
        return claim.name.clone();
    }
    format!("`{}` of slot {slot}", claim.name)
}

/// Which bases the second could have beside the first.
fn room_beside(first: &Claim, second: &Claim) -> String {
    let above = u32::from(first.base) + u32::from(first.slots);
    let fits = u16::try_from(above + u32::from(second.slots) - 1).is_ok();
    let above = fits.then(|| format!("{above} or more"));
    let below = first.base.checked_sub(second.slots).filter(|below| *below > 0);
    let below = below.map(|below| format!("{below} or less"));
    let room: Vec<String> = above.into_iter().chain(below).collect();
    let name = if first.name.contains(' ') { first.name.clone() } else { format!("`{}`", first.name) };
    format!("{name} needs {}: write {}", range(first), room.join(", or "))
}

fn range(claim: &Claim) -> String {
    let last = u32::from(claim.base) + u32::from(claim.slots) - 1;
    if claim.slots == 1 { claim.base.to_string() } else { format!("{} to {last}", claim.base) }
}

fn refuse(reader: &Reader<'_>, claim: &Claim, message: String, help: String) {
    match &claim.span {
        Some(span) => reader.refuse(span.clone(), message, help),
        // The default base port leaves room for the most slots there can be.
        None => reader
            .refuse_elsewhere(Diagnostic::new(message, help).at(format!("environment variable {BASE_PORT}"))),
    }
}
