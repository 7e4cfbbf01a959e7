//! What was promised of each work, and whether it is so: by medians of the same bench.

use super::super::sample::Sample;
use super::super::table::Unit;
use super::contender::Contender::{self, Callboard, Nextest, Playwright, Thirtyfour};
use super::ledger::{Entry, Ledger, Outcome};

/// A promise.
pub(super) struct Goal {
    pub(super) work: char,
    pub(super) what: &'static str,
    unit: Unit,
    at_most: f64,
    /// `None` where something is missing.
    figure: Option<f64>,
}

impl Goal {
    /// Work, what, goal, whether it is reached, figure.
    pub(super) fn cells(&self) -> [String; 5] {
        let show = |figure: f64| match self.unit {
            Unit::Times if figure < 0.095 => format!("{figure:.3}"),
            unit => unit.show(figure),
        };
        let reached = match self.figure {
            Some(figure) if figure <= self.at_most => "✓",
            Some(_) => "✗",
            None => "–",
        };
        let figure = self.figure.map_or_else(|| "not measured".to_owned(), show);
        let goal = format!("≤ {}", show(self.at_most));
        [format!("({})", self.work), self.what.to_owned(), goal, reached.to_owned(), figure]
    }
}

/// All of which something was measured.
pub(super) fn all(ledger: &Ledger) -> Vec<Goal> {
    let of = |work| Of { ledger, work };
    let ratio = |work, what, at_most, figure| Goal { work, what, unit: Unit::Times, at_most, figure };
    let first_line = |what, case, at_most| {
        let figure = of('d').median(case, Callboard);
        Goal { work: 'd', what, unit: Unit::Milliseconds, at_most, figure }
    };
    let goals = vec![
        ratio('a', "1,000 empty tests, to nextest's, the worse of both", 0.1, of('a').worst(Nextest)),
        ratio('a', "… to Playwright Test's", 1.0 / 30.0, of('a').worst(Playwright)),
        ratio(
            'b',
            "100 tests of a tiny page, to Playwright Test's, each at its best",
            0.6,
            of('b').best(Playwright),
        ),
        ratio(
            'c',
            "20 tests of a web application, to Playwright Test's, each at its best",
            0.6,
            of('c').best(Playwright),
        ),
        Goal {
            work: 'c',
            what: "… tests that did not pass, in any round, at any number of workers",
            unit: Unit::Events,
            at_most: 0.0,
            figure: of('c').not_passed(),
        },
        first_line("the first line of one test, no browser", "start of one test, no browser", 400.0),
        first_line("the first line of one test with a browser", "start of one test with a browser", 1200.0),
        ratio('e', "memory at 4 workers, to Playwright Test's", 0.8, of('e').worst(Playwright)),
        ratio('f', "an expectation, to Playwright Test's", 1.0, of('f').worst(Playwright)),
        ratio(
            'g',
            "cold build, to thirtyfour's and tokio's",
            1.5,
            of('g').ratio("build of two tests, cold", Thirtyfour),
        ),
        ratio('g', "… after a change", 1.3, of('g').ratio("build of two tests, one changed", Thirtyfour)),
        ratio('h', "what one more test costs, 10,000 to 1,000", 1.2, of('h').growth()),
        ratio('h', "what a test costs, 16 slots to 1", 1.2, of('h').spread()),
    ];
    goals.into_iter().filter(|goal| ledger.entries.iter().any(|entry| entry.work == goal.work)).collect()
}

/// The figures of a contender in a case.
pub(super) fn sample(ledger: &Ledger, work: char, case: &str, contender: Contender) -> Sample {
    let same = |entry: &&Entry| (entry.work, &*entry.case, entry.contender) == (work, case, contender);
    ledger
        .entries
        .iter()
        .filter(same)
        .filter_map(|entry| match entry.outcome {
            Outcome::Figure { value, .. } => Some(value),
            _ => None,
        })
        .collect()
}

/// What was measured of one work.
struct Of<'l> {
    ledger: &'l Ledger,
    work: char,
}

impl Of<'_> {
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.ledger.entries.iter().filter(|entry| entry.work == self.work)
    }

    fn cases(&self) -> Vec<&str> {
        let mut cases: Vec<&str> = self.entries().map(|entry| &*entry.case).collect();
        cases.sort_unstable();
        cases.dedup();
        cases
    }

    fn median(&self, case: &str, contender: Contender) -> Option<f64> {
        sample(self.ledger, self.work, case, contender).median()
    }

    /// Ours to theirs in a case.
    fn ratio(&self, case: &str, peer: Contender) -> Option<f64> {
        Some(self.median(case, Callboard)? / self.median(case, peer)?)
    }

    /// Ours to theirs in the case in which that is worst for us.
    fn worst(&self, peer: Contender) -> Option<f64> {
        let ratios: Option<Vec<f64>> = self.cases().into_iter().map(|case| self.ratio(case, peer)).collect();
        ratios?.into_iter().max_by(f64::total_cmp)
    }

    /// Ours to theirs, each in the case that is best for it.
    fn best(&self, peer: Contender) -> Option<f64> {
        let best = |contender| {
            let medians = self.cases().into_iter().filter_map(|case| self.median(case, contender));
            medians.min_by(f64::total_cmp)
        };
        Some(best(Callboard)? / best(peer)?)
    }

    fn not_passed(&self) -> Option<f64> {
        let counts =
            self.entries().filter(|entry| entry.contender == Callboard).map(|entry| match entry.outcome {
                Outcome::Figure { passed: Some((passed, all)), .. } => Some(f64::from(all - passed)),
                _ => None,
            });
        // None at all is not measured, which is not the same as that nothing failed.
        let counts: Vec<f64> = counts.collect::<Option<_>>()?;
        (!counts.is_empty()).then(|| counts.into_iter().sum())
    }

    /// What one more test costs beyond a thousand, to what one costs beyond a hundred.
    fn growth(&self) -> Option<f64> {
        let time = |tests: u32| self.median(&format!("{tests} empty tests, 4 workers"), Callboard);
        let (hundred, thousand, most) = (time(100)?, time(1_000)?, time(10_000)?);
        Some((most - thousand) / 9_000.0 / ((thousand - hundred) / 900.0))
    }

    fn spread(&self) -> Option<f64> {
        Some(
            self.median("1000 empty tests, 16 slots", Callboard)?
                / self.median("1000 empty tests, 1 slot", Callboard)?,
        )
    }
}
