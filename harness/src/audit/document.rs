//! `audit.json`: what an audit has found, for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::checks::Checks;
use super::compare::{Answer, Difference, Group, Whose, differences};
use super::gather::Gathered;
use crate::model::{Finding, Role, SlotId};
use crate::story::Story;

/// The version of the document.
const FORMAT: u32 = 1;

/// See the module.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    format: u32,
    callboard: String,
    run: String,
    /// RFC 3339, in UTC.
    started: String,
    took_us: u64,
    /// How many accounts were looked at.
    accounts: usize,
    pub(super) differences: Vec<Told>,
    /// Slots in which something could not be asked, and why.
    pub(super) not_done: Vec<NotDone>,
    /// All answers, as they were given.
    answers: Vec<Given>,
    /// The accounts of so many roles and slots, in words.
    #[serde(skip)]
    pub(super) extent: String,
    #[serde(skip)]
    pub(super) checks: usize,
}

/// A difference.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub(super) role: Role,
    pub(super) check: String,
    /// What of it; nothing where it is whether it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) finding: Option<String>,
    /// What more than half of the accounts say; null where no answer is that of more than half, or where all fail.
    pub(super) normal: Option<Same>,
    pub(super) others: Vec<Same>,
}

/// Accounts that say the same.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Same {
    pub(super) accounts: Vec<Whose>,
    pub(super) said: Said,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Said {
    Ended,
    Failed(String),
    Found(Finding),
    /// It said nothing of it, where others did.
    Silent,
}

#[derive(Debug, Serialize)]
pub(super) struct NotDone {
    pub(super) slot: SlotId,
    pub(super) why: String,
}

/// The answers of an account.
#[derive(Debug, Serialize)]
struct Given {
    role: Role,
    slot: SlotId,
    username: String,
    /// By check, and what of it: `programs`, `programs: names`.
    said: BTreeMap<String, Said>,
}

impl Document {
    /// The document of what was gathered.
    pub(crate) fn of(checks: &Checks, gathered: &Gathered, story: &Story) -> Self {
        let mut answers: BTreeMap<(Role, Whose), BTreeMap<String, Said>> = BTreeMap::new();
        for question in &gathered.questions {
            let name = match &question.finding {
                Some(finding) => format!("{}: {finding}", question.check),
                None => question.check.clone(),
            };
            for (whose, answer) in &question.answers {
                let of_account = answers.entry((question.role.clone(), whose.clone())).or_default();
                of_account.insert(name.clone(), answer.clone().into());
            }
        }
        let given = |((role, Whose { slot, username, .. }), said)| Given { role, slot, username, said };
        Self {
            format: FORMAT,
            callboard: story.run.callboard.clone(),
            run: story.run.id.clone(),
            started: story.run.started.clone(),
            took_us: story.took_us(),
            accounts: checks.accounts.len(),
            differences: differences(&gathered.questions).into_iter().map(Told::from).collect(),
            not_done: gathered
                .not_done
                .iter()
                .map(|(slot, why)| NotDone { slot: *slot, why: why.clone() })
                .collect(),
            answers: answers.into_iter().map(given).collect(),
            extent: checks.extent(),
            checks: checks.len(),
        }
    }

    /// Whether accounts differ, or fail.
    pub(crate) fn has_differences(&self) -> bool {
        !self.differences.is_empty()
    }

    /// Whether everything that was to be asked was.
    pub(crate) fn is_whole(&self) -> bool {
        self.not_done.is_empty()
    }
}

impl From<Difference> for Told {
    fn from(difference: Difference) -> Self {
        let Difference { role, check, finding, normal, groups } = difference;
        let others = groups.into_iter().map(Same::from).collect();
        Self { role, check, finding, normal: normal.map(Same::from), others }
    }
}

impl From<Group> for Same {
    fn from(Group { accounts, said }: Group) -> Self {
        Self { accounts, said: said.into() }
    }
}

impl From<Answer> for Said {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Ended => Self::Ended,
            Answer::Failed(why) => Self::Failed(why),
            Answer::Found(finding) => Self::Found(finding),
            Answer::NotSaid => Self::Silent,
        }
    }
}
