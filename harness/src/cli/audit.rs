//! `--audit`, and the audit before a run: whether the accounts of a role see the same in all slots.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::args::Args;
use super::main::{Consumer, INTERRUPTED, SURROUNDINGS, Wrong, plain, surroundings, usage};
use super::prepared::{Prepared, usable_slots};
use crate::audit::{Checks, Document, Wanted, gather, told};
use crate::config::{BeforeRun, Config};
use crate::model::Part;
use crate::report::Terminal;
use crate::run::Plan;
use crate::suite::Suite;

/// Accounts differ.
const DIFFERENT: u8 = 1;
/// Below the folder of the run.
const FILE: &str = "audit.json";

/// The command.
pub(super) fn audit(args: &Args, consumer: Consumer) -> Result<u8, Wrong> {
    let suite = Suite::collected().map_err(usage)?;
    let config = config(consumer)?;
    for role in &args.role {
        config.check_role(role, &format!("--role {role}")).map_err(plain)?;
    }
    let wanted = Wanted {
        slots: usable_slots(args, &config)?,
        roles: args.role.iter().cloned().collect(),
        filters: args.filters.clone(),
        exact: args.exact,
    };
    let checks = Checks::of(suite, &config, &wanted);
    if checks.len() == 0 {
        return Err(usage(nothing(suite, &config)));
    }
    let audited = make(args, suite, checks, consumer)?;
    print!("{}", audited.text);
    println!("{}", audited.folder_line);
    Ok(audited.code)
}

/// What `[audit]` asks for before these tests run. The exit code where they are not to.
pub(super) fn before(
    args: &Args,
    suite: &'static Suite,
    plan: &Plan,
    consumer: Consumer,
) -> Result<Option<u8>, Wrong> {
    // Whoever looks at a single test, in a debugger or one process for each, wants that test.
    let is_looked_at = args.debug || (args.no_capture && plan.executed().count() == 1);
    let config = config(consumer)?;
    if is_looked_at || config.before_run == BeforeRun::No {
        return Ok(None);
    }
    let roles = plan.executed().flat_map(|planned| &planned.test.roles);
    let wanted = Wanted {
        slots: usable_slots(args, &config)?,
        roles: roles.map(|asked| Part::of(asked).role.to_owned()).collect(),
        ..Wanted::default()
    };
    if wanted.roles.is_empty() {
        return Ok(None);
    }
    let checks = Checks::of(suite, &config, &wanted);
    if checks.len() == 0 {
        return Ok(None);
    }
    let audited = make(args, suite, checks, consumer)?;
    Terminal::complain(format!("audit: {}", audited.text).trim_end());
    if audited.code == 0 || audited.code == INTERRUPTED {
        return Ok(Some(audited.code).filter(|code| *code != 0));
    }
    Terminal::complain(&audited.folder_line);
    if config.before_run == BeforeRun::Warn {
        Terminal::notice("the tests run all the same (audit.before_run = \"warn\")");
        return Ok(None);
    }
    Terminal::complain(
        "error: no test was run, because of what the audit found (audit.before_run); `before_run = \"warn\"` tells it and goes on",
    );
    Ok(Some(SURROUNDINGS))
}

/// What an audit came to.
struct Audited {
    code: u8,
    text: String,
    folder_line: String,
}

fn make(args: &Args, suite: &'static Suite, checks: Checks, consumer: Consumer) -> Result<Audited, Wrong> {
    let began = Instant::now();
    // Of what is said about tests, nothing ends or repeats questions.
    let plain =
        Args { retries: Some(0), repeat_each: None, max_failures: None, fail_fast: false, ..args.clone() };
    let args = Args { audit: true, ..plain };
    let prepared =
        Prepared::new(&args, suite, checks.plan(), consumer.whose(&consumer.again()), |_| Ok(None))?;
    let folder = prepared.folder.path().to_owned();
    let (all, done) = (checks.len(), AtomicUsize::new(0));
    Terminal::complain(&format!("audit: {} are asked {} questions", checks.extent(), checks.len()));
    let run = prepared.start(
        Terminal::notice,
        |_| {},
        move |_, verdict| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !verdict.outcome.is_ok() {
                Terminal::complain(&format!("[{done}/{all}] {}: {}", verdict.test, verdict.outcome));
            }
        },
    )?;
    let (end, story) = run.join().map_err(|error| surroundings(&error))?;
    let document = Document::of(&checks, &gather(&checks, &story), &story);
    write(&document, &folder).map_err(|error| surroundings(&error))?;
    let code = match (end.interrupted, &end.never_up) {
        (true, _) => INTERRUPTED,
        (_, Some(_)) => SURROUNDINGS,
        _ if document.has_differences() => DIFFERENT,
        _ if !document.is_whole() => SURROUNDINGS,
        _ => 0,
    };
    let text = told(&document, began.elapsed());
    let folder_line = format!("All answers: {}", folder.join(FILE).display());
    Ok(Audited { code, text, folder_line })
}

fn write(document: &Document, folder: &Path) -> std::io::Result<()> {
    std::fs::write(folder.join(FILE), serde_json::to_vec_pretty(document)?)
}

fn config(consumer: Consumer) -> Result<Config, Wrong> {
    let environment = |name: &str| std::env::var(name).ok();
    Config::load(Path::new(consumer.manifest_dir), &environment).map_err(plain)
}

/// Why there is nothing to do.
fn nothing(suite: &'static Suite, config: &Config) -> String {
    if config.roles.is_empty() {
        return "there are no accounts to compare: callboard.toml has no [roles.…]".to_owned();
    }
    let all = Checks::names(suite, config).join(", ");
    if all.is_empty() {
        return "there is nothing to compare accounts by: the suite has no #[sign_in] and no #[probe]"
            .to_owned();
    }
    format!("no check has a name that contains one of these filters, in these slots; the checks are {all}")
}
