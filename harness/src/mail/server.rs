//! The server: sockets, limits and time around the dialogue.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, JoinSet};

use super::error::MailError;
use super::letter::{Envelope, Letter};
use super::mailbox::Mailbox;
use super::post::{Action, NoRoom, Post, Reservation};
use super::protocol::{Ask, Dialogue, NO_ROOM, Reply, Terms};
use super::settings::Settings;
#[cfg(feature = "mail-tls")]
use super::tls::{Identity, Tls};

/// How much is read at a time, in bytes.
const READ: usize = 8 << 10;
/// How long a connection that is to be closed may take to hear so.
const SHOW_OUT: Duration = Duration::from_secs(1);

/// An SMTP server that keeps what is sent to it, for tests to read in its [`Mailbox`].
///
/// In a run of end-to-end tests each slot has one as soon as `callboard.toml` has a `[mail]` table, and tests take
/// `&Mailbox` as an argument. This is for other tests:
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use callboard::mail::{Server, Settings, to};
///
/// let server = Server::start(Settings::default()).await?;
/// let mailbox = server.mailbox();
/// // An application that sends its mail to `server.url()`, such as "smtp://127.0.0.1:41234":
/// # use std::io::{Read, Write};
/// # let port = server.port();
/// # tokio::task::spawn_blocking(move || {
/// #     let mut client = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
/// #     let text = "EHLO me\r\nMAIL FROM:<app@x.test>\r\nRCPT TO:<ida@x.test>\r\nDATA\r\nSubject: Welcome\r\n\r\nHi\r\n.\r\nQUIT\r\n";
/// #     client.write_all(text.as_bytes()).unwrap();
/// #     client.read_to_string(&mut String::new()).unwrap();
/// # });
/// let message = mailbox.next(to("ida@x.test")).await?;
/// assert_eq!(message.subject(), "Welcome");
/// server.stop().await;
/// # Ok::<(), callboard::mail::MailError>(())
/// # }).unwrap();
/// ```
///
/// Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    mailbox: Mailbox,
    certificate: Option<String>,
    listening: JoinHandle<()>,
}

/// What all connections share.
#[derive(Debug)]
struct House {
    post: Arc<Post>,
    terms: Terms,
    idle_timeout: Duration,
    #[cfg(feature = "mail-tls")]
    tls: Option<Tls>,
}

impl Server {
    /// Starts it; from then on it takes mail. Must be called on a tokio runtime, and lives as long as that.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(settings: Settings) -> Result<Self, MailError> {
        let failed = |error| MailError::start(settings.address, error);
        let listener = TcpListener::bind(settings.address).await.map_err(failed)?;
        #[cfg(feature = "mail-tls")]
        let identity = if settings.terms.tls { Some(Identity::new()?) } else { None };
        let wanted = settings.address;
        Self::on(
            listener,
            settings,
            #[cfg(feature = "mail-tls")]
            identity.as_ref(),
        )
        .map_err(|error| MailError::start(wanted, error))
    }

    /// A server on a socket that listens already, with this identity if it offers TLS.
    pub(super) fn on(
        listener: TcpListener,
        settings: Settings,
        #[cfg(feature = "mail-tls")] identity: Option<&Identity>,
    ) -> io::Result<Self> {
        let Settings { terms, timeout, capacity, max_connections, idle_timeout, .. } = settings;
        let address = listener.local_addr()?;
        let post = Arc::new(Post::new(capacity));
        #[cfg(feature = "mail-tls")]
        let tls = identity.map(Tls::new).transpose().map_err(io::Error::other)?;
        #[cfg(feature = "mail-tls")]
        let certificate = identity.map(Identity::pem);
        #[cfg(not(feature = "mail-tls"))]
        let certificate = None;
        let house = Arc::new(House {
            post: post.clone(),
            terms,
            idle_timeout,
            #[cfg(feature = "mail-tls")]
            tls,
        });
        let listening = tokio::spawn(listen(listener, house, max_connections));
        Ok(Self { address, mailbox: Mailbox::new(post, timeout, address), certificate, listening })
    }

    /// What is sent to it.
    pub fn mailbox(&self) -> Mailbox {
        self.mailbox.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Its address for an application's configuration: `smtp://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    /// The certificate of STARTTLS as PEM, for applications that insist on knowing it; nothing without TLS.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Closes all connections, and waits until the port is free.
    pub async fn stop(mut self) {
        self.listening.abort();
        // Cancelled, as just asked.
        let _ = (&mut self.listening).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, house: Arc<House>, max_connections: usize) {
    let room = Arc::new(Semaphore::new(max_connections));
    // Ends all connections when it is dropped.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let mut stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, as a rule: it is asked again at once, and would be refused again at once.
                tracing::debug!(%error, "a connection for mail could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        house.post.connected();
        let Ok(permit) = room.clone().try_acquire_owned() else {
            let reply = Reply::new(421, "3.2", "too many connections, come back later");
            house.post.objected(format!("`{reply}`, to one connection more"));
            let mut text = Vec::new();
            reply.write(&mut text);
            let _ = tokio::time::timeout(SHOW_OUT, stream.write_all(&text)).await;
            continue;
        };
        let house = house.clone();
        connections.spawn(async move {
            let _permit = permit;
            if let Err(error) = converse(stream, &house).await {
                tracing::debug!(%error, "a connection for mail ended early");
            }
        });
    }
}

/// What a conversation came to.
enum End {
    Over,
    StartTls,
}

async fn converse(mut stream: TcpStream, house: &House) -> io::Result<()> {
    // Replies are short and waited for.
    stream.set_nodelay(true)?;
    let mut greeting = Vec::new();
    let mut dialogue = Dialogue::begin(house.terms.clone(), &mut greeting);
    stream.write_all(&greeting).await?;
    match talk(&mut stream, &mut dialogue, house).await? {
        End::Over => part(stream).await,
        #[cfg(feature = "mail-tls")]
        End::StartTls => encrypt(stream, dialogue, house).await,
        // It was not offered.
        #[cfg(not(feature = "mail-tls"))]
        End::StartTls => Ok(()),
    }
}

/// Closes a connection so that the client gets the last reply: a socket that is closed with unread bytes in it takes back
/// what was written.
async fn part(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.shutdown().await?;
    let mut buffer = [0; 1024];
    let rest = async {
        while stream.read(&mut buffer).await? > 0 {}
        Ok(())
    };
    tokio::time::timeout(SHOW_OUT, rest).await.unwrap_or(Ok(()))
}

#[cfg(feature = "mail-tls")]
async fn encrypt(stream: TcpStream, mut dialogue: Dialogue, house: &House) -> io::Result<()> {
    let Some(tls) = &house.tls else { return Ok(()) };
    let accepted = tokio::time::timeout(house.idle_timeout, tls.accept(stream)).await;
    let mut stream = match accepted {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            house.post.objected(format!("the client did not agree to TLS: {error}"));
            return Err(error);
        }
        Err(_) => return Ok(()),
    };
    dialogue.encrypted();
    match talk(&mut stream, &mut dialogue, house).await? {
        End::Over | End::StartTls => part(stream).await,
    }
}

