//! How the application reaches the directory.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde_json::Value;
use tokio::runtime::Handle;

use crate::error::{Error, Result};

/// A directory that takes longer is as good as none to the person who waits.
const LIMIT: Duration = Duration::from_secs(2);

/// The directory, as the application sees it.
#[derive(Clone)]
pub(crate) struct Campus {
    http: Client,
    place: Place,
}

#[derive(Clone)]
enum Place {
    Url(String),
    /// A file with the address: it is another one whenever the directory was started again.
    File(PathBuf),
}

impl Campus {
    pub(crate) fn at(url: String) -> Result<Self, reqwest::Error> {
        Self::new(Place::Url(url))
    }

    pub(crate) fn named_in(file: PathBuf) -> Result<Self, reqwest::Error> {
        Self::new(Place::File(file))
    }

    fn new(place: Place) -> Result<Self, reqwest::Error> {
        // The directory is on the campus; no proxy leads there.
        Ok(Self { http: Client::builder().timeout(LIMIT).no_proxy().build()?, place })
    }

    pub(super) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        self.ask(Method::GET, &format!("{path}?{}", query.join("&")), None)
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::POST, path, Some(body))
    }

    pub(super) fn put(&self, path: &str, body: &Value) -> Result<Value> {
        self.ask(Method::PUT, path, Some(body))
    }

    /// Waits for the answer on this thread, which must be one for blocking work.
    fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.url()?));
        if let Some(body) = body {
            request = request.json(body);
        }
        let (status, answer) = Handle::current()
            .block_on(async {
                let response = request.send().await?;
                Ok::<_, reqwest::Error>((response.status(), response.json::<Value>().await?))
            })
            .map_err(|error| unavailable(&error))?;
        match status {
            StatusCode::CONFLICT => Err(Error::Conflict(answer["error"].as_str().unwrap_or_default().into())),
            _ if status.is_success() => Ok(answer),
            _ => Err(unavailable(&format!("{path} was answered with {status}: {answer}"))),
        }
    }

    fn url(&self) -> Result<String> {
        match &self.place {
            Place::Url(url) => Ok(url.trim_end_matches('/').to_owned()),
            Place::File(file) => {
                let text = fs::read_to_string(file);
                let text = text.map_err(|error| unavailable(&format!("{}: {error}", file.display())))?;
                Ok(text.trim().trim_end_matches('/').to_owned())
            }
        }
    }
}

/// The person can only try again; why is for the log.
fn unavailable(error: &impl std::fmt::Debug) -> Error {
    tracing::error!("campus directory: {error:?}");
    Error::Unavailable("The campus directory does not answer. Please try again.".into())
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
