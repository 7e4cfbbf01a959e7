//! The README's listings are the example's files, word for word.

use std::fs;
use std::path::Path;

/// The code blocks of a Markdown text.
fn blocks(text: &str) -> Vec<&str> {
    let pieces = text.split("\n```");
    let inside = pieces.skip(1).step_by(2);
    inside.filter_map(|block| block.split_once('\n').map(|(_language, code)| code.trim())).collect()
}

#[test]
fn the_quickstart_is_the_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read =
        |file: &str| fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let readme = read("README.md");
    for file in ["examples/quickstart/callboard.toml", "examples/quickstart/tests/e2e/main.rs"] {
        let text = read(file);
        assert!(
            blocks(&readme).contains(&text.trim()),
            "README.md has no code block that is {file}:\n{text}"
        );
    }
}
