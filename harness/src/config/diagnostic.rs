//! Faults of the configuration, shown the way the compiler shows its own.

use std::fmt;

/// Why there is no configuration. Its text is whole sentences of its own, from `error:` to the last
/// remedy: print it with nothing before it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// There is no `callboard.toml` anywhere it could be.
    #[error("{0}")]
    NotFound(Box<Diagnostic>),
    /// The file, or what is asked of it, is wrong in at least one way.
    #[error("{}", all(.0))]
    Invalid(Vec<Diagnostic>),
}

fn all(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(Diagnostic::to_string).collect::<Vec<_>>().join("\n\n")
}

impl From<Diagnostic> for ConfigError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Invalid(vec![diagnostic])
    }
}

/// One fault, where it is, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    message: String,
    place: Option<String>,
    excerpt: Option<Excerpt>,
    help: String,
}

/// A line of a file with the part that is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// The line's number, from 1.
    pub(super) line: usize,
    pub(super) text: String,
    /// What stands under the line: blanks, then carets; empty where nothing can be pointed at.
    pub(super) marks: String,
}

impl Diagnostic {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), place: None, excerpt: None, help: help.into() }
    }

    /// A file, a file and a line, or the name of an environment variable.
    pub(super) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    pub(super) fn showing(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.excerpt.as_ref().map_or(1, |excerpt| excerpt.line.to_string().len());
        let margin = " ".repeat(width + 2);
        write!(f, "error: {}", self.message)?;
        if let Some(place) = &self.place {
            write!(f, "\n{}--> {place}", &margin[1..])?;
        }
        if let Some(Excerpt { line, text, marks }) = &self.excerpt {
            write!(f, "\n{margin}|\n {line} | {text}")?;
            if !marks.is_empty() {
                write!(f, "\n{margin}| {marks}")?;
            }
        }
        let mut help = self.help.lines();
        write!(f, "\n{margin}= help: {}", help.next().unwrap_or_default())?;
        for line in help {
            write!(f, "\n{}", format!("{margin}  {line}").trim_end())?;
        }
        Ok(())
    }
}

/// "did you mean" for the candidate that was probably meant, then all of them.
pub(super) fn did_you_mean<'a>(
    what: &str,
    said: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> String {
    let mut candidates: Vec<&str> = candidates.into_iter().collect();
    candidates.sort_unstable();
    let all = format!("the {what} are {}", candidates.join(", "));
    match nearest(said, &candidates) {
        Some(near) => format!("did you mean `{near}`? T{}", &all[1..]),
        None => all,
    }
}

/// The candidate that is a slip of the finger away.
pub(super) fn nearest<'a>(said: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(said, candidate);
    let nearest = candidates.iter().copied().min_by_key(|candidate| distance(candidate))?;
    let slips = (said.chars().count().max(nearest.chars().count()) / 3).clamp(1, 3);
    (distance(nearest) <= slips).then_some(nearest)
}
