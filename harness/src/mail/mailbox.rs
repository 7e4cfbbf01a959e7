//! The mailbox: how a test reads what was sent, and says what is to be done with it.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::error::{MailError, list};
use super::letter::Letter;
use super::matching::Matching;
use super::message::Message;
use super::post::{Action, Post};
use crate::trail::waiting;

/// The mail that an application sends in a test's slot: an argument of a test, or [`Server::mailbox`](super::Server::mailbox).
///
/// It holds what has come in since the attempt began; nobody else's mail ever gets into it, because each slot has a
/// server of its own. Cheap to clone; all clones are the same mailbox.
///
/// ```no_run
/// use callboard::mail::{from, to};
/// use callboard::{Mailbox, Session, TestResult, e2e};
///
/// #[e2e]
/// async fn registers(session: &Session, mailbox: &Mailbox) -> TestResult {
///     session.goto("/register").await?;
///     // … fill in the form and send it …
///     let message = mailbox.next(to("ida@example.test").subject_contains("verify")).await?;
///     session.goto(&message.link("verify")?).await?;
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Mailbox {
    post: Arc<Post>,
    timeout: Duration,
    address: SocketAddr,
}

impl Mailbox {
    pub(super) fn new(post: Arc<Post>, timeout: Duration, address: SocketAddr) -> Self {
        Self { post, timeout, address }
    }

    /// Waits for the first message that matches, in order of arrival, and that no earlier `next` has returned. It may be
    /// there already. The limit is 10 seconds, or what `mail.timeout` in `callboard.toml` or
    /// [`Settings::timeout`](super::Settings::timeout) says.
    ///
    /// # Errors
    /// When none came in time. The error lists what came instead, and why it did not match.
    #[track_caller]
    pub fn next(
        &self,
        matching: Matching,
    ) -> impl Future<Output = Result<Message, MailError>> + Send + use<> {
        self.wait(matching, self.timeout, Location::caller())
    }

    /// Like [`next`](Self::next), with a time limit of its own.
    #[track_caller]
    pub fn next_within(
        &self,
        matching: Matching,
        limit: Duration,
    ) -> impl Future<Output = Result<Message, MailError>> + Send + use<> {
        self.wait(matching, limit, Location::caller())
    }

    /// Waits for so long, and is content when no message that matches is there or comes in that time. Those that `next`
    /// has returned do not count.
    ///
    /// # Errors
    /// At once when there is one; the error shows it.
    #[track_caller]
    pub fn expect_none(
        &self,
        matching: Matching,
        within: Duration,
    ) -> impl Future<Output = Result<(), MailError>> + Send + use<> {
        let (mailbox, location) = (self.clone(), Location::caller());
        async move {
            let Some(letter) = mailbox.first(&matching, within, false).await else { return Ok(()) };
            let message = Message::new(letter);
            let text = format!("a message {matching} arrived, where none was expected: {message}");
            Err(MailError::new(text, location))
        }
    }

    /// All that has come in since the attempt began or [`clear`](Self::clear) was called, in order of arrival, whether
    /// `next` has returned it or not.
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn messages(&self) -> Vec<Message> {
        self.post.letters().into_iter().map(Message::new).collect()
    }

    /// Forgets all that has come in, and frees its memory.
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn clear(&self) {
        self.post.clear();
    }

    /// From now on the server answers such messages only after so long, and they arrive then: as with a slow mail
    /// server. They arrive also where the application did not wait for the answer.
    ///
    /// Like every rule it holds until [`reset_delivery`](Self::reset_delivery) or the end of the attempt, which also end
    /// delays that are under way. Of several rules for a message the latest holds.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use callboard::{Mailbox, TestResult};
    /// # use callboard::mail::{any, to};
    /// # async fn test(mailbox: &Mailbox) -> TestResult {
    /// mailbox.delay(any(), Duration::from_secs(60)).await;
    /// // … the page must say "sending" …
    /// mailbox.reset_delivery().await;
    /// mailbox.next(to("ida@example.test")).await?;
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn delay(&self, matching: Matching, time: Duration) -> Rule {
        self.rule(matching, Action::Delay(time))
    }

    /// From now on the server refuses such messages, with a code from 400 to 599 and a text: 4xx stands for "try again
    /// later", 5xx for "never". They do not arrive; the errors of this mailbox list them apart.
    ///
    /// Where the recipient decides alone (`to("a@b")`, and nothing else), it is refused as soon as it is named, as real
    /// servers do it, and other recipients of the message are not. Everything else is refused when the message is there.
    ///
    /// It holds as long as a [`delay`](Self::delay) does.
    ///
    /// ```no_run
    /// # use callboard::{Mailbox, TestResult};
    /// # use callboard::mail::to;
    /// # async fn test(mailbox: &Mailbox) -> TestResult {
    /// let refused = mailbox.refuse(to("nobody@example.test"), 550, "no such user").await;
    /// // … send an invitation there; the page must say that it could not be delivered …
    /// assert_eq!(refused.count().await, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Panics
    /// When the code is none from 400 to 599.
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn refuse(&self, matching: Matching, code: u16, text: impl Into<String>) -> Rule {
        assert!((400..600).contains(&code), "a refusal has a code from 400 to 599, and not {code}");
        self.rule(matching, Action::Refuse { code, text: text.into() })
    }

