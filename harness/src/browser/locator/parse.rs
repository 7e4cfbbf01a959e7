//! Selectors as they are written, into steps: pure.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

use super::step::Step;
use super::text::{Text, exact, matching};

/// A selector that is none: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::browser) struct SelectorFault {
    pub(in crate::browser) selector: String,
    /// In bytes from the beginning.
    pub(in crate::browser) at: usize,
    pub(in crate::browser) why: String,
}

impl fmt::Display for SelectorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.selector.get(..self.at).unwrap_or(&self.selector);
        let shown = printable(&self.selector);
        write!(f, "{}\n    {shown}\n    {}^", self.why, " ".repeat(before.chars().count()))
    }
}

/// On one line, each character in its place: what cannot be printed has a sign of its own.
pub(super) fn printable(text: &str) -> String {
    let sign = |character: char| match character {
        '\n' | '\t' => ' ',
        control @ '\0'..' ' => char::from_u32(0x2400 + u32::from(control)).unwrap_or(' '),
        character => character,
    };
    text.chars().map(sign).collect()
}

/// What `session.locator("…")` takes.
pub(in crate::browser) fn parse(selector: &str, test_id: &str) -> Result<Step, SelectorFault> {
    let fault =
        |at: usize, why: &str| Err(SelectorFault { selector: selector.to_owned(), at, why: why.to_owned() });
    let trimmed = selector.trim();
    if trimmed.is_empty() {
        return fault(0, "this selector is empty");
    }
    if ["/", "(/", ".."].iter().any(|start| trimmed.starts_with(start)) {
        return Ok(Step::Xpath { xpath: trimmed.to_owned() });
    }
    if let Some(joint) = joint(selector) {
        return fault(joint, "selectors are not joined by `>>`: write `.locator(…).locator(…)`");
    }
    let Some((engine, body)) = trimmed.split_once('=').filter(|(engine, _)| is_word(engine)) else {
        return Ok(Step::Css { css: trimmed.to_owned() });
    };
    let begin = selector.len() - selector.trim_start().len() + engine.len() + 1;
    if body.trim().is_empty() {
        return fault(begin, "something has to follow the `=`");
    }
    let text = || text_of(body).to_find();
    let attribute = |name: &str| Step::Attribute { attribute: name.to_owned(), value: text() };
    Ok(match engine {
        "css" => Step::Css { css: body.trim().to_owned() },
        "xpath" => Step::Xpath { xpath: body.trim().to_owned() },
        "text" => Step::Text { text: text() },
        "label" => Step::Label { label: text() },
        "placeholder" | "title" | "alt" => attribute(engine),
        "testid" => {
            Step::Attribute { attribute: test_id.to_owned(), value: text_of(body).exactly().to_find() }
        }
        "role" => return Reader { selector, at: begin }.role(),
        other => {
            let known = ["alt", "css", "label", "placeholder", "role", "testid", "text", "title", "xpath"];
            let why = match nearest(other, &known) {
                Some(near) => format!("no selector begins with `{other}=`; did you mean `{near}=`?"),
                None => format!(
                    "no selector begins with `{other}=`; there are {}, and CSS without a beginning",
                    known.map(|name| format!("`{name}=`")).join(", ")
                ),
            };
            return fault(begin - engine.len() - 1, &why);
        }
    })
}

/// `\"` is a quote, `\\` a backslash; any other backslash is one.
fn unescaped(text: &str, quote: char) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escaped = characters.next_if(|next| character == '\\' && (*next == quote || *next == '\\'));
        plain.push(escaped.unwrap_or(character));
    }
    plain
}

/// Where one selector is joined to another as elsewhere, outside of texts in quotes.
fn joint(selector: &str) -> Option<usize> {
    let mut quote = None;
    selector.char_indices().find_map(|(index, character)| {
        match quote {
            Some(open) if character == open => quote = None,
            None if "\"'".contains(character) => quote = Some(character),
            _ => {}
        }
        (quote.is_none() && selector[index..].starts_with(" >> ")).then_some(index + 1)
    })
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|character| character.is_ascii_alphanumeric() || "_-".contains(character))
}

/// `Save`, `"Save"` (exactly), `/^Save/i`.
fn text_of(body: &str) -> Text {
    let body = body.trim();
    for quote in ['"', '\''] {
        let inner = body.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return exact(unescaped(inner, quote));
        }
    }
    let regex = body.strip_prefix('/').and_then(|rest| rest.rsplit_once('/'));
    match regex {
        Some((regex, "i")) => matching(regex).any_case(),
        Some((regex, "")) => matching(regex),
        _ => body.into(),
    }
}

/// The roles of WAI-ARIA 1.2 and of its drafts that elements of HTML have by themselves, without the abstract ones.
const ROLES: &[&str] = &[
    "alert",
    "alertdialog",
    "application",
    "article",
    "banner",
    "blockquote",
    "button",
    "caption",
    "cell",
    "checkbox",
    "code",
    "columnheader",
    "combobox",
    "complementary",
    "contentinfo",
    "definition",
    "deletion",
    "dialog",
    "directory",
    "document",
    "emphasis",
    "feed",
    "figure",
    "form",
    "generic",
    "grid",
    "gridcell",
    "group",
    "heading",
    "image",
    "img",
    "insertion",
    "link",
    "list",
    "listbox",
    "listitem",
    "log",
    "main",
    "mark",
    "marquee",
    "math",
    "menu",
    "menubar",
    "menuitem",
    "menuitemcheckbox",
    "menuitemradio",
    "meter",
    "navigation",
    "none",
    "note",
    "option",
    "paragraph",
    "presentation",
    "progressbar",
    "radio",
    "radiogroup",
    "region",
    "row",
    "rowgroup",
    "rowheader",
    "scrollbar",
    "search",
    "searchbox",
    "separator",
    "slider",
    "spinbutton",
    "status",
    "strong",
    "subscript",
    "superscript",
    "switch",
    "tab",
    "table",
    "tablist",
    "tabpanel",
    "term",
    "textbox",
    "time",
    "timer",
    "toolbar",
    "tooltip",
    "tree",
    "treegrid",
    "treeitem",
];

