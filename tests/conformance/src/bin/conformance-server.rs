//! The application of this suite: answers of all kinds, also those that a server should not give.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or(0);
    for stream in TcpListener::bind(("127.0.0.1", port))?.incoming() {
        // Who has gone away needs no answer.
        thread::spawn(move || stream.and_then(|stream| serve(&stream)));
    }
    Ok(())
}

fn serve(stream: &TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<u64>().ok())?
    });
    let mut body = String::new();
    reader.take(length.unwrap_or(0)).read_to_string(&mut body)?;
    let path = head.split_whitespace().nth(1).unwrap_or("/").to_owned();
    if path.starts_with("/api/head") {
        let sent = format!("{head}{body}");
        return send(stream, "200 OK", "Content-Type: text/plain\r\n", &sent);
    }
    answer(stream, path.split('?').next().unwrap_or("/"), &path, &body)
}

fn answer(stream: &TcpStream, path: &str, whole: &str, body: &str) -> std::io::Result<()> {
    let html = |body: &str| send(stream, "200 OK", "Content-Type: text/html\r\n", body);
    match path {
        "/" => html("<!DOCTYPE html><title>Home</title><h1>Home</h1><a href=/other>Other</a>"),
        "/other" => html("<title>Other</title><h1>Other</h1>"),
        "/missing" => send(stream, "404 Not Found", "Content-Type: text/html\r\n", "<h1>Nothing here</h1>"),
        "/moved" => send(stream, "302 Found", "Location: /other\r\n", ""),
        "/loop" => send(stream, "302 Found", "Location: /loop\r\n", ""),
        "/nothing" => send(stream, "204 No Content", "", ""),
        // It sends the browser on before it has loaded, and when it has.
        "/by-script" => html("<script>location.replace('/onload')</script>"),
        "/onload" => html("<script>onload = () => { location.href = '/other' }</script>"),
        // The connection is held until the browser gives up.
        "/never" => wait(stream),
        "/slow-part" => html("<h1>Slow</h1><img src=/never>"),
        "/polls" => html("<h1>Polls</h1><script>fetch('/never')</script>"),
        "/closed" => Ok(()),
        "/large" => large(stream),
        "/api/echo" => send(
            stream,
            "200 OK",
            "Content-Type: application/json\r\nX-Kind: echo\r\n",
            &format!("{{\"path\": {whole:?}, \"sent\": {body:?}}}"),
        ),
        "/api/gzip" => gzip(stream),
        "/api/created" => send(stream, "201 Created", "Content-Type: application/json\r\n", "{\"id\": 7}"),
        "/api/words" => send(stream, "200 OK", "Content-Type: text/plain\r\n", "no JSON"),
        "/api/broken" => broken(stream, "Content-Type: application/json\r\n"),
        "/no-script" => {
            html("<h1>Without</h1><script>document.querySelector('h1').textContent = 'With'</script>")
        }
        "/files" => html(
            "<a id=file href=/file>File</a><a id=stalled href=/file/stalled>Stalled</a>\
             <a id=broken href=/file/broken>Broken</a><a id=page href=/file target=_blank>In a page</a>",
        ),
        "/file" => send(
            stream,
            "200 OK",
            "Content-Type: text/csv\r\nContent-Disposition: attachment; filename=\"courses.csv\"\r\n",
            "title,slots\nAlgebra,3\n",
        ),
        "/file/broken" => broken(
            stream,
            "Content-Type: application/x-broken\r\nContent-Disposition: attachment; filename=\"broken.bin\"\r\n",
        ),
        "/file/stalled" => stalled(stream),
        _ => send(stream, "404 Not Found", "Content-Type: text/plain\r\n", "no such page"),
    }
}

fn send(mut stream: &TcpStream, status: &str, headers: &str, body: &str) -> std::io::Result<()> {
    let length =
        if status.starts_with("204") { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    write!(
        stream,
        "HTTP/1.1 {status}\r\nConnection: close\r\nCache-Control: no-store\r\n{length}{headers}\r\n{body}"
    )
}

fn wait(mut stream: &TcpStream) -> std::io::Result<()> {
    stream.read_to_end(&mut Vec::new()).map(drop)
}

/// A page of 200 MB.
fn large(mut stream: &TcpStream) -> std::io::Result<()> {
    let line = format!("<p>{}</p>\n", "x".repeat(9_991));
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n<title>Large</title>"
    )?;
    (0..20_000).try_for_each(|_| stream.write_all(line.as_bytes()))
}

/// `compressed`
fn gzip(mut stream: &TcpStream) -> std::io::Result<()> {
    let body = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03K\xce\xcf-(J-.NM\x01\x00\x1eKV\x97\x0a\x00\x00\x00";
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )?;
    stream.write_all(body)
}

/// An answer that ends before its end.
fn broken(mut stream: &TcpStream, headers: &str) -> std::io::Result<()> {
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}Content-Length: 100\r\n\r\n12345")?;
    stream.flush()
}

/// A file of which only the first bytes come.
fn stalled(mut stream: &TcpStream) -> std::io::Result<()> {
    let headers = "Content-Type: application/x-stalled\r\nContent-Disposition: attachment; filename=\"stalled.bin\"\r\n";
    write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}Content-Length: 100\r\n\r\n12345")?;
    wait(stream)
}
