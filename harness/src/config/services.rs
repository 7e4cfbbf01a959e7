//! `[[setup]]` and `[[service]]`: what is run before and beside the tests.

use std::collections::BTreeMap;
use std::time::Duration;

use super::diagnostic::did_you_mean;
use super::ports::Claim;
use super::reader::{Item, Table};
use super::roles::is_name;
use super::template::{Template, Vocabulary, Within};
use super::{Origin, Ports, Ready, Reset, Scope, Service, Setup, Signal, Stop, reset};

const MINUTE: Duration = Duration::from_mins(1);
const COMMAND_HELP: &str = "write it as a list: command = [\"program\", \"argument\"]";
const READY_HELP: &str =
    "write ready = { http = \"/path\" }, ready = { log = \"regex\" } or ready = \"port\"";

const SIGNALS: [(&str, Signal); 5] = [
    ("SIGHUP", Signal::Hup),
    ("SIGINT", Signal::Int),
    ("SIGKILL", Signal::Kill),
    ("SIGQUIT", Signal::Quit),
    ("SIGTERM", Signal::Term),
];

/// All of `[[setup]]`.
pub(super) fn setup(root: &Table<'_>, ports: &Ports) -> Vec<Setup> {
    let tables = root.sections("setup");
    tables.iter().filter_map(|table| one_setup(table, ports)).collect()
}

fn one_setup(table: &Table<'_>, ports: &Ports) -> Option<Setup> {
    table.only(&["command", "env", "scope", "timeout"]);
    let scope = scope(table, Scope::Run);
    let vocabulary = vocabulary(scope, ports);
    let timeout = table.deadline("timeout", MINUTE);
    let env = env(table, &vocabulary);
    let command = table.require("command", COMMAND_HELP);
    let command = command.and_then(|item| self::command(&item, &vocabulary))?;
    Some(Setup { scope, command, env, timeout, line: table.line() })
}

/// All of `[[service]]`, and the ports that services of the run have.
pub(super) fn services(root: &Table<'_>, ports: &Ports) -> (Vec<Service>, Vec<Claim>) {
    let mut services: Vec<Service> = Vec::new();
    let mut claims = Vec::new();
    for table in root.sections("service") {
        let Some((service, claim)) = one_service(&table, ports) else { continue };
        if let Some(other) = services.iter().find(|other| other.name == service.name) {
            let message =
                format!("there are two services `{}`; the first is in line {}", other.name, other.line);
            let span = table.get("name").map_or(table.span.clone(), |item| item.span());
            table.reader.refuse(span, message, "give each service a name of its own");
            continue;
        }
        claims.extend(claim);
        services.push(service);
    }
    (services, claims)
}

fn one_service(table: &Table<'_>, ports: &Ports) -> Option<(Service, Option<Claim>)> {
    table.only(&[
        "command",
        "env",
        "name",
        "port",
        "ready",
        "reset",
        "scope",
        "startup_timeout",
        "stop",
        "url",
    ]);
    let name = table.require("name", "write name = \"app\", or any other").and_then(|item| name(&item));
    let startup_timeout = table.deadline("startup_timeout", MINUTE);
    match (table.get("command"), table.get("url")) {
        (Some(_), Some(url)) => {
            table.reader.refuse(
                url.key_span,
                "a service has either a `command` or a `url`",
                "leave `command` out if it runs already, or leave `url` out to have it started",
            );
            None
        }
        (None, None) => {
            table.refuse(
                "this service has neither a `command` nor a `url`",
                "write command = [\"program\", \"argument\"] to have it started, \
                 or url = \"http://…\" if it runs already",
            );
            None
        }
        (None, Some(url)) => {
            let service = elsewhere(table, &url, name, startup_timeout, ports)?;
            Some((service, None))
        }
        (Some(command), None) => started(table, &command, name, startup_timeout, ports),
    }
}

/// A service that runs already.
fn elsewhere(
    table: &Table<'_>,
    url: &Item<'_>,
    name: Option<String>,
    startup_timeout: Duration,
    ports: &Ports,
) -> Option<Service> {
    for key in ["env", "port", "scope", "stop"] {
        if let Some(item) = table.get(key) {
            table.reader.refuse(
                item.key_span,
                format!("`{key}` says nothing about a service that runs already"),
                format!("leave `{key}` out; callboard starts and stops only services with a `command`"),
            );
        }
    }
    reset::refuse_of_run(table);
    let ready = match table.get("ready") {
        None => Some(Ready::Http(Template::plain("/"))),
        Some(item) => ready(&item, &vocabulary(Scope::Run, ports)).filter(|ready| {
            if !matches!(ready, Ready::Http(_)) {
                item.refuse(
                    "a service that runs already can only be asked over HTTP",
                    "write ready = { http = \"/path\" }",
                );
            }
            matches!(ready, Ready::Http(_))
        }),
    };
    let url = address(url);
    Some(Service {
        name: name?,
        scope: Scope::Run,
        origin: Origin::Elsewhere(url?),
        port: None,
        env: BTreeMap::new(),
        ready: ready?,
        startup_timeout,
        stop: Stop { signal: Signal::Term, grace: Duration::ZERO },
        reset: Reset::Unneeded,
        line: table.line(),
    })
}

