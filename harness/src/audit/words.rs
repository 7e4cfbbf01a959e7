//! What an audit has found, for people.

use std::fmt::Write as _;
use std::time::Duration;

use super::compare::Whose;
use super::document::{Document, NotDone, Said, Same, Told};
use crate::model::{Finding, Seen, SlotId, seconds};

/// No answer is told in more characters.
const LONGEST: usize = 300;
/// So many accounts are named one by one.
const NAMED: usize = 4;

/// The list, the sum of it first.
pub(crate) fn told(document: &Document, took: Duration) -> String {
    let mut text =
        format!("{}, {} in {}: ", document.extent, counted(document.checks, "check"), seconds(took));
    text.push_str(&match document.differences.len() {
        0 if document.is_whole() => "the same everywhere".to_owned(),
        0 => "no difference among those that answered".to_owned(),
        count => counted(count, "difference"),
    });
    text.push('\n');
    for difference in &document.differences {
        tell(&mut text, difference);
    }
    for NotDone { slot, why } in &document.not_done {
        let _ = write!(text, "\nslot {slot} could not be audited: {}\n", short(why.trim_end()));
    }
    text
}

fn tell(text: &mut String, difference: &Told) {
    let Told { role, check, finding, normal, others } = difference;
    let of = finding.as_ref().filter(|finding| *finding != last_of(check));
    let of = of.map(|finding| format!(", {finding}")).unwrap_or_default();
    let _ = writeln!(text, "\n{role}, {check}{of}:");
    let all: usize = normal.iter().chain(others).map(|same| same.accounts.len()).sum();
    match normal {
        Some(normal) => {
            let most = normal.accounts.len();
            let whose = whose(&normal.accounts);
            // That most fail does not make it normal.
            let is = if matches!(normal.said, Said::Failed(_)) { "most" } else { "normal" };
            let _ = writeln!(text, "    {is} ({most} of {all}), {whose}: {}", said(&normal.said));
            for same in others {
                let of_them = differing(&normal.said, &same.said);
                let _ = writeln!(
                    text,
                    "    different ({}), {}: {of_them}",
                    same.accounts.len(),
                    self::whose(&same.accounts)
                );
            }
        }
        None if others.len() == 1 => {
            let _ = writeln!(
                text,
                "    all {all}: {}",
                others.first().map(|same| said(&same.said)).unwrap_or_default()
            );
        }
        None => {
            let _ = writeln!(text, "    no answer is that of more than half of the {all}:");
            for Same { accounts, said: answer } in others {
                let _ = writeln!(text, "    {}, {}: {}", accounts.len(), whose(accounts), said(answer));
            }
        }
    }
}

/// The last part of the name of a probe, under which it finds what has no name of its own.
fn last_of(check: &str) -> &str {
    check.rsplit("::").next().unwrap_or(check)
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn said(said: &Said) -> String {
    match said {
        Said::Ended => "comes to its end".to_owned(),
        Said::Failed(why) => short(why),
        Said::Found(finding) => short(&finding.to_string()),
        Said::Silent => "says nothing of it".to_owned(),
    }
}

/// What is said, and of a list, where it differs from the normal one.
fn differing(normal: &Said, other: &Said) -> String {
    let (Said::Found(Finding(Seen::List(normal))), Said::Found(Finding(Seen::List(list)))) = (normal, other)
    else {
        return said(other);
    };
    let has_all_of_it = normal.is_empty() || list.is_empty();
    if has_all_of_it {
        return said(other);
    }
    let without = |all: &[String], others: &[String]| {
        let mut others = others.to_vec();
        let is_left = |text: &&String| match others.iter().position(|other| other == *text) {
            Some(at) => {
                others.swap_remove(at);
                false
            }
            None => true,
        };
        all.iter().filter(is_left).cloned().collect::<Vec<_>>()
    };
    let mut parts = vec![list.len().to_string()];
    for (words, texts) in [("without", without(normal, list)), ("besides", without(list, normal))] {
        if !texts.is_empty() {
            parts.push(format!("{words} {}", texts.join(", ")));
        }
    }
    short(&parts.join("; "))
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{cut}…")
}

/// `` `admin4@example.test` to `…15` (slots 4 to 15) ``
fn whose(accounts: &[Whose]) -> String {
    let slots: Vec<SlotId> = accounts.iter().map(|whose| whose.slot).collect();
    let s = if slots.len() == 1 { "" } else { "s" };
    let names = names(accounts);
    format!("{names} (slot{s} {})", list(spans(&slots).iter().flat_map(|span| span_of(span)).collect()))
}

/// Slots that follow on each other, together.
fn spans(slots: &[SlotId]) -> Vec<Vec<SlotId>> {
    let mut spans: Vec<Vec<SlotId>> = Vec::new();
    for &slot in slots {
        match spans.last_mut() {
            Some(span) if span.last().is_some_and(|last| last.0 + 1 == slot.0) => span.push(slot),
            _ => spans.push(vec![slot]),
        }
    }
    spans
}

/// Three and more by the first and the last of them.
fn span_of(span: &[SlotId]) -> Vec<String> {
    match span {
        [first, _, .., last] => vec![format!("{first} to {last}")],
        few => few.iter().map(SlotId::to_string).collect(),
    }
}

/// The usernames: those that are numbered like their slots by the first and the last of them.
fn names(accounts: &[Whose]) -> String {
    let mut parts = Vec::new();
    let mut rest = accounts;
    let slots: Vec<SlotId> = accounts.iter().map(|whose| whose.slot).collect();
    for span in spans(&slots) {
        let (here, after) = rest.split_at(span.len());
        rest = after;
        match (here, around(here)) {
            ([first, .., last], Some(_)) if here.len() > 2 => {
                parts.push(format!("`{}` to `…{}`", first.username, last.slot));
            }
            _ => parts.extend(here.iter().map(|whose| format!("`{}`", whose.username))),
        }
    }
    if parts.len() > NAMED {
        let more = parts.len() - NAMED + 1;
        parts.truncate(NAMED - 1);
        parts.push(format!("{more} more"));
    }
    list(parts)
}

/// What stands around the number of the slot, where it is the same for all of these.
fn around(accounts: &[Whose]) -> Option<(&str, &str)> {
    let split = |whose: &'_ Whose| {
        let number = whose.slot.to_string();
        let at = whose.username.rfind(&number)?;
        Some((at, at + number.len()))
    };
    let first = accounts.first()?;
    let (from, to) = split(first)?;
    let around = (&first.username[..from], &first.username[to..]);
    let is_so = |whose: &Whose| whose.username == format!("{}{}{}", around.0, whose.slot, around.1);
    accounts.iter().all(is_so).then_some(around)
}

