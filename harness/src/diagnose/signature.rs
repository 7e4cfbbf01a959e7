//! What two failures of one cause have in common, and two of different causes do not: pure.

use regex_lite::Regex;
use std::sync::OnceLock;

use crate::model::Problem;

/// As many lines of a message say what happened; what follows says where and how long.
const LINES: usize = 2;
/// No signature is longer, in characters.
const LONGEST: usize = 200;

/// The signature of a failure: its outcome, and the first lines of its message without what differs from attempt to
/// attempt: numbers, times, addresses of the slot.
pub(super) fn of(problem: &Problem) -> String {
    let lines = problem.message.lines().filter(|line| !line.trim().is_empty()).take(LINES);
    let text: Vec<String> = lines.map(|line| normal(line.trim())).collect();
    let text = format!("{}: {}", problem.outcome, text.join(" / "));
    text.chars().take(LONGEST).collect()
}

/// A line without what differs from attempt to attempt.
pub(super) fn normal(line: &str) -> String {
    static VARYING: OnceLock<Option<[(Regex, &'static str); 6]>> = OnceLock::new();
    let varying = VARYING.get_or_init(|| {
        let regex = |pattern: &str| Regex::new(pattern).ok();
        Some([
            // How long the machine stood still meanwhile, if it did: the failure is the same.
            (regex(r",? and the [0-9.]+ ?[µmsinh]+ more in which the machine did not run it")?, ""),
            (regex(r"https?://[^/\s]+")?, ""),
            (regex(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F-]{17,}")?, "#"),
            (regex(r"\b(?:[0-9]+[a-fA-F]|[a-fA-F]+[0-9])[0-9a-fA-F]{6,}\b")?, "#"),
            (regex(r"\b[0-9]+(?:\.[0-9]+)? ?(?:µs|ms|s|min|h)\b")?, "#"),
            (regex(r"[0-9]+(?:[-.,:][0-9]+)*")?, "#"),
        ])
    });
    let Some(varying) = varying else { return line.to_owned() };
    varying
        .iter()
        .fold(line.to_owned(), |text, (pattern, sign)| pattern.replace_all(&text, *sign).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_from_attempt_to_attempt_is_left_out() {
        let a = Problem::failed(
            "expected `#toast` to have the text \"Assessment Oral exam 7721-1 was saved.\": after 20.0 s, it was \"\"\n  looked 723 times",
            None,
        );
        let b = Problem::failed(
            "expected `#toast` to have the text \"Assessment Oral exam 88-14 was saved.\": after 812 ms, it was \"\"\n  looked 3 times",
            None,
        );
        assert_eq!(of(&a), of(&b));
        assert_eq!(
            of(&a),
            "failed: expected `#toast` to have the text \"Assessment Oral exam # was saved.\": after #, it was \"\" / looked # times"
        );
    }

    #[test]
    fn a_machine_that_stood_still_makes_no_other_failure_of_it() {
        let of_time = |time: &str| {
            of(&Problem::failed(
                format!("expected `h1` to be visible: after {time}, it was \"hidden\""),
                None,
            ))
        };
        let busy = of_time("20.0 s, and the 4.4 s more in which the machine did not run it");
        assert_eq!(busy, of_time("20.0 s"));
        assert_eq!(of_time("20.0 s, and the 812 ms more in which the machine did not run it"), busy);
    }

    #[test]
    fn the_same_request_fails_the_same_in_each_slot() {
        let of_port = |port: u16| {
            of(&Problem::errored(format!(
                "there was an error on a page\n  HTTP error after 9.5 s: GET http://127.0.0.1:{port}/api/dashboard (Fetch): 409"
            )))
        };
        assert_eq!(of_port(3002), of_port(3017));
        assert!(of_port(3002).contains("GET /api/dashboard"), "{}", of_port(3002));
        assert_ne!(of(&Problem::errored("x")), of(&Problem::failed("x", None)));
    }
}
