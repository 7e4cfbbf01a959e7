//! The sections that are plain settings: `[slots]`, `[browser]`, `[tests]`.

use std::path::PathBuf;
use std::time::Duration;

use super::diagnostic::did_you_mean;
use super::ports::Claim;
use super::reader::{Item, Table, bounds_text};
use super::{Browser, Engine, Environment, Isolation, Slots, Tests, Workers, duration, size, workers};

pub(super) const BASE_PORT: &str = "CALLBOARD_BASE_PORT";

/// More slots than this are a slip of the finger.
pub(super) const MOST_SLOTS: u16 = 1000;

/// How many slots there are when nothing says so. Not the number of cores: which accounts and ports
/// there are must not depend on the machine.
const DEFAULT_COUNT: u16 = 4;
const DEFAULT_BASE_PORT: u16 = 3002;
const MOST_RETRIES: u32 = 100;

/// `[slots]` and the claim of its ports. Without a count there are as many slots as the role with the
/// most accounts has, which the roles tell, together with where they say so.
pub(super) fn slots(root: &Table<'_>, most_accounts: Option<(u16, String)>) -> (Slots, Claim) {
    let reader = root.reader;
    let table = root.section("slots");
    if let Some(table) = &table {
        table.only(&["base_port", "count", "lease_timeout", "workers"]);
    }
    let get = |key| table.as_ref().and_then(|table| table.get(key));

    let said = get("count")
        .and_then(|item| Some((item.number(1..=MOST_SLOTS)?, format!("slots.count in {}", item.place()))));
    let default = || (DEFAULT_COUNT, format!("the default; slots.count in {} sets it", reader.source.shown));
    let (count, count_from) = said.or(most_accounts).unwrap_or_else(default);

    let bounds = 1..=u16::MAX;
    let in_file = get("base_port").and_then(|item| Some((item.number(bounds.clone())?, item.span())));
    let overriding = reader.overriding(BASE_PORT, &bounds_text(&bounds), |value| {
        value.parse().ok().filter(|port| bounds.contains(port))
    });
    let (base_port, span) = match (overriding, in_file) {
        (Some(port), _) => (port, None),
        (None, Some((port, span))) => (port, Some(span)),
        (None, None) => (DEFAULT_BASE_PORT, None),
    };

    let in_file = get("workers").and_then(|item| in_workers(&item));
    let form = "`auto`, a number from 1 to 10000, or one with `!` after it for exactly so many";
    let workers = reader.overriding("CALLBOARD_WORKERS", form, |value| {
        if value == "auto" { Some(None) } else { value.parse().ok().map(Some) }
    });

    let lease_timeout = Duration::from_mins(10);
    let slots = Slots {
        count,
        count_from,
        base_port,
        workers: workers.unwrap_or(in_file),
        lease_timeout: table.map_or(lease_timeout, |table| table.duration("lease_timeout", lease_timeout)),
    };
    let claim = Claim { name: "base_port".to_owned(), base: base_port, slots: count, span };
    (slots, claim)
}

fn in_workers(item: &Item<'_>) -> Option<Workers> {
    let Some(text) = item.as_text() else {
        return item.number(1..=workers::MOST).map(Workers::at_most);
    };
    if text == "auto" {
        return None;
    }
    // A number in quotes may have been meant either way.
    let exact = text.parse().ok().filter(|workers: &Workers| workers.exact);
    if exact.is_none() {
        item.refuse(
            "`workers` is neither \"auto\" nor a number",
            "write workers = \"auto\" for as many as there are cores, a number without quotes for so many at the most, or \
             \"4!\" for exactly 4",
        );
    }
    exact
}

/// `[browser]`
pub(super) fn browser(root: &Table<'_>) -> Browser {
    let reader = root.reader;
    let engine = reader.overriding("CALLBOARD_BROWSER_ENGINE", Engine::FORM, Engine::parse);
    let url = reader.overriding("CALLBOARD_BROWSER_URL", "the address of a driver, http://…", web_address);
    let isolation = reader.overriding("CALLBOARD_BROWSER_ISOLATION", Isolation::FORM, Isolation::parse);
    let mut browser = browser_of(root);
    browser.engine = engine.unwrap_or(browser.engine);
    browser.isolation = isolation.unwrap_or(browser.isolation);
    if (browser.engine, browser.isolation) == (Engine::Firefox, Isolation::Reset) {
        let help = "write isolation = \"context\", or \"browser\"";
        root.refuse("Firefox has no `isolation = \"reset\"`: its own context cannot be emptied", help);
    }
    browser.url = url.or(browser.url);
    browser
}

fn browser_of(root: &Table<'_>) -> Browser {
    let Some(table) = root.section("browser") else { return Browser::default() };
    table.only(&[
        "args",
        "driver",
        "engine",
        "executable",
        "headed",
        "isolation",
        "renew_above",
        "renew_after",
        "test_id",
        "url",
    ]);
    let default = Browser::default();
    let args = table.get("args").and_then(|item| item.list("write args = [\"--an-argument\"]"));
    Browser {
        engine: table.get("engine").and_then(|item| engine(&item)).unwrap_or_default(),
        url: table.get("url").and_then(|item| driver_address(&item)),
        executable: table.get("executable").and_then(|item| program(&item)),
        driver: table.get("driver").and_then(|item| program(&item)),
        args: args.into_iter().flatten().filter_map(|item| item.text().map(str::to_owned)).collect(),
        headed: table.get("headed").and_then(|item| item.boolean()).unwrap_or(false),
        isolation: table.get("isolation").and_then(|item| isolation(&item)).unwrap_or_default(),
        renew_after: match table.get("renew_after").and_then(|item| item.number(0..=u32::MAX)) {
            Some(0) => None,
            Some(attempts) => Some(attempts),
            None => default.renew_after,
        },
        renew_above: match table.get("renew_above").and_then(|item| amount(&item)) {
            Some(0) => None,
            Some(bytes) => Some(bytes),
            None => default.renew_above,
        },
        test_id: table.get("test_id").and_then(|item| attribute(&item)).unwrap_or(default.test_id),
    }
}

