//! Own options among those of the test binary.

use std::ffi::OsString;

use crate::args::Args;

fn words(line: &str) -> impl Iterator<Item = OsString> {
    line.split_whitespace().map(OsString::from)
}

fn rest(line: &str) -> Vec<OsString> {
    words(line).collect()
}

#[test]
fn e2e_passes_on_what_it_does_not_know() {
    let line = "instructor:: --workers 4 --nocapture -x --repeat-each 3 --max-failures=2 --last-failed --shuffle-seed 7";
    assert_eq!(Args::e2e(words(line)).unwrap(), Args { rest: rest(line), ..Args::default() });
}

#[test]
fn e2e_has_its_options_anywhere() {
    let args = Args::e2e(words("-p one login --no-install --package=two --exact -pthree --package four -h"));
    let packages = ["one", "two", "three", "four"].map(str::to_owned).to_vec();
    assert_eq!(args.unwrap(), Args { help: true, no_install: true, packages, rest: rest("login --exact") });
}

#[test]
fn e2e_passes_on_everything_after_two_dashes() {
    let args = Args::e2e(words("--no-install a -- --help -p x -- --no-install")).unwrap();
    assert_eq!(
        args,
        Args { no_install: true, rest: rest("a --help -p x -- --no-install"), ..Args::default() }
    );
}

#[test]
fn e2e_wants_a_package_where_it_says_so() {
    for line in ["-p", "login --package", "-p --nocapture", "-p --"] {
        let error = Args::e2e(words(line)).unwrap_err();
        assert_eq!(error.to_string(), "`-p` wants the name of a package after it", "{line}");
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn test_leaves_everything_else_to_cargo() {
    let args = Args::test(words("--no-install -p callboard --lib -- --help --no-install"));
    let rest = rest("-p callboard --lib -- --help --no-install");
    assert_eq!(args, Args { no_install: true, rest, ..Args::default() });
    assert!(args.choose_packages());
}

#[test]
fn test_is_about_all_packages_unless_some_are_chosen() {
    for line in ["", "--lib", "--test e2e", "-- -p x"] {
        assert!(!Args::test(words(line)).choose_packages(), "{line}");
    }
    for line in ["-p x", "-px", "--package=x", "--lib --workspace", "--all"] {
        assert!(Args::test(words(line)).choose_packages(), "{line}");
    }
}

#[cfg(unix)]
#[test]
fn an_argument_need_not_be_text() {
    use std::os::unix::ffi::OsStringExt as _;
    let strange = OsString::from_vec(vec![b'a', 0xff]);
    let args = Args::e2e(std::iter::once(strange.clone())).unwrap();
    assert_eq!(args.rest, [strange]);
}
