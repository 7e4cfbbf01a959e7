//! What an attempt left in the folder of its run, as far as it is still there.

use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::story::AttemptStory;

/// The files of an attempt, below the folder of the run.
pub(super) struct Left {
    /// What is there, in the order of names; what the test attached comes first, in its own order.
    pub(super) files: Vec<String>,
    /// What was attached and is gone.
    pub(super) missing: Vec<String>,
}

impl Left {
    pub(super) fn of(attempt: &AttemptStory, run: &Path) -> Self {
        let attached = attempt.attached.iter().map(|file| file.path.clone());
        let (mut files, missing): (Vec<String>, Vec<String>) =
            attached.partition(|path| run.join(path).is_file());
        files.extend(in_folder(attempt, run));
        Self { files, missing }
    }
}

/// What callboard itself kept: screenshots, logs, the trace.
fn in_folder(attempt: &AttemptStory, run: &Path) -> Vec<String> {
    if attempt.folder.is_empty() {
        return Vec::new();
    }
    let entries = fs::read_dir(run.join(&attempt.folder)).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let mut files: Vec<String> = names.map(|name| format!("{}/{name}", attempt.folder)).collect();
    files.sort_unstable();
    files
}

/// The end of what an attempt printed, so many bytes of it. What is no UTF-8 is replaced.
pub(super) fn printed(attempt: &AttemptStory, run: &Path, most: u64) -> Option<String> {
    if attempt.folder.is_empty() {
        return None;
    }
    let path = format!("{}/output.log", attempt.folder);
    let (left_out, bytes) = end_of(&run.join(&path), most).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    match left_out {
        0 => Some(text.into_owned()),
        _ => Some(format!("… {left_out} bytes before are in {path} …\n{text}")),
    }
}

fn end_of(file: &Path, most: u64) -> io::Result<(u64, Vec<u8>)> {
    let mut file = File::open(file)?;
    let left_out = file.metadata()?.len().saturating_sub(most);
    file.seek(SeekFrom::Start(left_out))?;
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes)?;
    Ok((left_out, bytes))
}
