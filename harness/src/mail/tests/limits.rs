//! Too much of everything: an answer of the protocol, and bounded memory.

use std::io::Read;
use std::time::Duration;

use super::{Client, Server, Settings, blocking, start};
use crate::mail::{any, to};

#[tokio::test]
async fn a_thousand_idle_connections() {
    let server = start().await;
    let port = server.port();
    let (mailbox, other) = (server.mailbox(), start().await);
    blocking(move || {
        let mut idle: Vec<Client> = Vec::new();
        for number in 0..1000 {
            let mut client = Client::connect(port);
            if number < 100 {
                assert_eq!(client.reply(), "220 callboard ESMTP");
                idle.push(client);
            } else {
                assert_eq!(client.reply(), "421 4.3.2 too many connections, come back later");
            }
        }
        // Those that are in can send, and when one has gone another comes in.
        assert_eq!(idle[99].ask("HELO me"), "250 callboard");
        assert!(idle[99].deliver("a@x", "b@x", "hello").starts_with("250 "));
        assert!(idle.remove(0).ask("QUIT").starts_with("221 "));
        loop {
            let mut client = Client::connect(port);
            if client.reply().starts_with("220 ") {
                break;
            }
        }
    })
    .await;
    mailbox.next(to("b@x")).await.unwrap();
    let error = mailbox.next_within(any(), Duration::ZERO).await.unwrap_err().to_string();
    assert!(error.contains("`421 4.3.2 too many connections"), "{error}");
    assert!(other.mailbox().messages().await.is_empty());
}

#[tokio::test]
async fn a_client_that_says_nothing_is_shown_out() {
    let server = Server::start(Settings::default().idle_timeout(Duration::from_millis(50))).await.unwrap();
    let port = server.port();
    blocking(move || {
        let mut client = Client::connect(port);
        assert!(client.reply().starts_with("220 "));
        assert_eq!(client.reply(), "421 4.4.2 nothing was said for too long, closing the connection");
        assert_eq!(client.stream.read(&mut [0; 8]).unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn an_endless_message_is_refused_at_its_end_and_takes_no_memory() {
    let server = Server::start(Settings::default().max_message_size(1 << 20)).await.unwrap();
    let port = server.port();
    blocking(move || {
        let mut client = Client::greeted(port);
        for command in ["MAIL FROM:<a@x>", "RCPT TO:<b@x>", "DATA"] {
            client.ask(command);
        }
        let line = vec![b'x'; 1 << 16];
        for _ in 0..1024 {
            client.send(&line);
        }
        assert_eq!(client.ask("\r\n."), "552 5.3.4 a message has at most 1048576 bytes");
        assert!(client.deliver("a@x", "b@x", "short").starts_with("250 "));
    })
    .await;
    assert_eq!(server.mailbox().messages().await.len(), 1);
}

#[tokio::test]
async fn a_full_mailbox_says_so_and_can_be_emptied() {
    let server = Server::start(Settings::default().capacity(100_000).timeout(Duration::ZERO)).await.unwrap();
    let (port, mailbox) = (server.port(), server.mailbox());
    let text = "x".repeat(40_000);
    let more = text.clone();
    let mut client = blocking(move || {
        let mut client = Client::greeted(port);
        let full = "452 4.3.1 the mailbox is full; clear() empties it";
        assert!(client.deliver("a@x", "b@x", &more).starts_with("250 "));
        assert_eq!(client.deliver("a@x", "b@x", &more.repeat(3)), full);
        assert!(client.deliver("a@x", "b@x", &more).starts_with("250 "));
        assert_eq!(client.deliver("a@x", "c@x", &more), full);
        client
    })
    .await;
    let error = mailbox.next(to("c@x")).await.unwrap_err().to_string();
    assert!(
        error.contains("\n  2 found no room: messages may take 100000 bytes together; `clear()` makes room"),
        "{error}"
    );
    mailbox.clear().await;
    blocking(move || assert!(client.deliver("a@x", "c@x", &text).starts_with("250 "))).await;
    mailbox.next(to("c@x")).await.unwrap();
}

#[tokio::test]
async fn garbage_on_one_connection_harms_no_other() {
    let server = start().await;
    let port = server.port();
    blocking(move || {
        let mut good = Client::greeted(port);
        for byte in [0u8, b'\n', 255] {
            let mut bad = Client::connect(port);
            bad.send([byte; 5000]);
            bad.send("\r\nQUIT\r\n");
            let mut said = String::new();
            bad.stream.read_to_string(&mut said).unwrap();
            assert!(
                said.lines().all(|line| ["2", "4", "5"].iter().any(|code| line.starts_with(code))),
                "{said}"
            );
        }
        assert!(good.deliver("a@x", "b@x", "hello").starts_with("250 "));
    })
    .await;
    server.mailbox().next(to("b@x")).await.unwrap();
}

/// A tenth of what is promised; `cargo xtask bench mail` has the whole.
#[tokio::test]
async fn a_thousand_messages_of_which_none_is_lost() {
    let server = start().await;
    let port = server.port();
    let text = format!("Subject: load\r\n\r\n{}", "0123456789abcdef\r\n".repeat(570));
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let text = text.clone();
            blocking(move || {
                let mut connection = Client::greeted(port);
                for number in 0..250 {
                    let reply = connection.deliver("a@x", &format!("{client}.{number}@x"), &text);
                    assert!(reply.starts_with("250 "), "{reply}");
                }
            })
        })
        .collect();
    for client in clients {
        client.await;
    }
    let mut seen: Vec<String> =
        server.mailbox().messages().await.iter().map(|one| one.to()[0].clone()).collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 1000);
}