/// A role by its name alone.
pub(in crate::browser) fn role(name: &str) -> Result<Step, SelectorFault> {
    Reader { selector: name, at: 0 }.role()
}

/// Reads on from a place.
struct Reader<'a> {
    selector: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.selector[self.at..]
    }

    fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn fault<T>(&self, at: usize, why: impl Into<String>) -> Result<T, SelectorFault> {
        Err(SelectorFault { selector: self.selector.to_owned(), at, why: why.into() })
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric() && character != '-');
        let word = &rest[..end.unwrap_or(rest.len())];
        self.at += word.len();
        word
    }

    /// `button[name=Save][disabled]`
    fn role(mut self) -> Result<Step, SelectorFault> {
        self.skip_space();
        let begin = self.at;
        let role = self.word();
        if !ROLES.contains(&role) {
            let why = match nearest(role, ROLES) {
                Some(near) => format!("no role is called `{role}`; did you mean `{near}`?"),
                None => format!("no role of WAI-ARIA is called `{role}`"),
            };
            return self.fault(begin, why);
        }
        let (mut name, mut hidden, mut states) = (None, false, BTreeMap::new());
        loop {
            self.skip_space();
            if self.rest().is_empty() {
                return Ok(Step::Role { role: role.to_owned(), name, hidden, states });
            }
            if !self.rest().starts_with('[') {
                return self.fault(self.at, "`[` or the end is expected here");
            }
            let open = self.at;
            self.at += 1;
            self.skip_space();
            let begin = self.at;
            let key = self.word();
            self.skip_space();
            let value = if self.rest().starts_with('=') {
                self.at += 1;
                Some(self.value(open)?)
            } else {
                None
            };
            self.skip_space();
            if !self.rest().starts_with(']') {
                return self.fault(open, "this `[` is not closed");
            }
            self.at += 1;
            match (key, value) {
                ("name", Some((_, text))) => name = Some(text_of(text).to_find()),
                ("name", None) => return self.fault(begin, "a name needs a value: `[name=Save]`"),
                ("include-hidden", value) => hidden = self.flag(value)?,
                ("level", Some((at, text))) => {
                    let Ok(level) = text.trim().parse::<u8>() else {
                        return self.fault(at, "a level is a number: `[level=2]`");
                    };
                    states.insert("level", json!(level));
                }
                ("level", None) => return self.fault(begin, "a level needs a value: `[level=2]`"),
                ("checked", Some((_, "mixed"))) => {
                    states.insert("checked", json!("mixed"));
                }
                ("pressed", Some((_, "mixed"))) => {
                    states.insert("pressed", json!("mixed"));
                }
                (key, value) => {
                    const FLAGS: [&str; 5] = ["checked", "disabled", "expanded", "pressed", "selected"];
                    let Some(flag) = FLAGS.into_iter().find(|flag| *flag == key) else {
                        let why = "what can be said of a role is `name`, `checked`, `disabled`, `expanded`, `level`, \
                                   `pressed`, `selected` and `include-hidden`";
                        return self.fault(begin, why);
                    };
                    states.insert(flag, Value::Bool(self.flag(value)?));
                }
            }
        }
    }

    /// What is between `=` and `]`, and where it begins.
    fn value(&mut self, open: usize) -> Result<(usize, &'a str), SelectorFault> {
        self.skip_space();
        let begin = self.at;
        let rest = self.rest();
        let end = match rest.chars().next() {
            Some(quote @ ('"' | '\'' | '/')) => {
                let Some(end) = closing(&rest[1..], quote) else {
                    return self.fault(begin, format!("this `{quote}` is not closed"));
                };
                // Flags of a regular expression follow it.
                let after = &rest[1 + end + 1..];
                1 + end + 1 + usize::from(quote == '/' && after.starts_with('i'))
            }
            _ => match rest.find(']') {
                Some(0) => return self.fault(begin, "a value is expected here"),
                Some(end) => end,
                None => return self.fault(open, "this `[` is not closed"),
            },
        };
        self.at += end;
        Ok((begin, &rest[..end]))
    }

    fn flag(&self, value: Option<(usize, &str)>) -> Result<bool, SelectorFault> {
        match value {
            None => Ok(true),
            Some((at, text)) => match text.trim() {
                "true" => Ok(true),
                "false" => Ok(false),
                _ => self.fault(at, "this is `true` or `false`"),
            },
        }
    }
}

/// Where a quotation ends.
fn closing(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(index, character)| {
        let ends = character == quote && !escaped;
        escaped = character == '\\' && !escaped;
        ends.then_some(index)
    })
}

/// The known name that was most probably meant.
fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let with_distance = known.iter().map(|known| (strsim::osa_distance(name, known), *known));
    with_distance.filter(|(distance, known)| *distance <= 1 + known.len() / 4).min().map(|(_, known)| known)
}

#[cfg(test)]
#[path = "parse_tests.rs"]
mod tests;
