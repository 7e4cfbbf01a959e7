//! Figures of one thing that was measured several times.

use super::error::Error;

/// The figures, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Sample(Vec<f64>);

impl Sample {
    pub(super) fn add(&mut self, figure: f64) {
        self.0.push(figure);
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one in the middle, or between the two in the middle. `None` if there are no figures.
    pub(super) fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        if sorted.len() % 2 == 1 {
            return Some(upper);
        }
        Some(f64::midpoint(sorted[sorted.len() / 2 - 1], upper))
    }

    pub(super) fn min(&self) -> Option<f64> {
        self.0.iter().copied().min_by(f64::total_cmp)
    }

    pub(super) fn max(&self) -> Option<f64> {
        self.0.iter().copied().max_by(f64::total_cmp)
    }
}

impl FromIterator<f64> for Sample {
    fn from_iter<I: IntoIterator<Item = f64>>(figures: I) -> Self {
        Self(figures.into_iter().collect())
    }
}

/// One thing measured in rounds, so that it can be compared with another that was measured in between.
#[derive(Debug, Clone, Default)]
pub(super) struct Rounds(Vec<Sample>);

impl Rounds {
    pub(super) fn add(&mut self, round: Sample) {
        self.0.push(round);
    }

    /// All figures of all rounds.
    pub(super) fn all(&self) -> Sample {
        let mut all = Sample::default();
        self.0.iter().for_each(|round| all.extend(round));
        all
    }

    /// Of each round, by what factor its median is that of the other thing's same round.
    pub(super) fn ratios(&self, other: &Self) -> Sample {
        let pairs = self.0.iter().zip(&other.0);
        pairs.filter_map(|(ours, theirs)| Some(ours.median()? / theirs.median()?)).collect()
    }
}

/// Something that is measured one round at a time.
pub(super) type Measure<'a> = Box<dyn FnMut() -> Result<Sample, Error> + 'a>;

/// Measures several things in turn, A B A B, so that a change of the machine's load meets all of them.
pub(super) fn alternate<const N: usize>(
    rounds: usize,
    mut things: [Measure<'_>; N],
) -> Result<[Rounds; N], Error> {
    let mut figures = std::array::from_fn(|_| Rounds::default());
    for _ in 0..rounds {
        for (thing, figures) in things.iter_mut().zip(&mut figures) {
            figures.add(thing()?);
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(figures: &[f64]) -> Sample {
        figures.iter().copied().collect()
    }

    #[test]
    fn the_median_is_in_the_middle_whatever_the_order() {
        assert_eq!(sample(&[3.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(sample(&[4.0, 1.0, 3.0, 2.0]).median(), Some(2.5));
        assert_eq!(sample(&[]).median(), None);
    }

    #[test]
    fn the_spread_is_from_the_least_to_the_most() {
        let sample = sample(&[3.0, 1.0, 2.0]);
        assert_eq!((sample.min(), sample.max()), (Some(1.0), Some(3.0)));
    }

    #[test]
    fn things_are_measured_in_turn_and_compared_round_by_round() {
        let order = std::cell::RefCell::new(String::new());
        let thing = |name, figure| -> Measure<'_> {
            let order = &order;
            Box::new(move || {
                order.borrow_mut().push(name);
                Ok(sample(&[figure, figure]))
            })
        };
        let [ours, theirs] = alternate(2, [thing('A', 1.0), thing('B', 4.0)]).unwrap();
        assert_eq!(*order.borrow(), "ABAB");
        assert_eq!(ours.ratios(&theirs), sample(&[0.25, 0.25]));
        assert_eq!(theirs.all().len(), 4);
    }
}
