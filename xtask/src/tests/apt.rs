//! Installation with a fake `apt-get` that notes how it is called.

use super::fake::Fake;

/// Puts the programs of Debian's packages in place. To be followed by `install` where it succeeds.
const FUNCTIONS: &str = r#"
echo "$DEBIAN_FRONTEND $*" >> "$root/calls"
put() { mkdir -p "$root/usr/lib/chromium"; : > "$root/usr/lib/chromium/$1"; chmod +x "$root/usr/lib/chromium/$1"; }
"#;

const INSTALL: &str = "-q install -y --no-install-recommends -o DPkg::Lock::Timeout=120";
const SHELL: &str = "chromium-headless-shell chromium-driver";

fn calls(fake: &Fake) -> Vec<String> {
    fake.lines("calls")
}

fn called(calls: &[String]) -> Vec<String> {
    calls.iter().map(|call| format!("noninteractive {call}")).collect()
}

#[test]
fn installs_the_headless_shell() {
    let fake = Fake::new();
    fake.command("apt-get", &format!("{FUNCTIONS} put chromium-headless-shell; put chromedriver"));
    fake.installer().ensure(&[]).unwrap();
    assert_eq!(calls(&fake), called(&[format!("{INSTALL} {SHELL}")]));
    assert_eq!(fake.found().unwrap().driver, fake.path("usr/lib/chromium/chromedriver"));

    // Now there is one, so nothing is done.
    fake.installer().ensure(&[]).unwrap();
    assert_eq!(calls(&fake).len(), 1);
}

#[test]
fn updates_the_lists_where_the_package_is_not_known() {
    let fake = Fake::new();
    let script = r#"
        case "$*" in
            *update*) : > "$root/lists" ;;
            *) [ -e "$root/lists" ] || { echo "E: Unable to locate package" >&2; exit 100; }
               put chromium-headless-shell; put chromedriver ;;
        esac"#;
    fake.command("apt-get", &format!("{FUNCTIONS} {script}"));
    fake.installer().ensure(&[]).unwrap();
    let install = format!("{INSTALL} {SHELL}");
    assert_eq!(calls(&fake), called(&[install.clone(), "-q update".to_owned(), install]));
}

#[test]
fn takes_the_full_browser_of_an_older_release() {
    let fake = Fake::new();
    let script = r#"
        case "$*" in
            *update*) ;;
            *headless-shell*) echo "E: Unable to locate package chromium-headless-shell" >&2; exit 100 ;;
            *) put chromium; put chromedriver ;;
        esac"#;
    fake.command("apt-get", &format!("{FUNCTIONS} {script}"));
    fake.installer().ensure(&[]).unwrap();
    assert_eq!(calls(&fake).last(), called(&[format!("{INSTALL} chromium chromium-driver")]).last());
    assert_eq!(fake.found().unwrap().browser, fake.path("usr/lib/chromium/chromium"));
}

#[test]
fn goes_through_sudo_where_it_asks_nothing() {
    let fake = Fake::new();
    fake.command("apt-get", &format!("{FUNCTIONS} put chromium-headless-shell; put chromedriver"));
    let sudo = r#"
        echo "$*" >> "$root/sudo"
        [ "$1" = -n ] && shift
        PATH="$root/usr/bin:$PATH" exec "$@""#;
    fake.command("sudo", sudo);
    let mut installer = fake.installer();
    installer.superuser = false;
    installer.ensure(&[]).unwrap();
    let through = format!("-n env DEBIAN_FRONTEND=noninteractive apt-get {INSTALL} {SHELL}");
    assert_eq!(fake.lines("sudo"), ["-n true".to_owned(), through]);
    assert_eq!(calls(&fake), called(&[format!("{INSTALL} {SHELL}")]));
}

#[test]
fn says_why_everything_failed_and_what_to_do() {
    let fake = Fake::new();
    let script =
        r#"echo "Reading package lists..."; echo "E: Could not resolve 'deb.debian.org'" >&2; exit 100"#;
    fake.command("apt-get", &format!("{FUNCTIONS} {script}"));
    let error = fake.installer().ensure(&[]).unwrap_err();
    let apt = fake.path("usr/bin/apt-get");
    let expected = format!(
        "no browser found, and none could be installed
  apt-get: `{} -q update` failed with exit code 100:
    Reading package lists...
    E: Could not resolve 'deb.debian.org'
  Chrome for Testing: there is no `curl` or `wget` on this machine
to install one by hand:

    apt-get update && apt-get install -y chromium-headless-shell chromium-driver
",
        apt.display()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(error.exit_code(), 3);
}

#[test]
fn a_package_that_only_points_elsewhere_is_none() {
    let fake = Fake::new();
    fake.command("apt-get", FUNCTIONS);
    let error = fake.installer().ensure(&[]).unwrap_err().to_string();
    assert!(error.contains("\n  apt-get: it was installed, but no browser found\n  Chrome"), "{error}");
}

#[test]
fn does_not_ask_for_a_password() {
    let fake = Fake::new();
    fake.command("apt-get", FUNCTIONS);
    fake.command("sudo", "echo sudo: a password is required >&2; exit 1");
    let mut installer = fake.installer();
    installer.superuser = false;
    let error = installer.ensure(&[]).unwrap_err().to_string();
    assert_eq!(calls(&fake), [""; 0]);
    let why = "\n  apt-get: it needs root, and there is no `sudo` that works without a password\n";
    assert!(error.contains(why), "{error}");
    assert!(
        error.contains("    sudo apt-get update && sudo apt-get install -y chromium-headless-shell"),
        "{error}"
    );
}
