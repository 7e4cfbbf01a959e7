//! Whose session or account an argument is.

use syn::ext::IdentExt;
use syn::{Error, LitStr, Result};

use crate::function::Argument;
use crate::settings::Roles;
use crate::words;

/// A session of this name is nobody's, also in a test that has roles: to sign in by hand, for one.
const ANONYMOUS: &str = "anonymous";

/// The role of an argument of a test.
pub(crate) fn of_argument(argument: &Argument, roles: &Roles) -> Result<Option<String>> {
    let fixture = argument.fixture_name();
    let is_account = fixture.as_deref() == Some("Account");
    if is_anonymous(argument) {
        return Ok(None);
    }
    match roles {
        Roles::None if is_account => {
            Err(Error::new_spanned(&argument.fixture, "whose account? add `role = \"…\"` to `#[e2e]`"))
        }
        Roles::None | Roles::Unknown => Ok(None),
        Roles::One(role) => Ok(Some(role.value())),
        Roles::Named(roles) => {
            let named = named(argument, roles, is_account);
            if named.is_none() && (is_account || fixture.as_deref() == Some("Session")) {
                return Err(Error::new_spanned(&argument.name, names_no_role(argument, roles, is_account)));
            }
            Ok(named)
        }
    }
}

/// Whether it is a session that is nobody's in any case.
pub(crate) fn is_anonymous(argument: &Argument) -> bool {
    argument.fixture_name().as_deref() == Some("Session") && plain_name(argument) == ANONYMOUS
}

/// The one of `roles` that the argument's name says.
fn named(argument: &Argument, roles: &[LitStr], is_account: bool) -> Option<String> {
    let name = plain_name(argument);
    let find = |name: &str| roles.iter().map(LitStr::value).find(|role| identifier(role) == name);
    find(&name).or_else(|| find(name.strip_suffix("_account").filter(|_| is_account)?))
}

fn names_no_role(argument: &Argument, roles: &[LitStr], is_account: bool) -> String {
    let roles: Vec<_> = roles.iter().map(|role| identifier(&role.value())).collect();
    let names = || roles.iter().map(String::as_str);
    let name = plain_name(argument);
    let wanted = if is_account { name.strip_suffix("_account").unwrap_or(&name) } else { &name };
    let list = words::list(names(), "or");
    let known = if is_account {
        format!("the name of an account is its role, with or without `_account` after it: {list}")
    } else {
        format!("the name of a session is its role: {list}")
    };
    let wrong = format!("`{name}` is none of the roles");
    words::choice(&wrong, wanted, names(), &known)
}

/// The name without what is only there for the compiler: `r#` and a leading `_`.
fn plain_name(argument: &Argument) -> String {
    argument.name.unraw().to_string().trim_start_matches('_').to_owned()
}

/// A role as an argument's name says it.
fn identifier(role: &str) -> String {
    role.replace('-', "_")
}
