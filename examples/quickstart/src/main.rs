//! A server of a page, with nothing but the standard library: it stands for your application.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

const PAGE: &str = "<!doctype html><title>Guest book</title>
<h1>Guest book</h1>
<form onsubmit=\"event.preventDefault(); list.append(Object.assign(document.createElement('li'), { textContent: guest.value }))\">
  <label>Name <input id=guest></label> <button>Sign</button>
</form>
<ul id=list></ul>";

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8080".to_owned());
    for stream in TcpListener::bind(format!("127.0.0.1:{port}"))?.incoming() {
        // A browser opens connections in advance; one that stays silent must not keep the others waiting.
        std::thread::spawn(move || stream.and_then(answer));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let request = BufReader::new(&stream);
    let end_of_head = request.lines().find(|line| line.as_ref().map_or(true, String::is_empty));
    end_of_head.transpose()?;
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    )
}
