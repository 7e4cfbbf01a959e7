//! What the run could use, and what it used.

use std::collections::BTreeMap;

use crate::model::LimitReason;
use crate::story::{Machine, Story};

/// Rows of a table: what, how much, and how it comes to that.
pub(super) fn rows(story: &Story) -> Vec<[String; 3]> {
    let facts = &story.run;
    let mut rows = Vec::new();
    let mut row = |what: &str, value: String, note: String| rows.push([what.to_owned(), value, note]);
    row("CPU cores", facts.cores.to_string(), "those that the run may use".to_owned());
    let accounts: usize = facts.accounts.values().sum();
    if accounts > 0 {
        row("Accounts", accounts.to_string(), of_roles(&facts.accounts));
    }
    let last = u32::from(facts.base_port) + u32::from(facts.slots.saturating_sub(1));
    let ports = if story.machines.is_empty() {
        format!("ports {} to {last}", facts.base_port)
    } else {
        let of = |machine: &Machine| format!("{} of {}", machine.run.slots, machine.label);
        story.machines.iter().map(of).collect::<Vec<_>>().join(", ")
    };
    row("Slots", facts.slots.to_string(), ports);
    let how = if facts.exact {
        "exactly so many, whatever is measured"
    } else {
        "at the most; the machine decides"
    };
    row("Workers", facts.workers.to_string(), how.to_owned());
    let used: Vec<_> = story.lanes.iter().filter(|(_, lane)| lane.leased_us.is_some()).collect();
    let mut ports: Vec<_> = used.iter().filter_map(|(_, lane)| lane.port).collect();
    // Those of several machines may be the same.
    ports.sort_unstable();
    ports.dedup();
    let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
    row("Slots used", used.len().to_string(), of_ports(&ports));
    // What ran at once on several machines, no clock tells.
    if story.machines.is_empty() {
        let (most, average) = at_once(story);
        row("Ran at once", format!("{average:.1} on average"), format!("{most} at the most"));
    }
    if let Some((average, why)) = story.used {
        let why = match why {
            LimitReason::Start | LimitReason::Room => "it took time to find out that there was room for more",
            LimitReason::Cpu => "tasks waited for a core",
            LimitReason::Memory => "tasks waited for memory",
            LimitReason::Delay => "the harness itself was woken late",
        };
        row("While tests waited", format!("{average:.1} of {} workers", facts.workers), why.to_owned());
    }
    rows
}

/// `4 roles × 16`, or each with its number.
fn of_roles<R: std::fmt::Display>(accounts: &BTreeMap<R, usize>) -> String {
    let mut numbers: Vec<_> = accounts.values().collect();
    numbers.dedup();
    if let [each] = numbers[..] {
        let s = if accounts.len() == 1 { "" } else { "s" };
        return format!("{} role{s} × {each}", accounts.len());
    }
    let each: Vec<_> = accounts.iter().map(|(role, number)| format!("{number} {role}")).collect();
    each.join(", ")
}

fn of_ports(ports: &[String]) -> String {
    match ports {
        [] => "none was leased".to_owned(),
        [port] => format!("port {port}"),
        ports => format!("ports {}", ports.join(", ")),
    }
}

/// How many attempts ran at once: the most, and the average over the run.
fn at_once(story: &Story) -> (usize, f64) {
    let mut changes = Vec::new();
    let mut busy: u64 = 0;
    for (_, attempt) in story.attempts().filter(|(_, attempt)| attempt.slot.is_some()) {
        let end = attempt.ended_us(story);
        busy += end.saturating_sub(attempt.started_us);
        // At the same moment one ends before another begins.
        changes.extend([(attempt.started_us, true), (end, false)]);
    }
    changes.sort_unstable();
    let (mut now, mut most) = (0_usize, 0);
    for (_, begins) in changes {
        now = if begins { now + 1 } else { now.saturating_sub(1) };
        most = most.max(now);
    }
    let average = busy as f64 / story.took_us().max(1) as f64;
    (most, average)
}
