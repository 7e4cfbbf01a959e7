//! A page that is given its content, instead of going anywhere.

use std::panic::Location;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::json;

use crate::browser::locator::{Doing, PageError, Why};
use crate::browser::session::Session;

/// How long it may take to load.
const PAGE_LOAD: Duration = Duration::from_secs(30);

impl Session {
    /// Makes this HTML the whole page, and waits until it has loaded. For a test of a component, without a server.
    ///
    /// ```no_run
    /// # async fn clicks(session: &callboard::Session) -> callboard::TestResult {
    /// session.set_content("<button>Save</button>").await?;
    /// session.by_role("button").named("Save").click().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn set_content(&self, html: impl AsRef<str>) -> BoxFuture<'_, Result<(), PageError>> {
        let doing =
            Doing { what: "set the page's content".into(), limit: PAGE_LOAD, location: Location::caller() };
        let expression = format!(
            "new Promise(done => {{ \
               document.open(); document.write({}); document.close(); \
               document.readyState === 'complete' ? done() : addEventListener('load', () => done()) \
             }})",
            json!(html.as_ref())
        );
        let params = json!({ "expression": expression, "awaitPromise": true });
        Box::pin(async move {
            let tab = self.tab();
            let work = async {
                let written = tab.page().call_within(PAGE_LOAD, "Runtime.evaluate", params);
                let answer =
                    tab.unless_in_the_way(written).await.map_err(|obstacle| doing.obstructed(obstacle))?;
                match answer["exceptionDetails"]["exception"]["description"].as_str() {
                    Some(exception) => Err(doing.failed(Why::Other(exception.to_owned()))),
                    None => Ok(()),
                }
            };
            self.trace().around("goto", &doing.what, Some(doing.location), None, work).await
        })
    }
}
