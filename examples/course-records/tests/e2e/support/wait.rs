//! Waiting for a page to come to something.

use std::time::{Duration, Instant};

use callboard::Session;
use callboard::thirtyfour::error::{WebDriverError, WebDriverErrorInner};
use serde_json::{Value, json};

use super::{Step, StepError};

/// With more workers than cores a page may have to wait long for its turn.
const LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);
const LOOK: &str = include_str!("look.js");

/// Waits until a condition on the page holds, and returns what it found. `condition` is the body of a JavaScript
/// function of `it`; `what` says in an error what was waited for.
///
/// It asks again and again. A script that waits inside the page is gone when the page is, and now and then the
/// driver does not notice.
pub(super) async fn until(session: &Session, what: &str, condition: &str, it: Value) -> Step<Value> {
    let script: &str = &format!("const condition = (it) => {{ {condition} }};\n{LOOK}");
    let deadline = Instant::now() + LIMIT;
    loop {
        let in_time = Instant::now() < deadline;
        let saw = match session.execute(script, vec![it.clone()]).await {
            Ok(answer) => match answer.json() {
                Value::Object(found) if found.contains_key("value") => return Ok(found["value"].clone()),
                other => other["saw"].clone(),
            },
            // Between two pages there may be nothing to look at.
            Err(error) if is_of_the_page(&error) => json!(error.to_string()),
            Err(error) => return Err(error.into()),
        };
        if !in_time {
            let saw = saw.as_str().unwrap_or("nothing");
            let waited = LIMIT.as_secs();
            return Err(StepError::new(format_args!("waited {waited} s for {what}; the page showed: {saw}")));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn is_of_the_page(error: &WebDriverError) -> bool {
    matches!(error.as_inner(), WebDriverErrorInner::JavascriptError(_) | WebDriverErrorInner::UnknownError(_))
}
