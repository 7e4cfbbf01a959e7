//! Dialogs as a test meets them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Arc;

use super::awaited::Awaited;
use super::error::BrowserError;
use super::locator::Why;
use super::route::words_of;
use super::session::Session;
use super::tab::dialogs::{Answer, HANDLE, Opened};
use crate::trail;

/// A dialog of a page: the page does nothing until it is answered.
#[derive(Debug, Clone)]
pub struct Dialog {
    session: Session,
    opened: Opened,
}

impl Session {
    /// Accepts every dialog of this page from now on, also one that is open: `alert`, `confirm`, `prompt` (with the text that
    /// is in it), and the question whether to leave the page.
    #[track_caller]
    pub fn accept_dialogs(&self) {
        self.on_dialog(|_| Answer::Accept);
    }

    /// Dismisses every dialog of this page from now on, also one that is open.
    #[track_caller]
    pub fn dismiss_dialogs(&self) {
        self.on_dialog(|_| Answer::Dismiss);
    }

    /// Has every dialog of this page answered by this from now on, in the place of what was said before. It is not called
    /// on the thread of the test, and must not block. If it panics, the dialog is not answered, and the test fails at the line of this call.
    ///
    /// ```no_run
    /// # async fn removes(session: &callboard::Session) -> callboard::TestResult {
    /// use callboard::page::Answer;
    ///
    /// session.on_dialog(|dialog| {
    ///     if dialog.message().starts_with("Delete") { Answer::Accept } else { Answer::Dismiss }
    /// });
    /// session.by_role("button").named("Delete all").click().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn on_dialog(&self, answer: impl Fn(&Dialog) -> Answer + Send + Sync + 'static) {
        let location = Location::caller();
        // What is kept by the page must not keep the session.
        let session = self.downgrade();
        self.tab().answer_dialogs(Arc::new(move |opened| {
            let Some(session) = session.upgrade() else { return Some(Answer::Dismiss) };
            let dialog = Dialog { session, opened: opened.clone() };
            let answered = catch_unwind(AssertUnwindSafe(|| answer(&dialog)));
            answered.inspect_err(|panic| failed_by(&dialog, panic.as_ref(), location)).ok()
        }));
    }

    /// The dialog that is open, or the next one of this page: to be looked at, and answered. It is listened for from now on,
    /// before what was said by [`on_dialog`](Self::on_dialog) and its like; a click that opens it is over then.
    ///
    /// ```no_run
    /// # async fn removes(session: &callboard::Session) -> callboard::TestResult {
    /// let dialog = session.wait_for_dialog();
    /// session.by_role("button").named("Delete").click().await?;
    /// let dialog = dialog.await?;
    /// assert_eq!(dialog.message(), "Delete Algebra?");
    /// dialog.accept().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_dialog(&self) -> Awaited<Dialog> {
        let (opening, session) = (self.tab().dialogs().wait(), self.clone());
        let coming = async move {
            let opened = opening.await;
            let instead = Why::Other("another `wait_for_dialog()` has taken its place".to_owned());
            opened.map(|opened| Dialog { session, opened }).map_err(|_| instead)
        };
        Awaited::new(self, "wait for a dialog", Location::caller(), coming, || "none has opened".to_owned())
    }
}

/// The handler of dialogs panicked at this one, and the test fails by it.
fn failed_by(dialog: &Dialog, panic: &(dyn Any + Send), location: &'static Location<'static>) {
    let words = words_of(panic);
    let message =
        format!("the handler of dialogs panicked at the {} {:?}: {words}", dialog.kind(), dialog.message());
    if !trail::failed_beside(message, location) {
        tracing::warn!(%location, words, "a handler of dialogs panicked outside of any test");
    }
}

impl Dialog {
    /// `alert`, `confirm`, `prompt`, or `beforeunload` for the question whether to leave the page.
    pub fn kind(&self) -> &str {
        &self.opened.kind
    }

    /// What it says.
    pub fn message(&self) -> &str {
        &self.opened.message
    }

    /// What is in a `prompt` to begin with.
    pub fn default_text(&self) -> &str {
        &self.opened.default_text
    }

    /// Says yes; to a `prompt`, with the text that is in it.
    #[track_caller]
    pub fn accept(&self) -> Awaited<()> {
        self.answer(Answer::Accept, Location::caller())
    }

    /// Answers a `prompt` with this text.
    #[track_caller]
    pub fn accept_with(&self, text: impl Into<String>) -> Awaited<()> {
        self.answer(Answer::AcceptWith(text.into()), Location::caller())
    }

    /// Says no.
    #[track_caller]
    pub fn dismiss(&self) -> Awaited<()> {
        self.answer(Answer::Dismiss, Location::caller())
    }

    fn answer(&self, answer: Answer, location: &'static Location<'static>) -> Awaited<()> {
        let verb = if answer == Answer::Dismiss { "dismiss" } else { "accept" };
        let what = format!("{verb} the {} {:?}", self.kind(), self.message());
        let (page, told) = (self.opened.page.clone(), self.opened.told(&answer));
        let answering = async move {
            match page.call(HANDLE, told).await {
                Ok(_) => Ok(()),
                Err(BrowserError::Refused { .. }) => Err(Why::Other("it is not open any more".to_owned())),
                Err(error) => Err(Why::Browser(error)),
            }
        };
        Awaited::new(&self.session, what, location, answering, || "the browser has not closed it".to_owned())
    }
}
