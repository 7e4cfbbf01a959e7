//! Chrome for Testing from a mirror on this machine: the list, the archives, the cache.

mod server;
mod zip;

use callboard::setup::Browsers;

use self::server::Server;
use super::fake::Fake;
use crate::install::{Installer, Platform, Release};

const VERSION: &str = "131.0.6778.85";
const CACHE: &str = "cache/callboard/browsers/chrome-for-testing";
const SHELL: &str = "chrome-headless-shell-linux64/chrome-headless-shell";
const DRIVER: &str = "chromedriver-linux64/chromedriver";

/// As published, shortened.
fn list(version: &str) -> String {
    let downloads = |program: &str| {
        let download = |platform: &str| {
            format!(
                r#"{{"platform":"{platform}","url":"https://storage.googleapis.com/chrome-for-testing-public/{version}/{platform}/{program}-{platform}.zip"}}"#
            )
        };
        ["linux64", "mac-arm64", "mac-x64", "win32", "win64"].map(download).join(",")
    };
    let [chrome, shell, driver] = ["chrome", "chrome-headless-shell", "chromedriver"].map(downloads);
    let channel = |name: &str| {
        format!(
            r#""{name}":{{"channel":"{name}","version":"{version}","revision":"1368529","downloads":{{"chrome":[{chrome}],"chrome-headless-shell":[{shell}],"chromedriver":[{driver}]}}}}"#
        )
    };
    let channels = ["Stable", "Beta"].map(channel).join(",");
    format!(r#"{{"timestamp":"2024-11-22T07:09:16.183Z","channels":{{{channels}}}}}"#)
}

/// A program that tells its version, and does something more.
fn script(more: &str) -> String {
    format!("#!/bin/sh\n{more}\n[ \"$1\" = --version ] && echo 'ChromeDriver {VERSION}'\n")
}

fn mirror(shell: &str, driver: &str) -> Server {
    Server::new(&[
        ("/mirror/last-known-good-versions-with-downloads.json", list(VERSION).into_bytes()),
        (
            &format!("/mirror/{VERSION}/linux64/chrome-headless-shell-linux64.zip"),
            zip::archive(&[("chrome-headless-shell-linux64/LICENSE", "all of it"), (SHELL, shell)]),
        ),
        (&format!("/mirror/{VERSION}/linux64/chromedriver-linux64.zip"), zip::archive(&[(DRIVER, driver)])),
    ])
}

/// A machine with two programs of ours, `None` if this one does not have them.
fn fake_with(programs: [&str; 2]) -> Option<Fake> {
    let fake = Fake::new();
    let has_them = programs.iter().all(|program| fake.command_of_ours(program));
    if !has_them {
        eprintln!("left out: this machine has no {}", programs.join(" or no "));
    }
    has_them.then_some(fake)
}

fn from(fake: &Fake, server: &Server) -> Installer {
    Installer { mirror: Some(format!("{}/mirror/", server.address())), ..fake.installer() }
}

fn in_cache(fake: &Fake) -> Vec<String> {
    let entries = std::fs::read_dir(fake.path(CACHE)).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn expected(fake: &Fake) -> Browsers {
    let folder = fake.path(CACHE).join(VERSION);
    Browsers { browser: folder.join(SHELL), driver: folder.join(DRIVER) }
}

#[test]
fn installs_with_each_program_that_downloads_and_unpacks() {
    for programs in [["curl", "unzip"], ["wget", "unzip"], ["curl", "bsdtar"], ["curl", "python3"]] {
        let Some(fake) = fake_with(programs) else { continue };
        let server = mirror(&script(""), &script(""));
        from(&fake, &server).ensure(&[]).unwrap();
        assert_eq!(fake.found(), Some(expected(&fake)), "{programs:?}");
        assert_eq!(in_cache(&fake), [VERSION], "{programs:?}");
        let asked = [
            "/mirror/last-known-good-versions-with-downloads.json".to_owned(),
            format!("/mirror/{VERSION}/linux64/chrome-headless-shell-linux64.zip"),
            format!("/mirror/{VERSION}/linux64/chromedriver-linux64.zip"),
        ];
        assert_eq!(server.asked(), asked, "{programs:?}");

        // Now there is one, so nobody is asked.
        from(&fake, &server).ensure(&[]).unwrap();
        assert_eq!(server.asked().len(), 3, "{programs:?}");
    }
}

#[test]
fn follows_packages_that_cannot_be_installed() {
    let Some(fake) = fake_with(["curl", "unzip"]) else { return };
    fake.command("apt-get", "echo 'E: Unable to locate package'; exit 100");
    from(&fake, &mirror(&script(""), &script(""))).ensure(&[]).unwrap();
    assert_eq!(fake.found(), Some(expected(&fake)));
}

#[test]
fn a_browser_that_does_not_start_is_not_kept() {
    let Some(fake) = fake_with(["curl", "unzip"]) else { return };
    let broken = script("echo 'error while loading shared libraries: libnss3.so' >&2; exit 127");
    let error = from(&fake, &mirror(&broken, &script(""))).ensure(&[]).unwrap_err();
    let why = "/chrome-headless-shell --version` failed with exit code 127:\n    error while loading shared \
               libraries: libnss3.so\nto install one by hand:";
    assert!(error.to_string().contains(why), "{error}");
    assert_eq!(error.exit_code(), 3);
    assert_eq!(in_cache(&fake), [""; 0]);
}

#[test]
fn a_mirror_without_an_archive_is_an_error() {
    for (fetcher, code) in [("curl", 22), ("wget", 8)] {
        let Some(fake) = fake_with([fetcher, "unzip"]) else { continue };
        let only_the_list = Server::new(&[(
            "/mirror/last-known-good-versions-with-downloads.json",
            list(VERSION).into_bytes(),
        )]);
        let error = from(&fake, &only_the_list).ensure(&[]).unwrap_err().to_string();
        assert!(
            error.contains(&format!("headless-shell-linux64.zip` failed with exit code {code}:\n")),
            "{error}"
        );
        assert!(error.contains("404"), "{error}");
        assert_eq!(in_cache(&fake), [""; 0]);
    }
}

#[test]
fn an_archive_without_the_program_is_an_error() {
    let Some(fake) = fake_with(["curl", "unzip"]) else { return };
    let empty = Server::new(&[
        ("/mirror/last-known-good-versions-with-downloads.json", list(VERSION).into_bytes()),
        (
            &format!("/mirror/{VERSION}/linux64/chrome-headless-shell-linux64.zip"),
            zip::archive(&[("chrome-linux64/chrome", "")]),
        ),
    ]);
    let error = from(&fake, &empty).ensure(&[]).unwrap_err().to_string();
    assert!(error.contains("linux64.zip has no `chrome-headless-shell`"), "{error}");
    assert_eq!(in_cache(&fake), [""; 0]);
}

#[test]
fn what_an_earlier_installation_left_is_replaced() {
    let Some(fake) = fake_with(["curl", "unzip"]) else { return };
    let half = fake.path(CACHE).join(VERSION).join(SHELL);
    std::fs::create_dir_all(half.parent().unwrap()).unwrap();
    std::fs::write(half, "half of it").unwrap();
    from(&fake, &mirror(&script(""), &script(""))).ensure(&[]).unwrap();
    assert_eq!(fake.found(), Some(expected(&fake)));
    assert_eq!(in_cache(&fake), [VERSION]);
}

#[test]
fn another_process_may_be_faster() {
    let Some(fake) = fake_with(["curl", "unzip"]) else { return };
    let copies = format!("cd \"$(dirname \"$0\")/..\" && cp -r . ../{VERSION} && : > ../{VERSION}/theirs");
    from(&fake, &mirror(&script(""), &script(&copies))).ensure(&[]).unwrap();
    assert_eq!(fake.found(), Some(expected(&fake)));
    assert_eq!(in_cache(&fake), [VERSION]);
    assert!(fake.path(CACHE).join(VERSION).join("theirs").exists());
}

#[test]
fn the_list_is_read_for_each_platform() {
    for (os, architecture, name) in
        [("linux", "x86_64", "linux64"), ("macos", "aarch64", "mac-arm64"), ("windows", "x86_64", "win64")]
    {
        let platform = Platform::of(os, architecture).unwrap();
        let release = Release::newest(list(VERSION).as_bytes(), platform).unwrap();
        let url = |program: &str| {
            format!(
                "https://storage.googleapis.com/chrome-for-testing-public/{VERSION}/{name}/{program}-{name}.zip"
            )
        };
        let archives = [url("chrome-headless-shell"), url("chromedriver")];
        assert_eq!(release, Release { version: VERSION.to_owned(), archives });
    }
}

#[test]
fn a_list_that_makes_no_sense_is_refused() {
    let platform = Platform::of("linux", "x86_64").unwrap();
    let refused = |list: &str| Release::newest(list.as_bytes(), platform).unwrap_err();
    assert_eq!(refused(&list("../../bin")), "`../../bin` is no version");
    assert_eq!(
        refused(&list(VERSION).replace("linux64", "linux128")),
        "version 131.0.6778.85 has no chrome-headless-shell for linux64"
    );
    assert!(refused("<html>sign in to the network</html>").starts_with("expected value at line 1"));
}
