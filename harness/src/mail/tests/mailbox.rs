//! Waiting, and what is said where it was in vain; rules of delivery; attempts.

use std::time::Duration;

use super::{Client, LONG, Server, blocking, start};
use crate::mail::{any, from, subject_contains, to};

/// Sends a message as soon as may be, and waits for the answer.
async fn send(server: &Server, to: &'static str, subject: &'static str) -> String {
    let port = server.port();
    blocking(move || {
        Client::greeted(port).deliver("app@x.test", to, &format!("Subject: {subject}\r\n\r\nText"))
    })
    .await
}

/// The lines of an error, with the times of day taken out.
fn lines(error: &crate::mail::MailError) -> Vec<String> {
    let text = error.to_string();
    let without_time = |line: &str| {
        let Some(at) = line.find(" at ") else { return line.to_owned() };
        let time = &line[at + 4..];
        let end = time.find('Z').expect("a time in UTC");
        assert_eq!(end, "12:34:56.789".len(), "{line}");
        format!("{} at …{}", &line[..at], &time[end + 1..])
    };
    text.lines().map(without_time).collect()
}

#[tokio::test]
async fn one_that_is_to_come_and_one_that_is_there() {
    let server = start().await;
    let mailbox = server.mailbox();
    let waiting = tokio::spawn(mailbox.next(subject_contains("SECOND")));
    send(&server, "ida@x.test", "first").await;
    send(&server, "ida@x.test", "second").await;
    assert_eq!(waiting.await.unwrap().unwrap().subject(), "second");
    assert_eq!(mailbox.next(to("ida@x.test")).await.unwrap().subject(), "first");
    assert_eq!(mailbox.messages().await.len(), 2);
}

#[tokio::test]
async fn each_message_is_returned_once() {
    let server = start().await;
    let mailbox = server.mailbox();
    let both = [tokio::spawn(mailbox.next(any())), tokio::spawn(mailbox.clone().next(any()))];
    send(&server, "ida@x.test", "first").await;
    send(&server, "ida@x.test", "second").await;
    let mut got = Vec::new();
    for one in both {
        got.push(one.await.unwrap().unwrap().subject().to_owned());
    }
    got.sort();
    assert_eq!(got, ["first", "second"]);
}

#[tokio::test]
async fn what_came_instead_is_shown() {
    let server = start().await;
    let mailbox = server.mailbox();
    send(&server, "ida@x.test", "Verify your address").await;
    send(&server, "ben@x.test", "Welcome").await;
    mailbox.next(to("ida@x.test")).await.unwrap();
    let wanted = to("ida@x.test").subject_contains("verify").from("app@x.test").body_contains("text");
    let (waiting, line) = (mailbox.next_within(wanted, Duration::ZERO), line!());
    let error = waiting.await.unwrap_err();
    assert_eq!(
        lines(&error),
        [
            r#"no message to ida@x.test, with "verify" in its subject, from app@x.test, with "text" in its body arrived within 0ns; 2 did arrive:"#,
            r#"    "Verify your address" from app@x.test to ida@x.test at …: an earlier `next` has returned it"#,
            r#"    "Welcome" from app@x.test to ben@x.test at …: it is not to ida@x.test, "verify" is not in its subject"#,
        ]
    );
    assert_eq!(error.location().map(std::panic::Location::line), Some(line));
}

#[tokio::test]
async fn that_nobody_connected_is_said() {
    let server = start().await;
    let error = server.mailbox().next_within(from("app@x.test"), Duration::from_millis(5)).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "no message from app@x.test arrived within 5ms; none arrived at all\n  \
             nobody connected to {}: is it there that the application sends its mail?",
            server.address()
        )
    );
}

#[tokio::test]
async fn none_is_expected() {
    let server = start().await;
    let mailbox = server.mailbox();
    send(&server, "ida@x.test", "Reminder").await;
    mailbox.next(to("ida@x.test")).await.unwrap();
    mailbox.expect_none(to("ida@x.test"), Duration::from_millis(5)).await.unwrap();
    let waiting = tokio::spawn(mailbox.expect_none(to("ida@x.test"), LONG));
    send(&server, "ben@x.test", "Reminder").await;
    send(&server, "ida@x.test", "Reminder").await;
    let error = waiting.await.unwrap().unwrap_err();
    assert_eq!(
        lines(&error),
        [
            r#"a message to ida@x.test arrived, where none was expected: "Reminder" from app@x.test to ida@x.test at …"#
        ]
    );
    // To look is not to take.
    mailbox.next(to("ida@x.test")).await.unwrap();
}

#[tokio::test]
async fn two_servers_never_see_each_others_mail() {
    let (one, other) = (start().await, start().await);
    let (to_one, to_other) = (send(&one, "ida@x.test", "one"), send(&other, "ida@x.test", "other"));
    tokio::join!(to_one, to_other);
    assert_eq!(one.mailbox().next(any()).await.unwrap().subject(), "one");
    assert_eq!(other.mailbox().next(any()).await.unwrap().subject(), "other");
    assert_eq!((one.mailbox().messages().await.len(), other.mailbox().messages().await.len()), (1, 1));
}

