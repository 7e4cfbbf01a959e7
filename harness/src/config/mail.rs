//! `[mail]`: the SMTP server of each slot.

use std::time::Duration;

use super::Ports;
use super::diagnostic::did_you_mean;
use super::reader::Table;
use super::roles::password;

/// `[mail]`
#[derive(Debug, Clone)]
#[cfg_attr(
    not(feature = "mail"),
    allow(dead_code, reason = "read in every build, to say which feature is missing; used only with it")
)]
pub(crate) struct Mail {
    /// The name of its port under `[ports]`.
    pub(crate) port: String,
    /// The only username and password with which one may send, if there are such.
    pub(crate) credentials: Option<(String, String)>,
    /// The longest message, in bytes, if it is not the default.
    pub(crate) max_message_size: Option<usize>,
    /// How long a test waits for a message, if it is not the default.
    pub(crate) timeout: Option<Duration>,
    /// Whether STARTTLS is offered.
    #[cfg_attr(
        not(feature = "mail-tls"),
        allow(dead_code, reason = "read in every build, to say which feature is missing; used only with it")
    )]
    pub(crate) tls: bool,
}

/// What this crate was built with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Built {
    pub(super) mail: bool,
    pub(super) tls: bool,
}

/// This very build.
pub(super) const BUILT: Built = Built { mail: cfg!(feature = "mail"), tls: cfg!(feature = "mail-tls") };

/// A message of more than that is a slip of the finger.
const LARGEST_MESSAGE: usize = 1 << 30;

pub(super) fn read(root: &Table<'_>, ports: &Ports, built: Built) -> Option<Mail> {
    let table = root.section("mail")?;
    if !built.mail {
        table.refuse(
            "[mail] needs the feature `mail` of callboard, which this program was built without",
            "write features = [\"mail\"] at callboard in Cargo.toml",
        );
        return None;
    }
    table.only(&["max_message_size", "password", "port", "timeout", "tls", "username"]);
    let port = port(&table, ports);
    let username = table
        .get("username")
        .and_then(|item| item.some_text("write a name, or leave the key out"))
        .map(str::to_owned);
    let password = table.get("password").and_then(|item| password(&table, &item));
    let has = |key| table.get(key).is_some();
    if has("username") != has("password") {
        let (there, missing) =
            if has("username") { ("username", "password") } else { ("password", "username") };
        table.refuse(
            format!("[mail] has `{there}` and no `{missing}`"),
            "write both, and only with these one may send; or none, and everybody may",
        );
    }
    let timeout = has("timeout").then(|| table.deadline("timeout", Duration::from_secs(10)));
    let tls = table.get("tls").and_then(|item| {
        let tls = item.boolean()?;
        if tls && !built.tls {
            item.refuse(
                "`tls` needs the feature `mail-tls` of callboard, which this program was built without",
                "write features = [\"mail-tls\"] at callboard in Cargo.toml",
            );
        }
        Some(tls)
    });
    Some(Mail {
        port: port?,
        credentials: username.zip(password),
        max_message_size: table.get("max_message_size").and_then(|item| item.number(1..=LARGEST_MESSAGE)),
        timeout,
        tls: tls.unwrap_or_default(),
    })
}

fn port(table: &Table<'_>, ports: &Ports) -> Option<String> {
    let example = "write [ports] with smtp = 4002, or another port, and port = \"smtp\" here";
    let item = table.require("port", example)?;
    let named = "write the name of a port of [ports], in quotes";
    let Some(name) = item.as_text().filter(|name| !name.is_empty()) else {
        item.refuse("`port` is no name", named);
        return None;
    };
    if ports.contains_key(name) {
        return Some(name.to_owned());
    }
    let help = match ports.len() {
        0 => example.to_owned(),
        _ => did_you_mean("ports", name, ports.keys().map(String::as_str)),
    };
    item.refuse(format!("`{}` is not under [ports]", name.escape_debug()), help);
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use toml::de::DeTable;

    use super::super::reader::Reader;
    use super::super::source::Source;
    use super::*;

    /// What is said about a file by a program that was built like this.
    fn said(text: &str, built: Built) -> String {
        let source = Source::new("callboard.toml".to_owned(), text.to_owned());
        let document = DeTable::parse(text).expect("TOML").into_inner();
        let reader = Reader::new(&source, Path::new("/"), &|_| None);
        let ports = [("smtp".to_owned(), 5000)].into();
        read(&Table::root(&reader, &document), &ports, built);
        reader.faults().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_feature_that_is_missing_is_named() {
        let lines = said("[mail]\nport = \"smtp\"\n", Built { mail: false, tls: false });
        assert_eq!(
            lines.lines().collect::<Vec<_>>(),
            [
                "error: [mail] needs the feature `mail` of callboard, which this program was built without",
                "  --> callboard.toml:1:1",
                "   |",
                " 1 | [mail]",
                "   | ^^^^^^",
                "   = help: write features = [\"mail\"] at callboard in Cargo.toml",
            ]
        );
        let tls = "[mail]\nport = \"smtp\"\ntls = true\n";
        let text = said(tls, Built { mail: true, tls: false });
        assert!(
            text.contains("`tls` needs the feature `mail-tls`") && text.contains("callboard.toml:3:7"),
            "{text}"
        );
        assert_eq!(said(tls, Built { mail: true, tls: true }), "");
    }
}
