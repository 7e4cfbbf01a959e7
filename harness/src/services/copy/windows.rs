//! Windows: files that are marked as read-only, and links that know what they lead to.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::windows::fs::{FileTypeExt, symlink_dir, symlink_file};
use std::path::Path;

pub(super) fn create_dir(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Nothing: what is in a folder is not hindered by how that is marked.
pub(super) fn make_removable(_dir: &Path, _data: &Metadata) {}

pub(super) fn remove_file(path: &Path, data: &Metadata) -> io::Result<()> {
    if data.file_type().is_symlink_dir() {
        return fs::remove_dir(path);
    }
    let mut permissions = data.permissions();
    if permissions.readonly() {
        #[expect(
            clippy::permissions_set_readonly_false,
            reason = "there are no other users' rights in it here"
        )]
        permissions.set_readonly(false);
        // Where this is not ours to do, the removal says so.
        let _ = fs::set_permissions(path, permissions);
    }
    fs::remove_file(path)
}

/// Needs the right to make links, which not every user has.
pub(super) fn copy_link(from: &Path, to: &Path) -> io::Result<()> {
    let target = fs::read_link(from)?;
    let leads_to_folder = fs::symlink_metadata(from)?.file_type().is_symlink_dir();
    if leads_to_folder { symlink_dir(target, to) } else { symlink_file(target, to) }
}

/// As the system copies. It keeps how the file is marked, and when it was written.
pub(super) fn copy_file(from: &Path, to: &Path, _data: &Metadata) -> io::Result<()> {
    // What is there already is not written over.
    drop(File::create_new(to)?);
    fs::copy(from, to).map(drop)
}
