//! Reads typed values out of TOML and collects every fault on the way: a reader that meets one goes
//! on with a default, and the file is refused at the end, with all its faults at once.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, did_you_mean};
use super::source::Source;
use super::template::{Template, Vocabulary};
use super::{Environment, duration};

/// What all parts of the file are read with.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    /// The folder that relative paths start from.
    pub(super) dir: &'a Path,
    pub(super) environment: Environment<'a>,
    faults: RefCell<Vec<(usize, Diagnostic)>>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: &'a Source, dir: &'a Path, environment: Environment<'a>) -> Self {
        Self { source, dir, environment, faults: RefCell::default() }
    }

    /// Notes a fault of some bytes of the file.
    pub(super) fn refuse(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        let start = span.start;
        self.faults.borrow_mut().push((start, self.source.fault(span, message, help)));
    }

    /// Notes a fault of something else than the file; it is shown after the file's own.
    pub(super) fn refuse_elsewhere(&self, diagnostic: Diagnostic) {
        self.faults.borrow_mut().push((usize::MAX, diagnostic));
    }

    /// All faults in the order of the file, each once.
    pub(super) fn faults(self) -> Vec<Diagnostic> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|(start, _)| *start);
        let mut all: Vec<Diagnostic> = Vec::new();
        for (_, fault) in faults {
            if !all.contains(&fault) {
                all.push(fault);
            }
        }
        all
    }

    /// A number that an environment variable sets in place of the file.
    pub(super) fn overriding<T>(
        &self,
        variable: &str,
        form: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        // `CALLBOARD_WORKERS= cargo test` is how a shell takes a variable back for one command.
        let value = (self.environment)(variable).filter(|value| !value.is_empty())?;
        let parsed = parse(&value);
        if parsed.is_none() {
            self.refuse_elsewhere(
                Diagnostic::new(
                    format!("{variable} is `{}`", value.escape_debug()),
                    format!("set it to {form}, or unset it"),
                )
                .at(format!("environment variable {variable}")),
            );
        }
        parsed
    }
}

/// A table of the file.
pub(super) struct Table<'a> {
    pub(super) reader: &'a Reader<'a>,
    /// As the file would have it: `[slots]`, `[[service]]`.
    pub(super) name: String,
    entries: &'a DeTable<'a>,
    pub(super) span: Range<usize>,
}

/// A value of the file and the key it stands at.
#[derive(Clone)]
pub(super) struct Item<'a> {
    pub(super) reader: &'a Reader<'a>,
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    pub(super) fn root(reader: &'a Reader<'a>, entries: &'a DeTable<'a>) -> Self {
        Self { reader, name: reader.source.shown.clone(), entries, span: 0..0 }
    }

    /// Refuses each key that is not one of these.
    pub(super) fn only(&self, known: &[&str]) {
        for item in self.items().filter(|item| !known.contains(&item.key.as_str())) {
            self.reader.refuse(
                item.key_span,
                format!("unknown key `{}` in {}", item.key, self.name),
                did_you_mean("keys", &item.key, known.iter().copied()),
            );
        }
    }

    /// All entries, in no order that means anything.
    pub(super) fn items(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        let reader = self.reader;
        self.entries.iter().map(move |(key, value)| Item {
            reader,
            key: key.get_ref().to_string(),
            key_span: key.span(),
            value,
        })
    }

    pub(super) fn get(&self, key: &str) -> Option<Item<'a>> {
        let (key, value) = self.entries.get_key_value(key)?;
        Some(Item { reader: self.reader, key: key.get_ref().to_string(), key_span: key.span(), value })
    }

    /// An entry that must be there.
    pub(super) fn require(&self, key: &str, help: &str) -> Option<Item<'a>> {
        let item = self.get(key);
        if item.is_none() {
            self.refuse(format!("{} has no `{key}`", self.name), help);
        }
        item
    }

    /// The line of the file where the table begins.
    pub(super) fn line(&self) -> usize {
        self.reader.source.line(self.span.start)
    }

    /// A fault of the table as a whole.
    pub(super) fn refuse(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.refuse(self.span.clone(), message, help);
    }

    /// The table of a section, `[key]`.
    pub(super) fn section(&self, key: &str) -> Option<Table<'a>> {
        let item = self.get(key)?;
        if item.as_array().is_some_and(|array| array.iter().all(|value| value.get_ref().is_table())) {
            item.refuse(format!("there is only one [{key}]"), format!("write `[{key}]` for `[[{key}]]`"));
            return None;
        }
        item.table(&format!("[{key}]"))
    }

    /// The tables of a section that may be repeated, `[[key]]`, in the order of the file.
    pub(super) fn sections(&self, key: &str) -> Vec<Table<'a>> {
        let Some(item) = self.get(key) else { return Vec::new() };
        let name = format!("[[{key}]]");
        let Some(array) = item.as_array() else {
            item.refuse(format!("`{key}` is a list of tables"), format!("write `[[{key}]]` for `[{key}]`"));
            return Vec::new();
        };
        array.iter().filter_map(|value| item.with(value).table(&name)).collect()
    }

    /// A span of time, or the default.
    pub(super) fn duration(&self, key: &str, default: Duration) -> Duration {
        self.get(key).and_then(|item| item.duration()).unwrap_or(default)
    }

    /// A span of time that must not be zero, or the default.
    pub(super) fn deadline(&self, key: &str, default: Duration) -> Duration {
        let Some(item) = self.get(key) else { return default };
        let duration = item.duration().unwrap_or(default);
        if duration.is_zero() {
            item.refuse(format!("`{key}` leaves no time at all"), format!("write {}", duration::FORM));
            return default;
        }
        duration
    }

    /// A table of texts with placeholders.
    pub(super) fn templates(&self, key: &str, vocabulary: &Vocabulary<'_>) -> Vec<(Item<'a>, Template)> {
        let table = self.get(key).and_then(|item| item.table(&format!("`{key}`")));
        let items = table.into_iter().flat_map(|table| table.items());
        items.filter_map(|item| Some((item.clone(), item.template(vocabulary)?))).collect()
    }
}

