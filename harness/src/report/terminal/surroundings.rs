//! What the terminal is, and what of it the surroundings want to be used.

use std::io::{self, IsTerminal as _};

use super::Reporter;

/// What is known of the place to which results are printed. By the conventions of <https://no-color.org> and
/// <https://bixense.com/clicolors>.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Surroundings {
    /// Standard output is a terminal.
    pub(crate) is_terminal: bool,
    /// It can do nothing but print: `TERM=dumb`.
    pub(crate) is_dumb: bool,
    /// Nobody looks while it runs: `CI`.
    pub(crate) is_ci: bool,
    /// GitHub Actions reads along: `GITHUB_ACTIONS`.
    pub(crate) is_github: bool,
    /// `NO_COLOR`, or `CLICOLOR=0`.
    pub(crate) wants_no_color: bool,
    /// `CLICOLOR_FORCE`
    pub(crate) wants_color: bool,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn here() -> Self {
        Self::of(io::stdout().is_terminal(), |name| std::env::var(name).ok())
    }

    fn of(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> Self {
        let is = |name: &str, value: &str| variable(name).is_some_and(|text| text == value);
        let is_set = |name: &str| variable(name).is_some_and(|text| !text.is_empty());
        let is_on = |name: &str| is_set(name) && !is(name, "0") && !is(name, "false");
        Self {
            is_terminal,
            is_dumb: is("TERM", "dumb"),
            is_ci: is_on("CI"),
            is_github: is("GITHUB_ACTIONS", "true"),
            wants_no_color: is_set("NO_COLOR") || is("CLICOLOR", "0"),
            wants_color: is_on("CLICOLOR_FORCE"),
        }
    }

    /// A line can be changed that was printed before.
    pub(crate) fn can_draw(self) -> bool {
        self.is_terminal && !self.is_dumb
    }

    /// Who prints where nobody has said so: a live view for those who watch.
    pub(crate) fn reporter(self) -> Reporter {
        if self.can_draw() && !self.is_ci { Reporter::Line } else { Reporter::List }
    }

    /// Whether to color, where nobody has said so.
    pub(crate) fn colors(self) -> bool {
        match (self.wants_no_color, self.wants_color) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => self.can_draw(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(is_terminal: bool, variables: &[(&str, &str)]) -> Surroundings {
        Surroundings::of(is_terminal, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_live_view_is_for_those_who_watch() {
        let reporter = |is_terminal, variables: &[(&str, &str)]| of(is_terminal, variables).reporter();
        assert_eq!(reporter(true, &[("TERM", "xterm")]), Reporter::Line);
        assert_eq!(reporter(true, &[("CI", "false")]), Reporter::Line);
        assert_eq!(reporter(true, &[("CI", "")]), Reporter::Line);
        assert_eq!(reporter(true, &[("CI", "true")]), Reporter::List);
        assert_eq!(reporter(true, &[("TERM", "dumb")]), Reporter::List);
        assert_eq!(reporter(false, &[]), Reporter::List);
    }

    #[test]
    fn color_is_for_terminals_unless_somebody_says_otherwise() {
        let colors = |is_terminal, variables: &[(&str, &str)]| of(is_terminal, variables).colors();
        assert!(colors(true, &[]) && !colors(false, &[]));
        assert!(!colors(true, &[("NO_COLOR", "1")]) && colors(true, &[("NO_COLOR", "")]));
        assert!(!colors(true, &[("CLICOLOR", "0")]) && !colors(true, &[("TERM", "dumb")]));
        assert!(colors(false, &[("CLICOLOR_FORCE", "1")]) && !colors(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!colors(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }
}
