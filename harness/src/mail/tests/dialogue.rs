//! Dialogues as clients have them, and what is answered.

use crate::mail::letter::Envelope;
use crate::mail::protocol::{Ask, Dialogue, Reply, Terms};

pub(super) fn terms() -> Terms {
    Terms { max_message_size: 1000, max_recipients: 3, credentials: None, tls: false }
}

/// What came of an input: replies, and messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) replies: Vec<u8>,
    pub(super) messages: Vec<(Envelope, Vec<u8>)>,
    pub(super) closed: bool,
    /// The most memory that a message under way held.
    pub(super) most_held: usize,
}

/// Says the pieces to a server that refuses the recipient `no@x`, and stops when the connection is closed.
pub(super) fn hear<'a>(terms: Terms, pieces: impl IntoIterator<Item = &'a [u8]>) -> Heard {
    let mut heard = Heard::default();
    let mut dialogue = Dialogue::begin(terms, &mut heard.replies);
    for mut piece in pieces {
        while let Some(ask) = dialogue.take(&mut piece, &mut heard.replies) {
            match ask {
                Ask::Recipient { to, .. } => {
                    let refusal = (to == "no@x").then(|| Reply::said(550, "1.1", "no such user"));
                    dialogue.recipient(refusal, &mut heard.replies);
                }
                Ask::Deliver(envelope, raw) => {
                    heard.messages.push((envelope, raw.into_vec()));
                    dialogue.delivered(&Reply::new(250, "0.0", "taken"), &mut heard.replies);
                }
                Ask::StartTls => {
                    dialogue.encrypted();
                    heard.replies.extend_from_slice(b"<TLS>\r\n");
                }
                Ask::Close => {
                    heard.closed = true;
                    return heard;
                }
            }
        }
        heard.most_held = heard.most_held.max(dialogue.held());
    }
    heard
}

/// Plays a dialogue: lines that the client says (`C: `) and that the server must answer (`S: `).
#[track_caller]
fn play(terms: Terms, dialogue: &str) -> Heard {
    let lines = || dialogue.lines().map(str::trim).filter(|line| !line.is_empty());
    let said: Vec<&str> = lines().filter_map(|line| line.strip_prefix("C: ")).collect();
    let said = said.join("\r\n") + "\r\n";
    let expected: Vec<&str> = lines().filter_map(|line| line.strip_prefix("S: ")).collect();
    let heard = hear(terms, [said.as_bytes()]);
    let replies = String::from_utf8(heard.replies.clone()).expect("replies are text");
    assert_eq!(replies.lines().map(str::trim_end).collect::<Vec<_>>(), expected);
    heard
}

#[test]
fn nodemailer() {
    // EHLO with the name of the machine, PLAIN with an initial response, all parameters in capitals.
    let heard = play(
        terms(),
        "S: 220 callboard ESMTP
         C: EHLO [127.0.0.1]
         S: 250-callboard
         S: 250-PIPELINING
         S: 250-SIZE 1000
         S: 250-8BITMIME
         S: 250-SMTPUTF8
         S: 250-ENHANCEDSTATUSCODES
         S: 250-AUTH PLAIN LOGIN
         S: 250 HELP
         C: AUTH PLAIN AGFwcABzZWNyZXQ=
         S: 235 2.7.0 authenticated
         C: MAIL FROM:<app@x.test> BODY=8BITMIME SMTPUTF8
         S: 250 2.1.0 sender ok
         C: RCPT TO:<ida@x.test>
         S: 250 2.1.5 recipient ok
         C: RCPT TO:<ünal@x.test>
         S: 250 2.1.5 recipient ok
         C: DATA
         S: 354 end with a dot on a line of its own
         C: Subject: Hi
         C: ..leading dot
         C: .
         S: 250 2.0.0 taken
         C: QUIT
         S: 221 2.0.0 bye",
    );
    let envelope =
        Envelope { from: "app@x.test".into(), to: vec!["ida@x.test".into(), "ünal@x.test".into()] };
    assert_eq!(heard.messages, [(envelope, b"Subject: Hi\r\n.leading dot\r\n".to_vec())]);
    assert!(heard.closed);
}