impl<'a> Item<'a> {
    pub(super) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Where the value is, for messages: `callboard.toml:3`.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.reader.source.shown, self.reader.source.line(self.key_span.start))
    }

    pub(super) fn refuse(&self, message: impl Into<String>, help: impl Into<String>) {
        self.reader.refuse(self.span(), message, help);
    }

    fn wrong_type(&self, wanted: &str, help: impl Into<String>) {
        let found = type_name(self.value.get_ref());
        self.refuse(format!("`{}` is {found}, and must be {wanted}", self.key), help);
    }

    /// The same key with another value: an element of its list.
    fn with(&self, value: &'a Spanned<DeValue<'a>>) -> Item<'a> {
        Self { value, ..self.clone() }
    }

    fn as_array(&self) -> Option<&'a toml::de::DeArray<'a>> {
        self.value.get_ref().as_array()
    }

    /// The text, if it is one. Nothing is noted.
    pub(super) fn as_text(&self) -> Option<&'a str> {
        self.value.get_ref().as_str()
    }

    pub(super) fn is_zero(&self) -> bool {
        self.value.get_ref().as_integer().is_some_and(|number| number.as_str() == "0")
    }

    pub(super) fn is_table(&self) -> bool {
        self.value.get_ref().is_table()
    }

    pub(super) fn table(&self, name: &str) -> Option<Table<'a>> {
        let Some(entries) = self.value.get_ref().as_table() else {
            self.wrong_type("a table", format!("write {name} as a table of `key = value`"));
            return None;
        };
        Some(Table { reader: self.reader, name: name.to_owned(), entries, span: self.span() })
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.as_text();
        if text.is_none() {
            self.wrong_type("text", "write it in quotes");
        }
        text
    }

    /// A text with something in it.
    pub(super) fn some_text(&self, help: &str) -> Option<&'a str> {
        let text = self.text()?;
        if text.is_empty() {
            self.refuse(format!("`{}` is empty", self.key), help);
            return None;
        }
        Some(text)
    }

    /// A whole number within bounds.
    pub(super) fn number<T>(&self, bounds: RangeInclusive<T>) -> Option<T>
    where
        T: Copy + PartialOrd + TryFrom<i64> + std::fmt::Display,
    {
        let form = bounds_text(&bounds);
        let DeValue::Integer(digits) = self.value.get_ref() else {
            self.wrong_type("a whole number", format!("write {form}, without quotes"));
            return None;
        };
        let number = i64::from_str_radix(digits.as_str(), digits.radix()).ok();
        let number = number.and_then(|number| T::try_from(number).ok());
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            self.refuse(format!("`{}` is {digits}, out of bounds", self.key), format!("write {form}"));
        }
        number
    }

    /// A yes or a no.
    pub(super) fn boolean(&self) -> Option<bool> {
        let boolean = self.value.get_ref().as_bool();
        if boolean.is_none() {
            self.wrong_type("true or false", "write true or false, without quotes");
        }
        boolean
    }

    fn duration(&self) -> Option<Duration> {
        let Some(text) = self.as_text() else {
            self.wrong_type("a span of time in quotes", format!("write {}", duration::FORM));
            return None;
        };
        let duration = duration::parse(text);
        if duration.is_none() {
            self.refuse(
                format!("`{text}` is no span of time"),
                format!("write numbers with units, the largest first, as in {}", duration::FORM),
            );
        }
        duration
    }

    /// A list, with each of its values under the same key.
    pub(super) fn list(&self, help: impl Into<String>) -> Option<Vec<Item<'a>>> {
        let Some(array) = self.as_array() else {
            self.wrong_type("a list", help);
            return None;
        };
        Some(array.iter().map(|value| self.with(value)).collect())
    }

    /// A text with placeholders.
    pub(super) fn template(&self, vocabulary: &Vocabulary<'_>) -> Option<Template> {
        let text = self.text()?;
        match Template::parse(text, vocabulary) {
            Ok(template) => Some(template),
            Err(fault) if self.reader.source.is_hidden(&self.span()) => {
                let message = format!("a placeholder of `{}` is wrong", self.key);
                self.refuse(message, fault.help);
                None
            }
            Err(fault) => {
                self.reader.refuse(self.part(text, fault.part), fault.message, fault.help);
                None
            }
        }
    }

    /// A part of the text as bytes of the file, where the file has the text letter by letter.
    fn part(&self, text: &str, part: Range<usize>) -> Range<usize> {
        let span = self.span();
        match self.reader.source.text.get(span.start + 1..span.end.saturating_sub(1)) {
            Some(raw) if raw == text => span.start + 1 + part.start..span.start + 1 + part.end,
            _ => span,
        }
    }
}

/// How to write a number within these bounds.
pub(super) fn bounds_text<T: std::fmt::Display>(bounds: &RangeInclusive<T>) -> String {
    format!("a whole number from {} to {}", bounds.start(), bounds.end())
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
