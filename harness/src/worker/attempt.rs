//! One attempt: arguments, the test itself, evidence where it did not pass, tear-down.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use super::evidence;
use super::{Made, Recorded, Report, Task};
use crate::browser::trace::About;
use crate::browser::{MOST_REQUESTS, Session, sent_requests};
use crate::model::{Outcome, Problem};
use crate::suite::{Cancelled, Context, Ended, Home, PageProblems, ShouldPanic, guarded};
use crate::trace::{self, Secrets};
use crate::trail::{Beside, Trail};
use crate::video;

/// Makes the attempt. `begun` is called when the test's own time begins to count, and `ending` when the test is over
/// and something is left to do.
pub(super) async fn execute(
    home: &Rc<Home>,
    task: &Task,
    trail: &Arc<Trail>,
    cancelled: &Cancelled,
    begun: impl FnOnce() + 'static,
    ending: impl FnOnce(),
) -> Made {
    let _here = trail.enter();
    let since = Instant::now();
    home.lend(task.lent.clone());
    home.slow_pages(task.slow_pages);
    #[cfg(feature = "mail")]
    home.mailbox().into_iter().for_each(crate::mail::Mailbox::begin);
    home.replace_broken_fixtures().await;
    record(home, task);
    let test = task.test.entry;
    let context = Context::new(home.clone(), test).allowing(&task.test.allow_console).announcing(begun);
    let ended = guarded(&context, (test.run)(&context), task.deadline, cancelled).await;
    if context.has_fixtures() || !matches!(ended, Ended::Returned(Ok(()))) {
        ending();
    }
    let (mut problem, skipped) = match ended {
        Ended::Cancelled => {
            context.tear_down().await;
            home.recording().end(None).await;
            trail.close();
            return Made::Cancelled;
        }
        Ended::Skipped(reason) => (None, Some(home.mask(reason))),
        ended => (judge(ended, task), None),
    };
    home.recording().settle().await;
    let (own, of_slot) = (context.sessions(), home.sessions());
    let sessions: Vec<_> = own.iter().chain(&of_slot).cloned().collect();
    let pages = PageProblems::since(since, &sessions, &task.test.allow_console, home, Some(trail)).await;
    tell_requests(&sessions, since, home, trail);
    problem = with_failures_beside(problem, trail);
    match &mut problem {
        // It stays what it is.
        Some(problem) => pages.add_to(problem),
        None if skipped.is_some() => {}
        None => {
            let of_test = |problem| Problem { location: Some(test.place.into()), ..problem };
            problem = pages.verdict().map(of_test);
        }
    }
    if let Some(problem) = &mut problem {
        // A browser that is gone explains what the test saw, and is not the test's fault.
        for session in &own {
            if let Some(cause) = session.problem().await {
                problem.outcome = Outcome::Errored;
                problem.message = format!("{}\nand the test: {}", cause.message, problem.message);
            }
        }
        evidence::keep(&own, home, &task.folder).await;
        evidence::keep_happenings(&own, &of_slot, since, home, &task.folder);
    }
    for further in context.tear_down().await {
        match &mut problem {
            // It never hides what the test itself said.
            Some(problem) => problem.message = format!("{}\nand {}", problem.message, further.message),
            None => problem = Some(further),
        }
    }
    if let Some(problem) = &mut problem {
        problem.message = home.mask(std::mem::take(&mut problem.message));
    }
    #[cfg(feature = "mail")]
    evidence::record_mail(home);
    home.recording().end(problem.as_ref().map(|problem| problem.message.clone())).await;
    let outcome = match (&problem, &skipped) {
        (Some(problem), _) => problem.outcome,
        (None, Some(_)) => Outcome::Skipped,
        (None, None) => Outcome::Passed,
    };
    trail.close();
    Made::Over(Report { outcome, problem, skipped, attached: trail.attached() })
}

/// Tells what the pages of these sessions asked of servers since then.
fn tell_requests(sessions: &[Session], since: Instant, home: &Home, trail: &Trail) {
    let (base_url, clean) = (home.app().base_url().to_owned(), |text| home.mask(text));
    let of_session = |session: &Session| sent_requests(&session.entries(), since, &base_url, &clean);
    let mut requests: Vec<_> = sessions.iter().flat_map(of_session).collect();
    requests.sort_by_key(|request| request.at_us);
    requests.truncate(MOST_REQUESTS);
    trail.tell_requests(requests);
}

/// What failed beside the test fails it at its end, and is told beside what ended it before.
fn with_failures_beside(problem: Option<Problem>, trail: &Trail) -> Option<Problem> {
    let mut failures = trail.failures_beside().into_iter();
    let mut problem = problem.or_else(|| failures.next().map(|first| first.problem))?;
    for Beside { softly, problem: failure } in failures {
        let place = failure.location.map(|place| format!("\n  at {place}")).unwrap_or_default();
        let how = if softly { ", softly," } else { "" };
        problem.message = format!("{}\nand{how} {}{place}", problem.message, failure.message);
    }
    Some(problem)
}

/// From now on what happens on pages is recorded, if it is to be.
fn record(home: &Home, task: &Task) {
    let Recorded { trace, film, mask } = &task.recorded;
    if !trace && !film {
        return;
    }
    home.recording().begin(About {
        test: task.name.to_string(),
        attempt: task.attempt,
        trace: trace.then(|| task.folder.join(trace::RECORDS)),
        film: film.then(|| task.folder.join(video::RECORDS)),
        secrets: Secrets::new(home.passwords(), mask),
        log: home.app().log().map(ToOwned::to_owned),
    });
}

fn judge(ended: Ended, task: &Task) -> Option<Problem> {
    let test = task.test.entry;
    let expects_panic = test.should_panic != ShouldPanic::No;
    let problem = match ended {
        Ended::Returned(Ok(())) if expects_panic => {
            Problem::failed("the test did not panic as expected", None)
        }
        Ended::Returned(Ok(())) | Ended::Skipped(_) | Ended::Cancelled => return None,
        Ended::Returned(Err(failure)) => failure.0,
        Ended::Panicked(problem) => match test.should_panic {
            ShouldPanic::No => problem,
            ShouldPanic::Yes => return None,
            ShouldPanic::With(expected) if problem.message.contains(expected) => return None,
            ShouldPanic::With(expected) => Problem {
                message: format!(
                    "the panic {:?} does not contain the expected text {expected:?}",
                    problem.message
                ),
                ..problem
            },
        },
        Ended::OutOfTime(standstill, extension) => Problem {
            outcome: Outcome::TimedOut,
            message: format!(
                "the test took longer than its {:?}{extension}{}",
                task.deadline,
                standstill.after_colon()
            ),
            location: None,
            steps: standstill.steps,
        },
    };
    Some(Problem { location: problem.location.or_else(|| Some(test.place.into())), ..problem })
}
