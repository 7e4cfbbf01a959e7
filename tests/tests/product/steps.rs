//! Steps and attachments: in events, in messages, in the folder of the attempt.

use callboard_tests::{Ran, Stage};
use serde_json::Value;

use super::failures::failure;
use super::{authoring, authoring_stage};

/// The steps of a test with their parents and results, in the order in which they began.
fn steps(ran: &Ran, test: &str) -> Vec<(String, Option<String>, String)> {
    let of_test = |kind: &'static str| {
        let events: Vec<Value> = ran.events.of(kind).filter(|event| event["test"] == test).cloned().collect();
        events
    };
    let (started, finished) = (of_test("step_started"), of_test("step_finished"));
    let title = |step: &Value| {
        let found = started.iter().find(|event| event["step"] == *step)?;
        Some(found["title"].as_str()?.to_owned())
    };
    let result = |step: &Value| {
        let found = finished.iter().find(|event| event["step"] == *step).unwrap_or(&Value::Null);
        found["result"].as_str().unwrap_or("did not finish").to_owned()
    };
    started
        .iter()
        .map(|event| {
            (title(&event["step"]).unwrap_or_default(), title(&event["parent"]), result(&event["step"]))
        })
        .collect()
}

#[track_caller]
fn has_steps(ran: &Ran, test: &str, expected: &[(&str, Option<&str>, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(title, parent, result)| ((*title).to_owned(), parent.map(str::to_owned), (*result).to_owned()))
        .collect();
    assert_eq!(steps(ran, test), expected, "{ran}");
}

fn run(stage: &Stage, line: &str) -> Ran {
    authoring(stage).args(line).run()
}

#[test]
fn steps_are_events_with_their_parents_and_results() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "steps::tells steps::at_once steps::is_overtaken");
    ran.exits(0);
    has_steps(
        &ran,
        "steps::tells",
        &[
            ("adds", None, "ok"),
            ("takes one", Some("adds"), "ok"),
            ("takes two", Some("adds"), "ok"),
            ("borrows", None, "ok"),
            ("parses", None, "failed"),
        ],
    );
    has_steps(
        &ran,
        "steps::at_once",
        &[
            ("left", None, "ok"),
            ("right", None, "ok"),
            ("within right", Some("right"), "ok"),
            ("within left", Some("left"), "ok"),
        ],
    );
    has_steps(&ran, "steps::is_overtaken", &[("is slow", None, "cancelled"), ("is fast", None, "ok")]);
}

#[test]
fn steps_of_tasks_belong_to_the_test_and_those_of_threads_are_only_futures() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "steps::elsewhere steps::tells");
    has_steps(
        ran.exits(0),
        "steps::elsewhere",
        &[
            ("begins", None, "ok"),
            ("in a task", None, "ok"),
            ("within", Some("in a task"), "ok"),
            ("is left behind", None, "cancelled"),
        ],
    );
}

#[test]
fn a_message_says_in_which_step_it_was() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "steps::fails steps::panics steps::unwraps");
    ran.exits(101);
    for (test, path) in [
        ("fails_within", "\"adds the course\" > \"saves\""),
        ("fails_after", "\"adds the course\" > \"reads\""),
        ("fails_without_question_mark", "\"says it in a string\""),
        ("panics", "\"adds the course\""),
        ("unwraps", "\"reads\""),
    ] {
        let text = failure(&ran, &format!("steps::{test}"));
        assert!(text.contains(&format!("\n  in step {path}\n  in slot 0 (")), "{text}");
    }
    // One that was forgiven has nothing to do with it.
    assert!(!failure(&ran, "steps::fails_elsewhere").contains("in step"), "{ran}");
    let of_test = |event: &&Value| event["test"] == "steps::fails_after";
    let finished = ran.events.of("attempt_finished").find(of_test).expect("it finished");
    assert_eq!(finished["problem"]["steps"], serde_json::json!(["adds the course", "reads"]));
    has_steps(
        &ran,
        "steps::panics",
        &[("adds the course", None, "failed"), ("reads the list", Some("adds the course"), "ok")],
    );
}

#[test]
fn a_title_has_no_passwords_and_one_line() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "steps::names_secrets");
    let text = failure(ran.exits(101), "steps::names_secrets");
    let line = text.lines().find(|line| line.starts_with("  in step")).expect("the step");
    assert!(line.starts_with("  in step \"types … and more") && line.ends_with("…\""), "{text}");
    assert!(!format!("{ran} {:?}", ran.events).contains("secret-word"), "{ran}");
}

#[test]
fn attachments_are_kept_and_told() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "attachments::passes");
    let attached: Vec<_> = ran.exits(0).events.of("attached").collect();
    assert_eq!(attached.len(), 2);
    let file = |event: &Value| {
        let path = event["path"].as_str().expect("a path");
        std::fs::read(ran.run.as_ref().expect("a run").join(path)).expect("the file")
    };
    assert_eq!((&attached[0]["name"], &attached[0]["step"]), (&"cart.json".into(), &1.into()));
    assert_eq!(attached[0]["path"], "tests/attachments.passes/attempt-1/attachments/cart.json");
    assert_eq!(attached[0]["media_type"], "application/json");
    assert_eq!(file(attached[0]), "{\"items\": 3, \"by\": \"…\"}".as_bytes());
    assert_eq!((&attached[1]["name"], &attached[1]["step"]), (&"../cart.json".into(), &Value::Null));
    assert_eq!(attached[1]["path"], "tests/attachments.passes/attempt-1/attachments/_._cart.json");
    assert_eq!(file(attached[1]), [0xff, 0x00, 0xfe]);
}

#[test]
fn attachments_are_listed_with_a_failure() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "attachments::fails");
    let text = failure(ran.exits(101), "attachments::fails");
    let list = "\n  attached: attachments/cart.json, attachments/cart-2.json, attachments/page_0.txt, ";
    assert!(text.contains(list) && text.contains("/page_7.txt, and 2 more\n  kept in "), "{text}");
}

#[test]
fn what_cannot_be_attached_is_an_error() {
    let stage = authoring_stage(1, "");
    let ran = run(&stage, "attachments:: --skip passes --skip attachments::fails");
    ran.exits(101).says([": 0 passed, 3 failed ("]);
    for (test, words) in [
        (
            "too_large",
            "`film.mp4` cannot be attached: it has 67108865 bytes, and an attachment may have 67108864",
        ),
        ("no_media_type", "`cart.json` cannot be attached: `json` is no media type; write one such as"),
        ("on_another_thread", "`cart.json` cannot be attached, because no test is executed here"),
    ] {
        let text = failure(&ran, &format!("attachments::{test}"));
        assert!(text.contains(&format!("failed: {words}")), "{text}");
    }
    assert_eq!(ran.events.count("attached"), 0);
}
