//! Films: which attempts leave one, and that it can be looked at, with an encoder and without.

use std::fs;
use std::path::{Path, PathBuf};

use callboard_tests::{Consumer, Ran, Stage};

use super::browser::{executable, stage};
use super::trace;
use super::watching::is_installed;

/// Says that it knows the codec, and writes instead of a video what it was asked for, and the first list of pictures.
const ENCODER: &str = "#!/bin/sh
[ \"$2\" = -encoders ] && { echo ' V....D libvpx               libvpx VP8 (codec vp8)'; exit 0; }
for file; do :; done
{ echo \"$@\"; cat 0.ffconcat; ls; } > \"$file\"
";
const ONE_THAT_FAILS: &str = "#!/bin/sh
[ \"$2\" = -encoders ] && { echo ' V....D libvpx               libvpx VP8 (codec vp8)'; exit 0; }
for file; do :; done
echo half > \"$file\"
echo 'no space is left' >&2
exit 69
";
const ONE_WITHOUT_THE_CODEC: &str = "#!/bin/sh
echo ' V....D libtheora            libtheora Theora (codec theora)'
";

/// The suite, with this in place of `ffmpeg`.
fn with_encoder<'a>(stage: &'a Stage, script: &str) -> Consumer<'a> {
    let encoder = executable(stage, "bin/ffmpeg", script);
    let path = std::env::var("PATH").unwrap_or_default();
    trace(stage).env("PATH", format!("{}:{path}", encoder.parent().expect("a folder").display()))
}

fn film(ran: &Ran, attempt: &str, name: &str) -> PathBuf {
    ran.run.as_ref().expect("a run").join("tests").join(attempt).join(name)
}

/// The films that the events tell of, by attempt and name.
fn attached(ran: &Ran) -> Vec<(String, String)> {
    let films =
        ran.events.of("attached").filter(|event| event["name"].as_str().unwrap().starts_with("video."));
    films.map(|event| (event["path"].to_string(), event["media_type"].to_string())).collect()
}

/// What is left beside the film and what each attempt that failed leaves.
fn rest(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("video") && name != "video.html" && name != "video.webm").collect()
}

#[test]
fn a_film_is_left_of_those_attempts_that_it_is_asked_for() {
    let stage = stage(1);
    let films = |mode: &str| {
        let suite = with_encoder(&stage, ONE_WITHOUT_THE_CODEC);
        let ran = suite
            .args("fails_three_times passes has_no_page --workers 1 --trace off --video")
            .args(mode)
            .run();
        let tests =
            ["fails_three_times/attempt-1", "fails_three_times/attempt-2", "fails_three_times/attempt-3"];
        let there = tests.into_iter().chain(["passes/attempt-1", "has_no_page/attempt-1"]);
        let there: Vec<bool> = there.map(|attempt| film(&ran, attempt, "video.html").exists()).collect();
        let count = there.iter().filter(|there| **there).count();
        assert_eq!(attached(&ran).len(), count, "{ran}");
        assert_eq!(ran.stdout.matches("/video.html\n").count(), count, "{ran}");
        assert!(rest(&film(&ran, tests[0], "")).is_empty(), "{ran}");
        // What is not kept leaves not even a folder.
        assert_eq!(ran.run.as_ref().expect("a run").join("tests/passes").exists(), there[3]);
        there
    };
    assert_eq!(films("on"), [true, true, true, true, false]);
    assert_eq!(films("off"), [false; 5]);
    assert_eq!(films("retain-on-failure"), [true, true, true, false, false]);
    assert_eq!(films("on-first-retry"), [false, true, false, false, false]);
}

#[test]
fn a_film_shows_how_the_page_stayed_and_no_secret() {
    let stage = stage(1);
    // As the trace's own pictures, where there is one.
    for also in ["--trace off", "--trace on"] {
        let suite = with_encoder(&stage, ONE_WITHOUT_THE_CODEC);
        let ran = suite.args("moves_and_stays --exact --video on").args(also).run();
        let page = film(ran.exits(101), "moves_and_stays/attempt-1", "video.html");
        let text = fs::read_to_string(&page).expect("the film");
        assert!(text.contains("\"over\"") && !text.contains("secret-s"), "the password");
        trace(&stage).args("looks::at_a_film --exact --trace off").env("TRACE", &page).run().exits(0);
    }
}

#[test]
fn pages_of_two_users_are_beside_each_other() {
    let stage = stage(1);
    let ran = with_encoder(&stage, ONE_WITHOUT_THE_CODEC).args("two_of_them --exact --video on").run();
    let page = film(ran.exits(0), "two_of_them/attempt-1", "video.html");
    trace(&stage).args("looks::at_a_film_of_two --exact").env("TRACE", &page).run().exits(0);
}

#[test]
fn where_there_is_an_encoder_a_film_is_a_video() {
    let stage = stage(1);
    let ran =
        with_encoder(&stage, ENCODER).args("two_of_them fails_three_times --video on --retries 0").run();
    ran.exits(101);
    assert_eq!(ran.stdout.matches("/video.webm\n").count(), 2, "{ran}");
    let written = fs::read_to_string(film(&ran, "two_of_them/attempt-1", "video.webm")).expect("the video");
    assert!(written.contains("-f concat -i 0.ffconcat -f concat -i 1.ffconcat -filter_complex"), "{written}");
    assert!(written.contains("hstack=inputs=2") && written.contains("-c:v libvpx"), "{written}");
    let (pictures, list) =
        (written.matches("\nfile 0-").count(), written.contains("\nffconcat version 1.0\n"));
    // The last one twice, which is how its duration counts.
    assert!(list && pictures >= 2 && written.matches("\nduration ").count() == pictures - 1, "{written}");
    for line in written.lines().filter_map(|line| line.strip_prefix("file ")) {
        assert!(written.lines().any(|name| name == line), "{line}: {written}");
    }
    assert!(attached(&ran).iter().all(|(_, kind)| kind == "\"video/webm\""), "{ran}");
    assert!(rest(&film(&ran, "fails_three_times/attempt-1", "")).is_empty(), "{ran}");
    assert!(!film(&ran, "two_of_them/attempt-1", "video.html").exists());
}

#[test]
fn a_film_that_cannot_be_encoded_is_a_page_and_it_is_said_why() {
    let stage = stage(1);
    let ran = with_encoder(&stage, ONE_THAT_FAILS).args("passes --exact --video on").run();
    ran.exits(0).complains(["the film of `passes` is a page, because ffmpeg", "no space is left"]);
    assert!(film(&ran, "passes/attempt-1", "video.html").exists(), "{ran}");
    assert!(!film(&ran, "passes/attempt-1", "video.webm").exists(), "{ran}");
}

#[test]
fn a_test_that_takes_its_process_with_it_leaves_a_film() {
    let stage = stage(1);
    let ran =
        with_encoder(&stage, ONE_WITHOUT_THE_CODEC).args("dies --exact --video retain-on-failure").run();
    let text = fs::read_to_string(film(ran.exits(101), "dies/attempt-1", "video.html")).expect("the film");
    assert!(text.contains("\"is\":\"picture\""), "no picture");
}

#[test]
fn a_video_can_be_looked_at() {
    if !is_installed("ffmpeg") {
        eprintln!("not tried: ffmpeg is not installed");
        return;
    }
    let stage = stage(1);
    let ran = trace(&stage).args("moves_and_stays --exact --video on").run();
    let video = film(ran.exits(101), "moves_and_stays/attempt-1", "video.webm");
    trace(&stage).args("looks::at_a_video --exact").env("TRACE", &video).run().exits(0);
}
