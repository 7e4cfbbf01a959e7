//! Tests with a browser.

use callboard::thirtyfour::prelude::*;

macro_rules! paged {
    ($($name:ident)*) => {
        $(
            #[callboard::e2e]
            async fn $name(session: &callboard::Session) -> callboard::TestResult {
                session.goto("/").await?;
                assert_eq!(session.find(By::Tag("h1")).await?.text().await?, "Home");
                Ok(())
            }
        )*
    };
}

paged!(a b c d e f g h);
