//! The command line.

use std::ffi::OsString;

use super::planted::Planted;
use super::world::World;
use crate::bench::error::Error;

/// What is asked for.
pub(super) struct Asked {
    faults: Vec<String>,
    only: Option<String>,
    held_out: bool,
    seeds: u64,
    healthy: u64,
    pub(super) budget: String,
    pub(super) workers: String,
    pub(super) has_baseline: bool,
    pub(super) release: bool,
}

impl Asked {
    /// `None` if help is asked for.
    pub(super) fn read(args: impl Iterator<Item = OsString>) -> Result<Option<Self>, Error> {
        let mut asked = Self {
            faults: Vec::new(),
            only: None,
            held_out: false,
            seeds: 1,
            healthy: 0,
            budget: "20".to_owned(),
            workers: "16!".to_owned(),
            has_baseline: true,
            release: false,
        };
        let mut args = args;
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy().into_owned();
            let (name, given) = match text.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (text, None),
            };
            let mut value = || {
                let next = || args.next().map(|next| next.to_string_lossy().into_owned());
                let value = given.clone().or_else(next).filter(|value| !value.is_empty());
                value.ok_or_else(|| Error::Option { name: name.clone(), wants: "a value" })
            };
            let number = |text: String| {
                text.parse::<u64>().map_err(|_| Error::Option { name: name.clone(), wants: "a number" })
            };
            match name.as_str() {
                "--faults" => asked.faults.extend(value()?.split(',').map(str::to_owned)),
                "--only" => asked.only = Some(value()?),
                "--seeds" => asked.seeds = number(value()?)?,
                "--healthy" => asked.healthy = number(value()?)?,
                "--budget" => asked.budget = value()?,
                "--workers" => asked.workers = value()?,
                "--held-out" => asked.held_out = true,
                "--no-baseline" => asked.has_baseline = false,
                "--release" => asked.release = true,
                "--help" | "-h" => return Ok(None),
                _ => return Err(Error::Argument(arg)),
            }
        }
        Ok(Some(asked))
    }

    /// The worlds that are to be made, seed by seed, so that what is interrupted has seen every fault first.
    pub(super) fn worlds(&self, planted: &Planted) -> Result<Vec<World>, Error> {
        let mut faults: Vec<Vec<String>> = Vec::new();
        for asked in &self.faults {
            faults.push(planted.named(asked)?);
        }
        let is_all = self.faults.is_empty() && self.healthy == 0
            || self.faults.is_empty() && (self.only.is_some() || self.held_out);
        if is_all {
            faults.extend(planted.names().map(|name| vec![name.to_owned()]));
        }
        if let Some(class) = &self.only {
            planted.check_class(class)?;
            faults.retain(|faults| planted.of(faults).iter().any(|fault| fault.class == *class));
        }
        faults.retain(|faults| !self.held_out || planted.is_held_out(faults));
        let of = |faults: &Vec<String>, seed| World { faults: faults.clone(), seed };
        let with = (1..=self.seeds).flat_map(|seed| faults.iter().map(move |faults| of(faults, seed)));
        let healthy = (1..=self.healthy).map(|seed| World { faults: Vec::new(), seed });
        Ok(with.chain(healthy).collect())
    }
}
