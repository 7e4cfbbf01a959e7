//! Pages with one form, for people who are not signed in.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use minijinja::context;
use minijinja::value::Serde;
use serde::Serialize;

use super::{PageError, render};
use crate::auth::form;
use crate::error::{Error, Result};

/// A form whose parts have the ids `#<name>`, `#<name>-<input>`, `#<name>-submit` and, for what is wrong,
/// `#<name>-error` and `#<name>-<input>-error`.
#[derive(Default, Serialize)]
pub(crate) struct FormPage<'a> {
    pub(crate) name: &'a str,
    pub(crate) title: &'a str,
    pub(crate) lead: String,
    /// The path that the form is sent to.
    pub(crate) action: &'a str,
    pub(crate) hidden: Vec<(&'a str, &'a str)>,
    pub(crate) inputs: Vec<Input<'a>>,
    pub(crate) submit: &'a str,
    /// Other pages: path and title.
    pub(crate) links: Vec<(&'a str, &'a str)>,
}

#[derive(Default, Serialize)]
pub(crate) struct Input<'a> {
    /// As it is sent; with dashes in ids.
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    /// `text`, `email`, `password` or `select`.
    pub(crate) kind: &'a str,
    pub(crate) value: &'a str,
    pub(crate) autocomplete: &'a str,
    pub(crate) help: &'a str,
    /// For `select`: values and what they are called.
    pub(crate) choices: Vec<(String, String)>,
}

impl<'a> Input<'a> {
    /// The address by which the person signs in.
    pub(crate) fn email(value: &'a str) -> Self {
        Self {
            name: "email",
            label: "E-mail",
            kind: "email",
            autocomplete: "username",
            value,
            ..Self::default()
        }
    }

    pub(crate) fn own_name(value: &'a str) -> Self {
        Self {
            name: "display_name",
            label: "Name",
            kind: "text",
            autocomplete: "name",
            value,
            ..Self::default()
        }
    }

    /// Never shown again, so it has no value.
    pub(crate) fn new_password(label: &'a str) -> Self {
        Self {
            name: "password",
            label,
            kind: "password",
            autocomplete: "new-password",
            help: "At least 8 characters.",
            ..Self::default()
        }
    }
}

impl FormPage<'_> {
    pub(crate) fn show(&self, headers: &HeaderMap) -> Result<Response, PageError> {
        Ok(self.answer(headers, StatusCode::OK, None, &BTreeMap::new())?)
    }

    /// The form again with what is wrong, where that is something that the person can do something about.
    pub(crate) fn refuse(&self, headers: &HeaderMap, error: Error) -> Result<Response, PageError> {
        let status = error.status();
        let message = error.to_string();
        match error {
            Error::Invalid(fields) => Ok(self.answer(headers, status, Some(&message), &fields)?),
            Error::Gone(_) | Error::Conflict(_) | Error::TooMany { .. } | Error::Mail(_) => {
                Ok(self.answer(headers, status, Some(&message), &BTreeMap::new())?)
            }
            other => Err(other.into()),
        }
    }

    fn answer(
        &self,
        headers: &HeaderMap,
        status: StatusCode,
        error: Option<&str>,
        errors: &BTreeMap<String, String>,
    ) -> Result<Response> {
        let (token, cookie) = form::token(headers)?;
        let values = context! { title => self.title, csrf => token, form => Serde(self), error, errors => Serde(errors) };
        let page = render("form.html", values)?;
        Ok((status, [(header::SET_COOKIE, cookie)], page).into_response())
    }
}
