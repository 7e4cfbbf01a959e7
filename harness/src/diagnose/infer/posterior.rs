//! What the attempts of a test say of every cause.
//!
//! Bayes' rule in logarithms: `ln w_h = ln prior_h + ln Σ_p P(p) Π P(y | h, p)`, normalised over all causes. Everything is relative to
//! noise, so an attempt changes only the causes that it was exposed to: some fifty of a few hundred, each by eight
//! additions, one for each rate of the grid. Nothing is computed twice, and nothing is computed that nobody asks for.

use super::hypothesis::{
    AGES, ALWAYS, GENERAL, Hypotheses, LOADS, NOISE, POINTS, Place, RATES, RATES_WITHOUT, WRONG_SLOT,
    exposure, failure,
};
use super::observation::Setting;

type Row = [f64; POINTS];

const FULL: usize = 2;

/// What was seen of one question: of a test and one way in which it fails.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    /// Of all attempts, as if each had been exposed.
    all: Row,
    slots: Vec<Row>,
    beside: Vec<Row>,
    here: Vec<Row>,
    anywhere: Vec<Row>,
    /// By exactly how many were in flight.
    flights: Vec<Row>,
    /// By the tenth of the load.
    loads: [Row; 11],
    /// By the last of [`AGES`] that was reached; one before them for none.
    ages: [Row; AGES.len() + 1],
    pub(super) failed: u32,
    pub(super) passed: u32,
    /// Sum of the logarithms of the durations of failed attempts, in seconds.
    log_seconds_failed: f64,
    /// The time of attempts that passed, in seconds.
    seconds_passed: f64,
}

/// What is known of the surroundings from the other tests: how often they were hit in this way, in how much time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Elsewhere {
    pub(super) hits: u32,
    /// In how many other tests.
    pub(super) tests: u32,
    pub(super) seconds: f64,
}

impl Elsewhere {
    /// How much more probable it makes the surroundings, before this test is looked at: that several tests have faults of
    /// their own which look the same is less probable with each of them.
    fn factor(self) -> f64 {
        3_f64.powf(f64::from(self.tests.min(5)))
    }
}

/// Before anything was seen: a third of a hit in an hour of attempts.
const SURROUNDINGS: (f64, f64) = (0.3, 3600.0);

impl Evidence {
    pub(super) fn new(all: &Hypotheses) -> Self {
        let none = [0.0; POINTS];
        Self {
            all: none,
            slots: vec![none; all.slots],
            beside: vec![none; all.tests],
            here: vec![none; all.tests],
            anywhere: vec![none; all.tests],
            flights: vec![none; all.crowds + 2],
            loads: [none; 11],
            ages: [none; AGES.len() + 1],
            failed: 0,
            passed: 0,
            log_seconds_failed: 0.0,
            seconds_passed: 0.0,
        }
    }

    /// Takes an attempt. What the roster does not have is left out.
    pub(super) fn add(&mut self, all: &Hypotheses, setting: &Setting, failed: bool) {
        let seconds = setting.seconds.max(0.001);
        if failed {
            self.failed += 1;
            self.log_seconds_failed += seconds.ln();
        } else {
            self.passed += 1;
            self.seconds_passed += seconds;
        }
        let full = all.term(FULL, failed);
        add(Some(&mut self.all), full);
        add(self.slots.get_mut(setting.slot.index()), full);
        for &(test, share) in &setting.beside {
            if let Some(degree) = exposure(share) {
                add(self.beside.get_mut(test.index()), all.term(degree, failed));
            }
        }
        for (rows, before) in [(&mut self.here, &setting.before_here), (&mut self.anywhere, &setting.before)]
        {
            // Who ran several times before is there once.
            let mut is_there = vec![false; rows.len()];
            for test in before.iter().map(|test| test.index()).filter(|test| *test < all.tests) {
                if !std::mem::replace(&mut is_there[test], true) {
                    add(rows.get_mut(test), full);
                }
            }
        }
        let most = self.flights.len() - 1;
        add(self.flights.get_mut(usize::from(setting.in_flight).min(most)), full);
        add(self.loads.get_mut(tenths(setting.load)), full);
        add(self.ages.get_mut(age(setting)), full);
    }

