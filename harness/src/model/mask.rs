//! Secrets are kept out of all that is written down.

use std::sync::LazyLock;

use regex_lite::Regex;

/// A shorter one would be found in innocent words.
const SHORTEST: usize = 4;

/// A text in which none of these passwords is left.
pub(crate) fn masked<'a>(text: String, passwords: impl IntoIterator<Item = &'a str>) -> String {
    let passwords = passwords.into_iter().filter(|password| password.len() >= SHORTEST);
    passwords.fold(text, |text, password| text.replace(password, "…"))
}

/// A text without what looks like a secret by where it stands: in an address (`?token=…`, `//user:password@`), after `Bearer`
/// or `Basic`, in a JSON field or a form's field of such a name.
pub(crate) fn without_secrets(text: &str) -> String {
    static SECRETS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let name = r"[\w.\-]*(?:token|secret|passw|pwd|credential|signature|session|jwt|ticket|otp|auth|api[_-]?key|access[_-]?key)[\w.\-]*|key|sig|sid|code";
        let patterns = [
            format!(r#"(?i)((?:^|[?&#;\s"'])(?:{name})=)[^&#;\s"'<>)]+"#),
            format!(r#"(?i)("(?:{name})"\s*:\s*)(?:"(?:[^"\\]|\\.)*"|\d+)"#),
            r"(?i)(\b(?:bearer|basic)\s+)[\w.~+/=\-]{8,}".to_owned(),
            r"(://)[^/\s:@]+:[^/\s@]+(?:@)".to_owned(),
        ];
        patterns.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect()
    });
    let mut text = text.to_owned();
    for (index, secret) in SECRETS.iter().enumerate() {
        let put = ["${1}…", "${1}\"…\"", "${1}…", "${1}…@"][index];
        text = secret.replace_all(&text, put).into_owned();
    }
    text
}

/// Whether a header of this name carries a secret.
pub(crate) fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["authorization", "cookie", "token", "secret", "api-key", "apikey", "csrf", "password"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_replaced_and_short_ones_are_not() {
        assert_eq!(masked("says pass-word and on".to_owned(), ["pass-word", "on", ""]), "says … and on");
    }

    #[test]
    fn what_looks_like_a_secret_is_replaced() {
        for (text, masked) in [
            ("GET /enter?next=/a&token=abc.def&page=2#x", "GET /enter?next=/a&token=…&page=2#x"),
            ("http://h/?access_token=1&resetPassword=2", "http://h/?access_token=…&resetPassword=…"),
            ("http://h/?code=123 and monkey=4, keyboard=5", "http://h/?code=… and monkey=4, keyboard=5"),
            ("Authorization: Bearer eyJhbGciOi.x-y_z", "Authorization: Bearer …"),
            ("http://ida:pass@host/path", "http://…@host/path"),
            (
                r#"{"password": "a \" b", "name": "Ida", "otp":123456}"#,
                r#"{"password": "…", "name": "Ida", "otp":"…"}"#,
            ),
            ("user=ida&password=p%20q", "user=ida&password=…"),
            ("a basic error: 12", "a basic error: 12"),
        ] {
            assert_eq!(without_secrets(text), masked);
        }
    }

    #[test]
    fn headers_with_secrets_are_known() {
        assert!(["Cookie", "set-cookie", "Authorization", "X-CSRF-Token"].into_iter().all(is_secret_header));
        assert!(!["Content-Type", "Accept"].into_iter().any(is_secret_header));
    }
}
