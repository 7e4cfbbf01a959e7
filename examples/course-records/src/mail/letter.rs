//! One message to one person: paragraphs and at most one link, as text and as HTML.

use minijinja::context;
use minijinja::value::Serde;

use crate::error::Result;
use crate::templates;

/// What somebody is written.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) to: String,
    pub(crate) name: Option<String>,
    pub(crate) subject: String,
    paragraphs: Vec<String>,
    /// What the link is called, and where it leads.
    link: Option<(&'static str, String)>,
    closing: Vec<String>,
}

impl Letter {
    pub(crate) fn new(to: &str, subject: impl AsRef<str>) -> Self {
        Self {
            to: to.to_owned(),
            name: None,
            subject: one_line(subject.as_ref()),
            paragraphs: Vec::new(),
            link: None,
            closing: Vec::new(),
        }
    }

    /// The person's name, which stands beside the address and in the first line.
    pub(crate) fn name(mut self, name: &str) -> Self {
        self.name = Some(one_line(name)).filter(|name| !name.is_empty());
        self
    }

    pub(crate) fn says(mut self, paragraph: impl Into<String>) -> Self {
        self.paragraphs.push(paragraph.into());
        self
    }

    /// What to do, below which `closes` goes on.
    pub(crate) fn link(mut self, title: &'static str, url: String) -> Self {
        self.link = Some((title, url));
        self
    }

    pub(crate) fn closes(mut self, paragraph: impl Into<String>) -> Self {
        self.closing.push(paragraph.into());
        self
    }

    /// The same words as plain text and as HTML.
    pub(super) fn bodies(&self) -> Result<(String, String)> {
        let values = context! {
            subject => self.subject.as_str(),
            name => self.name.as_deref(),
            paragraphs => Serde(&self.paragraphs),
            link => self.link.as_ref().map(|(title, url)| context! { title => *title, url => url.as_str() }),
            closing => Serde(&self.closing),
        };
        Ok((templates::render("letter.txt", values.clone())?, templates::render("letter.html", values)?))
    }
}

/// What people typed must not end a header.
fn one_line(text: &str) -> String {
    text.split(char::is_control).map(str::trim).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::Letter;

    #[test]
    fn both_bodies_say_the_same_and_only_one_is_escaped() {
        let letter = Letter::new("a@b.test", "Hello\r\nBcc: everybody@b.test")
            .name("Ada <b>")
            .says("Tom & Jerry")
            .link("Open", "http://127.0.0.1/x?token=1&y=2".into())
            .closes("Bye");
        assert_eq!(letter.subject, "Hello Bcc: everybody@b.test");
        let (text, html) = letter.bodies().unwrap();
        for part in ["Hello Ada <b>,", "Tom & Jerry", "Open:\nhttp://127.0.0.1/x?token=1&y=2\n", "Bye"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        for part in ["Ada &lt;b&gt;", "Tom &amp; Jerry", "token=1&amp;y=2", ">Open</a>", "Bye"] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }
}
