//! What services logged during an attempt that looks like trouble: few lines, which a failed attempt has and one that passed does not.

use std::path::PathBuf;
use std::sync::OnceLock;

use regex_lite::Regex;

use crate::process::tail;

/// Of one attempt, so many lines.
const MOST: usize = 20;
/// No line is longer, in characters.
const LONGEST: usize = 300;

/// What was written behind these marks that looks like trouble, the same once, in the order in which it was written first.
pub(super) fn trouble_since(marks: &[(PathBuf, u64)]) -> Vec<String> {
    trouble(marks.iter().flat_map(|(path, mark)| tail(path, *mark, usize::MAX)))
}

fn trouble(lines: impl Iterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for line in lines.filter(|line| is_trouble(line)) {
        let shape: String = line.chars().filter(|character| !character.is_ascii_digit()).collect();
        if kept.len() < MOST && kept.iter().all(|(known, _)| *known != shape) {
            kept.push((shape, line.trim().chars().take(LONGEST).collect()));
        }
    }
    kept.into_iter().map(|(_, line)| line).collect()
}

/// Whether a line says so itself: by its level, or in the words of a database or of a language that lost its footing.
fn is_trouble(line: &str) -> bool {
    static SIGNS: OnceLock<Option<Regex>> = OnceLock::new();
    let signs = SIGNS.get_or_init(|| {
        let levels = r#"\b(?:ERROR|ERR|FATAL|CRITICAL|PANIC|WARN|WARNING)\b|(?i:\blevel"?[=:]\s*"?(?:error|fatal|critical|warn))"#;
        let words = r"panicked at|Traceback|[A-Za-z.]+(?:Exception|Error): |SQLSTATE|(?i:deadlock|database is locked|constraint failed|violates \w+ ?\w* constraint)";
        Regex::new(&format!("{levels}|{words}")).ok()
    });
    signs.as_ref().is_some_and(|signs| signs.is_match(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_say_so_are_trouble() {
        for line in [
            "2026-01-01T00:00:00Z ERROR app: database: database is locked",
            r#"{"level":"error","msg":"no"}"#,
            "time=1 level=warn msg=slow",
            "thread 'main' panicked at src/main.rs:1:1",
            "ERROR:  duplicate key value violates unique constraint \"users_key\"",
            "sqlite3.OperationalError: database is locked",
            "[SQLSTATE 40P01]",
        ] {
            assert!(is_trouble(line), "{line}");
        }
        for line in ["INFO GET /errors 200 1.5 ms", "INFO no error", "listening on :3002", "WARNING_DAYS=3"] {
            assert!(!is_trouble(line), "{line}");
        }
    }

    #[test]
    fn the_same_is_told_once_and_no_more_than_so_many() {
        let lines =
            ["12:01 ERROR request 1", "12:02 ERROR request 2", "12:02 INFO fine", "12:03 WARN request 3"];
        assert_eq!(
            trouble(lines.into_iter().map(str::to_owned)),
            ["12:01 ERROR request 1", "12:03 WARN request 3"]
        );
        let many = (0..100).map(|number| format!("ERROR {}", "x".repeat(number)));
        assert_eq!(trouble(many).len(), MOST);
    }
}
