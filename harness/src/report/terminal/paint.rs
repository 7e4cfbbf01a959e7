//! Colors, where there are any.

use console::{Style, StyledObject};

/// Colors texts, or leaves them as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) colors: bool,
}

impl Paint {
    /// What went well.
    pub(super) fn good<T>(self, text: T) -> StyledObject<T> {
        self.style().green().apply_to(text)
    }

    /// What did not.
    pub(super) fn bad<T>(self, text: T) -> StyledObject<T> {
        self.style().red().apply_to(text)
    }

    /// What should be looked at some day.
    pub(super) fn doubtful<T>(self, text: T) -> StyledObject<T> {
        self.style().yellow().apply_to(text)
    }

    /// What is in the background.
    pub(super) fn dim<T>(self, text: T) -> StyledObject<T> {
        self.style().dim().apply_to(text)
    }

    fn style(self) -> Style {
        Style::new().force_styling(self.colors)
    }
}
