//! The event stream of a run: one order, one clock, one line each in `events.jsonl`.

use std::fs::File;
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
        let file = File::create_new(path)?;
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("callboard events".to_owned())
            .spawn(move || write_all(&receiver, BufWriter::new(file), &listeners))?;
        let writer = Writer { thread, file: path.to_owned() };
        Ok((Self { start: Instant::now(), queue: Arc::new(Mutex::new(sender)) }, writer))
    }

    /// When the run began.
    pub(crate) fn start(&self) -> Instant {
        self.start
    }

    /// Adds an event that happens now.
    pub(crate) fn emit(&self, event: Event) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let at_us = micros(self.start.elapsed());
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
