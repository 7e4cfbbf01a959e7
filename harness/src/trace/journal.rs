//! The file of a trace while it is written: by a thread of its own, so that the test does not wait for it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::record::{Cut, Record, What};
use super::secrets::Secrets;
use crate::model::micros;
use crate::sheet::harmless;

/// How often it is looked whether the application has logged something. So exactly is known when it did.
const LOOK: Duration = Duration::from_millis(25);

/// The kinds of records, each with a bound of its own.
const KINDS: [&str; 4] = ["pictures", "snapshots", "bodies", "records"];
const SNAPSHOTS: usize = 1;
/// The longest text of a record that has no bound of its own, in bytes.
const LONGEST: usize = 20_000;

/// Of each kind of record, as many bytes are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds([usize; KINDS.len()]);

impl Bounds {
    /// Together less than 10 MB, so that the page opens at once.
    pub(crate) const TRACE: Self = Self([3_500_000, 3_500_000, 1_200_000, 1_400_000]);
    /// Of what a film is made of.
    pub(crate) const FILM: Self = Self([16_000_000, 0, 0, 500_000]);
}

/// A file to which is written what happens. It ends with its last record, or when this is dropped.
#[derive(Debug)]
pub(crate) struct Journal {
    said: Sender<Said>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    began: Instant,
}

enum Said {
    Record(Instant, What),
    End,
}

impl Journal {
    /// Makes the file, and begins. `log` is the application's, of which is written what is added from now on.
    pub(crate) fn begin(
        file: &Path,
        first: What,
        secrets: Secrets,
        log: Option<PathBuf>,
        most: Bounds,
    ) -> io::Result<Self> {
        fs::create_dir_all(file.parent().unwrap_or(Path::new(".")))?;
        let file = File::create(file)?;
        let (said, heard) = mpsc::channel();
        let began = Instant::now();
        let log = log.map(|path| Log {
            at: fs::metadata(&path).map_or(0, |data| data.len()),
            path,
            rest: Vec::new(),
        });
        let written = [0; KINDS.len()];
        let mut writer =
            Writer { file: Some(file), began, secrets, most, written, left_out: BTreeSet::new(), log };
        // A name by which the worker knows that it is no test's.
        let thread = std::thread::Builder::new().name("callboard trace".to_owned()).spawn(move || {
            writer.write(began, first);
            writer.serve(&heard);
        })?;
        Ok(Self { said, thread: Mutex::new(Some(thread)), began })
    }

    /// Writes what happened then.
    pub(crate) fn write_at(&self, at: Instant, what: What) {
        // Nothing is heard after the end.
        let _ = self.said.send(Said::Record(at, what));
    }

    /// A moment as records have it.
    pub(crate) fn micros(&self, at: Instant) -> u64 {
        micros(at.saturating_duration_since(self.began))
    }

    /// Writes all that was said, and ends. It blocks for as long as that takes.
    pub(crate) fn end(&self) {
        let _ = self.said.send(Said::End);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // One that panicked has written what it could.
            let _ = thread.join();
        }
    }
}

struct Writer {
    /// Nothing any more after it could not be written.
    file: Option<File>,
    began: Instant,
    secrets: Secrets,
    most: Bounds,
    /// How much, by kind.
    written: [usize; KINDS.len()],
    left_out: BTreeSet<&'static str>,
    log: Option<Log>,
}

impl Writer {
    fn serve(&mut self, heard: &Receiver<Said>) {
        loop {
            // Where there is no log to be looked at, there is no reason to wake.
            let said = match self.log {
                Some(_) => heard.recv_timeout(LOOK),
                None => heard.recv().map_err(RecvTimeoutError::from),
            };
            match said {
                Ok(Said::Record(at, what)) => {
                    // What was logged before comes before.
                    self.look_at_log(false);
                    self.write(at, what);
                }
                Err(RecvTimeoutError::Timeout) => self.look_at_log(false),
                Ok(Said::End) | Err(RecvTimeoutError::Disconnected) => return self.look_at_log(true),
            }
        }
    }

    fn look_at_log(&mut self, is_end: bool) {
        if let Some(text) = self.log.as_mut().and_then(|log| log.added(is_end)) {
            self.write(Instant::now(), What::Log { text });
        }
    }

    fn write(&mut self, at: Instant, what: What) {
        let what = self.masked(what);
        let at_us = micros(at.saturating_duration_since(self.began));
        let Ok(line) = serde_json::to_string(&Record { at_us, what: &what }) else { return };
        let line = harmless(&line);
        let kind = kind_of(&what);
        // Of documents each is told by the one before.
        let is_broken = kind == SNAPSHOTS && self.left_out.contains(KINDS[kind]);
        if is_broken || self.written[kind] + line.len() > self.most.0[kind] && !is_end(&what) {
            if self.left_out.insert(KINDS[kind]) {
                self.put(at_us, &What::LeftOut { what: KINDS[kind] });
            }
            return;
        }
        self.written[kind] += line.len();
        self.put_line(&line);
    }

    fn put(&mut self, at_us: u64, what: &What) {
        if let Ok(line) = serde_json::to_string(&Record { at_us, what }) {
            self.put_line(&harmless(&line));
        }
    }

