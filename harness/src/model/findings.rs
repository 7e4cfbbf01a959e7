//! What a probe found with an account.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

/// What an account sees, under names: what a function marked [`#[probe]`](crate::probe) may return.
///
/// ```
/// use callboard::{Findings, Session, TestResult, probe};
///
/// #[probe(role = "program_admin")]
/// async fn dashboard(session: &Session) -> TestResult<Findings> {
///     session.goto("/dashboard").await?;
///     let programs = session.locator("#programs li").all_texts().await?;
///     let may_invite = session.by_role("button").named("Invite").count().await? > 0;
///     Ok(Findings::new().with("programs", programs).with("may invite", may_invite))
/// }
/// ```
///
/// They are made of pairs as well, and of anything that serde makes an object of:
///
/// ```
/// use callboard::Findings;
///
/// let pairs = Findings::from([("programs", 2), ("courses", 5)]);
/// let counts: Findings = vec![("programs", 2), ("courses", 5)].into_iter().collect();
/// let object = Findings::of(&serde_json::json!({ "programs": 2, "courses": 5 }))?;
/// assert!(pairs == counts && counts == object);
/// # Ok::<(), callboard::FindingsError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Findings(BTreeMap<String, Finding>);

/// One thing that an account sees. It is made of a text, a number, a `bool`, a list, or an `Option` of these.
///
/// ```
/// use callboard::Finding;
///
/// assert_eq!(Finding::from(2).to_string(), "2");
/// assert_eq!(Finding::from(vec!["History", "Logic"]).to_string(), "2: History, Logic");
/// assert_eq!(Finding::from(None::<String>).to_string(), "nothing");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding(pub(crate) Seen);

/// What a [`Finding`] is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Seen {
    Nothing,
    Truth(bool),
    /// As it is written.
    Number(String),
    Text(String),
    /// In the order in which it was seen.
    List(Vec<String>),
}

/// What was to be made [`Findings`] of is no object of texts, numbers, and lists.
#[derive(Debug, Clone, thiserror::Error)]
#[error("findings are an object whose values are texts, numbers, booleans, null, or lists of these: {0}")]
pub struct FindingsError(String);

impl Findings {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// These and another one. One of the same name is replaced.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, finding: impl Into<Finding>) -> Self {
        self.0.insert(name.into(), finding.into());
        self
    }

    /// The fields of a value, each as a finding of its name.
    ///
    /// # Errors
    ///
    /// It is no object, or a field of it is an object or a list of lists or objects.
    pub fn of<T: Serialize + ?Sized>(value: &T) -> Result<Self, FindingsError> {
        let value = serde_json::to_value(value).map_err(|error| FindingsError(error.to_string()))?;
        serde_json::from_value(value).map_err(|error| FindingsError(error.to_string()))
    }

    /// Each with its name, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Finding)> {
        self.0.iter().map(|(name, finding)| (name.as_str(), finding))
    }

    /// The one of this name.
    pub fn get(&self, name: &str) -> Option<&Finding> {
        self.0.get(name)
    }

    /// The same with other texts.
    pub(crate) fn map_texts(self, mut change: impl FnMut(String) -> String) -> Self {
        let of_one = |finding| match finding {
            Seen::Text(text) => Seen::Text(change(text)),
            Seen::List(texts) => Seen::List(texts.into_iter().map(&mut change).collect()),
            other => other,
        };
        let mut of_one = of_one;
        Self(self.0.into_iter().map(|(name, Finding(seen))| (name, Finding(of_one(seen)))).collect())
    }
}

impl<N: Into<String>, F: Into<Finding>> FromIterator<(N, F)> for Findings {
    fn from_iter<I: IntoIterator<Item = (N, F)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, finding)| (name.into(), finding.into())).collect())
    }
}

impl<N: Into<String>, F: Into<Finding>, const COUNT: usize> From<[(N, F); COUNT]> for Findings {
    fn from(pairs: [(N, F); COUNT]) -> Self {
        pairs.into_iter().collect()
    }
}

impl<N: Into<String>, F: Into<Finding>> Extend<(N, F)> for Findings {
    fn extend<I: IntoIterator<Item = (N, F)>>(&mut self, pairs: I) {
        self.0.extend(pairs.into_iter().map(|(name, finding)| (name.into(), finding.into())));
    }
}