    /// From now on the server accepts such messages and loses them. The errors of this mailbox list them apart.
    ///
    /// It holds as long as a [`delay`](Self::delay) does.
    ///
    /// ```no_run
    /// # use callboard::{Mailbox, TestResult};
    /// # use callboard::mail::subject_contains;
    /// # async fn test(mailbox: &Mailbox) -> TestResult {
    /// mailbox.drop(subject_contains("verify")).await;
    /// // … register; the page must offer to send the message again …
    /// # Ok(())
    /// # }
    /// ```
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn drop(&self, matching: Matching) -> Rule {
        self.rule(matching, Action::Drop)
    }

    /// Ends all of [`delay`](Self::delay), [`refuse`](Self::refuse) and [`drop`](Self::drop): from now on everything is
    /// delivered, what is held back now included.
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn reset_delivery(&self) {
        self.post.reset_rules();
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// An attempt begins: the mailbox is empty and no rule holds.
    pub(crate) fn begin(&self) {
        self.post.begin();
    }

    /// All that has come in, for the one who keeps what a failed attempt leaves.
    pub(crate) fn kept(&self) -> Vec<Message> {
        self.post.letters().into_iter().map(Message::new).collect()
    }

    fn rule(&self, matching: Matching, action: Action) -> Rule {
        Rule { id: self.post.add_rule(matching, action), post: self.post.clone() }
    }

    fn wait(
        &self,
        matching: Matching,
        limit: Duration,
        location: &'static Location<'static>,
    ) -> impl Future<Output = Result<Message, MailError>> + Send + use<> {
        let mailbox = self.clone();
        async move {
            // For the message of a test that runs out of time meanwhile.
            let _waiting = waiting::on(format!("a message {matching}"));
            match mailbox.first(&matching, limit, true).await {
                Some(letter) => Ok(Message::new(letter)),
                None => Err(MailError::new(mailbox.why_not(&matching, limit), location)),
            }
        }
    }

    async fn first(&self, matching: &Matching, limit: Duration, takes: bool) -> Option<Arc<Letter>> {
        // Before the first look: what comes in between is not missed.
        let mut arrivals = self.post.arrivals();
        let found = async {
            let mut from = 0;
            loop {
                match self.post.first(from, matching, takes) {
                    Ok(letter) => return letter,
                    Err(next) => from = next,
                }
                if arrivals.changed().await.is_err() {
                    // The post is ours, so it does not end.
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(limit, found).await.ok()
    }

    /// What there is instead of the message that did not come.
    fn why_not(&self, matching: &Matching, limit: Duration) -> String {
        let mut text = format!("no message {matching} arrived within {limit:?}");
        let there = self.post.letters_and_taken();
        let traffic = self.post.traffic();
        match there.len() {
            0 => text.push_str("; none arrived at all"),
            1 => text.push_str("; one did arrive:"),
            count => {
                let _ = write!(text, "; {count} did arrive:");
            }
        }
        list(&mut text, &there, |(letter, taken)| {
            let mut objections = matching.objections(letter);
            if objections.is_empty() {
                objections.push(
                    if *taken { "an earlier `next` has returned it" } else { "it came too late" }.to_owned(),
                );
            }
            format!("{}: {}", Message::new(letter.clone()), objections.join(", "))
        });
        if !traffic.turned_away.is_empty() {
            text.push_str("\n  the rules of this test turned away:");
            list(&mut text, &traffic.turned_away, |(letter, became)| {
                format!("{}: {became}", Message::new(letter.clone()))
            });
        }
        if traffic.no_room > 0 {
            let _ = write!(
                text,
                "\n  {} found no room: messages may take {} bytes together; `clear()` makes room",
                traffic.no_room,
                self.post.capacity()
            );
        }
        if traffic.connections == 0 && there.is_empty() {
            let _ = write!(
                text,
                "\n  nobody connected to {}: is it there that the application sends its mail?",
                self.address
            );
        }
        if let Some(objection) = traffic.objection {
            let _ = write!(text, "\n  the last thing that a client did wrong was answered with {objection}");
        }
        text
    }
}

/// What [`Mailbox::delay`], [`Mailbox::refuse`] and [`Mailbox::drop`] return: tells how often the rule was met. Nothing
/// happens when it is dropped.
///
/// ```no_run
/// # use callboard::Mailbox;
/// # use callboard::mail::any;
/// # async fn test(mailbox: &Mailbox) {
/// let refused = mailbox.refuse(any(), 451, "try again later").await;
/// // … the application tries three times …
/// assert_eq!(refused.count().await, 3);
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Rule {
    id: u64,
    post: Arc<Post>,
}

impl Rule {
    /// How many messages, or recipients that were refused at once, met it so far. 0 after the rule has ended.
    #[expect(clippy::unused_async, reason = "the mail may come to be in another process than the test")]
    pub async fn count(&self) -> u64 {
        self.post.rule_met(self.id)
    }
}
