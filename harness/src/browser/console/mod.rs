//! What of all that happens on pages is a problem, and in which words it is told.

mod artefacts;
mod message;

use std::time::Instant;

use super::witness::{Entry, Exchange, Kind, Level, Place, Routed};
pub(crate) use artefacts::{console_log, network_log};
pub(crate) use message::message;

use crate::config::Console;
use crate::model::{PageProblem, PageProblemKind, PageRequest, PageSource, Pattern, micros, without_secrets};

/// What is no problem, whatever it says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) console: &'a Console,
    /// What is allowed beside what the configuration allows.
    pub(crate) allow: &'a [Pattern],
}

/// What went wrong since this moment, the oldest first; the same once. Of secrets only passwords may be in it.
pub(crate) fn problems(entries: &[Entry], since: Instant, rules: Rules<'_>) -> Vec<PageProblem> {
    let mut problems: Vec<PageProblem> = Vec::new();
    let recent = || entries.iter().filter(|entry| entry.at >= since);
    for entry in recent() {
        let Some(mut problem) = problem(entry, rules.console, || recent()) else { continue };
        if rules.allow(&problem) {
            continue;
        }
        without_secrets_in(&mut problem);
        problem.at_us = micros(entry.at.saturating_duration_since(since));
        match problems.iter_mut().find(|known| known.is_like(&problem)) {
            Some(known) => known.times = known.times.saturating_add(1),
            None => problems.push(problem),
        }
    }
    problems
}

impl Rules<'_> {
    fn allow(&self, problem: &PageProblem) -> bool {
        let request = problem.request.as_ref().map(|request| format!("{} {}", request.method, request.url));
        let source = problem.source.as_ref().map(|source| source.url.as_str());
        let mut texts = [Some(problem.text.as_str()), request.as_deref(), source].into_iter().flatten();
        texts.any(|text| self.console.allow.iter().chain(self.allow).any(|pattern| pattern.matches(text)))
    }
}

/// The problem that an entry tells of, if it does.
fn problem<'a, I>(entry: &Entry, console: &Console, all: impl Fn() -> I) -> Option<PageProblem>
where
    I: Iterator<Item = &'a Entry>,
{
    let of = |kind, text: &str| PageProblem {
        kind,
        text: text.to_owned(),
        page: entry.url.clone(),
        source: None,
        stack: Vec::new(),
        request: None,
        at_us: 0,
        times: 1,
        steps: Vec::new(),
    };
    let source = |place: &Option<Place>| {
        place.clone().map(|Place { url, line, column }| PageSource { url, line, column })
    };
    match &entry.kind {
        Kind::Exception { text, place, stack, of_promise } => {
            let kind = if *of_promise { PageProblemKind::Rejection } else { PageProblemKind::Exception };
            Some(PageProblem { source: source(place), stack: stack.clone(), ..of(kind, text) })
        }
        Kind::Console { level: Level::Error, text, place } => {
            // What no request is known of, such as that for a favicon in a window.
            if text.starts_with("Failed to load resource") && !console.http_errors {
                return None;
            }
            Some(PageProblem { source: source(place), ..of(PageProblemKind::Console, text) })
        }
        Kind::Exchange(exchange) => {
            let (kind, text) = of_exchange(exchange, console)?;
            // What is forbidden is told by the browser as well, in more words.
            let is_told = |other: &Entry| match &other.kind {
                Kind::Console { level: Level::Error, text, .. } => text.contains(&exchange.url),
                _ => false,
            };
            let is_blocked = exchange.failure.as_ref().is_some_and(|failure| failure.blocked.is_some());
            if is_blocked && all().any(is_told) {
                return None;
            }
            let request = PageRequest {
                method: exchange.method.clone(),
                url: exchange.url.clone(),
                resource: exchange.resource.clone(),
                status: exchange.status,
            };
            Some(PageProblem { request: Some(request), ..of(kind, &text) })
        }
        Kind::Crashed => Some(of(PageProblemKind::Crash, "the browser ended the page's process")),
        Kind::Console { .. } | Kind::Navigated { .. } | Kind::Dialog { .. } | Kind::Dropped { .. } => None,
    }
}

fn of_exchange(exchange: &Exchange, console: &Console) -> Option<(PageProblemKind, String)> {
    // What a route of the test's answered is what the test wants; of one that failed the test is told anyway.
    if is_favicon(&exchange.url) || exchange.routed.as_ref().is_some_and(Routed::is_answer) {
        return None;
    }
    if let Some(status) = exchange.status.filter(|status| *status >= 400) {
        let reason = http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let text = format!("the server responded with a status of {status}{reason}");
        return console.http_errors.then_some((PageProblemKind::HttpError, text));
    }
    let failure = exchange.failure.as_ref()?;
    // The page did not want it any more, or went elsewhere; or it became a download.
    if failure.cancelled || (failure.text == "net::ERR_ABORTED" && failure.blocked.is_none()) {
        return None;
    }
    let text = match (failure.text.as_str(), &failure.blocked) {
        ("", Some(blocked)) => format!("blocked: {blocked}"),
        (text, Some(blocked)) => format!("{text}, blocked: {blocked}"),
        (text, None) => text.to_owned(),
    };
    Some((PageProblemKind::RequestFailed, text))
}

