//! Accounts from a file.

use std::fs;

use crate::config::Config;
use crate::model::SlotId;

/// Reads a configuration that has these rows for the role `user`.
fn read(csv: &str, slots: &str) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("callboard.toml");
    fs::write(&file, format!("{slots}\n[roles.user]\naccounts_file = \"accounts.csv\"\n")).unwrap();
    fs::write(dir.path().join("accounts.csv"), csv).unwrap();
    let config = Config::read(&file, &|_| None);
    config.map_err(|error| error.to_string().replace(&format!("{}/", dir.path().display()), ""))
}

#[test]
fn rows_of_the_role_become_accounts() {
    let csv = "username,role,slot,password,office\n\
               u0,user,0,hunter2,\"A, 1\"\n\
               other,admin,0,hunter2,-\n\
               u5,user,5,\"a\"\"b\",B 2\n";
    let config = read(csv, "").unwrap();
    assert_eq!(config.slots.count, 6);
    assert!(config.slots.count_from.starts_with("the accounts of role `user`, "));
    let slots: Vec<SlotId> = config.roles["user"].keys().copied().collect();
    assert_eq!(slots, [SlotId(0), SlotId(5)]);
    let first = config.account("user", SlotId(0)).unwrap();
    assert_eq!((first.username(), first.attribute("office")), ("u0", Some("A, 1")));
    assert_eq!(first.attributes().len(), 1);
    assert_eq!(config.account("user", SlotId(5)).unwrap().password(), "a\"b");
}

#[test]
fn each_fault_of_a_row_says_where() {
    let head = "role,slot,username,password\n";
    let cases = [
        (
            "user,0,u,hunter2\nuser,1,v,hunter2\n".to_owned(),
            "error: there is no column `role`\n --> accounts.csv:1\n",
        ),
        (
            "role,slot,user_name,password\nuser,0,u,hunter2\n".to_owned(),
            "error: there is no column `username`\n --> accounts.csv:1\n   = help: is it column 3? the first \
             line names the columns: role,slot,username,password, then further attributes",
        ),
        ("role,slot,username,password,a,a\n".to_owned(), "error: columns 5 and 6 have the same name\n"),
        ("role, slot,username,password\n".to_owned(), "error: column 2 has no name, or blanks around it\n"),
        (
            format!("{head}user,0,u,hunter2\n\nuser,1,v\n"),
            "error: this row has 3 fields, and the first line names 4 columns\n --> accounts.csv:4\n",
        ),
        (
            format!("{head}user,0,u,hunter2\nuser,1,v\n").replace('\n', "\r\n"),
            "error: this row has 3 fields, and the first line names 4 columns\n --> accounts.csv:3\n",
        ),
        (
            format!("{head}user,0,u,hunter2\nuser,zero,v,hunter2\n"),
            "error: the slot of this row is not one\n --> accounts.csv:3\n   = help: write a whole number from \
             0 to 999 in the column `slot`",
        ),
        (
            format!("{head}user,0,u,hunter2\n\"user\",1000,\"v\nw\",hunter2\n"),
            "error: the slot of this row is not one\n --> accounts.csv:3\n",
        ),
        (
            format!("{head}user,0,u,hunter2\nuser,0,v,hunter2\n"),
            "error: role `user` has a second account for slot 0; the first is at accounts.csv:2\n \
             --> accounts.csv:3\n",
        ),
        (
            format!("{head}user,0,u,hunter2\nuser,1,u,hunter2\n"),
            "error: slots 0 and 1 would share one login of role `user`; the other is at accounts.csv:2\n \
             --> accounts.csv:3\n",
        ),
        (format!("{head}user,0,,hunter2\n"), "error: this account has no username\n --> accounts.csv:2\n"),
        (
            format!("{head}user,0,u,hunter2\nuser,7,v,hunter2\n"),
            "error: slot 7 of role `user` is out of range: there are 2 slots (slots.count in \
             callboard.toml:1)\n --> accounts.csv:3\n",
        ),
        (
            format!("{head}admin,0,u,hunter2\n"),
            "error: role `user` has no account: accounts.csv has no row of it\n --> callboard.toml:3:17\n",
        ),
    ];
    for (csv, expected) in cases {
        let error = read(&csv, "slots.count = 2").expect_err(expected);
        assert!(error.replace("  --> ", " --> ").starts_with(expected), "{csv}\n{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn several_bad_rows_are_told_at_once() {
    let error = read("role,slot,username,password\nuser,x,u,p\nuser,0\nuser,1,,p\n", "").unwrap_err();
    assert_eq!(error.matches("error: ").count(), 3, "{error}");
}

#[test]
fn a_bad_row_of_a_file_of_two_roles_is_told_once() {
    let csv = "role,slot,username,password\nuser,0,u,p\nadmin,x,a,p\n";
    let error = read(csv, "roles.admin.accounts_file = \"accounts.csv\"").unwrap_err();
    assert_eq!(error.matches("error: ").count(), 1, "{error}");
}
