//! What programs spend that this one starts: time, and the time of processors.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{WaitOptions, getpid, set_child_subreaper, wait};

use super::error::Error;

/// The system's unit of processor time: as Linux tells it, always a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

/// A point in time.
pub(super) struct Spent {
    at: Instant,
    processor: Duration,
}

/// What one of several things cost.
pub(super) struct Cost {
    pub(super) wall: Duration,
    pub(super) processor: Duration,
}

impl Spent {
    /// From here on all processes count that begin beneath this one, those too whose parent ends before them: a browser is
    /// killed before the processes of its pages are.
    pub(super) fn so_far() -> Result<Self, Error> {
        set_child_subreaper(Some(getpid())).map_err(|error| Error::run("prctl", error.into()))?;
        Ok(Self { at: Instant::now(), processor: of_children()? })
    }

    /// What was spent since, for each of so many.
    pub(super) fn until_now(self, count: u32) -> Result<Cost, Error> {
        let wall = self.at.elapsed();
        // An error says that nobody is left.
        while wait(WaitOptions::empty()).is_ok() {}
        let processor = of_children()?.saturating_sub(self.processor);
        Ok(Cost { wall: wall / count, processor: processor / count })
    }
}

/// The processor time of all that was waited for, and of what that had waited for.
fn of_children() -> Result<Duration, Error> {
    let file = Path::new("/proc/self/stat");
    let stat = std::fs::read_to_string(file).map_err(|error| Error::file(file, error))?;
    // After the name, which may contain anything: fields 16 and 17 of proc(5).
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    let ticks = fields.split(' ').skip(13).take(2).filter_map(|field| field.parse::<u32>().ok());
    Ok(TICK * ticks.sum())
}
