//! Going to pages: the page is told where to go, and waited for until it is as far as was asked for.

mod content;
mod refusal;

use std::future::IntoFuture;
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::awaited::{LONG, waits_for};
use super::locator::action::Going;
use super::locator::{Doing, PageError, Seen, Why};
use super::network::pattern::{Matcher, Pattern};
use super::network::response::{Body, Response};
use super::session::Session;
use super::state::without_query;
use super::tab::loading::{Document, Loading};
use crate::machine::run_out;

/// The browser is asked for longer than anybody waits, so that the message is about the page.
const GRACE: Duration = Duration::from_secs(10);

/// How an address begins that is none.
const SCRIPT: &str = "javascript:";

/// How far a page has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Load {
    /// It has begun to arrive: the address is the new one.
    Commit,
    /// Its document is parsed, and its deferred scripts have run (`DOMContentLoaded`).
    DomContentLoaded,
    /// All that it is made of is there (`load`), and no script has sent it elsewhere meanwhile.
    #[default]
    Load,
    /// Besides, it has had nothing under way for 500 ms since it was opened. A page that polls never gets there, and one that
    /// got there stays there: rather expect what is to be seen.
    NetworkIdle,
}

/// Going somewhere, or waiting to be there: it happens when this is awaited.
///
/// ```no_run
/// # async fn opens(session: &callboard::Session) -> callboard::TestResult {
/// use std::time::Duration;
/// use callboard::page::Load;
///
/// let arrival = session.goto("/courses").until(Load::NetworkIdle).within(Duration::from_secs(5)).await?;
/// assert_eq!(arrival.status(), Some(200));
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing happens until this is awaited"]
#[derive(Debug)]
pub struct Navigation {
    session: Session,
    to: To,
    until: Load,
    limit: Duration,
    location: &'static Location<'static>,
}

enum To {
    Address(String),
    Same,
    /// So many pages on in the history, or back.
    History(i64),
    /// Nowhere: the page goes by itself.
    Here,
    Url(Matcher<str>),
}

impl std::fmt::Debug for To {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words())
    }
}

/// Where a page has arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    url: String,
    response: Option<Response>,
}

impl Arrival {
    /// The address at which it ended, after all redirects.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The status of the document: 200, 404, … `None` where nobody was asked for it: `about:blank`, `data:`, another place in
    /// the same document, a page that the browser had kept.
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(Response::status)
    }

    /// What the document was answered with; `None` as with [`status`](Self::status).
    pub fn response(&self) -> Option<&Response> {
        self.response.as_ref()
    }
}

impl Session {
    /// Goes to a path of the slot's application, or to an absolute address, and waits until the page has loaded (30 s at most),
    /// also where a script sends it on while it loads.
    ///
    /// An answer of any status is a page: look at the [`Arrival`]. An address at which nobody answers, that redirects
    /// without end, a download and an answer without a page (204) are errors.
    ///
    /// If the first page shows that the application no longer accepts the sign-in this session began
    /// with (it answers 401, or redirects to the sign-in page), the account is signed in once more and
    /// the page is asked for again.
    ///
    /// It is the session's own page that goes there, whatever window thirtyfour's `switch_to_window` is at.
    ///
    /// ```no_run
    /// # async fn opens(session: &callboard::Session) -> callboard::TestResult {
    /// session.goto("/courses").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn goto(&self, path: impl AsRef<str>) -> Navigation {
        let path = path.as_ref();
        // It is no path of the application, and is refused.
        let url = if path.starts_with(SCRIPT) { path.to_owned() } else { self.url_of(path) };
        self.navigation(To::Address(url))
    }

    /// Loads the page once more, and waits until it has (30 s at most).
    #[track_caller]
    pub fn reload(&self) -> Navigation {
        self.navigation(To::Same)
    }

    /// Goes back to the page before this one, and waits until it has loaded (30 s at most). It is an error if there is none.
    ///
    /// thirtyfour's `back()` goes back in the window that it is switched to.
    #[track_caller]
    pub fn go_back(&self) -> Navigation {
        self.navigation(To::History(-1))
    }

    /// Goes to the page from which [`go_back`](Self::go_back) came.
    #[track_caller]
    pub fn go_forward(&self) -> Navigation {
        self.navigation(To::History(1))
    }

    /// Waits until the page is so far (30 s at most): at once, if it is. Not needed before something is done with it or expected of
    /// it, for that waits by itself.
    #[track_caller]
    pub fn wait_for_load(&self, load: Load) -> Navigation {
        self.navigation(To::Here).until(load)
    }

    /// Waits until the address of the page is one that the [pattern](crate::page::Pattern) means, and the page has loaded (30 s at
    /// most): at once, if it is. Also when it changes without a new document.
    ///
    /// ```no_run
    /// # async fn signs_in(session: &callboard::Session) -> callboard::TestResult {
    /// session.by_role("button").named("Sign in").click().await?;
    /// session.wait_for_url("/dashboard").await?;
    /// session.wait_for_url("**/courses/*").await?;
    /// session.wait_for_url(|url: &str| url.ends_with("#top")).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_url(&self, pattern: impl Pattern<str>) -> Navigation {
        self.navigation(To::Url(pattern.matcher(self)))
    }

    /// Where the page is, as far as the browser has told: it is not asked.
    pub fn url(&self) -> String {
        self.tab().loading().now().url
    }

    /// The document of the page as HTML, as it is now.
    #[track_caller]
    pub fn content(&self) -> impl Future<Output = Result<String, PageError>> + Send + use<> {
        const SCRIPT: &str = "(document.doctype ? new XMLSerializer().serializeToString(document.doctype) : '') \
                              + (document.documentElement?.outerHTML ?? '')";
        let (session, location) = (self.clone(), Location::caller());
        async move {
            let doing = Doing { what: "read the HTML of the page".into(), limit: LONG, location };
            let tab = session.tab();
            let html = tab.unless_in_the_way(tab.page().evaluate(SCRIPT)).await;
            let html = html.map_err(|obstacle| doing.obstructed(obstacle))?;
            Ok(html.as_str().unwrap_or_default().to_owned())
        }
    }

    #[track_caller]
    fn navigation(&self, to: To) -> Navigation {
        Navigation { session: self.clone(), to, until: Load::Load, limit: LONG, location: Location::caller() }
    }

    /// What the document of the page was answered with, if anybody was asked for it.
    fn arrival(&self, document: Document) -> Arrival {
        let exchange = self.witness().exchange(&document.loader).filter(|exchange| exchange.status.is_some());
        let response =
            exchange.map(|exchange| Response::new(self, &exchange, Body::Of(self.tab().page().clone())));
        Arrival { url: document.url, response }
    }
}

