//! What tests and the command line ask of a configuration.

use super::parse;
use crate::config::Workers;

const TWO: &str = r#"[slots]
count = 4
[roles.instructor]
username = "i{slot}"
password = "hunter2"
[roles.site_admin]
username = "root"
password = "hunter2"
accounts = 1
"#;

#[test]
fn workers_are_as_many_as_asked_for_but_no_more_than_slots() {
    let config = parse("[slots]\ncount = 4\n", &[]).unwrap();
    // asked, cores, tests
    for (asked, cores, tests, expected) in [
        (None, 2, 100, 2),
        (None, 64, 100, 4),
        (None, 64, 3, 3),
        (Some(3), 1, 100, 3),
        (Some(4), 1, 100, 4),
        (Some(16), 1, 2, 2),
        (Some(0), 1, 100, 1),
        (None, 4, 0, 1),
    ] {
        let expected = (Workers::at_most(expected), None);
        let asked = asked.map(Workers::at_most);
        assert_eq!(config.workers(asked, cores, tests), expected, "{asked:?} {cores} {tests}");
    }
    let exactly = |number| Workers { number, exact: true };
    let (workers, notice) = config.workers(Some(exactly(16)), 2, 100);
    assert_eq!(workers, exactly(4));
    assert_eq!(
        notice.unwrap(),
        "16 workers asked for, but there are 4 slots (slots.count in callboard.toml:2); running 4 at once"
    );
}

#[test]
fn what_limits_the_workers_is_named() {
    let accounts = "[roles.user]\nusername = \"root\"\npassword = \"\"\naccounts = 1\n";
    let config = parse(accounts, &[("CALLBOARD_WORKERS", "8")]).unwrap();
    assert_eq!(
        config.workers(None, 2, 100).1.unwrap(),
        "8 workers asked for, but there is 1 slot (the accounts of role `user`, callboard.toml:4); \
         running 1 at once"
    );
    // The command line goes before the environment.
    assert_eq!(config.workers(Some(Workers::at_most(1)), 2, 100), (Workers::at_most(1), None));
}

#[test]
fn an_exact_number_of_workers_has_an_exclamation_mark() {
    let exactly = |number| Some(Workers { number, exact: true });
    let in_file = "[slots]\ncount = 16\nworkers = \"8!\"\n";
    assert_eq!(parse(in_file, &[]).unwrap().slots.workers, exactly(8));
    let config = parse(in_file, &[("CALLBOARD_WORKERS", "4!")]).unwrap();
    assert_eq!(config.slots.workers, exactly(4));
    assert_eq!(config.workers(None, 2, 3), (Workers { number: 3, exact: true }, None));
    // The command line's word counts as a whole.
    assert_eq!(config.workers(Some(Workers::at_most(4)), 2, 9), (Workers::at_most(4), None));
    for wrong in ["\"0!\"", "\"x!\"", "\"8\"", "\"!\"", "\"many\""] {
        assert_eq!(
            parse(&format!("[slots]\nworkers = {wrong}\n"), &[]).unwrap_err().to_string(),
            format!(
                "error: `workers` is neither \"auto\" nor a number
  --> callboard.toml:2:11
   |
 2 | workers = {wrong}
   |           {}
   = help: write workers = \"auto\" for as many as there are cores, a number without quotes for so many at the most, or \
                 \"4!\" for exactly 4",
                "^".repeat(wrong.len())
            )
        );
    }
    assert_eq!(
        parse("", &[("CALLBOARD_WORKERS", "0!")]).unwrap_err().to_string(),
        "error: CALLBOARD_WORKERS is `0!`
  --> environment variable CALLBOARD_WORKERS
   = help: set it to `auto`, a number from 1 to 10000, or one with `!` after it for exactly so many, or unset it"
    );
}

#[test]
fn a_role_that_is_not_there() {
    let config = parse(TWO, &[]).unwrap();
    config.check_role("instructor", "test `x`").unwrap();
    let error = config.check_role("instuctor", "test `x` (tests/e2e/a.rs:12:4)").unwrap_err();
    assert_eq!(
        error.to_string(),
        "error: test `x` (tests/e2e/a.rs:12:4) asks for role `instuctor`, which callboard.toml does not have
  --> callboard.toml
   = help: did you mean `instructor`? The roles are instructor, site_admin; or add it:

     [roles.instuctor]
     username = \"instuctor{slot}@example.test\"
     password = \"only-for-tests\""
    );
    let none = parse("", &[]).unwrap().check_role("user", "a sign-in").unwrap_err().to_string();
    assert!(none.contains("= help: add the role to callboard.toml:\n\n     [roles.user]\n"), "{none}");
}

#[test]
fn a_slot_that_is_not_there() {
    let config = parse(TWO, &[]).unwrap();
    config.check_slot(3, "test `x`").unwrap();
    assert_eq!(
        config.check_slot(4, "test `x`").unwrap_err().to_string(),
        "error: test `x` is pinned to slot 4, which does not exist
  --> callboard.toml
   = help: write a slot from 0 to 3, or more slots: there are 4 (slots.count in callboard.toml:2)"
    );
}

#[test]
fn a_test_that_fits_nowhere() {
    let config = parse(TWO, &[]).unwrap();
    let both = ["instructor", "site_admin"];
    config.check_place(&both, None, "test `x`").unwrap();
    config.check_place(&both, Some(0), "test `x`").unwrap();
    config.check_place(&["instructor"], Some(3), "test `x`").unwrap();
    config.check_place(&[], None, "test `x`").unwrap();
    assert_eq!(
        config.check_place(&both, Some(1), "test `x`").unwrap_err().to_string(),
        "error: test `x` is pinned to slot 1, where not all of its roles have an account
  --> callboard.toml
   = help: pin it to another slot, or add an account there: `instructor` has accounts in slots 0 to 3, \
         `site_admin` has accounts in slot 0"
    );
}

#[test]
fn a_test_of_several_accounts_that_fits_nowhere() {
    let config = parse(TWO, &[]).unwrap();
    let four = ["instructor", "instructor#2", "instructor#3", "instructor#4"];
    config.check_place(&four, Some(3), "test `x`").unwrap();
    // The only slot with a site admin is the companion, so that the test runs in another one.
    config.check_place(&["instructor", "site_admin#2"], None, "test `x`").unwrap();
    let refused = |roles: &[&str], slot: Option<u16>| {
        config.check_place(roles, slot, "test `x`").unwrap_err().to_string()
    };
    assert_eq!(
        refused(&["site_admin", "site_admin#2"], None),
        "error: test `x` asks for `site_admin`, `site_admin#2`: the accounts of 2 slots at once, and there are not so many \
         that fit
  --> callboard.toml
   = help: add accounts, so that 2 slots have them, or leave out a number: `site_admin` has accounts in slot 0; there \
         are 4 slots (slots.count in callboard.toml:2)"
    );
    assert!(refused(&["instructor", "site_admin#2"], Some(0)).contains("the accounts of 2 slots at once"));
    let five = [&four[..], &["instructor#5"]].concat();
    assert!(refused(&five, None).contains("the accounts of 5 slots at once"));
}
