//! What is kept of an attempt that did not pass: what its sessions showed at that moment.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::browser::Session;
use crate::browser::console::{console_log, network_log};
use crate::model::without_secrets;
use crate::suite::Home;
#[cfg(feature = "mail")]
use crate::trace::What;

/// Evidence is not worth waiting for longer than this: the browser may be what is broken.
const LIMIT: Duration = Duration::from_secs(5);

/// Of the mail of an attempt, as many messages are kept.
#[cfg(feature = "mail")]
const MOST_MAIL: usize = 100;

/// Writes `screenshot.png`, `page.html` and `accessibility.txt` of each session; with several, each has its role's name in front, also
/// `instructor-2`. Writes the slot's mail.
/// What cannot be had is left out.
pub(super) async fn keep(sessions: &[Session], home: &Home, folder: &Path) {
    #[cfg(feature = "mail")]
    keep_mail(home, folder);
    for session in sessions {
        let prefix = match session.account() {
            Some(account) if sessions.len() > 1 => format!("{}-", home.label(account)),
            _ => String::new(),
        };
        if let Ok(Ok(png)) = tokio::time::timeout(LIMIT, session.screenshot_png()).await {
            write(folder, &format!("{prefix}screenshot.png"), &png);
        }
        if let Ok(Ok(page)) = tokio::time::timeout(LIMIT, session.page_source()).await {
            write(folder, &format!("{prefix}page.html"), home.mask(page).as_bytes());
        }
        if let Ok(Ok(tree)) = tokio::time::timeout(LIMIT, session.accessibility_tree()).await {
            write(folder, &format!("{prefix}accessibility.txt"), home.mask(tree).as_bytes());
        }
    }
}

/// Writes the mail of the attempt into its trace.
#[cfg(feature = "mail")]
pub(super) fn record_mail(home: &Home) {
    let Some(mailbox) = home.mailbox() else { return };
    let (now, here) = (std::time::SystemTime::now(), Instant::now());
    for message in mailbox.kept().into_iter().take(MOST_MAIL) {
        let age = now.duration_since(message.arrived()).unwrap_or_default();
        let (from, to) = (message.from().to_owned(), message.to().to_vec());
        let (subject, text) = (message.subject().to_owned(), message.text().to_owned());
        home.recording()
            .write_at(here.checked_sub(age).unwrap_or(here), What::Mail { from, to, subject, text });
    }
}

/// Writes `console.log` and `network.jsonl`: what happened on the pages since then, a line for each entry.
pub(super) fn keep_happenings(
    own: &[Session],
    of_slot: &[Session],
    since: Instant,
    home: &Home,
    folder: &Path,
) {
    let (mut console, mut network) = (Vec::new(), Vec::new());
    let clean = |text: &str| without_secrets(&home.mask(text.to_owned()));
    let label = |session: &Session| session.account().map(|account| home.label(account)).unwrap_or_default();
    let own = own.iter().map(|session| (session, label(session)));
    let of_slot = of_slot.iter().map(|session| (session, format!("{} of the slot", label(session))));
    let all: Vec<_> = own.chain(of_slot).collect();
    for (session, label) in &all {
        let whose = if all.len() > 1 { format!("{label:<12} ") } else { String::new() };
        let entries = session.entries();
        console.extend(console_log(&entries, since, &whose, &clean));
        let lines = network_log(&entries, since, whose.trim(), &clean);
        network.extend(lines.into_iter().map(|(at, line)| (at, line.to_string())));
    }
    for (name, mut lines) in [("console.log", console), ("network.jsonl", network)] {
        if lines.is_empty() {
            continue;
        }
        lines.sort_by_key(|(at, _)| *at);
        let text: String = lines.into_iter().map(|(_, line)| line + "\n").collect();
        write(folder, name, text.as_bytes());
    }
}

/// Writes each message of the slot's mailbox to `mail/01-<subject>.eml`.
#[cfg(feature = "mail")]
fn keep_mail(home: &Home, folder: &Path) {
    let Some(mailbox) = home.mailbox() else { return };
    let folder = folder.join("mail");
    for (number, message) in (1..=MOST_MAIL).zip(mailbox.kept()) {
        // Text is masked; what is none is kept as it came.
        let raw = message.raw().to_vec();
        let raw = String::from_utf8(raw)
            .map_or_else(std::string::FromUtf8Error::into_bytes, |text| home.mask(text).into_bytes());
        write(&folder, &format!("{number:02}-{}.eml", slug(&home.mask(message.subject().to_owned()))), &raw);
    }
}

/// What of a subject can be part of a file's name.
#[cfg(feature = "mail")]
fn slug(subject: &str) -> String {
    let words = subject.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").to_lowercase().chars().take(40).collect();
    if slug.is_empty() { "no-subject".to_owned() } else { slug.trim_end_matches('-').to_owned() }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(name), bytes));
    if let Err(error) = written {
        tracing::warn!(%error, folder = %folder.display(), "{name} could not be written");
    }
}
