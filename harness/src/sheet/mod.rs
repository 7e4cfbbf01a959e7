//! Pages that are one file: everything is in it, nothing is fetched, and nothing of what is shown is ever executed.
//!
//! What is shown stands in the page as JSON without a `<`, which its script makes text nodes of; a policy in the page lets
//! a browser execute that script and no other. `parts.js` and `theme.css` are what all such pages are made with.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a template. For each `{{name}}` in it, `part` writes what stands there; what that writes is not looked at again.
pub(crate) fn fill(
    template: &str,
    out: &mut impl Write,
    mut part: impl FnMut(&str, &mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.write_all(before.as_bytes())?;
        part(name, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

/// JSON that in no place of a page can be taken for something else.
pub(crate) fn harmless(json: &str) -> Cow<'_, str> {
    // Most of it is pictures, in which there is none; this is as fast as it gets also where nothing is optimised.
    if !json.as_bytes().contains(&b'<') {
        return json.into();
    }
    let mut parts = json.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("\\u003c");
        text.push_str(part);
    }
    text.into()
}

/// A word that nobody knew before: a browser executes the script that has it, and no other; whoever wrote what is shown
/// cannot know it.
pub(crate) fn word() -> String {
    // The standard library's own keys are random, which is all that is needed.
    let random = || RandomState::new().hash_one(0);
    format!("{:016x}{:016x}", random(), random())
}

/// Where source files are looked for, which the compiler names relative to the workspace as a rule: from this folder, from
/// the current one and from the executable upwards.
pub(crate) fn source_roots(folder: &Path) -> Vec<PathBuf> {
    let here = std::env::current_dir().unwrap_or_default();
    let program = std::env::current_exe().unwrap_or_default();
    let starts = [folder, &here, &program];
    starts.iter().flat_map(|start| start.ancestors()).map(Path::to_owned).collect()
}

/// The source file of this name below one of the roots, if it is there.
pub(crate) fn find_source(name: &str, roots: &[PathBuf]) -> Option<PathBuf> {
    roots.iter().map(|root| root.join(name)).find(|file| file.is_file())
}
