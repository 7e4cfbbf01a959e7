//! Files that are right, and what they come to.

use std::path::Path;
use std::time::Duration;

use super::parse;
use crate::config::{
    Engine, Isolation, Origin, Ready, RecordMode, Reset, Scope, Signal, SlotValues, Template, Trace, Values,
    When, Workers, find,
};
use crate::model::SlotId;

const FULL: &str = r#"
[slots]
count = 16
base_port = 4_000
workers = 3
lease_timeout = "1m30s"

[ports]
smtp = 5000
api_2 = 0x1770

[roles.instructor]
username = "instructor_worker{slot}@example.test"
password = { env = "INSTRUCTOR_PASSWORD" }
attributes = { home = "http://127.0.0.1:{port}/{{me}}", mail = "{port.smtp}" }

[roles.site_admin]
username = "root"
password = "{not a placeholder}"
accounts = 1

[[setup]]
command = ["{bin_dir}/app", "seed", "{run_dir}/base.db", "{slots}"]
timeout = "2m"

[[setup]]
scope = "slot"
command = ["cp", "{run_dir}/base.db", "{slot_dir}/app.db"]
env = { FROM = "{config_dir}" }

[[service]]
name = "mail"
scope = "run"
command = ["mail"]
port = 9000
ready = { http = "/health" }

[[service]]
name = "queue"
scope = "run"
command = ["queue"]
ready = { log = 'listening on \d+' }

[[service]]
name = "other"
scope = "run"
command = ["other"]
ready = { http = "http://127.0.0.1:9100/" }

[[service]]
name = "identity"
url = "http://127.0.0.1:9200/"
startup_timeout = "5s"

[[service]]
name = "app"
command = ["{bin_dir}/app", "--port={port}"]
env = { SMTP = "127.0.0.1:{port.smtp}" }
ready = { http = "/health" }
startup_timeout = "500ms"
reset = { command = ["{bin_dir}/app", "reset", "{slot_dir}/app.db"], timeout = "3s" }
stop = { signal = "SIGINT", grace = "1s" }

[[service]]
name = "plain"
command = ["plain"]

[browser]
executable = "tools/chrome"
driver = "chromedriver"
args = ["--lang=en"]
isolation = "reset"
renew_after = 0
renew_above = "2GB"
test_id = "data-test"

[tests]
timeout = "2m"
sign_in_timeout = "10s"
retries = 2

[reset]
when = "after-each"
"#;

fn rendered(template: &Template) -> String {
    let ports = [("smtp".to_owned(), 5007)].into();
    template.render(&Values {
        slots: 16,
        run_dir: Path::new("/run"),
        bin_dir: Path::new("/bin"),
        config_dir: Path::new("/config"),
        slot: Some(SlotValues { id: SlotId(7), port: 4007, ports: &ports, dir: Path::new("/slot") }),
    })
}

fn words(command: &[Template]) -> Vec<String> {
    command.iter().map(rendered).collect()
}

#[test]
fn a_full_file_comes_out_whole() {
    let config = parse(FULL, &[]).unwrap();
    let slots = &config.slots;
    assert_eq!((slots.count, slots.base_port), (16, 4000));
    assert_eq!(slots.count_from, "slots.count in callboard.toml:3");
    assert_eq!((slots.workers, slots.lease_timeout), (Some(Workers::at_most(3)), Duration::from_secs(90)));
    assert_eq!(config.all_ports(SlotId(2)).collect::<Vec<_>>(), [4002, 6002, 5002]);
    assert_eq!(config.dir(), std::env::current_dir().unwrap());

    let browser = &config.browser;
    assert_eq!(browser.executable.as_deref(), Some(config.dir().join("tools/chrome").as_path()));
    assert_eq!(browser.driver.as_deref(), Some(Path::new("chromedriver")));
    assert_eq!(browser.args, ["--lang=en"]);
    assert_eq!((browser.renew_after, browser.renew_above), (None, Some(2_000_000_000)));
    assert_eq!(browser.test_id, "data-test");
    assert_eq!(browser.isolation, Isolation::Reset);
    let said =
        |text: &str| parse(text, &[("CALLBOARD_BROWSER_ISOLATION", "browser")]).unwrap().browser.isolation;
    assert_eq!((said(""), said(FULL)), (Isolation::Browser, Isolation::Browser));
    assert!(parse("[browser]\nengine = \"firefox\"\nisolation = \"reset\"\n", &[]).is_err());
    assert_eq!(parse("", &[]).unwrap().browser.test_id, "data-testid");

    let tests = &config.tests;
    assert_eq!(tests.timeout, Duration::from_mins(2));
    assert_eq!((tests.sign_in_timeout, tests.retries), (Duration::from_secs(10), 2));
}

