//! `cargo xtask bench diagnosis`: how often the diagnosis is right on the real application in real browsers, with faults planted in it.
//!
//! The analysis is told nothing of them; what it says is judged by `faults.toml` afterwards. Beside it stands what everybody does: the
//! suite k times in parallel, and each failing test k times alone. What one world came to is kept, so that it can be made piecemeal.

mod asked;
mod baseline;
mod judge;
mod planted;
mod report;
mod world;

use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use asked::Asked;
use planted::Planted;
use world::World;

use super::build::Workspace;
use super::error::Error;

/// Of what the planted application is the suite.
const PACKAGE: &str = "course-records";

const HELP: &str = "\
Plants faults in course-records, has each analysed in real browsers, and judges what is said by faults.toml.

Usage: cargo xtask bench diagnosis [OPTIONS]

Options:
      --faults A,B     only these; A+B is one world with both [default: each by itself]
      --only CLASS     only faults of this class: deterministic, random, slot, order, brittle, overlap, load
      --held-out       only those that nothing was tuned with
      --seeds N        each world N times, with another seed [default: 1]
      --healthy N      N worlds without a fault as well [default: 0]
      --budget N|TIME  what an analysis may cost, as `--analyze --budget` has it [default: 20]
      --workers N      how many tests run at once [default: 16!, with fewer half of the faults do not show]
      --no-baseline    do not measure what rerunning k = 3, 5 and 10 times says
      --release        the tests built with optimisations
  -h, --help           this

What a world came to is kept in target/bench/diagnosis, and not made again for the same fault, seed, workers and budget: remove
the file to have it made anew. CALLBOARD_BASE_PORT is passed on.

Exit codes: 0 when all worlds were made, however good the diagnosis is; 1 when one was not; cargo's if the tests cannot be
built; 2 if the command line is wrong.
";

/// Runs the command with the arguments behind its name.
pub(super) fn run(args: impl Iterator<Item = OsString>) -> Result<ExitCode, Error> {
    let Some(asked) = Asked::read(args)? else {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    };
    let workspace = Workspace::find(asked.release)?;
    let planted = Planted::read(&workspace.root.join("examples").join(PACKAGE).join("faults.toml"))?;
    let worlds = asked.worlds(&planted)?;
    let suite = world::Suite::build(&workspace, &asked.workers)?;
    let mut made = Vec::new();
    let mut failed = false;
    for (number, world) in worlds.iter().enumerate() {
        eprintln!("world {} of {}: {world}", number + 1, worlds.len());
        match made_of(world, &asked, &suite, &planted) {
            Ok(world) => made.push(world),
            Err(error) => {
                eprintln!("error: {world}: {error}");
                failed = true;
            }
        }
    }
    let text = report::report(&made);
    println!("{text}");
    let file = suite.kept.join("report.md");
    fs::write(&file, &text).map_err(|error| Error::file(&file, error))?;
    println!("The same in a file: {}", file.display());
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A world with what was said of it and how right that is.
struct Made {
    world: World,
    held_out: bool,
    analysis: judge::Judged,
    baseline: Option<baseline::Baseline>,
}

fn made_of(world: &World, asked: &Asked, suite: &world::Suite, planted: &Planted) -> Result<Made, Error> {
    let analysis = suite.analysis(world, &asked.budget)?;
    // Only now may anybody know what is wrong.
    let truth = planted.of(&world.faults);
    let baseline =
        if asked.has_baseline { Some(baseline::judge(&suite.reruns(world)?, &truth)) } else { None };
    Ok(Made {
        world: world.clone(),
        held_out: planted.is_held_out(&world.faults),
        analysis: judge::judge(&analysis, &truth),
        baseline,
    })
}
