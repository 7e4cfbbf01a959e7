//! Rows become tests of their own names, roles and places.
#![deny(warnings)]

use callboard::__private::{TestEntry, inventory};
use callboard::{Account, Session, Slot, TestResult, e2e};

mod values {
    pub(crate) const STATE: &str = "archived";

    pub(crate) struct Course<'a> {
        pub(crate) name: &'a str,
    }
}

use values::{Course, STATE};

const fn double(number: usize) -> usize {
    number * 2
}

/// Documented.
#[e2e(role = "instructor", tags = ["smoke"], retries = 1)]
#[case::draft("draft", double(3), Course { name: "Logic" })]
#[case::archived(STATE, 0, Course { name: &String::from("Sets") })]
#[case(role = "site_admin", concat!("a", "ll"), Vec::<(u8, u8)>::new().len(), Course { name: "" },)]
async fn lists_courses(
    #[case] state: &str,
    session: &Session,
    #[case] count: usize,
    account: &Account,
    #[case] Course { name }: Course<'_>,
) -> TestResult {
    let _ = (state, session, count, account, name);
    Ok(())
}

#[e2e]
#[case::instructor(role = "instructor")]
#[case::nobody(role = "guest")]
fn role_alone(_account: &Account) {}

#[e2e(roles = ["instructor", "admin"])]
#[case(|a: u8, b: u8| a + b)]
#[case(move |a, _| -> u8 { a })]
async fn of_any_type(instructor: &Account, #[case] sum: impl Fn(u8, u8) -> u8, admin: &Account) {
    let _ = (instructor, admin, sum(1, 2));
}

#[e2e]
#[allow(non_snake_case)]
#[case::HERE(1)]
#[cfg_attr(any(), case::elsewhere(not_even_looked_at))]
#[cfg_attr(all(), case(2))]
fn TC_001(#[case] mut number: u8, _slot: &Slot) {
    number += 1;
    assert!(number > 0);
}

#[e2e]
#[cfg(any())]
#[case(not_even_looked_at)]
fn configured_away(#[case] _number: u8) {}

#[e2e]
#[case::r#match(1)]
fn raw_names(#[case] r#type: u8) {
    let _ = r#type;
}

/// Its name is taken by the module, and the function is there all the same.
mod inner {
    use callboard::e2e;

    const BASE: u8 = 1;

    #[e2e(fixme = "it is wrong", skip_if = cfg!(any()))]
    #[case::one(BASE, super::double(1))]
    fn in_a_module(#[case] _number: u8, #[case] _other: usize) {}
}

#[e2e(skip_if = (STATE.len() > 100 || "a,b".contains(',') && false, "it cannot be"))]
fn with_reason() {}

#[e2e(skip_if = (1 > 2))]
fn in_parentheses() {}

#[e2e(skip_if = "a".parse::<Result<u8, u8>>().is_ok())]
#[cfg(any())]
fn with_commas() {}

#[e2e(skip_if = { let list: Vec<u8> = Vec::new(); list.len() == 1 }, tags = ["last"])]
fn a_block() {}

fn find(module: &str, name: &str) -> &'static TestEntry {
    let found = inventory::iter::<TestEntry>().find(|entry| entry.module == module && entry.name == name);
    found.unwrap_or_else(|| panic!("no {module}::{name}"))
}

fn main() {
    let this = module_path!();
    let of = |function: &str| {
        let mut rows: Vec<_> =
            inventory::iter::<TestEntry>().filter(|entry| entry.module == format!("{this}::{function}")).collect();
        rows.sort_by_key(|entry| entry.place.line);
        rows.iter().map(|entry| (entry.name, entry.place.line, entry.roles)).collect::<Vec<_>>()
    };
    assert_eq!(
        of("lists_courses"),
        [
            ("draft", 23, &["instructor"] as &[&str]),
            ("archived", 24, &["instructor"]),
            ("case_3", 25, &["site_admin"])
        ]
    );
    assert_eq!(of("role_alone"), [("instructor", 38, &["instructor"] as &[&str]), ("nobody", 39, &["guest"])]);
    let both: &[&str] = &["instructor", "admin"];
    assert_eq!(of("of_any_type"), [("case_1", 43, both), ("case_2", 44, both)]);
    assert_eq!(of("TC_001"), [("HERE", 51, &[] as &[&str]), ("case_2", 53, &[])]);
    assert!(of("configured_away").is_empty());
    assert_eq!(of("r#raw_names").len() + of("raw_names").len(), 1);

    let draft = find(&format!("{this}::lists_courses"), "draft");
    assert_eq!((draft.tags, draft.retries), (&["smoke"] as &[&str], Some(1)));
    let inner = find(&format!("{this}::inner::in_a_module"), "one");
    assert_eq!(inner.fixme, Some("it is wrong"));

    let skip_if = |name: &str| find(this, name).skip_if.map(|skip_if| ((skip_if.condition)(), skip_if.reason));
    assert_eq!(inner.skip_if.map(|skip_if| skip_if.reason), Some("cfg!(any())"));
    assert_eq!(skip_if("with_reason"), Some((false, "it cannot be")));
    assert_eq!(skip_if("in_parentheses"), Some((false, "1 > 2")));
    assert_eq!(skip_if("a_block").map(|(holds, _)| holds), Some(false));
}