    /// In one piece, so that a crash leaves whole lines. A disk that is full costs the rest of the trace, and not the test.
    fn put_line(&mut self, line: &str) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
            tracing::warn!(%error, "the rest of a trace is left out");
            self.file = None;
        }
    }

    /// What may be written.
    fn masked(&mut self, what: What) -> What {
        let text = |secrets: &Secrets, text: String| secrets.text(shortened(text));
        let secrets = &mut self.secrets;
        match what {
            What::Action { id, page, kind, what, steps, file, line } => {
                let what = text(secrets, what);
                What::Action { id, page, kind, what, steps, file, line }
            }
            What::Ended { id, error, times } => {
                What::Ended { id, error: error.map(|error| text(secrets, error)), times }
            }
            What::Snapshot { page, number, url, width, height, cut } => {
                // The page itself has kept passwords out of the whole. What comes later is told by places in this text, which have
                // to stay.
                let cut = Cut { text: secrets.text_of_same_length(cut.text), ..cut };
                What::Snapshot { page, number, url: secrets.url(url), width, height, cut }
            }
            What::Console { level, text: said, place } => {
                What::Console { level, text: text(secrets, said), place: secrets.url(place) }
            }
            What::Exchange(mut exchange) => {
                exchange.url = secrets.url(exchange.url);
                exchange.request_headers = secrets.headers(exchange.request_headers);
                exchange.response_headers = secrets.headers(exchange.response_headers);
                let kind = header(&exchange.request_headers, "content-type").unwrap_or_default();
                exchange.request_body =
                    exchange.request_body.map(|body| secrets.body(&kind, shortened(body)));
                exchange.routed = exchange.routed.map(|routed| text(secrets, routed));
                if !exchange.is_base64 {
                    exchange.body = exchange.body.map(|body| secrets.body(&exchange.mime, body));
                }
                What::Exchange(exchange)
            }
            What::Log { text } => What::Log { text: secrets.text(text) },
            What::Mail { from, to, subject, text: body } => {
                What::Mail { from, to, subject: text(secrets, subject), text: text(secrets, body) }
            }
            What::Over { problem } => What::Over { problem: problem.map(|problem| text(secrets, problem)) },
            What::Begun { .. } | What::Page { .. } | What::Picture { .. } | What::LeftOut { .. } => what,
        }
    }
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    headers.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_lowercase())
}

/// The bound that it counts for.
fn kind_of(what: &What) -> usize {
    match what {
        What::Picture { .. } => 0,
        What::Snapshot { .. } => SNAPSHOTS,
        What::Exchange(exchange) if exchange.body.is_some() => 2,
        _ => 3,
    }
}

/// What is small, and without which nothing that was written before makes sense.
fn is_end(what: &What) -> bool {
    matches!(what, What::Over { .. } | What::Page { .. })
}

fn shortened(mut text: String) -> String {
    if text.len() > LONGEST {
        let cut = (0..=LONGEST).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
        text.truncate(cut);
        text.push('…');
    }
    text
}

/// A file that grows.
struct Log {
    path: PathBuf,
    at: u64,
    /// The beginning of a line.
    rest: Vec<u8>,
}

impl Log {
    /// The lines that were added; at the end also what is no whole line.
    fn added(&mut self, is_end: bool) -> Option<String> {
        /// At once, at most; the rest is looked at the next time.
        const PART: u64 = 64 << 10;
        let length = fs::metadata(&self.path).ok()?.len();
        if length > self.at {
            let mut file = File::open(&self.path).ok()?;
            file.seek(SeekFrom::Start(self.at)).ok()?;
            let read = file.take(PART).read_to_end(&mut self.rest).ok()?;
            self.at += read as u64;
        }
        let end =
            if is_end { self.rest.len() } else { self.rest.iter().rposition(|byte| *byte == b'\n')? + 1 };
        let lines: Vec<u8> = self.rest.drain(..end).collect();
        (!lines.is_empty()).then(|| String::from_utf8_lossy(&lines).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(write: impl FnOnce(&Journal, &Path)) -> Vec<serde_json::Value> {
        let dir = tempfile::tempdir().unwrap();
        let (file, log) = (dir.path().join("sub/trace.jsonl"), dir.path().join("app.log"));
        fs::write(&log, "before\n").unwrap();
        let secrets = Secrets::new(["open-sesame".to_owned()], &[]);
        let first = What::Page { page: 1, label: "one".to_owned() };
        let journal = Journal::begin(&file, first, secrets, Some(log.clone()), Bounds::TRACE).unwrap();
        write(&journal, &log);
        journal.end();
        let text = fs::read_to_string(&file).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn there_is_an_end_to_each_kind_and_only_to_that() {
        let picture = || What::Picture { page: 1, data: "x".repeat(100_000) };
        let lines = lines(|journal, _| {
            (0..60).for_each(|_| journal.write_at(Instant::now(), picture()));
            journal.write_at(Instant::now(), What::Over { problem: None });
        });
        let count = |is: &str| lines.iter().filter(|line| line["is"] == is).count();
        assert_eq!((count("picture"), count("left_out"), count("over")), (34, 1, 1));
    }

    #[test]
    fn what_the_application_logs_is_there_by_lines_and_without_secrets() {
        let lines = lines(|journal, log| {
            let mut log = fs::OpenOptions::new().append(true).open(log).unwrap();
            log.write_all(b"one open-").unwrap();
            journal.write_at(Instant::now(), What::LeftOut { what: "a look between" });
            log.write_all(b"sesame\ntwo").unwrap();
        });
        let logged: String = lines
            .iter()
            .filter(|line| line["is"] == "log")
            .map(|line| line["text"].as_str().unwrap())
            .collect();
        assert_eq!(logged, "one …\ntwo");
    }
}
