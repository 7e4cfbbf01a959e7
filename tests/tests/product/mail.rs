//! Mail of the slots, from outside.

use callboard_tests::{Ran, Stage};

use super::{mail, outcomes};

/// A `callboard.toml` of this many slots with a mail server each, and this text in `[mail]`.
fn stage(slots: u16, text: &str) -> Stage {
    let stage = Stage::new();
    let smtp = stage.port(16);
    stage.configure(slots, &format!("[ports]\nsmtp = {smtp}\n[mail]\nport = \"smtp\"\n{text}"));
    stage
}

/// What is printed of a failing test, without the times of day.
fn failure(ran: &Ran, name: &str) -> Vec<String> {
    let (_, text) =
        ran.stdout.split_once(&format!("---- {name} ----\n")).unwrap_or_else(|| panic!("no {name}: {ran}"));
    let lines = text.lines().take_while(|line| !line.is_empty());
    let without_time = |line: &str| match (line.find(" at "), line.find("Z: ")) {
        (Some(at), Some(end)) if at < end => format!("{} at …{}", &line[..at], &line[end + 1..]),
        _ => line.to_owned(),
    };
    lines.map(without_time).collect()
}

#[test]
fn slots_have_mail_of_their_own() {
    let stage = stage(2, "");
    let ran = mail(&stage).args("apart:: --workers 2!").run();
    ran.exits(0).says(["test result: ok. 8 passed"]);
    assert_eq!(ran.events.leased(), [0, 1]);
}

#[test]
fn what_did_not_come_and_what_came_instead_is_said_word_for_word() {
    let roles = "[roles.user]\nusername = \"user{slot}\"\npassword = \"only-for-tests\"\n";
    let stage = stage(1, &format!("timeout = \"40ms\"\n{roles}"));
    let ran = mail(&stage).args("fail::").run();
    ran.exits(101).says(["0 passed; 4 failed"]);

    let said = failure(&ran, "fail::waits_in_vain");
    assert!(said[0].ends_with("tests/consumers/mail.rs:73:14:"), "{said:#?}");
    assert_eq!(
        said[1..4],
        [
            "failed: no message to ida@example.test, with \"Verify\" in its subject arrived within 50ms; 2 did arrive:",
            "    \"Welcome, Ida!\" from app@example.test to ida@example.test at …: \"Verify\" is not in its subject",
            "    \"Your password is …\" from app@example.test to ben@example.test at …: it is not to ida@example.test, \
             \"Verify\" is not in its subject",
        ],
        "{said:#?}"
    );

    // The line of the call, also where no `?` tells it.
    let said = failure(&ran, "fail::by_its_own_error");
    assert!(said[0].ends_with("tests/consumers/mail.rs:80:28:"), "{said:#?}");
    assert_eq!(said[1], "failed: no message of any kind arrived within 1ms; none arrived at all");
    let nobody = format!(
        "  nobody connected to 127.0.0.1:{}: is it there that the application sends its mail?",
        stage.port(16)
    );
    assert_eq!(said[2], nobody);

    let said = failure(&ran, "fail::waits_as_configured");
    assert!(said[1].starts_with("failed: no message of any kind arrived within 40ms;"), "{said:#?}");
    let said = failure(&ran, "fail::has_unwanted_mail");
    let unwanted = "failed: a message to ida@example.test arrived, where none was expected: \"\" from app@example.test to ";
    assert!(said[1].starts_with(unwanted), "{said:#?}");
}

#[test]
fn the_mail_of_a_failed_test_is_kept() {
    let roles = "[roles.user]\nusername = \"user{slot}\"\npassword = \"only-for-tests\"\n";
    let stage = stage(1, roles);
    let ran = mail(&stage).args("fail::waits_in_vain fail::has_unwanted_mail apart::t0").run();
    ran.exits(101);
    let kept = |test: &str| {
        let folder = ran.run.as_ref().expect("a run").join("tests").join(test).join("attempt-1/mail");
        let files = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
        let mut files: Vec<_> = files.collect();
        files.sort();
        files
    };
    let files = kept("fail.waits_in_vain");
    let names: Vec<_> = files.iter().filter_map(|file| file.file_name()?.to_str()).collect();
    assert_eq!(names, ["01-welcome-ida.eml", "02-your-password-is.eml"]);
    let text = std::fs::read_to_string(&files[1]).expect("a message");
    assert!(
        text.contains("Subject: Your password is …\r\n") && text.contains("http://app.test/verify?slot=0"),
        "{text}"
    );
    assert_eq!(kept("fail.has_unwanted_mail").len(), 1);
    assert_eq!(kept("fail.has_unwanted_mail")[0].file_name(), Some("01-no-subject.eml".as_ref()));
    assert!(kept("apart.t0").is_empty());
}

#[test]
fn a_mailbox_without_mail_in_the_configuration_is_errored() {
    let stage = Stage::with(1, "");
    let ran = mail(&stage).args("apart::t0").run();
    ran.exits(101)
        .says(["errored: setting up `mailbox`: the slot has no mail server; write into callboard.toml:\n\n\
         [ports]\nsmtp = 4002\n\n[mail]\nport = \"smtp\"\n"]);
}

#[test]
fn a_port_that_is_not_configured_is_said_before_anything_starts() {
    let stage = Stage::with(1, "[mail]\nport = \"smtp\"\n");
    let ran = outcomes(&stage).args("pass::").run();
    ran.exits(2).started_nothing().complains(["error: `smtp` is not under [ports]", "callboard.toml:5:8"]);
}

#[test]
fn mail_by_starttls_and_with_credentials() {
    let stage = stage(1, "tls = true\nusername = \"app\"\npassword = { env = \"MAIL_PASSWORD\" }\n");
    mail(&stage).args("encrypted").env("MAIL_PASSWORD", "mail-secret").run().exits(0);
    // Whoever sends in clear text, and does not say who he is, is told so.
    let ran = mail(&stage).args("apart::t0").env("MAIL_PASSWORD", "mail-secret").run();
    ran.exits(101).says(["530", "authentication required"]);
    assert!(!ran.to_string().contains("mail-secret"), "{ran}");
}
