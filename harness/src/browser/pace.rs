//! A test that somebody watches: slowed down, or stopped before each action until they say go on.

use std::io::{BufRead as _, Write as _};
use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::session::Session;

/// How fast a test goes.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Pace {
    /// What is waited before each action.
    pub(crate) slow_mo: Duration,
    /// Somebody is asked before each action.
    pub(crate) steps: bool,
}

const PROMPT: &str = "[Enter] this one, c: all up to the next pause(), l SELECTOR: try a locator > ";

/// Whether somebody said that all may go on. There is one terminal, and under `--debug` one test at a time.
static GOES_ON: AtomicBool = AtomicBool::new(false);

impl Session {
    /// Stops the test here until somebody at the terminal says go on, if the run was started with `--debug`. Otherwise it
    /// does nothing, so that it may be left in a test by mistake.
    ///
    /// ```no_run
    /// # async fn looks(session: &callboard::Session) -> callboard::TestResult {
    /// session.goto("/courses").await?;
    /// session.pause().await;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn pause(&self) -> impl Future<Output = ()> + Send + use<> {
        let (session, location) = (self.clone(), Location::caller());
        async move {
            if session.waits().pace.steps {
                GOES_ON.store(false, Ordering::Relaxed);
                session.ask_somebody("pause", location).await;
            }
        }
    }

    /// Is called before something is done with the page.
    pub(super) async fn keep_pace(&self, what: &str, location: &'static Location<'static>) {
        let Pace { slow_mo, steps } = self.waits().pace;
        if !slow_mo.is_zero() {
            tokio::time::sleep(slow_mo).await;
        }
        if steps && !GOES_ON.load(Ordering::Relaxed) {
            self.ask_somebody(what, location).await;
        }
    }

    async fn ask_somebody(&self, what: &str, location: &Location<'_>) {
        let mut said = format!("{what}  ({location})\n{PROMPT}");
        loop {
            let line = tokio::task::spawn_blocking(move || ask(&said)).await.unwrap_or_default();
            match line.trim() {
                "" => return,
                "c" => return GOES_ON.store(true, Ordering::Relaxed),
                line => match line.strip_prefix("l ") {
                    Some(selector) => said = format!("{}\n{PROMPT}", self.tried(selector.trim()).await),
                    None => said = format!("what is `{line}`?\n{PROMPT}"),
                },
            }
        }
    }

    /// What a locator finds now.
    async fn tried(&self, selector: &str) -> String {
        match self.locator(selector).markups().await {
            Err(error) => error.to_string(),
            Ok(found) => {
                let lines = found.iter().map(|element| format!("\n  {element}"));
                format!("{} found{}", found.len(), lines.collect::<String>())
            }
        }
    }
}

/// Asks at the terminal. Where that has ended, nobody wants to be asked again.
fn ask(text: &str) -> String {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{text}").and_then(|()| out.flush());
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => "c".to_owned(),
        Ok(_) => line,
    }
}
