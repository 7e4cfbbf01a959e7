//! The parts that accounts play in a test: `instructor` is the account of the test's own slot, `instructor#2`
//! that of a *companion*, a slot of which only accounts are used.

/// A role as a test asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part<'a> {
    /// The role, without a number.
    pub(crate) role: &'a str,
    /// Which of the test's companions has the account, from 0; `None`: the test's own slot has it.
    pub(crate) companion: Option<usize>,
}

impl<'a> Part<'a> {
    /// `instructor` or `instructor#2`; the macros refuse every other form.
    pub(crate) fn of(asked: &'a str) -> Self {
        let numbered = asked.split_once('#').and_then(|(role, number)| {
            Some(Self { role, companion: Some(number.parse::<usize>().ok()?.checked_sub(2)?) })
        });
        numbered.unwrap_or(Self { role: asked, companion: None })
    }

    /// How many companions a test with these roles has.
    pub(crate) fn companions(asked: &[&str]) -> usize {
        asked.iter().filter_map(|asked| Part::of(asked).companion).max().map_or(0, |last| last + 1)
    }

    /// The roles among these whose accounts are this companion's; with `None`, those of the test's own slot.
    pub(crate) fn of_companion<'s>(
        asked: &'s [&'a str],
        companion: Option<usize>,
    ) -> impl Iterator<Item = &'a str> + use<'a, 's> {
        asked
            .iter()
            .map(|asked| Part::of(asked))
            .filter(move |part| part.companion == companion)
            .map(|part| part.role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_whose_the_account_is() {
        assert_eq!(Part::of("site-admin"), Part { role: "site-admin", companion: None });
        assert_eq!(Part::of("instructor#2"), Part { role: "instructor", companion: Some(0) });
        assert_eq!(Part::of("instructor#11"), Part { role: "instructor", companion: Some(9) });
    }

    #[test]
    fn a_companion_has_all_accounts_of_its_number() {
        let asked = ["admin", "instructor", "instructor#2", "instructor#3", "admin#2"];
        assert_eq!(Part::companions(&asked), 2);
        assert_eq!(Part::companions(&asked[..2]), 0);
        let of = |companion| Part::of_companion(&asked, companion).collect::<Vec<_>>();
        assert_eq!(of(None), ["admin", "instructor"]);
        assert_eq!(of(Some(0)), ["instructor", "admin"]);
        assert_eq!(of(Some(1)), ["instructor"]);
    }
}
