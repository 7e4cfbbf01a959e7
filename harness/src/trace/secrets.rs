//! What is kept out of a trace: passwords in all forms in which they travel, and the values of what is named like one.

use std::fmt::Write;

use serde_json::Value;

/// A shorter one would be found in innocent words.
const SHORTEST: usize = 4;
/// The same of a cookie: `dark`, `true` and `en` are no secrets.
const SHORTEST_COOKIE: usize = 8;

/// What is written instead.
const MASK: &str = "…";

/// A header, a field or a parameter with one of these in its name has a value that is nobody's business.
const NAMES: [&str; 10] = [
    "authorization",
    "cookie",
    "passwd",
    "password",
    "pwd",
    "secret",
    "token",
    "api-key",
    "api_key",
    "apikey",
];

/// See the module.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    values: Vec<String>,
    /// In small letters.
    names: Vec<String>,
}

impl Secrets {
    /// These values, and whatever has one of these names besides the usual ones.
    pub(crate) fn new(values: impl IntoIterator<Item = String>, names: &[String]) -> Self {
        let mut secrets =
            Self { values: Vec::new(), names: names.iter().map(|name| name.to_lowercase()).collect() };
        values.into_iter().filter(|value| value.len() >= SHORTEST).for_each(|value| secrets.learn(&value));
        secrets
    }

    /// The names that were added to the usual ones.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    fn learn(&mut self, value: &str) {
        let json = serde_json::to_string(value).unwrap_or_default();
        let forms = [
            value.to_owned(),
            escaped(value),
            encoded(value, "%20"),
            encoded(value, "+"),
            json.trim_matches('"').to_owned(),
        ];
        for form in forms {
            if !self.values.contains(&form) {
                self.values.push(form);
            }
        }
        // What contains another one is replaced first.
        self.values.sort_by_key(|value| std::cmp::Reverse(value.len()));
    }

    /// A text in which none of the values is left.
    pub(crate) fn text(&self, text: String) -> String {
        self.values
            .iter()
            .fold(text, |text, value| if text.contains(value) { text.replace(value, MASK) } else { text })
    }

    /// The same, with as many units of UTF-16 as before.
    pub(super) fn text_of_same_length(&self, text: String) -> String {
        self.values.iter().fold(text, |text, value| {
            if !text.contains(value) {
                return text;
            }
            text.replace(value, &MASK.repeat(value.encode_utf16().count()))
        })
    }

    /// The values that are kept out.
    pub(crate) fn values(&self) -> &[String] {
        &self.values
    }

    /// Whether what has this name is nobody's business.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        NAMES.iter().any(|part| name.contains(part)) || self.names.contains(&name)
    }

    /// Headers without what is nobody's business. What cookies hold is kept out of all that comes later, too.
    pub(crate) fn headers(&mut self, headers: Vec<(String, String)>) -> Vec<(String, String)> {
        for (name, value) in &headers {
            if name.eq_ignore_ascii_case("cookie") || name.eq_ignore_ascii_case("set-cookie") {
                self.learn_cookies(value);
            }
        }
        let masked = |(name, value): (String, String)| {
            let value = if self.is_named(&name) { MASK.to_owned() } else { self.url(value) };
            (name, value)
        };
        headers.into_iter().map(masked).collect()
    }

    fn learn_cookies(&mut self, header: &str) {
        const ATTRIBUTES: [&str; 7] =
            ["path", "domain", "expires", "max-age", "samesite", "priority", "version"];
        for (name, value) in header.split([';', '\n']).filter_map(|pair| pair.trim().split_once('=')) {
            if value.len() >= SHORTEST_COOKIE && !ATTRIBUTES.contains(&&*name.to_lowercase()) {
                self.learn(value);
            }
        }
    }

    /// An address, or any text with parameters in it.
    pub(crate) fn url(&self, url: String) -> String {
        let url = self.text(url);
        match url.find(['?', '#']) {
            Some(at) => format!("{}{}", &url[..=at], self.pairs(&url[at + 1..])),
            None => url,
        }
    }

    fn pairs(&self, text: &str) -> String {
        let part = |pair: &str| match pair.split_once('=') {
            Some((name, _)) if self.is_named(name) => format!("{name}={MASK}"),
            _ => pair.to_owned(),
        };
        text.split('&').map(part).collect::<Vec<_>>().join("&")
    }

    /// A body: fields of forms and of JSON by their names, everything else by what is in it.
    pub(crate) fn body(&self, mime: &str, text: String) -> String {
        let text = self.text(text);
        if (mime.contains("json") || text.trim_start().starts_with(['{', '[']))
            && let Ok(mut value) = serde_json::from_str::<Value>(&text)
        {
            // Written anew only where something is kept out.
            return if self.json(&mut value) { value.to_string() } else { text };
        }
        if mime.contains("x-www-form-urlencoded") {
            return self.pairs(&text);
        }
        text
    }

    fn json(&self, value: &mut Value) -> bool {
        match value {
            Value::Array(values) => values.iter_mut().fold(false, |any, value| self.json(value) | any),
            Value::Object(fields) => fields.iter_mut().fold(false, |any, (name, value)| {
                if self.is_named(name) && !matches!(value, Value::Null | Value::Bool(_)) {
                    *value = MASK.into();
                    return true;
                }
                self.json(value) | any
            }),
            _ => false,
        }
    }
}

/// As it stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// As it stands in an address, with this for a blank.
fn encoded(text: &str, blank: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push_str(blank),
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_found_in_all_its_forms() {
        let secrets = Secrets::new(["a \"b\"&<c>".to_owned(), "abc".to_owned()], &[]);
        for text in [
            "a \"b\"&<c>",
            "a%20%22b%22%26%3Cc%3E",
            "a+%22b%22%26%3Cc%3E",
            "a &quot;b&quot;&amp;&lt;c&gt;",
            r#"a \"b\"&<c>"#,
        ] {
            assert_eq!(secrets.text(format!("[{text}] abc")), "[…] abc");
        }
    }

    #[test]
    fn what_has_the_name_of_a_secret_is_masked_wherever_it_stands() {
        let mut secrets = Secrets::new([], &["X-Pin".to_owned()]);
        let headers = [
            ("Authorization", "Basic abc"),
            ("x-pin", "1"),
            ("Set-Cookie", "sid=0123456789; Path=/a"),
            ("Accept", "*/*"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let values: Vec<String> = secrets.headers(headers).into_iter().map(|(_, value)| value).collect();
        assert_eq!(values, ["…", "…", "…", "*/*"]);
        assert_eq!(secrets.text("is 0123456789".to_owned()), "is …");
        assert_eq!(
            secrets.url("http://h/?a=1&Access_Token=x#id_token=y".to_owned()),
            "http://h/?a=1&Access_Token=…"
        );
        let form = "application/x-www-form-urlencoded";
        assert_eq!(secrets.body(form, "user=a&password=b".to_owned()), "user=a&password=…");
        let json = r#"{"user":{"newPassword":"b","n":1},"x-pin":[1]}"#;
        assert_eq!(
            secrets.body("application/json", json.to_owned()),
            r#"{"user":{"newPassword":"…","n":1},"x-pin":"…"}"#
        );
        let plain = r#"{ "n" : 1 }"#;
        assert_eq!(secrets.body("application/json", plain.to_owned()), plain);
    }
}
