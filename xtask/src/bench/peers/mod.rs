//! `cargo xtask bench peers`: callboard beside what its users would otherwise use, in turn, on this machine.
//!
//! Each measurement is on disk as soon as it is made, and one that is there is not made again, so that the bench can be
//! interrupted at any time.

mod case;
mod command;
mod contender;
mod goals;
mod install;
mod ledger;
mod report;
mod setting;
mod tree;
mod works;

use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use super::Bench;
use super::build::Workspace;
use super::error::Error;
use super::machine::Machine;
use super::site::Site;
use case::Work;
use install::Peers;
use ledger::{Entry, Ledger, Outcome};
use setting::Setting;

const HELP: &str = "\
Measures callboard beside Playwright Test, pytest-playwright with xdist, nextest and plain thirtyfour, in turn, with the
same browser and the same pages, and prints tables, also to target/bench/peers/report.md.

Usage: cargo xtask bench peers [--quick] [--rounds N] [--fresh] [--install-nextest] [WORK]...

Works, all unless some are named:
  a  1,000 empty tests at 2 and 16 workers
  b  100 isolated tests of a tiny page at 1, 2 and 4 workers
  c  20 of course-records' tests at 1, 2, 4 and 16 workers, each with a server of its own
  d  one test, from the command line of an editor to its first line
  e  memory of everything at 4 workers, browsers included
  f  an expectation, from the change of the page until the test goes on
  g  the quickstart's build, cold and after a change
  h  empty tests as they become more: 10 to 10,000, 1 to 16 slots

Options:
      --quick            one round, and less of what takes long
      --rounds N         how often everything is measured (default: 5; with --quick: 1)
      --fresh            what was measured before is not used
      --install-nextest  builds nextest, if there is none
  -h, --help             this

Peers come from npm and PyPI into target/bench/peers, in the versions of tests/peers; one that cannot be had is named as
missing. What was measured is in target/bench/peers/results.jsonl (results-quick.jsonl): the bench goes on where it was
interrupted, unless callboard or a peer has changed since.

Exit codes: 0 when all that could be measured was, goals met or not; 1 when something failed; cargo's if something cannot be
built; 2 if the command line is wrong.
";

/// Runs the command.
pub(super) fn run(args: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let Some(asked) = Asked::read(args)? else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let bench = Bench { quick: asked.quick, workspace: Workspace::find(false)? };
    let browsers = callboard::setup::find(None, None)
        .map_err(|error| Error::run("the browser", std::io::Error::other(error.to_string())))?;
    let dir = bench.workspace.target.join("bench/peers");
    fs::create_dir_all(dir.join("logs")).map_err(|error| Error::file(&dir, error))?;
    let peers = Peers::install(&bench, asked.install_nextest)?;
    let versions = peers.versions();
    let mut machine = Machine::now(&bench.workspace);
    let mut state = versions.clone();
    state.push(("callboard".to_owned(), checkout(&bench.workspace.root)));
    let file = dir.join(if asked.quick { "results-quick.jsonl" } else { "results.jsonl" });
    let mut ledger = Ledger::open(&file, &state, asked.fresh)?;

    tree::keep_orphans()?;
    let site = Site::start().map_err(|source| Error::run("the site", source))?;
    let setting = Setting { bench: &bench, peers, browsers, site, dir: dir.clone() };
    let works: Vec<Work<'_>> =
        asked.works.iter().map(|letter| works::prepare(&setting, *letter)).collect::<Result<_, _>>()?;
    let write = |machine: &Machine, ledger: &Ledger| {
        let report = dir.join("report.md");
        fs::write(&report, report::markdown(machine, &state, ledger))
            .map_err(|error| Error::file(&report, error))
    };
    for round in 0..asked.rounds {
        for work in &works {
            measure(work, round, asked.rounds, &dir, &mut ledger)?;
            write(&machine, &ledger)?;
        }
    }
    machine.finish();
    write(&machine, &ledger)?;
    println!("{}", report::text(&machine, &state, &ledger));
    println!("The same as Markdown: {}", dir.join("report.md").display());
    let failed = ledger.entries.iter().any(|entry| matches!(entry.outcome, Outcome::Failed(_)));
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Measures what is not measured yet of a round.
fn measure(
    work: &Work<'_>,
    round: usize,
    rounds: usize,
    dir: &Path,
    ledger: &mut Ledger,
) -> Result<(), Error> {
    for case in &work.cases {
        for (contender, measure) in &case.contenders {
            if ledger.has(work.letter, &case.name, *contender, round) {
                continue;
            }
            let what =
                format!("({}) {}: {contender}, round {} of {rounds}", work.letter, case.name, round + 1);
            let outcome = match measure {
                Err(why) => Outcome::Missing(why.clone()),
                Ok(measure) => {
                    let began = Instant::now();
                    let log = dir.join("logs").join(format!("{}.txt", file_name(&what)));
                    let outcome = Outcome::from(measure(&log));
                    tree::end_all();
                    match &outcome {
                        Outcome::Figure { value, .. } => {
                            eprintln!(
                                "{what}: {} ({:.0} s)",
                                case.unit.show(*value),
                                began.elapsed().as_secs_f64()
                            );
                        }
                        Outcome::Failed(why) | Outcome::Missing(why) => eprintln!("{what}: failed: {why}"),
                    }
                    outcome
                }
            };
            let (work, case, unit, contender) = (work.letter, case.name.clone(), case.unit, *contender);
            ledger.add(Entry { work, case, contender, round, unit, outcome })?;
        }
    }
    Ok(())
}

/// The name of a log.
fn file_name(what: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() { char } else { '-' };
    what.chars().map(plain).collect()
}

/// Which state of callboard is measured: its commit, and a number for what was changed since.
fn checkout(root: &Path) -> String {
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").args(args).current_dir(root).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
    };
    let commit = git(&["rev-parse", "--short", "HEAD"]);
    let changes = git(&["diff", "HEAD", "--", "harness", "macros", "tests", "examples", "Cargo.lock"]);
    if changes.is_empty() {
        return commit;
    }
    let mut hasher = DefaultHasher::new();
    changes.hash(&mut hasher);
    format!("{commit} with changes ({:08x})", hasher.finish() >> 32)
}

