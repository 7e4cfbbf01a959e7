//! What somebody filled in: the fields of a JSON object, checked one by one, with all errors at once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::mail;

/// Reading a field that is wrong notes its error and returns a neutral value; [`Form::finish`] returns
/// the errors, and nothing may be done with the values before it.
pub(crate) struct Form {
    values: Map<String, Value>,
    errors: BTreeMap<String, String>,
}

impl Form {
    pub(crate) const fn new(values: Map<String, Value>) -> Self {
        Self { values, errors: BTreeMap::new() }
    }

    pub(crate) fn finish(&self) -> Result<()> {
        if self.errors.is_empty() { Ok(()) } else { Err(Error::Invalid(self.errors.clone())) }
    }

    pub(crate) fn reject(&mut self, name: &str, message: impl Into<String>) {
        self.errors.entry(name.to_owned()).or_insert_with(|| message.into());
    }

    pub(crate) fn errors(&self) -> &BTreeMap<String, String> {
        &self.errors
    }

    /// A text that must not be empty, without the space around it.
    pub(crate) fn text(&mut self, name: &str, longest: usize) -> String {
        let text = self.optional_text(name, longest);
        if text.is_empty() {
            self.reject(name, "This field is required.");
        }
        text
    }

    pub(crate) fn optional_text(&mut self, name: &str, longest: usize) -> String {
        let text = match self.values.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(_) => {
                self.reject(name, "This must be a text.");
                String::new()
            }
        };
        if text.chars().count() > longest {
            self.reject(name, format!("Please use at most {longest} characters."));
        }
        if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
            self.reject(name, "Please remove the control characters.");
        }
        text
    }

    /// A whole number; browsers and CSV files send it as text.
    pub(crate) fn number(&mut self, name: &str, range: RangeInclusive<i64>) -> i64 {
        let number = match self.values.get(name) {
            Some(Value::Number(number)) => number.as_i64(),
            Some(Value::String(text)) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => number,
            _ => {
                let message =
                    format!("Please enter a whole number from {} to {}.", range.start(), range.end());
                self.reject(name, message);
                *range.start()
            }
        }
    }

    pub(crate) fn id(&mut self, name: &str) -> i64 {
        let id = self.optional_id(name);
        if id.is_none() {
            self.reject(name, "Please choose one.");
        }
        id.unwrap_or_default()
    }

    pub(crate) fn optional_id(&mut self, name: &str) -> Option<i64> {
        let id = match self.values.get(name) {
            None | Some(Value::Null) => return None,
            Some(Value::String(text)) if text.is_empty() => return None,
            Some(value) => as_id(value),
        };
        if id.is_none() {
            self.reject(name, "Please choose one.");
        }
        id
    }

    pub(crate) fn ids(&mut self, name: &str) -> Vec<i64> {
        let ids = match self.values.get(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(values)) => values.iter().map(as_id).collect(),
            Some(_) => None,
        };
        ids.unwrap_or_else(|| {
            self.reject(name, "This must be a list of ids.");
            Vec::new()
        })
    }

    pub(crate) fn flag(&mut self, name: &str, absent: bool) -> bool {
        match self.values.get(name) {
            None | Some(Value::Null) => absent,
            Some(Value::Bool(flag)) => *flag,
            Some(_) => {
                self.reject(name, "This must be true or false.");
                absent
            }
        }
    }

    pub(crate) fn choice(&mut self, name: &str, choices: &[&str]) -> String {
        let chosen = self.optional_text(name, 60);
        if !choices.contains(&chosen.as_str()) {
            self.reject(name, "Please choose one.");
        }
        chosen
    }

    pub(crate) fn date(&mut self, name: &str) -> Date {
        let text = self.optional_text(name, 10);
        text.parse().unwrap_or_else(|_| {
            self.reject(name, "Please enter a date.");
            Date::ZERO
        })
    }

    pub(crate) fn email(&mut self, name: &str) -> String {
        let email = self.text(name, 200);
        let plausible = email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        });
        if !plausible || !mail::is_address(&email) {
            self.reject(name, "Please enter an e-mail address.");
        }
        email.to_lowercase()
    }

    /// As it was typed: spaces are part of a password.
    pub(crate) fn password(&self, name: &str) -> &str {
        self.values.get(name).and_then(Value::as_str).unwrap_or_default()
    }
}

fn as_id(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Form;

    fn form(value: Value) -> Form {
        let Value::Object(values) = value else { panic!("an object") };
        Form::new(values)
    }

    #[test]
    fn says_all_errors_at_once() {
        let mut form = form(json!({ "name": "  ", "credits": "many", "when": "2026-02-30", "email": "a@b" }));
        form.text("name", 10);
        form.number("credits", 0..=60);
        form.date("when");
        form.email("email");
        form.id("program_id");
        let wrong: Vec<_> = form.errors().keys().map(String::as_str).collect();
        assert_eq!(wrong, ["credits", "email", "name", "program_id", "when"]);
        assert!(form.finish().is_err());
    }

    #[test]
    fn reads_what_browsers_send() {
        let mut form = form(json!({ "name": " Logic ", "credits": "4", "ids": [1, "2"], "parent": "" }));
        assert_eq!(form.text("name", 10), "Logic");
        assert_eq!(form.number("credits", 0..=60), 4);
        assert_eq!(form.ids("ids"), [1, 2]);
        assert_eq!(form.optional_id("parent"), None);
        assert!(form.finish().is_ok());
    }
}
