//! What went wrong on the pages of an attempt, or of a sign-in: asked for at its end, told as events, put into words.

use std::time::Instant;

use super::home::Home;
use crate::browser::Session;
use crate::browser::console::message;
use crate::config::OnError;
use crate::model::{Outcome, PageProblem, Pattern, Problem};
use crate::trail::Trail;

/// Of one attempt, so many that differ.
const MOST: usize = 50;

/// See the module.
#[derive(Debug)]
pub(crate) struct PageProblems {
    problems: Vec<PageProblem>,
    message: String,
    on_error: OnError,
}

impl PageProblems {
    /// What went wrong since then on the pages of these sessions. Nothing that is allowed is in it, and no secret.
    pub(crate) async fn since(
        since: Instant,
        sessions: &[Session],
        allow: &[Pattern],
        home: &Home,
        trail: Option<&Trail>,
    ) -> Self {
        futures_util::future::join_all(sessions.iter().map(Session::settle)).await;
        let of_session = |session: &Session| session.page_problems(since, allow);
        let mut problems: Vec<_> = sessions.iter().flat_map(of_session).collect();
        problems.sort_by_key(|problem| problem.at_us);
        problems.truncate(MOST);
        // Before anything is cut off.
        for problem in &mut problems {
            without_passwords(problem, home);
        }
        if let Some(trail) = trail {
            for problem in &mut problems {
                problem.steps = trail.steps_at(since, problem.at_us);
                trail.tell_page_problem(problem.clone());
            }
        }
        let message = message(&problems, home.app().base_url());
        Self { problems, message, on_error: home.console().on_error }
    }

    /// What it makes of what would have been good otherwise.
    pub(crate) fn verdict(&self) -> Option<Problem> {
        if self.problems.is_empty() {
            return None;
        }
        let outcome = match self.on_error {
            OnError::Error => Outcome::Errored,
            OnError::Fail => Outcome::Failed,
            OnError::Ignore => return None,
        };
        let steps = self.problems.first().map(|problem| problem.steps.clone()).unwrap_or_default();
        Some(Problem { outcome, message: self.message.clone(), location: None, steps })
    }

    /// Says it beside what was wrong anyway.
    pub(crate) fn add_to(&self, problem: &mut Problem) {
        if !self.problems.is_empty() {
            problem.message = format!("{}\nand {}", problem.message, self.message);
        }
    }
}

fn without_passwords(problem: &mut PageProblem, home: &Home) {
    let clean = |text: &mut String| *text = home.mask(std::mem::take(text));
    clean(&mut problem.text);
    clean(&mut problem.page);
    problem.stack.iter_mut().for_each(clean);
    problem.source.iter_mut().for_each(|source| clean(&mut source.url));
    problem.request.iter_mut().for_each(|request| clean(&mut request.url));
}
