//! Copies of files and folders: shared with the original where the file system can, with holes where the original has
//! them.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// What could not be done to which file.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{}`", path.display())]
pub(crate) struct FileError {
    doing: &'static str,
    path: PathBuf,
    source: io::Error,
}

impl FileError {
    pub(super) fn of(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { doing, path, source }
    }
}

/// Copies what a folder has, but for what `is_left` at its top, into another one.
///
/// Sockets and pipes are left out: what they stand for is a process.
pub(super) fn copy_contents(
    from: &Path,
    to: &Path,
    is_left: &dyn Fn(&Path) -> bool,
) -> Result<(), FileError> {
    for path in entries(from)? {
        if let Some(name) = path.file_name().filter(|_| !is_left(&path)) {
            copy(&path, &to.join(name))?;
        }
    }
    Ok(())
}

/// Removes what a folder has, but for what `is_left` at its top.
pub(super) fn remove_contents(dir: &Path, is_left: &dyn Fn(&Path) -> bool) -> Result<(), FileError> {
    entries(dir)?.iter().filter(|path| !is_left(path)).try_for_each(|path| remove(path))
}

/// Removes a file, or a folder with all that it has, also where its owner has no right to write in it.
pub(super) fn remove(path: &Path) -> Result<(), FileError> {
    let data = metadata(path)?;
    if !data.is_dir() {
        return system::remove_file(path, &data).map_err(FileError::of("remove", path));
    }
    system::make_removable(path, &data);
    remove_contents(path, &|_| false)?;
    fs::remove_dir(path).map_err(FileError::of("remove", path))
}

fn entries(dir: &Path) -> Result<Vec<PathBuf>, FileError> {
    let read = || -> io::Result<_> { fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect() };
    read().map_err(FileError::of("read the folder", dir))
}

fn metadata(path: &Path) -> Result<Metadata, FileError> {
    fs::symlink_metadata(path).map_err(FileError::of("look at", path))
}

fn copy(from: &Path, to: &Path) -> Result<(), FileError> {
    let data = metadata(from)?;
    let kind = data.file_type();
    let failed = FileError::of("copy", from);
    if kind.is_dir() {
        system::create_dir(to).map_err(failed)?;
        copy_contents(from, to, &|_| false)?;
        // Not before: it may forbid what was just done.
        return fs::set_permissions(to, data.permissions()).map_err(FileError::of("set the mode of", to));
    }
    if kind.is_symlink() {
        return system::copy_link(from, to).map_err(failed);
    }
    if kind.is_file() { system::copy_file(from, to, &data).map_err(failed) } else { Ok(()) }
}
