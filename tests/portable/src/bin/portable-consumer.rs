//! A suite that needs nothing that not every system has, and no browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::time::Duration;

use callboard::mail::to;
use callboard::{Mailbox, Slot, TestError, TestResult, e2e};

fn connect(port: u16) -> std::io::Result<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port))
}

#[e2e]
fn asks_its_application(slot: &Slot) -> TestResult {
    let mut word = String::new();
    connect(slot.port())?.read_to_string(&mut word)?;
    assert_eq!(word, "hello");
    println!("a word of a test");
    Ok(())
}

#[e2e]
fn fails() -> TestResult {
    println!("a word before it failed");
    Err(TestError::new("no reason"))
}

#[e2e]
fn aborts() {
    std::process::abort();
}

#[e2e(timeout = "200ms")]
fn blocks_its_thread() {
    std::thread::sleep(Duration::from_mins(5));
}

#[e2e]
async fn gets_mail(slot: &Slot, mailbox: &Mailbox) -> TestResult {
    let mut stream = BufReader::new(connect(slot.named_port("smtp").unwrap_or_default())?);
    let mut answer = String::new();
    stream.read_line(&mut answer)?;
    for line in [
        "HELO a.test",
        "MAIL FROM:<a@a.test>",
        "RCPT TO:<ida@a.test>",
        "DATA",
        "Subject: hello\r\n\r\nyou\r\n.",
        "QUIT",
    ] {
        stream.get_mut().write_all(format!("{line}\r\n").as_bytes())?;
        answer.clear();
        stream.read_line(&mut answer)?;
        assert!(answer.starts_with(['2', '3']), "{line}: {answer}");
    }
    assert_eq!(mailbox.next(to("ida@a.test")).await?.subject(), "hello");
    Ok(())
}

/// Stays, with a program of its own that listens on the slot's port `further`.
#[e2e]
fn stays(slot: &Slot) -> TestResult {
    let server = format!("portable-server{}", std::env::consts::EXE_SUFFIX);
    let server = std::env::current_exe()?.with_file_name(server);
    let further = slot.named_port("further").unwrap_or_default();
    Command::new(server).arg(further.to_string()).spawn()?;
    std::thread::sleep(Duration::from_mins(5));
    Ok(())
}

callboard::main!();
