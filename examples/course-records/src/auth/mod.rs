//! Who is asking: roles, passwords, sessions, CSRF tokens, signing in and out.

pub(crate) mod form;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod session;

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    SiteAdmin,
    InstitutionAdmin,
    ProgramAdmin,
    Instructor,
}

impl Role {
    pub(crate) const ALL: [Self; 4] =
        [Self::SiteAdmin, Self::InstitutionAdmin, Self::ProgramAdmin, Self::Instructor];

    /// As it stands in the database, the API and the seeded addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::SiteAdmin => "site_admin",
            Self::InstitutionAdmin => "institution_admin",
            Self::ProgramAdmin => "program_admin",
            Self::Instructor => "instructor",
        }
    }

    /// As people read it.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::SiteAdmin => "Site admin",
            Self::InstitutionAdmin => "Institution admin",
            Self::ProgramAdmin => "Program admin",
            Self::Instructor => "Instructor",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// The signed-in user of a request. Every question to the records is asked as somebody.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) user_id: i64,
    pub(crate) role: Role,
    pub(crate) institution_id: Option<i64>,
    pub(crate) email: String,
    pub(crate) display_name: String,
    pub(crate) session: session::Tokens,
}

impl<S: Sync> FromRequestParts<S> for Viewer {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::Unauthenticated)
    }
}

/// 128 bits from the operating system, as hexadecimal digits.
pub(crate) fn random_token() -> Result<String> {
    let bytes =
        argon2::password_hash::try_generate_salt().map_err(|error| Error::internal(error.to_string()))?;
    Ok(hexadecimal(&bytes))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares secrets in a time that does not depend on where they differ.
fn same_secret(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (l, r)| sum | (l ^ r)) == 0
}
