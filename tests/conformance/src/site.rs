//! A web site of a few answers, on a thread of its own.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

/// What is answered to a path.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// `/page`
    pub path: &'static str,
    /// `200 OK`
    pub status: &'static str,
    /// Each with the end of its line.
    pub headers: &'static str,
    /// The body.
    pub body: &'static str,
}

impl Answer {
    /// A document.
    pub const fn page(path: &'static str, body: &'static str) -> Self {
        Self { path, status: "200 OK", headers: "Content-Type: text/html\r\n", body }
    }

    /// A script.
    pub const fn script(path: &'static str, body: &'static str) -> Self {
        Self { path, status: "200 OK", headers: "Content-Type: text/javascript\r\n", body }
    }
}

/// A site that answers until the process ends. What it does not have is answered with 404; `/never` with nothing.
#[derive(Debug)]
pub struct Site {
    port: u16,
}

impl Site {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If there is no free port.
    pub fn start(answers: &'static [Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its address").port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                std::thread::spawn(move || answer(&stream, answers));
            }
        });
        Self { port }
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The same of another site.
    pub fn elsewhere(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.port)
    }

    /// A text without what differs from run to run.
    pub fn settled(&self, text: &str) -> String {
        text.replace(&format!(":{}", self.port), ":PORT")
    }
}

fn answer(mut stream: &TcpStream, answers: &[Answer]) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let path = head.split(' ').nth(1).unwrap_or_default();
    if path == "/never" {
        reader.read_line(&mut head)?;
        return Ok(());
    }
    let missing = Answer { path: "", status: "404 Not Found", headers: "", body: "nothing here" };
    let Answer { status, headers, body, .. } =
        answers.iter().find(|answer| answer.path == path).copied().unwrap_or(missing);
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}
