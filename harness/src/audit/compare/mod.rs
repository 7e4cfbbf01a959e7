//! Where the answers of accounts are not the same. Pure: it knows no clock, process or file.

mod alike;
#[cfg(test)]
mod properties;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Finding, Role, Seen, SlotId};

/// Something that each account of a role was asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) role: Role,
    /// `sign_in`, or the name of a probe.
    pub(super) check: String,
    /// What of it; nothing where it is whether it came to its end.
    pub(super) finding: Option<String>,
    pub(super) answers: Vec<(Whose, Answer)>,
}

/// Whose answer it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Whose {
    pub(super) slot: SlotId,
    pub(super) username: String,
    /// Where the application was.
    #[serde(skip)]
    pub(super) base_url: String,
}

/// What an account has answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Answer {
    /// It came to its end.
    Ended,
    /// It did not: why.
    Failed(String),
    /// It found this.
    Found(Finding),
    /// It said nothing of it, where others did.
    NotSaid,
}

/// The answers to a question are not the same, or are all failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) role: Role,
    pub(super) check: String,
    pub(super) finding: Option<String>,
    /// What more than half of the accounts have said, and some others have not.
    pub(super) normal: Option<Group>,
    /// All others, the largest group first.
    pub(super) groups: Vec<Group>,
}

/// Accounts that have said the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// In the order of their slots.
    pub(super) accounts: Vec<Whose>,
    /// With `{slot}`, `{port}`, `{username}` and `{base_url}` where these are what differed.
    pub(super) said: Answer,
}

/// See the module.
pub(super) fn differences<'a>(questions: impl IntoIterator<Item = &'a Question>) -> Vec<Difference> {
    questions.into_iter().filter_map(difference).collect()
}

fn difference(question: &Question) -> Option<Difference> {
    let answers = alike::without_own_names(&question.answers);
    let mut by_answer: BTreeMap<Answer, Vec<Whose>> = BTreeMap::new();
    for ((whose, _), answer) in question.answers.iter().zip(answers) {
        by_answer.entry(answer).or_default().push(whose.clone());
    }
    let mut groups: Vec<Group> = by_answer
        .into_iter()
        .map(|(said, mut accounts)| {
            accounts.sort();
            Group { accounts, said }
        })
        .collect();
    let is_failure = |group: &Group| matches!(group.said, Answer::Failed(_));
    if groups.len() < 2 && !groups.iter().any(is_failure) {
        return None;
    }
    groups.sort_by_key(|group| (std::cmp::Reverse(group.accounts.len()), group.accounts[0].slot));
    let has_majority = groups.len() > 1 && groups[0].accounts.len() * 2 > question.answers.len();
    let normal = has_majority.then(|| groups.remove(0));
    let Question { role, check, finding, .. } = question.clone();
    Some(Difference { role, check, finding, normal, groups })
}

