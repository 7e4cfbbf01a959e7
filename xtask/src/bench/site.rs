//! The application of the session bench: a page, and a sign-in that leaves a cookie. It runs in this process, so
//! that both sides drive the same one.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

/// A site that answers until this program ends.
pub(super) struct Site {
    port: u16,
}

impl Site {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A browser opens connections in advance and says nothing on them.
                std::thread::spawn(move || answer(&stream));
            }
        });
        Ok(Self { port })
    }

    /// Its address, without a slash at the end.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

fn answer(mut stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut lines = BufReader::new(stream).lines();
    loop {
        let Some(first) = lines.next() else { return Ok(()) };
        let path = first?.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut signed_in = false;
        for line in lines.by_ref() {
            let line = line?;
            if line.is_empty() {
                break;
            }
            signed_in |= line.to_ascii_lowercase().starts_with("cookie:") && line.contains("who=user");
        }
        let (signed_in, headers) = match path.as_str() {
            "/enter" => (true, "Set-Cookie: who=user; Path=/; HttpOnly\r\n"),
            _ => (signed_in, ""),
        };
        let text = if signed_in { "signed in" } else { "signed out" };
        let body = format!("<!doctype html><title>Tiny</title><p id=user>{text}</p>");
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        )?;
    }
}
