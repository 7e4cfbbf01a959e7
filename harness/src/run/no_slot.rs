//! Why a test cannot run in any slot: each slot that it could have had, and why it is not to be had.

use std::collections::{BTreeMap, BTreeSet};

use super::plan;
use crate::config::Config;
use crate::model::{Part, SlotId};
use crate::suite::Test;

/// `usable` are the slots that the command line leaves; `lost` says why slots are not used (any more).
pub(super) fn reason(
    test: &Test,
    config: &Config,
    usable: &[SlotId],
    lost: &BTreeMap<SlotId, String>,
) -> String {
    let every: Vec<SlotId> = (0..config.slots.count).map(SlotId).collect();
    let need = plan::need(test, config, &every);
    let several = need.companions.len() + 1;
    let slots: BTreeSet<SlotId> = need.companions.into_iter().flatten().chain(need.slots).collect();
    let mut reasons: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for slot in slots {
        let reason = match lost.get(&slot) {
            Some(reason) => reason,
            None if !usable.contains(&slot) => "left out by --slot",
            None => "can be used",
        };
        reasons.entry(reason).or_default().push(slot.to_string());
    }
    let lines = reasons.iter().map(|(reason, slots)| {
        let s = if slots.len() == 1 { "" } else { "s" };
        format!("\n  slot{s} {}: {reason}", slots.join(", "))
    });
    let lines: String = lines.collect();
    if several == 1 {
        return format!("no slot is free for this test{lines}");
    }
    let lent = test.roles.iter().filter(|asked| Part::of(asked).companion.is_some());
    let lent = lent.map(|asked| format!("`{asked}`")).collect::<Vec<_>>().join(", ");
    format!(
        "this test needs {several} slots at once, one to run in and others for {lent}, and there are not so many \
         left{lines}"
    )
}
