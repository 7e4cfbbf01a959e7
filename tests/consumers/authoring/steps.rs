//! Tests with steps. The lines are those of the messages.

use std::future::pending;
use std::num::ParseIntError;

use callboard::{TestError, TestResult, e2e, skip, step};
use tokio::task::yield_now;

#[e2e]
async fn tells() -> TestResult {
    let sum = step("adds", async {
        let one = step("takes one", async { 1 }).await;
        yield_now().await;
        one + step(String::from("takes two"), async { 2 }).await
    })
    .await;
    assert_eq!(sum, 3);
    let text = String::from("borrowed");
    assert_eq!(step("borrows", async { text.as_str() }).await, "borrowed");
    // Whose error is made good.
    let _: Result<u8, ParseIntError> = step("parses", async { "x".parse() }).await;
    Ok(())
}

#[e2e]
async fn at_once() {
    let left = step("left", async {
        yield_now().await;
        step("within left", yield_now()).await;
    });
    let right = step("right", async {
        step("within right", yield_now()).await;
        yield_now().await;
    });
    tokio::join!(left, right);
}

#[e2e]
async fn fails_within() -> TestResult {
    let saves = step("saves", async {
        yield_now().await;
        let _: u16 = "seven".parse()?;
        Ok(())
    });
    step("adds the course", saves).await
}

#[e2e]
async fn fails_after() -> TestResult {
    let number = step("adds the course", step("reads", async { "seven".parse::<u16>() })).await?;
    assert_eq!(number, 7);
    Ok(())
}

#[e2e]
async fn fails_without_question_mark() -> Result<(), String> {
    step("says it in a string", async { Err("so it is".to_owned()) }).await
}

#[e2e]
async fn fails_elsewhere() -> TestResult {
    let _: Result<u8, ParseIntError> = step("is forgiven", async { "x".parse() }).await;
    yield_now().await;
    let _: u8 = "eight".parse()?;
    Ok(())
}

#[e2e]
async fn panics() {
    step("adds the course", async {
        let list: Vec<u8> = step("reads the list", async { Vec::new() }).await;
        assert_eq!(list.len(), 1, "courses");
    })
    .await;
}

#[e2e]
async fn unwraps() {
    step("reads", async { Err::<u8, _>(TestError::new("unreadable")) }).await.unwrap();
}

#[e2e(timeout = "200ms")]
async fn hangs() {
    step("adds the course", step("saves", pending::<()>())).await;
}

#[e2e(timeout = "200ms")]
async fn hangs_twice() {
    tokio::join!(step("left", pending::<()>()), step("right", pending::<()>()));
}

#[e2e(timeout = "200ms")]
async fn hangs_after() {
    step("saves", async {}).await;
    pending::<()>().await;
}

#[e2e(timeout = "100ms")]
async fn blocks() {
    step("waits for the bell", async {
        loop {
            std::thread::park();
        }
    })
    .await;
}

#[e2e]
async fn skips() {
    step("looks for a printer", async {
        yield_now().await;
        skip!("there is none");
    })
    .await;
}

#[e2e]
async fn is_overtaken() {
    let slow = step("is slow", pending::<()>());
    let fast = step("is fast", async {});
    tokio::select! {
        biased;
        () = slow => {}
        () = fast => {}
    }
}

/// Steps of tasks and threads that the test starts.
#[e2e]
async fn elsewhere() {
    step("begins", async {
        tokio::spawn(step("in a task", step("within", yield_now()))).await.unwrap();
        let on_a_thread = std::thread::spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(step("on a thread", async { 7 }))
        });
        assert_eq!(on_a_thread.join().unwrap(), 7);
    })
    .await;
    // It outlives the test.
    tokio::spawn(step("is left behind", pending::<()>()));
    yield_now().await;
}

#[e2e]
async fn names_secrets() -> TestResult {
    step(format!("types secret-word\n{}", "and more ".repeat(40)), async { Err(TestError::new("no")) }).await
}