/// `a, b and c`
fn list(mut parts: Vec<String>) -> String {
    let last = parts.pop().unwrap_or_default();
    if parts.is_empty() { last } else { format!("{} and {last}", parts.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::super::compare::{Answer, Difference, Group};
    use super::*;
    use crate::model::Role;

    fn accounts(slots: &[u16], name: impl Fn(u16) -> String) -> Vec<Whose> {
        let of = |slot: &u16| Whose { slot: SlotId(*slot), username: name(*slot), base_url: String::new() };
        slots.iter().map(of).collect()
    }

    fn numbered(slots: &[u16]) -> Vec<Whose> {
        accounts(slots, |slot| format!("admin_worker{slot}@example.test"))
    }

    #[test]
    fn accounts_that_follow_on_each_other_are_told_together() {
        let all: Vec<u16> = (4..16).collect();
        assert_eq!(whose(&numbered(&all)), "`admin_worker4@example.test` to `…15` (slots 4 to 15)");
        assert_eq!(whose(&numbered(&[1])), "`admin_worker1@example.test` (slot 1)");
        assert_eq!(
            whose(&numbered(&[0, 2, 3, 4])),
            "`admin_worker0@example.test` and `admin_worker2@example.test` to `…4` (slots 0 and 2 to 4)"
        );
        let people =
            accounts(&[0, 1, 2, 3, 4, 5], |slot| format!("{}@x", ["ida", "bob"][usize::from(slot % 2)]));
        assert_eq!(whose(&people), "`ida@x`, `bob@x`, `ida@x` and 3 more (slots 0 to 5)");
    }

    fn text(normal: Option<(&[u16], Answer)>, others: Vec<(&[u16], Answer)>) -> String {
        let group = |(slots, said): (&[u16], Answer)| Group { accounts: numbered(slots), said };
        let difference = Difference {
            role: Role::new("admin"),
            check: "accounts::programs".into(),
            finding: Some("programs".into()),
            normal: normal.map(group),
            groups: others.into_iter().map(group).collect(),
        };
        let mut text = String::new();
        tell(&mut text, &difference.into());
        text
    }

    fn programs(names: &[&str]) -> Answer {
        Answer::Found(Finding::from(names))
    }

    #[test]
    fn the_majority_is_told_first_and_then_what_the_others_lack() {
        assert_eq!(
            text(
                Some((&[0, 1, 2], programs(&["A", "B"]))),
                vec![(&[3], programs(&["B", "C"])), (&[4], programs(&[]))]
            ),
            "\nadmin, accounts::programs:\n\
             \x20   normal (3 of 5), `admin_worker0@example.test` to `…2` (slots 0 to 2): 2: A, B\n\
             \x20   different (1), `admin_worker3@example.test` (slot 3): 2; without A; besides C\n\
             \x20   different (1), `admin_worker4@example.test` (slot 4): none\n"
        );
    }

    #[test]
    fn a_tie_blames_nobody() {
        assert_eq!(
            text(None, vec![(&[0], programs(&["A"])), (&[1], programs(&[]))]),
            "\nadmin, accounts::programs:\n\
             \x20   no answer is that of more than half of the 2:\n\
             \x20   1, `admin_worker0@example.test` (slot 0): 1: A\n\
             \x20   1, `admin_worker1@example.test` (slot 1): none\n"
        );
    }

    #[test]
    fn that_most_fail_is_not_called_normal() {
        let failed = Answer::Failed("errored: no such user".into());
        let told = text(Some((&[0, 1], failed.clone())), vec![(&[2], Answer::Ended)]);
        assert!(told.contains("    most (2 of 3), "), "{told}");
        assert!(text(None, vec![(&[0, 1], failed)]).contains("    all 2: errored: no such user\n"));
    }
}