async fn talk(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    dialogue: &mut Dialogue,
    house: &House,
) -> io::Result<End> {
    let mut buffer = vec![0; READ];
    let mut out = Vec::new();
    let mut room = house.post.reserve();
    loop {
        let Ok(read) = tokio::time::timeout(house.idle_timeout, stream.read(&mut buffer)).await else {
            let reply = Reply::new(421, "4.2", "nothing was said for too long, closing the connection");
            house.post.objected(format!("`{reply}`"));
            reply.write(&mut out);
            write(stream, &mut out, house).await?;
            return Ok(End::Over);
        };
        let mut input = &buffer[..read?];
        if input.is_empty() {
            return Ok(End::Over);
        }
        while let Some(ask) = dialogue.take(&mut input, &mut out) {
            match ask {
                Ask::Recipient { from, to } => {
                    let refusal = house.post.judge_recipient(&from, &to);
                    let refusal = refusal.map(|(code, text)| Reply::said(code, "1.0", &text));
                    dialogue.recipient(refusal, &mut out);
                }
                Ask::Deliver(envelope, raw) => {
                    // Who waits for an answer has those to earlier commands.
                    write(stream, &mut out, house).await?;
                    let answer = deliver(envelope, raw, house, &mut room).await;
                    dialogue.delivered(&answer, &mut out);
                }
                Ask::StartTls => {
                    write(stream, &mut out, house).await?;
                    return Ok(End::StartTls);
                }
                Ask::Close => {
                    note(dialogue, house);
                    write(stream, &mut out, house).await?;
                    return Ok(End::Over);
                }
            }
        }
        if room.resize(dialogue.held()) == Err(NoRoom) {
            dialogue.lose();
            let _ = room.resize(0);
        }
        note(dialogue, house);
        write(stream, &mut out, house).await?;
    }
}

fn note(dialogue: &mut Dialogue, house: &House) {
    if let Some(objection) = dialogue.last_objection() {
        house.post.objected(objection);
    }
}

async fn write(stream: &mut (impl AsyncWrite + Unpin), out: &mut Vec<u8>, house: &House) -> io::Result<()> {
    if out.is_empty() {
        return Ok(());
    }
    let all = async {
        stream.write_all(out).await?;
        stream.flush().await
    };
    // A client that sends and never reads is idle too.
    tokio::time::timeout(house.idle_timeout, all).await.map_err(|_| io::ErrorKind::TimedOut)??;
    *out = Vec::new();
    Ok(())
}

/// Does with a message what the rules say, and answers.
async fn deliver(envelope: Envelope, raw: Box<[u8]>, house: &House, room: &mut Reservation) -> Reply {
    let mut letter = Letter { envelope, raw, arrived: SystemTime::now() };
    if room.resize(letter.weight()) == Err(NoRoom) {
        return NO_ROOM;
    }
    let mut ruling = house.post.judge(&letter);
    match ruling.action.take() {
        Some(Action::Refuse { code, text }) => return Reply::said(code, "7.1", &text),
        Some(Action::Drop) => return TAKEN,
        Some(Action::Delay(delay)) => {
            tokio::select! {
                () = tokio::time::sleep(delay) => {}
                _ = ruling.release.changed() => {}
            }
            letter.arrived = SystemTime::now();
        }
        None => {}
    }
    // From here on it is the letter that counts.
    let _ = room.resize(0);
    match house.post.deliver(letter, &ruling) {
        Ok(()) => TAKEN,
        Err(NoRoom) => NO_ROOM,
    }
}

const TAKEN: Reply = Reply::new(250, "0.0", "message accepted");
