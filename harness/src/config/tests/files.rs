//! Which file is read.

use std::fs;
use std::path::Path;

use crate::config::{Config, ConfigError};

fn nothing(_: &str) -> Option<String> {
    None
}

fn put(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

#[test]
fn the_nearest_file_up_to_the_repository_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let repository = dir.path().join("repository");
    let package = repository.join("crates/app");
    fs::create_dir_all(repository.join(".git")).unwrap();
    fs::create_dir_all(&package).unwrap();
    put(&dir.path().join("callboard.toml"), "");
    assert!(matches!(Config::load(&package, &nothing), Err(ConfigError::NotFound(_))));

    put(&repository.join("callboard.toml"), "");
    assert_eq!(Config::load(&package, &nothing).unwrap().dir(), repository);
    put(&package.join("callboard.toml"), "");
    assert_eq!(Config::load(&package, &nothing).unwrap().dir(), package);
}

#[test]
fn without_a_repository_the_outermost_package_is_the_root() {
    let dir = tempfile::tempdir().unwrap();
    let workspace = dir.path().join("workspace");
    let package = workspace.join("app");
    put(&package.join("Cargo.toml"), "");
    put(&workspace.join("Cargo.toml"), "");
    put(&dir.path().join("callboard.toml"), "");
    let error = Config::load(&package, &nothing).unwrap_err().to_string();
    let first = error.lines().next().unwrap();
    let (package, workspace) = (package.display(), workspace.display());
    assert_eq!(first, format!("error: there is no callboard.toml in {package}, or above it in {workspace}"));
    assert!(error.contains("\n     [slots]\n     count = 4\n"), "{error}");
}

#[test]
fn the_environment_names_another_file() {
    let dir = tempfile::tempdir().unwrap();
    let named = dir.path().join("other.toml");
    let environment = |name: &str| (name == "CALLBOARD_CONFIG").then(|| named.display().to_string());
    let error = Config::load(dir.path(), &environment).unwrap_err().to_string();
    assert!(error.starts_with("error: CALLBOARD_CONFIG names `"), "{error}");
    assert!(error.contains("--> environment variable CALLBOARD_CONFIG"), "{error}");

    put(&named, "[slots]\ncount = 2\n");
    let config = Config::load(dir.path(), &environment).unwrap();
    assert_eq!((config.file.as_path(), config.slots.count), (named.as_path(), 2));
}

#[test]
fn a_file_that_cannot_be_read_is_a_fault() {
    let dir = tempfile::tempdir().unwrap();
    let missing = Config::read(&dir.path().join("callboard.toml"), &nothing).unwrap_err().to_string();
    assert!(missing.starts_with("error: cannot read the configuration: "), "{missing}");
    let latin1 = dir.path().join("latin1.toml");
    fs::write(&latin1, b"# \xe9\n").unwrap();
    let error = Config::read(&latin1, &nothing).unwrap_err().to_string();
    assert!(error.contains("UTF-8") && error.contains("latin1.toml"), "{error}");
}