impl From<String> for Finding {
    fn from(text: String) -> Self {
        Self(Seen::Text(text))
    }
}

impl From<&str> for Finding {
    fn from(text: &str) -> Self {
        Self(Seen::Text(text.to_owned()))
    }
}

impl From<bool> for Finding {
    fn from(truth: bool) -> Self {
        Self(Seen::Truth(truth))
    }
}

macro_rules! numbers {
    ($($number:ty)+) => {$(
        impl From<$number> for Finding {
            fn from(number: $number) -> Self {
                Self(Seen::Number(number.to_string()))
            }
        }
    )+};
}

numbers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

impl<T: ToString> From<Vec<T>> for Finding {
    fn from(list: Vec<T>) -> Self {
        Self(Seen::List(list.iter().map(ToString::to_string).collect()))
    }
}

impl<T: ToString> From<&[T]> for Finding {
    fn from(list: &[T]) -> Self {
        Self(Seen::List(list.iter().map(ToString::to_string).collect()))
    }
}

impl<T: ToString> From<BTreeSet<T>> for Finding {
    fn from(list: BTreeSet<T>) -> Self {
        Self(Seen::List(list.iter().map(ToString::to_string).collect()))
    }
}

impl<T: Into<Finding>> From<Option<T>> for Finding {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Seen::Nothing), Into::into)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Seen::Nothing => f.write_str("nothing"),
            Seen::Truth(truth) => f.write_str(if *truth { "yes" } else { "no" }),
            Seen::Number(number) => f.write_str(number),
            Seen::Text(text) if text.is_empty() => f.write_str("an empty text"),
            Seen::Text(text) => write!(f, "{text:?}"),
            Seen::List(list) if list.is_empty() => f.write_str("none"),
            Seen::List(list) => write!(f, "{}: {}", list.len(), list.join(", ")),
        }
    }
}

/// As JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Nothing,
    Truth(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Element>),
}

/// What a list may have in it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Element {
    Text(String),
    Number(serde_json::Number),
    Truth(bool),
}

impl Serialize for Finding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self.0.clone() {
            Seen::Nothing => Written::Nothing,
            Seen::Truth(truth) => Written::Truth(truth),
            // `NaN` is no number of JSON.
            Seen::Number(number) => number.parse().map_or(Written::Text(number), Written::Number),
            Seen::Text(text) => Written::Text(text),
            Seen::List(list) => Written::List(list.into_iter().map(Element::Text).collect()),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Finding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let in_list = |element: Element| match element {
            Element::Text(text) => text,
            Element::Number(number) => number.to_string(),
            Element::Truth(truth) => truth.to_string(),
        };
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::Nothing => Seen::Nothing,
            Written::Truth(truth) => Seen::Truth(truth),
            Written::Number(number) => Seen::Number(number.to_string()),
            Written::Text(text) => Seen::Text(text),
            Written::List(list) => Seen::List(list.into_iter().map(in_list).collect()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_survives_json() {
        let findings = Findings::new()
            .with("count", 3_u8)
            .with("share", 0.5)
            .with("text", "a \"b\"")
            .with("none", None::<i32>)
            .with("list", vec![1, 2])
            .with("may", true);
        let text = serde_json::to_string(&findings).unwrap();
        assert_eq!(
            text,
            r#"{"count":3,"list":["1","2"],"may":true,"none":null,"share":0.5,"text":"a \"b\""}"#
        );
        assert_eq!(serde_json::from_str::<Findings>(&text).unwrap(), findings);
    }

    #[test]
    fn what_has_parts_of_its_own_is_refused() {
        let error = Findings::of(&serde_json::json!({ "a": { "b": 1 } })).unwrap_err().to_string();
        assert!(error.starts_with("findings are an object whose values are"), "{error}");
        assert!(Findings::of("text").is_err());
        assert!(Findings::of(&serde_json::json!({ "a": [[1]] })).is_err());
    }

    #[test]
    fn what_is_kept_secret_is_so_in_lists_too() {
        let findings = Findings::from([("a", vec!["x secret", "y"])]).with("b", "secret").with("c", 1);
        let masked = findings.map_texts(|text| text.replace("secret", "…"));
        assert_eq!(masked, Findings::from([("a", vec!["x …", "y"])]).with("b", "…").with("c", 1));
    }
}
