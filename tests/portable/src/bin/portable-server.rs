//! The application that is tested: who connects is told a word.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};

fn main() -> std::io::Result<()> {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).unwrap_or_default();
    for stream in TcpListener::bind((Ipv4Addr::LOCALHOST, port))?.incoming() {
        // Who only knocks does not listen.
        let _ = stream.and_then(|mut stream| stream.write_all(b"hello"));
    }
    Ok(())
}
