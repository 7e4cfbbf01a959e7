//! What the server holds: its JSON API, asked from within the page, so with exactly the cookies of the session.

use callboard::Session;
use serde_json::{Value, json};

use super::{Page, Step, StepError};

const FETCH: &str = include_str!("fetch.js");

/// The API as the user of a session has it.
#[derive(Clone, Copy)]
pub(crate) struct Api<'s> {
    session: &'s Session,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u64,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON; `null` if it is something else.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// What an error says to people.
    pub(crate) fn error(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }
}

impl<'s> Api<'s> {
    /// The API as the user of this session. A session that has been nowhere yet goes to a page first.
    pub(crate) async fn of(session: &'s Session) -> Step<Api<'s>> {
        let here = session.current_url().await?;
        if !here.as_str().starts_with(session.base_url()) {
            Page::open(session, "/profile").await?;
        }
        Ok(Self { session })
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Value) -> Step<Answer> {
        let arguments = vec![json!(method), json!(path), body];
        let answer = self.session.execute_async(FETCH, arguments).await?;
        let answer = answer.json();
        let status = answer["status"].as_u64().unwrap_or_default();
        Ok(Answer { status, text: answer["text"].as_str().unwrap_or_default().to_owned() })
    }

    /// The status that a request for this path is answered with.
    pub(crate) async fn status(&self, path: &str) -> Step<u64> {
        Ok(self.send("GET", path, Value::Null).await?.status)
    }

    pub(crate) async fn get(&self, path: &str) -> Step<Value> {
        expect(200, "GET", path, &self.send("GET", path, Value::Null).await?)
    }

    /// All records of a kind that this user sees.
    pub(crate) async fn list(&self, plural: &str) -> Step<Vec<Value>> {
        match self.get(&format!("/{plural}")).await?["items"].take() {
            Value::Array(items) => Ok(items),
            other => Err(StepError::new(format_args!("the list of {plural} is {other}"))),
        }
    }

    /// The records of a kind of which one field has this value.
    pub(crate) async fn matching(
        &self,
        plural: &str,
        key: &str,
        value: impl Into<Value>,
    ) -> Step<Vec<Value>> {
        let value = value.into();
        let items = self.list(plural).await?;
        Ok(items.into_iter().filter(|item| item[key] == value).collect())
    }

    /// The one record of a kind with this value in a field.
    pub(crate) async fn only(&self, plural: &str, key: &str, value: impl Into<Value>) -> Step<Value> {
        let value = value.into();
        let mut found = self.matching(plural, key, value.clone()).await?;
        match (found.pop(), found.len()) {
            (Some(item), 0) => Ok(item),
            (last, more) => {
                let count = more + usize::from(last.is_some());
                Err(StepError::new(format_args!("the server has {count} {plural} with {key} {value}, not 1")))
            }
        }
    }

    /// Makes a record and returns it.
    pub(crate) async fn create(&self, plural: &str, fields: Value) -> Step<Value> {
        let path = format!("/{plural}");
        expect(201, "POST", &path, &self.send("POST", &path, fields).await?)
    }
}

/// One text of each record, in their order.
pub(crate) fn texts(items: &[Value], key: &str) -> Vec<String> {
    items.iter().map(|item| item[key].as_str().unwrap_or_default().to_owned()).collect()
}

fn expect(status: u64, method: &str, path: &str, answer: &Answer) -> Step<Value> {
    if answer.status == status {
        return Ok(answer.json());
    }
    let Answer { status: other, text, .. } = answer;
    Err(StepError::new(format_args!(
        "{method} /api{path} was answered with {other} instead of {status}: {text}"
    )))
}
