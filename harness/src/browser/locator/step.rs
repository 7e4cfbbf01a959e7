//! What a locator is made of: one step after another, from the page to the elements.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::text::Pattern;

/// A step, as the script in the page takes it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub(in crate::browser) enum Step {
    Css { css: String },
    Xpath { xpath: String },
    Text { text: Pattern },
    Label { label: Pattern },
    Attribute { attribute: String, value: Pattern },
    Role { role: String, name: Option<Pattern>, hidden: bool, states: BTreeMap<&'static str, Value> },
    HasText { has_text: Pattern },
    HasNotText { has_not_text: Pattern },
    Has { has: Vec<Self> },
    HasNot { has_not: Vec<Self> },
    Named { named: Pattern },
    Visible { visible: bool },
    Nth { nth: i64 },
    And { and: Vec<Self> },
    Or { or: Vec<Self> },
}

impl fmt::Display for Step {
    /// As it would be written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What would be read as something else says what it is.
            Self::Css { css } => match super::parse::parse(css, "") {
                Ok(Self::Css { css: read }) if read == *css => f.write_str(css),
                _ => write!(f, "css={css}"),
            },
            Self::Xpath { xpath } => match super::parse::parse(xpath, "") {
                Ok(Self::Xpath { xpath: read }) if read == *xpath => f.write_str(xpath),
                _ => write!(f, "xpath={xpath}"),
            },
            Self::Text { text } => write!(f, "text={text}"),
            Self::Label { label } => write!(f, "label={label}"),
            Self::Attribute { attribute, value } => match attribute.as_str() {
                "placeholder" | "title" | "alt" => write!(f, "{attribute}={value}"),
                _ => write!(f, "testid={value}"),
            },
            Self::Role { role, name, hidden, states } => {
                write!(f, "role={role}")?;
                if let Some(name) = name {
                    write!(f, "[name={name}]")?;
                }
                states.iter().try_for_each(|(state, value)| match value {
                    Value::String(word) => write!(f, "[{state}={word}]"),
                    value => write!(f, "[{state}={value}]"),
                })?;
                if *hidden { f.write_str("[include-hidden]") } else { Ok(()) }
            }
            Self::HasText { has_text } => write!(f, "has text {has_text}"),
            Self::HasNotText { has_not_text } => write!(f, "has no text {has_not_text}"),
            Self::Has { has } => write!(f, "has ({})", Shown(has)),
            Self::HasNot { has_not } => write!(f, "has no ({})", Shown(has_not)),
            Self::Named { named } => write!(f, "named {named}"),
            Self::Visible { visible } => f.write_str(if *visible { "visible" } else { "hidden" }),
            Self::Nth { nth: 0 } => f.write_str("first"),
            Self::Nth { nth: -1 } => f.write_str("last"),
            Self::Nth { nth } => write!(f, "nth {nth}"),
            Self::And { and } => write!(f, "and ({})", Shown(and)),
            Self::Or { or } => write!(f, "or ({})", Shown(or)),
        }
    }
}

/// Steps in a row: `#list >> text=Ida`.
pub(in crate::browser) struct Shown<'a>(pub(in crate::browser) &'a [Step]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(index, step)| match index {
            0 => write!(f, "{step}"),
            _ => write!(f, " >> {step}"),
        })
    }
}
