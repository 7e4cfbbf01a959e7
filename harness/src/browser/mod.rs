//! Browser and driver processes, isolated contexts, sign-in state, and `Session`.

use std::ops::Deref;

use thirtyfour::WebDriver;

/// An isolated browser context that a test drives, signed in or anonymous.
#[derive(Debug, Clone)]
pub struct Session {
    driver: WebDriver,
}

impl Deref for Session {
    type Target = WebDriver;

    fn deref(&self) -> &WebDriver {
        &self.driver
    }
}