fn isolation(item: &Item<'_>) -> Option<Isolation> {
    let text = item.text()?;
    let isolation = Isolation::parse(text);
    if isolation.is_none() {
        item.refuse(
            format!("sessions cannot be isolated by `{}`", text.escape_debug()),
            did_you_mean("ways", text, Isolation::ALL.map(|(name, _)| name)),
        );
    }
    isolation
}

fn engine(item: &Item<'_>) -> Option<Engine> {
    let text = item.text()?;
    let engine = Engine::parse(text);
    if engine.is_none() {
        item.refuse(
            format!("there is no engine `{}`", text.escape_debug()),
            did_you_mean("engines", text, Engine::ALL.map(|(name, _)| name)),
        );
    }
    engine
}

/// The address of a driver elsewhere.
fn driver_address(item: &Item<'_>) -> Option<String> {
    let help = "write the address of a driver, as in url = \"http://grid:4444\"";
    let address = web_address(item.some_text(help)?);
    if address.is_none() {
        item.refuse("`url` is no address of a driver", help);
    }
    address
}

fn web_address(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let is_one =
        ["http", "https"].contains(&scheme) && !rest.is_empty() && !rest.contains(char::is_whitespace);
    is_one.then(|| text.trim_end_matches('/').to_owned())
}

/// The name of an attribute, of those that a document can be written with.
fn attribute(item: &Item<'_>) -> Option<String> {
    let help = "write the name of an attribute, as in test_id = \"data-test\"";
    let name = item.some_text(help)?;
    if name.contains(|character: char| character.is_whitespace() || "\"'<>/=[]".contains(character)) {
        item.refuse("`test_id` is no name of an attribute", help);
        return None;
    }
    Some(name.to_owned())
}

/// An amount of memory, in bytes.
fn amount(item: &Item<'_>) -> Option<u64> {
    let Some(text) = item.as_text() else { return item.number(0..=0) };
    let bytes = size::parse(text);
    if bytes.is_none() {
        item.refuse(
            format!("`{text}` is no amount of memory"),
            format!("write a whole number with its unit, as in {}, or 0 for no bound", size::FORM),
        );
    }
    bytes
}

/// A program: a path, which starts from the folder of the file, or a bare name, which does not.
fn program(item: &Item<'_>) -> Option<PathBuf> {
    let text = item.some_text("write a path or the name of a program, or leave the key out")?;
    let path = PathBuf::from(text);
    Some(if text.contains(['/', std::path::MAIN_SEPARATOR]) { item.reader.dir.join(path) } else { path })
}

/// `[tests]`
pub(super) fn tests(root: &Table<'_>) -> Tests {
    let reader = root.reader;
    let table = root.section("tests");
    let mut tests = Tests {
        timeout: Duration::from_mins(1),
        sign_in_timeout: Duration::from_secs(30),
        fixture_timeout: Duration::from_secs(30),
        action_timeout: Duration::from_secs(10),
        expect_timeout: Duration::from_secs(5),
        slow_mo: Duration::ZERO,
        steps: false,
        retries: 0,
        verdict: is_ci(reader.environment),
    };
    if let Some(table) = table {
        table.only(&[
            "action_timeout",
            "expect_timeout",
            "fixture_timeout",
            "retries",
            "sign_in_timeout",
            "timeout",
            "verdict",
        ]);
        tests.verdict = table.get("verdict").and_then(|item| item.boolean()).unwrap_or(tests.verdict);
        tests.action_timeout = table.deadline("action_timeout", tests.action_timeout);
        tests.expect_timeout = table.deadline("expect_timeout", tests.expect_timeout);
        tests.fixture_timeout = table.deadline("fixture_timeout", tests.fixture_timeout);
        tests.timeout = table.deadline("timeout", tests.timeout);
        tests.sign_in_timeout = table.deadline("sign_in_timeout", tests.sign_in_timeout);
        tests.retries = table.get("retries").and_then(|item| item.number(0..=MOST_RETRIES)).unwrap_or(0);
    }
    for (variable, limit) in [
        ("CALLBOARD_TIMEOUT", &mut tests.timeout),
        ("CALLBOARD_SIGN_IN_TIMEOUT", &mut tests.sign_in_timeout),
        ("CALLBOARD_FIXTURE_TIMEOUT", &mut tests.fixture_timeout),
        ("CALLBOARD_ACTION_TIMEOUT", &mut tests.action_timeout),
        ("CALLBOARD_EXPECT_TIMEOUT", &mut tests.expect_timeout),
    ] {
        let parse = |value: &str| duration::parse(value).filter(|limit| !limit.is_zero());
        *limit = reader.overriding(variable, duration::FORM, parse).unwrap_or(*limit);
    }
    let bounds = 0..=MOST_RETRIES;
    let retries = reader.overriding("CALLBOARD_RETRIES", &bounds_text(&bounds), |value| {
        value.parse().ok().filter(|retries| bounds.contains(retries))
    });
    tests.retries = retries.unwrap_or(tests.retries);
    let verdict = reader.overriding("CALLBOARD_VERDICT", "`true` or `false`", |value| value.parse().ok());
    tests.verdict = verdict.unwrap_or(tests.verdict);
    tests
}

/// As CI systems say that they are one.
fn is_ci(environment: Environment<'_>) -> bool {
    environment("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
