//! Steps, waits and attachments of attempts that tests make up.

use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;
use crate::model::masked;

type Events = Arc<Mutex<Vec<Event>>>;

/// A trail whose events are kept, and whose files go to this folder.
fn trail_in(folder: &std::path::Path) -> (Arc<Trail>, Events) {
    let events = Events::default();
    let kept = events.clone();
    let trail = Trail::new(Of {
        test: TestId::new("a::test"),
        attempt: 1,
        folder: folder.join("tests/a.test/attempt-1"),
        run: folder.to_owned(),
        emit: Box::new(move |event| kept.lock().unwrap().push(event)),
        mask: Box::new(|text| masked(text, ["secret-word"])),
    });
    (trail, events)
}

fn trail() -> (Arc<Trail>, Events) {
    trail_in(std::path::Path::new("/nowhere"))
}

/// Polls a future once.
fn poll<T>(future: std::pin::Pin<&mut impl Future<Output = T>>) -> Poll<T> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// A text without the numbers of its times.
fn without_times(text: &str) -> String {
    let plain: String = text.chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
    plain.replace("ms", "s")
}

#[test]
fn a_step_can_be_sent_to_another_thread() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&step("x", ready(1)));
}

#[test]
fn without_an_attempt_a_step_is_its_future_and_nothing_is_waited_for() {
    assert_eq!(step("x", ready(7)).now_or_never(), Some(7));
    assert!(steps_of_error(None).is_empty());
    drop(waiting::on("nothing"));
    assert!(matches!(attach("x.txt", "x", "text/plain"), Err(AttachError::NoTest { .. })));
}

#[test]
fn an_error_is_of_the_step_that_has_just_returned_it() {
    type Error = std::num::ParseIntError;
    let (trail, _) = trail();
    let _here = trail.enter();
    let name = std::any::type_name::<Error>();
    let failing = || step("reads", async { "x".parse::<u8>() });

    let mut both = pin!(own(async {
        step("outer", failing()).await.unwrap_err();
        assert_eq!(steps_of_error(Some(name)), ["outer", "reads"]);
        assert_eq!(steps_of_error(None), ["outer", "reads"]);
        // Another error is nobody's.
        assert!(steps_of_error(Some("std::io::Error")).is_empty());
        let mut waits = true;
        std::future::poll_fn(|_| if std::mem::take(&mut waits) { Poll::Pending } else { Poll::Ready(()) })
            .await;
        assert!(steps_of_error(Some(name)).is_empty(), "something was done since");
        failing().await.unwrap_err();
        step("another", async { assert_eq!(steps_of_error(Some(name)), ["another"]) }).await;
    }));
    assert!(poll(both.as_mut()).is_pending());
    assert!(poll(both.as_mut()).is_ready());
}

#[test]
fn a_standstill_has_the_innermost_steps_and_what_they_wait_for() {
    let (trail, _) = trail();
    let _here = trail.enter();
    let told = || without_times(&trail.standstill().text);
    assert_eq!(told(), "");

    let mail = waiting::on("mail to ida");
    assert_eq!(told(), "waiting for mail to ida ( s)");
    drop(mail);
    assert_eq!(told(), "");

    let call = |times| waiting::on_call("WebDriver `title`".into(), Instant::now(), times);
    let mut outer = pin!(step(
        "outer",
        step("inner", async {
            drop(call(1));
            ready(()).await;
            let _mail = waiting::on("mail");
            pending::<()>().await;
        })
    ));
    assert!(poll(outer.as_mut()).is_pending());
    let inner = "in step \"outer\" > \"inner\" for  s, waiting for mail ( s)";
    assert_eq!(told(), inner);
    assert_eq!(trail.standstill().steps, ["outer", "inner"]);

    let waits_too = call(3);
    assert_eq!(told(), format!("{inner}; waiting for WebDriver `title` ( s,  times)"));
    drop(waits_too);
    assert_eq!(told(), inner);
}

#[test]
fn after_a_call_it_is_said_how_long_ago_that_was() {
    let (trail, _) = trail();
    let _here = trail.enter();
    let told = || without_times(&trail.standstill().text);
    drop(waiting::on_call("WebDriver `title`".into(), Instant::now(), 1));
    assert_eq!(told(), " s after WebDriver `title` ended");
    // Between two looks it still waits.
    drop(waiting::on_call("WebDriver `title`".into(), Instant::now(), 2));
    assert_eq!(told(), "waiting for WebDriver `title` ( s,  times)");
}