impl Navigation {
    /// The page has to be this far. Default: [`Load::Load`].
    pub fn until(mut self, load: Load) -> Self {
        self.until = load;
        self
    }

    /// It has this long. Default: 30 s.
    pub fn within(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    async fn arrive(self) -> Result<Arrival, PageError> {
        let arrival = self.arrive_once().await?;
        let To::Address(url) = &self.to else { return Ok(arrival) };
        let what: Arc<str> = self.to.words().into();
        let doing = Doing { what, limit: self.limit, location: self.location };
        if !self.session.settle_first(url, &arrival).await.map_err(|why| doing.failed(why))? {
            return Ok(arrival);
        }
        self.arrive_once().await
    }

    async fn arrive_once(&self) -> Result<Arrival, PageError> {
        let Self { session, limit, .. } = self;
        let doing = Doing { what: self.to.words().into(), limit: *limit, location: self.location };
        let _waiting = waits_for(&doing);
        let (tab, since) = (session.tab(), Instant::now());
        let before = tab.loading().now();
        if self.until == Load::NetworkIdle {
            Loading::tell_when_idle(tab.page());
        }
        tokio::select! {
            biased;
            // Before anything is sent: it would be done when the dialog is answered.
            obstacle = tab.in_the_way() => Err(doing.obstructed(obstacle)),
            arrived = self.go(&before) => match arrived {
                Ok(document) => Ok(session.arrival(document)),
                Err(why) => Err(doing.failed(why)),
            },
            gone = session.gone() => Err(doing.failed(gone)),
            extension = run_out(*limit) => {
                let now = tab.loading().now();
                let seen = Seen {
                    last: Some(self.missing(&before, &now, since)),
                    navigations: u32::try_from((now.documents - before.documents).saturating_sub(1)).unwrap_or(u32::MAX),
                    ..Seen::default()
                };
                if self.to.is_ours() {
                    // What comes too late must not take the place of where the test goes next.
                    tab.page().notify("Page.stopLoading", &json!({}));
                }
                Err(doing.failed(Why::TooLate { limit: *limit, extension: extension.to_string(), seen }))
            }
        }
    }

    /// Goes, and waits until the page is there.
    async fn go(&self, before: &Document) -> Result<Document, Why> {
        if self.to.is_ours() {
            // Somebody has waited for these responses, whose bodies the browser forgets with the page.
            let mut fetching = self.session.family().fetching.subscribe();
            let _ = fetching.wait_for(|fetching| *fetching == 0).await.map(drop);
        }
        let loading = self.session.tab().loading();
        let until = self.until;
        match &self.to {
            To::Address(url) => match self.navigate(url).await? {
                Gone::ToAnother => {
                    Ok(loading.until(|now| now.documents > before.documents && until.is_reached(now)).await)
                }
                Gone::WithinDocument => Ok(loading.until(|now| now.moves > before.moves).await),
            },
            To::Same => {
                self.call("Page.reload", json!({})).await?;
                Ok(loading.until(|now| now.documents > before.documents && until.is_reached(now)).await)
            }
            To::History(by) => {
                self.travel(*by).await?;
                Ok(loading.until(|now| now.moves > before.moves && until.is_reached(now)).await)
            }
            To::Here => Ok(loading.until(|now| until.is_reached(now)).await),
            To::Url(Matcher { fault: Some(fault), .. }) => Err(Why::Other(fault.clone())),
            To::Url(Matcher { matches, .. }) => {
                Ok(loading.until(|now| matches(&now.url) && until.is_reached(now)).await)
            }
        }
    }

    async fn navigate(&self, url: &str) -> Result<Gone, Why> {
        if url.starts_with(SCRIPT) {
            return Err(Why::Other("a script is no page; have it run by `session.execute(…)`".to_owned()));
        }
        let answer = match self.call("Page.navigate", json!({ "url": url })).await {
            Err(Why::Browser(super::error::BrowserError::Refused { .. })) => {
                return Err(Why::Other(format!("`{url}` is no address")));
            }
            answer => answer?,
        };
        let Some(error) = answer["errorText"].as_str().filter(|error| !error.is_empty()) else {
            let is_another = answer["loaderId"].is_string();
            return Ok(if is_another { Gone::ToAnother } else { Gone::WithinDocument });
        };
        let exchange = self.session.witness().exchange(answer["loaderId"].as_str().unwrap_or_default());
        let is_download = answer["isDownload"] == true;
        Err(Why::Other(refusal::in_words(url, error, is_download, exchange.as_deref())))
    }

    async fn travel(&self, by: i64) -> Result<(), Why> {
        let side = if by < 0 { "before" } else { "behind" };
        let no_page = || Why::Other(format!("there is no page {side} this one in the history"));
        let history = self.call("Page.getNavigationHistory", json!({})).await?;
        let index = history["currentIndex"].as_i64().unwrap_or_default() + by;
        let entry = usize::try_from(index).ok().map(|index| &history["entries"][index]["id"]);
        let Some(entry) = entry.filter(|entry| entry.is_i64()) else {
            return Err(no_page());
        };
        match self.call("Page.navigateToHistoryEntry", json!({ "entryId": entry })).await {
            Err(Why::Browser(super::error::BrowserError::Refused { .. })) => Err(no_page()),
            travelled => travelled.map(drop),
        }
    }

    async fn call(&self, method: &'static str, params: Value) -> Result<Value, Why> {
        let page = self.session.tab().page();
        page.call_within(self.limit * 2 + GRACE, method, params).await.map_err(Why::Browser)
    }

    /// What there was instead.
    fn missing(&self, before: &Document, now: &Document, since: Instant) -> String {
        let mut text = match &self.to {
            To::Url(matcher) if !(matcher.matches)(&now.url) => {
                return format!("it was {}", without_query(&now.url));
            }
            to if to.is_ours() && now.documents == before.documents => "nothing has come back yet".to_owned(),
            _ if self.until == Load::NetworkIdle && now.is_loaded => {
                "it has loaded, and has something under way all the time".to_owned()
            }
            _ => "it has not finished loading".to_owned(),
        };
        for line in self.session.under_way(since) {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        text
    }
}

impl IntoFuture for Navigation {
    type Output = Result<Arrival, PageError>;
    type IntoFuture = Going<Arrival>;

    fn into_future(self) -> Going<Arrival> {
        Box::pin(async move {
            let (what, trace) = (self.to.words(), self.session.trace().clone());
            let location = self.location;
            self.session.keep_pace(&what, location).await;
            trace.around("goto", &what, Some(location), None, self.arrive()).await
        })
    }
}

/// How a page has gone.
enum Gone {
    ToAnother,
    WithinDocument,
}

impl To {
    fn words(&self) -> String {
        match self {
            Self::Address(url) if url.starts_with("data:") => "go to data:…".to_owned(),
            Self::Address(url) if url.starts_with(SCRIPT) => format!("go to {SCRIPT}…"),
            // What is after the `?` may be a secret.
            Self::Address(url) => format!("go to {}", without_query(url)),
            Self::Same => "reload the page".to_owned(),
            Self::History(by) if *by < 0 => "go back".to_owned(),
            Self::History(_) => "go forward".to_owned(),
            Self::Here => "wait for the page to load".to_owned(),
            Self::Url(matcher) => format!("wait for the address {}", matcher.words),
        }
    }

    /// Whether it is the test that sends the page there.
    fn is_ours(&self) -> bool {
        matches!(self, Self::Address(_) | Self::Same | Self::History(_))
    }
}

impl Load {
    fn is_reached(self, document: &Document) -> bool {
        match self {
            Self::Commit => true,
            Self::DomContentLoaded => document.is_parsed,
            Self::Load => document.is_loaded && !document.is_going_elsewhere(),
            Self::NetworkIdle => document.is_idle && document.is_loaded && !document.is_going_elsewhere(),
        }
    }
}
