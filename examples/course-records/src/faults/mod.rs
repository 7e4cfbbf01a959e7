//! Planted faults: bugs such as applications really have, off unless `--fault NAME` or
//! `COURSE_RECORDS_FAULTS` switches them on. They are what a diagnosis of test failures is tried on.
//!
//! Each is asked for at one place, as `if Fault::Name.is_on()`. What a fault needs beyond a line or two
//! there is in `planted`. `faults.toml` beside the package says which tests each makes fail, and when.

pub(crate) mod planted;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

/// Names separated by commas, for whoever cannot give options: set-up commands and services of a run.
pub(crate) const VARIABLE: &str = "COURSE_RECORDS_FAULTS";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    AdminsUnassigned,
    CoursesInvisible,
    ModalStaysOpen,
    RegistrationRace,
    DashboardRace,
    BadAccount,
    StickySearch,
    CalendarForAll,
    StaleIndex,
    SharedRevision,
    PoolRunsDry,
    SlowReport,
    EndlessPager,
    NumberFromClock,
    CacheWithoutViewer,
    FirstPageOnly,
    DatabaseLocked,
    ShortToken,
}

/// A fault's name and what it does.
const FAULTS: [(Fault, &str, &str); 18] = [
    (
        Fault::AdminsUnassigned,
        "admins-unassigned",
        "seeding does not assign program admins to their program, but to whatever their institution has",
    ),
    (
        Fault::CoursesInvisible,
        "courses-invisible",
        "who changes an assessment must see its course, and instructors' courses are looked up as program admins' are",
    ),
    (
        Fault::ModalStaysOpen,
        "modal-stays-open",
        "the profile's dialog closes when its fade-out ends, and the style sheet has none",
    ),
    (
        Fault::RegistrationRace,
        "registration-race",
        "the form of a registration has the next campus number, which is claimed when the password is first reset, whoever has got it meanwhile",
    ),
    (
        Fault::DashboardRace,
        "dashboard-race",
        "the dashboard registers with the server, does not wait for it, and fetches what only registered ones get",
    ),
    (
        Fault::BadAccount,
        "bad-account",
        "seeding assigns the program admin of worker 1 to the program of worker 0",
    ),
    (
        Fault::StickySearch,
        "sticky-search",
        "the server remembers what a person last searched for, and an empty search does not clear it",
    ),
    (
        Fault::CalendarForAll,
        "calendar-for-all",
        "the campus calendar has one entry for all terms of all institutions: the one published last",
    ),
    (Fault::StaleIndex, "stale-index", "users are searched in an index that only a change of a user builds"),
    (
        Fault::SharedRevision,
        "shared-revision",
        "all institutions share one revision of the catalogue, so any edit makes the others' pages outdated",
    ),
    (
        Fault::PoolRunsDry,
        "pool-runs-dry",
        "the directory keeps a connection for each registration until its address is verified, and has three",
    ),
    (
        Fault::SlowReport,
        "slow-report",
        "the offerings come with a utilisation report that is computed afresh, under a time limit",
    ),
    (
        Fault::EndlessPager,
        "endless-pager",
        "a table's pager never comes to its last page when there are no rows, until the browser's memory is full",
    ),
    (
        Fault::NumberFromClock,
        "number-from-clock",
        "campus numbers are the seconds of the clock, so that two within one second are the same",
    ),
    (
        Fault::CacheWithoutViewer,
        "cache-without-viewer",
        "lists are cached until the next change, under a key that lacks whose list it is",
    ),
    (Fault::FirstPageOnly, "first-page-only", "lists end after ten rows, and there is no second page"),
    (
        Fault::DatabaseLocked,
        "database-locked",
        "connections have neither a write-ahead log nor a busy timeout: who comes second is turned away",
    ),
    (
        Fault::ShortToken,
        "short-token",
        "the session's cookie is printed as two numbers, without their leading zeros",
    ),
];

/// Names for several faults at once.
const SETS: [(&str, &[Fault]); 1] = [(
    "analysis",
    &[
        Fault::AdminsUnassigned,
        Fault::CoursesInvisible,
        Fault::ModalStaysOpen,
        Fault::RegistrationRace,
        Fault::DashboardRace,
    ],
)];

/// What this process was started with.
static ON: OnceLock<BTreeSet<Fault>> = OnceLock::new();

impl Fault {
    pub(crate) fn is_on(self) -> bool {
        ON.get().is_some_and(|on| on.contains(&self))
    }

