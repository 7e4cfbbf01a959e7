//! The server with clients of all kinds, and the dialogue with whatever bytes.

mod clients;
mod dialogue;
mod fuzz;
mod limits;
mod mailbox;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::{Server, Settings};

/// Long enough that it never ends where all is well.
const LONG: Duration = Duration::from_mins(1);

async fn start() -> Server {
    Server::start(Settings::default().timeout(LONG)).await.expect("a free port")
}

/// A client that says what it is told to, and nothing else.
struct Client {
    stream: BufReader<TcpStream>,
}

impl Client {
    /// One that was greeted.
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        stream.set_read_timeout(Some(LONG)).expect("a limit");
        Self { stream: BufReader::new(stream) }
    }

    /// One that has said EHLO.
    fn greeted(port: u16) -> Self {
        let mut client = Self::connect(port);
        assert_eq!(client.reply(), "220 callboard ESMTP");
        assert!(client.ask("EHLO me").ends_with("250 HELP"));
        client
    }

    fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream.get_mut().write_all(text.as_ref()).expect("the server takes it");
    }

    /// All lines of the next reply.
    fn reply(&mut self) -> String {
        let mut all = String::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).expect("a reply");
            all.push_str(line.trim_end());
            if line.as_bytes().get(3) != Some(&b'-') {
                return all;
            }
            all.push('\n');
        }
    }

    fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n"));
        self.reply()
    }

    /// Sends a message and tells the reply to it.
    fn deliver(&mut self, from: &str, to: &str, text: &str) -> String {
        assert_eq!(self.ask(&format!("MAIL FROM:<{from}>")), "250 2.1.0 sender ok");
        assert_eq!(self.ask(&format!("RCPT TO:<{to}>")), "250 2.1.5 recipient ok");
        assert!(self.ask("DATA").starts_with("354 "));
        self.ask(&format!("{text}\r\n."))
    }
}

/// Does what blocks elsewhere: the server is on this thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}
