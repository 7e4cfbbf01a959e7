//! The table, and what it comes to.

use std::fmt::Write;

use super::Made;
use super::baseline::TIMES;
use super::judge::{Failure, calibration_error};

/// Everything, as Markdown.
pub(super) fn report(made: &[Made]) -> String {
    let mut text = String::from("# How right the diagnosis is\n\n");
    table(made, &mut text);
    figures(made, &mut text);
    beside(made, &mut text);
    text
}

fn table(made: &[Made], text: &mut String) {
    let _ = writeln!(
        text,
        "| fault | held out | seed | test | failed | class expected | class claimed | label | right | culprit | culprit right | cost (SE) | time |"
    );
    let _ = writeln!(text, "|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for one in made {
        let cost = format!("{:.1} | {:.0} min", one.analysis.suite_equivalents, one.analysis.took_s / 60.0);
        let world = format!("{} | {} | {}", one.world.name(), yes(one.held_out), one.world.seed);
        if one.analysis.failures.is_empty() {
            let _ = writeln!(text, "| {world} | nothing failed | | | | | | | | {cost} |");
        }
        for failure in &one.analysis.failures {
            let expected = if one.world.faults.is_empty() {
                "nothing".to_owned()
            } else {
                failure.expected.join(" or ")
            };
            let claimed = if failure.is_claimed() {
                failure.class.clone()
            } else {
                format!("({} {:.0} %)", failure.class, 100.0 * failure.weight)
            };
            let right = if failure.is_claimed() { yes(failure.is_right()) } else { "" };
            let culprit = failure.is_culprit_right.map_or("", yes);
            let _ = writeln!(
                text,
                "| {world} | {} | {} | {expected} | {claimed} | {} | {right} | {} | {culprit} | {cost} |",
                failure.test, failure.failed, failure.label, failure.culprit
            );
        }
    }
    let _ = writeln!(text);
}

fn figures(made: &[Made], text: &mut String) {
    let planted: Vec<&Failure> = made
        .iter()
        .filter(|one| !one.world.faults.is_empty())
        .flat_map(|one| &one.analysis.failures)
        .collect();
    let claims: Vec<&&Failure> = planted.iter().filter(|one| one.is_claimed()).collect();
    let right = claims.iter().filter(|one| one.is_right()).count();
    let twice: Vec<&&Failure> = planted.iter().filter(|one| one.failed >= 2).collect();
    let confirmed: Vec<&&&Failure> = claims.iter().filter(|one| one.label == "confirmed").collect();
    let blamed: Vec<bool> = claims.iter().filter_map(|one| one.is_culprit_right).collect();
    let said: Vec<(f64, bool)> = planted.iter().map(|one| (one.weight, one.is_right())).collect();
    let healthy: Vec<&Made> = made.iter().filter(|one| one.world.faults.is_empty()).collect();
    let wrong_healthy =
        healthy.iter().flat_map(|one| &one.analysis.failures).filter(|one| one.is_claimed()).count();
    let count = |all: usize, of: usize| format!("{of} of {all}");
    let _ = writeln!(text, "| figure | | goal |\n|---|---|---|");
    let _ = writeln!(text, "| claims that are right | {} | 95 % |", count(claims.len(), right));
    let claimed = twice.iter().filter(|one| one.is_claimed()).count();
    let _ = writeln!(
        text,
        "| failures seen twice or more that have a claim | {} | 90 % |",
        count(twice.len(), claimed)
    );
    let wrong = confirmed.iter().filter(|one| !one.is_right()).count();
    let _ = writeln!(text, "| confirmed and wrong | {} | 1 % |", count(confirmed.len(), wrong));
    let culprits = blamed.iter().filter(|right| **right).count();
    let _ =
        writeln!(text, "| culprits that are named and right | {} | 95 % |", count(blamed.len(), culprits));
    let calibration =
        calibration_error(&said).map_or_else(|| "nothing to tell".to_owned(), |error| format!("{error:.3}"));
    let _ = writeln!(text, "| calibration error | {calibration} | .05 |");
    let _ = writeln!(text, "| claims in {} healthy worlds | {wrong_healthy} | 0 |\n", healthy.len());
}

/// What rerunning says of the same worlds.
fn beside(made: &[Made], text: &mut String) {
    let compared: Vec<&Made> =
        made.iter().filter(|one| one.baseline.is_some() && !one.world.faults.is_empty()).collect();
    if compared.is_empty() {
        return;
    }
    let mean = |sum: f64| sum / compared.len() as f64;
    let _ = writeln!(
        text,
        "| of {} worlds | right of failing tests | cost (SE, mean) | time (mean) |\n|---|---|---|---|",
        compared.len()
    );
    let own: Vec<&Failure> = compared.iter().flat_map(|one| &one.analysis.failures).collect();
    let right = own.iter().filter(|one| one.is_claimed() && one.is_right()).count();
    let cost = mean(compared.iter().map(|one| one.analysis.suite_equivalents).sum());
    let took = mean(compared.iter().map(|one| one.analysis.took_s).sum());
    let _ =
        writeln!(text, "| the diagnosis | {right} of {} | {cost:.1} | {:.0} min |", own.len(), took / 60.0);
    for (place, times) in TIMES.iter().enumerate() {
        let all = compared.iter().filter_map(|one| one.baseline.as_ref());
        let (mut right, mut failing, mut cost, mut took) = (0, 0, 0.0, 0.0);
        for baseline in all {
            let of = baseline.of[place];
            right += of.right;
            failing += of.failing;
            cost += of.suite_equivalents;
            // Only the whole was measured.
            took += baseline.took_s * *times as f64 / TIMES[2] as f64;
        }
        let _ = writeln!(
            text,
            "| rerun {times} times in parallel and alone | {right} of {failing} | {:.1} | {:.0} min |",
            mean(cost),
            mean(took) / 60.0
        );
    }
}

fn yes(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}
