//! Whether what an analysis says is right: pure.

use serde_json::Value;

use super::planted::Fault;
use super::world::Said;

/// What was said of a world.
#[derive(Debug, Clone, Default)]
pub(super) struct Judged {
    pub(super) failures: Vec<Failure>,
    pub(super) suite_equivalents: f64,
    pub(super) took_s: f64,
}

/// What was said of one test that failed in one way.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) test: String,
    /// The classes that would be right.
    pub(super) expected: Vec<String>,
    /// The most probable one, said or not.
    pub(super) class: String,
    /// With which probability.
    pub(super) weight: f64,
    pub(super) label: String,
    /// Nothing where nobody is to blame, or nobody was named.
    pub(super) is_culprit_right: Option<bool>,
    pub(super) culprit: String,
    /// In all attempts.
    pub(super) failed: u64,
}

impl Failure {
    pub(super) fn is_claimed(&self) -> bool {
        self.label == "confirmed" || self.label == "likely"
    }

    pub(super) fn is_right(&self) -> bool {
        self.expected.contains(&self.class)
    }
}

pub(super) fn judge(said: &Said, truth: &[Fault]) -> Judged {
    let failures = said.document["failures"].as_array().map(Vec::as_slice).unwrap_or_default();
    Judged {
        failures: failures.iter().map(|failure| judged(failure, truth)).collect(),
        suite_equivalents: said.document["suite_equivalents"].as_f64().unwrap_or_default(),
        took_s: said.took_s,
    }
}

fn judged(failure: &Value, truth: &[Fault]) -> Failure {
    const NAMED: f64 = 0.5;
    let said = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let test = said(&failure["test"]);
    let class = said(&failure["classes"][0][0]);
    let faults = who_may_hit(&test, truth);
    let first = &failure["culprits"][0];
    let named = first["weight"].as_f64().is_some_and(|weight| weight >= NAMED);
    let is_culprit_right = named.then(|| match (first["test"].as_str(), first["slot"].as_u64()) {
        (Some(other), _) => faults.iter().any(|fault| fault.blames_test(other)),
        (None, Some(slot)) => faults.iter().any(|fault| fault.blames_slot(slot)),
        (None, None) => false,
    });
    let culprit = first["test"].as_str().map_or_else(
        || first["slot"].as_u64().map(|slot| format!("slot {slot}")).unwrap_or_default(),
        str::to_owned,
    );
    let arms = failure["arms"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut expected: Vec<String> = faults.iter().map(|fault| fault.class.clone()).collect();
    expected.sort_unstable();
    expected.dedup();
    Failure {
        expected,
        weight: failure["classes"][0][1].as_f64().unwrap_or_default(),
        label: said(&failure["label"]),
        is_culprit_right,
        culprit: if named { culprit } else { String::new() },
        failed: arms.iter().filter_map(|arm| arm[1]["failed"].as_u64()).sum(),
        class,
        test,
    }
}

/// The faults that make this test fail; any of them where it is none of those that are named, which others can be hit as.
pub(super) fn who_may_hit<'a>(test: &str, truth: &'a [Fault]) -> Vec<&'a Fault> {
    let named: Vec<&Fault> = truth.iter().filter(|fault| fault.hits(test)).collect();
    if named.is_empty() { truth.iter().collect() } else { named }
}

/// How far probabilities are from how often what has them is right, on average over fifths; of nothing, nothing.
pub(super) fn calibration_error(said: &[(f64, bool)]) -> Option<f64> {
    const PARTS: usize = 5;
    let of = |part: usize| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 5")]
        let place = move |weight: f64| ((weight * PARTS as f64) as usize).min(PARTS - 1);
        let all: Vec<&(f64, bool)> = said.iter().filter(|(weight, _)| place(*weight) == part).collect();
        let weights: f64 = all.iter().map(|(weight, _)| weight).sum();
        let right = all.iter().filter(|(_, right)| *right).count() as f64;
        (weights - right).abs()
    };
    (!said.is_empty()).then(|| (0..PARTS).map(of).sum::<f64>() / said.len() as f64)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn truth() -> Vec<Fault> {
        #[derive(serde::Deserialize)]
        struct File {
            fault: Vec<Fault>,
        }
        let text = r#"
            [[fault]]
            name = "race"
            class = "overlap"
            tests = ["registers"]
            beside = ["makes_an_account"]
            [[fault]]
            name = "account"
            class = "slot"
            tests = ["sees_programs"]
            slots = [1]"#;
        toml::from_str::<File>(text).unwrap().fault
    }

    fn said(failure: &Value) -> Failure {
        let document = json!({ "failures": [failure], "suite_equivalents": 7.5 });
        judge(&Said { took_s: 1.0, document }, &truth()).failures.remove(0)
    }

    #[test]
    fn class_and_culprit_are_judged_by_the_fault_that_hits_the_test() {
        let failure = said(
            &json!({ "test": "mail::registers", "label": "confirmed", "classes": [["overlap", 0.995]],
            "culprits": [{ "test": "admin::makes_an_account", "weight": 0.9 }], "arms": [["parallel", { "failed": 3 }], ["beside", { "failed": 2 }]] }),
        );
        assert!(failure.is_claimed() && failure.is_right());
        assert_eq!((failure.is_culprit_right, failure.failed), (Some(true), 5));
        let failure = said(&json!({ "test": "sees_programs", "label": "likely", "classes": [["slot", 0.9]],
            "culprits": [{ "slot": 2, "weight": 0.9 }] }));
        assert_eq!((failure.is_right(), failure.is_culprit_right), (true, Some(false)));
        let failure =
            said(&json!({ "test": "sees_programs", "label": "undetermined", "classes": [["overlap", 0.6]],
            "culprits": [{ "test": "x", "weight": 0.3 }] }));
        assert!(!failure.is_claimed() && !failure.is_right());
        assert_eq!(failure.is_culprit_right, None);
    }

    #[test]
    fn who_is_hit_besides_may_be_so_by_any_of_them() {
        let failure = said(
            &json!({ "test": "someone", "label": "likely", "classes": [["slot", 0.9]], "culprits": [] }),
        );
        assert!(failure.is_right());
        let healthy = judge(
            &Said {
                took_s: 1.0,
                document: json!({ "failures": [{ "test": "a", "classes": [["load", 0.9]] }] }),
            },
            &[],
        );
        assert!(!healthy.failures[0].is_right());
    }

    #[test]
    fn probabilities_are_compared_with_how_often_they_are_right() {
        let exact = [
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, true),
            (0.9, false),
        ];
        assert!(calibration_error(&exact).unwrap() < 1e-9);
        assert!((calibration_error(&[(1.0, false), (1.0, true)]).unwrap() - 0.5).abs() < 1e-9);
        assert_eq!(calibration_error(&[]), None);
    }
}
