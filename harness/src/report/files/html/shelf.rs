//! The files that attempts left, as far as they are put into the page: each within its limits, all together within theirs.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::story::{AttachedFile, AttemptStory};
use crate::video;

/// Of a text, so many bytes are shown at the most, and of all together.
const TEXT: u64 = 16_000;
const TEXTS: u64 = 1_500_000;
/// Pictures of so many bytes together are part of the page.
const PICTURES: u64 = 3_000_000;
/// Of an attempt's requests, so many are shown; of its file, so much is read, and of all together.
const REQUESTS: usize = 150;
const REQUESTS_READ: u64 = 600_000;
const REQUESTS_READ_IN_ALL: u64 = 8_000_000;
/// Of an attempt, so many files are shown.
const FILES: usize = 100;

/// The folder of a run, and what there is still room for.
pub(super) struct Shelf<'a> {
    run: &'a Path,
    texts: u64,
    room_for_pictures: u64,
    requests: u64,
    /// As addresses that hold them: `data:image/png;base64,…`
    pictures: Vec<String>,
}

/// What an attempt left. All paths are below the folder of the run, with `/` between the parts.
#[derive(Default, Serialize)]
pub(super) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pictures: Vec<Shown>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    texts: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<Network>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<Shown>,
}

/// A file, and what is shown of it.
#[derive(Serialize)]
struct Shown {
    /// What it is: `server`, `output`, `console`, `accessibility`, `mail`, `attachment`, `screenshot`, `page`, `film`, `file`.
    is: &'static str,
    name: String,
    path: String,
    bytes: u64,
    /// Nothing where there is no room for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Which of the page's pictures it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<usize>,
    /// How many bytes of a text are left out: at its beginning, where its end says more.
    #[serde(skip_serializing_if = "is_zero")]
    cut: u64,
    /// A test attached it, and it is not there any more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    missing: bool,
}

/// The requests of an attempt, those first that failed.
#[derive(Serialize)]
struct Network {
    path: String,
    rows: Vec<Request>,
    /// How many are left out. Of a file that is too long, nobody counts them.
    left_out: usize,
    cut: bool,
}

/// A line of `network.jsonl`, as far as it is shown.
#[derive(Serialize, Deserialize)]
struct Request {
    at_us: u64,
    method: String,
    url: String,
    #[serde(default)]
    resource: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    session: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    took_us: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
}

#[derive(Serialize, Deserialize)]
struct Failure {
    text: String,
    #[serde(default)]
    cancelled: bool,
}

impl Request {
    fn is_bad(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| !failure.cancelled)
            || self.status.is_some_and(|status| status >= 400)
    }
}

impl<'a> Shelf<'a> {
    /// The shelf of a run.
    pub(super) fn new(run: &'a Path) -> Self {
        Self {
            run,
            texts: TEXTS,
            room_for_pictures: PICTURES,
            requests: REQUESTS_READ_IN_ALL,
            pictures: Vec::new(),
        }
    }

    /// The pictures that were taken, by their numbers: data addresses in which nothing is that could end a part of a page.
    pub(super) fn pictures(self) -> Vec<String> {
        self.pictures
    }

    /// What an attempt left, if it left anything.
    pub(super) fn take(&mut self, attempt: &AttemptStory) -> Option<Kept> {
        let mut kept = Kept::default();
        for name in self.names(&attempt.folder) {
            let path = format!("{}/{name}", attempt.folder);
            match name.as_str() {
                "trace.html" => kept.trace = Some(path),
                video::VIDEO | video::PAGE => kept.files.push(self.file("film", name, path)),
                // What these are made of, and what is told below.
                "trace.jsonl" | video::RECORDS | "attachments" => {}
                "mail" => kept.texts.extend(self.names(&path).into_iter().map(|name| {
                    let path = format!("{path}/{name}");
                    self.text("mail", name, path, false)
                })),
                "network.jsonl" => kept.network = self.network(path),
                "server.log" => kept.texts.push(self.text("server", name, path, true)),
                "output.log" => kept.texts.push(self.text("output", name, path, true)),
                "console.log" => kept.texts.push(self.text("console", name, path, true)),
                _ if name.ends_with("accessibility.txt") => {
                    kept.texts.push(self.text("accessibility", name, path, false));
                }
                _ if name.ends_with("screenshot.png") => {
                    kept.pictures.push(self.picture("screenshot", name, path, "image/png"));
                }
                _ if name.ends_with("page.html") => kept.files.push(self.file("page", name, path)),
                _ if self.place(&path).is_some_and(|file| file.is_file()) => {
                    kept.files.push(self.file("file", name, path));
                }
                _ => {}
            }
        }
        for file in attempt.attached.iter().take(FILES) {
            self.attached(file, &mut kept);
        }
        let is_empty = kept.trace.is_none()
            && kept.network.is_none()
            && [&kept.pictures, &kept.texts, &kept.files].iter().all(|files| files.is_empty());
        (!is_empty).then_some(kept)
    }

