//! The keys of `#[e2e(...)]` and `#[sign_in(...)]`, and what they may say.

use std::time::Duration;

use proc_macro2::TokenStream;
use syn::{Error, LitBool, LitInt, LitStr, Path, Result};

use crate::duration;
use crate::errors::Errors;
use crate::keys::{self, Key, Pair};
use crate::roles;

const ROLE: Key = Key { name: "role", example: r#"role = "instructor""# };

const KEYS: [Key; 8] = [
    ROLE,
    Key { name: "roles", example: r#"roles = ["program_admin", "instructor"]"# },
    Key { name: "tags", example: r#"tags = ["smoke"]"# },
    Key { name: "timeout", example: r#"timeout = "90s""# },
    Key { name: "retries", example: "retries = 1" },
    Key { name: "exclusive", example: "exclusive" },
    Key { name: "group", example: r#"group = "mail""# },
    Key { name: "slot", example: "slot = 3" },
];

const FIXTURE_KEYS: [Key; 5] = [
    ROLE,
    Key { name: "roles", example: r#"roles = ["program_admin", "instructor"]"# },
    Key { name: "scope", example: r#"scope = "slot""# },
    Key { name: "timeout", example: r#"timeout = "90s""# },
    Key { name: "tear_down", example: "tear_down = remove_course" },
];

/// `#[e2e(...)]`
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) roles: Roles,
    pub(crate) tags: Vec<LitStr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retries: Option<u32>,
    pub(crate) exclusive: bool,
    pub(crate) group: Option<LitStr>,
    pub(crate) slot: Option<u16>,
}

/// Whose sessions and accounts a function has.
#[derive(Default)]
pub(crate) enum Roles {
    /// Nobody's.
    #[default]
    None,
    /// `role = "…"`: all of this role.
    One(LitStr),
    /// `roles = [...]`: each argument of the role that its name says.
    Named(Vec<LitStr>),
    /// There is an error in them already, and no more can be said about arguments.
    Unknown,
}

impl Roles {
    /// All of them.
    pub(crate) fn list(&self) -> &[LitStr] {
        match self {
            Self::One(role) => std::slice::from_ref(role),
            Self::Named(roles) => roles,
            Self::None | Self::Unknown => &[],
        }
    }

    /// What `role` and `roles` say.
    fn of(pairs: &[Pair], errors: &mut Errors) -> Self {
        let find = |name: &str| pairs.iter().find(|pair| pair.key == name);
        match (find("role"), find("roles")) {
            (Some(role), Some(roles)) => {
                errors.at(&role.key, "`role` and `roles` exclude each other; write all roles into `roles`");
                errors.keep(several_roles(roles)).map_or(Self::Unknown, Self::Named)
            }
            (Some(role), None) => errors.keep(one_role(role)).map_or(Self::Unknown, Self::One),
            (None, Some(roles)) => errors.keep(several_roles(roles)).map_or(Self::Unknown, Self::Named),
            (None, None) => Self::None,
        }
    }
}

impl Settings {
    /// Reads the arguments of `#[e2e(...)]`.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let pairs = keys::parse(arguments, &KEYS, errors);
        let find = |name: &str| pairs.iter().find(|pair| pair.key == name);

        let roles = Roles::of(&pairs, errors);
        Self {
            roles,
            tags: find("tags").and_then(|pair| errors.keep(pair.strings())).unwrap_or_default(),
            timeout: find("timeout").and_then(|pair| errors.keep(timeout(pair))),
            retries: find("retries").and_then(|pair| errors.keep(pair.number(u32::MAX))),
            exclusive: find("exclusive").and_then(|pair| errors.keep(exclusive(pair))).unwrap_or_default(),
            group: find("group").and_then(|pair| errors.keep(pair.string())),
            slot: find("slot").and_then(|pair| errors.keep(pair.number(u16::MAX))),
        }
    }
}

/// `#[fixture(...)]`
pub(crate) struct FixtureSettings {
    pub(crate) roles: Roles,
    /// It lives as long as the slot.
    pub(crate) of_slot: bool,
    pub(crate) timeout: Option<Duration>,
    pub(crate) tear_down: Option<Path>,
}

impl FixtureSettings {
    /// Reads the arguments of `#[fixture(...)]`.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let pairs = keys::parse(arguments, &FIXTURE_KEYS, errors);
        let find = |name: &str| pairs.iter().find(|pair| pair.key == name);
        Self {
            roles: Roles::of(&pairs, errors),
            of_slot: find("scope").and_then(|pair| errors.keep(is_of_slot(pair))).unwrap_or_default(),
            timeout: find("timeout").and_then(|pair| errors.keep(timeout(pair))),
            tear_down: find("tear_down").and_then(|pair| errors.keep(pair.value("the name of a function"))),
        }
    }
}

fn is_of_slot(pair: &Pair) -> Result<bool> {
    match pair.string()?.value().as_str() {
        "slot" => Ok(true),
        "test" => Ok(false),
        _ => Err(pair.error(
            "a fixture lives as long as its test or its slot: `scope = \"test\"` or `scope = \"slot\"`",
        )),
    }
}

/// Reads the arguments of `#[sign_in(...)]`: the role, if it is for one.
pub(crate) fn sign_in_role(arguments: TokenStream, errors: &mut Errors) -> Option<LitStr> {
    let pairs = keys::parse(arguments, &[ROLE], errors);
    pairs.first().and_then(|pair| errors.keep(roles::single(pair)))
}

fn one_role(pair: &Pair) -> Result<LitStr> {
    if let Ok(list) = pair.strings() {
        let roles: Vec<_> = list.iter().map(|role| format!("{:?}", role.value())).collect();
        return Err(pair.error(format_args!("several roles are `roles = [{}]`", roles.join(", "))));
    }
    roles::single(pair)
}

fn several_roles(pair: &Pair) -> Result<Vec<LitStr>> {
    let list = pair.strings()?;
    roles::check(&list).map(|()| list)
}

fn timeout(pair: &Pair) -> Result<Duration> {
    if let Ok(number) = pair.value::<LitInt>("a number") {
        let unit = if number.suffix().is_empty() { "s" } else { "" };
        return Err(Error::new_spanned(
            &number,
            format_args!("a duration is a string with its unit; write `timeout = \"{number}{unit}\"`"),
        ));
    }
    let text = pair.string()?;
    duration::parse(&text.value()).map_err(|message| Error::new_spanned(&text, message))
}

fn exclusive(pair: &Pair) -> Result<bool> {
    if pair.value.is_none() {
        return Ok(true);
    }
    pair.value::<LitBool>("`true` or `false`").map(|exclusive| exclusive.value)
}
