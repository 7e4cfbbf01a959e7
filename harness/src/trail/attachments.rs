//! The names of an attempt's attachments, and how much they are.

use std::collections::BTreeSet;

use super::attach::AttachError;

/// Below the folder of the attempt.
pub(super) const FOLDER: &str = "attachments";

pub(super) const MOST_BYTES: u64 = 64 << 20;
pub(super) const MOST_BYTES_IN_ALL: u64 = 256 << 20;
pub(super) const MOST_FILES: usize = 1000;

/// In bytes: far below what file systems take, so that a number fits behind it.
const LONGEST_NAME: usize = 120;
const LONGEST_ENDING: usize = 16;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    names: Vec<String>,
    /// In small letters: some file systems do not tell `A` from `a`.
    taken: BTreeSet<String>,
    bytes: u64,
}

impl Attachments {
    /// The names of the files, oldest first.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// A file name for an attachment of this name and size.
    pub(super) fn take(&mut self, name: &str, bytes: u64) -> Result<String, AttachError> {
        if self.names.len() >= MOST_FILES || self.bytes + bytes > MOST_BYTES_IN_ALL {
            let (name, files, bytes) = (name.to_owned(), self.names.len(), self.bytes);
            return Err(AttachError::TooMuch { name, files, bytes });
        }
        let plain = plain(name);
        let (stem, ending) = split(&plain);
        let numbered = (2..).map(|number: usize| format!("{stem}-{number}{ending}"));
        let file = std::iter::once(plain.clone())
            .chain(numbered)
            .find(|file| self.taken.insert(file.to_lowercase()));
        let file = file.unwrap_or(plain);
        self.names.push(file.clone());
        self.bytes += bytes;
        Ok(file)
    }

    /// There is no such file after all.
    pub(super) fn forget(&mut self, file: &str, bytes: u64) {
        self.names.retain(|name| name != file);
        self.taken.remove(&file.to_lowercase());
        self.bytes = self.bytes.saturating_sub(bytes);
    }
}

/// A name that every file system takes, and that a person recognises.
fn plain(name: &str) -> String {
    let name = name.trim().trim_end_matches('.');
    let mut plain: String =
        name.chars().map(|c| if c.is_alphanumeric() || "_-.+@".contains(c) { c } else { '_' }).collect();
    // No hidden file, and no way out of the folder.
    if plain.starts_with('.') {
        plain.replace_range(..1, "_");
    }
    if plain.is_empty() {
        return "attachment".to_owned();
    }
    let (stem, ending) = split(&plain);
    if stem.len() > LONGEST_NAME {
        let cut = (0..=LONGEST_NAME).rev().find(|&at| stem.is_char_boundary(at)).unwrap_or(0);
        return format!("{}{ending}", &stem[..cut]);
    }
    plain
}

/// `cart` and `.json`
fn split(name: &str) -> (&str, &str) {
    match name.rfind('.') {
        Some(at) if at > 0 && name.len() - at <= LONGEST_ENDING => name.split_at(at),
        _ => (name, ""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn take(attachments: &mut Attachments, name: &str) -> String {
        attachments.take(name, 1).unwrap()
    }

    #[test]
    fn names_are_plain_and_each_is_there_once() {
        let mut attachments = Attachments::default();
        let names =
            ["cart.json", "cart.json", "Cart.JSON", "../../etc/passwd", "", "..", "a b\n.txt", "log", "log"];
        let files = names.map(|name| take(&mut attachments, name));
        assert_eq!(
            files,
            [
                "cart.json",
                "cart-2.json",
                "Cart-3.JSON",
                "_._.._etc_passwd",
                "attachment",
                "attachment-2",
                "a_b_.txt",
                "log",
                "log-2"
            ]
        );
    }

    #[test]
    fn there_is_an_end_to_it() {
        let mut attachments = Attachments::default();
        for _ in 0..4 {
            attachments.take("x", MOST_BYTES).unwrap();
        }
        let error = attachments.take("one.more", 1).unwrap_err().to_string();
        assert!(
            error.starts_with("`one.more` cannot be attached: an attempt may attach 1000 files"),
            "{error}"
        );
        attachments.forget("x-4", MOST_BYTES);
        assert_eq!(attachments.take("x", MOST_BYTES).unwrap(), "x-4");
    }

    proptest! {
        #[test]
        fn any_name_makes_a_file_of_its_own_in_the_folder(names in prop::collection::vec(".{0,300}", 1..20)) {
            let mut attachments = Attachments::default();
            let files: Vec<String> = names.iter().map(|name| take(&mut attachments, name)).collect();
            for (index, file) in files.iter().enumerate() {
                prop_assert!(!file.is_empty() && file.len() < 200 && !file.starts_with('.'));
                prop_assert!(!file.contains(|c: char| c.is_control() || "/\\:*?\"<>|".contains(c)));
                prop_assert!(!files[..index].iter().any(|other| other.to_lowercase() == file.to_lowercase()));
            }
        }
    }
}
