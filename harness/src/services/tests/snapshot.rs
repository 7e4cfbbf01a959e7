//! What a snapshot keeps of a folder, and what it leaves alone.

use std::io::{Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use tempfile::TempDir;

use super::super::snapshot::Files;
use super::*;

/// A slot's folder, and what of it belongs to its programs.
fn folder(root: &TempDir) -> (std::path::PathBuf, Files) {
    let dir = root.path().join("slots/03");
    fs::create_dir_all(&dir).unwrap();
    let logs = [dir.join("app.log"), root.path().join("run/back.log")];
    let files = Files::new(&dir, logs.iter().map(|log| &**log));
    (dir, files)
}

fn write_all(dir: &Path, names: &[&str]) {
    for name in names {
        fs::write(dir.join(name), "now").unwrap();
    }
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn files_are_again_what_they_were() {
    let root = TempDir::new().unwrap();
    let (dir, files) = folder(&root);
    fs::create_dir_all(dir.join("data/deep")).unwrap();
    fs::write(dir.join("app.db"), "seeded").unwrap();
    fs::write(dir.join("data/deep/tool"), "#!").unwrap();
    fs::write(dir.join("gone"), "was here").unwrap();
    fs::write(dir.join("empty"), "").unwrap();
    symlink("deep/tool", dir.join("data/link")).unwrap();
    symlink("/nowhere", dir.join("dangling")).unwrap();
    set_mode(&dir.join("data/deep/tool"), 0o4751);
    set_mode(&dir.join("data/deep"), 0o550);
    let written = fs::metadata(dir.join("app.db")).unwrap().modified().unwrap();
    let snapshot = files.keep(None).unwrap();

    fs::write(dir.join("app.db"), "changed, and longer").unwrap();
    fs::remove_file(dir.join("gone")).unwrap();
    fs::create_dir(dir.join("gone")).unwrap();
    fs::write(dir.join("app.db-wal"), "left").unwrap();
    fs::create_dir_all(dir.join("more/still")).unwrap();
    set_mode(&dir.join("more"), 0o500);
    fs::remove_file(dir.join("data/link")).unwrap();
    set_mode(&dir.join("data"), 0o777);
    // Twice: a snapshot is not used up.
    for _ in 0..2 {
        snapshot.restore().unwrap();
        let mut names: Vec<_> = fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["app.db", "dangling", "data", "empty", "gone"]);
        assert_eq!(fs::read_to_string(dir.join("app.db")).unwrap(), "seeded");
        assert_eq!(fs::read_to_string(dir.join("gone")).unwrap(), "was here");
        assert_eq!(fs::metadata(dir.join("app.db")).unwrap().modified().unwrap(), written);
        assert_eq!(fs::read_link(dir.join("data/link")).unwrap(), Path::new("deep/tool"));
        assert_eq!(fs::read_link(dir.join("dangling")).unwrap(), Path::new("/nowhere"));
        assert_eq!(mode(&dir.join("data/deep/tool")), 0o4751);
        assert_eq!(mode(&dir.join("data/deep")), 0o550);
        assert_eq!(mode(&dir.join("data")), mode(&root.path().join("slots")));
    }
    drop(snapshot);
    assert_eq!(fs::read_dir(root.path().join("slots")).unwrap().count(), 1, "the copy is gone");
}

#[test]
fn the_harness_keeps_what_is_its_own() {
    let root = TempDir::new().unwrap();
    let (dir, files) = folder(&root);
    fs::create_dir(dir.join("profile-pictures")).unwrap();
    let snapshot = files.keep(None).unwrap();
    let own = ["app.log", "browser.log", "driver.log", "mail.pem"];
    write_all(&dir, &own);
    fs::create_dir(dir.join("profile-7")).unwrap();
    let others = ["other.log", "back.log", "profile-pictures/me"];
    write_all(&dir, &others);

    snapshot.restore().unwrap();
    assert!(own.iter().all(|name| fs::read_to_string(dir.join(name)).unwrap() == "now"));
    assert!(dir.join("profile-7").is_dir() && dir.join("profile-pictures").is_dir());
    assert!(others.iter().all(|name| !dir.join(name).exists()));
    files.clear().unwrap();
    assert!(own.iter().all(|name| dir.join(name).exists()) && !dir.join("profile-pictures").exists());
}

#[test]
fn a_large_file_of_holes_stays_small() {
    const LENGTH: u64 = 1 << 34;
    let root = TempDir::new().unwrap();
    let (dir, files) = folder(&root);
    let path = dir.join("app.db");
    let mut file = fs::File::create(&path).unwrap();
    file.write_all(b"begin").unwrap();
    file.seek(SeekFrom::Start(LENGTH / 2)).unwrap();
    file.write_all(b"middle").unwrap();
    file.set_len(LENGTH).unwrap();
    drop(file);
    let snapshot = files.keep(None).unwrap();
    fs::write(&path, "").unwrap();
    snapshot.restore().unwrap();

    let data = fs::metadata(&path).unwrap();
    assert_eq!(data.len(), LENGTH);
    assert!(data.blocks() * 512 < 1 << 20, "{} blocks", data.blocks());
    let mut file = fs::File::open(&path).unwrap();
    for (at, expected) in [(0, "begin\0"), (LENGTH / 2, "middle")] {
        let mut found = [0; 6];
        file.seek(SeekFrom::Start(at)).unwrap();
        std::io::Read::read_exact(&mut file, &mut found).unwrap();
        assert_eq!(found, expected.as_bytes());
    }
}

#[test]
fn a_socket_is_nobodys_file() {
    let root = TempDir::new().unwrap();
    let (dir, files) = folder(&root);
    let before = UnixListener::bind(dir.join("before")).unwrap();
    let snapshot = files.keep(None).unwrap();
    let later = UnixListener::bind(dir.join("later")).unwrap();
    snapshot.restore().unwrap();
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 0, "those who listen make them again");
    drop((before, later));
}

#[test]
fn what_cannot_be_copied_is_named() {
    let root = TempDir::new().unwrap();
    let (dir, files) = folder(&root);
    let snapshot = files.keep(None).unwrap();
    fs::remove_dir(&dir).unwrap();
    let error = crate::model::chain(&snapshot.restore().unwrap_err());
    assert!(error.starts_with(&format!("cannot read the folder `{}`", dir.display())), "{error}");
    let error = crate::model::chain(&files.keep(None).unwrap_err());
    assert!(error.contains("No such file"), "{error}");
}
