//! A test under the standard harness: a whole run of one test, with a lease like any other.

use std::path::Path;
use std::sync::mpsc::channel;

use super::args::Args;
use super::main::INTERRUPTED;
use super::prepared::{Prepared, Whose};
use crate::report::{Terminal, message};
use crate::run::{Plan, Selection};
use crate::suite::{Suite, test_id};

/// Runs this test and returns when it passed; panics, with the message on standard error, when it did not.
///
/// It is what the `#[test]` beside each `#[e2e]` calls. Ignored tests come here only when they are asked for.
pub fn run_alone(manifest_dir: &str, module: &str, name: &str) {
    if let Err(message) = run(manifest_dir, module, name) {
        // The standard harness captures this. `resume_unwind`, because a second message with a place in
        // callboard's own source would only hide the first.
        eprintln!("{message}");
        std::panic::resume_unwind(Box::new(message));
    }
}

fn run(manifest_dir: &str, module: &str, name: &str) -> Result<(), String> {
    let suite = Suite::collected().map_err(|error| format!("error: {error}"))?;
    let id = test_id(module, name);
    let selection = Selection {
        filters: vec![id.as_str().to_owned()],
        exact: true,
        ignored: crate::run::Ignored::Run,
        ..Selection::default()
    };
    let mut plan = Plan::new(suite.tests(), &selection);
    plan.ask_conditions().map_err(|error| format!("error: {error}"))?;
    if let Some(reason) = plan.tests.first().and_then(|planned| planned.ignored) {
        skipped(id.as_str(), reason);
        return Ok(());
    }
    let whose = Whose {
        manifest_dir: Path::new(manifest_dir),
        suite: None,
        command: None,
        inline: true,
        stopped: None,
    };
    let prepared =
        Prepared::new(&Args::default(), suite, plan, whose, |_| Ok(None)).map_err(|wrong| wrong.message)?;
    let (sender, verdict) = channel();
    let run = prepared.start(Terminal::notice, |_| {}, move |_, verdict| drop(sender.send(verdict)));
    let (end, _) = run.map_err(|wrong| wrong.message)?.join().map_err(|error| error.to_string())?;
    match verdict.try_recv() {
        Ok(verdict) if verdict.outcome.is_ok() => {
            if let Some(reason) = &verdict.skipped {
                skipped(id.as_str(), reason);
            }
            Ok(())
        }
        Ok(verdict) => Err(message(&verdict, verdict.attempts > 1)),
        Err(_) if end.interrupted => {
            // The standard harness knows nothing of the signal and would go on with the next test. What other tests
            // of this process have started is ended by their wardens.
            eprintln!("`{id}` was interrupted");
            std::process::exit(i32::from(INTERRUPTED))
        }
        Err(_) => Err(format!("`{id}` is not among the registered tests; this is a bug of callboard")),
    }
}

/// The standard harness knows ignored tests only by their attribute: such a test passes, and says why.
fn skipped(test: &str, reason: &str) {
    eprintln!("`{test}` was skipped: {reason}");
}
