//! Downloads as a test meets them: they are kept in the folder of the attempt.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{oneshot, watch};

use super::awaited::Awaited;
use super::cdp::{Cdp, text};
use super::locator::Why;
use super::session::Session;
use super::state::without_query;
use crate::trail;

/// Below the folder of the attempt.
const FOLDER: &str = "downloads";
/// So many files of one name are kept beside each other.
const MOST_OF_A_NAME: u32 = 1000;

/// The downloads of a browser. A clone is the same.
#[derive(Clone, Default)]
pub(super) struct Downloads(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    last: u64,
    waiting: Vec<Waiting>,
    /// Those that somebody has waited for, by the browser's names.
    under_way: HashMap<String, watch::Sender<Progress>>,
}

/// Somebody waits for a download.
struct Waiting {
    number: u64,
    /// Whether it is of one of their frames.
    is_own: Box<dyn Fn(&str) -> bool + Send>,
    sender: oneshot::Sender<Begun>,
}

/// A download that has begun.
struct Begun {
    id: String,
    url: String,
    suggested_name: String,
    progress: watch::Receiver<Progress>,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    received: u64,
    /// Nothing if the server has not said it.
    total: Option<u64>,
    end: Option<End>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Complete,
    Cancelled,
}

impl Downloads {
    /// From now on, of all pages of the browser.
    pub(super) fn watch(cdp: &Cdp) -> Self {
        let downloads = Self::default();
        let own = downloads.clone();
        cdp.listen(move |method, params| match method {
            "Browser.downloadWillBegin" => own.lock().begin(params),
            "Browser.downloadProgress" => own.lock().go_on(params),
            _ => {}
        });
        downloads
    }

    /// The next one of a frame that is one's own.
    fn wait(&self, is_own: impl Fn(&str) -> bool + Send + 'static) -> (u64, oneshot::Receiver<Begun>) {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        state.last += 1;
        let number = state.last;
        state.waiting.push(Waiting { number, is_own: Box::new(is_own), sender });
        (number, receiver)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn begin(&mut self, params: &Value) {
        self.waiting.retain(|waiting| !waiting.sender.is_closed());
        let frame = text(params, "frameId");
        let Some(index) = self.waiting.iter().position(|waiting| (waiting.is_own)(&frame)) else { return };
        let waiting = self.waiting.remove(index);
        let id = text(params, "guid");
        let (sender, progress) = watch::channel(Progress::default());
        self.under_way.insert(id.clone(), sender);
        let (url, suggested_name) = (text(params, "url"), text(params, "suggestedFilename"));
        let _ = waiting.sender.send(Begun { id, url, suggested_name, progress });
    }

    fn go_on(&mut self, params: &Value) {
        let id = text(params, "guid");
        let Some(progress) = self.under_way.get(&id) else { return };
        let number = |field: &str| params[field].as_f64().filter(|bytes| *bytes > 0.0);
        let end = match params["state"].as_str() {
            Some("completed") => Some(End::Complete),
            Some("canceled") => Some(End::Cancelled),
            _ => None,
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
        let whole = |bytes: f64| bytes as u64;
        progress.send_replace(Progress {
            received: number("receivedBytes").map(whole).unwrap_or_default(),
            total: number("totalBytes").map(whole),
            end,
        });
        if end.is_some() {
            self.under_way.remove(&id);
        }
    }
}

impl fmt::Debug for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Downloads")
    }
}

/// Somebody waits until this is dropped.
struct Registered {
    downloads: Downloads,
    number: u64,
}

impl Drop for Registered {
    fn drop(&mut self) {
        self.downloads.lock().waiting.retain(|waiting| waiting.number != self.number);
    }
}

/// A download that has begun. Its file is kept in `downloads` in the folder of the attempt.
#[derive(Clone)]
pub struct Download(Arc<Inner>);

struct Inner {
    session: Session,
    begun: Begun,
    folder: PathBuf,
    /// Where it was moved to when it was complete.
    file: Mutex<Option<PathBuf>>,
}

impl Session {
    /// The next download that a page of this session begins, as soon as it has begun. It is listened for from now on; a
    /// download that nobody waits for is not kept.
    ///
    /// ```no_run
    /// # async fn exports(session: &callboard::Session) -> callboard::TestResult {
    /// let download = session.wait_for_download();
    /// session.by_role("link").named("Export").click().await?;
    /// let download = download.await?;
    /// assert_eq!(download.suggested_name(), "courses.csv");
    /// let csv = std::fs::read_to_string(download.path().await?)?;
    /// assert!(csv.starts_with("title,"));
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn wait_for_download(&self) -> Awaited<Download> {
        let location = Location::caller();
        let folder = trail::folder().unwrap_or_else(|| {
            let log = &self.connection().endpoint.log;
            log.parent().map_or_else(PathBuf::new, Path::to_owned)
        });
        let folder = folder.join(FOLDER);
        let context = &self.family().context.id;
        // On its way before what causes the download.
        let behavior = json!({
            "behavior": "allowAndName",
            "browserContextId": context,
            "downloadPath": folder,
            "eventsEnabled": true,
        });
        let connection = self.connection();
        connection.cdp.notify("Browser.setDownloadBehavior", &behavior);
        let (weak, arrivals, context) = (self.downgrade(), connection.arrivals.clone(), context.clone());
        let (number, receiver) = connection.downloads.wait(move |frame| {
            // A page that was opened for a download is closed before it is known.
            arrivals.is_of(&context, frame)
                || weak
                    .upgrade()
                    .is_some_and(|session| session.tabs().iter().any(|tab| tab.part_of(frame).is_some()))
        });
        let registered = Registered { downloads: connection.downloads.clone(), number };
        let session = self.clone();
        let coming = async move {
            let _registered = registered;
            let begun = receiver.await.map_err(|_gone| Why::Closed)?;
            Ok(Download(Arc::new(Inner { session, begun, folder, file: Mutex::default() })))
        };
        Awaited::new(self, "wait for a download", location, coming, || "none has begun".to_owned())
    }
}

