//! Words for messages: the nearest known name, and lists of names.

/// The known name that was most likely meant, if one is near enough.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(name, known), known))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, known)| known)
}

/// What is wrong, the name that was likely meant, and the choice there is: `wrong; did you mean `x`? Choice`.
pub(crate) fn choice<'a>(
    wrong: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    choice: &str,
) -> String {
    let Some(nearest) = nearest(name, known) else { return format!("{wrong}; {choice}") };
    let (first, rest) = choice.split_at(choice.chars().next().map_or(0, char::len_utf8));
    format!("{wrong}; did you mean `{nearest}`? {}{rest}", first.to_uppercase())
}

/// `` `a`, `b` and `c` `` with "and" or "or" before the last.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>, before_last: &str) -> String {
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} {before_last} {last}", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 8] = ["role", "roles", "tags", "timeout", "retries", "exclusive", "group", "slot"];

    #[test]
    fn a_slip_finds_the_name_that_was_meant() {
        assert_eq!(nearest("rols", KEYS), Some("roles"));
        assert_eq!(nearest("tag", KEYS), Some("tags"));
        assert_eq!(nearest("retry", KEYS), Some("retries"));
        assert_eq!(nearest("time_out", KEYS), Some("timeout"));
        assert_eq!(nearest("exlcusive", KEYS), Some("exclusive"));
    }

    #[test]
    fn another_word_finds_nothing() {
        assert_eq!(nearest("parallel", KEYS), None);
        assert_eq!(nearest("browser", KEYS), None);
        assert_eq!(choice("unknown", "browser", KEYS, "these are known"), "unknown; these are known");
    }

    #[test]
    fn a_choice_is_a_sentence_of_its_own_after_a_question() {
        let message = choice("unknown key `tag`", "tag", KEYS, "the keys are …");
        assert_eq!(message, "unknown key `tag`; did you mean `tags`? The keys are …");
    }

    #[test]
    fn lists_read_like_prose() {
        assert_eq!(list(["a"], "or"), "`a`");
        assert_eq!(list(["a", "b"], "or"), "`a` or `b`");
        assert_eq!(list(["a", "b", "c"], "and"), "`a`, `b` and `c`");
    }
}
