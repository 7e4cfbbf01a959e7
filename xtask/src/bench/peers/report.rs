//! The tables: each case with all its contenders, and the goals; on the terminal and as Markdown for the README.

use std::fmt::Write as _;

use super::super::machine::Machine;
use super::super::table::{columns, markdown as table};
use super::contender::Contender;
use super::goals;
use super::ledger::{Ledger, Outcome};

const HEAD: [&str; 7] = ["", "", "median", "min–max", "n", "passed", "to callboard's"];
const GOALS: [&str; 5] = ["", "callboard to its peers", "goal", "", "median"];

/// For a terminal.
pub(super) fn text(machine: &Machine, state: &[(String, String)], ledger: &Ledger) -> String {
    let mut text = String::from("\n");
    for (name, value) in facts(machine, state) {
        let _ = writeln!(text, "{name}: {value}");
    }
    let _ = write!(text, "\n{}\n{}", columns(&lines(ledger)), columns(&goals(ledger)));
    text
}

/// For the README.
pub(super) fn markdown(machine: &Machine, state: &[(String, String)], ledger: &Ledger) -> String {
    let mut text = format!("{}\n{}\n", table(&goals(ledger)), table(&lines(ledger)));
    for (name, value) in facts(machine, state) {
        let _ = writeln!(text, "* {name}: {value}");
    }
    text
}

fn facts<'a>(machine: &'a Machine, state: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    // The library that other works compare with.
    let facts = machine.facts().filter(|(name, _)| *name != "Playwright");
    facts.chain(state.iter().map(|(name, value)| (name.as_str(), value.as_str()))).collect()
}

fn goals(ledger: &Ledger) -> Vec<[String; 5]> {
    std::iter::once(GOALS.map(str::to_owned))
        .chain(goals::all(ledger).iter().map(goals::Goal::cells))
        .collect()
}

/// A line for each contender of each case, in the order of the works.
fn lines(ledger: &Ledger) -> Vec<[String; 7]> {
    let mut seen: Vec<(char, &str, Contender)> = Vec::new();
    for entry in &ledger.entries {
        let key = (entry.work, &*entry.case, entry.contender);
        if !seen.contains(&key) {
            seen.push(key);
        }
    }
    seen.sort_by_key(|(work, ..)| *work);
    let mut lines = vec![HEAD.map(str::to_owned)];
    let mut last = "";
    for (work, case, contender) in seen {
        let what = if case == last { "…".to_owned() } else { format!("({work}) {case}") };
        last = case;
        lines.push(line(ledger, what, (work, case, contender)));
    }
    lines
}

fn line(ledger: &Ledger, what: String, (work, case, contender): (char, &str, Contender)) -> [String; 7] {
    let entries = || {
        let same = move |entry: &&super::ledger::Entry| {
            (entry.work, &*entry.case, entry.contender) == (work, case, contender)
        };
        ledger.entries.iter().filter(same)
    };
    let figures = goals::sample(ledger, work, case, contender);
    let (Some(unit), Some(median)) = (entries().next().map(|entry| entry.unit), figures.median()) else {
        let why = entries().find_map(|entry| match &entry.outcome {
            Outcome::Missing(why) => Some(format!("missing: {why}")),
            Outcome::Failed(why) => Some(format!("failed: {why}")),
            Outcome::Figure { .. } => None,
        });
        let why = why.unwrap_or_default().lines().next().unwrap_or_default().to_owned();
        return [
            what,
            contender.to_string(),
            "–".to_owned(),
            why,
            "0".to_owned(),
            String::new(),
            String::new(),
        ];
    };
    let shown = |figure: Option<f64>| figure.map_or_else(String::new, |figure| unit.show(figure));
    let mut passed: Vec<String> = entries()
        .filter_map(|entry| match entry.outcome {
            Outcome::Figure { passed: Some((passed, all)), .. } => Some(format!("{passed} of {all}")),
            _ => None,
        })
        .collect();
    passed.sort_unstable();
    passed.dedup();
    let failed = entries().filter(|entry| matches!(entry.outcome, Outcome::Failed(_))).count();
    if failed > 0 {
        passed.push(format!("{failed} rounds failed"));
    }
    let ours = goals::sample(ledger, work, case, Contender::Callboard).median();
    let factor = match (contender, ours) {
        (Contender::Callboard, _) | (_, None) => String::new(),
        (_, Some(ours)) => format!("{:.2} ×", median / ours),
    };
    let spread = format!("{}–{}", shown(figures.min()), shown(figures.max()));
    let n = figures.len().to_string();
    [what, contender.to_string(), unit.show(median), spread, n, passed.join(", "), factor]
}

#[cfg(test)]
mod tests {
    use super::super::super::table::Unit;
    use super::super::ledger::Entry;
    use super::*;

    fn ledger(outcomes: &[(Contender, Outcome)]) -> Ledger {
        let dir = tempfile::tempdir().unwrap();
        let mut ledger = Ledger::open(&dir.path().join("results.jsonl"), &[], false).unwrap();
        for (contender, outcome) in outcomes {
            let (case, contender, outcome) = ("20 tests, 2 workers".to_owned(), *contender, outcome.clone());
            let round = ledger.entries.len();
            ledger.add(Entry { work: 'c', case, contender, round, unit: Unit::Seconds, outcome }).unwrap();
        }
        ledger
    }

    fn figure(value: f64, passed: u32) -> Outcome {
        Outcome::Figure { value, passed: Some((passed, 20)) }
    }

    #[test]
    fn contenders_stand_together_with_what_passed_and_by_what_factor_they_are_slower() {
        let ledger = ledger(&[
            (Contender::Callboard, figure(4.0, 20)),
            (Contender::Playwright, figure(9.0, 19)),
            (Contender::Callboard, figure(6.0, 20)),
            (Contender::Playwright, figure(11.0, 20)),
            (Contender::Pytest, Outcome::Missing("no python".to_owned())),
            (Contender::Nextest, Outcome::Failed("ended with 1\nat length".to_owned())),
        ]);
        let lines = lines(&ledger);
        assert_eq!(
            lines[1..].iter().map(|line| line.join("|")).collect::<Vec<_>>(),
            [
                "(c) 20 tests, 2 workers|callboard|5.00 s|4.00 s–6.00 s|2|20 of 20|",
                "…|Playwright Test|10.00 s|9.00 s–11.00 s|2|19 of 20, 20 of 20|2.00 ×",
                "…|pytest-playwright, xdist|–|missing: no python|0||",
                "…|nextest|–|failed: ended with 1|0||",
            ]
        );
    }

    #[test]
    fn goals_are_reached_missed_or_not_measured() {
        let reached =
            ledger(&[(Contender::Callboard, figure(5.0, 20)), (Contender::Playwright, figure(10.0, 20))]);
        let cells =
            |ledger: &Ledger| goals(ledger)[1..].iter().map(|cells| cells[2..].join("|")).collect::<Vec<_>>();
        assert_eq!(cells(&reached), ["≤ 0.60|✓|0.50", "≤ 0|✓|0"]);
        let missed =
            ledger(&[(Contender::Callboard, figure(7.0, 19)), (Contender::Playwright, figure(10.0, 20))]);
        assert_eq!(cells(&missed), ["≤ 0.60|✗|0.70", "≤ 0|✗|1"]);
        let alone = ledger(&[(Contender::Callboard, figure(7.0, 20))]);
        assert_eq!(cells(&alone), ["≤ 0.60|–|not measured", "≤ 0|✓|0"]);
    }
}