    /// How probable each cause is, in the order of `all.causes`.
    pub(super) fn posterior(&self, all: &Hypotheses, log_priors: &[f64], elsewhere: Elsewhere) -> Posterior {
        let mut found = Posterior {
            weight: log_priors.to_vec(),
            rate: vec![0.0; all.causes.len()],
            in_set: vec![0.0; all.slots],
        };
        let (failed, passed) = (f64::from(self.failed), f64::from(self.passed));
        found.set(1, failed * (failure(ALWAYS) / NOISE).ln() + passed * ((1.0 - ALWAYS).ln()), ALWAYS);
        found.take(2, &self.all);
        self.surroundings(&mut found, elsewhere);
        self.some_slots(all, &mut found);
        for (slot, row) in self.slots.iter().enumerate() {
            found.take(all.slot(slot), row);
        }
        // As if it had been seen.
        let without = RATES_WITHOUT.map(|part| (part * POINTS as f64).ln());
        for test in 0..all.tests {
            found.take(all.beside(test), &self.beside[test]);
            for (place, rows) in [(Place::Here, &self.here), (Place::Anywhere, &self.anywhere)] {
                found.take(all.after(place, test), &rows[test]);
                let mut row = minus(&self.all, &rows[test]);
                add(Some(&mut row), &without);
                found.take(all.without(place, test), &row);
            }
        }
        // From the top: who is too many at three is too many at four.
        found.take_from_top(all.crowd(0), &self.flights[2..]);
        found.take_from_top(all.busy(0), &at_least_last(&self.loads[usize::from(*LOADS.start())..]));
        found.take_from_top(all.aged(0), &self.ages[1..]);
        found.normalise();
        found
    }

    /// Hits come like those of a Poisson process: λ d for an attempt of d seconds. λ has a gamma distribution, of which a and b are
    /// counted in the other tests, and over which is integrated: `Γ(a+n)/Γ(a) b^a / (b+D)^(a+n) Π d_i` for n failures and
    /// D seconds of attempts that passed.
    fn surroundings(&self, found: &mut Posterior, elsewhere: Elsewhere) {
        let a = SURROUNDINGS.0 + f64::from(elsewhere.hits);
        let b = SURROUNDINGS.1 + elsewhere.seconds;
        let after = b + self.seconds_passed;
        let hits: f64 = (0..self.failed).map(|i| (a + f64::from(i)).ln()).sum();
        let failed = f64::from(self.failed);
        let log = hits - failed * after.ln() + a * (b / after).ln() + self.log_seconds_failed;
        let noise = failed * NOISE.ln() + f64::from(self.passed) * (-NOISE).ln_1p();
        found.set(3, log - noise + elsewhere.factor().ln(), (a + failed) / after);
    }

    /// Each slot is wrong by itself with the probability [`WRONG_SLOT`], so the sum over all sets is a product over slots.
    fn some_slots(&self, all: &Hypotheses, found: &mut Posterior) {
        let q = WRONG_SLOT;
        let mut row = [0.0; POINTS];
        let mut members = vec![[0.0; POINTS]; self.slots.len()];
        for (slot, member) in self.slots.iter().zip(&mut members) {
            for point in 0..POINTS {
                let (wrong, right) = (q.ln() + slot[point], (1.0 - q).ln());
                let top = wrong.max(right);
                let either = top + ((wrong - top).exp() + (right - top).exp()).ln();
                row[point] += either;
                member[point] = (wrong - either).exp();
            }
        }
        let (log, shares) = mixed(&row);
        let rate = shares.iter().zip(RATES).map(|(share, rate)| share * rate).sum();
        found.set(4, log, rate);
        for (slot, member) in members.iter().enumerate() {
            // What is ruled out by itself is so in company.
            if found.weight[all.slot(slot)] == f64::NEG_INFINITY {
                continue;
            }
            found.in_set[slot] = member.iter().zip(shares).map(|(member, share)| member * share).sum();
        }
    }
}

/// How probable each cause is.
#[derive(Debug, Clone)]
pub(super) struct Posterior {
    /// Of each cause; in sum 1.
    pub(super) weight: Vec<f64>,
    /// The mean of each cause's own rate; of the surroundings, in hits a second.
    pub(super) rate: Vec<f64>,
    /// Of each slot, the probability to be one of the wrong ones, if there are some.
    pub(super) in_set: Vec<f64>,
}

impl Posterior {
    fn set(&mut self, cause: usize, log_likelihood: f64, rate: f64) {
        self.weight[cause] += log_likelihood;
        self.rate[cause] = rate;
    }