impl Answer {
    /// The texts in it.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Failed(text) | Self::Found(Finding(Seen::Text(text))) => vec![text],
            Self::Found(Finding(Seen::List(texts))) => texts.iter().map(String::as_str).collect(),
            Self::Ended | Self::NotSaid | Self::Found(_) => Vec::new(),
        }
    }

    /// The same with these texts, as many as it has; a list in their order.
    fn with_texts(&self, mut texts: Vec<String>) -> Self {
        let mut only = || texts.pop().unwrap_or_default();
        match self {
            Self::Failed(_) => Self::Failed(only()),
            Self::Found(Finding(Seen::Text(_))) => Self::Found(Finding(Seen::Text(only()))),
            Self::Found(Finding(Seen::List(_))) => {
                texts.sort();
                Self::Found(Finding(Seen::List(texts)))
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn whose(slot: u16) -> Whose {
        Whose {
            slot: SlotId(slot),
            username: format!("admin{slot}@example.test"),
            base_url: format!("http://127.0.0.1:{}", 3002 + slot),
        }
    }

    pub(super) fn question(answers: Vec<Answer>) -> Question {
        let answers = (0..).map(whose).zip(answers).collect();
        Question { role: Role::new("admin"), check: "programs".into(), finding: None, answers }
    }

    fn lists(lists: &[&[&str]]) -> Vec<Answer> {
        lists.iter().map(|list| Answer::Found(Finding::from(*list))).collect()
    }

    fn slots(group: &Group) -> Vec<u16> {
        group.accounts.iter().map(|whose| whose.slot.0).collect()
    }

    /// The slots of the majority, and those of each other group.
    fn told(answers: Vec<Answer>) -> Option<(Vec<u16>, Vec<Vec<u16>>)> {
        let difference = difference(&question(answers))?;
        let normal = difference.normal.as_ref().map(slots).unwrap_or_default();
        Some((normal, difference.groups.iter().map(slots).collect()))
    }

    #[test]
    fn the_majority_is_normal() {
        let answers = lists(&[&["A", "B"], &["A", "B"], &["B", "A"], &[], &[]]);
        assert_eq!(told(answers), Some((vec![0, 1, 2], vec![vec![3, 4]])));
    }

    #[test]
    fn without_a_majority_nobody_is_blamed() {
        assert_eq!(told(lists(&[&["A"], &[], &["A"], &[]])), Some((vec![], vec![vec![0, 2], vec![1, 3]])));
        let three = lists(&[&["A"], &["B"], &["C"], &["A"]]);
        assert_eq!(told(three), Some((vec![], vec![vec![0, 3], vec![1], vec![2]])));
    }

    #[test]
    fn what_is_the_same_is_no_difference() {
        assert_eq!(told(lists(&[&["A"], &["A"]])), None);
        assert_eq!(told(vec![Answer::Ended, Answer::Ended]), None);
        assert_eq!(told(Vec::new()), None);
    }

    #[test]
    fn that_all_fail_is_told_too() {
        let failed = || Answer::Failed("errored: no such user".into());
        assert_eq!(told(vec![failed(), failed()]), Some((vec![], vec![vec![0, 1]])));
        assert_eq!(told(vec![failed()]), Some((vec![], vec![vec![0]])));
        assert_eq!(told(vec![Answer::Ended, failed(), Answer::Ended]), Some((vec![0, 2], vec![vec![1]])));
    }

    #[test]
    fn a_number_that_is_the_slots_own_is_the_same() {
        let of = |slot: u16| format!("Computer Science (W{slot})");
        let own = |slots: [u16; 4]| slots.map(|slot| Answer::Found(Finding::from(vec![of(slot)]))).to_vec();
        assert_eq!(told(own([0, 1, 2, 3])), None);
        assert_eq!(told(own([0, 0, 2, 3])), Some((vec![0, 2, 3], vec![vec![1]])));
        assert_eq!(told(own([0, 0, 0, 0])), None);
        let difference = difference(&question(own([0, 0, 2, 3]))).unwrap();
        let normal = Answer::Found(Finding::from(vec!["Computer Science (W{slot})"]));
        assert_eq!(difference.normal.unwrap().said, normal);
        assert_eq!(difference.groups[0].said, Answer::Found(Finding::from(vec![of(0)])));
    }

    #[test]
    fn what_everybody_sees_of_all_slots_is_the_same() {
        let all = ["College 0", "College 1", "College 2"];
        assert_eq!(told(lists(&[&all, &all, &all])), None);
        assert_eq!(told(lists(&[&all, &all, &all, &all[..2]])), Some((vec![0, 1, 2], vec![vec![3]])));
    }

    #[test]
    fn a_number_that_happens_to_be_that_of_a_slot_is_a_number() {
        let of = |slot: u16| {
            Answer::Found(Finding::from(vec![
                format!("CS (W{slot})"),
                "3 credits".into(),
                format!("W{slot}: 2 of 3"),
            ]))
        };
        assert_eq!(told((0..5).map(of).collect()), None);
    }

    #[test]
    fn usernames_and_addresses_are_the_slots_own() {
        let users = ["ida", "bob", "eva"];
        let questions = |said: &dyn Fn(usize) -> Finding| {
            let answers = users.iter().enumerate().map(|(slot, user)| {
                let base_url = format!("http://{user}.example.test");
                let slot_id = SlotId(u16::try_from(slot).unwrap());
                let whose = Whose { slot: slot_id, username: (*user).into(), base_url };
                (whose, Answer::Found(said(slot)))
            });
            Question { answers: answers.collect(), ..question(Vec::new()) }
        };
        let of = |slot: usize| Finding::from(format!("{0} at http://{0}.example.test/home", users[slot]));
        assert_eq!(differences(&[questions(&of)]), []);
        // A list of all users names each.
        assert_eq!(differences(&[questions(&|_| Finding::from(users.as_slice()))]), []);
        let two = |slot: usize| of(if slot == 2 { 0 } else { slot });
        assert_eq!(differences(&[questions(&two)]).len(), 1);
    }
}
