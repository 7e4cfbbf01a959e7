//! Text with placeholders: `{port}`, `{slot_dir}`, `{port.smtp}`; `{{` and `}}` are braces.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::diagnostic::nearest;
use crate::model::SlotId;

/// A text of the configuration with its placeholders, already checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

/// What stands between braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placeholder {
    Slot,
    Slots,
    Port,
    NamedPort(String),
    RunDir,
    SlotDir,
    BinDir,
    ConfigDir,
}

/// Which placeholders a text may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Vocabulary<'a> {
    pub(crate) within: Within,
    /// The names under `[ports]`.
    pub(crate) ports: &'a BTreeMap<String, u16>,
}

/// What a text with placeholders belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Within {
    /// A set-up command or a service of the run.
    Run,
    /// A set-up command or a service of a slot.
    Slot,
    /// The accounts of a role.
    Account,
}

/// Why a text is not a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TemplateFault {
    /// The bytes of the text that are wrong.
    pub(crate) part: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: String,
}

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) slots: u16,
    pub(crate) run_dir: &'a Path,
    pub(crate) bin_dir: &'a Path,
    pub(crate) config_dir: &'a Path,
    /// `None` in what belongs to the run: the configuration was checked to ask for no slot there.
    pub(crate) slot: Option<SlotValues<'a>>,
}

/// What the placeholders of one slot stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlotValues<'a> {
    pub(crate) id: SlotId,
    pub(crate) port: u16,
    pub(crate) ports: &'a BTreeMap<String, u16>,
    pub(crate) dir: &'a Path,
}

impl Template {
    /// Reads a text with placeholders.
    pub(crate) fn parse(text: &str, vocabulary: &Vocabulary<'_>) -> Result<Self, TemplateFault> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(brace) = rest.find(['{', '}']) {
            plain.push_str(&rest[..brace]);
            let start = text.len() - rest.len() + brace;
            rest = &rest[brace..];
            if let Some(after) = rest.strip_prefix("{{").or_else(|| rest.strip_prefix("}}")) {
                plain.push_str(&rest[..1]);
                rest = after;
                continue;
            }
            if rest.starts_with('}') {
                return Err(TemplateFault {
                    part: start..start + 1,
                    message: "`}` closes no placeholder".to_owned(),
                    help: "write `}}` for a brace".to_owned(),
                });
            }
            let name = rest[1..].split(['{', '}']).next().unwrap_or_default();
            let Some(after) = rest[1 + name.len()..].strip_prefix('}') else {
                return Err(TemplateFault {
                    part: start..start + 1,
                    message: "this `{` is not closed".to_owned(),
                    help: format!("write `{{{{` for a brace; {}", vocabulary.list()),
                });
            };
            let placeholder = vocabulary.placeholder(name).map_err(|(message, help)| TemplateFault {
                part: start..start + name.len() + 2,
                message,
                help,
            })?;
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(Part::Placeholder(placeholder));
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// A text without placeholders.
    pub(crate) fn plain(text: impl Into<String>) -> Self {
        Self(vec![Part::Text(text.into())])
    }

    /// This text after another one.
    pub(crate) fn after(mut self, text: String) -> Self {
        match self.0.first_mut() {
            Some(Part::Text(first)) => first.insert_str(0, &text),
            _ => self.0.insert(0, Part::Text(text)),
        }
        self
    }

    /// Whether it comes out differently in each slot.
    pub(crate) fn differs_by_slot(&self) -> bool {
        self.0.iter().any(|part| matches!(part, Part::Placeholder(placeholder) if placeholder.is_of_slot()))
    }

    /// The text with everything filled in.
    pub(crate) fn render(&self, values: &Values<'_>) -> String {
        self.0.iter().map(|part| part.render(values)).collect()
    }
}

impl fmt::Display for Template {
    /// As it stands in the file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Placeholder(placeholder) => write!(f, "{{{}}}", placeholder.name()),
        })
    }
}

