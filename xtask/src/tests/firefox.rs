//! Installation of Firefox, with a fake `apt-get` and a fake `cargo`.

use super::fake::Fake;
use crate::install::firefox::ensure;
use crate::step::Step;

fn with_commands() -> Fake {
    let fake = Fake::new();
    let put = r#"
        echo "$*" >> "$root/calls"
        put() { mkdir -p "$root/$1"; : > "$root/$1/$2"; chmod +x "$root/$1/$2"; }"#;
    fake.command("apt-get", &format!("{put}; put usr/lib/firefox-esr firefox-esr"));
    fake.command("cargo", &format!("{put}; put usr/local/bin geckodriver"));
    fake
}

#[test]
fn what_is_missing_is_installed_once() {
    let fake = with_commands();
    ensure(&fake.installer()).unwrap();
    let calls = [
        "-q install -y --no-install-recommends -o DPkg::Lock::Timeout=120 firefox-esr",
        "install geckodriver --locked",
    ];
    assert_eq!(fake.lines("calls"), calls);
    ensure(&fake.installer()).unwrap();
    assert_eq!(fake.lines("calls").len(), 2);
}

#[test]
fn what_gives_no_driver_is_not_tried_for_ever() {
    let fake = with_commands();
    fake.command("cargo", "exit 101");
    let error = ensure(&fake.installer()).unwrap_err().to_string();
    assert!(error.contains("no geckodriver found for") && error.contains("cargo install: "), "{error}");
    assert!(
        error.contains("apt-get install -y firefox-esr && cargo install geckodriver --locked"),
        "{error}"
    );
}

#[test]
fn a_step_that_wants_it_is_left_out_without_it() {
    let fake = with_commands();
    let step = Step::cargo(["test"]).if_firefox();
    let said = step.lacks(&fake.installer().machine).unwrap();
    assert!(said.starts_with("no Firefox found; looked for "), "{said}");
    ensure(&fake.installer()).unwrap();
    assert_eq!(step.lacks(&fake.installer().machine), None);
}
