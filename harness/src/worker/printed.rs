//! What is printed during an attempt in a worker process, as the run sees it: a file that grows.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::Task;
use crate::model::SlotId;

/// Is shown what a test prints, as it does: in which slot, which test, and whole lines.
pub(crate) type OnOutput = Arc<dyn Fn(SlotId, &str, &[u8]) + Send + Sync>;

/// More is not kept of one attempt, in bytes. Where there is more, what came first is kept, and what came last.
const MOST: u64 = 16 << 20;
const FIRST: u64 = 8 << 20;
const LAST: u64 = 1 << 20;
/// How much is shown at a time, in bytes.
const PART: usize = 64 << 10;

/// See the module's documentation.
pub(super) struct Printed {
    file: PathBuf,
    /// Where it is kept if there is anything.
    kept: PathBuf,
    slot: SlotId,
    test: String,
    show: Option<(OnOutput, Shown)>,
}

/// How much was shown.
#[derive(Default)]
struct Shown {
    bytes: u64,
    /// A line whose end has not come yet.
    line: Vec<u8>,
}

impl Printed {
    pub(super) fn new(file: PathBuf, task: &Task, slot: SlotId, on_output: Option<OnOutput>) -> Self {
        Self {
            file,
            kept: task.folder.join("output.log"),
            slot,
            test: task.name.to_string(),
            show: on_output.map(|on_output| (on_output, Shown::default())),
        }
    }

    /// Shows what has come, and sees to it that it is not too much.
    pub(super) fn look(&mut self) {
        let Ok(length) = fs::metadata(&self.file).map(|data| data.len()) else { return };
        self.show(length);
        if length > MOST {
            // Whoever prints goes on at the end, and where a hole cannot be made, there is only more of it.
            #[cfg(target_os = "linux")]
            let _ = self.free(length);
        }
    }

    /// Gives the space of what will not be kept back, while somebody writes.
    #[cfg(target_os = "linux")]
    fn free(&self, length: u64) -> io::Result<()> {
        use rustix::fs::{FallocateFlags, fallocate};
        let file = File::options().write(true).open(&self.file)?;
        let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
        Ok(fallocate(file, flags, FIRST, length - FIRST - LAST)?)
    }

    /// The attempt is over: what was printed is kept with it.
    pub(super) fn keep(mut self) {
        self.look();
        if let Some((on_output, shown)) = &mut self.show
            && !shown.line.is_empty()
        {
            on_output(self.slot, &self.test, &shown.line);
        }
        let is_empty = fs::metadata(&self.file).map_or(true, |data| data.len() == 0);
        let kept = if is_empty { fs::remove_file(&self.file) } else { self.rename() };
        if let Err(error) = kept
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, file = %self.file.display(), "the output of a test could not be kept");
        }
    }

    fn rename(&self) -> io::Result<()> {
        fs::create_dir_all(self.kept.parent().unwrap_or(&self.kept))?;
        let length = fs::metadata(&self.file)?.len();
        if length <= MOST {
            return fs::rename(&self.file, &self.kept);
        }
        let mut all = File::open(&self.file)?;
        let mut kept = File::create(&self.kept)?;
        io::copy(&mut (&all).take(FIRST), &mut kept)?;
        let left_out = length - FIRST - LAST;
        writeln!(kept, "\n… callboard: {left_out} bytes are left out here …")?;
        all.seek(SeekFrom::End(-LAST.cast_signed()))?;
        io::copy(&mut all, &mut kept)?;
        fs::remove_file(&self.file)
    }

    fn show(&mut self, length: u64) {
        let Some((on_output, shown)) = &mut self.show else { return };
        if length <= shown.bytes {
            return;
        }
        let Ok(mut file) = File::open(&self.file) else { return };
        if file.seek(SeekFrom::Start(shown.bytes)).is_err() {
            return;
        }
        let mut part = vec![0; PART];
        while shown.bytes < length {
            let Ok(read @ 1..) = file.read(&mut part) else { return };
            shown.bytes += read as u64;
            shown.line.extend_from_slice(&part[..read]);
            if let Some(end) = shown.line.iter().rposition(|byte| *byte == b'\n') {
                let lines: Vec<u8> = shown.line.drain(..=end).collect();
                on_output(self.slot, &self.test, &lines);
            }
        }
    }
}
