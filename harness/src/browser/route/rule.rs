//! One route: what it means, who is asked, and how it fails the test.

use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;

use super::held::Route;
use crate::browser::network::response::Request;
use crate::trail;

/// Of the failures of one route so many are told, and none twice.
const TOLD: usize = 3;

/// What a test does with a request.
pub(super) type Handler = Arc<dyn Fn(Route) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A route.
pub(super) struct Rule {
    /// ``the route of `/api/courses` (tests/e2e/main.rs:12:5)``
    pub(super) by: Arc<str>,
    pub(super) base_url: Arc<str>,
    words: String,
    location: &'static Location<'static>,
    matches: Box<dyn Fn(&Request) -> bool + Send + Sync>,
    pub(super) handler: Handler,
    /// So many requests more are given to it.
    left: AtomicU64,
    told: Mutex<Vec<String>>,
}

impl Rule {
    pub(super) fn new(
        words: String,
        location: &'static Location<'static>,
        base_url: Arc<str>,
        matches: Box<dyn Fn(&Request) -> bool + Send + Sync>,
        handler: Handler,
        times: Option<u64>,
    ) -> Self {
        let by = format!("the route of {words} ({location})").into();
        let left = AtomicU64::new(times.unwrap_or(u64::MAX));
        Self { by, base_url, words, location, matches, handler, left, told: Mutex::default() }
    }

    /// What it means, as it was written.
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Whether it is asked about this request. One whose pattern panics never is.
    pub(super) fn means(&self, request: &Request) -> bool {
        if self.left.load(Ordering::Relaxed) == 0 {
            return false;
        }
        catch_unwind(AssertUnwindSafe(|| (self.matches)(request))).unwrap_or_else(|panic| {
            self.fail(&format!("its pattern panicked at {request}: {}", words_of(panic.as_ref())));
            false
        })
    }

    /// Takes one of the requests that it may still have.
    pub(super) fn take(&self) -> bool {
        let take = |left: u64| match left {
            0 => None,
            u64::MAX => Some(u64::MAX),
            left => Some(left - 1),
        };
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// The test fails by this.
    pub(super) fn fail(&self, why: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() == TOLD || told.iter().any(|known| known == why) {
            return;
        }
        told.push(why.to_owned());
        let message = format!("the route of {}: {why}", self.words);
        if !trail::failed_beside(message, self.location) {
            tracing::warn!(route = %self.by, why, "a route failed outside of any test");
        }
    }
}

/// What a panic said.
pub(in crate::browser) fn words_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "with something that is no text".to_owned())
}