impl Download {
    /// The name that the server or the link gives it: `courses.csv`.
    pub fn suggested_name(&self) -> &str {
        &self.0.begun.suggested_name
    }

    /// Where it comes from.
    pub fn url(&self) -> &str {
        &self.0.begun.url
    }

    /// Where its file is, when it is complete (30 s at most): in `downloads` in the folder of the attempt, by the suggested name, with a
    /// number where there is one already. It is an error if it breaks off.
    #[track_caller]
    pub fn path(&self) -> Awaited<PathBuf> {
        let own = self.clone();
        self.ending("wait for the download", Location::caller(), async move { own.complete().await })
    }

    /// Copies its file there when it is complete (30 s at most). Folders that are not there are made, a file that is, is replaced.
    #[track_caller]
    pub fn save_as(&self, path: impl AsRef<Path>) -> Awaited<()> {
        let (own, path) = (self.clone(), path.as_ref().to_owned());
        self.ending("save the download", Location::caller(), async move {
            let file = own.complete().await?;
            let copied = async {
                if let Some(folder) = path.parent() {
                    tokio::fs::create_dir_all(folder).await?;
                }
                tokio::fs::copy(&file, &path).await
            };
            let copied = copied.await;
            copied.map_err(|error| Why::Other(format!("cannot write {}: {error}", path.display())))?;
            Ok(())
        })
    }

    /// Why it broke off; `None` if it is complete. It waits for its end (30 s at most).
    #[track_caller]
    pub fn failure(&self) -> Awaited<Option<String>> {
        let own = self.clone();
        self.ending("wait for the end of the download", Location::caller(), async move {
            Ok((own.end().await == End::Cancelled).then(|| own.broken_off()))
        })
    }

    /// Breaks it off.
    pub fn cancel(&self) {
        let context = &self.0.session.family().context.id;
        let params = json!({ "guid": self.0.begun.id, "browserContextId": context });
        self.0.session.connection().cdp.notify("Browser.cancelDownload", &params);
    }

    fn ending<T: Send + 'static>(
        &self,
        words: &str,
        location: &'static Location<'static>,
        ending: impl Future<Output = Result<T, Why>> + Send + 'static,
    ) -> Awaited<T> {
        let own = self.clone();
        let what = format!("{words} `{}`", self.suggested_name());
        Awaited::new(&self.0.session, what, location, ending, move || format!("{} came", own.so_far()))
    }

    async fn end(&self) -> End {
        let mut progress = self.0.begun.progress.clone();
        let ended = progress.wait_for(|progress| progress.end.is_some()).await;
        ended.ok().and_then(|progress| progress.end).unwrap_or(End::Cancelled)
    }

    /// Its file, by its own name.
    async fn complete(&self) -> Result<PathBuf, Why> {
        if self.end().await == End::Cancelled {
            return Err(Why::Other(self.broken_off()));
        }
        let mut file = self.0.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &*file {
            return Ok(file.clone());
        }
        let moved = settle(&self.0.folder, &self.0.begun.id, self.suggested_name());
        let moved = moved.map_err(|error| {
            Why::Other(format!("its file is not in {}: {error}", self.0.folder.display()))
        })?;
        Ok(file.insert(moved).clone())
    }

    fn broken_off(&self) -> String {
        format!("it broke off after {}", self.so_far())
    }

    fn so_far(&self) -> String {
        let progress = self.0.begun.progress.borrow();
        match progress.total {
            Some(total) => format!("{} of {total} bytes", progress.received),
            None => format!("{} bytes", progress.received),
        }
    }
}

/// Gives a file the name that was suggested, which is free then.
fn settle(folder: &Path, id: &str, suggested: &str) -> io::Result<PathBuf> {
    let name = Path::new(suggested).file_name().unwrap_or("download".as_ref()).to_string_lossy();
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
        _ => (&*name, String::new()),
    };
    for number in 1..MOST_OF_A_NAME {
        let file = match number {
            1 => folder.join(&*name),
            number => folder.join(format!("{stem}-{number}{extension}")),
        };
        // What is made here is nobody else's.
        match std::fs::OpenOptions::new().write(true).create_new(true).open(&file) {
            Ok(_) => {
                std::fs::rename(folder.join(id), &file).inspect_err(|_| drop(std::fs::remove_file(&file)))?;
                return Ok(file);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("there are too many files named {name}")))
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download({} from {})", self.suggested_name(), without_query(self.url()))
    }
}
