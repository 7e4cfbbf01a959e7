//! Tests on whose pages something goes wrong.

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Session, TestError, TestResult, e2e, expect, fixture, matching, sign_in, step};

/// What the page throws in a task of its own.
async fn throw(session: &Session, what: &str) -> TestResult {
    let script =
        "const done = arguments[1]; setTimeout(() => { setTimeout(done); throw new Error(arguments[0]) })";
    session.execute_async(script, vec![what.into()]).await?;
    Ok(())
}

#[e2e]
async fn throws(session: &Session) -> TestResult {
    session.goto("/").await?;
    step("breaks", throw(session, "broken")).await?;
    throw(session, "broken").await
}

#[e2e]
async fn throws_and_fails(session: &Session) -> TestResult {
    session.goto("/?token=abcdef").await?;
    throw(session, "broken").await?;
    Err(TestError::new("the test's own words"))
}

#[e2e(allow_console = ["^Error: expected"])]
async fn throws_what_it_allows(session: &Session) -> TestResult {
    session.goto("/").await?;
    throw(session, "expected by the attribute").await?;
    session.allow_console("^Error: also");
    throw(session, "also expected").await
}

#[e2e]
async fn asks_for_what_is_not_there(session: &Session) -> TestResult {
    session.goto("/").await?;
    let script = "const done = arguments[0]; fetch('/nothing?api_key=abcdef').then(() => done())";
    session.execute_async(script, Vec::new()).await?;
    Ok(())
}

/// Two writes of one kind, one that fails, and what is no write.
#[e2e(allow_console = ["status of"])]
async fn asks_for_much(session: &Session) -> TestResult {
    session.goto("/").await?;
    let script = "const done = arguments[0]; (async () => {
        const ask = (path, method) => fetch(path, { method, body: method === 'GET' ? undefined : 'password=abcdef' });
        await ask('/', 'GET');
        await ask('/courses/17/edit?token=abcdef', 'POST');
        await ask('/courses/18/edit', 'POST');
        await ask('/secret-s0/ERROR', 'DELETE');
        await ask('/nothing', 'GET');
        done();
    })()";
    session.execute_async(script, Vec::new()).await?;
    Ok(())
}

#[e2e]
fn allows_what_is_no_pattern(session: &Session) {
    session.allow_console("(");
}

/// What is thrown during a sign-in belongs to the sign-in.
#[sign_in]
async fn enter(session: &Session, account: &Account) -> TestResult {
    session.goto("/login").await?;
    session.find(By::Name("user")).await?.send_keys(account.username()).await?;
    session.find(By::Name("password")).await?.send_keys(account.password()).await?;
    session.find(By::Tag("button")).await?.click().await?;
    // What was begun on the page that is left would end with it.
    expect(session).not().to_have_url(matching("/login")).await?;
    throw(session, &format!("cannot greet {}", account.password())).await
}

#[e2e(role = "student")]
async fn signs_in(session: &Session) -> TestResult {
    session.goto("/private").await?;
    Ok(())
}

/// Lives as long as the slot.
struct Board(Session);

#[fixture(scope = "slot")]
fn board(session: &Session) -> Board {
    Board(session.clone())
}

/// In the order of names, in one slot.
mod shared {
    use super::{Board, TestResult, e2e, throw};

    #[e2e]
    async fn a_uses(board: &Board) -> TestResult {
        board.0.goto("/").await?;
        Ok(())
    }

    #[e2e]
    async fn b_breaks(board: &Board) -> TestResult {
        throw(&board.0, "shared and broken").await
    }

    #[e2e]
    async fn c_is_not_to_blame(board: &Board) -> TestResult {
        board.0.goto("/").await?;
        Ok(())
    }
}

callboard::main!();