#[tokio::test]
async fn a_delay_ends_with_the_rules() {
    let server = start().await;
    let mailbox = server.mailbox();
    mailbox.delay(any(), Duration::MAX).await;
    let sending = {
        let port = server.port();
        tokio::spawn(blocking(move || {
            Client::greeted(port).deliver("app@x.test", "ida@x.test", "Subject: slow")
        }))
    };
    mailbox.expect_none(any(), Duration::from_millis(20)).await.unwrap();
    assert!(!sending.is_finished());
    mailbox.reset_delivery().await;
    assert_eq!(mailbox.next(any()).await.unwrap().subject(), "slow");
    assert_eq!(sending.await.unwrap(), "250 2.0.0 message accepted");
}

#[tokio::test]
async fn a_delay_is_as_long_as_it_says() {
    let server = start().await;
    let mailbox = server.mailbox();
    let rule = mailbox.delay(to("ida@x.test"), Duration::from_millis(50)).await;
    let began = std::time::Instant::now();
    assert_eq!(send(&server, "ida@x.test", "slow").await, "250 2.0.0 message accepted");
    assert!(began.elapsed() >= Duration::from_millis(50));
    assert_eq!((rule.count().await, mailbox.messages().await.len()), (1, 1));
}

#[tokio::test]
async fn a_recipient_is_refused_at_once_and_a_text_at_its_end() {
    let server = start().await;
    let (mailbox, port) = (server.mailbox(), server.port());
    let recipient = mailbox.refuse(to("nobody@x.test"), 550, "no such\r\nuser").await;
    let text = mailbox.refuse(subject_contains("spam"), 451, "try again later").await;
    blocking(move || {
        let mut client = Client::greeted(port);
        client.ask("MAIL FROM:<app@x.test>");
        assert_eq!(client.ask("RCPT TO:<nobody@x.test>"), "550 5.1.0 no such  user");
        assert_eq!(client.ask("RCPT TO:<ida@x.test>"), "250 2.1.5 recipient ok");
        client.ask("DATA");
        assert_eq!(client.ask("Subject: Welcome\r\n\r\n."), "250 2.0.0 message accepted");
        assert_eq!(client.deliver("app@x.test", "ida@x.test", "Subject: Spam"), "451 4.7.1 try again later");
    })
    .await;
    assert_eq!((recipient.count().await, text.count().await), (1, 1));
    assert_eq!(mailbox.next(any()).await.unwrap().to(), ["ida@x.test"]);
    let error = mailbox.next_within(to("nobody@x.test"), Duration::ZERO).await.unwrap_err();
    assert_eq!(
        lines(&error)[2..],
        [
            "  the rules of this test turned away:",
            r#"    "" from app@x.test to nobody@x.test at …: refused with 550, before its text"#,
            r#"    "Spam" from app@x.test to ida@x.test at …: refused with 451"#,
        ]
    );
    mailbox.reset_delivery().await;
    assert!(send(&server, "nobody@x.test", "spam").await.starts_with("250 "));
}

#[tokio::test]
async fn the_latest_rule_holds() {
    let server = start().await;
    let mailbox = server.mailbox();
    mailbox.refuse(any(), 554, "never").await;
    mailbox.drop(to("ida@x.test").subject_contains("lost")).await;
    assert!(send(&server, "ida@x.test", "lost").await.starts_with("250 "));
    assert!(send(&server, "ida@x.test", "other").await.starts_with("554 "));
    assert!(mailbox.messages().await.is_empty());
}

#[tokio::test]
async fn an_attempt_begins_with_nothing() {
    let server = start().await;
    let mailbox = server.mailbox();
    send(&server, "ida@x.test", "of the last one").await;
    let rule = mailbox.delay(to("slow@x.test"), Duration::MAX).await;
    mailbox.refuse(to("ida@x.test"), 550, "no").await;
    let slow = {
        let port = server.port();
        let mut client = blocking(move || {
            let mut client = Client::greeted(port);
            client.ask("MAIL FROM:<app@x.test>");
            client.ask("RCPT TO:<slow@x.test>");
            client.ask("DATA");
            client.send("Subject: slow\r\n\r\n.\r\n");
            client
        })
        .await;
        // It is held back as soon as the rule is met.
        tokio::task::spawn_blocking(move || client.reply())
    };
    while rule.count().await == 0 {
        tokio::task::yield_now().await;
    }
    mailbox.begin();
    assert_eq!(slow.await.unwrap(), "250 2.0.0 message accepted");
    assert!(mailbox.messages().await.is_empty());
    assert!(send(&server, "ida@x.test", "of this one").await.starts_with("250 "));
    assert_eq!(mailbox.next(any()).await.unwrap().subject(), "of this one");
}

#[tokio::test]
async fn a_server_that_is_stopped_frees_its_port() {
    let server = start().await;
    let address = server.address();
    let port = server.port();
    let client = blocking(move || Client::greeted(port)).await;
    server.stop().await;
    let mut client = client;
    blocking(move || assert_eq!(std::io::Read::read(&mut client.stream, &mut [0; 8]).unwrap_or(0), 0)).await;
    std::net::TcpListener::bind(address).unwrap();
}
