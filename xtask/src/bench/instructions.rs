//! `cargo xtask bench instructions`: how many instructions the pure rooms take, counted by callgrind, beside a baseline.
//!
//! A count is the same on a busy machine as on an idle one. So it can fail a change, which a time cannot.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use super::build::Workspace;
use super::error::Error;

const HELP: &str = "\
Counts the instructions that the pure rooms take (harness/benches), by callgrind, and compares them with
harness/benches/instructions.json.

Usage: cargo xtask bench instructions [--write]

Options:
      --write  the counts become the baseline
  -h, --help   this

Without valgrind nothing is counted, which is said.

Exit codes: 0 when no count changed by more than a factor of 1.5, or there is no valgrind; 1 when one did; cargo's if the
rooms cannot be built; 2 if the command line is wrong.
";

/// By what factor a count may change.
const FACTOR: f64 = 1.5;

/// The counts of all rooms, by name.
type Counts = BTreeMap<String, u64>;

/// Runs the command.
pub(super) fn run(args: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let mut write = false;
    for arg in args {
        match arg.to_str() {
            Some("--write") => write = true,
            Some("--help" | "-h") => {
                print!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            _ => return Err(Error::Argument(arg)),
        }
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("not counted: valgrind is not installed (apt-get install valgrind)");
        return Ok(ExitCode::SUCCESS);
    }
    let workspace = Workspace::find(false)?;
    let counts = count(&workspace)?;
    let file = workspace.root.join("harness/benches/instructions.json");
    if write {
        let text = serde_json::to_string_pretty(&counts).unwrap_or_default() + "\n";
        fs::write(&file, text).map_err(|error| Error::file(&file, error))?;
        println!("{} rooms counted: {}", counts.len(), file.display());
        return Ok(ExitCode::SUCCESS);
    }
    // Where there is no baseline each room is not in it.
    let text = fs::read_to_string(&file).unwrap_or_else(|_| "{}".to_owned());
    let baseline: Counts =
        serde_json::from_str(&text).map_err(|error| Error::content(&file, error.to_string()))?;
    let (lines, changed) = compared(&counts, &baseline);
    for line in &lines {
        println!("{line}");
    }
    if changed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!(
        "error: {changed} of {} rooms changed by more than a factor of {FACTOR}; if that is meant, `cargo xtask bench \
         instructions --write` makes it the baseline",
        lines.len()
    );
    Ok(ExitCode::FAILURE)
}

/// Counts all rooms, as consumers build them: without optimisation.
fn count(workspace: &Workspace) -> Result<Counts, Error> {
    let rooms = workspace.rooms()?;
    let listed = Command::new(&rooms).output().map_err(|error| Error::run(&rooms, error))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    names.lines().map(|name| Ok((name.to_owned(), count_one(&rooms, name)?))).collect()
}

fn count_one(rooms: &Path, name: &str) -> Result<u64, Error> {
    let output = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--toggle-collect=*instructions*counted*",
        ])
        .arg(rooms)
        .arg(name)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::run("valgrind", error))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    match collected(&told) {
        Some(count) if output.status.success() && count > 0 => Ok(count),
        _ => Err(Error::Ended {
            program: format!("valgrind {} {name}", rooms.display()),
            how: format!("ended with {} and counted nothing", output.status),
            output: told,
        }),
    }
}

/// Of `==123== Collected : 4567`, the number.
fn collected(told: &str) -> Option<u64> {
    told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok())
}

/// A line for each room, and how many changed too much: also to less, since a baseline that is too high hides what is lost later.
fn compared(counts: &Counts, baseline: &Counts) -> (Vec<String>, usize) {
    let mut changed = 0;
    let mut names: Vec<&String> = counts.keys().chain(baseline.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let lines = names.into_iter().map(|name| {
        let (Some(&count), Some(&before)) = (counts.get(name), baseline.get(name)) else {
            changed += 1;
            let lacking = if counts.contains_key(name) { "in the baseline" } else { "any more" };
            return format!("{name}: is not there {lacking}  ✗");
        };
        let factor = count as f64 / before as f64;
        let mark = if (1.0 / FACTOR..=FACTOR).contains(&factor) {
            ""
        } else {
            changed += 1;
            "  ✗"
        };
        format!("{name}: {:.2} million instructions, {factor:.2} of the baseline{mark}", count as f64 / 1e6)
    });
    let lines = lines.collect();
    (lines, changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, u64)]) -> Counts {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn what_changed_by_more_than_the_factor_is_counted() {
        let baseline = counts(&[("gone", 5), ("less", 1_000_000), ("more", 1_000_000), ("same", 2_000_000)]);
        let now = counts(&[("less", 600_000), ("more", 1_600_000), ("new", 5), ("same", 2_900_000)]);
        let (lines, changed) = compared(&now, &baseline);
        assert_eq!(
            lines,
            [
                "gone: is not there any more  ✗",
                "less: 0.60 million instructions, 0.60 of the baseline  ✗",
                "more: 1.60 million instructions, 1.60 of the baseline  ✗",
                "new: is not there in the baseline  ✗",
                "same: 2.90 million instructions, 1.45 of the baseline",
            ]
        );
        assert_eq!(changed, 4);
        assert_eq!(compared(&baseline, &baseline).1, 0);
    }

    #[test]
    fn the_count_is_what_callgrind_collected() {
        assert_eq!(collected("==7== Events    : Ir\n==7== Collected : 123456\n==7==\n"), Some(123_456));
        assert_eq!(collected("valgrind: no such file"), None);
    }
}