#[test]
fn accounts_are_filled_in_for_each_slot() {
    let config = parse(FULL, &[]).unwrap();
    let account = config.account("instructor", SlotId(15)).unwrap();
    assert_eq!(account.username(), "instructor_worker15@example.test");
    assert_eq!(account.password(), super::HUNTER2);
    assert_eq!(account.attribute("home"), Some("http://127.0.0.1:4015/{me}"));
    assert_eq!(account.attribute("mail"), Some("5015"));
    assert_eq!((account.role().as_str(), account.slot()), ("instructor", SlotId(15)));
    assert!(config.account("instructor", SlotId(16)).is_none());

    let admin = config.account("site_admin", SlotId(0)).unwrap();
    assert_eq!((admin.username(), admin.password()), ("root", "{not a placeholder}"));
    assert!(config.account("site_admin", SlotId(1)).is_none());
}

#[test]
fn set_up_and_services_keep_their_order() {
    let config = parse(FULL, &[]).unwrap();
    let [run, slot] = config.setup.as_slice() else { panic!("{:?}", config.setup) };
    assert_eq!((run.scope, slot.scope), (Scope::Run, Scope::Slot));
    assert_eq!((run.timeout, slot.timeout), (Duration::from_mins(2), Duration::from_mins(1)));
    assert_eq!((run.line, slot.line), (22, 26));
    assert_eq!(words(&run.command), ["/bin/app", "seed", "/run/base.db", "16"]);
    assert_eq!(words(&slot.command), ["cp", "/run/base.db", "/slot/app.db"]);
    assert_eq!(rendered(&slot.env["FROM"]), "/config");

    let names: Vec<&str> = config.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["mail", "queue", "other", "identity", "app", "plain"]);
    let app = &config.services[4];
    assert_eq!((app.scope, app.port, app.line), (Scope::Slot, None, 55));
    let Origin::Command(command) = &app.origin else { panic!("{app:?}") };
    assert_eq!(words(command), ["/bin/app", "--port=4007"]);
    assert_eq!(rendered(&app.env["SMTP"]), "127.0.0.1:5007");
    assert_eq!(app.startup_timeout, Duration::from_millis(500));
    assert_eq!((app.stop.signal, app.stop.grace), (Signal::Int, Duration::from_secs(1)));
    let plain = &config.services[5];
    assert_eq!(plain.startup_timeout, Duration::from_mins(1));
    assert_eq!((plain.stop.signal, plain.stop.grace), (Signal::Term, Duration::from_secs(5)));
}

#[test]
fn each_service_knows_how_it_is_reset() {
    let config = parse(FULL, &[]).unwrap();
    let [.., app, plain] = config.services.as_slice() else { panic!("{:?}", config.services) };
    let Reset::Command { command, timeout } = &app.reset else { panic!("{app:?}") };
    assert_eq!(words(command), ["/bin/app", "reset", "/slot/app.db"]);
    assert_eq!(*timeout, Duration::from_secs(3));
    assert!(matches!(plain.reset, Reset::Restart));
    let none = parse("[[service]]\nname = \"a\"\ncommand = [\"a\"]\nreset = \"none\"\n", &[]).unwrap();
    assert!(matches!(none.services[0].reset, Reset::Unneeded));
    // What all slots share is nobody's to reset.
    assert!(config.services[..4].iter().all(|service| matches!(service.reset, Reset::Unneeded)));
}

