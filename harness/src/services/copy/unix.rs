//! Linux and macOS: modes, and holes.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;

/// What only its owner may do everything with: while a folder is being filled, or removed.
const OWNERS: u32 = 0o700;

pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(OWNERS).create(path)
}

/// Lets what is in a folder be removed.
pub(super) fn make_removable(dir: &Path, data: &Metadata) {
    if data.permissions().mode() & OWNERS != OWNERS {
        // Where this is not ours to do, the removal says so.
        let _ = fs::set_permissions(dir, Permissions::from_mode(OWNERS));
    }
}

pub(super) fn remove_file(path: &Path, _data: &Metadata) -> io::Result<()> {
    fs::remove_file(path)
}

pub(super) fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    symlink(fs::read_link(from)?, to)
}

pub(super) fn copy_file(from: &Path, to: &Path, data: &Metadata) -> io::Result<()> {
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
        // The last is what macOS says of file systems that know of no holes.
        Err(Errno::INVAL | Errno::OPNOTSUPP | Errno::NOTTY) => Ok(Some((at, length))),
        Err(error) => Err(error.into()),
    }
}
