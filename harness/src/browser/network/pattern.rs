//! Which addresses, requests or responses are meant.

use regex_lite::Regex;

use crate::browser::session::Session;
use crate::browser::state::without_query;

/// Something that has an address.
pub trait Addressed {
    /// The whole address.
    fn address(&self) -> &str;
}

impl Addressed for str {
    fn address(&self) -> &str {
        self
    }
}

/// Says which addresses, requests or responses are meant. A text or a closure:
///
/// | text | means |
/// | --- | --- |
/// | `/courses` | this path of the slot's application, with any query |
/// | `/courses?page=2` | with this query |
/// | `**/api/*` | any address that ends so: `*` is anything but a `/`, `**` anything |
/// | `https://example.test/{a,b}` | one of two addresses |
///
/// Without a `?` in it, the query and the fragment of an address do not count. A closure says the type of its argument:
/// `|response: &Response| response.status() == 201`.
pub trait Pattern<T: Addressed + ?Sized> {
    /// Not for writing by hand.
    #[doc(hidden)]
    fn matcher(self, session: &Session) -> Matcher<T>;
}

/// A [`Pattern`] that can be asked.
#[doc(hidden)]
pub struct Matcher<T: ?Sized> {
    /// For messages.
    pub(in crate::browser) words: String,
    pub(in crate::browser) matches: Box<dyn Fn(&T) -> bool + Send + Sync>,
    /// What is wrong with the pattern.
    pub(in crate::browser) fault: Option<String>,
}

impl<T: Addressed + ?Sized> Pattern<T> for &str {
    fn matcher(self, session: &Session) -> Matcher<T> {
        let words = format!("`{self}`");
        let is_whole = self.starts_with('*') || self.contains("://");
        let glob = if is_whole { self.to_owned() } else { session.url_of(self) };
        match Glob::new(&glob) {
            Ok(glob) => {
                Matcher { words, matches: Box::new(move |it: &T| glob.matches(it.address())), fault: None }
            }
            Err(fault) => Matcher { words, matches: Box::new(|_| false), fault: Some(fault) },
        }
    }
}

impl<T: Addressed + ?Sized> Pattern<T> for String {
    fn matcher(self, session: &Session) -> Matcher<T> {
        self.as_str().matcher(session)
    }
}

impl<T: Addressed + ?Sized> Pattern<T> for &String {
    fn matcher(self, session: &Session) -> Matcher<T> {
        self.as_str().matcher(session)
    }
}

impl<T: Addressed + ?Sized, F: Fn(&T) -> bool + Send + Sync + 'static> Pattern<T> for F {
    fn matcher(self, _session: &Session) -> Matcher<T> {
        Matcher { words: "the closure".to_owned(), matches: Box::new(self), fault: None }
    }
}

/// A text with `*`, `**` and `{a,b}` in it.
struct Glob {
    regex: Regex,
    with_query: bool,
}

impl Glob {
    fn new(glob: &str) -> Result<Self, String> {
        let regex = Regex::new(&to_regex(glob)?).map_err(|error| format!("this is no pattern: {error}"))?;
        Ok(Self { regex, with_query: glob.contains('?') })
    }

    fn matches(&self, url: &str) -> bool {
        self.regex.is_match(if self.with_query { url } else { without_query(url) })
    }
}

fn to_regex(glob: &str) -> Result<String, String> {
    let mut regex = "^".to_owned();
    let mut is_open = false;
    let mut characters = glob.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '*' if characters.next_if_eq(&'*').is_some() => regex.push_str(".*"),
            '*' => regex.push_str("[^/]*"),
            '{' if is_open => return Err("`{` within `{…}` is not understood".to_owned()),
            '{' => {
                is_open = true;
                regex.push_str("(?:");
            }
            '}' if is_open => {
                is_open = false;
                regex.push(')');
            }
            ',' if is_open => regex.push('|'),
            character => regex.push_str(&regex_lite::escape(character.encode_utf8(&mut [0; 4]))),
        }
    }
    if is_open {
        return Err("a `{` has no `}`".to_owned());
    }
    Ok(regex + "$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_match_as_patterns_say() {
        for (glob, url, matches) in [
            ("http://h/a", "http://h/a", true),
            ("http://h/a", "http://h/a?b=c#d", true),
            ("http://h/a", "http://h/ab", false),
            ("http://h/a?b=c", "http://h/a?b=c", true),
            ("http://h/a?b=c", "http://h/a", false),
            ("http://h/a.b", "http://h/axb", false),
            ("**/api/*", "http://h/x/api/courses", true),
            ("**/api/*", "http://h/x/api/courses/1", false),
            ("**/api/**", "http://h/x/api/courses/1", true),
            ("**/*.{png,jpg}", "http://h/a/b.jpg", true),
            ("**/*.{png,jpg}", "http://h/a/b.gif", false),
        ] {
            assert_eq!(Glob::new(glob).unwrap().matches(url), matches, "{glob} {url}");
        }
        assert_eq!(Glob::new("**/{a").err().as_deref(), Some("a `{` has no `}`"));
    }
}
