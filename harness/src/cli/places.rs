//! Where things are on the disk: the built programs, and the folder for what runs leave.

use std::path::{Path, PathBuf};

/// The folder of the built programs, `target/debug`: test executables are in its `deps`.
pub(super) fn bin_dir() -> PathBuf {
    let executable = std::env::current_exe().unwrap_or_default();
    let folder = executable.parent().unwrap_or(Path::new("."));
    match folder.file_name() {
        Some(name) if name == "deps" => folder.parent().unwrap_or(folder).to_owned(),
        _ => folder.to_owned(),
    }
}

/// Where runs are kept: `CALLBOARD_OUTPUT`, else `callboard` in cargo's target folder.
pub(super) fn output_dir(manifest_dir: &Path) -> PathBuf {
    if let Some(folder) = std::env::var_os("CALLBOARD_OUTPUT") {
        return PathBuf::from(folder);
    }
    // Cargo marks its target folder; the executable is somewhere below.
    let bin_dir = bin_dir();
    let target = bin_dir.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file());
    target.map_or_else(|| manifest_dir.join("target"), Path::to_owned).join("callboard")
}
