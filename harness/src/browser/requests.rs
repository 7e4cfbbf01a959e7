//! What pages asked of servers, as events have it: few kinds, without what is secret.

use std::time::Instant;

use super::console::is_favicon;
use super::witness::{Entry, Kind, Routed};
use crate::model::{SentRequest, is_write, micros, path_shape, without_secrets};

/// Of one attempt, so many kinds.
pub(crate) const MOST: usize = 60;

/// The requests since then that were to change something, and those that were answered with an error or not at all, the oldest first. `clean`
/// takes passwords out of a text.
pub(crate) fn sent_requests(
    entries: &[Entry],
    since: Instant,
    base_url: &str,
    clean: &dyn Fn(String) -> String,
) -> Vec<SentRequest> {
    let mut sent: Vec<SentRequest> = Vec::new();
    for entry in entries.iter().filter(|entry| entry.at >= since) {
        let Kind::Exchange(exchange) = &entry.kind else { continue };
        // What the test answered itself no server has seen, and what a page did not want any more is no error.
        let is_own = exchange.routed.as_ref().is_some_and(Routed::is_answer);
        let is_given_up = exchange.failure.as_ref().is_some_and(|failure| failure.cancelled);
        let is_error = exchange.status.is_some_and(|status| status >= 400)
            || exchange.failure.is_some() && exchange.status.is_none();
        if is_own || is_favicon(&exchange.url) || !is_write(&exchange.method) && (is_given_up || !is_error) {
            continue;
        }
        let path = without_secrets(&clean(path_shape(&exchange.url, base_url)));
        let (method, status) = (exchange.method.clone(), exchange.status);
        let is_like =
            |one: &&mut SentRequest| one.method == method && one.path == path && one.status == status;
        if let Some(known) = sent.iter_mut().find(is_like) {
            known.times = known.times.saturating_add(1);
        } else if sent.len() < MOST {
            let at_us = micros(entry.at.saturating_duration_since(since));
            sent.push(SentRequest { method, path, status, at_us, times: 1 });
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::super::witness::{Exchange, FailureText, Handled, begun};
    use super::*;

    const BASE: &str = "http://127.0.0.1:3005";

    fn exchange(method: &str, path: &str, status: Option<u16>) -> Exchange {
        let request = json!({ "method": method, "url": format!("{BASE}{path}") });
        Exchange { status, ..begun("1", &request, "Fetch".to_owned(), Instant::now()) }
    }

    fn sent(exchanges: Vec<Exchange>) -> Vec<String> {
        let since = Instant::now();
        let entry =
            |exchange| Entry { at: since, url: String::new(), kind: Kind::Exchange(Arc::new(exchange)) };
        let entries: Vec<Entry> = exchanges.into_iter().map(entry).collect();
        let clean = |text: String| text.replace("only-for-tests", "…");
        let words = |one: SentRequest| format!("{} {:?} x{}", one.target(), one.status, one.times);
        sent_requests(&entries, since, BASE, &clean).into_iter().map(words).collect()
    }

    #[test]
    fn writes_and_errors_are_told_each_kind_once() {
        let gone = FailureText { text: "net::ERR_FAILED".to_owned(), cancelled: false, blocked: None };
        let unwanted = FailureText { cancelled: true, ..gone.clone() };
        let by_test = Routed { by: "the route".into(), how: Handled::Fulfilled };
        let all = vec![
            exchange("GET", "/courses", Some(200)),
            exchange("POST", "/api/courses/12", Some(201)),
            exchange("POST", "/api/courses/13?token=abc", Some(201)),
            exchange("POST", "/api/courses/14", Some(409)),
            exchange("GET", "/api/dashboard", Some(409)),
            Exchange { failure: Some(gone), ..exchange("GET", "/a", None) },
            Exchange { failure: Some(unwanted.clone()), ..exchange("GET", "/b", None) },
            Exchange { failure: Some(unwanted), ..exchange("DELETE", "/c", None) },
            Exchange { routed: Some(by_test), ..exchange("PUT", "/d", Some(500)) },
            exchange("PATCH", "/only-for-tests", Some(200)),
            exchange("GET", "/favicon.ico", Some(404)),
        ];
        assert_eq!(
            sent(all),
            [
                "POST /api/courses/{id} Some(201) x2",
                "POST /api/courses/{id} Some(409) x1",
                "GET /api/dashboard Some(409) x1",
                "GET /a None x1",
                "DELETE /c None x1",
                "PATCH /… Some(200) x1",
            ]
        );
    }

    #[test]
    fn no_attempt_tells_more_than_so_many_kinds() {
        let letter =
            |number: usize| ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"][number % 12];
        let name = |number: usize| format!("/{}/{}", letter(number), letter(number / 12));
        let all = (0..2 * MOST).map(|number| exchange("POST", &name(number), Some(200))).collect();
        assert_eq!(sent(all).len(), MOST);
    }
}
