//! Where a file is, in words that hold on every machine.

use std::path::Path;

/// What a path is called below a folder, with `/` between the parts wherever this runs; the whole path where it is
/// elsewhere.
pub(crate) fn below(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