/// The command line.
struct Asked {
    quick: bool,
    fresh: bool,
    install_nextest: bool,
    rounds: usize,
    works: Vec<char>,
}

impl Asked {
    /// `None` if help is asked for.
    fn read(args: impl Iterator<Item = OsString>) -> Result<Option<Self>, Error> {
        let (mut quick, mut fresh, mut install_nextest) = (false, false, false);
        let (mut rounds, mut works) = (None, Vec::new());
        let mut args = args;
        while let Some(arg) = args.next() {
            let text = arg.to_str().unwrap_or_default();
            match text {
                "--quick" => quick = true,
                "--fresh" => fresh = true,
                "--install-nextest" => install_nextest = true,
                "--help" | "-h" => return Ok(None),
                "--rounds" => {
                    let number = args.next().unwrap_or_default();
                    let asked =
                        number.to_str().and_then(|number| number.parse().ok()).filter(|&number| number > 0);
                    rounds = Some(asked.ok_or(Error::Rounds(number))?);
                }
                _ => match (text.chars().next(), text.len()) {
                    (Some(letter @ 'a'..='h'), 1) => works.push(letter),
                    _ => return Err(Error::Argument(arg)),
                },
            }
        }
        if works.is_empty() {
            works.extend('a'..='h');
        }
        works.sort_unstable();
        works.dedup();
        let rounds = rounds.unwrap_or(if quick { 1 } else { 5 });
        Ok(Some(Self { quick, fresh, install_nextest, rounds, works }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &str) -> Option<Asked> {
        Asked::read(words.split_whitespace().map(OsString::from)).unwrap()
    }

    #[test]
    fn works_are_letters_and_all_of_them_unless_some_are_named() {
        let all = read("").unwrap();
        assert_eq!((all.works.len(), all.rounds, all.quick), (8, 5, false));
        let some = read("c --quick a c --fresh").unwrap();
        assert_eq!((some.works, some.rounds, some.quick, some.fresh), (vec!['a', 'c'], 1, true, true));
        assert_eq!(read("--rounds 3 --quick").unwrap().rounds, 3);
        assert!(read("a --help").is_none());
        for wrong in ["i", "ab", "--rounds", "--rounds 0", "--rounds many", "--slow"] {
            let error = Asked::read(wrong.split_whitespace().map(OsString::from)).err();
            assert_eq!(error.map(|error| error.exit_code()), Some(2), "{wrong}");
        }
    }
}
