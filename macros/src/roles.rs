//! Whose session or account an argument is.

use syn::ext::IdentExt;
use syn::{Error, LitStr, Result};

use crate::errors::Errors;
use crate::function::Argument;
use crate::keys::Pair;
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

/// A list of roles: each a name, or a name and the number of the slot that lends its account.
pub(crate) fn check(roles: &[LitStr]) -> Result<()> {
    let mut errors = Errors::default();
    for (index, literal) in roles.iter().enumerate() {
        let role = literal.value();
        errors.keep(check_number(literal, &role, roles));
        let same = roles[..index].iter().find(|other| identifier(&other.value()) == identifier(&role));
        if let Some(other) = same {
            let message = format!(
                "`{}` and `{role}` would both be the argument `{}`; rename one of the roles",
                other.value(),
                identifier(&role)
            );
            errors.at(literal, message);
        }
    }
    errors.into_error().map_or(Ok(()), Err)
}

/// `instructor#2`: whether it can be what follows the `#`.
fn check_number(literal: &LitStr, role: &str, roles: &[LitStr]) -> Result<()> {
    let Some((name, number)) = role.split_once('#') else { return Ok(()) };
    let name = name.trim();
    let wrong = |message: String| Err(Error::new_spanned(literal, message));
    if name.is_empty() {
        return wrong(format!("the role before `#` is missing; write `instructor{role}`"));
    }
    if number == "1" {
        return wrong(format!("the first account of a role has no number; write `{name}`"));
    }
    // Nothing but that: `02` would be a second name for the same account.
    let number =
        number.parse::<u16>().ok().filter(|parsed| *parsed > 1 && format!("{name}#{parsed}") == role);
    let Some(number) = number else {
        return wrong(format!(
            "`{role}` is no role; a second account of `{name}` is `{name}#2`, a third one `{name}#3`"
        ));
    };
    let before = format!("{name}#{}", number - 1);
    if number > 2 && !roles.iter().any(|other| other.value() == before) {
        return wrong(format!("`{role}` without `{before}`; number the accounts of a role without a gap"));
    }
    Ok(())
}

/// A role that stands alone: an account of another slot needs a list.
pub(crate) fn single(pair: &Pair) -> Result<LitStr> {
    let literal = pair.string()?;
    let role = literal.value();
    let Some((name, _)) = role.split_once('#') else { return Ok(literal) };
    let name = if name.is_empty() { "instructor" } else { name };
    let message = format!(
        "a `#` belongs into a list of roles; write `role = \"{name}\"`, or \
         `roles = [\"{name}\", \"{name}#2\"]` on a test of two such users"
    );
    Err(Error::new_spanned(literal, message))
}

/// The name without what is only there for the compiler: `r#` and a leading `_`.
fn plain_name(argument: &Argument) -> String {
    argument.name.unraw().to_string().trim_start_matches('_').to_owned()
}

/// A role as an argument's name says it.
fn identifier(role: &str) -> String {
    role.replace(['-', '#'], "_")
}
