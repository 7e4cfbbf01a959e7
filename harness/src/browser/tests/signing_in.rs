//! States that are kept, put in, refused and renewed.

use std::cell::Cell;
use std::sync::Arc;

use super::*;
use crate::browser::State;
use crate::browser::renewal::{Renew, renewal};
use crate::model::{Outcome, Problem};

impl Slot {
    /// Signs in as a consumer's function would.
    async fn sign_in(&self) -> Arc<State> {
        let session = self.open(Start::SigningIn).await;
        session.goto("/login").await.unwrap();
        session.goto("/enter").await.unwrap();
        let state = session.state().await.unwrap();
        session.close().await.unwrap();
        Arc::new(state)
    }

    async fn restored(&self, state: &Arc<State>, renew: Option<Renew>) -> Session {
        self.open(Start::Restored { state: state.clone(), renew }).await
    }

    /// Runs a test of a session that began with a refused state, and counts how often it was renewed.
    async fn renewing(&self, state: &Arc<State>, test: impl AsyncFnOnce(&Session)) -> u32 {
        let count = Cell::new(0);
        let (renew, answers) = renewal(|| async {
            count.set(count.get() + 1);
            Ok(self.sign_in().await)
        });
        let test = async {
            let session = self.restored(state, Some(renew)).await;
            test(&session).await;
            session.close().await.unwrap();
        };
        tokio::pin!(test, answers);
        tokio::select! {
            () = &mut test => {}
            () = &mut answers => test.await,
        }
        count.get()
    }
}

#[tokio::test]
async fn a_state_signs_later_sessions_in() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    for _ in 0..2 {
        let session = slot.restored(&state, None).await;
        // The server got the cookies, also the one that scripts do not see, with the first request, and
        // the page's first script found the storage filled.
        session.goto("/echo").await.unwrap();
        assert_eq!(body(&session).await, "ticket=ticket-1; theme=dark\n\nticket-1");
        session.goto("/private").await.unwrap();
        assert_eq!(body(&session).await, "private");
        session.close().await.unwrap();
    }
    assert_eq!(slot.app.sign_ins(), 1);
    slot.end().await;
}

#[tokio::test]
async fn what_the_application_removes_stays_removed() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    let session = slot.restored(&state, None).await;
    session.goto("/leave").await.unwrap();
    session.goto("/echo").await.unwrap();
    assert_eq!(body(&session).await, "ticket=ticket-1; theme=dark\n\nnull");
    slot.end().await;
}

#[tokio::test]
async fn a_refused_state_is_renewed_once_whether_by_redirect_or_by_status() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    for (path, text) in [("/private", "private"), ("/api", "answer")] {
        slot.app.forget_everybody();
        let before = slot.app.sign_ins();
        let renewed = slot
            .renewing(&state, async |session| {
                session.goto(path).await.unwrap();
                assert_eq!(body(session).await, text);
                session.goto("/echo").await.unwrap();
                let ticket = before + 1;
                let expected = format!("ticket=ticket-{ticket}; theme=dark\n\nticket-{ticket}");
                assert_eq!(body(session).await, expected);
                // Only the first page is looked at: from here on, being signed out is the test's own doing.
                slot.app.forget_everybody();
                session.goto(path).await.unwrap();
                assert_ne!(body(session).await, text);
            })
            .await;
        assert_eq!(renewed, 1);
    }
    slot.end().await;
}

#[tokio::test]
async fn a_state_that_is_accepted_is_not_renewed_nor_is_one_at_the_sign_in_page() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    for path in ["/private", "/api", "/login", "/nowhere"] {
        assert_eq!(slot.renewing(&state, async |session| drop(session.goto(path).await.unwrap())).await, 0);
    }
    slot.app.forget_everybody();
    assert_eq!(slot.renewing(&state, async |session| drop(session.goto("/login").await.unwrap())).await, 0);
    slot.end().await;
}

#[tokio::test]
async fn a_state_that_is_refused_again_is_left_to_the_test() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    slot.app.lock();
    let renewed = slot
        .renewing(&state, async |session| {
            session.goto("/private").await.unwrap();
            assert_eq!(body(session).await, "please sign in");
            assert_eq!(session.problem().await, None);
        })
        .await;
    assert_eq!(renewed, 1);
    slot.end().await;
}

#[tokio::test]
async fn a_renewal_that_fails_is_the_fault_of_the_surroundings() {
    let slot = Slot::start().await;
    let state = slot.sign_in().await;
    slot.app.forget_everybody();
    let (renew, answers) = renewal(|| async { Err(Problem::errored("the form is not there")) });
    let session = slot.restored(&state, Some(renew)).await;
    let goto = async {
        let error = session.goto("/private").await.unwrap_err().to_string();
        assert!(error.contains("signing in again failed: the form is not there"), "{error}");
    };
    // The session was the last that could ask, so that both end.
    tokio::join!(goto, answers);
    let problem = session.problem().await.unwrap();
    assert_eq!((problem.outcome, problem.message.as_str()), (Outcome::Errored, "the form is not there"));
    slot.end().await;
}