    fn take(&mut self, cause: usize, row: &Row) {
        if self.weight[cause] == f64::NEG_INFINITY {
            return;
        }
        // Most rows of the first attempts: nothing was exposed.
        if row.iter().all(|term| term.abs() < f64::MIN_POSITIVE) {
            self.rate[cause] = RATES.iter().sum::<f64>() / POINTS as f64;
            return;
        }
        let (log, shares) = mixed(row);
        let mut rate = 0.0;
        for point in 0..POINTS {
            rate += shares[point] * RATES[point];
        }
        self.set(cause, log, rate);
    }

    /// Causes from `first` on, each of which has its own row and those of all after it.
    fn take_from_top(&mut self, first: usize, rows: &[Row]) {
        let mut sum = [0.0; POINTS];
        for (place, row) in rows.iter().enumerate().rev() {
            add(Some(&mut sum), row);
            self.take(first + place, &sum);
        }
    }

    fn normalise(&mut self) {
        let top = self.weight.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        for weight in &mut self.weight {
            // Beyond that it is nothing, and an exponential costs.
            *weight = if *weight < top - 45.0 { 0.0 } else { (*weight - top).exp() };
            sum += *weight;
        }
        for weight in &mut self.weight {
            *weight /= sum;
        }
    }
}

fn add(to: Option<&mut Row>, what: &Row) {
    let Some(to) = to else { return };
    for point in 0..POINTS {
        to[point] += what[point];
    }
}

fn minus(of: &Row, what: &Row) -> Row {
    let mut left = *of;
    for point in 0..POINTS {
        left[point] -= what[point];
    }
    left
}

/// The last two together: there is nothing above nine tenths to tell them apart by.
fn at_least_last(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    if let Some(last) = rows.pop() {
        add(rows.last_mut(), &last);
    }
    rows
}

/// `ln Σ_p P(p) exp(row_p)`, and what part of it each rate has.
fn mixed(row: &Row) -> (f64, Row) {
    let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut shares = [0.0; POINTS];
    let mut sum = 0.0;
    for point in 0..POINTS {
        let share = (row[point] - top).exp();
        shares[point] = share;
        sum += share;
    }
    for share in &mut shares {
        *share /= sum;
    }
    (top + (sum / POINTS as f64).ln(), shares)
}

/// The tenth in which a load lies.
pub(super) fn tenths(load: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 10")]
    let tenths = (load.clamp(0.0, 1.0) * 10.0 + 1e-9) as usize;
    tenths
}

/// How many of [`AGES`] a setting has reached.
pub(super) fn age(setting: &Setting) -> usize {
    AGES.iter().filter(|&&age| setting.before_here.len() >= usize::from(age)).count()
}

/// Calls `visit` with each cause that an attempt in this setting would be exposed to, and the probability with which it strikes.
pub(super) fn exposed(
    all: &Hypotheses,
    found: &Posterior,
    setting: &Setting,
    mut visit: impl FnMut(usize, f64),
) {
    let mut full = |cause: usize| visit(cause, found.rate[cause]);
    full(1);
    full(2);
    if setting.slot.index() < all.slots {
        full(all.slot(setting.slot.index()));
    }
    let mut is_before = vec![[false; 2]; all.tests];
    for (place, tests) in [(Place::Here, &setting.before_here), (Place::Anywhere, &setting.before)] {
        for test in tests.iter().filter(|test| test.index() < all.tests) {
            full(all.after(place, test.index()));
            is_before[test.index()][place as usize] = true;
        }
    }
    for (test, is_before) in is_before.iter().enumerate() {
        for place in [Place::Here, Place::Anywhere] {
            if !is_before[place as usize] {
                full(all.without(place, test));
            }
        }
    }
    for place in 0..all.crowds.min(usize::from(setting.in_flight).saturating_sub(1)) {
        full(all.crowd(place));
    }
    let loads = (tenths(setting.load) + 1).saturating_sub(usize::from(*LOADS.start()));
    for place in 0..loads.min(LOADS.count()) {
        full(all.busy(place));
    }
    for place in 0..age(setting) {
        full(all.aged(place));
    }
    visit(3, (found.rate[3] * setting.seconds).min(1.0));
    let member = found.in_set.get(setting.slot.index()).copied().unwrap_or(WRONG_SLOT);
    visit(GENERAL.len() - 1, found.rate[GENERAL.len() - 1] * member);
    for &(test, share) in setting.beside.iter().filter(|(test, _)| test.index() < all.tests) {
        if let Some(degree) = exposure(share) {
            let cause = all.beside(test.index());
            visit(cause, found.rate[cause] * super::hypothesis::EXPOSURES[degree]);
        }
    }
}
