//! `--analyze`: why tests fail, by experiment.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::channel;

use super::args::Args;
use super::main::{Consumer, FAILED, INTERRUPTED, Wrong, surroundings, usage};
use super::prepared::{Prepared, Whose, runtime};
use super::signals::interruptions;
use super::stopped::Stopped;
use super::{places, since};
use crate::config::{Config, Engine};
use crate::diagnose::report::Replay;
use crate::diagnose::{Analysis, Asks, Course, Ended, Findings, Limit, Progress, report};
use crate::machine::cores;
use crate::model::{Outcome, TestId};
use crate::report::Terminal;
use crate::run::{Ignored, Lab, LabError, Plan, Selection, need};
use crate::story::Story;
use crate::suite::Suite;

/// What an analysis may cost where nothing is said.
const BUDGET: Limit = Limit::Suites(20);

/// The command.
pub(super) fn analyze(args: &Args, consumer: Consumer) -> Result<u8, Wrong> {
    let suite = Suite::collected().map_err(usage)?;
    let (name, output) = (consumer.suite(), places::output_dir(Path::new(consumer.manifest_dir)));
    let stopped = match &args.resume {
        Some(run) => Some(Stopped::find(run.as_deref(), &name, &output).map_err(usage)?),
        None => None,
    };
    let args = &stopped.as_ref().map_or_else(|| args.clone(), |stopped| stopped.args(args));
    // All tests run: any of them may be what makes another one fail.
    let mut plan = Plan::new(suite.tests(), &Selection::default());
    plan.ask_conditions().map_err(usage)?;
    let earlier =
        args.since.as_ref().map(|run| since::read(run, &name, &output)).transpose().map_err(usage)?;
    let only = match &stopped {
        Some(stopped) => stopped.part.only.clone(),
        None => asked(args, suite, &plan, earlier.as_ref().map(|(_, failed)| failed)).map_err(usage)?,
    };
    let (sender, records) = channel();
    let whose = Whose { stopped: stopped.as_ref(), ..consumer.whose(&consumer.again()) };
    let prepared = Prepared::new(args, suite, plan, whose, |_| Ok(Some(sender)))?;
    let mut asks = asks(args, &prepared, only);
    asks.since = earlier.map(|(story, _)| since::of(story, asks.only.clone(), &prepared));
    let folder = prepared.folder.path().to_owned();
    let (settings, scribes) = prepared.settings(Terminal::notice, |_| {}, |_, _| {});
    let runtime = runtime()?;
    let findings = runtime.block_on(async {
        let mut lab = Lab::open(settings).map_err(|error| surroundings(&error))?;
        if let Some(Stopped { story, .. }) = stopped {
            lab.go_on(&story);
            // With the cores that its course was chosen for.
            asks.cores = number(story.run.cores);
            asks.resumed = Some(story);
        }
        let mut interruptions = interruptions();
        let interrupted = async move {
            if interruptions.recv().await.is_none() {
                std::future::pending::<()>().await;
            }
        };
        Ok(Analysis::new(asks, lab, records, show).make(interrupted).await)
    })?;
    runtime.shutdown_timeout(super::main::AFTER_THE_END);
    scribes.finish().map_err(|error| surroundings(&error))?;
    conclude(&findings, &folder)
}

/// Whose failures are looked into: those that the filters select, of those that failed in the run that is named, if one is;
/// nobody in particular where that is everybody.
fn asked(
    args: &Args,
    suite: &'static Suite,
    plan: &Plan,
    failed: Option<&BTreeSet<TestId>>,
) -> Result<Vec<TestId>, String> {
    let chosen = Plan::new(suite.tests(), &super::main::selection(args));
    let of_run = |test: &TestId| failed.is_none_or(|failed| failed.contains(test));
    let selected: Vec<TestId> = chosen.executed().map(|planned| planned.test.id.clone()).collect();
    let only: Vec<TestId> = selected.iter().filter(|test| of_run(test)).cloned().collect();
    if selected.is_empty() || plan.executed().next().is_none() {
        return Err(
            "no test has a name that contains one of these filters: there is nothing to look into".to_owned()
        );
    }
    if only.is_empty() {
        return Err("--since: of the tests that failed in that run none is selected now".to_owned());
    }
    let is_everybody = failed.is_none() && only.len() == plan.executed().count();
    Ok(if is_everybody { Vec::new() } else { only })
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
        let mut lab = Lab::open(settings).map_err(|error| surroundings(&error))?;
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
        let is_lost = matches!(made, Err(LabError::Slot { .. } | LabError::Folder(_)));
        lab.close(matches!(made, Err(LabError::Interrupted)), is_lost).await;
        Ok(made)
    })?;
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
    if let Ended::Unlike(experiment) = findings.ended {
        return Err(usage(format_args!(
            "--resume: experiment {experiment} of that analysis is not the one that would be made now, so nothing can go on from \
             it: another command line, perhaps. Start a new one"
        )));
    }
    let document = report::Document::of(findings);
    let text = report::markdown(&document);
    let file = folder.join("analysis.md");
    std::fs::write(&file, &text).map_err(|error| surroundings(&error))?;
    let json = serde_json::to_vec_pretty(&document).map_err(|error| surroundings(&error))?;
    std::fs::write(folder.join("analysis.json"), json).map_err(|error| surroundings(&error))?;
    std::fs::write(folder.join("analysis.html"), report::html(&document))
        .map_err(|error| surroundings(&error))?;
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

fn asks(args: &Args, prepared: &Prepared, only: Vec<TestId>) -> Asks {
    let config: &Config = &prepared.config;
    let places = |test| need(test, config, &prepared.usable).slots;
    let course = match (args.quick, args.budget, &args.resume) {
        (true, ..) => Course::Quick,
        // What it had left.
        (false, None, Some(_)) => Course::Full(None),
        (false, budget, _) => Course::Full(Some(budget.unwrap_or(BUDGET))),
    };
    Asks {
        only,
        tests: prepared
            .plan
            .executed()
            .map(|planned| (planned.test.id.clone(), places(planned.test)))
            .collect(),
        slots: config.slots.count,
        workers: number(prepared.workers.number),
        cores: number(cores()),
        slows_pages: config.browser.engine == Engine::Chromium,
        course,
        seed: args.shuffle_seed.unwrap_or(1),
        since: None,
        resumed: None,
    }
}

fn number(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
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