#[test]
fn many_steps_at_once_are_not_all_told() {
    let (trail, _) = trail();
    let _here = trail.enter();
    let steps: Vec<_> =
        (0..9).map(|number| Box::pin(step(format!("step {number}"), pending::<()>()))).collect();
    let mut all = pin!(futures_util::future::join_all(steps));
    assert!(poll(all.as_mut()).is_pending());
    let told = trail.standstill().text;
    assert!(told.ends_with("; and in 5 more steps") && told.matches("in step ").count() == 4, "{told}");
}

#[test]
fn after_its_end_an_attempt_hears_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (trail, events) = trail_in(folder.path());
    let _here = trail.enter();
    let mut open = Box::pin(step("open", pending::<()>()));
    assert!(poll(open.as_mut()).is_pending());
    trail.close();
    drop(open);
    assert_eq!(step("late", ready(1)).now_or_never(), Some(1));
    assert!(matches!(attach("x.txt", "x", "text/plain"), Err(AttachError::NoTest { .. })));
    let events = events.lock().unwrap();
    assert!(
        matches!(
            &events[..],
            [Event::StepStarted { .. }, Event::StepFinished { result: StepResult::Cancelled, .. }]
        ),
        "{events:?}"
    );
}

#[test]
fn a_file_that_cannot_be_written_takes_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let (trail, events) = trail_in(folder.path());
    let _here = trail.enter();
    std::fs::write(folder.path().join("tests"), "in the way").unwrap();
    let error = attach("x.txt", "x", "text/plain").unwrap_err();
    assert!(error.to_string().ends_with("attachments/x.txt cannot be written"), "{error}");
    assert!(trail.attached().is_empty() && events.lock().unwrap().is_empty());
    std::fs::remove_file(folder.path().join("tests")).unwrap();
    attach("x.txt", "x", "text/plain").unwrap();
    assert_eq!(trail.attached(), ["x.txt"]);
}

/// What a test may do with steps.
#[derive(Debug, Clone)]
enum Play {
    Yield,
    Step(Vec<Play>),
    AtOnce(Vec<Vec<Play>>),
    Fail,
}

fn play() -> impl Strategy<Value = Play> {
    let leaf = prop_oneof![3 => Just(Play::Yield), 1 => Just(Play::Fail)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![some().prop_map(Play::Step), prop::collection::vec(some(), 0..4).prop_map(Play::AtOnce)]
    })
}

/// Plays, and checks at each point that the current path is the one that it should be.
fn perform(
    plays: Vec<Play>,
    path: Vec<String>,
) -> futures_util::future::LocalBoxFuture<'static, Result<(), String>> {
    Box::pin(async move {
        for (index, play) in plays.into_iter().enumerate() {
            match play {
                Play::Yield => tokio::task::yield_now().await,
                Play::Fail => return Err(path.join("/")),
                Play::Step(inner) => {
                    let title = format!("{index}");
                    let within = [path.clone(), vec![title.clone()]].concat();
                    step(title, perform(inner, within)).await?;
                }
                Play::AtOnce(each) => {
                    let each = each.into_iter().map(|plays| perform(plays, path.clone()));
                    futures_util::future::try_join_all(each).await?;
                }
            }
            // `0` is no error's name: what has failed before does not count.
            assert_eq!(steps_of_error(Some("0")), path);
        }
        Ok(())
    })
}

proptest! {
    #[test]
    fn each_step_begins_and_ends_once_in_its_parent(plays in prop::collection::vec(play(), 0..6)) {
        let (trail, events) = trail();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _here = trail.enter();
        let result = runtime.block_on(own(perform(plays, Vec::new())));
        prop_assert!(here().is_some_and(|here| here.step.is_none()));
        trail.close();
        let mut open: Vec<u32> = Vec::new();
        let (mut begun, mut failed) = (0, false);
        for event in &*events.lock().unwrap() {
            match event {
                Event::StepStarted { step, parent, .. } => {
                    begun += 1;
                    prop_assert_eq!(*step, begun);
                    prop_assert!(parent.is_none_or(|parent| open.contains(&parent)));
                    open.push(*step);
                }
                Event::StepFinished { step, result, .. } => {
                    prop_assert!(open.contains(step));
                    open.retain(|other| other != step);
                    failed |= *result == StepResult::Failed;
                }
                _ => prop_assert!(false, "{event:?}"),
            }
        }
        prop_assert!(open.is_empty());
        prop_assert!(!failed || result.is_err());
    }
}
