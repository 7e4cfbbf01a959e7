//! (h) What a test costs as there are more of them, and more slots.

use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::Case;
use super::super::setting::{Setting, seconds};
use super::empty;

/// At which everything is measured that is not about their number.
const WORKERS: usize = 4;

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let plain = setting.thirtyfour("empty")?;
    let mut cases = Vec::new();
    for (tests, args) in
        [(10, &["h0::t0"][..]), (100, &["h0::"]), (1_000, &[]), (10_000, &["--repeat-each", "10"])]
    {
        let mut case = Case::new(format!("{tests} empty tests, {WORKERS} workers"), Unit::Seconds);
        let consumer = empty::consumer(setting, &format!("growth-{tests}"), WORKERS)?;
        case.ours(move |log| {
            let mut command = consumer.prepared()?;
            command.args(args).args(["--workers", &WORKERS.to_string()]);
            seconds(command, log, tests)
        });
        // What is ten times as much takes minutes of the peers.
        if tests <= 1_000 {
            empty::peers(setting, &mut case, WORKERS, tests, &plain)?;
        }
        cases.push(case);
    }
    for slots in [1, 2, 4, 8, 16] {
        let s = if slots == 1 { "" } else { "s" };
        let mut case = Case::new(format!("1000 empty tests, {slots} slot{s}"), Unit::Seconds);
        let consumer = empty::consumer(setting, &format!("growth-slots-{slots}"), slots)?;
        case.ours(move |log| {
            let mut command = consumer.prepared()?;
            command.args(["--workers", &format!("{slots}!")]);
            seconds(command, log, 1_000)
        });
        cases.push(case);
    }
    Ok(cases)
}
