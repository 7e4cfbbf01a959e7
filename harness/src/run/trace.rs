//! What becomes of the trace of an attempt: a page, or nothing.

use std::path::{Path, PathBuf};

use super::station::Common;
use crate::model::{Event, Outcome, TestId, below};
use crate::trace::{PAGE, RECORDS, Secrets, make_page};
use crate::video;

/// Makes the page of what was recorded of an attempt, and tells of it; or removes what was recorded, if it is not to be
/// kept. Of an attempt that had no page nothing was recorded.
pub(super) async fn finish(
    test: &TestId,
    attempt: u32,
    folder: &Path,
    outcome: Outcome,
    passwords: impl Iterator<Item = String>,
    common: &Common,
) -> Option<PathBuf> {
    let records = folder.join(RECORDS);
    if !records.exists() {
        return None;
    }
    if !common.config.trace.mode.keeps(!outcome.is_ok()) {
        remove(&records, folder);
        return None;
    }
    let secrets = Secrets::new(passwords, &common.config.trace.mask);
    let (page, dir) = (folder.join(PAGE), common.config.dir().to_owned());
    let (from, to) = (records.clone(), page.clone());
    let made = tokio::task::spawn_blocking(move || make_page(&from, &to, &secrets, &dir)).await;
    match made {
        Ok(Ok(())) => remove(&records, folder),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the trace of `{test}` has no page; {} has what was recorded", records.display());
            return None;
        }
        Err(_panicked) => return None,
    }
    common.events.emit(Event::Attached {
        test: test.clone(),
        attempt,
        name: PAGE.to_owned(),
        path: below(common.folder.path(), &page),
        media_type: "text/html".to_owned(),
        step: None,
    });
    Some(page)
}

/// Of an attempt that the run itself ended nobody wants to know how far it came.
pub(super) fn forget(folder: &Path) {
    for name in [RECORDS, video::RECORDS] {
        let records = folder.join(name);
        if records.exists() {
            remove(&records, folder);
        }
    }
}

/// With its folder, where nothing else is in it, and with the test's.
pub(super) fn remove(records: &Path, folder: &Path) {
    let _ = std::fs::remove_file(records);
    let _ = std::fs::remove_dir(folder).and_then(|()| std::fs::remove_dir(folder.parent().unwrap_or(folder)));
}