fn address(item: &Item<'_>) -> Option<String> {
    let url = item.text()?;
    let help = "write the whole address, url = \"http://127.0.0.1:3000\"";
    let Some((scheme, rest)) = url.split_once("://") else {
        item.refuse("`url` is no address", help);
        return None;
    };
    if !matches!(scheme, "http" | "https") || rest.is_empty() || rest.starts_with(['/', ':']) {
        item.refuse("`url` is no address of an HTTP server", help);
        return None;
    }
    if scheme == "https" && !cfg!(feature = "tls") {
        item.refuse(
            "callboard was built without HTTPS",
            "turn its feature `tls` on in Cargo.toml: callboard = { …, features = [\"tls\"] }",
        );
        return None;
    }
    if url.contains(['{', '}']) || url.contains(char::is_whitespace) {
        item.refuse(
            "`url` has no placeholders and no blanks",
            "write an address as it is: what runs there is shared by all slots",
        );
        return None;
    }
    Some(url.trim_end_matches('/').to_owned())
}

/// A service that callboard starts.
fn started(
    table: &Table<'_>,
    command: &Item<'_>,
    name: Option<String>,
    startup_timeout: Duration,
    ports: &Ports,
) -> Option<(Service, Option<Claim>)> {
    let scope = scope(table, Scope::Slot);
    let vocabulary = vocabulary(scope, ports);
    let command = self::command(command, &vocabulary);
    let env = env(table, &vocabulary);
    let stop = stop(table);
    let reset = match scope {
        Scope::Slot => reset::of_service(table, &vocabulary),
        Scope::Run => {
            reset::refuse_of_run(table);
            Reset::Unneeded
        }
    };
    let port_item = table.get("port");
    if let (Scope::Slot, Some(item)) = (scope, &port_item) {
        table.reader.refuse(
            item.key_span.clone(),
            "`port` is for services of the run",
            "leave `port` out: a slot's service listens on {port}, or on {port.NAME} with NAME under [ports]",
        );
    }
    let port = port_item.as_ref().and_then(|item| item.number(1..=u16::MAX));
    let ready_item = table.get("ready");
    let ready = match &ready_item {
        Some(item) => ready(item, &vocabulary),
        None => Some(Ready::Port),
    };
    let mut ready = ready?;
    let asks_for_port = match &ready {
        Ready::Http(address) => is_path(address),
        Ready::Port => true,
        Ready::Log(_) => false,
    };
    if scope == Scope::Run && asks_for_port {
        let Some(port) = port else { return no_port(table, ready_item, port_item.is_some()) };
        if let Ready::Http(path) = ready {
            ready = Ready::Http(path.after(format!("http://127.0.0.1:{port}")));
        }
    }
    let name = name?;
    let claim = port.zip(port_item).map(|(base, item)| Claim {
        name: format!("the port of service `{name}`"),
        base,
        slots: 1,
        span: Some(item.span()),
    });
    let origin = Origin::Command(command?);
    let line = table.line();
    let service = Service { name, scope, origin, port, env, ready, startup_timeout, stop, reset, line };
    Some((service, claim))
}

/// Readiness of a run's service asks for a port, and there is none. A port that is wrong was noted.
fn no_port<T>(table: &Table<'_>, ready: Option<Item<'_>>, wrong: bool) -> Option<T> {
    let message = "a service of the run has no port of its own, so nothing tells when it is ready";
    let help = "write port = 9000 with the port it listens on, ready = { log = \"regex\" }, \
                or ready = { http = \"http://127.0.0.1:9000/path\" }";
    match ready {
        _ if wrong => {}
        Some(item) => item.refuse(message, help),
        None => table.refuse(message, help),
    }
    None
}

fn name(item: &Item<'_>) -> Option<String> {
    let name = item.text()?;
    if is_name(name) {
        return Some(name.to_owned());
    }
    item.refuse(
        format!("`{}` cannot be the name of a service", name.escape_debug()),
        "write letters, digits, `_` and `-` only",
    );
    None
}

