//! Processes that keep cores busy, so that a test can be seen on a busy machine.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::process::{Group, Launch};
use crate::run::station::Common;

/// The first argument of this executable as such a process.
pub(crate) const ARGUMENT: &str = "__callboard-busy";

/// Busy processes, until it is dropped.
#[derive(Debug)]
pub(super) struct Busy(#[expect(dead_code, reason = "they end when they are dropped")] Vec<Group>);

impl Busy {
    /// Starts so many. One that cannot be started is told, and missing.
    pub(super) fn start(count: u16, common: &Common) -> Self {
        let groups = (0..count).filter_map(|_| {
            let launch = Launch {
                program: std::env::current_exe().unwrap_or_default(),
                args: vec![ARGUMENT.into()],
                env: BTreeMap::new(),
                dir: PathBuf::from("."),
                log: common.folder.path().join("busy.log"),
            };
            let started = Group::spawn(&launch, common.warden.as_ref());
            started
                .inspect_err(|error| {
                    common.notice(&format!("the machine is less busy than it should be: {error}"));
                })
                .ok()
        });
        Self(groups.collect())
    }
}

/// The `main` of such a process: it ends when it is killed.
pub(crate) fn main() -> ExitCode {
    let mut number: u64 = 0;
    loop {
        number = std::hint::black_box(number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
}
