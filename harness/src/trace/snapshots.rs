//! Documents as they change: kept as what is different from the one before.

use std::collections::HashMap;

use super::record::Cut;
use super::secrets::Secrets;

/// The last document of each page: as the page had it, and as it was written.
#[derive(Default)]
pub(super) struct Snapshots(HashMap<u32, Last>);

struct Last {
    number: u64,
    raw: Vec<u16>,
    written: Vec<u16>,
}

impl Snapshots {
    /// What is to be written of a document that the page told as this cut. Nothing where the one before is not known.
    ///
    /// It is masked as a whole: what is kept out of it may begin in one part and end in another.
    pub(super) fn add(&mut self, page: u32, number: u64, cut: &Cut, secrets: &Secrets) -> Option<Cut> {
        let last = self.0.get(&page);
        let raw: Vec<u16> = match cut.base {
            None => cut.text.encode_utf16().collect(),
            Some(base) => {
                let last = last.filter(|last| last.number == base)?;
                let tail = last.raw.len().checked_sub(cut.after).filter(|tail| *tail >= cut.before)?;
                let head = last.raw.get(..cut.before)?;
                head.iter()
                    .copied()
                    .chain(cut.text.encode_utf16())
                    .chain(last.raw[tail..].iter().copied())
                    .collect()
            }
        };
        let written: Vec<u16> = secrets.text(String::from_utf16_lossy(&raw)).encode_utf16().collect();
        let difference = match last {
            Some(last) => difference(last.number, &last.written, &written),
            None => Cut { text: String::from_utf16_lossy(&written), ..Cut::default() },
        };
        self.0.insert(page, Last { number, raw, written });
        Some(difference)
    }
}

fn difference(base: u64, old: &[u16], new: &[u16]) -> Cut {
    let most = old.len().min(new.len());
    let mut before = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    // A character of two units stays in one part.
    if before > 0 && is_first_half(new[before - 1]) {
        before -= 1;
    }
    let both = old.iter().rev().zip(new.iter().rev()).take(most - before);
    let mut after = both.take_while(|(old, new)| old == new).count();
    if after > 0 && is_second_half(new[new.len() - after]) {
        after -= 1;
    }
    let text = String::from_utf16_lossy(&new[before..new.len() - after]);
    Cut { base: Some(base), before, text, after }
}

fn is_first_half(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn is_second_half(unit: u16) -> bool {
    (0xdc00..0xe000).contains(&unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn applied(old: &str, cut: &Cut) -> String {
        let old: Vec<u16> = old.encode_utf16().collect();
        let (head, tail) = (&old[..cut.before], &old[old.len() - cut.after..]);
        let all: Vec<u16> =
            head.iter().copied().chain(cut.text.encode_utf16()).chain(tail.iter().copied()).collect();
        String::from_utf16(&all).unwrap()
    }

    proptest! {
        #[test]
        fn a_document_comes_back_from_its_difference(old in "[ab😀😁é<]{0,12}", new in "[ab😀😁é<]{0,12}") {
            let (mut snapshots, secrets) = (Snapshots::default(), Secrets::default());
            let whole = |text: &str| Cut { text: text.to_owned(), ..Cut::default() };
            let first = snapshots.add(1, 1, &whole(&old), &secrets).unwrap();
            prop_assert_eq!(applied("", &first), old.clone());
            let second = snapshots.add(1, 2, &whole(&new), &secrets).unwrap();
            prop_assert_eq!(applied(&old, &second), new);
        }
    }

    #[test]
    fn a_secret_that_comes_in_two_parts_is_masked() {
        let (mut snapshots, secrets) = (Snapshots::default(), Secrets::new(["open-sesame".to_owned()], &[]));
        let first = Cut { text: "<p>open-</p>".to_owned(), ..Cut::default() };
        assert_eq!(snapshots.add(1, 1, &first, &secrets).unwrap().text, "<p>open-</p>");
        let second = Cut { base: Some(1), before: 8, text: "sesame".to_owned(), after: 4 };
        assert_eq!(applied("<p>open-</p>", &snapshots.add(1, 2, &second, &secrets).unwrap()), "<p>…</p>");
        // Of one whose base was lost nothing can be said.
        assert_eq!(snapshots.add(1, 4, &Cut { base: Some(3), ..Cut::default() }, &secrets), None);
    }
}
