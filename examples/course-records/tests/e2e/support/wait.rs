//! Waiting for a page to come to something.

use std::time::{Duration, Instant};

use callboard::Session;
use callboard::thirtyfour::error::{WebDriverError, WebDriverErrorInner};
use serde_json::{Value, json};

use super::{Step, StepError};

/// With more workers than cores a page may have to wait long for its turn.
const LIMIT: Duration = Duration::from_secs(20);

const LOOK: &str = include_str!("look.js");

/// Waits until a condition on the page holds, and returns what it found. `condition` is the body of a JavaScript
/// function of `it`; `what` says in an error what was waited for.
pub(super) async fn until(session: &Session, what: &str, condition: &str, it: Value) -> Step<Value> {
    let script = format!("const condition = (it) => {{ {condition} }};\n{LOOK}");
    let deadline = Instant::now() + LIMIT;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        let arguments = vec![json!(left.as_millis()), it.clone()];
        let answer = match session.execute_async(&*script, arguments).await {
            Ok(answer) => answer.json().clone(),
            // The page went away while it was looked at; the next one is asked.
            Err(error) if is_of_the_page(&error) && !left.is_zero() => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        return match answer.get("value") {
            Some(value) => Ok(value.clone()),
            None => Err(StepError::new(format_args!(
                "waited {} s for {what}; the page showed: {}",
                LIMIT.as_secs(),
                answer["saw"].as_str().unwrap_or("nothing")
            ))),
        };
    }
}

fn is_of_the_page(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::JavascriptError(_) | WebDriverErrorInner::UnknownError(_))
}
