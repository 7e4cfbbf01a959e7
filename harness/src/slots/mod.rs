//! Which slots exist, who may use which, leases across processes, the match of tests to slots.

mod board;
mod lease;
mod order;
#[cfg(test)]
mod places;
mod ports;
#[cfg(test)]
mod properties;
mod queue;
mod turns;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use board::{Board, Companion as PlacementCompanion, Need, Placement};
pub(crate) use lease::{Lease, Leases, Refusal};
pub(crate) use order::best_order;
pub(crate) use turns::{Turn, Turns};

use crate::model::SlotId;

/// The slot that a test runs in: its number, its ports, its folder.
///
/// ```
/// use callboard::{Slot, e2e};
///
/// #[e2e]
/// fn has_a_place_of_its_own(slot: &Slot) -> std::io::Result<()> {
///     assert_eq!(slot.port(), 3002 + slot.id().0);
///     std::fs::write(slot.dir().join("upload.csv"), "code,title\n")
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Slot {
    id: SlotId,
    port: u16,
    ports: BTreeMap<String, u16>,
    dir: PathBuf,
}

impl Slot {
    pub(crate) fn new(id: SlotId, port: u16, ports: BTreeMap<String, u16>, dir: PathBuf) -> Self {
        Self { id, port, ports, dir }
    }

    /// The slot's number, from 0.
    pub fn id(&self) -> SlotId {
        self.id
    }

    /// The slot's own port: `base_port` plus its number.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A further port of the slot by its name under `[ports]`, for instance `smtp`.
    pub fn named_port(&self, name: &str) -> Option<u16> {
        self.ports.get(name).copied()
    }

    /// All further ports, by name.
    pub(crate) fn ports(&self) -> &BTreeMap<String, u16> {
        &self.ports
    }

    /// The slot's folder in this run: `{slot_dir}` of the configuration.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
