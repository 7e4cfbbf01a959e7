//! How a session whose kept state the application refuses gets a new one.
//!
//! A sign-in is the consumer's own function and stays on the thread of its test, while a session may
//! be used by code that is free to move between threads. So the session only asks, and who runs the
//! attempt answers.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::state::State;
use crate::model::Problem;

type Answer = oneshot::Sender<Result<Arc<State>, Problem>>;

/// Asks for a new state. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Renew(mpsc::UnboundedSender<Answer>);

/// A way to ask for a new state, and the task that answers by signing in: to be run beside the test
/// that asks. It ends when nobody can ask any more.
pub(crate) fn renewal<F>(sign_in: impl Fn() -> F) -> (Renew, impl Future<Output = ()>)
where
    F: Future<Output = Result<Arc<State>, Problem>>,
{
    let (sender, mut questions) = mpsc::unbounded_channel::<Answer>();
    let answers = async move {
        while let Some(answer) = questions.recv().await {
            // Who asked may have run out of time.
            let _ = answer.send(sign_in().await);
        }
    };
    (Renew(sender), answers)
}

impl Renew {
    pub(super) async fn ask(&self) -> Result<Arc<State>, Problem> {
        let over = || Problem::errored("the kept sign-in was refused, and the attempt is already over");
        let (sender, answer) = oneshot::channel();
        self.0.send(sender).map_err(|_| over())?;
        answer.await.map_err(|_| over())?
    }
}
