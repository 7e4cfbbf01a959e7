//! When a service is ready.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};
use tokio::net::TcpStream;
use tokio::time::Instant;

/// How long one request may take. A server that takes connections while it still boots may never answer
/// the early ones.
const REQUEST: Duration = Duration::from_secs(5);
/// Pauses between two looks: an eighth of what was waited so far, in these bounds. A server that
/// boots in 20 ms is seen within 2 ms, one that takes a minute is asked twice a second.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(500));
/// How much of a log is read at once, and the longest line that is looked at.
const CHUNK: usize = 64 * 1024;

/// What is looked at to see that a service is ready.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// This address answers 2xx, 3xx or 400 to 403.
    Http(Url),
    /// A connection to this host and port is accepted.
    Port(String, u16),
    /// A line of its log matches.
    Log(regex_lite::Regex),
}

impl Target {
    /// A path of a service at `base`, or an address of its own.
    pub(super) fn http(base: Option<&str>, path: &str) -> Result<Self, String> {
        let address = match base {
            _ if path.contains("://") => path.to_owned(),
            Some(base) => format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/')),
            None => {
                return Err(no_port());
            }
        };
        let url: Url = address.parse().map_err(|error| format!("`{address}` is no address: {error}"))?;
        if url.scheme() == "https" && !cfg!(feature = "tls") {
            return Err(format!(
                "`{url}` needs encryption: enable the feature `tls` of the crate `callboard`"
            ));
        }
        Ok(Self::Http(url))
    }

    /// The port of a service at `base`.
    pub(super) fn port(base: Option<&str>) -> Result<Self, String> {
        let base = base.ok_or_else(no_port)?;
        let url: Url = base.parse().map_err(|error| format!("`{base}` is no address: {error}"))?;
        let (host, port) = host_and_port(&url).ok_or_else(|| format!("`{base}` has no port"))?;
        Ok(Self::Port(host, port))
    }

    /// Where on this machine the service will listen, if that is known.
    pub(super) fn local_port(&self) -> Option<u16> {
        let (host, port) = match self {
            Self::Http(url) => host_and_port(url)?,
            Self::Port(host, port) => (host.clone(), *port),
            Self::Log(_) => return None,
        };
        matches!(host.as_str(), "127.0.0.1" | "localhost" | "::1").then_some(port)
    }
}

fn no_port() -> String {
    "it belongs to the run and has no port of its own: write `port = …` or `ready = { log = \"…\" }`"
        .to_owned()
}

fn host_and_port(url: &Url) -> Option<(String, u16)> {
    let host = url.host_str()?.trim_start_matches('[').trim_end_matches(']');
    Some((host.to_owned(), url.port_or_known_default()?))
}

/// Waits until the target says yes.
///
/// # Errors
/// What the last look saw, when the time is over.
pub(super) async fn until_ready(
    target: &Target,
    log: Option<(&Path, u64)>,
    timeout: Duration,
) -> Result<(), String> {
    let begun = Instant::now();
    let deadline = begun + timeout;
    let mut look = Look::at(target, log)?;
    let mut last = None;
    loop {
        let limit = REQUEST.min(deadline.saturating_duration_since(Instant::now()));
        match look.once(limit).await {
            Ok(()) => return Ok(()),
            // A look that the end of the time cut short says less than the one before it.
            Err(Seen::Silence(_)) if limit < REQUEST && last.is_some() => {}
            Err(Seen::Silence(seen) | Seen::No(seen)) => last = Some(seen),
        }
        let pause = (begun.elapsed() / 8).clamp(PAUSES.0, PAUSES.1);
        if Instant::now() + pause >= deadline {
            tokio::time::sleep_until(deadline).await;
            return Err(last.unwrap_or_default());
        }
        tokio::time::sleep(pause).await;
    }
}

