//! What is the same but for the names of its place: slot 3 has the program `Logic (W3)`, and slot 4 `Logic (W4)`.
//!
//! A number that is the slot's own may also be there by chance, and a username be in a list of all users. So each is read
//! in both ways, and that way counts in which more accounts say the same: names as they are, unless it is better without
//! them; of numbers each place in texts of one form by itself.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Answer, Whose};

/// The texts of an account.
type Texts = Vec<String>;

/// The answers, in their order, with `{slot}`, `{port}`, `{username}` and `{base_url}` in the place of what is the account's own.
pub(super) fn without_own_names(answers: &[(Whose, Answer)]) -> Vec<Answer> {
    let texts: Vec<Texts> =
        answers.iter().map(|(_, answer)| answer.texts().into_iter().map(str::to_owned).collect()).collect();
    let whose: Vec<&Whose> = answers.iter().map(|(whose, _)| whose).collect();
    let as_they_are = numbers(&whose, texts.clone());
    let named = whose.iter().zip(texts).map(|(whose, texts)| without_names(whose, texts));
    let without = numbers(&whose, named.collect());
    let best = if unity(&without) > unity(&as_they_are) { without } else { as_they_are };
    answers.iter().zip(best).map(|((_, answer), texts)| answer.with_texts(texts)).collect()
}

/// How much of one mind they are: more with fewer groups, and with a larger one.
fn unity<T: Ord + Clone>(said: &[Vec<T>]) -> (Reverse<usize>, usize) {
    let mut groups: BTreeMap<Vec<T>, usize> = BTreeMap::new();
    for texts in said {
        let mut texts = texts.clone();
        texts.sort();
        *groups.entry(texts).or_default() += 1;
    }
    (Reverse(groups.len()), groups.values().copied().max().unwrap_or_default())
}

fn without_names(whose: &Whose, texts: Texts) -> Texts {
    let without = |text: String, name: &str, mark: &str| {
        if name.is_empty() { text } else { text.replace(name, mark) }
    };
    // The address first: the username may be a part of it.
    let of_text = |text| {
        let text = without(text, &whose.base_url, "{base_url}");
        without(text, &whose.username, "{username}")
    };
    texts.into_iter().map(of_text).collect()
}

/// A text in parts: what is around its numbers, and these.
struct Parts {
    around: Vec<String>,
    numbers: Vec<String>,
}

impl Parts {
    fn of(text: &str) -> Self {
        let (mut around, mut numbers) = (vec![String::new()], Vec::<String>::new());
        let mut is_number = false;
        for character in text.chars() {
            let goes_on = is_number;
            is_number = character.is_ascii_digit();
            match (is_number, goes_on) {
                (true, true) => numbers.last_mut().into_iter().for_each(|last| last.push(character)),
                (true, false) => {
                    numbers.push(character.to_string());
                    around.push(String::new());
                }
                (false, _) => around.last_mut().into_iter().for_each(|last| last.push(character)),
            }
        }
        Self { around, numbers }
    }

    fn whole(&self) -> String {
        let mut text = String::new();
        for (index, around) in self.around.iter().enumerate() {
            text.push_str(around);
            text.push_str(self.numbers.get(index).map_or("", String::as_str));
        }
        text
    }
}

/// The number as the account's own, if it is.
fn own(whose: &Whose, number: &str) -> Option<String> {
    let value: u16 = number.parse().ok()?;
    let port =
        whose.base_url.rsplit(':').next().and_then(|port| port.trim_end_matches('/').parse::<u16>().ok());
    if value == whose.slot.0 {
        return Some(match number.len() {
            width if number.starts_with('0') && width > 1 => format!("{{slot:0{width}}}"),
            _ => "{slot}".to_owned(),
        });
    }
    (Some(value) == port).then(|| "{port}".to_owned())
}

/// The texts of each account, with the numbers that are its own as such.
fn numbers(whose: &[&Whose], texts: Vec<Texts>) -> Vec<Texts> {
    let mut parts: Vec<Vec<Parts>> =
        texts.iter().map(|texts| texts.iter().map(|text| Parts::of(text)).collect()).collect();
    // Texts that differ in nothing but numbers: of which account each is, and which of its.
    let mut forms: BTreeMap<Vec<String>, Vec<(usize, usize)>> = BTreeMap::new();
    for (account, texts) in parts.iter().enumerate() {
        for (index, text) in texts.iter().enumerate() {
            forms.entry(text.around.clone()).or_default().push((account, index));
        }
    }
    for (around, members) in forms {
        // Of a text that one account alone has, nothing tells whose its numbers are.
        if members.iter().all(|(account, _)| *account == members[0].0) {
            continue;
        }
        for place in 0..around.len() - 1 {
            let (mut as_it_is, mut as_own) = (vec![Vec::new(); whose.len()], vec![Vec::new(); whose.len()]);
            for &(account, index) in &members {
                let number = &parts[account][index].numbers[place];
                as_it_is[account].push(number.clone());
                as_own[account].push(own(whose[account], number).unwrap_or_else(|| number.clone()));
            }
            // Where everybody says the same number, it is nobody's own.
            let (own_unity, unity) = (unity(&as_own), unity(&as_it_is));
            if own_unity < unity || unity.0 == Reverse(1) {
                continue;
            }
            for &(account, index) in members.iter().rev() {
                // In their order from the end.
                let number = as_own[account].pop().unwrap_or_default();
                parts[account][index].numbers[place] = number;
            }
        }
    }
    parts.iter().map(|texts| texts.iter().map(Parts::whole).collect()).collect()
}
