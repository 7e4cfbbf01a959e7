//! E-mail: what the application writes ([`letters`]), and how it gets to a mail server.
//!
//! There is no queue. What a message is about is written and committed first, then the message is sent while
//! the person waits, with a time limit; so they learn at once when a mail server refuses it, and can try again.
//! Nothing that was written is wrong without the message: an account stays unverified, an invitation or a
//! reminder that reached nobody is taken back.

mod letter;
pub(crate) mod letters;

use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use url::Url;

pub(crate) use letter::Letter;

use crate::error::Result as AnyResult;

const SMTP_PORT: u16 = 25;

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("SMTP_URL is {0:?}, but must be smtp://[USER:PASSWORD@]HOST[:PORT]")]
    Url(String),
    #[error("the sender {0:?} is no address such as `Course Records <no-reply@example.org>`")]
    Sender(String),
}

/// Why a message did not get to the mail server. The texts are for the person who waits; they may be shown to
/// anybody, since they say nothing about accounts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MailError {
    #[error("Sending mail is not set up here. Please tell the people who run this site.")]
    NotSetUp,
    #[error("The mail server refused the message to {to}: {reply}. Please check the address.")]
    Refused { to: String, reply: String },
    #[error("The mail server did not take the message to {to} now: {reply}. Please try again later.")]
    Deferred { to: String, reply: String },
    #[error("The mail server cannot be reached. Please try again later.")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl MailError {
    /// Whether another message might get through where this one did not.
    pub(crate) const fn is_about_this_message(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Deferred { .. })
    }
}

/// Sends letters; clones share their settings.
#[derive(Clone)]
pub(crate) struct Mailer(Option<Settings>);

#[derive(Clone)]
struct Settings {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    limit: Duration,
}

impl Mailer {
    /// `url` is the mail server's; without one nothing can be sent, and [`Mailer::demand`] says so. `limit` is
    /// how long one message may take.
    pub(crate) fn new(url: Option<&str>, sender: &str, limit: Duration) -> Result<Self, SettingsError> {
        let sender = sender.parse().map_err(|_| SettingsError::Sender(sender.to_owned()))?;
        let Some(url) = url else { return Ok(Self(None)) };
        let transport = transport(url, limit).ok_or_else(|| SettingsError::Url(without_password(url)))?;
        Ok(Self(Some(Settings { transport, sender, limit })))
    }

    pub(crate) const fn is_set_up(&self) -> bool {
        self.0.is_some()
    }

    /// To be asked before anything is written that only makes sense with a message.
    pub(crate) fn demand(&self) -> AnyResult<()> {
        if self.is_set_up() { Ok(()) } else { Err(MailError::NotSetUp.into()) }
    }

    /// Hands a letter to the mail server.
    pub(crate) async fn send(&self, letter: &Letter) -> Result<(), MailError> {
        let Some(settings) = &self.0 else { return Err(MailError::NotSetUp) };
        let message = settings.message(letter)?;
        // The transport's own limit is for each step of the dialogue; a server that answers every step late
        // must not keep the person either.
        let result = tokio::time::timeout(settings.limit, settings.transport.send(message)).await;
        let sent = match result {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(explained(error, &letter.to)),
            Err(elapsed) => Err(MailError::Unreachable(elapsed.into())),
        };
        match &sent {
            Ok(()) => tracing::info!("mail: sent “{}”", letter.subject),
            Err(error) => {
                let source = std::error::Error::source(error).map_or_else(String::new, |e| format!(": {e}"));
                tracing::warn!("mail: did not send “{}”: {error}{source}", letter.subject);
            }
        }
        sent
    }
}

impl Settings {
    fn message(&self, letter: &Letter) -> Result<Message, MailError> {
        let internal = |error: Box<dyn std::error::Error + Send + Sync>| MailError::Unreachable(error);
        let address = letter.to.parse().map_err(|_| MailError::Refused {
            to: letter.to.clone(),
            reply: "this is no e-mail address".into(),
        })?;
        let (text, html) = letter.bodies().map_err(|error| internal(error.into()))?;
        Message::builder()
            .from(self.sender.clone())
            .to(Mailbox::new(letter.name.clone(), address))
            .subject(letter.subject.clone())
            .multipart(MultiPart::alternative_plain_html(text, html))
            .map_err(|error| internal(error.into()))
    }
}

/// Whether messages can be sent to this address, as far as its form tells.
pub(crate) fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
}

fn transport(url: &str, limit: Duration) -> Option<AsyncSmtpTransport<Tokio1Executor>> {
    let url = Url::parse(url).ok().filter(|url| url.scheme() == "smtp")?;
    // An address in the URL's brackets is none in a connection.
    let host = url.host_str()?.trim_matches(['[', ']']);
    if host.is_empty() || !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some()
    {
        return None;
    }
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
        .port(url.port().unwrap_or(SMTP_PORT))
        .timeout(Some(limit));
    if !url.username().is_empty() {
        let plain = |text| percent_encoding::percent_decode_str(text).decode_utf8().ok().map(String::from);
        let (user, password) = (plain(url.username())?, plain(url.password().unwrap_or_default())?);
        builder = builder.credentials(Credentials::new(user, password));
    }
    Some(builder.build())
}

/// For messages: the URL as it was written, but for what stands between the user's name and the host.
fn without_password(url: &str) -> String {
    let Some((before, host)) = url.rsplit_once('@') else { return url.to_owned() };
    let start = before.find("://").map_or(0, |scheme| scheme + 3);
    match before.get(start..).and_then(|user| user.split_once(':')) {
        Some((user, _)) => format!("{}{user}:***@{host}", before.get(..start).unwrap_or_default()),
        None => url.to_owned(),
    }
}

fn explained(error: lettre::transport::smtp::Error, to: &str) -> MailError {
    let reply = |code: lettre::transport::smtp::response::Code| {
        let text = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        format!("{code} {text}").trim().to_owned()
    };
    match error.status() {
        Some(code) if error.is_permanent() => MailError::Refused { to: to.to_owned(), reply: reply(code) },
        Some(code) => MailError::Deferred { to: to.to_owned(), reply: reply(code) },
        None => MailError::Unreachable(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Mailer, is_address};

    fn mailer(url: &str) -> Result<Mailer, String> {
        Mailer::new(Some(url), "Records <no-reply@example.test>", Duration::from_secs(1))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_url_is_read_strictly() {
        for url in ["smtp://localhost", "smtp://127.0.0.1:2525", "smtp://u%40x:p%3Aw@[::1]:25/"] {
            assert!(mailer(url).is_ok(), "{url}");
        }
        for url in ["", "localhost:25", "smtps://localhost", "http://localhost", "smtp://", "smtp://h/path"] {
            assert!(mailer(url).is_err(), "{url}");
        }
    }

    #[test]
    fn an_error_does_not_show_the_password() {
        let error = mailer("smtps://user:hun@ter2@mail.example.test:465").err().unwrap();
        assert!(error.contains("smtps://user:***@mail.example.test:465"), "{error}");
        assert!(!error.contains("ter2"), "{error}");
    }

    #[test]
    fn what_is_no_sender_is_named() {
        let error = Mailer::new(None, "nobody", Duration::from_secs(1)).err().unwrap();
        assert!(error.to_string().contains("\"nobody\""), "{error}");
        assert!(is_address("a@b.test") && !is_address("a b@c.test") && !is_address("a@"));
    }
}
