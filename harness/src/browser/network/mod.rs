//! What pages ask for and are answered: waited for by a test.

pub(crate) mod pattern;
pub(crate) mod response;

use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use self::pattern::{Matcher, Pattern};
use self::response::{Body, Request, Response, fetch};
use super::awaited::Awaited;
use super::locator::Why;
use super::session::Session;
use super::state::without_query;
use super::witness::{Exchange, Kind, Stage};

/// Of what came instead so many are told.
const TOLD: usize = 5;

impl Session {
    /// The next response that the pattern means, on all pages of the session. It is listened for from now on, so that it is
    /// made before what causes it. It is there when its headers are; a redirect is one, too.
    ///
    /// ```no_run
    /// # async fn saves(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::page::Response;
    ///
    /// let created = session.wait_for_response(|it: &Response| it.status() == 201);
    /// session.by_role("button").named("Save").click().await?;
    /// assert!(created.await?.url().ends_with("/api/courses"));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_response(&self, pattern: impl Pattern<Response>) -> Awaited<Response> {
        let Matcher { words, matches, fault } = pattern.matcher(self);
        let (sender, receiver) = oneshot::channel();
        let waiting = Mutex::new(Some((sender, matches)));
        let (ended, coming) = watch::channel(None);
        let taken = Mutex::new(None::<Arc<str>>);
        let session = self.clone();
        let listening = self.witness().on_exchange(move |exchange, stage| {
            let lock = |()| taken.lock().unwrap_or_else(PoisonError::into_inner);
            match stage {
                Stage::Requested => {}
                Stage::Responded => {
                    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
                    let Some((_, matches)) = &*waiting else { return };
                    // Only to be asked: nobody will read its body.
                    let asked = Response::new(&session, exchange, Body::Of(session.tab().page().clone()));
                    if matches(&asked)
                        && let Some((sender, _)) = waiting.take()
                    {
                        *lock(()) = Some(exchange.id.as_str().into());
                        let _ = sender.send(exchange.clone());
                    }
                }
                Stage::Finished | Stage::Failed => {
                    if lock(()).take_if(|id| **id == *exchange.id).is_some() {
                        complete(&session, exchange, ended.clone());
                    }
                }
            }
        });
        let session = self.clone();
        let coming = async move {
            if let Some(fault) = fault {
                return Err(Why::Other(fault));
            }
            match receiver.await {
                Ok(exchange) => Ok(Response::new(&session, &exchange, Body::Coming(coming, listening))),
                Err(_gone) => Err(Why::Closed),
            }
        };
        let missing = self.meanwhile("no such response came");
        Awaited::new(self, format!("wait for a response of {words}"), Location::caller(), coming, missing)
    }

    /// The next request that the pattern means, on all pages of the session, as soon as it is made: answered or not. It is
    /// listened for from now on.
    ///
    /// ```no_run
    /// # async fn saves(session: &callboard::Session) -> callboard::TestResult {
    /// let request = session.wait_for_request("/api/courses");
    /// session.by_role("button").named("Save").click().await?;
    /// let sent: serde_json::Value = request.await?.json()?;
    /// assert_eq!(sent["title"], "Algebra");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_request(&self, pattern: impl Pattern<Request>) -> Awaited<Request> {
        let Matcher { words, matches, fault } = pattern.matcher(self);
        let (sender, receiver) = oneshot::channel();
        let waiting = Mutex::new(Some(sender));
        let listening = self.witness().on_exchange(move |exchange, stage| {
            if stage != Stage::Requested {
                return;
            }
            let request = Request::new(exchange);
            let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.is_some()
                && matches(&request)
                && let Some(sender) = waiting.take()
            {
                let _ = sender.send(request);
            }
        });
        let coming = async move {
            let _listening = listening;
            match fault {
                Some(fault) => Err(Why::Other(fault)),
                None => receiver.await.map_err(|_gone| Why::Closed),
            }
        };
        let missing = self.meanwhile("no such request was made");
        Awaited::new(self, format!("wait for a request of {words}"), Location::caller(), coming, missing)
    }

    /// What there was instead since now, for a message.
    fn meanwhile(&self, missing: &'static str) -> impl FnOnce() -> String + Send + 'static {
        let (witness, since) = (self.witness().clone(), Instant::now());
        move || {
            let exchanges = witness.entries().into_iter().filter_map(|entry| match entry.kind {
                Kind::Exchange(exchange) if entry.at >= since => Some(exchange),
                _ => None,
            });
            let told: Vec<String> = exchanges.map(|exchange| of_exchange(&exchange)).collect();
            let earlier = told.len().saturating_sub(TOLD);
            let mut text = missing.to_owned();
            for line in told.iter().skip(earlier) {
                text.push_str("\n  ");
                text.push_str(line);
            }
            if earlier > 0 {
                text = format!("{text}\n  and {earlier} before");
            }
            text
        }
    }

    /// What is still under way of what was asked for since then, for a message.
    pub(super) fn under_way(&self, since: Instant) -> Vec<String> {
        let entries = self.witness().entries().into_iter();
        let exchanges = entries.filter_map(|entry| match entry.kind {
            Kind::Exchange(exchange) if entry.at + Duration::from_millis(5) >= since => Some(exchange),
            _ => None,
        });
        let open = exchanges.filter(|exchange| exchange.ended.is_none());
        open.map(|exchange| of_exchange(&exchange)).take(TOLD).collect()
    }
}

/// `GET http://127.0.0.1:3002/courses: 200`
pub(super) fn of_exchange(exchange: &Exchange) -> String {
    let how = match (&exchange.failure, exchange.status) {
        (Some(failure), _) => failure.text.clone(),
        (None, Some(status)) => status.to_string(),
        (None, None) => match &exchange.routed {
            Some(routed) => format!("not answered yet, {routed}"),
            None => "not answered yet".to_owned(),
        },
    };
    format!("{} {}: {how}", exchange.method, without_query(&exchange.url))
}

/// Fetches the body as soon as it is there, before the page goes elsewhere and the browser forgets it.
fn complete(
    session: &Session,
    exchange: &Exchange,
    ended: watch::Sender<Option<Result<bytes::Bytes, String>>>,
) {
    if let Some(failure) = &exchange.failure {
        ended.send_replace(Some(Err(format!("it broke off: {}", failure.text))));
        return;
    }
    if exchange.redirected_to.is_some() {
        ended.send_replace(Some(Err("a redirect has none".to_owned())));
        return;
    }
    let (page, id) = (session.page_of(&exchange.frame), exchange.id.clone());
    let family = session.family().clone();
    family.fetching.send_modify(|fetching| *fetching += 1);
    tokio::spawn(async move {
        let body = fetch(&page, &id).await;
        ended.send_replace(Some(body));
        family.fetching.send_modify(|fetching| *fetching -= 1);
    });
}