    fn attached(&mut self, file: &AttachedFile, kept: &mut Kept) {
        let (name, path) = (file.name.clone(), file.path.clone());
        if kept.trace.as_ref() == Some(&path) || kept.files.iter().any(|known| known.path == path) {
            return;
        }
        let kind = file.media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
        let is_text = kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml");
        match kind.as_str() {
            "image/png" | "image/jpeg" | "image/gif" | "image/webp" | "image/avif" => {
                kept.pictures.push(self.picture("attachment", name, path, &kind));
            }
            _ if is_text => kept.texts.push(self.text("attachment", name, path, false)),
            _ => kept.files.push(self.file("attachment", name, path)),
        }
    }

    /// Where a path of the events is; nowhere outside of the folder of the run.
    fn place(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        let is_below = path.components().all(|part| matches!(part, Component::Normal(_)));
        (is_below && !path.as_os_str().is_empty()).then(|| self.run.join(path))
    }

    /// The names in a folder, in their order.
    fn names(&self, folder: &str) -> Vec<String> {
        let Some(Ok(entries)) = self.place(folder).map(fs::read_dir) else { return Vec::new() };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<_> = names.take(FILES).collect();
        names.sort_unstable();
        names
    }

    fn file(&self, is: &'static str, name: String, path: String) -> Shown {
        let data = self.place(&path).and_then(|file| fs::metadata(file).ok());
        let missing = data.is_none();
        let bytes = data.map_or(0, |data| data.len());
        Shown { is, name, path, bytes, text: None, picture: None, cut: 0, missing }
    }

    fn picture(&mut self, is: &'static str, name: String, path: String, media_type: &str) -> Shown {
        let mut shown = self.file(is, name, path);
        if !shown.missing
            && shown.bytes <= self.room_for_pictures
            && let Some(Ok(bytes)) = self.place(&shown.path).map(fs::read)
        {
            self.room_for_pictures -= shown.bytes;
            shown.picture = Some(self.pictures.len());
            self.pictures.push(format!("data:{media_type};base64,{}", STANDARD.encode(bytes)));
        }
        shown
    }

    /// A text, or its beginning, or its end.
    fn text(&mut self, is: &'static str, name: String, path: String, from_end: bool) -> Shown {
        let mut shown = self.file(is, name, path);
        let room = shown.bytes.min(TEXT);
        if !shown.missing
            && room <= self.texts
            && let Some(Ok(bytes)) = self.place(&shown.path).map(|file| part(&file, room, from_end))
        {
            self.texts -= room;
            shown.cut = shown.bytes - room;
            shown.text = Some(String::from_utf8_lossy(&bytes).into_owned());
        }
        shown
    }

    fn network(&mut self, path: String) -> Option<Network> {
        let file = self.place(&path)?;
        let bytes = fs::metadata(&file).ok()?.len();
        let most = REQUESTS_READ.min(self.requests);
        self.requests -= bytes.min(most);
        let text = part(&file, bytes.min(most), true).ok()?;
        // What is torn, at the beginning of a part or by a kill, is no line.
        let lines = text.split(|byte| *byte == b'\n');
        let mut rows: Vec<Request> = lines.filter_map(|line| serde_json::from_slice(line).ok()).collect();
        rows.sort_by_key(|row| !row.is_bad());
        let left_out = rows.len().saturating_sub(REQUESTS);
        rows.truncate(REQUESTS);
        for row in &mut rows {
            row.url = row.url.chars().take(1000).collect();
        }
        Some(Network { path, rows, left_out, cut: bytes > most })
    }
}

fn part(file: &Path, length: u64, from_end: bool) -> io::Result<Vec<u8>> {
    let mut file = File::open(file)?;
    if from_end {
        let all = file.metadata()?.len();
        file.seek(SeekFrom::Start(all.saturating_sub(length)))?;
    }
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}
