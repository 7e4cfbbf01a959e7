//! Text with placeholders: `{port}`, `{slot_dir}`, `{port.smtp}`; `{{` and `}}` are braces.

use std::collections::BTreeMap;
use std::path::Path;

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
    /// The text with everything filled in.
    pub(crate) fn render(&self, values: &Values<'_>) -> String {
        self.0.iter().map(|part| part.render(values)).collect()
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
