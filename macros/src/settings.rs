//! The keys of the attributes, and what they may say.

use std::time::Duration;

use proc_macro2::{Delimiter, Group, Span, TokenStream};
use syn::{Error, LitBool, LitInt, LitStr, Path, Result};

use crate::duration;
use crate::errors::Errors;
use crate::keys::{self, Key, Pair};
use crate::roles;
use crate::values;

const ROLE: Key = Key { name: "role", example: r#"role = "instructor""# };

const KEYS: [Key; 11] = [
    ROLE,
    Key { name: "roles", example: r#"roles = ["program_admin", "instructor"]"# },
    Key { name: "tags", example: r#"tags = ["smoke"]"# },
    Key { name: "timeout", example: r#"timeout = "90s""# },
    Key { name: "retries", example: "retries = 1" },
    Key { name: "exclusive", example: "exclusive" },
    Key { name: "group", example: r#"group = "mail""# },
    Key { name: "slot", example: "slot = 3" },
    Key { name: "fixme", example: r#"fixme = "the total is wrong, see #12""# },
    Key { name: "skip_if", example: "skip_if = cfg!(windows)" },
    Key { name: "allow_console", example: r#"allow_console = ["^GET .*/api/slow"]"# },
];

const FIXTURE_KEYS: [Key; 5] = [
    ROLE,
    Key { name: "roles", example: r#"roles = ["program_admin", "instructor"]"# },
    Key { name: "scope", example: r#"scope = "slot""# },
    Key { name: "timeout", example: r#"timeout = "90s""# },
    Key { name: "tear_down", example: "tear_down = remove_course" },
];
const OF_PROBE: [Key; 4] = [
    ROLE,
    Key { name: "roles", example: r#"roles = ["program_admin", "instructor"]"# },
    Key { name: "timeout", example: r#"timeout = "90s""# },
    Key { name: "allow_console", example: r#"allow_console = ["^GET .*/api/slow"]"# },
];
const OF_SIGN_IN: [Key; 2] = [ROLE, Key { name: "timeout", example: r#"timeout = "90s""# }];

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
    pub(crate) fixme: Option<LitStr>,
    pub(crate) skip_if: Option<SkipIf>,
    pub(crate) allow_console: Vec<LitStr>,
}

/// `skip_if = condition`, `skip_if = (condition, "why")`
pub(crate) struct SkipIf {
    pub(crate) condition: TokenStream,
    pub(crate) reason: Option<LitStr>,
}

/// Whose sessions and accounts a function has.
#[derive(Default, Clone)]
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
            fixme: find("fixme").and_then(|pair| errors.keep(pair.string())),
            skip_if: find("skip_if").and_then(|pair| errors.keep(skip_if(pair))),
            allow_console: find("allow_console")
                .and_then(|pair| errors.keep(pair.strings()))
                .unwrap_or_default(),
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

/// `#[sign_in(...)]`
pub(crate) struct OfSignIn {
    /// The role, if it is for one.
    pub(crate) role: Option<LitStr>,
    pub(crate) timeout: Option<Duration>,
}

impl OfSignIn {
    /// Reads the arguments of `#[sign_in(...)]`.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let pairs = keys::parse(arguments, &OF_SIGN_IN, errors);
        let find = |name: &str| pairs.iter().find(|pair| pair.key == name);
        Self {
            role: find("role").and_then(|pair| errors.keep(roles::single(pair))),
            timeout: find("timeout").and_then(|pair| errors.keep(timeout(pair))),
        }
    }
}

/// `#[probe(...)]`
pub(crate) struct OfProbe {
    /// Whose accounts it looks at: each of these roles by itself.
    pub(crate) roles: Vec<LitStr>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) allow_console: Vec<LitStr>,
}

impl OfProbe {
    /// Reads the arguments of `#[probe(...)]`.
    pub(crate) fn parse(arguments: TokenStream, errors: &mut Errors) -> Self {
        let pairs = keys::parse(arguments, &OF_PROBE, errors);
        let find = |name: &str| pairs.iter().find(|pair| pair.key == name);
        let roles = Roles::of(&pairs, errors);
        if let Roles::None = roles {
            errors.push(Error::new(
                Span::call_site(),
                "which accounts does it look at? write `#[probe(role = \"instructor\")]`, or several: \
                 `roles = [\"program_admin\", \"instructor\"]`",
            ));
        }
        for lent in roles.list().iter().filter(|role| role.value().contains('#')) {
            errors.at(lent, "a probe looks at one account at a time; write the role without `#`");
        }
        Self {
            roles: roles.list().to_vec(),
            timeout: find("timeout").and_then(|pair| errors.keep(timeout(pair))),
            allow_console: find("allow_console")
                .and_then(|pair| errors.keep(pair.strings()))
                .unwrap_or_default(),
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

/// A condition, alone or in parentheses with its reason.
fn skip_if(pair: &Pair) -> Result<SkipIf> {
    const FORM: &str = "write `skip_if = condition` or `skip_if = (condition, \"why\")`";
    let Some(value) = pair.value.clone() else {
        return Err(pair.error(format_args!("`skip_if` has no value; {FORM}")));
    };
    let group = syn::parse2::<Group>(value.clone()).ok();
    let parts = group
        .filter(|group| group.delimiter() == Delimiter::Parenthesis)
        .map(|group| values::split(group.stream()));
    match parts.as_deref() {
        None => Ok(SkipIf { condition: value, reason: None }),
        Some([condition]) => Ok(SkipIf { condition: condition.clone(), reason: None }),
        Some([condition, reason]) => {
            let reason: LitStr = syn::parse2(reason.clone())
                .map_err(|_| Error::new_spanned(reason, format_args!("the reason is a string; {FORM}")))?;
            if reason.value().trim().is_empty() {
                return Err(Error::new_spanned(reason, format_args!("an empty string is no reason; {FORM}")));
            }
            Ok(SkipIf { condition: condition.clone(), reason: Some(reason) })
        }
        Some(_) => Err(pair.error(format_args!("this is not a condition and its reason; {FORM}"))),
    }
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