    pub(crate) fn name(self) -> &'static str {
        FAULTS.iter().find(|(fault, ..)| *fault == self).map_or("", |(_, name, _)| name)
    }
}

/// One or several faults, as `--fault` takes them.
#[derive(Debug, Clone)]
pub(crate) struct Chosen(Vec<Fault>);

impl FromStr for Chosen {
    type Err = Unknown;

    fn from_str(name: &str) -> Result<Self, Unknown> {
        if let Some((_, set)) = SETS.iter().find(|(set, _)| *set == name) {
            return Ok(Self(set.to_vec()));
        }
        let fault = FAULTS.iter().find(|(_, known, _)| *known == name).map(|(fault, ..)| *fault);
        fault.map(|fault| Self(vec![fault])).ok_or_else(|| Unknown(name.to_owned()))
    }
}

/// Has an effect once, before anything of the application runs. Blank names in the variable are none.
pub(crate) fn switch_on(options: &[Chosen], variable: &str) -> Result<(), Unknown> {
    let names = variable.split(',').map(str::trim).filter(|name| !name.is_empty());
    let variable = names.map(str::parse).collect::<Result<Vec<Chosen>, _>>()?;
    let on = ON.get_or_init(|| options.iter().chain(&variable).flat_map(|chosen| chosen.0.clone()).collect());
    if !on.is_empty() {
        tracing::warn!("planted faults: {}", names_of(on));
    }
    Ok(())
}

/// Those that are on, as the pages' scripts read them.
pub(crate) fn names_on() -> String {
    ON.get().map(names_of).unwrap_or_default()
}

fn names_of<'f>(faults: impl IntoIterator<Item = &'f Fault>) -> String {
    faults.into_iter().map(|fault| fault.name()).collect::<Vec<_>>().join(" ")
}

/// Every fault and set, a line each.
pub(crate) fn overview() -> String {
    let width = FAULTS.iter().map(|(_, name, _)| name.len()).max().unwrap_or_default();
    let sets = SETS.iter().map(|(name, faults)| (*name, format!("these at once: {}", names_of(*faults))));
    let faults = FAULTS.iter().map(|(_, name, about)| (*name, (*about).to_owned()));
    let lines = faults.chain(sets).map(|(name, about)| format!("{name:width$}  {about}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A name that no fault has.
#[derive(Debug)]
pub(crate) struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = || SETS.iter().map(|(name, _)| *name).chain(FAULTS.iter().map(|(_, name, _)| *name));
        write!(f, "there is no fault `{}`", self.0.escape_debug())?;
        let distance = |name: &&str| strsim::damerau_levenshtein(name, &self.0);
        // Further away than that, it is no slip of the finger.
        let nearest = names().min_by_key(distance).filter(|name| distance(name) <= name.len() / 3);
        match nearest {
            Some(name) => write!(f, "; did you mean `{name}`? The faults are ")?,
            None => write!(f, "; the faults are ")?,
        }
        write!(f, "{}", names().collect::<Vec<_>>().join(", "))
    }
}

impl std::error::Error for Unknown {}

#[cfg(test)]
mod tests {
    use super::{Chosen, FAULTS, Fault, SETS};

    #[test]
    fn names_lead_to_their_faults() {
        for (fault, name, _) in FAULTS {
            assert_eq!(name.parse::<Chosen>().unwrap().0, [fault]);
            assert_eq!(fault.name(), name);
            assert!(SETS.iter().all(|(set, _)| *set != name));
        }
        assert_eq!("analysis".parse::<Chosen>().unwrap().0.len(), 5);
    }

    #[test]
    fn an_unknown_name_is_told_with_the_nearest_and_all() {
        let said = "modal-stay-open".parse::<Chosen>().unwrap_err().to_string();
        assert!(
            said.starts_with("there is no fault `modal-stay-open`; did you mean `modal-stays-open`?"),
            "{said}"
        );
        assert!(said.contains("analysis, admins-unassigned, ") && said.ends_with("short-token"), "{said}");
        assert!(!"nothing of that kind".parse::<Chosen>().unwrap_err().to_string().contains("did you mean"));
    }

    #[test]
    fn nothing_is_on_unless_it_was_switched_on() {
        assert!(FAULTS.iter().all(|(fault, ..)| !fault.is_on()));
        assert!(!Fault::ShortToken.is_on());
    }
}
