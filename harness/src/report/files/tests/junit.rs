use super::jenkins::{Element, read, strict};
use super::{HOSTILE, RUN, hostile, render, run};

fn document(events: &str) -> String {
    let (folder, story) = run(events);
    render("junit", &story, folder.path())
}

fn cases(document: &str) -> Vec<Element> {
    let mut root = read(document);
    root.children.pop().unwrap().children.into_iter().filter(|child| child.name == "testcase").collect()
}

/// What a test case has that says how it went: elements, each with its type.
fn verdicts(events: &str) -> Vec<String> {
    let said = |case: &Element| {
        let children =
            case.children.iter().filter(|child| !["properties", "system-out"].contains(&child.name.as_str()));
        let said: Vec<String> =
            children.map(|child| format!("{} ({})", child.name, child.attribute("type"))).collect();
        format!("{}: {}", case.attribute("name"), said.join(", "))
    };
    cases(&document(events)).iter().map(said).collect()
}

/// The rules above are written by hand; where the schema itself is at hand, it says whether they are right.
#[test]
fn the_schema_of_jenkins_says_the_same() {
    let Some(schema) = std::env::var_os("CALLBOARD_JENKINS_SCHEMA") else {
        eprintln!(
            "not tried: CALLBOARD_JENKINS_SCHEMA may say where junit-10.xsd of Jenkins' xUnit plugin is"
        );
        return;
    };
    let half = &RUN[..RUN.len() / 2];
    for events in [RUN.to_owned(), hostile(RUN), half.to_owned()] {
        let (folder, story) = run(&events);
        let document = folder.path().join("strict.xml");
        std::fs::write(&document, strict(&read(&render("junit", &story, folder.path())))).unwrap();
        let mut xmllint = std::process::Command::new("xmllint");
        let output = xmllint.args(["--noout", "--schema"]).arg(&schema).arg(&document).output();
        let output = output.expect("xmllint is installed");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_run_of_everything() {
    insta::assert_snapshot!(document(RUN));
}

#[test]
fn each_outcome_is_told_from_the_others() {
    assert_eq!(
        verdicts(RUN),
        [
            "instructor::saves: flakyFailure (failed)",
            "admin::deletes: failure (failed), rerunError (errored)",
            "admin::waits: error (timed out)",
            "admin::dies: error (crashed)",
            "admin::finds_no_server: error (errored)",
            "root: ",
            "known::is_broken: ",
            "known::needs_a_printer: skipped (skipped)",
            "late::never_came: skipped (did not run)",
            "known::is_ignored: skipped (skipped)",
        ]
    );
}

/// Of a killed run nobody knows what came of the tests that were under way.
#[test]
fn a_killed_run_says_what_was_under_way() {
    let until =
        RUN.lines().position(|line| line.contains(r#""attempt_started","test":"admin::waits""#)).unwrap();
    let killed: String = RUN.split_inclusive('\n').take(until + 1).collect();
    let verdicts = verdicts(&format!("{killed}{{\"at_us\":99,\"ev"));
    assert_eq!(verdicts[2..4], ["admin::waits: error (unfinished)", "admin::dies: skipped (did not run)"]);
    let interrupted = r#"{"at_us":9000000,"event":"run_finished","counts":{"passed":1,"flaky":0,"failed":0,"errored":0,"timed_out":0,"crashed":0,"skipped":0,"did_not_run":3},"took_us":9000000,"interrupted":true}"#;
    assert_eq!(
        super::junit::verdicts(&format!("{killed}{interrupted}\n"))[2],
        "admin::waits: skipped (cancelled)"
    );
}

#[test]
fn nothing_that_is_said_breaks_it() {
    let document = document(&hostile(RUN));
    let cases = cases(&document);
    assert_eq!(cases.len(), 10);
    let kept = "a]]>b<script>alert(1)</script>&amp;\"'|`\\red";
    for case in &cases {
        assert!(case.attribute("name").contains(kept), "{:?}", case.attribute("name"));
    }
    let failure = cases[1].all("failure").next().unwrap();
    assert!(
        failure.text.contains(kept) && failure.text.contains("é日🦀 <!-- <?php ?>"),
        "{:?}",
        failure.text
    );
    assert!(HOSTILE.contains(['\u{0}', '\u{fffe}']), "it is hostile indeed");
}

#[test]
fn attachments_are_paths_from_its_own_folder_to_files_that_are_there() {
    let (folder, story) = run(RUN);
    let cases = cases(&render("junit", &story, folder.path()));
    let out = &cases[1].all("system-out").next().unwrap().text;
    let files: Vec<&str> =
        out.lines().filter_map(|line| line.strip_prefix("[[ATTACHMENT|")?.strip_suffix("]]")).collect();
    assert_eq!(files.len(), 3, "{out}");
    assert!(files.iter().all(|file| folder.path().join(file).is_file()), "{files:?}");
    let properties = cases[1].all("properties").next().unwrap();
    let missing =
        properties.all("property").find(|property| property.attribute("name") == "attachment missing");
    assert_eq!(missing.unwrap().attribute("value"), "tests/admin.deletes/attempt-2/attachments/gone.json");
}

#[test]
fn of_what_a_test_printed_the_end_is_kept() {
    let (folder, story) = run(RUN);
    let log = folder.path().join("tests/admin.deletes/attempt-2/output.log");
    std::fs::write(log, [&b"x\xff".repeat(40_000)[..], b"the end\n"].concat()).unwrap();
    let document = render("junit", &story, folder.path());
    let out = cases(&document)[1].all("system-out").next().unwrap().text.clone();
    assert!(document.len() < 100_000, "{}", document.len());
    assert!(
        out.starts_with("… 63624 bytes before are in tests/admin.deletes/attempt-2/output.log …\n"),
        "{}",
        &out[..90]
    );
    assert!(out.contains("x\u{fffd}x\u{fffd}the end\n"));
}