#[test]
fn slots_are_reset_when_it_is_said() {
    let when = |text: &str, environment: &[(&str, &str)]| parse(text, environment).unwrap().reset;
    assert_eq!(when("", &[]), When::AfterFailure);
    assert_eq!(when("[reset]\n", &[]), When::AfterFailure);
    for (name, expected) in
        [("never", When::Never), ("after-failure", When::AfterFailure), ("after-each", When::AfterEach)]
    {
        assert_eq!(when(&format!("[reset]\nwhen = \"{name}\"\n"), &[]), expected);
        assert_eq!(when("[reset]\nwhen = \"never\"\n", &[("CALLBOARD_RESET", name)]), expected);
    }
    assert_eq!(when("[reset]\nwhen = \"never\"\n", &[("CALLBOARD_RESET", "")]), When::Never);
}

#[test]
fn the_browser_is_the_one_that_is_said() {
    let browser = |text: &str, environment: &[(&str, &str)]| {
        let browser = parse(text, environment).unwrap().browser;
        (browser.engine, browser.url)
    };
    assert_eq!(browser("", &[]), (Engine::Chromium, None));
    assert_eq!(browser("[browser]\nengine = \"firefox\"\n", &[]), (Engine::Firefox, None));
    let environment =
        [("CALLBOARD_BROWSER_ENGINE", "chromium"), ("CALLBOARD_BROWSER_URL", "http://grid:4444/")];
    let said = browser("[browser]\nengine = \"firefox\"\nurl = \"https://other/wd/hub\"\n", &environment);
    assert_eq!(said, (Engine::Chromium, Some("http://grid:4444".to_owned())));
    let said = browser("[browser]\nurl = \"https://other/wd/hub\"\n", &[("CALLBOARD_BROWSER_URL", "")]);
    assert_eq!(said.1.as_deref(), Some("https://other/wd/hub"));
}

#[test]
fn traces_are_made_as_it_is_said() {
    let trace = |text: &str, environment: &[(&str, &str)]| parse(text, environment).unwrap().trace;
    assert_eq!(trace("", &[]), Trace::default());
    let asked = trace("[trace]\nmode = \"on\"\nmask = [\"X-Api-Key\", \"pin\"]\n", &[]);
    assert_eq!(asked, Trace { mode: RecordMode::On, mask: vec!["x-api-key".to_owned(), "pin".to_owned()] });
    let mode = trace("[trace]\nmode = \"on\"\n", &[("CALLBOARD_TRACE", "on-first-retry")]).mode;
    assert_eq!([1, 2, 3].map(|attempt| mode.begins(attempt)), [false, true, false]);
    assert!(mode.keeps(false) && !RecordMode::RetainOnFailure.keeps(false));
    let video = |text: &str, environment: &[(&str, &str)]| parse(text, environment).unwrap().video;
    assert_eq!(video("", &[]), RecordMode::Off);
    assert_eq!(video("[video]\nmode = \"on\"\n", &[]), RecordMode::On);
    assert_eq!(video("", &[("CALLBOARD_VIDEO", "retain-on-failure")]), RecordMode::RetainOnFailure);
}

#[test]
fn each_service_knows_when_it_is_ready() {
    let config = parse(FULL, &[]).unwrap();
    let ready: Vec<String> = config
        .services
        .iter()
        .map(|service| match &service.ready {
            Ready::Http(template) => format!("http {template}"),
            Ready::Log(regex) => format!("log {regex}"),
            Ready::Port => "port".to_owned(),
        })
        .collect();
    assert_eq!(
        ready,
        [
            "http http://127.0.0.1:9000/health",
            r"log listening on \d+",
            "http http://127.0.0.1:9100/",
            "http /",
            "http /health",
            "port",
        ]
    );
    assert_eq!(config.services[0].port, Some(9000));
    let Origin::Elsewhere(url) = &config.services[3].origin else { panic!("{:?}", config.services[3]) };
    assert_eq!(url, "http://127.0.0.1:9200");
}

#[test]
fn an_empty_file_is_all_defaults() {
    let config = parse("", &[]).unwrap();
    assert_eq!((config.slots.count, config.slots.base_port), (4, 3002));
    assert_eq!(config.slots.count_from, "the default; slots.count in callboard.toml sets it");
    assert_eq!((config.slots.workers, config.slots.lease_timeout), (None, Duration::from_mins(10)));
    assert_eq!(config.tests.timeout, Duration::from_mins(1));
    assert_eq!((config.tests.sign_in_timeout, config.tests.retries), (Duration::from_secs(30), 0));
    assert!(config.services.is_empty() && config.setup.is_empty() && config.roles.is_empty());
}

