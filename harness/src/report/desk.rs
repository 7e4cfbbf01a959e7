//! Where the reports of a run are written while it goes on: whenever it is killed, there are whole ones of what had
//! happened until a moment before.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::chronicle::Chronicle;
use super::files::{self, Subject, WriteError, job};
use crate::config::Reports;
use crate::model::{Event, Record};
use crate::story::Story;

/// No report is older while something happens, unless making it is much work.
const FRESH: Duration = Duration::from_secs(1);
/// As much of the time is spent on reports at the most, until the end: one part in so many.
const SHARE: u32 = 50;
/// Within this time earlier runs are begun to be read, beside the beginning of this one: its end waits for nothing of it.
const LOOK_BACK: Duration = Duration::from_millis(20);

/// A thread that follows the events of a run and writes its reports.
pub(crate) struct Desk {
    thread: JoinHandle<(Story, Result<(), WriteError>)>,
}

impl Desk {
    /// Opens the desk of a run with this folder, among those in `kept`. The sender is where it is told of the events; the
    /// reports are final with the last of these, or when nobody can tell it anything more. Where there is the summary of a
    /// `job`, it gets that of the run.
    ///
    /// # Errors
    ///
    /// The system gives no thread.
    pub(crate) fn open(
        folder: PathBuf,
        kept: PathBuf,
        asked: Reports,
        job: Option<PathBuf>,
    ) -> io::Result<(Self, Sender<Record>)> {
        let (sender, records) = channel();
        let thread = std::thread::Builder::new().name("callboard reports".to_owned());
        let thread = thread.spawn(move || {
            let (story, written) = follow(&records, &folder, &kept, &asked);
            let appended = job.map_or(Ok(()), |job| job::append(&story, &job));
            (story, written.and(appended))
        })?;
        Ok((Self { thread }, sender))
    }

    /// Waits for the final reports, and hands over the story that they are made of, and which of them cannot be written.
    pub(crate) fn close(self) -> (Story, Result<(), WriteError>) {
        // A panic is told by the panic hook, and costs the reports alone.
        self.thread.join().unwrap_or_else(|_| (Story::default(), Ok(())))
    }
}

fn follow(
    records: &Receiver<Record>,
    folder: &Path,
    kept: &Path,
    asked: &Reports,
) -> (Story, Result<(), WriteError>) {
    let mut story = Story::default();
    let mut earlier = Chronicle::default();
    let write = |story: &Story, earlier: &Chronicle| {
        files::write(&Subject { story, run: folder, earlier }, folder, asked)
    };
    let mut due = Instant::now() + FRESH;
    let mut is_stale = false;
    loop {
        let wait = if is_stale { due.saturating_duration_since(Instant::now()) } else { Duration::MAX };
        match records.recv_timeout(wait) {
            Ok(record) => {
                let is_last = matches!(record.event, Event::RunFinished { .. });
                let is_plan = matches!(record.event, Event::Planned { .. });
                story.tell(record);
                if is_plan && asked.has("html") {
                    earlier = Chronicle::before(&story, kept, Some(Instant::now() + LOOK_BACK));
                }
                is_stale = true;
                if is_last {
                    break;
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if is_stale && Instant::now() >= due {
            let began = Instant::now();
            // Whether it can be written is told at the end: then it is tried once more.
            let _ = write(&story, &earlier);
            due = Instant::now() + FRESH.max(began.elapsed() * SHARE);
            is_stale = false;
        }
    }
    let written = write(&story, &earlier);
    (story, written)
}
