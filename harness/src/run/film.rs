//! What becomes of the film of an attempt: a video, a page, or nothing. None of it lets a test wait.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OnceCell, mpsc, watch};
use tokio::task::JoinHandle;

use super::events::Events;
use super::station::{Common, OnNotice};
use super::trace::remove;
use crate::model::{Event, TestId, below, chain};
use crate::process::Warden;
use crate::video::{Encoder, PAGE, RECORDS, Reel, VIDEO, make_page};

/// Where films are made, one after another, while the run goes on.
#[derive(Default)]
pub(super) struct Studio {
    work: Mutex<Option<Work>>,
}

struct Work {
    films: mpsc::UnboundedSender<Film>,
    /// Whether the rest is to be done at once.
    hurry: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// A film that is to be made.
struct Film {
    test: TestId,
    attempt: u32,
    folder: PathBuf,
}

/// An attempt is over. Its film will be made, or what was recorded is removed.
pub(super) fn finish(test: &TestId, attempt: u32, folder: &Path, is_ok: bool, common: &Common) {
    let records = folder.join(RECORDS);
    if !records.exists() {
        return;
    }
    if !common.config.video.keeps(!is_ok) {
        return remove(&records, folder);
    }
    common.studio.take(Film { test: test.clone(), attempt, folder: folder.to_owned() }, common);
}

impl Studio {
    fn take(&self, film: Film, common: &Common) {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let work = work.get_or_insert_with(|| {
            let (films, coming) = mpsc::unbounded_channel();
            let (hurry, hurried) = watch::channel(false);
            let maker = Maker {
                folder: common.folder.path().to_owned(),
                events: common.events.clone(),
                on_notice: common.on_notice.clone(),
                warden: common.warden.clone(),
                encoder: OnceCell::new(),
                hurried,
            };
            Work { films, hurry, task: tokio::spawn(maker.make_all(coming)) }
        });
        // The maker ends after its last film.
        let _ = work.films.send(film);
    }

    /// Waits until all films are made. Where nobody has time they are pages, which take none.
    pub(super) async fn close(&self, in_hurry: bool) {
        let work = self.work.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Work { films, hurry, task }) = work else { return };
        drop(films);
        hurry.send_replace(in_hurry);
        // A film that panicked is one that is not there.
        let _ = task.await;
    }
}

struct Maker {
    /// Of the run.
    folder: PathBuf,
    events: Events,
    on_notice: OnNotice,
    warden: Option<Arc<Warden>>,
    /// Looked for with the first film; there need be none.
    encoder: OnceCell<Option<Encoder>>,
    hurried: watch::Receiver<bool>,
}

impl Maker {
    async fn make_all(self, mut films: mpsc::UnboundedReceiver<Film>) {
        while let Some(film) = films.recv().await {
            self.make(film).await;
        }
    }

    async fn make(&self, Film { test, attempt, folder }: Film) {
        let records = folder.join(RECORDS);
        let from = records.clone();
        let reel = tokio::task::spawn_blocking(move || Reel::read(&from)).await;
        let reel = match reel {
            Ok(Ok(reel)) if reel.strips.is_empty() => return remove(&records, &folder),
            Ok(Ok(reel)) => reel,
            Ok(Err(error)) => return self.notice(&format!("the film of `{test}` cannot be made: {error}")),
            Err(_panicked) => return,
        };
        let (name, media_type) = if self.encode(reel, &test, &folder).await {
            (VIDEO, "video/webm")
        } else {
            let (from, to) = (records.clone(), folder.join(PAGE));
            let made = tokio::task::spawn_blocking(move || make_page(&from, &to)).await;
            if let Ok(Err(error)) = made {
                let records = records.display();
                let text = format!("the film of `{test}` has no page: {error}; {records} has its pictures");
                return self.notice(&text);
            }
            (PAGE, "text/html")
        };
        remove(&records, &folder);
        self.events.emit(Event::Attached {
            test,
            attempt,
            name: name.to_owned(),
            path: below(&self.folder, &folder.join(name)),
            media_type: media_type.to_owned(),
            step: None,
        });
    }

    /// Whether there is a video now.
    async fn encode(&self, reel: Reel, test: &TestId, folder: &Path) -> bool {
        let scratch = folder.join("video.parts");
        let find = || Encoder::find(&scratch, self.warden.clone());
        let Some(encoder) = self.encoder.get_or_init(find).await else { return false };
        let mut hurried = self.hurried.clone();
        let to = folder.join(VIDEO);
        let made = tokio::select! {
            biased;
            // A sender that is gone hurries nobody.
            Ok(_) = hurried.wait_for(|hurry| *hurry) => None,
            made = encoder.encode(reel, &to, &scratch) => Some(made),
        };
        match made {
            Some(Ok(())) => return true,
            Some(Err(error)) => {
                self.notice(&format!("the film of `{test}` is a page, because {}", chain(&error)));
            }
            None => drop(std::fs::remove_dir_all(&scratch)),
        }
        // What it began.
        let _ = std::fs::remove_file(&to);
        false
    }

    fn notice(&self, text: &str) {
        self.events.emit(Event::Notice { text: text.to_owned() });
        (self.on_notice)(text);
    }
}
