//! The table: rows of figures beside their goals, on the terminal and as Markdown.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::machine::Machine;
use super::sample::Sample;

/// What figures count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Unit {
    Microseconds,
    Milliseconds,
    Seconds,
    Megabytes,
    /// By what factor one thing is another.
    Times,
    Events,
}

/// One line: a thing that was measured, or the reason why it was not.
#[derive(Debug, Clone)]
pub(super) struct Row {
    what: String,
    figures: Result<(Unit, Sample), String>,
    /// At most this.
    goal: Option<f64>,
    note: String,
}

impl Row {
    pub(super) fn new(what: impl Into<String>, unit: Unit, sample: Sample) -> Self {
        Self { what: what.into(), figures: Ok((unit, sample)), goal: None, note: String::new() }
    }

    /// A thing that cannot be measured here.
    pub(super) fn missing(what: impl Into<String>, why: &str) -> Self {
        Self { what: what.into(), figures: Err(format!("missing: {why}")), goal: None, note: String::new() }
    }

    /// A thing whose measuring failed.
    pub(super) fn failed(what: impl Into<String>, why: &str) -> Self {
        let first = why.lines().next().unwrap_or_default();
        Self { what: what.into(), figures: Err(format!("failed: {first}")), goal: None, note: String::new() }
    }

    #[must_use]
    pub(super) fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    #[must_use]
    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// What, goal, whether it is reached, median, spread, n, note.
    fn cells(&self) -> [String; 7] {
        let (unit, sample) = match &self.figures {
            Ok((unit, sample)) => (*unit, sample),
            Err(why) => {
                let none = String::new;
                return [self.what.clone(), none(), "–".to_owned(), none(), none(), none(), why.clone()];
            }
        };
        let shown = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), |figure| unit.show(figure));
        let goal = self.goal.map_or_else(String::new, |goal| format!("≤ {}", unit.show_goal(goal)));
        let reached = match (self.goal, sample.median()) {
            (Some(goal), Some(median)) => if median <= goal { "✓" } else { "✗" }.to_owned(),
            _ => String::new(),
        };
        let spread = format!("{}–{}", shown(sample.min()), shown(sample.max()));
        let (median, n) = (shown(sample.median()), sample.len().to_string());
        [self.what.clone(), goal, reached, median, spread, n, self.note.clone()]
    }
}

impl Unit {
    pub(super) fn show(self, figure: f64) -> String {
        match self {
            Self::Microseconds => format!("{figure:.1} µs"),
            Self::Milliseconds if figure < 10.0 => format!("{figure:.2} ms"),
            Self::Milliseconds if figure < 100.0 => format!("{figure:.1} ms"),
            Self::Milliseconds => format!("{figure:.0} ms"),
            Self::Seconds => format!("{figure:.2} s"),
            Self::Megabytes => format!("{figure:.1} MB"),
            Self::Times => format!("{figure:.2}"),
            Self::Events => format!("{figure:.0}"),
        }
    }

    /// A goal is a round number.
    fn show_goal(self, goal: f64) -> String {
        match self {
            Self::Microseconds => format!("{goal} µs"),
            Self::Milliseconds => format!("{goal} ms"),
            Self::Megabytes => format!("{goal} MB"),
            _ => format!("{goal}"),
        }
    }
}

const HEAD: [&str; 7] = ["what", "goal", "", "median", "min–max", "n", "note"];

/// All rows, and where they were measured.
pub(super) struct Table {
    machine: Machine,
    rows: Vec<Row>,
}

impl Table {
    pub(super) fn new(machine: Machine) -> Self {
        Self { machine, rows: Vec::new() }
    }

    pub(super) fn add(&mut self, rows: Vec<Row>) {
        self.rows.extend(rows);
    }

    /// Nothing more is measured.
    pub(super) fn finish(&mut self) {
        self.machine.finish();
    }

    pub(super) fn text(&self) -> String {
        let mut text = String::from("\n");
        for (name, value) in self.machine.facts() {
            let _ = writeln!(text, "{name}: {value}");
        }
        text.push('\n');
        text.push_str(&columns(&self.lines()));
        text
    }

    pub(super) fn markdown(&self) -> String {
        let mut text = String::from("# What callboard costs\n\n");
        for (name, value) in self.machine.facts() {
            let _ = writeln!(text, "* {name}: {value}");
        }
        text.push('\n');
        text.push_str(&markdown(&self.lines()));
        text
    }

    fn lines(&self) -> Vec<[String; 7]> {
        std::iter::once(HEAD.map(str::to_owned)).chain(self.rows.iter().map(Row::cells)).collect()
    }
}

/// For a terminal: each column as wide as its widest cell.
pub(super) fn columns<const N: usize>(lines: &[[String; N]]) -> String {
    let mut text = String::new();
    for line in lines {
        let mut shown = String::new();
        for (column, cell) in line.iter().enumerate() {
            let width = lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
            let _ = write!(shown, "{cell:width$}  ");
        }
        let _ = writeln!(text, "{}", shown.trim_end());
    }
    text
}

/// A table of Markdown, of which the first line is the head.
pub(super) fn markdown<const N: usize>(lines: &[[String; N]]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let cells = line.each_ref().map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if number == 0 {
            let _ = writeln!(text, "|{}", " --- |".repeat(N));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(figure: f64) -> Row {
        Row::new("one", Unit::Milliseconds, [figure].into_iter().collect())
    }

    #[test]
    fn a_goal_is_reached_or_missed_by_the_median() {
        assert_eq!(row(20.0).at_most(20.0).cells()[..4], ["one", "≤ 20 ms", "✓", "20.0 ms"]);
        assert_eq!(row(20.1).at_most(20.0).cells()[2], "✗");
        assert_eq!(row(1234.5).cells()[..4], ["one", "", "", "1234 ms"]);
    }

    #[test]
    fn what_is_missing_keeps_its_line() {
        let mut table = Table::new(Machine::default());
        table.add(vec![row(2.5).note("with a note"), Row::missing("another thing", "no npm")]);
        let lines = [
            "what           goal     median   min–max          n  note",
            "one                     2.50 ms  2.50 ms–2.50 ms  1  with a note",
            "another thing        –                               missing: no npm",
        ];
        assert_eq!(columns(&table.lines()).lines().collect::<Vec<_>>(), lines);
    }
}
