//! The words for what went wrong on pages.

use std::fmt::Write as _;
use std::time::Duration;

use crate::model::{PageProblem, PageSource, path_of, seconds};

/// As many are told; all of them are among the events.
const SHOWN: usize = 5;
/// Of each so many lines, and so many frames of its stack.
const LINES: usize = 5;
const FRAMES: usize = 3;
/// The longest line of a text, in characters.
const LONGEST: usize = 300;

/// What went wrong: a headline, each problem, and how it would be allowed. `base_url` is where the slot's application answers.
pub(crate) fn message(problems: &[PageProblem], base_url: &str) -> String {
    let count: u64 = problems.iter().map(|problem| u64::from(problem.times)).sum();
    let mut message = match count {
        1 => "there was an error on a page".to_owned(),
        count => format!("there were {count} errors on pages"),
    };
    for problem in problems.iter().take(SHOWN) {
        write_problem(&mut message, problem);
    }
    if problems.len() > SHOWN {
        let _ = write!(message, "\n  and {} others", problems.len() - SHOWN);
    }
    let mut patterns: Vec<String> = Vec::new();
    for problem in problems.iter().take(SHOWN) {
        let pattern = quoted(&pattern(problem, base_url));
        if !patterns.contains(&pattern) {
            patterns.push(pattern);
        }
    }
    let patterns = patterns.join(", ");
    let _ = write!(
        message,
        "\n  what is meant to happen: allow = [{patterns}] under [console] of callboard.toml, or allow_console at the test"
    );
    message
}

fn write_problem(message: &mut String, problem: &PageProblem) {
    let after = seconds(Duration::from_micros(problem.at_us));
    let _ = write!(message, "\n  {} after {after}", problem.kind.words());
    if problem.times > 1 {
        let _ = write!(message, ", {} times", problem.times);
    }
    if !problem.steps.is_empty() {
        let _ = write!(message, ", in step {}", path_of(problem.steps.iter().map(String::as_str)));
    }
    message.push_str(": ");
    if let Some(request) = &problem.request {
        let _ = write!(message, "{} {} ({}): ", request.method, shortened(&request.url), request.resource);
    }
    let mut lines = problem.text.lines();
    message.push_str(&shortened(lines.next().unwrap_or_default()));
    for line in lines.take(LINES - 1) {
        let _ = write!(message, "\n    {}", shortened(line));
    }
    if let (true, Some(PageSource { url, line, column })) = (problem.stack.is_empty(), &problem.source) {
        let _ = write!(message, "\n    at {}:{line}:{column}", shortened(url));
    }
    for frame in problem.stack.iter().take(FRAMES) {
        let _ = write!(message, "\n    at {}", shortened(frame));
    }
    let _ = write!(message, "\n    on the page {}", shortened(&problem.page));
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text.to_owned(),
    }
}

/// A pattern that allows this one, in any slot.
fn pattern(problem: &PageProblem, base_url: &str) -> String {
    const ENOUGH: usize = 80;
    if let Some(request) = &problem.request {
        let url = request.url.split(['?', '#']).next().unwrap_or_default();
        let url = match url.strip_prefix(base_url) {
            Some(path) => format!(r"\S*{}", regex_lite::escape(path)),
            None => regex_lite::escape(url),
        };
        return format!("^{} {url}", request.method);
    }
    let line = problem.text.lines().next().unwrap_or_default();
    let is_whole = line.chars().count() <= ENOUGH && line.len() == problem.text.len() && !line.contains('…');
    let line: String = line.chars().take_while(|character| *character != '…').take(ENOUGH).collect();
    let parts: Vec<String> = line.split(base_url).map(regex_lite::escape).collect();
    format!("^{}{}", parts.join(r"\S*"), if is_whole { "$" } else { "" })
}

/// As TOML has it, without a need to write each backslash twice where that is possible.
fn quoted(pattern: &str) -> String {
    if pattern.contains('\'') {
        format!("\"{}\"", pattern.replace('\\', r"\\").replace('"', "\\\""))
    } else {
        format!("'{pattern}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{PageProblemKind, PageRequest, Pattern};

    const BASE: &str = "http://127.0.0.1:3002";

    fn problem(kind: PageProblemKind, text: &str) -> PageProblem {
        PageProblem {
            kind,
            text: text.to_owned(),
            page: format!("{BASE}/courses"),
            source: None,
            stack: Vec::new(),
            request: None,
            at_us: 1_230_000,
            times: 1,
            steps: Vec::new(),
        }
    }

    #[test]
    fn an_exception_is_told_with_all_that_is_known() {
        let problem = PageProblem {
            stack: ["save (http://127.0.0.1:3002/a.js:1:2)", "b", "c", "d"].map(str::to_owned).to_vec(),
            steps: vec!["adds the course".to_owned(), "saves".to_owned()],
            times: 3,
            ..problem(PageProblemKind::Exception, "TypeError: x is 'odd'")
        };
        assert_eq!(
            message(&[problem], BASE),
            "there were 3 errors on pages\n  \
               exception after 1.2 s, 3 times, in step \"adds the course\" > \"saves\": TypeError: x is 'odd'\n    \
                 at save (http://127.0.0.1:3002/a.js:1:2)\n    at b\n    at c\n    \
                 on the page http://127.0.0.1:3002/courses\n  \
               what is meant to happen: allow = [\"^TypeError: x is 'odd'$\"] under [console] of callboard.toml, or \
               allow_console at the test"
        );
    }

    #[test]
    fn what_the_message_says_allows_it_in_any_slot() {
        let request = |url: &str| PageRequest {
            method: "POST".to_owned(),
            url: url.to_owned(),
            resource: "Fetch".to_owned(),
            status: None,
        };
        for (problem, texts) in [
            (
                PageProblem {
                    request: Some(request("http://127.0.0.1:3002/a.b?token=1")),
                    ..problem(PageProblemKind::RequestFailed, "net::ERR_FAILED")
                },
                ["POST http://127.0.0.1:3005/a.b?token=2", "POST http://127.0.0.1:3002/a.b"],
            ),
            (
                problem(PageProblemKind::Console, "[odd] (http://127.0.0.1:3002/x) failed\nand more"),
                ["[odd] (http://127.0.0.1:3009/x) failed\nand other", "[odd] (/x) failed"],
            ),
        ] {
            let pattern = Pattern::new(&pattern(&problem, BASE)).unwrap();
            assert!(texts.into_iter().all(|text| pattern.matches(text)), "{pattern}");
            assert!(!pattern.matches("anything else"));
        }
    }
}
