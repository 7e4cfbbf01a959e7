//! The links of a message: those of its HTML, and the addresses in its plain text.

use html5gum::{Token, Tokenizer};
use linkify::{LinkFinder, LinkKind};

use super::matching::contains;

/// A link of a message.
///
/// ```
/// # fn show(message: &callboard::mail::Message) {
/// for link in message.links() {
///     println!("{} leads to {}", link.text(), link.url());
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    text: String,
    url: String,
}

impl Link {
    /// What is read of it: the text of the HTML element, an image's `alt` included. Of an address in plain text it is the
    /// address.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it leads, as it stands in the message.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl std::fmt::Display for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.text == self.url {
            return f.write_str(&self.url);
        }
        write!(f, "{:?} to {}", self.text, self.url)
    }
}

/// All links, in their order; the plain text's that are not among the HTML's come last.
pub(super) fn all(html: Option<&str>, text: &str) -> Vec<Link> {
    let mut links = html.map(of_html).unwrap_or_default();
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for found in finder.links(text) {
        if !links.iter().any(|link| link.url == found.as_str()) {
            links.push(Link { text: found.as_str().to_owned(), url: found.as_str().to_owned() });
        }
    }
    links
}

/// The one that is meant: by its whole text, else by a part of its text, else by a part of its address.
pub(super) fn find<'a>(links: &'a [Link], wanted: &str) -> Option<&'a Link> {
    let whole = links.iter().find(|link| link.text.to_lowercase() == wanted.to_lowercase());
    let part = || links.iter().find(|link| contains(&link.text, wanted));
    whole.or_else(part).or_else(|| links.iter().find(|link| contains(&link.url, wanted)))
}

fn of_html(html: &str) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let mut open: Option<Link> = None;
    for Ok(token) in Tokenizer::new(html) {
        match token {
            Token::StartTag(tag) if *tag.name == b"a" => {
                links.extend(open.take().map(tidy));
                let href = tag.attributes.get(&b"href"[..]).map(|href| lossy(href)).unwrap_or_default();
                open = (!href.trim().is_empty())
                    .then(|| Link { text: String::new(), url: href.trim().to_owned() });
            }
            Token::StartTag(tag) => {
                let Some(link) = &mut open else { continue };
                // Elements part words, as a browser shows it for all but the smallest of them.
                if !matches!(&**tag.name, b"b" | b"i" | b"em" | b"strong" | b"span" | b"font" | b"u") {
                    link.text.push(' ');
                }
                link.text.extend(tag.attributes.get(&b"alt"[..]).map(|alt| lossy(alt)));
            }
            Token::EndTag(tag) if *tag.name == b"a" => links.extend(open.take().map(tidy)),
            Token::String(text) => {
                if let Some(link) = &mut open {
                    link.text.push_str(&lossy(&text));
                }
            }
            _ => {}
        }
    }
    links.extend(open.map(tidy));
    links
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The text in one line; of a link without one it is the address.
fn tidy(link: Link) -> Link {
    let text = link.text.split_whitespace().collect::<Vec<_>>().join(" ");
    Link { text: if text.is_empty() { link.url.clone() } else { text }, url: link.url }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(html: Option<&str>, text: &str) -> Vec<String> {
        all(html, text).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn html_has_links_with_texts() {
        let html = r#"<p>Hi <a class=x HREF="http://a.test/verify?x=1&amp;y=2">Verify <b>your</b>
            address</a>, <a href='http://b.test'><img src="x" alt="Logo"></a> <a name="top">no</a>
            <!-- <a href="http://comment.test">c</a> --> <A href=http://c.test/>open"#;
        assert_eq!(
            shown(Some(html), "see http://a.test/verify?x=1&y=2 or (https://d.test/x)."),
            [
                r#""Verify your address" to http://a.test/verify?x=1&y=2"#,
                r#""Logo" to http://b.test"#,
                r#""open" to http://c.test/"#,
                "https://d.test/x",
            ]
        );
    }

    #[test]
    fn text_goes_before_address() {
        let links = all(
            Some(
                r#"<a href="http://x.test/verify-settings">Settings</a> <a href="http://x.test/1">Verify now</a>
                   <a href="http://x.test/2">verify</a>"#,
            ),
            "",
        );
        let url = |wanted| find(&links, wanted).map(Link::url);
        assert_eq!(url("VERIFY"), Some("http://x.test/2"));
        assert_eq!(url("verify n"), Some("http://x.test/1"));
        assert_eq!(url("verify-"), Some("http://x.test/verify-settings"));
        assert_eq!(url("other"), None);
    }
}
