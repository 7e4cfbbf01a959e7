//! One thing that is measured of several contenders in turn.

use std::path::{Path, PathBuf};

use super::super::error::Error;
use super::super::table::Unit;
use super::contender::Contender;
use super::ledger::Outcome;

/// How a contender is measured once. It is told where to write what programs print.
pub(super) type Measure<'a> = Box<dyn Fn(&Path) -> Result<Figure, Error> + 'a>;

/// What a measurement came to.
pub(super) struct Figure {
    pub(super) value: f64,
    /// Of how many tests how many passed.
    pub(super) passed: Option<(u32, u32)>,
}

/// One of the works, `'a'` to `'h'`.
pub(super) struct Work<'a> {
    pub(super) letter: char,
    pub(super) cases: Vec<Case<'a>>,
}

/// One thing, and how it is measured of each contender, in this order.
pub(super) struct Case<'a> {
    pub(super) name: String,
    pub(super) unit: Unit,
    pub(super) contenders: Vec<(Contender, Result<Measure<'a>, String>)>,
}

impl<'a> Case<'a> {
    pub(super) fn new(name: impl Into<String>, unit: Unit) -> Self {
        Self { name: name.into(), unit, contenders: Vec::new() }
    }

    /// A contender that is there, or why it is not.
    pub(super) fn add<T>(
        &mut self,
        contender: Contender,
        installed: &'a Result<T, String>,
        measure: impl Fn(&'a T, &Path) -> Result<Figure, Error> + 'a,
    ) {
        let measure = installed
            .as_ref()
            .map_err(String::clone)
            .map(|peer| -> Measure<'a> { Box::new(move |log| measure(peer, log)) });
        self.contenders.push((contender, measure));
    }

    /// A contender that is an executable, or why it could not be built.
    pub(super) fn beside(
        &mut self,
        contender: Contender,
        built: Result<PathBuf, String>,
        measure: impl Fn(&Path, &Path) -> Result<Figure, Error> + 'a,
    ) {
        let measure =
            built.map(|executable| -> Measure<'a> { Box::new(move |log| measure(&executable, log)) });
        self.contenders.push((contender, measure));
    }

    /// callboard itself.
    pub(super) fn ours(&mut self, measure: impl Fn(&Path) -> Result<Figure, Error> + 'a) {
        self.contenders.push((Contender::Callboard, Ok(Box::new(measure))));
    }
}

impl From<Result<Figure, Error>> for Outcome {
    fn from(result: Result<Figure, Error>) -> Self {
        match result {
            Ok(Figure { value, passed }) => Self::Figure { value, passed },
            Err(error) => Self::Failed(error.to_string()),
        }
    }
}