/// After it was looked at whether it is allowed, and before it is shortened.
fn without_secrets_in(problem: &mut PageProblem) {
    let clean = |text: &mut String| *text = without_secrets(text);
    clean(&mut problem.text);
    clean(&mut problem.page);
    problem.stack.iter_mut().for_each(clean);
    problem.source.iter_mut().for_each(|source| clean(&mut source.url));
    problem.request.iter_mut().for_each(|request| clean(&mut request.url));
}

/// Browsers ask for it by themselves.
pub(super) fn is_favicon(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.rsplit('/')
        .next()
        .is_some_and(|file| file.starts_with("favicon.") || file.starts_with("apple-touch-icon"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::super::witness::FailureText;
    use super::*;

    fn exchange(url: &str, status: Option<u16>, failure: Option<(&str, bool, Option<&str>)>) -> Kind {
        let failure = failure.map(|(text, cancelled, blocked)| FailureText {
            text: text.to_owned(),
            cancelled,
            blocked: blocked.map(str::to_owned),
        });
        Kind::Exchange(Arc::new(Exchange {
            id: "1".to_owned(),
            frame: String::new(),
            method: "GET".to_owned(),
            url: url.to_owned(),
            resource: "Fetch".to_owned(),
            request_headers: Vec::new(),
            request_body: None,
            began: Instant::now(),
            status,
            response_headers: Vec::new(),
            mime: String::new(),
            ended: Some(Instant::now()),
            bytes: 0,
            from_cache: false,
            redirected_to: None,
            failure,
            routed: None,
        }))
    }

    fn line(level: Level, text: &str) -> Kind {
        Kind::Console { level, text: text.to_owned(), place: None }
    }

    fn texts(kinds: &[Kind], console: &Console, allow: &[&str]) -> Vec<String> {
        let since = Instant::now();
        let entry = |kind: &Kind| Entry { at: since, url: "http://h/".to_owned(), kind: kind.clone() };
        let entries: Vec<_> = kinds.iter().map(entry).collect();
        let allow: Vec<_> = allow.iter().map(|text| Pattern::new(text).unwrap()).collect();
        let found = problems(&entries, since, Rules { console, allow: &allow });
        found.into_iter().map(|problem| format!("{} x{}", problem.text, problem.times)).collect()
    }

    #[test]
    fn noise_is_none() {
        let noise = [
            line(Level::Warning, "careful"),
            exchange("http://h/favicon.ico?v=2", Some(404), None),
            exchange("http://h/api", None, Some(("net::ERR_ABORTED", true, None))),
            exchange("http://h/file.zip", None, Some(("net::ERR_ABORTED", false, None))),
            exchange("http://h/api", Some(200), None),
            exchange("http://h/api", Some(404), None),
        ];
        assert!(texts(&noise, &Console::default(), &[]).is_empty());
        let strict = Console { http_errors: true, ..Console::default() };
        assert_eq!(texts(&noise, &strict, &[]), ["the server responded with a status of 404 (Not Found) x1"]);
    }

    #[test]
    fn the_same_is_told_once_and_what_is_forbidden_in_the_words_of_the_browser() {
        let refused = exchange("http://h/api", None, Some(("net::ERR_CONNECTION_REFUSED", false, None)));
        let forbidden = exchange("http://other/x", None, Some(("", false, Some("csp"))));
        let said = line(Level::Error, "Loading 'http://other/x' violates …");
        let console = Console::default();
        assert_eq!(
            texts(&[refused.clone(), refused, forbidden.clone(), said], &console, &[]),
            ["net::ERR_CONNECTION_REFUSED x2", "Loading 'http://other/x' violates … x1"]
        );
        assert_eq!(texts(&[forbidden], &console, &[]), ["blocked: csp x1"]);
    }

    #[test]
    fn what_is_allowed_is_matched_against_text_request_and_source() {
        let refused = exchange("http://h/api?x=1", None, Some(("net::ERR_FAILED", false, None)));
        let place = Some(Place { url: "http://cdn/lib.js".to_owned(), line: 1, column: 1 });
        let logged = Kind::Console { level: Level::Error, text: "oh".to_owned(), place };
        let (all, console) = ([refused, logged], Console::default());
        assert_eq!(texts(&all, &console, &["^GET http://h/api"]), ["oh x1"]);
        assert_eq!(texts(&all, &console, &["ERR_FAILED$"]), ["oh x1"]);
        assert_eq!(texts(&all, &console, &["cdn/lib"]), ["net::ERR_FAILED x1"]);
        let configured = Console { allow: vec![Pattern::new("^oh$").unwrap()], ..Console::default() };
        assert_eq!(texts(&all, &configured, &[]), ["net::ERR_FAILED x1"]);
    }

    #[test]
    fn what_happened_before_is_somebody_elses() {
        let since = Instant::now() + Duration::from_secs(1);
        let entry = Entry { at: Instant::now(), url: String::new(), kind: line(Level::Error, "old") };
        let rules = Rules { console: &Console::default(), allow: &[] };
        assert!(problems(&[entry], since, rules).is_empty());
    }
}
