//! The works: what is measured, of whom, and how.

mod build;
mod empty;
mod growth;
mod latency;
mod records;
mod start;
mod tiny;

use super::super::error::Error;
use super::case::Work;
use super::setting::Setting;

/// Builds what a work measures.
pub(super) fn prepare<'a>(setting: &'a Setting<'_>, letter: char) -> Result<Work<'a>, Error> {
    eprintln!("preparing: ({letter})");
    let cases = match letter {
        'a' => empty::cases(setting),
        'b' => tiny::cases(setting),
        'c' => records::cases(setting),
        'd' => start::cases(setting),
        'e' => tiny::memory(setting),
        'f' => latency::cases(setting),
        'g' => build::cases(setting),
        _ => growth::cases(setting),
    }?;
    Ok(Work { letter, cases })
}
