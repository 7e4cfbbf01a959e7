//! Signing in: once for a slot and role, again when the application forgot, and never with words too many.

use std::path::Path;

use callboard_tests::Stage;

use super::browser::stage;
use super::{browser, server};

/// Who signed in at the application, in order.
fn logins(stage: &Stage) -> Vec<String> {
    let log = stage.lines("server.log");
    log.iter().filter_map(|line| Some(line.split_once(" login ")?.1.to_owned())).collect()
}

/// No file below has this text in it.
fn nowhere(folder: &Path, text: &str) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if entry.file_type().expect("a type").is_dir() {
            nowhere(&path, text);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(!found, "{text:?} is in {}", path.display());
        }
    }
}

#[test]
fn five_tests_of_a_role_sign_in_once() {
    let stage = stage(1);
    let ran = browser(&stage).args("five").run();
    ran.exits(0).says(["5 passed"]);
    assert_eq!(logins(&stage), ["student0@example.test"]);
    assert_eq!(ran.events.count("signed_in"), 1);
}

#[test]
fn each_slot_signs_its_own_account_in() {
    let stage = stage(2);
    let ran = browser(&stage).args("five --workers 2!").run();
    let used = ran.exits(0).events.leased().len();
    let mut logins = logins(&stage);
    logins.sort_unstable();
    assert_eq!(used, 2, "{ran}");
    assert_eq!(logins, ["student0@example.test", "student1@example.test"]);
}

#[test]
fn two_users_in_one_test() {
    let stage = stage(1);
    browser(&stage).args("two_users five::one").run().exits(0);
    let mut logins = logins(&stage);
    logins.sort_unstable();
    assert_eq!(logins, ["student0@example.test", "teacher0@example.test"]);
}

#[test]
fn two_users_of_one_role_in_one_test() {
    let stage = stage(3);
    let ran = browser(&stage).args("pair::a pair::b --workers 1").run();
    ran.exits(0).says([": 2 passed ("]);
    // Each once, all in the test's own slot, whose application and browser are the only ones.
    let mut names = logins(&stage);
    names.sort_unstable();
    assert_eq!(names, ["student0@example.test", "student2@example.test"]);
    assert_eq!((ran.events.count("browser_ready"), ran.events.leased()), (1, vec![0]));
    let companions: Vec<_> = ran.events.of("signed_in").map(|event| event["companion"].as_u64()).collect();
    assert_eq!(companions, [None, Some(2)]);
}

#[test]
fn the_states_of_two_users_of_one_role_are_renewed_each_by_itself() {
    let stage = stage(2);
    browser(&stage).args("pair::c pair::d --workers 1").run().exits(0);
    let mut names = logins(&stage);
    names.sort_unstable();
    let [zero, one, teacher] = ["student0@example.test", "student1@example.test", "teacher0@example.test"];
    assert_eq!(names, [zero, zero, one, one, teacher]);
}

#[test]
fn a_sign_in_of_a_companion_that_fails_names_its_account() {
    let roles = "[roles.student]\naccounts_file = \"students.csv\"\n[roles.teacher]\nusername = \"t{slot}\"\n\
                 password = \"secret-of-the-school\"\n";
    let stage = Stage::with(2, &format!("{roles}{}", server("")));
    let rows = "student,0,ada,secret-of-ada\nstudent,1,refused-eve,secret-of-eve\n";
    stage.write("students.csv", &format!("role,slot,username,password\n{rows}"));
    let ran = browser(&stage).args("pair::a --workers 1").run();
    ran.exits(101).says([
        "errored: setting up `student_2`: signing in refused-eve (student) with `enter` failed: ",
        ") as ada and refused-eve, attempt 1",
    ]);
    for secret in ["secret-of-ada", "secret-of-eve"] {
        assert!(!ran.to_string().contains(secret), "{ran}");
        nowhere(ran.run.as_ref().expect("a run"), secret);
    }
}

#[test]
fn a_state_that_the_application_forgot_is_renewed_once() {
    let stage = stage(1);
    let ran = browser(&stage).args("memory --workers 1").run();
    ran.exits(0).says(["3 passed"]);
    assert_eq!(logins(&stage).len(), 2);
    let renewed: Vec<bool> =
        ran.events.of("signed_in").filter_map(|event| event["renewed"].as_bool()).collect();
    assert_eq!(renewed, [false, true]);
}

#[test]
fn after_a_reset_everybody_signs_in_anew_in_the_browser_that_was_there() {
    let stage = stage(1);
    // The application forgets who was signed in when it is started again, and the second test's first page is for all.
    let ran = browser(&stage).args("ways --workers 1").run();
    ran.exits(101).says([": 1 passed, 1 failed ("]);
    assert_eq!(ran.events.outcome("ways::b_comes_another_way"), "passed");
    assert_eq!((ran.events.count("slot_reset"), ran.events.count("browser_ready")), (1, 1));
    assert_eq!(logins(&stage).len(), 2);
}

#[test]
fn a_sign_in_that_fails_names_account_and_function_and_no_password() {
    let roles = "[roles.student]\nusername = \"refused{slot}@example.test\"\npassword = \"secret-of-the-house\"\n\
                 [roles.teacher]\nusername = \"teacher{slot}\"\npassword = \"secret-of-the-school\"\n";
    let stage = Stage::with(1, &format!("{roles}{}", server("")));
    let ran = browser(&stage).args("five::one two_users anonymous").run();
    let mut source = include_str!("../../consumers/browser.rs").lines();
    let line =
        source.position(|line| line.contains("the application says")).expect("the line of the message");
    ran.exits(101).says([
        "errored: setting up `session`: signing in refused0@example.test (student) with `enter` failed: \
         the application says \"Not you\"",
        &format!("browser.rs:{}:", line + 1),
        ": 1 passed, 2 errored (",
    ]);
    let run = ran.run.as_ref().expect("a run");
    for secret in ["secret-of-the-house", "secret-of-the-school"] {
        assert!(!ran.to_string().contains(secret), "{ran}");
        nowhere(run, secret);
    }
}

#[test]
fn what_a_run_leaves_has_no_password_and_no_cookie() {
    let stage = stage(1);
    let ran = browser(&stage).args("five::one fails two_users crumbs murder").run();
    let run = ran.exits(101).run.as_ref().expect("a run");
    for secret in ["secret-s", "secret-t", "session="] {
        assert!(!ran.to_string().contains(secret), "{ran}");
        nowhere(run, secret);
    }
}
