mod looks;
mod told;

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Subject;
use crate::report::chronicle::Chronicle;
use crate::story::Story;

/// The page of a run that nothing is known of before.
fn render(story: &Story, run: &Path) -> String {
    super::render(&Subject { story, run, earlier: &Chronicle::default() })
}

fn plainly(text: &str) -> String {
    text.to_owned()
}

/// What the page is told.
fn document(page: &str) -> Value {
    let after = page.split_once("id=\"data\">").unwrap().1;
    serde_json::from_str(after.split_once("</script>").unwrap().0).unwrap()
}

#[test]
fn a_run_in_which_everything_happens() {
    let run = tempfile::tempdir().unwrap();
    told::leave(run.path(), &plainly);
    let story = told::read(run.path(), &told::events(&plainly));
    let kept = tempfile::tempdir().unwrap();
    told::leave_earlier(kept.path());
    let earlier = Chronicle::before(&story, kept.path(), None);
    let page = super::render(&Subject { story: &story, run: run.path(), earlier: &earlier });
    insta::assert_snapshot!("data", serde_json::to_string_pretty(&document(&page)).unwrap());
}

#[test]
fn nothing_that_is_said_leaves_its_place() {
    let run = tempfile::tempdir().unwrap();
    let said = |text: &str| format!("{text}</script><script>{{{{script}}}}<!--{{{{data}}}}\u{2028}");
    told::leave(run.path(), &said);
    let story = told::read(run.path(), &told::events(&said));
    let page = render(&story, run.path());
    let data = document(&page);
    assert_eq!(data["run"]["suite"], said("school/e2e"));
    assert_eq!(page.matches("<script").count(), 2 + page.matches("id=\"picture-").count());
    assert!(!page.split_once("id=\"data\">").unwrap().1.split_once("</script>").unwrap().0.contains('<'));
}

#[test]
fn what_is_much_is_bounded_and_said_so() {
    let run = tempfile::tempdir().unwrap();
    told::leave(run.path(), &plainly);
    let here = run.path().join(told::folder("grades::adds_up", 1));
    let long: Vec<String> = (0..5000).map(|line| format!("line {line}\n")).collect();
    let long = long.concat();
    fs::write(here.join("server.log"), &long).unwrap();
    fs::write(here.join("accessibility.txt"), &long).unwrap();
    fs::write(here.join("screenshot.png"), vec![0; 3_500_000]).unwrap();
    let page = render(&told::read(run.path(), &told::events(&plainly)), run.path());
    assert!(page.len() < 200_000, "{}", page.len());
    let kept = &document(&page)["tests"][0]["attempts"][0]["kept"];
    let text = |is: &str| {
        let texts = kept["texts"].as_array().unwrap();
        texts.iter().find(|text| text["is"] == is).unwrap().clone()
    };
    assert!(text("server")["text"].as_str().unwrap().ends_with("line 4999\n"));
    assert!(text("accessibility")["text"].as_str().unwrap().starts_with("line 0\n"));
    assert_eq!(text("server")["cut"], long.len() - 16_000);
    assert_eq!(
        (&kept["pictures"][0]["picture"], &kept["pictures"][0]["bytes"]),
        (&Value::Null, &3_500_000.into())
    );
}

#[test]
fn what_is_outside_of_the_run_is_not_read() {
    let output = tempfile::tempdir().unwrap();
    let run = output.path().join("run");
    fs::create_dir_all(&run).unwrap();
    fs::write(output.path().join("secret.txt"), "open sesame").unwrap();
    fs::write(output.path().join("server.log"), "open sesame").unwrap();
    let mut events = told::events(&plainly);
    for event in &mut events {
        if event["event"] == "attached" {
            event["path"] = "../secret.txt".into();
            event["media_type"] = "text/plain".into();
        } else if event["event"] == "attempt_started" {
            event["folder"] = "..".into();
        } else if event["event"] == "attempt_finished" && event["problem"].is_object() {
            event["problem"]["location"] =
                serde_json::json!({ "file": output.path().join("secret.txt"), "line": 1, "column": 1 });
        }
    }
    let page = render(&told::read(&run, &events), &run);
    assert!(!page.contains("open sesame"));
    assert!(document(&page)["tests"][0]["attempts"][0]["kept"]["texts"][0]["missing"].as_bool().unwrap());
}

#[test]
fn a_source_that_was_changed_since_is_not_shown_as_what_ran() {
    let run = tempfile::tempdir().unwrap();
    told::leave(run.path(), &plainly);
    fs::write(run.path().join("src/grades.rs"), "fn other() {}\n".repeat(20)).unwrap();
    let mut events = told::events(&plainly);
    events[0]["started"] = "2020-01-01T00:00:00Z".into();
    let page = render(&told::read(run.path(), &events), run.path());
    assert_eq!(
        document(&page)["sources"]["src/grades.rs:8"]["why"],
        "the file was changed after the run began"
    );
}
