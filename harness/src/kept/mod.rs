//! The folder in which runs are kept: where it is, and which runs there are.

#[cfg(feature = "harness")]
mod history;

use std::fs;
use std::path::{Path, PathBuf};

#[cfg(all(test, feature = "harness"))]
pub(crate) use history::tests;
#[cfg(feature = "harness")]
pub(crate) use history::{Earlier, History, Unreadable, lines};

/// Where this program finds the runs of its project: `CALLBOARD_OUTPUT`, else `callboard` in the target folder of cargo in which
/// it is itself. Nothing where there is no such folder.
pub fn output_dir() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("CALLBOARD_OUTPUT") {
        return Some(PathBuf::from(folder));
    }
    // Cargo marks its target folder; the executable is somewhere below.
    let executable = std::env::current_exe().ok()?;
    let target = executable.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file())?;
    Some(target.join("callboard"))
}

/// The folder of the newest run, where there is one.
pub(crate) fn latest(output: &Path) -> Option<PathBuf> {
    let link = fs::canonicalize(output.join("latest")).ok();
    // Where there are no links, a file says it.
    let named = || {
        let id = fs::read_to_string(output.join("latest.txt")).ok()?;
        fs::canonicalize(output.join("runs").join(id.trim())).ok()
    };
    link.or_else(named).filter(|folder| folder.is_dir())
}