impl Placeholder {
    /// All but the named ports.
    const FIXED: [Self; 7] =
        [Self::Slot, Self::Slots, Self::Port, Self::RunDir, Self::SlotDir, Self::BinDir, Self::ConfigDir];

    fn name(&self) -> String {
        match self {
            Self::Slot => "slot".to_owned(),
            Self::Slots => "slots".to_owned(),
            Self::Port => "port".to_owned(),
            Self::NamedPort(name) => format!("port.{name}"),
            Self::RunDir => "run_dir".to_owned(),
            Self::SlotDir => "slot_dir".to_owned(),
            Self::BinDir => "bin_dir".to_owned(),
            Self::ConfigDir => "config_dir".to_owned(),
        }
    }

    fn is_of_slot(&self) -> bool {
        matches!(self, Self::Slot | Self::Port | Self::NamedPort(_) | Self::SlotDir)
    }
}

impl Vocabulary<'_> {
    /// The placeholder of this name, or what is wrong with it and what to write instead.
    fn placeholder(&self, name: &str) -> Result<Placeholder, (String, String)> {
        let all = Placeholder::FIXED.into_iter().chain(self.named_ports());
        let Some(placeholder) = all.into_iter().find(|placeholder| placeholder.name() == name) else {
            return Err((format!("unknown placeholder `{{{name}}}`"), self.help(name)));
        };
        if self.allows(&placeholder) {
            return Ok(placeholder);
        }
        Err(match self.within {
            Within::Account => (format!("`{{{name}}}` has no meaning in an account"), self.list()),
            Within::Run | Within::Slot => (
                format!("`{{{name}}}` belongs to a slot; the scope is run"),
                format!("write scope = \"slot\" if each slot needs its own; {}", self.list()),
            ),
        })
    }

    fn named_ports(&self) -> impl Iterator<Item = Placeholder> {
        self.ports.keys().cloned().map(Placeholder::NamedPort)
    }

    fn allows(&self, placeholder: &Placeholder) -> bool {
        match self.within {
            Within::Slot => true,
            Within::Run => !placeholder.is_of_slot(),
            Within::Account => placeholder.is_of_slot() && *placeholder != Placeholder::SlotDir,
        }
    }

    fn names(&self) -> Vec<String> {
        let all = Placeholder::FIXED.into_iter().chain(self.named_ports());
        all.filter(|placeholder| self.allows(placeholder)).map(|placeholder| placeholder.name()).collect()
    }

    fn list(&self) -> String {
        let names: Vec<String> = self.names().iter().map(|name| format!("{{{name}}}")).collect();
        format!("the placeholders here are {}", names.join(", "))
    }

    fn help(&self, said: &str) -> String {
        let names = self.names();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut help = self.list();
        if let Some(port) = said.strip_prefix("port.") {
            help = format!("`{port}` is not under [ports]; {help}");
        }
        if let Some(near) = nearest(said, &names) {
            help = format!("did you mean `{{{near}}}`? If not: {help}");
        }
        help + "; `{{` and `}}` are braces"
    }
}

impl Part {
    fn render(&self, values: &Values<'_>) -> String {
        let placeholder = match self {
            Self::Text(text) => return text.clone(),
            Self::Placeholder(placeholder) => placeholder,
        };
        let slot = values.slot;
        let of_slot = |value: fn(SlotValues<'_>) -> String| slot.map(value).unwrap_or_default();
        match placeholder {
            Placeholder::Slots => values.slots.to_string(),
            Placeholder::RunDir => values.run_dir.display().to_string(),
            Placeholder::BinDir => values.bin_dir.display().to_string(),
            Placeholder::ConfigDir => values.config_dir.display().to_string(),
            Placeholder::Slot => of_slot(|slot| slot.id.to_string()),
            Placeholder::Port => of_slot(|slot| slot.port.to_string()),
            Placeholder::SlotDir => of_slot(|slot| slot.dir.display().to_string()),
            Placeholder::NamedPort(name) => {
                slot.and_then(|slot| slot.ports.get(name)).map(u16::to_string).unwrap_or_default()
            }
        }
    }
}
