//! Where things are on the disk: the built programs, and the folder for what runs leave.

use std::path::{Path, PathBuf};

use crate::kept;

/// The folder of the built programs, `target/debug`: test executables are in its `deps`.
pub(super) fn bin_dir() -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_default();
    let folder = executable.parent().unwrap_or(Path::new("."));
    match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    }
}

/// What tells this executable from one that was built before or after it: cargo leaves a file alone of which nothing has changed.
pub(super) fn build() -> Option<String> {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok()?;
    let changed = file.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(format!("{:x}-{:x}", changed.as_nanos(), file.len()))
}

/// Where runs are kept, also where the executable is in no target folder of cargo's.
pub(super) fn output_dir(manifest_dir: &Path) -> PathBuf {
    kept::output_dir().unwrap_or_else(|| manifest_dir.join("target/callboard"))
}

/// Where GitHub Actions looks for the summary of a job's step. Under nextest each test is a run of its own.
pub(super) fn job_summary() -> Option<PathBuf> {
    let file = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty());
    file.filter(|_| std::env::var_os("NEXTEST").is_none()).map(PathBuf::from)
}
