//! The event stream of a run: one order, one clock, one line each in `events.jsonl`.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::model::{Event, Record, micros};

/// How long events may gather between two writes: so much can be missing of a run that was killed. To wake the
/// writer for each event costs a test more than everything else about the event.
const GATHER: Duration = Duration::from_millis(2);

/// Takes events from every thread of a run. Cheap to clone.
///
/// Writing happens on a thread of its own, so that a slow disk delays no test. What has gathered is handed to the
/// system in whole lines: what happened before a kill is in the file, up to its last moment.
#[derive(Debug, Clone)]
pub(crate) struct Events {
    start: Instant,
    /// How long the run had gone on before it was stopped, where it goes on now.
    before: Duration,
    // One lock around the clock and the queue: the order of the lines is the order of their times.
    queue: Arc<Mutex<Sender<Record>>>,
}

/// The writing side; joined at the end of the run.
#[derive(Debug)]
pub(crate) struct Writer {
    thread: JoinHandle<io::Result<()>>,
    file: PathBuf,
}

impl Events {
    /// Begins the stream of a run in this file. Who listens is told of each event after it was written.
    pub(crate) fn create(path: &Path, listeners: Vec<Sender<Record>>) -> io::Result<(Self, Writer)> {
        Self::write_to(File::create_new(path)?, path, Duration::ZERO, listeners)
    }

    /// Goes on with the stream of a run that was stopped after so long. What a kill has torn of its last line is removed.
    pub(crate) fn go_on(
        path: &Path,
        before: Duration,
        listeners: Vec<Sender<Record>>,
    ) -> io::Result<(Self, Writer)> {
        let text = std::fs::read(path)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let file = OpenOptions::new().append(true).open(path)?;
        file.set_len(u64::try_from(whole).unwrap_or(u64::MAX))?;
        Self::write_to(file, path, before, listeners)
    }

    fn write_to(
        file: File,
        path: &Path,
        before: Duration,
        listeners: Vec<Sender<Record>>,
    ) -> io::Result<(Self, Writer)> {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("callboard events".to_owned())
            .spawn(move || write_all(&receiver, BufWriter::new(file), &listeners))?;
        let writer = Writer { thread, file: path.to_owned() };
        Ok((Self { start: Instant::now(), before, queue: Arc::new(Mutex::new(sender)) }, writer))
    }

    /// For how long the run has gone on.
    pub(crate) fn elapsed(&self) -> Duration {
        self.before + self.start.elapsed()
    }

    /// Adds an event that happens now.
    pub(crate) fn emit(&self, event: Event) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let at_us = micros(self.elapsed());
        // The writer ends early only when the disk refused; that is reported where it is joined.
        let _ = queue.send(Record { at_us, event });
    }
}

impl Writer {
    /// Waits until everything is written, the last event of the run included. Clones of [`Events`] may live on,
    /// in a test that never ends for instance; what they say after the last event is not kept.
    pub(crate) fn finish(self) -> io::Result<()> {
        let Self { thread, file } = self;
        let written =
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that writes events panicked")));
        written.map_err(|error| {
            let file = file.display();
            let message =
                format!("the events of the run are incomplete, because `{file}` cannot be written: {error}");
            io::Error::new(error.kind(), message)
        })
    }
}

fn write_all(
    receiver: &Receiver<Record>,
    mut file: BufWriter<File>,
    listeners: &[Sender<Record>],
) -> io::Result<()> {
    while let Ok(record) = receiver.recv() {
        let mut next = Some(record);
        while let Some(record) = next {
            write_line(&mut file, &record)?;
            let is_last = matches!(record.event, Event::RunFinished { .. });
            for listener in listeners {
                // One that has ended wants to know nothing more.
                let _ = listener.send(record.clone());
            }
            if is_last {
                return file.flush();
            }
            next = receiver.try_recv().ok();
        }
        file.flush()?;
        // Not a wait for anything: what is told meanwhile finds nobody whom it would have to wake.
        std::thread::sleep(GATHER);
    }
    Ok(())
}

/// An event as it stands in the file.
pub(crate) fn write_line(file: &mut impl Write, record: &Record) -> io::Result<()> {
    serde_json::to_writer(&mut *file, record)?;
    file.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &Path) -> Vec<Record> {
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    fn end(events: &Events) {
        events.emit(Event::RunFinished {
            counts: crate::model::Counts::default(),
            took_us: 0,
            interrupted: false,
            stopped_after: None,
        });
    }

    #[test]
    fn a_run_that_was_stopped_goes_on_after_its_last_whole_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events.jsonl");
        let (events, writer) = Events::create(&file, Vec::new()).unwrap();
        events.emit(Event::Notice { text: "before".to_owned() });
        end(&events);
        writer.finish().unwrap();
        let torn = std::fs::read_to_string(&file).unwrap() + "{\"at_us\":9,\"ev";
        std::fs::write(&file, torn).unwrap();
        let (events, writer) = Events::go_on(&file, Duration::from_mins(1), Vec::new()).unwrap();
        end(&events);
        writer.finish().unwrap();
        let lines = lines(&file);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].at_us < 60_000_000 && lines[2].at_us >= 60_000_000);
    }
}
