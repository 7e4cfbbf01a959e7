//! What holds for the comparison of any answers.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::tests::{question, whose};
use super::{Answer, Question, difference, differences};
use crate::model::{Finding, Seen};

/// Texts as applications have them, of few kinds so that accounts agree; `#` stands for the number of the slot.
fn a_text() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "Logic",
        "Logic (W#)",
        "3 credits",
        "W# has 2 of 3",
        "",
        "7",
        "admin#@example.test",
        "a::b",
    ])
    .prop_map(str::to_owned)
}

fn an_answer() -> impl Strategy<Value = Answer> {
    prop_oneof![
        1 => Just(Answer::Ended),
        1 => Just(Answer::NotSaid),
        1 => a_text().prop_map(Answer::Failed),
        2 => a_text().prop_map(|text| Answer::Found(Finding::from(text))),
        4 => prop::collection::vec(a_text(), 0..5).prop_map(|list| Answer::Found(Finding::from(list))),
        1 => (0..3).prop_map(|number| Answer::Found(Finding::from(number))),
    ]
}

/// The answer as the account of this slot gives it.
fn of_slot(answer: &Answer, slot: u16) -> Answer {
    let texts = answer.texts().iter().map(|text| text.replace('#', &slot.to_string())).collect();
    match answer {
        // In another order, as a page may have them.
        Answer::Found(Finding(Seen::List(_))) => {
            let Answer::Found(Finding(Seen::List(mut list))) = answer.with_texts(texts) else {
                unreachable!()
            };
            let by = usize::from(slot) % list.len().max(1);
            list.rotate_left(by);
            Answer::Found(Finding(Seen::List(list)))
        }
        other => other.with_texts(texts),
    }
}

proptest! {
    /// What all accounts say, each of itself, is the same everywhere.
    #[test]
    fn what_each_says_of_itself_is_no_difference(answer in an_answer(), slots in 1_u16..20) {
        let answers = (0..slots).map(|slot| of_slot(&answer, slot)).collect();
        let found = difference(&question(answers));
        let is_failure = matches!(answer, Answer::Failed(_));
        prop_assert_eq!(found.is_some(), is_failure, "{:?}", found);
        if let Some(found) = found {
            prop_assert!(found.normal.is_none());
            prop_assert_eq!(found.groups.len(), 1);
        }
    }

    /// One account that says something else is the one that is named.
    #[test]
    fn the_one_that_differs_is_named(
        answer in an_answer(),
        slots in 4_u16..20,
        at in any::<prop::sample::Index>(),
    ) {
        let wrong = u16::try_from(at.index(usize::from(slots))).unwrap();
        let said = |slot| if slot == wrong { Answer::Failed("no such account".into()) } else { of_slot(&answer, slot) };
        prop_assume!(!matches!(answer, Answer::Failed(_)));
        let found = difference(&question((0..slots).map(said).collect())).unwrap();
        prop_assert_eq!(found.normal.unwrap().accounts.len(), usize::from(slots) - 1);
        prop_assert_eq!(&found.groups[0].accounts, &[whose(wrong)]);
        prop_assert_eq!(found.groups.len(), 1);
    }

    /// Each account is in one group, whatever they say; the majority is one, and the order of the accounts means nothing.
    #[test]
    fn each_account_is_told_once(
        answers in prop::collection::vec(an_answer(), 0..12),
        seed in any::<u64>(),
    ) {
        let asked = question(answers);
        let found = difference(&asked);
        let mut shuffled = asked.answers.clone();
        let length = shuffled.len().max(1);
        shuffled.rotate_left(usize::try_from(seed % 97).unwrap() % length);
        shuffled.reverse();
        prop_assert_eq!(&difference(&Question { answers: shuffled, ..asked.clone() }), &found);
        let Some(found) = found else { return Ok(()) };
        let groups: Vec<_> = found.normal.iter().chain(&found.groups).collect();
        let accounts: Vec<_> = groups.iter().flat_map(|group| &group.accounts).collect();
        let different: BTreeSet<_> = accounts.iter().collect();
        prop_assert_eq!((accounts.len(), different.len()), (asked.answers.len(), asked.answers.len()));
        if let Some(normal) = &found.normal {
            prop_assert!(normal.accounts.len() * 2 > asked.answers.len());
        }
        prop_assert!(found.groups.windows(2).all(|pair| pair[0].accounts.len() >= pair[1].accounts.len()));
        prop_assert_eq!(differences(&[asked]), [found]);
    }
}
