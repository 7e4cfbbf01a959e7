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
        // Under the place also where the selector has several lines, which are shown as one.
        let shown = self.selector.replace(['\n', '\t'], " ");
        write!(f, "{}\n    {shown}\n    {}^", self.why, " ".repeat(before.chars().count()))
    }
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
        "css" => Step::Css { css: body.to_owned() },
        "xpath" => Step::Xpath { xpath: body.to_owned() },
        "text" => Step::Text { text: text() },
        "label" => Step::Label { label: text() },
        "placeholder" | "title" | "alt" => attribute(engine),
        "testid" => Step::Attribute { attribute: test_id.to_owned(), value: exact(body.trim()).to_find() },
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
            return exact(inner.replace(&format!("\\{quote}"), &quote.to_string()));
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
    "img",
    "insertion",
    "legend",
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
mod tests {
    use super::*;

    fn shown(selector: &str) -> String {
        match parse(selector, "data-testid") {
            Ok(step) => step.to_string(),
            Err(fault) => fault.to_string(),
        }
    }

    #[test]
    fn selectors_are_read() {
        for (selector, step) in [
            ("#save", "#save"),
            ("css=#save > a[href=x]", "#save > a[href=x]"),
            ("a[href=x]", "a[href=x]"),
            ("//div[@id=1]", "xpath=//div[@id=1]"),
            ("xpath=..", "xpath=.."),
            ("text=Save", "text=Save"),
            ("text=\"Save\"", "text=\"Save\""),
            ("text=/^sa\\/ve/i", "text=/^sa\\/ve/i"),
            ("label=E-mail", "label=E-mail"),
            ("placeholder='Search'", "placeholder=\"Search\""),
            ("testid=row-1", "testid=\"row-1\""),
            ("role=button", "role=button"),
            ("role=button[name=Save it]", "role=button[name=Save it]"),
            ("role=heading[level=2][name=\"A ]\"]", "role=heading[name=\"A ]\"][level=2]"),
            ("role=checkbox[checked=false][include-hidden]", "role=checkbox[checked=false][include-hidden]"),
        ] {
            assert_eq!(shown(selector), step, "{selector}");
        }
    }

    #[test]
    fn a_fault_is_shown_at_its_place() {
        for (selector, told) in [
            ("", "this selector is empty\n    \n    ^"),
            ("text=", "something has to follow the `=`\n    text=\n         ^"),
            ("rol=button", "no selector begins with `rol=`; did you mean `role=`?\n    rol=button\n    ^"),
            ("role=buton", "no role is called `buton`; did you mean `button`?\n    role=buton\n         ^"),
            (
                "role=button[name=]",
                "a value is expected here\n    role=button[name=]\n                     ^",
            ),
            ("role=button[name=Save", "this `[` is not closed\n    role=button[name=Save\n               ^"),
            (
                "role=button[name=\"Sa]",
                "this `\"` is not closed\n    role=button[name=\"Sa]\n                     ^",
            ),
            (
                "role=heading[level=two]",
                "a level is a number: `[level=2]`\n    role=heading[level=two]\n                       ^",
            ),
            ("role=button x", "`[` or the end is expected here\n    role=button x\n                ^"),
        ] {
            assert_eq!(shown(selector), told, "{selector}");
        }
    }
}