#[test]
fn rails() {
    // Net::SMTP: LOGIN in three steps, the name of the machine, HELO as a fall-back, several messages in a row.
    let heard = play(
        terms(),
        "S: 220 callboard ESMTP
         C: EHLO localhost.localdomain
         S: 250-callboard
         S: 250-PIPELINING
         S: 250-SIZE 1000
         S: 250-8BITMIME
         S: 250-SMTPUTF8
         S: 250-ENHANCEDSTATUSCODES
         S: 250-AUTH PLAIN LOGIN
         S: 250 HELP
         C: AUTH LOGIN
         S: 334 VXNlcm5hbWU6
         C: YXBw
         S: 334 UGFzc3dvcmQ6
         C: c2VjcmV0
         S: 235 2.7.0 authenticated
         C: MAIL FROM:<app@x.test>
         S: 250 2.1.0 sender ok
         C: RCPT TO:<ida@x.test>
         S: 250 2.1.5 recipient ok
         C: DATA
         S: 354 end with a dot on a line of its own
         C: .
         S: 250 2.0.0 taken
         C: RSET
         S: 250 2.0.0 ok
         C: MAIL FROM:<>
         S: 250 2.1.0 sender ok
         C: RCPT TO:<ida@x.test>
         S: 250 2.1.5 recipient ok
         C: DATA
         S: 354 end with a dot on a line of its own
         C: Second
         C: .
         S: 250 2.0.0 taken
         C: HELO old
         S: 250 callboard
         C: QUIT
         S: 221 2.0.0 bye",
    );
    assert_eq!(heard.messages[0].1, b"");
    assert_eq!((&*heard.messages[1].0.from, &*heard.messages[1].1), ("", &b"Second\r\n"[..]));
}

#[test]
fn what_comes_out_of_order_is_said_to_be() {
    play(
        terms(),
        "S: 220 callboard ESMTP
         C: MAIL FROM:<a@x>
         S: 503 5.5.1 say EHLO first
         C: AUTH PLAIN AGEAYg==
         S: 503 5.5.1 say EHLO first
         C: HELO me
         S: 250 callboard
         C: RCPT TO:<a@x>
         S: 503 5.5.1 say MAIL first
         C: DATA
         S: 503 5.5.1 say MAIL first
         C: MAIL FROM:<a@x>
         S: 250 2.1.0 sender ok
         C: MAIL FROM:<a@x>
         S: 503 5.5.1 a message is under way; RSET gives it up
         C: DATA
         S: 503 5.5.1 say RCPT first: the message has no recipient
         C: RCPT TO:<no@x>
         S: 550 5.1.1 no such user
         C: DATA
         S: 554 5.5.1 no recipient was accepted
         C: RSET
         S: 250 2.0.0 ok
         C: DATA
         S: 503 5.5.1 say MAIL first
         C: STARTTLS
         S: 502 5.5.1 STARTTLS is not offered
         C: VRFY ida
         S: 252 2.1.5 send something, and see whether it is taken
         C: EXPN all
         S: 502 5.5.1 this command is not implemented
         C: NOOP
         S: 250 2.0.0 ok
         C: HELP
         S: 214 2.0.0 EHLO HELO MAIL RCPT DATA RSET NOOP VRFY AUTH STARTTLS HELP QUIT",
    );
}

#[test]
fn what_is_written_wrongly_is_said_to_be() {
    play(
        terms(),
        "S: 220 callboard ESMTP
         C: GET / HTTP/1.1
         S: 500 5.5.2 this is no command of SMTP
         C: EHLO
         S: 501 5.5.4 write EHLO domain
         C: HELO me
         S: 250 callboard
         C: MAIL TO:<a@x>
         S: 501 5.5.4 write MAIL FROM:<reverse-path> [parameters]
         C: MAIL FROM:a@x
         S: 501 5.5.4 write MAIL FROM:<reverse-path> [parameters]
         C: MAIL FROM:<a@@x>
         S: 501 5.1.7 this is no address
         C: MAIL FROM:<a@x> SIZE=1001
         S: 552 5.3.4 a message has at most 1000 bytes
         C: MAIL FROM:<a@x> SIZE=many
         S: 501 5.5.4 what is written for SIZE is wrong
         C: MAIL FROM:<a@x> COLOUR=red
         S: 555 5.5.4 the parameter COLOUR=RED is not supported
         C: MAIL FROM:<a@x> BODY=BINARYMIME
         S: 555 5.5.4 BODY=BINARYMIME needs CHUNKING, which is not offered
         C: mail from: <a@x> size=1000 body=8bitmime auth=<>
         S: 250 2.1.0 sender ok
         C: RCPT TO:<>
         S: 501 5.1.3 a recipient has an address
         C: RCPT TO:<a b@x>
         S: 501 5.1.3 this is no address
         C: RCPT TO:<nobody>
         S: 501 5.1.3 this is no address
         C: rcpt to: <1@x>
         S: 250 2.1.5 recipient ok
         C: RCPT TO:<2@x>
         S: 250 2.1.5 recipient ok
         C: RCPT TO:<3@x>
         S: 250 2.1.5 recipient ok
         C: RCPT TO:<4@x>
         S: 452 4.5.3 too many recipients",
    );
}

