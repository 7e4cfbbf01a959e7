//! What is kept of an attempt that did not pass: what its sessions showed at that moment.

use std::path::Path;
use std::time::Duration;

use crate::browser::Session;
use crate::suite::Home;

/// Evidence is not worth waiting for longer than this: the browser may be what is broken.
const LIMIT: Duration = Duration::from_secs(5);

/// Writes `screenshot.png` and `page.html` of each session; with several, each has its role's name in front, also
/// `instructor-2`.
/// What cannot be had is left out.
pub(super) async fn keep(sessions: &[Session], home: &Home, folder: &Path) {
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
    }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let written = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(folder.join(name), bytes));
    if let Err(error) = written {
        tracing::warn!(%error, folder = %folder.display(), "{name} could not be written");
    }
}
