//! What the pages of an attempt asked of servers, as far as it matters afterwards: what was to change something, and what was answered with
//! an error.

use serde::{Deserialize, Serialize};

/// Requests of one kind that the pages of a test made: each that is not `GET`, `HEAD` or `OPTIONS`, and each that was answered with an error or not
/// at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentRequest {
    /// `POST`
    pub method: String,
    /// Where it went, without what differs from one to the next: `/api/courses/{id}`. With the host in front where that is not the
    /// slot's application: `//mail.example/send`.
    pub path: String,
    /// What it was answered with; nothing where nothing came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// When the first of them was made: from the beginning of the attempt, in microseconds.
    pub at_us: u64,
    /// How many there were.
    pub times: u32,
}

impl SentRequest {
    /// Whether it was to change something.
    pub(crate) fn is_write(&self) -> bool {
        is_write(&self.method)
    }

    /// What it was to change: `POST /api/courses`.
    pub(crate) fn target(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Whether requests of this method are to change something.
pub(crate) fn is_write(method: &str) -> bool {
    !["GET", "HEAD", "OPTIONS"].contains(&method)
}

/// Stands for the parts of a path that are names of single things.
const ID: &str = "{id}";
/// No path is longer, in characters.
const LONGEST: usize = 120;

/// The path of an address, without what differs from one request of a kind to the next: parameters, numbers, keys.
pub(crate) fn path_shape(url: &str, base_url: &str) -> String {
    let below = url.strip_prefix(base_url.trim_end_matches('/')).filter(|_| !base_url.is_empty());
    let own = below.filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let (host, rest) = own.map_or_else(|| host_of(url), |rest| (String::new(), rest));
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').map(|part| if is_id(part) { ID } else { part }).collect();
    let path = parts.join("/");
    let text = format!("{host}{}", if path.is_empty() { "/" } else { &path });
    text.chars().take(LONGEST).collect()
}

/// The host of an address with `//` in front, and what comes behind it. Ports differ from slot to slot, and a name in front of the
/// host is nobody's business.
fn host_of(url: &str) -> (String, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (host, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let host = host.rsplit('@').next().unwrap_or_default();
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    (format!("//{name}"), rest)
}

/// Whether a part of a path names a single thing: a number, a key, an address, a code with a number in it. `v2` and `oauth2` do not.
fn is_id(part: &str) -> bool {
    const KEY: usize = 16;
    const HEX: usize = 8;
    const DIGITS: usize = 3;
    let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || part.contains('@') || part.contains("%40") {
        return true;
    }
    let has_digit = part.bytes().any(|byte| byte.is_ascii_digit());
    let is_hex = part.len() >= HEX && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_key = part.len() >= KEY
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.~=%".contains(&byte))
        && (has_digit || part.len() >= 2 * KEY);
    let in_a_row = part.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or_default();
    has_digit && is_hex || is_key || in_a_row >= DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_single_thing_is_left_out() {
        let base = "http://127.0.0.1:3005";
        for (path, shape) in [
            ("/api/courses/17/sections/4?draft=1", "/api/courses/{id}/sections/{id}"),
            ("/api/v2/users/0b0a5a3e-7f2e-4a09-9d5f-0f2f3f4c5d6e", "/api/v2/users/{id}"),
            ("/verify/Zk3q9Xw_82hdkQpL0a", "/verify/{id}"),
            ("/invite/qwertyuiopasdfghjklzxcvbnmqwertyuiop", "/invite/{id}"),
            ("/users/ida%40example.test#top", "/users/{id}"),
            ("/courses/CS101/edit", "/courses/{id}/edit"),
            ("/oauth2/registration-confirmation", "/oauth2/registration-confirmation"),
            ("/deadbeef", "/deadbeef"),
            ("/feedbeef7", "/{id}"),
            ("", "/"),
            ("?x=1", "/"),
        ] {
            assert_eq!(path_shape(&format!("{base}{path}"), base), shape, "{path}");
        }
    }

    #[test]
    fn other_hosts_are_told_without_their_port_and_user() {
        for (url, shape) in [
            ("http://127.0.0.1:30051/a", "//127.0.0.1/a"),
            ("https://ida:secret@mail.example:8443/send/12", "//mail.example/send/{id}"),
            ("https://mail.example", "//mail.example/"),
        ] {
            assert_eq!(path_shape(url, "http://127.0.0.1:3005/"), shape);
        }
    }
}
