//! Why a page could not be gone to, in words.

use crate::browser::state::without_query;
use crate::browser::witness::Exchange;

/// What the browser's error means for who reads it.
pub(super) fn in_words(url: &str, error: &str, is_download: bool, exchange: Option<&Exchange>) -> String {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or(host);
    if is_download {
        return "it is a download and no page; have `session.wait_for_download()` before it".to_owned();
    }
    let status = exchange.and_then(|exchange| exchange.status);
    if let (Some(status @ (204 | 205)), "net::ERR_ABORTED") = (status, error) {
        return format!("it was answered with {status}, which is no page");
    }
    if let Some(routed) = exchange.and_then(|exchange| exchange.routed.as_ref())
        && routed.is_answer()
    {
        return format!("it was {routed} ({error})");
    }
    let why = match error.trim_start_matches("net::") {
        "ERR_ABORTED" => "the browser went elsewhere instead, or has no page for it".to_owned(),
        "ERR_CONNECTION_REFUSED" => format!("nobody answers at {host}"),
        "ERR_NAME_NOT_RESOLVED" => format!("there is no host {host}"),
        "ERR_EMPTY_RESPONSE" | "ERR_CONNECTION_RESET" | "ERR_CONNECTION_CLOSED" => {
            format!("{host} closed the connection without an answer")
        }
        "ERR_TOO_MANY_REDIRECTS" => match exchange {
            Some(exchange) => {
                format!("it redirects without end, at last to {}", without_query(&exchange.url))
            }
            None => "it redirects without end".to_owned(),
        },
        "ERR_SSL_PROTOCOL_ERROR" => format!("{host} speaks no TLS; is it `http://`?"),
        "ERR_INTERNET_DISCONNECTED" => "the page is offline".to_owned(),
        "ERR_FILE_NOT_FOUND" => "there is no such file".to_owned(),
        "ERR_INVALID_URL" => "it is no address".to_owned(),
        name if name.starts_with("ERR_CERT_") => format!(
            "the certificate of {host} is not valid; to accept it all the same, write \
             `args = [\"--ignore-certificate-errors\"]` under [browser] in callboard.toml"
        ),
        _ => "the browser cannot show it".to_owned(),
    };
    format!("{why} ({error})")
}
