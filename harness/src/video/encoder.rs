//! A video (`WebM`) of the pictures of a film, by `ffmpeg`, if there is one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::reel::{Reel, Strip};
use crate::model::chain;
use crate::process::{Exit, Group, Launch, Warden};

/// How long it may take to say what it can, and to encode a film. A film of ten minutes takes some seconds.
const ASKED: Duration = Duration::from_secs(20);
const ENCODED: Duration = Duration::from_mins(3);
/// What its videos are encoded with: VP8, which every browser plays, as fast as that is possible.
const CODEC: &str = "libvpx";
const QUALITY: [&str; 10] =
    ["-b:v", "1M", "-crf", "12", "-deadline", "realtime", "-cpu-used", "8", "-threads", "1"];

/// Between two pages, in pixels.
const GAP: u32 = 8;

/// Why a film could not be encoded.
#[derive(Debug, Error)]
pub(crate) enum EncodeError {
    #[error("its pictures cannot be written")]
    Pictures(#[from] io::Error),
    #[error("{0}")]
    Start(String),
    #[error("ffmpeg {exit}: {said}")]
    Ended { exit: Exit, said: String },
    #[error("ffmpeg did not end within {0:?}")]
    TooSlow(Duration),
}

/// An `ffmpeg` that can encode films.
#[derive(Debug)]
pub(crate) struct Encoder {
    warden: Option<Arc<Warden>>,
}

impl Encoder {
    /// The one of `PATH`, if it knows the codec. `scratch` is a folder of nobody else's, which is removed.
    pub(crate) async fn find(scratch: &Path, warden: Option<Arc<Warden>>) -> Option<Self> {
        let encoder = Self { warden };
        let log = scratch.join("ffmpeg.log");
        let args = ["-hide_banner", "-encoders"].map(OsString::from).to_vec();
        let ended = encoder.run(args, scratch, &log, ASKED).await;
        let encoders = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_dir_all(scratch);
        let knows = encoders.lines().any(|line| line.split_whitespace().nth(1) == Some(CODEC));
        (ended.is_ok() && knows).then_some(encoder)
    }

    /// Encodes all pages of a film beside each other, into this file. `scratch` is a folder of nobody else's, which is removed.
    pub(crate) async fn encode(&self, reel: Reel, to: &Path, scratch: &Path) -> Result<(), EncodeError> {
        let encoded = self.encode_in(reel, to, scratch).await;
        let _ = fs::remove_dir_all(scratch);
        encoded
    }

    async fn encode_in(&self, reel: Reel, to: &Path, scratch: &Path) -> Result<(), EncodeError> {
        let (folder, file) = (scratch.to_owned(), to.as_os_str().to_owned());
        let writing = tokio::task::spawn_blocking(move || {
            fs::create_dir_all(&folder)?;
            let lists = reel.strips.iter().enumerate();
            let written = lists.map(|(number, strip)| write(strip, reel.end_us, number, &folder));
            written.collect::<io::Result<Vec<_>>>()
        });
        let sizes = writing.await.map_err(io::Error::other)??;
        let mut args: Vec<OsString> = ["-hide_banner", "-loglevel", "error", "-y"].map(OsString::from).into();
        for number in 0..sizes.len() {
            args.extend(["-f", "concat", "-i"].map(OsString::from));
            args.push(list(number).into());
        }
        args.extend(["-filter_complex".into(), filter(&sizes).into()]);
        args.extend(["-map", "[film]", "-an", "-c:v", CODEC].map(OsString::from));
        args.extend(QUALITY.map(OsString::from));
        args.extend(["-f".into(), "webm".into(), file]);
        self.run(args, scratch, &scratch.join("ffmpeg.log"), ENCODED).await
    }

    /// Has it do something, and waits until that is done. What tests need comes first, where the system can be told.
    async fn run(
        &self,
        args: Vec<OsString>,
        dir: &Path,
        log: &Path,
        limit: Duration,
    ) -> Result<(), EncodeError> {
        let (program, before): (_, &[&str]) =
            if cfg!(unix) { ("nice", &["-n", "19", "ffmpeg"]) } else { ("ffmpeg", &[]) };
        fs::create_dir_all(dir)?;
        let launch = Launch {
            program: PathBuf::from(program),
            args: before.iter().map(OsString::from).chain(args).collect(),
            env: BTreeMap::new(),
            dir: dir.to_owned(),
            log: log.to_owned(),
        };
        let group =
            Group::spawn(&launch, self.warden.as_ref()).map_err(|error| EncodeError::Start(chain(&error)))?;
        match tokio::time::timeout(limit, group.exited()).await {
            Ok(Exit::Code(0)) => Ok(()),
            Ok(exit) => Err(EncodeError::Ended { exit, said: group.last_lines(3).join(" ") }),
            Err(_elapsed) => Err(EncodeError::TooSlow(limit)),
        }
    }
}

fn list(number: usize) -> String {
    format!("{number}.ffconcat")
}

/// Writes the pictures of a page, and the list that says how long each is seen. Returns their size.
fn write(strip: &Strip, end_us: u64, number: usize, folder: &Path) -> io::Result<(u32, u32)> {
    let mut text = "ffconcat version 1.0\n".to_owned();
    let mut last = String::new();
    for (index, (picture, shown_us)) in strip.shown(end_us).enumerate() {
        last = format!("{number}-{index}.jpg");
        fs::write(folder.join(&last), picture)?;
        let _ = writeln!(text, "file {last}\nduration {shown_us}us");
    }
    // The duration of the last one counts only where something follows.
    let _ = writeln!(text, "file {last}");
    fs::write(folder.join(list(number)), text)?;
    strip.size().ok_or_else(|| io::Error::other("a picture is no JPEG"))
}

/// What makes one picture of those of all pages: each in the middle of a field of its own, the fields beside each other.
fn filter(sizes: &[(u32, u32)]) -> String {
    let most = sizes.iter().map(|(_, height)| *height).max().unwrap_or_default();
    let mut text = String::new();
    for (number, (width, height)) in sizes.iter().enumerate() {
        let gap = if number == 0 { 0 } else { GAP };
        let _ = write!(
            text,
            "[{number}:v]scale={width}:{height}:force_original_aspect_ratio=decrease,\
             pad={}:{most}:{gap}+({width}-iw)/2:(oh-ih)/2:gray,setsar=1[page{number}];",
            width + gap
        );
    }
    for number in 0..sizes.len() {
        let _ = write!(text, "[page{number}]");
    }
    let beside = if sizes.len() == 1 { "null".to_owned() } else { format!("hstack=inputs={}", sizes.len()) };
    let _ = write!(text, "{beside}[film]");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_any_size_are_beside_each_other() {
        assert_eq!(
            filter(&[(800, 450), (300, 600)]),
            "[0:v]scale=800:450:force_original_aspect_ratio=decrease,pad=800:600:0+(800-iw)/2:(oh-ih)/2:gray,setsar=1[page0];\
             [1:v]scale=300:600:force_original_aspect_ratio=decrease,pad=308:600:8+(300-iw)/2:(oh-ih)/2:gray,setsar=1[page1];\
             [page0][page1]hstack=inputs=2[film]"
        );
        assert!(filter(&[(800, 450)]).ends_with(";[page0]null[film]"));
    }
}