fn vocabulary(scope: Scope, ports: &Ports) -> Vocabulary<'_> {
    Vocabulary { within: if scope == Scope::Run { Within::Run } else { Within::Slot }, ports }
}

fn scope(table: &Table<'_>, default: Scope) -> Scope {
    let Some(item) = table.get("scope") else { return default };
    match item.text() {
        None => default,
        Some("run") => Scope::Run,
        Some("slot") => Scope::Slot,
        Some(other) => {
            item.refuse(
                format!("there is no scope `{}`", other.escape_debug()),
                "write scope = \"run\" for once in the run, or scope = \"slot\" for once in each slot",
            );
            default
        }
    }
}

pub(super) fn command(item: &Item<'_>, vocabulary: &Vocabulary<'_>) -> Option<Vec<Template>> {
    let help = item.as_text().and_then(|text| {
        let words: Vec<String> = text.split_whitespace().map(|word| format!("{word:?}")).collect();
        let shown = !words.is_empty() && !item.reader.source.is_hidden(&item.span());
        // A command line may hold what the excerpt does not show either.
        let secret = text.to_ascii_lowercase().contains("password");
        (shown && !secret).then(|| format!("write it as a list: command = [{}]", words.join(", ")))
    });
    let words = item.list(help.unwrap_or_else(|| COMMAND_HELP.to_owned()))?;
    let Some(program) = words.first() else {
        item.refuse("`command` is empty", COMMAND_HELP);
        return None;
    };
    if program.as_text() == Some("") {
        program.refuse("the program of `command` is empty", COMMAND_HELP);
        return None;
    }
    // All of the words are read, so that the faults of all are noted.
    let templates: Vec<Option<Template>> = words.iter().map(|word| word.template(vocabulary)).collect();
    templates.into_iter().collect()
}

fn env(table: &Table<'_>, vocabulary: &Vocabulary<'_>) -> BTreeMap<String, Template> {
    let templates = table.templates("env", vocabulary);
    let good = templates.into_iter().filter(|(item, _)| {
        let good = !item.key.is_empty() && !item.key.contains(['=', '\0']);
        if !good {
            table.reader.refuse(
                item.key_span.clone(),
                format!("`{}` cannot be the name of an environment variable", item.key.escape_debug()),
                "write a name without `=`",
            );
        }
        good
    });
    good.map(|(item, template)| (item.key, template)).collect()
}

fn ready(item: &Item<'_>, vocabulary: &Vocabulary<'_>) -> Option<Ready> {
    if item.as_text() == Some("port") {
        return Some(Ready::Port);
    }
    if !item.is_table() {
        item.refuse("`ready` is none of the ways to be ready", READY_HELP);
        return None;
    }
    let table = item.table("`ready`")?;
    table.only(&["http", "log"]);
    match (table.get("http"), table.get("log")) {
        (Some(http), None) => {
            let template = http.template(vocabulary)?;
            let text = template.to_string();
            if is_path(&template) || text.starts_with("http://") || text.starts_with("https://") {
                return Some(Ready::Http(template));
            }
            http.refuse("`http` is neither a path nor an address", "begin it with `/` or with http://");
            None
        }
        (None, Some(log)) => {
            let regex = log.text()?;
            match regex_lite::Regex::new(regex) {
                Ok(regex) => Some(Ready::Log(regex)),
                Err(error) => {
                    log.refuse(
                        format!("`log` is no regular expression: {error}"),
                        "write a backslash before a character that is meant as itself, \
                         and the whole in single quotes, as in '\\[ready\\]'",
                    );
                    None
                }
            }
        }
        (Some(_), Some(_)) => {
            item.refuse("`ready` has both `http` and `log`", "leave one of them out");
            None
        }
        (None, None) => {
            item.refuse("`ready` is empty", READY_HELP);
            None
        }
    }
}

fn is_path(template: &Template) -> bool {
    template.to_string().starts_with('/')
}

fn stop(table: &Table<'_>) -> Stop {
    let default = Stop { signal: Signal::Term, grace: Duration::from_secs(5) };
    let Some(table) = table.get("stop").and_then(|item| item.table("`stop`")) else { return default };
    table.only(&["grace", "signal"]);
    let signal = table.get("signal").and_then(|item| {
        let name = item.text()?;
        let signal = SIGNALS.iter().find(|(known, _)| *known == name);
        if signal.is_none() {
            item.refuse(
                format!("there is no signal `{}` to stop a service with", name.escape_debug()),
                did_you_mean("signals", name, SIGNALS.map(|(known, _)| known)),
            );
        }
        signal.map(|(_, signal)| *signal)
    });
    Stop { signal: signal.unwrap_or(default.signal), grace: table.duration("grace", default.grace) }
}
