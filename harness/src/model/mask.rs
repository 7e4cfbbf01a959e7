//! Passwords are kept out of all that is written down.

/// A shorter one would be found in innocent words.
const SHORTEST: usize = 4;

/// A text in which none of these passwords is left.
pub(crate) fn masked<'a>(text: String, passwords: impl IntoIterator<Item = &'a str>) -> String {
    let passwords = passwords.into_iter().filter(|password| password.len() >= SHORTEST);
    passwords.fold(text, |text, password| text.replace(password, "…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_replaced_and_short_ones_are_not() {
        assert_eq!(masked("says pass-word and on".to_owned(), ["pass-word", "on", ""]), "says … and on");
    }
}
