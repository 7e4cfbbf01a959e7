//! `cargo xtask analysis`: the analysis that is kept in `examples/course-records/ANALYSIS.md`, beside a fresh one of the same faults.
//!
//! Rates and times differ from one analysis to the next, and what is only likely as well. What must not: the parts that it has, and of what both
//! confirm the class.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

const KEPT: &str = "examples/course-records/ANALYSIS.md";

const HELP: &str = "\
Compares what is stable of examples/course-records/ANALYSIS.md with a fresh analysis of the same planted faults.

Usage: cargo xtask e2e analyze --faults analysis --budget 20
       cargo xtask analysis FILE [--write]

  FILE     analysis.md of the folder of that run: target/callboard/latest/analysis.md
  --write  keep this one from now on, instead of comparing

Exit codes: 0 when both say the same, 1 when they do not, 2 if the command line is wrong or a file cannot be read.
";

/// Runs the command with the arguments behind its name.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let writes = args.iter().any(|arg| arg == "--write");
    let files: Vec<&OsString> = args.iter().filter(|arg| *arg != "--write").collect();
    let [file] = files[..] else {
        eprintln!("error: `cargo xtask analysis` wants one file; its --help says which");
        return ExitCode::from(2);
    };
    match told(Path::new(file), writes) {
        Ok(differences) if differences.is_empty() => ExitCode::SUCCESS,
        Ok(differences) => {
            for difference in differences {
                eprintln!("{difference}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn told(file: &Path, writes: bool) -> Result<Vec<String>, String> {
    let read = |file: &Path| fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let kept = root.join(KEPT);
    let fresh = read(file)?;
    if Stable::of(&fresh).parts.is_empty() {
        return Err(format!("{} is no analysis", file.display()));
    }
    if writes {
        fs::write(&kept, fresh).map_err(|error| format!("{}: {error}", kept.display()))?;
        return Ok(Vec::new());
    }
    Ok(differences(&Stable::of(&read(&kept)?), &Stable::of(&fresh)))
}

/// What of an analysis must be the same each time.
#[derive(Debug, Default)]
struct Stable {
    /// The titles of its parts.
    parts: Vec<String>,
    /// What is confirmed of each test, without names and figures: `fails only in certain slots`.
    confirmed: BTreeMap<String, String>,
}

impl Stable {
    fn of(document: &str) -> Self {
        let mut stable = Self::default();
        let mut test = None;
        for line in document.lines() {
            if let Some(part) = line.strip_prefix("## ") {
                stable.parts.push(part.to_owned());
            } else if let Some(title) = line.strip_prefix("### ") {
                test = title.strip_prefix('`').and_then(|title| title.strip_suffix('`'));
            } else if let (Some(test), Some(said)) = (test, line.strip_prefix("* **CONFIRMED**: ")) {
                // Who is to blame stands in backticks or behind a colon.
                let class = said.split([':', '`', '(']).next().unwrap_or_default().trim();
                stable.confirmed.insert(test.to_owned(), class.to_owned());
            }
        }
        stable
    }
}

fn differences(kept: &Stable, fresh: &Stable) -> Vec<String> {
    let missing = kept.parts.iter().filter(|part| !fresh.parts.contains(part));
    let mut told: Vec<String> =
        missing.map(|part| format!("the fresh analysis has no part \"{part}\"")).collect();
    let more = fresh.parts.iter().filter(|part| !kept.parts.contains(part));
    told.extend(more.map(|part| format!("the kept analysis has no part \"{part}\"")));
    for (test, was) in &kept.confirmed {
        if let Some(is) = fresh.confirmed.get(test).filter(|is| *is != was) {
            told.push(format!("`{test}` {was}, says the kept analysis; the fresh one: {is}"));
        }
    }
    if !kept.confirmed.is_empty() && !kept.confirmed.keys().any(|test| fresh.confirmed.contains_key(test)) {
        told.push("of what the kept analysis confirms the fresh one confirms nothing".to_owned());
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = "# Analysis\n\n## System Capacity\n\n## Evidence\n\n### `a::modal`\n\n\
                        * **CONFIRMED**: fails wherever and whenever it runs (confirmed)\n\n### `b`\n\n\
                        * **CONFIRMED**: fails only while `c` runs at the same time (confirmed)\n\n### `d`\n\n* **LIKELY**: fails by chance\n";

    fn told(fresh: &str) -> Vec<String> {
        differences(&Stable::of(KEPT), &Stable::of(fresh))
    }

    #[test]
    fn figures_names_and_what_is_only_likely_may_differ() {
        assert_eq!(told(KEPT), Vec::<String>::new());
        let other = KEPT
            .replace("`c`", "`e`")
            .replace("**LIKELY**: fails by chance", "**UNDETERMINED**: undetermined");
        assert_eq!(told(&other), Vec::<String>::new());
        assert_eq!(told(&KEPT.replace("### `b`", "### `f`")), Vec::<String>::new());
    }

    #[test]
    fn another_class_or_part_is_a_difference() {
        let other =
            KEPT.replace("fails only while `c` runs at the same time", "fails only on a busy machine");
        assert_eq!(
            told(&other),
            ["`b` fails only while, says the kept analysis; the fresh one: fails only on a busy machine"]
        );
        assert_eq!(told(&KEPT.replace("## Evidence", "## Proof")).len(), 2);
        let none = KEPT.replace("**CONFIRMED**", "**LIKELY**");
        assert_eq!(told(&none), ["of what the kept analysis confirms the fresh one confirms nothing"]);
    }
}
