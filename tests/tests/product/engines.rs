//! Browsers other than the Chromium that callboard starts itself: Firefox, and one that a driver elsewhere starts.
//!
//! Where Firefox or its driver is not installed its tests are not executed, and say so.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use callboard::setup::{find, find_firefox};
use callboard_tests::{Stage, until};

use super::browser;
use super::browser::stage_with;

/// The port of a driver that a test starts, among those of its stage.
const DRIVER: u16 = 30;

/// A stage whose tests run in Firefox; nothing where there is none.
fn firefox_stage() -> Option<Stage> {
    match find_firefox(None, None) {
        Ok(_) => Some(stage_with(1, "[browser]\nengine = \"firefox\"\n")),
        Err(missing) => {
            eprintln!("not executed: {missing}");
            None
        }
    }
}

#[test]
fn a_session_in_firefox_finds_nothing_that_another_left() {
    let Some(stage) = firefox_stage() else { return };
    let ran = browser(&stage).args("crumbs anonymous without_driver").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), 1, "one browser serves all tests of a slot");
    assert_eq!(ran.events.count("signed_in"), 0);
}

#[test]
fn in_firefox_a_role_signs_in_once_and_two_users_are_two() {
    let Some(stage) = firefox_stage() else { return };
    let ran = browser(&stage).args("five two_users --workers 1").run();
    // Once as student, once as teacher.
    assert_eq!(ran.exits(0).events.count("signed_in"), 2);
    assert_eq!(ran.events.count("browser_ready"), 1);
}

#[test]
fn in_firefox_a_sign_in_that_the_application_forgot_is_made_again() {
    let Some(stage) = firefox_stage() else { return };
    let ran = browser(&stage).args("memory --workers 1").run();
    assert_eq!(ran.exits(0).events.count("signed_in"), 2);
}

#[test]
fn in_firefox_a_failure_keeps_a_picture_and_the_page() {
    let Some(stage) = firefox_stage() else { return };
    let ran = browser(&stage).args("fails --exact").run();
    ran.exits(101).says(["failed: ", "for the sake of what is kept"]);
    let folder = ran.run.as_ref().expect("a run").join("tests/fails/attempt-1");
    for name in ["screenshot.png", "page.html"] {
        let kept = std::fs::metadata(folder.join(name)).expect(name);
        assert!(kept.len() > 0, "{name}");
    }
}

#[test]
fn a_firefox_that_dies_is_the_surroundings_fault_and_the_next_test_has_another() {
    let Some(stage) = firefox_stage() else { return };
    let ran = browser(&stage).args("murder --workers 1").run();
    ran.exits(101).says(["errored: the browser is gone (", ": 1 passed, 1 errored ("]);
    assert_eq!(ran.events.outcome("murder::b_has_another"), "passed");
    assert_eq!(ran.events.count("browser_ready"), 2);
}

#[test]
fn a_driver_elsewhere_starts_one_browser_for_all_tests_of_a_slot_and_ends_it_with_the_slot() {
    let stage = stage_with(1, "");
    let driver = Driver::start(&stage, find(None, None).expect("a browser").driver, &[]);
    let consumer = browser(&stage).env("CALLBOARD_BROWSER_URL", &driver.url);
    let ran = consumer.args("crumbs two_users five::one five::two --workers 1").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), 1);
    assert_eq!(ran.events.count("signed_in"), 2);
    // What it has started is gone with its session, or the stage would find it.
    driver.end();
    stage.until_empty();
}

/// A driver that is not known to be on this machine: Chromium's own protocol cannot be had there.
#[test]
fn a_chromium_whose_tools_cannot_be_reached_is_refused() {
    let stage = stage_with(1, "[browser]\nargs = [\"--no-sandbox\"]\n");
    let from_everywhere = ["--allowed-ips=127.0.0.1", "--allowed-origins=*"];
    let driver = Driver::start(&stage, find(None, None).expect("a browser").driver, &from_everywhere);
    let url = driver.url.replace("127.0.0.1", "0.0.0.0");
    let ran = browser(&stage).args("anonymous --exact").env("CALLBOARD_BROWSER_URL", &url).run();
    let words = format!("the browser that {url} started offers no address for its DevTools (`se:cdp`)");
    ran.exits(101).says([&*words, ": 0 passed, 1 errored ("]);
    driver.end();
    stage.until_empty();
}

#[test]
fn a_firefox_elsewhere_does_the_same() {
    let Ok(found) = find_firefox(None, None) else {
        return eprintln!("not executed: there is no Firefox");
    };
    let stage = stage_with(1, "[browser]\nengine = \"firefox\"\n");
    let driver = Driver::start(&stage, found.driver, &[]);
    let consumer = browser(&stage).env("CALLBOARD_BROWSER_URL", &driver.url);
    let ran = consumer.args("crumbs two_users --workers 1").run();
    assert_eq!(ran.exits(0).events.count("browser_ready"), 1);
    driver.end();
    stage.until_empty();
}

#[test]
fn where_no_driver_answers_it_is_said() {
    let stage = stage_with(1, "");
    let nowhere = format!("http://127.0.0.1:{}", stage.port(DRIVER));
    let ran = browser(&stage).args("anonymous --exact").env("CALLBOARD_BROWSER_URL", &nowhere).run();
    let words = format!("errored: setting up `session`: the driver at {nowhere} does not start a browser: ");
    ran.exits(101).says([&*words, ": 0 passed, 1 errored ("]);
}

/// A driver that runs already, as far as the run knows.
struct Driver {
    process: Child,
    url: String,
}

impl Driver {
    fn start(stage: &Stage, program: PathBuf, arguments: &[&str]) -> Self {
        let port = stage.port(DRIVER);
        let mut command = Command::new(program);
        // The stage knows its browsers by this.
        command.arg(format!("--port={port}")).args(arguments).env("CALLBOARD_TEST_MARK", stage.dir());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a driver");
        until("the driver listens", || TcpStream::connect(("127.0.0.1", port)).ok());
        Self { process, url: format!("http://127.0.0.1:{port}") }
    }

    fn end(mut self) {
        self.kill();
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}
