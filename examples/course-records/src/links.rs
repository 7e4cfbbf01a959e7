//! Addresses of our own pages for readers of messages, who are not on one of them.

use std::str::FromStr;
use std::sync::Arc;

use url::Url;

/// What all links begin with; never ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Links(Arc<str>);

impl Links {
    /// For people on this machine.
    pub(crate) fn local(port: u16) -> Self {
        Self(format!("http://127.0.0.1:{port}").into())
    }

    /// `path` begins with a slash.
    pub(crate) fn to(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// `token` consists of hexadecimal digits.
    pub(crate) fn with_token(&self, path: &str, token: &str) -> String {
        format!("{}{path}?token={token}", self.0)
    }
}

impl FromStr for Links {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let usable = |url: &Url| {
            matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none()
        };
        match Url::parse(text) {
            Ok(url) if usable(&url) => Ok(Self(url.as_str().trim_end_matches('/').into())),
            _ => Err("expected the address of the first page, such as https://records.example.org".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Links;

    #[test]
    fn links_are_absolute() {
        assert_eq!(Links::local(3000).to("/login"), "http://127.0.0.1:3000/login");
        let links: Links = "https://example.org/records/".parse().unwrap();
        assert_eq!(links.with_token("/verify", "0a"), "https://example.org/records/verify?token=0a");
        for text in ["", "example.org", "ftp://example.org", "https://example.org/?a=b", "/records"] {
            assert!(text.parse::<Links>().is_err(), "{text:?}");
        }
    }
}