/// A target with what is needed to look at it again and again.
enum Look<'a> {
    Http(&'a Url, Client),
    Port(&'a str, u16),
    Log(&'a regex_lite::Regex, NewLines),
}

impl<'a> Look<'a> {
    fn at(target: &'a Target, log: Option<(&Path, u64)>) -> Result<Self, String> {
        match (target, log) {
            (Target::Http(url), _) => {
                let client = client(target.local_port().is_some()).map_err(|error| deepest(&error))?;
                Ok(Self::Http(url, client))
            }
            (Target::Port(host, port), _) => Ok(Self::Port(host, *port)),
            (Target::Log(regex), Some((path, start))) => Ok(Self::Log(regex, NewLines::after(path, start))),
            (Target::Log(_), None) => Err("it has no log".to_owned()),
        }
    }

    /// Whether it is ready now; if not, what was seen.
    async fn once(&mut self, limit: Duration) -> Result<(), Seen> {
        match self {
            Self::Http(url, client) => {
                let answer = client.get(url.clone()).timeout(limit).send().await;
                match answer.map(|answer| answer.status()) {
                    Ok(status) if is_ready(status) => Ok(()),
                    Ok(status) => Err(Seen::No(format!("GET {url}: answered {status}"))),
                    Err(error) if error.is_timeout() => {
                        Err(Seen::Silence(format!("GET {url}: no answer within {limit:.1?}")))
                    }
                    Err(error) => Err(Seen::No(format!("GET {url}: {}", deepest(&error)))),
                }
            }
            Self::Port(host, port) => match tokio::time::timeout(limit, connect(host, *port)).await {
                Ok(Ok(())) => Ok(()),
                Ok(Err(error)) => Err(Seen::No(format!("connecting to {host}:{port}: {}", deepest(&error)))),
                Err(_) => {
                    Err(Seen::Silence(format!("connecting to {host}:{port}: no answer within {limit:.1?}")))
                }
            },
            Self::Log(regex, lines) => match lines.any(|line| regex.is_match(line)) {
                Ok(true) => Ok(()),
                Ok(false) => Err(Seen::No(format!("no line of its log matches `{regex}`"))),
                Err(error) => Err(Seen::No(format!("reading its log: {error}"))),
            },
        }
    }
}

/// What was seen of a service that is not ready.
enum Seen {
    /// It said so.
    No(String),
    /// It said nothing in the time it had.
    Silence(String),
}

/// Somebody answers who knows what they are asked: 2xx, 3xx, or "not you" (400 to 403).
fn is_ready(status: StatusCode) -> bool {
    status.is_success() || status.is_redirection() || (400..=403).contains(&status.as_u16())
}

/// A service on this machine is never behind a proxy, whatever the environment says.
fn client(local: bool) -> reqwest::Result<Client> {
    let builder = Client::builder().redirect(Policy::none()).pool_max_idle_per_host(0);
    if local { builder.no_proxy().build() } else { builder.build() }
}

/// Whether a connection is accepted.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<()> {
    let stream = TcpStream::connect((host, port)).await?;
    // On a port out of which the system also serves callers, a connection can meet itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    Ok(())
}

/// The last cause of an error: "connection refused" rather than "error sending request".
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    match cause.downcast_ref::<io::Error>() {
        Some(error) if error.raw_os_error().is_some() => error.kind().to_string(),
        _ => cause.to_string(),
    }
}

/// The lines that are written to a file from some place on.
struct NewLines {
    path: PathBuf,
    read: u64,
    /// The line that is not ended yet.
    rest: Vec<u8>,
}

impl NewLines {
    fn after(path: &Path, start: u64) -> Self {
        Self { path: path.to_owned(), read: start, rest: Vec::new() }
    }

    /// Whether one of the lines since the last call is it, the one that is being written included.
    fn any(&mut self, mut is_it: impl FnMut(&str) -> bool) -> io::Result<bool> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.read))?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let count = file.read(&mut chunk)?;
            if count == 0 {
                return Ok(false);
            }
            self.read += count as u64;
            self.rest.extend_from_slice(&chunk[..count]);
            let text = String::from_utf8_lossy(&self.rest);
            if text.lines().any(&mut is_it) {
                return Ok(true);
            }
            let ended = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            self.rest.drain(..ended.max(self.rest.len().saturating_sub(CHUNK)));
        }
    }
}
