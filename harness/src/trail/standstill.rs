//! Where an attempt stands when its time is over.

use std::fmt::Write;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::waiting::{After, Wait};
use super::{Open, State, Trail};
use crate::model::{path_of, seconds};

/// As many steps at once are told of.
const MOST_STEPS: usize = 4;
/// Who repeats a call pauses between two, but not longer than this.
const PAUSE: Duration = Duration::from_secs(1);

/// Where an attempt stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standstill {
    /// In which steps for how long, and what it waits for in each; empty where nothing is known.
    pub(crate) text: String,
    /// The path of the first of these steps.
    pub(crate) steps: Vec<String>,
}

impl Standstill {
    /// The text after a colon, if there is any.
    pub(crate) fn after_colon(&self) -> String {
        if self.text.is_empty() { String::new() } else { format!(": {}", self.text) }
    }
}

impl Trail {
    /// Where the attempt stands now.
    pub(crate) fn standstill(&self) -> Standstill {
        let state = self.lock();
        let now = Instant::now();
        let mut shown: Vec<Option<&Open>> =
            state.open.iter().filter(|open| state.is_telling(open)).map(Some).collect();
        if shown.is_empty() || state.waits.iter().any(|wait| state.is_of_none(wait)) {
            shown.push(None);
        }
        let mut texts: Vec<String> =
            shown.iter().take(MOST_STEPS).map(|open| state.told(*open, now)).collect();
        texts.retain(|text| !text.is_empty());
        if shown.len() > MOST_STEPS {
            texts.push(format!("and in {} more steps", shown.len() - MOST_STEPS));
        }
        let first = shown.first().copied().flatten().map(|open| open.id);
        let steps = state.path(first).iter().map(ToString::to_string).collect();
        drop(state);
        Standstill { text: (self.of.mask)(texts.join("; ")), steps }
    }
}

impl State {
    /// The innermost steps tell where it stands, and those that wait for something themselves.
    fn is_telling(&self, open: &Open) -> bool {
        let has_steps = self.open.iter().any(|other| other.parent == Some(open.id));
        !has_steps || self.waits.iter().any(|wait| wait.step == Some(open.id))
    }

    fn is_of_none(&self, wait: &Wait) -> bool {
        !self.open.iter().any(|open| wait.step == Some(open.id))
    }

    /// `in step "saves" for 4.2 s, waiting for …`
    fn told(&self, open: Option<&Open>, now: Instant) -> String {
        let since = |then: Instant| seconds(now.saturating_duration_since(then));
        let mut text = String::new();
        if let Some(open) = open {
            let path = self.path(Some(open.id));
            let _ = write!(
                text,
                "in step {} for {}",
                path_of(path.iter().map(|title| &**title)),
                since(open.began)
            );
        }
        let is_here =
            |wait: &&Wait| open.map_or_else(|| self.is_of_none(wait), |open| wait.step == Some(open.id));
        let waits: Vec<String> = self
            .waits
            .iter()
            .filter(is_here)
            .map(|wait| for_how_long(&wait.what, &since(wait.since), wait.times))
            .collect();
        let after = open.map_or(&self.after, |open| &open.after).as_ref();
        let further = match (waits.as_slice(), after) {
            ([], None) => return text,
            ([], Some(After { what, since: then, times, ended })) => {
                if *times > 1 && now.saturating_duration_since(*ended) < PAUSE {
                    format!("waiting for {}", for_how_long(what, &since(*then), *times))
                } else {
                    format!("{} after {what} ended", since(*ended))
                }
            }
            (waits, _) => format!("waiting for {}", waits.join(" and ")),
        };
        let comma = if text.is_empty() { "" } else { ", " };
        format!("{text}{comma}{further}")
    }
}

fn for_how_long(what: &str, time: &str, times: u32) -> String {
    match times {
        0 | 1 => format!("{what} ({time})"),
        _ => format!("{what} ({time}, {times} times)"),
    }
}
