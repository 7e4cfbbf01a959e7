use serde_json::Value;

use super::{RUN, render, run};

fn document(events: &str) -> Value {
    let (folder, story) = run(events);
    serde_json::from_str(&render("timeline", &story, folder.path())).unwrap()
}

#[test]
fn a_run_of_everything() {
    insta::assert_snapshot!(serde_json::to_string_pretty(&document(RUN)).unwrap());
}

/// Of what is in one lane, Perfetto shows only what lies within another or beside it.
#[test]
fn in_a_lane_nothing_cuts_anything() {
    // Of slot 1 while its next attempt begins.
    let boot = "{\"at_us\":4600080,\"event\":\"services_starting\",\"slot\":1}\n\
                {\"at_us\":4800000,\"event\":\"services_ready\",\"slot\":1,\"took_us\":199920}\n";
    let document = document(&format!("{RUN}{boot}"));
    let events = document["traceEvents"].as_array().unwrap();
    let number = |event: &Value, key: &str| event[key].as_u64().unwrap();
    let complete: Vec<_> = events
        .iter()
        .filter(|event| event["ph"] == "X")
        .map(|event| (number(event, "tid"), number(event, "ts"), number(event, "ts") + number(event, "dur")))
        .collect();
    assert!(complete.len() > 10);
    for (lane, from, to) in &complete {
        let cuts =
            |other: &&(u64, u64, u64)| other.0 == *lane && *from < other.1 && other.1 < *to && *to < other.2;
        assert_eq!(complete.iter().find(cuts), None, "{lane}: {from} to {to}");
    }
}
