//! A message as a test sees it.

use std::fmt;
use std::panic::Location;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use super::content::{self, Content};
use super::error::MailError;
use super::letter::Letter;
use super::links::{self, Link};

/// A message that has arrived. Cheap to clone.
///
/// What it says is read when it is asked for, whatever bytes it consists of: what is not text in the encoding that it
/// claims comes with `U+FFFD` in its place, and [`raw`](Self::raw) has the bytes.
///
/// ```no_run
/// # use callboard::TestResult;
/// # use callboard::mail::{Mailbox, to};
/// # async fn test(mailbox: &Mailbox) -> TestResult {
/// let message = mailbox.next(to("ida@example.test")).await?;
/// assert_eq!(message.subject(), "Welcome, Ida");
/// assert!(message.text().contains("Biology 101"));
/// let address = message.link("verify")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Message {
    letter: Arc<Letter>,
    read: Arc<Read>,
}

/// What was read of it so far.
#[derive(Default)]
struct Read {
    subject: OnceLock<String>,
    content: OnceLock<Content>,
}

/// A file in a message.
///
/// ```no_run
/// # fn show(message: &callboard::mail::Message) {
/// let report = &message.attachments()[0];
/// assert_eq!((report.name(), report.media_type()), (Some("report.csv"), "text/csv"));
/// assert!(report.bytes().starts_with(b"name;points"));
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub(super) name: Option<String>,
    pub(super) media_type: String,
    pub(super) bytes: Vec<u8>,
}

impl Attachment {
    /// The name of the file, where it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Such as `application/pdf`, in lower case; `application/octet-stream` where the message does not say.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The file, decoded.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Message {
    pub(super) fn new(letter: Arc<Letter>) -> Self {
        Self { letter, read: Arc::default() }
    }

    /// The sender in the envelope: who is told when it cannot be delivered. Empty for nobody. Who is shown as the
    /// sender says the header: `message.header("From")`.
    pub fn from(&self) -> &str {
        &self.letter.envelope.from
    }

    /// The recipients in the envelope, in the order in which the application named them: hidden ones (`Bcc`) too.
    pub fn to(&self) -> &[String] {
        &self.letter.envelope.to
    }

    /// The header `Subject`, decoded; empty where there is none.
    pub fn subject(&self) -> &str {
        self.read.subject.get_or_init(|| content::subject(&self.letter.raw))
    }

    /// The first header of this name, decoded and in one line. Upper and lower case are the same.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// All headers in their order: names, and values as [`header`](Self::header) has them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.content().headers.iter().map(|(name, value)| (&**name, &**value))
    }

    /// The plain text, with `\n` at the end of lines. Where there is only HTML, what is read of it. Empty where there is
    /// neither.
    pub fn text(&self) -> &str {
        &self.content().text
    }

    /// The HTML, where there is some.
    pub fn html(&self) -> Option<&str> {
        self.content().html.as_deref()
    }

    /// The files in it.
    pub fn attachments(&self) -> &[Attachment] {
        &self.content().attachments
    }

    /// The bytes as they came, without what SMTP itself adds to them.
    pub fn raw(&self) -> &[u8] {
        &self.letter.raw
    }

    /// When the application had sent the last of it.
    pub fn arrived(&self) -> SystemTime {
        self.letter.arrived
    }

    /// Its links: `<a href>` of the HTML, then addresses in the plain text that are not among those.
    pub fn links(&self) -> Vec<Link> {
        links::all(self.html(), self.text())
    }

    /// Where a link leads that is known by its text or its address: the first one with just this text, else the first with
    /// it in its text, else the first with it in its address. Upper and lower case are the same.
    ///
    /// # Errors
    /// When there is no such link; the error lists those that there are.
    #[track_caller]
    pub fn link(&self, wanted: &str) -> Result<String, MailError> {
        let links = self.links();
        match links::find(&links, wanted) {
            Some(link) => Ok(link.url().to_owned()),
            None => Err(MailError::no_link(wanted, self, &links, Location::caller())),
        }
    }

    fn content(&self) -> &Content {
        self.read.content.get_or_init(|| Content::of(&self.letter.raw))
    }
}

impl fmt::Debug for Message {
    /// Without its text, which may be long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("from", &self.from())
            .field("to", &self.to())
            .field("subject", &self.subject())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Message {
    /// In one line: from, to, subject, time.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let from = if self.from().is_empty() { "<>" } else { self.from() };
        let mut to = self.to().iter().take(3).cloned().collect::<Vec<_>>().join(", ");
        if self.to().len() > 3 {
            to = format!("{to} and {} more", self.to().len() - 3);
        }
        let subject: String = self.subject().chars().take(120).collect();
        write!(f, "{subject:?} from {from} to {to} at {}", clock(self.arrived()))
    }
}

/// The time of day in UTC, as logs have it.
fn clock(time: SystemTime) -> String {
    let time = jiff::Timestamp::try_from(time).unwrap_or_default();
    time.strftime("%H:%M:%S%.3fZ").to_string()
}
