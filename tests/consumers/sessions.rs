//! What a signed-in session costs: forty tests that only open one, and forty that look at a page in it;
//! and what a whole test costs that expects one thing of a page.

use callboard::thirtyfour::prelude::*;
use callboard::{Session, TestError, TestResult, expect, sign_in};

#[sign_in]
async fn enter(session: &Session) -> TestResult {
    session.goto("/enter").await?;
    session.find(By::Id("user")).await?;
    Ok(())
}

macro_rules! tests {
    ($body:path, $role:tt: $($name:ident)*) => {
        $(
            #[callboard::e2e $role]
            async fn $name(session: &callboard::Session) -> callboard::TestResult {
                $body(session).await
            }
        )*
    };
}

macro_rules! forty {
    ($module:ident, $body:path, $role:tt) => {
        mod $module {
            tests!(
                $body, $role: t00 t01 t02 t03 t04 t05 t06 t07 t08 t09 t10 t11 t12 t13 t14 t15 t16 t17 t18 t19
                t20 t21 t22 t23 t24 t25 t26 t27 t28 t29 t30 t31 t32 t33 t34 t35 t36 t37 t38 t39
            );
        }
    };
}

async fn nothing(_session: &Session) -> TestResult {
    Ok(())
}

async fn look(session: &Session) -> TestResult {
    session.goto("/").await?;
    match session.find(By::Id("user")).await?.text().await?.as_str() {
        "signed in" => Ok(()),
        text => Err(TestError::new(format!("the page says {text:?}"))),
    }
}

/// Nobody's page, and one expectation.
async fn expect_one(session: &Session) -> TestResult {
    session.goto("/").await?;
    expect(session.locator("#user")).to_have_text("signed out").await?;
    Ok(())
}

forty!(open, super::nothing, (role = "user"));
forty!(cycle, super::look, (role = "user"));
forty!(tiny, super::expect_one, ());

callboard::main!();
