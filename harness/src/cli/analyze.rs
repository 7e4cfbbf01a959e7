//! `--analyze`: why tests fail, by experiment.

use std::path::Path;
use std::sync::mpsc::channel;

use super::args::Args;
use super::main::{Consumer, FAILED, INTERRUPTED, Wrong, surroundings, usage};
use super::prepared::{Prepared, runtime};
use super::signals::interruptions;
use crate::config::Config;
use crate::diagnose::report::Replay;
use crate::diagnose::{Analysis, Asks, Ended, Findings, Limit, Progress, report};
use crate::machine::cores;
use crate::model::{Outcome, SlotId, TestId};
use crate::report::Terminal;
use crate::run::{Ignored, Lab, LabError, Plan, Selection, need};
use crate::story::Story;
use crate::suite::Suite;

/// What an analysis may cost where nothing is said.
const BUDGET: Limit = Limit::Suites(20);

/// The command.
pub(super) fn analyze(args: &Args, consumer: Consumer) -> Result<u8, Wrong> {
    let suite = Suite::collected().map_err(usage)?;
    // All tests run: any of them may be what makes another one fail.
    let mut plan = Plan::new(suite.tests(), &Selection::default());
    plan.ask_conditions().map_err(usage)?;
    let chosen = Plan::new(suite.tests(), &super::main::selection(args));
    let only: Vec<TestId> = chosen.executed().map(|planned| planned.test.id.clone()).collect();
    if only.is_empty() || plan.executed().next().is_none() {
        return Err(usage(
            "no test has a name that contains one of these filters: there is nothing to look into",
        ));
    }
    let (sender, records) = channel();
    let prepared = Prepared::new(args, suite, plan, consumer.whose(&consumer.again()), |_| Ok(Some(sender)))?;
    let asks = asks(args, &prepared, &only);
    let folder = prepared.folder.path().to_owned();
    let (settings, scribes) = prepared.settings(Terminal::notice, |_| {}, |_, _| {});
    let runtime = runtime()?;
    let findings = runtime.block_on(async {
        let lab = Lab::open(settings);
        let mut interruptions = interruptions();
        let interrupted = async move {
            if interruptions.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        Analysis::new(asks, lab, records, show).make(interrupted).await
    });
    runtime.shutdown_timeout(super::main::AFTER_THE_END);
    scribes.finish().map_err(|error| surroundings(&error))?;
    conclude(&findings, &folder)
}

/// How often it is made to happen again where nothing is said.
const TIMES: u32 = 5;

/// `--replay FILE`: makes what an analysis has found happen again, and says how often it did. Exits as a run does: 101 when
/// the test failed.
pub(super) fn replay(file: &Path, args: &Args, consumer: Consumer) -> Result<u8, Wrong> {
    let replay = read(file).map_err(usage)?;
    let suite = Suite::collected().map_err(usage)?;
    let plan = Plan::new(suite.tests(), &Selection { ignored: Ignored::Run, ..Selection::default() });
    let (sender, records) = channel();
    let prepared = Prepared::new(args, suite, plan, consumer.whose(&consumer.again()), |_| Ok(Some(sender)))?;
    let folder = prepared.folder.path().to_owned();
    let times = args.repeat_each.map_or(TIMES, std::num::NonZeroU32::get);
    println!("`{}` is said to fail because of {}", replay.test, replay.why);
    let (settings, scribes) = prepared.settings(Terminal::notice, |_| {}, |_, _| {});
    let runtime = runtime()?;
    let made = runtime.block_on(async {
        let mut lab = Lab::open(settings);
        let mut interruptions = interruptions();
        let mut made = Ok(());
        for time in 1..=times {
            let purpose = format!("`{}` once more, {time} of {times}", replay.test);
            made = tokio::select! {
                made = lab.perform(&purpose, &replay.schedule) => made.map(drop),
                Some(()) = interruptions.recv() => Err(LabError::Interrupted),
            };
            if made.is_err() {
                break;
            }
        }
        lab.close(matches!(made, Err(LabError::Interrupted))).await;
        made
    });
    runtime.shutdown_timeout(super::main::AFTER_THE_END);
    scribes.finish().map_err(|error| surroundings(&error))?;
    let mut story = Story::default();
    for record in records.try_iter() {
        story.tell(record);
    }
    let failed = tell(&replay, &story);
    println!("Events, logs and what failing tests left: {}", folder.display());
    match made {
        Err(LabError::Interrupted) => Ok(INTERRUPTED),
        Err(error) => Err(usage(error)),
        Ok(()) => Ok(if failed > 0 { FAILED } else { 0 }),
    }
}

/// Says what became of the test each time, and how often it failed.
fn tell(replay: &Replay, story: &Story) -> usize {
    let mut outcomes = Vec::new();
    for experiment in &story.experiments {
        let of_it = story.attempts().filter(|(test, attempt)| {
            *test.planned.written() == replay.test && attempt.experiment == Some(experiment.number)
        });
        if let Some(end) = of_it.last().and_then(|(_, attempt)| attempt.end.as_ref()) {
            let outcome = end.outcome.map_or("cancelled", Outcome::word);
            let said = end.problem.as_ref().and_then(|problem| problem.message.lines().next());
            println!("  {outcome}{}", said.map(|said| format!(": {said}")).unwrap_or_default());
            outcomes.push(end.outcome.is_some_and(|outcome| !outcome.is_ok()));
        }
    }
    let failed = outcomes.iter().filter(|failed| **failed).count();
    println!("failed {failed} of {} times", outcomes.len());
    failed
}

fn read(file: &Path) -> Result<Replay, String> {
    let text = std::fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    let replay: Replay = serde_json::from_slice(&text)
        .map_err(|error| format!("{} is no `replay-….json` of an analysis: {error}", file.display()))?;
    if replay.format > report::FORMAT {
        return Err(format!("{} was written by a newer version of callboard", file.display()));
    }
    Ok(replay)
}

fn conclude(findings: &Findings, folder: &Path) -> Result<u8, Wrong> {
    let document = report::Document::of(findings);
    let text = report::markdown(&document);
    let file = folder.join("analysis.md");
    std::fs::write(&file, &text).map_err(|error| surroundings(&error))?;
    let json = serde_json::to_vec_pretty(&document).map_err(|error| surroundings(&error))?;
    std::fs::write(folder.join("analysis.json"), json).map_err(|error| surroundings(&error))?;
    for (name, replay) in report::replays(findings) {
        let json = serde_json::to_vec_pretty(&replay).map_err(|error| surroundings(&error))?;
        std::fs::write(folder.join(name), json).map_err(|error| surroundings(&error))?;
    }
    println!("{text}");
    println!("{}", file.display());
    Ok(match findings.ended {
        Ended::Interrupted => INTERRUPTED,
        _ => 0,
    })
}

fn asks(args: &Args, prepared: &Prepared, only: &[TestId]) -> Asks {
    let config: &Config = &prepared.config;
    let places = |test| need(test, config, &prepared.usable).slots;
    let tests: Vec<(TestId, Vec<SlotId>)> =
        prepared.plan.executed().map(|planned| (planned.test.id.clone(), places(planned.test))).collect();
    let number = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
    Asks {
        only: if only.len() == tests.len() { Vec::new() } else { only.to_vec() },
        tests,
        slots: config.slots.count,
        workers: number(prepared.workers.number),
        cores: number(cores()),
        limit: args.budget.unwrap_or(BUDGET),
        seed: args.shuffle_seed.unwrap_or(1),
    }
}

/// Lines for a person or a log.
fn show(progress: Progress) {
    match progress {
        Progress::Begins { purpose, spent } => {
            Terminal::complain(&format!("[{:3.0} %] {purpose}", spent * 100.0));
        }
        Progress::Believes(beliefs) => {
            for belief in beliefs {
                Terminal::complain(&format!("        {belief}"));
            }
        }
        Progress::Vain(reason) => Terminal::complain(&format!("        could not be made: {reason}")),
    }
}
