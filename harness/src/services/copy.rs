//! Copies of files and folders: shared with the original where the file system can, with holes where the original has
//! them.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// What only its owner may do everything with: while a folder is being filled, or removed.
const OWNERS: u32 = 0o700;

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
        return fs::remove_file(path).map_err(FileError::of("remove", path));
    }
    if data.permissions().mode() & OWNERS != OWNERS {
        // Where this is not ours to do, the removal says so.
        let _ = fs::set_permissions(path, Permissions::from_mode(OWNERS));
    }
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
        DirBuilder::new().mode(OWNERS).create(to).map_err(failed)?;
        copy_contents(from, to, &|_| false)?;
        // Not before: it may forbid what was just done.
        return fs::set_permissions(to, data.permissions()).map_err(FileError::of("set the mode of", to));
    }
    if kind.is_symlink() {
        return fs::read_link(from).and_then(|target| symlink(target, to)).map_err(failed);
    }
    if kind.is_file() { copy_file(from, to, &data).map_err(failed) } else { Ok(()) }
}

fn copy_file(from: &Path, to: &Path, data: &Metadata) -> io::Result<()> {
    let source = File::open(from)?;
    let copy = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    fill(&source, &copy, data.len())?;
    copy.set_modified(data.modified()?)?;
    // By number, so that no mask of the process takes anything away.
    copy.set_permissions(data.permissions())
}

#[cfg(target_os = "linux")]
fn fill(source: &File, copy: &File, length: u64) -> io::Result<()> {
    // Both have the same blocks until one of them is written to. Most file systems refuse.
    match rustix::fs::ioctl_ficlone(copy, source) {
        Ok(()) => Ok(()),
        Err(_) => fill_sparsely(source, copy, length),
    }
}

#[cfg(not(target_os = "linux"))]
fn fill(source: &File, copy: &File, length: u64) -> io::Result<()> {
    fill_sparsely(source, copy, length)
}

/// Copies what is written in a file, and leaves holes where it has holes.
fn fill_sparsely(mut source: &File, mut copy: &File, length: u64) -> io::Result<()> {
    use std::io::{Read, Seek, SeekFrom};
    copy.set_len(length)?;
    let mut at = 0;
    while let Some((start, end)) = next_data(source, at, length)? {
        source.seek(SeekFrom::Start(start))?;
        copy.seek(SeekFrom::Start(start))?;
        io::copy(&mut source.take(end - start), &mut copy)?;
        at = end;
    }
    Ok(())
}

/// Where the next part of a file begins and ends that is no hole. All of it is one where the file system knows of no
/// holes.
fn next_data(file: &File, at: u64, length: u64) -> io::Result<Option<(u64, u64)>> {
    use rustix::fs::{SeekFrom, seek};
    use rustix::io::Errno;
    if at >= length {
        return Ok(None);
    }
    match seek(file, SeekFrom::Data(at)) {
        Ok(start) => Ok(Some((start, seek(file, SeekFrom::Hole(start))?))),
        // There is a hole up to the end.
        Err(Errno::NXIO) => Ok(None),
        Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(Some((at, length))),
        Err(error) => Err(error.into()),
    }
}