#[test]
fn the_environment_goes_before_the_file() {
    let environment = [
        ("CALLBOARD_WORKERS", "auto"),
        ("CALLBOARD_BASE_PORT", "7000"),
        ("CALLBOARD_RETRIES", "5"),
        ("CALLBOARD_TIMEOUT", "3s"),
        ("CALLBOARD_SIGN_IN_TIMEOUT", "4s"),
        ("CALLBOARD_FIXTURE_TIMEOUT", "5s"),
    ];
    let config = parse(FULL, &environment).unwrap();
    assert_eq!((config.slots.workers, config.slots.base_port), (None, 7000));
    assert_eq!((config.tests.retries, config.tests.timeout), (5, Duration::from_secs(3)));
    assert_eq!(config.tests.sign_in_timeout, Duration::from_secs(4));
    assert_eq!(config.tests.fixture_timeout, Duration::from_secs(5));
    let home = config.account("instructor", SlotId(1)).unwrap().attribute("home").unwrap();
    assert_eq!(home, "http://127.0.0.1:7001/{me}");

    let empty = environment.map(|(name, _)| (name, ""));
    let config = parse(FULL, &empty).unwrap();
    assert_eq!((config.slots.workers, config.slots.base_port), (Some(Workers::at_most(3)), 4000));
}

#[test]
fn the_role_with_the_most_accounts_decides_how_many_slots_there_are() {
    let role = |name: &str, accounts: u16| {
        format!("[roles.{name}]\nusername = \"{{slot}}\"\npassword = \"\"\naccounts = {accounts}\n")
    };
    let free = "[roles.free]\nusername = \"{slot}\"\npassword = \"\"\n";
    let config = parse(&[&role("few", 2), &role("many", 9), free].concat(), &[]).unwrap();
    assert_eq!(config.slots.count, 9);
    assert_eq!(config.slots.count_from, "the accounts of role `many`, callboard.toml:8");
    let accounts = ["few", "many", "free"].map(|role| config.roles[role].len());
    assert_eq!(accounts, [2, 9, 9]);
}

#[test]
fn the_file_that_is_shown_for_a_start_is_good() {
    let config = parse(find::MINIMAL, &[]).unwrap();
    assert_eq!((config.slots.count, config.services.len(), config.roles["user"].len()), (4, 1, 4));
}

#[test]
fn https_is_there_with_its_feature() {
    let config = parse("[[service]]\nname = \"app\"\nurl = \"https://app.example\"\n", &[]);
    assert_eq!(config.is_ok(), cfg!(feature = "tls"));
}

#[test]
fn no_account_shows_its_password() {
    let config = parse(FULL, &[]).unwrap();
    assert!(!format!("{config:?}").contains(super::HUNTER2));
}

#[cfg(feature = "mail-tls")]
#[test]
fn mail_is_configured_or_is_not() {
    let ports = "[ports]\nsmtp = 5000\n";
    assert!(parse(ports, &[]).unwrap().mail.is_none());
    let mail = parse(&format!("{ports}[mail]\nport = \"smtp\"\n"), &[]).unwrap().mail.unwrap();
    assert_eq!((&*mail.port, mail.credentials, mail.tls), ("smtp", None, false));
    assert_eq!((mail.max_message_size, mail.timeout), (None, None));
    let all = "[mail]\nport = \"smtp\"\nusername = \"app\"\npassword = { env = \"INSTRUCTOR_PASSWORD\" }\n\
               max_message_size = 1_000_000\ntimeout = \"5s\"\ntls = true\n";
    let mail = parse(&format!("{ports}{all}"), &[]).unwrap().mail.unwrap();
    assert_eq!(mail.credentials, Some(("app".to_owned(), super::HUNTER2.to_owned())));
    assert_eq!((mail.max_message_size, mail.timeout), (Some(1_000_000), Some(Duration::from_secs(5))));
    assert!(mail.tls);
}
