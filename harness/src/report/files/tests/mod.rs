//! The reports of runs as they are, of runs that were killed, and of such as nobody would wish for.

mod jenkins;
mod junit;
mod markdown;
mod timeline;

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::Subject;
use crate::report::chronicle::Chronicle;
use crate::story::Story;

/// The events of a run in which everything happens that can.
const RUN: &str = include_str!("run.jsonl");

/// What tests are called, and say, that want to break a document.
const HOSTILE: &str = "a]]>b<script>alert(1)</script>&amp;\"'|`\\\u{0}\u{7}\u{1b}[31mred\u{1b}[0m\r\n\u{fffe}\u{ffff}\u{2028}é日🦀 <!-- <?php ?> ";

/// The folder of a run with these events, and its story.
fn run(events: &str) -> (TempDir, Story) {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let file = folder.path().join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    };
    put("events.jsonl", events);
    put("tests/instructor.saves/attempt-1/output.log", "first try\n");
    put("tests/instructor.saves/attempt-1/screenshot.png", "");
    put("tests/admin.deletes/attempt-1/screenshot.png", "");
    put("tests/admin.deletes/attempt-2/attachments/rows.csv", "");
    put("tests/admin.deletes/attempt-2/output.log", "deleting <all> of ]]> it\n");
    put("tests/admin.deletes/attempt-2/screenshot.png", "");
    let story = Story::read(&folder.path().join("events.jsonl")).unwrap();
    (folder, story)
}

/// The same events with this in the place of every name, message, reason, title and tag.
fn hostile(events: &str) -> String {
    fn spoil(value: &mut serde_json::Value, key: &str) {
        match value {
            serde_json::Value::String(text) => match key {
                "test" | "of" => text.push_str(HOSTILE),
                "message" | "reason" | "title" | "tags" | "roles" | "name" | "text" | "fixme" | "steps"
                | "suite" | "file" | "run" => {
                    *text = HOSTILE.to_owned();
                }
                _ => {}
            },
            serde_json::Value::Array(values) => values.iter_mut().for_each(|value| spoil(value, key)),
            serde_json::Value::Object(entries) => {
                entries.iter_mut().for_each(|(key, value)| spoil(value, key));
            }
            _ => {}
        }
    }
    let lines = events.lines().map(|line| {
        let mut value = serde_json::from_str(line).unwrap();
        spoil(&mut value, "");
        format!("{value}\n")
    });
    lines.collect()
}

/// One kind of report of a run.
fn render(key: &str, story: &Story, folder: &Path) -> String {
    let kind = super::KINDS.iter().find(|kind| kind.key == key).unwrap();
    (kind.render)(&Subject { story, run: folder, earlier: &Chronicle::default() })
}

/// Whatever a kill leaves of the events, there are whole reports of it.
#[test]
fn any_beginning_of_a_run_makes_valid_reports() {
    let lines: Vec<usize> = RUN.match_indices('\n').map(|(at, _)| at + 1).collect();
    let torn = lines.windows(2).map(|line| line[0].midpoint(line[1]));
    let plain = lines.iter().copied().chain(torn).map(|cut| RUN[..cut].to_owned());
    let events = hostile(RUN);
    let hostile = events.match_indices('\n').map(|(at, _)| events[..=at].to_owned());
    for events in plain.chain(hostile) {
        let (folder, story) = run(&events);
        jenkins::read(&render("junit", &story, folder.path()));
        markdown::check(&render("markdown", &story, folder.path()));
        let timeline = render("timeline", &story, folder.path());
        serde_json::from_str::<serde_json::Value>(&timeline).unwrap();
    }
}