#[test]
fn credentials_that_are_configured_are_asked_for() {
    let terms = Terms { credentials: Some(("app".into(), "secret".into())), ..terms() };
    play(
        terms,
        "S: 220 callboard ESMTP
         C: HELO me
         S: 250 callboard
         C: MAIL FROM:<a@x>
         S: 530 5.7.0 authentication required
         C: AUTH PLAIN AGFwcAB3cm9uZw==
         S: 535 5.7.8 username or password is not the configured one
         C: AUTH PLAIN not-base64!
         S: 501 5.5.2 this is not base64
         C: AUTH PLAIN YXBw
         S: 501 5.5.2 PLAIN is an identity, a username and a password with NUL between them
         C: AUTH CRAM-MD5
         S: 504 5.5.4 only PLAIN and LOGIN are offered
         C: AUTH NONSENSE
         S: 504 5.5.4 only PLAIN and LOGIN are offered
         C: AUTH PLAIN
         S: 334
         C: *
         S: 501 5.7.0 authentication cancelled
         C: AUTH LOGIN YXBw
         S: 334 UGFzc3dvcmQ6
         C: c2VjcmV0
         S: 235 2.7.0 authenticated
         C: AUTH LOGIN
         S: 503 5.5.1 authenticated already
         C: MAIL FROM:<a@x>
         S: 250 2.1.0 sender ok",
    );
}

#[test]
fn a_message_that_is_too_long_is_refused_and_not_kept() {
    let lines = "0123456789abcdef\r\n".repeat(1000);
    let text = format!("HELO me\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n{lines}.\r\nNOOP\r\n");
    let heard = hear(terms(), text.as_bytes().chunks(100));
    let replies = String::from_utf8(heard.replies).unwrap();
    assert!(replies.ends_with("552 5.3.4 a message has at most 1000 bytes\r\n250 2.0.0 ok\r\n"), "{replies}");
    assert!(heard.messages.is_empty() && heard.most_held < 2048, "{}", heard.most_held);
}

#[test]
fn a_line_that_is_too_long_is_refused_and_the_next_is_taken() {
    let text = format!("NOOP {}\r\nNOOP\r\nAUTH PLAIN {}\r\n", "x".repeat(1 << 20), "A".repeat(12_000));
    let heard = hear(terms(), text.as_bytes().chunks(8192));
    let replies = String::from_utf8(heard.replies).unwrap();
    let replies: Vec<&str> = replies.lines().skip(1).collect();
    assert_eq!(replies, ["500 5.5.6 line too long", "250 2.0.0 ok", "503 5.5.1 say EHLO first"]);
}

#[test]
fn whoever_only_talks_nonsense_is_shown_out() {
    let heard = hear(terms(), ["nonsense\r\n".repeat(1000).as_bytes()]);
    assert!(heard.closed);
    let replies = String::from_utf8(heard.replies).unwrap();
    assert_eq!(replies.lines().filter(|line| line.starts_with("500 ")).count(), 51);
    assert_eq!(replies.lines().last(), Some("421 4.7.0 too many errors, closing the connection"));
}

#[test]
fn what_was_said_in_clear_text_does_not_count_after_tls() {
    let terms = Terms { tls: true, ..terms() };
    let injected = b"EHLO me\r\nMAIL FROM:<a@x>\r\nSTARTTLS\r\nRCPT TO:<evil@x>\r\n";
    let heard = hear(terms, [&injected[..], b"MAIL FROM:<a@x>\r\nEHLO me\r\nSTARTTLS\r\n"]);
    let replies = String::from_utf8(heard.replies).unwrap();
    let (before, after) = replies.split_once("<TLS>\r\n").unwrap();
    assert!(before.contains("250-STARTTLS\r\n") && before.ends_with("220 2.0.0 begin TLS\r\n"), "{before}");
    assert!(after.starts_with("503 5.5.1 say EHLO first\r\n250-callboard\r\n"), "{after}");
    assert!(!after.contains("STARTTLS\r\n"), "{after}");
    assert!(after.ends_with("503 5.5.1 the connection is encrypted already\r\n"), "{after}");
}

#[test]
fn addresses_need_not_be_text() {
    let heard = hear(
        terms(),
        [&b"HELO \xff\r\nMAIL FROM:<\xff\xfe@x>\r\nRCPT TO:<\xc3x@x>\r\nDATA\r\n\xff\r\n.\r\n"[..]],
    );
    assert_eq!(heard.messages.len(), 1, "{}", heard.replies.escape_ascii());
    assert_eq!(heard.messages[0].1, b"\xff\r\n");
}
