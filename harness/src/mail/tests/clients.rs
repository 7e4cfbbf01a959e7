//! Clients that applications use: lettre, Python's smtplib, curl; and one that pipelines.

use std::io::Write;
use std::process::{Command, Stdio};

use lettre::message::{Attachment, MultiPart, SinglePart, header::ContentType};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
#[cfg(feature = "mail-tls")]
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::{Client, Server, Settings, blocking, start};
use crate::mail::{any, to};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn letter() -> lettre::Message {
    let html = r#"<p>Please <a href="http://app.test/verify?token=1&amp;user=ü">verify your address</a></p>"#;
    let body = MultiPart::mixed()
        .multipart(MultiPart::alternative_plain_html("Grüße\n.\n..dots".to_owned(), html.to_owned()))
        .singlepart(
            Attachment::new("größe.csv".to_owned())
                .body(vec![0, 255, 13, 10], ContentType::parse("text/csv").unwrap()),
        )
        .singlepart(SinglePart::plain("further".to_owned()));
    lettre::Message::builder()
        .from("Büro <office@x.test>".parse().unwrap())
        .to("ida@x.test".parse().unwrap())
        .bcc("boss@x.test".parse().unwrap())
        .subject("Bestätigen: ein langer Betreff, der in mehrere Zeilen gebrochen wird, weil er so lang ist")
        .multipart(body)
        .unwrap()
}

fn lettre_to(server: &Server) -> lettre::transport::smtp::AsyncSmtpTransportBuilder {
    Transport::builder_dangerous("127.0.0.1").port(server.port())
}

#[tokio::test]
async fn what_lettre_sends_is_what_is_read() {
    let server = start().await;
    lettre_to(&server).build().send(letter()).await.unwrap();
    let message = server.mailbox().next(to("IDA@x.test").subject_contains("bestätigen")).await.unwrap();
    assert_eq!(
        (message.from(), message.to()),
        ("office@x.test", &["ida@x.test".to_owned(), "boss@x.test".to_owned()][..])
    );
    assert_eq!(
        message.subject(),
        "Bestätigen: ein langer Betreff, der in mehrere Zeilen gebrochen wird, weil er so lang ist"
    );
    assert_eq!(message.header("from"), Some("Büro <office@x.test>"));
    assert!(message.text().starts_with("Grüße\n.\n..dots"), "{:?}", message.text());
    assert!(message.html().unwrap().contains("verify your address"));
    assert_eq!(message.link("VERIFY").unwrap(), "http://app.test/verify?token=1&user=ü");
    let file = &message.attachments()[0];
    assert_eq!(
        (file.name(), file.media_type(), file.bytes()),
        (Some("größe.csv"), "text/csv", &[0, 255, 13, 10][..])
    );
    assert!(message.raw().starts_with(b"From: "));
    let error = message.link("reset").unwrap_err().to_string();
    assert!(
        error.starts_with(r#"no link with "reset" in its text or address is in "Bestätigen: "#),
        "{error}"
    );
    assert!(
        error.ends_with(
            "\n  its links:\n    \"verify your address\" to http://app.test/verify?token=1&user=ü"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn lettre_with_each_way_to_authenticate() {
    let server = Server::start(Settings::default().credentials("app", "sécret")).await.unwrap();
    for mechanism in [Mechanism::Plain, Mechanism::Login] {
        let with = |password: &str| {
            lettre_to(&server)
                .credentials(Credentials::new("app".to_owned(), password.to_owned()))
                .authentication(vec![mechanism])
                .build()
        };
        with("sécret").send(letter()).await.unwrap();
        server.mailbox().next(any()).await.unwrap();
        let error = with("wrong").send(letter()).await.unwrap_err();
        assert_eq!(error.status().map(|code| code.to_string()).as_deref(), Some("535"), "{error}");
    }
    let error = lettre_to(&server).build().send(letter()).await.unwrap_err();
    assert_eq!(error.status().map(|code| code.to_string()).as_deref(), Some("530"), "{error}");
}

#[cfg(feature = "mail-tls")]
#[tokio::test]
async fn lettre_by_starttls() {
    let server = Server::start(Settings::default().tls(true).credentials("app", "secret")).await.unwrap();
    let certificate = Certificate::from_pem(server.certificate().unwrap().as_bytes()).unwrap();
    let trusting =
        TlsParameters::builder("localhost".to_owned()).add_root_certificate(certificate).build().unwrap();
    let credentials = Credentials::new("app".to_owned(), "secret".to_owned());
    let transport = lettre_to(&server).tls(Tls::Required(trusting)).credentials(credentials.clone()).build();
    transport.send(letter()).await.unwrap();
    transport.send(letter()).await.unwrap();
    assert_eq!(server.mailbox().messages().await.len(), 2);

    let doubting = TlsParameters::new("localhost".to_owned()).unwrap();
    lettre_to(&server)
        .tls(Tls::Required(doubting))
        .credentials(credentials)
        .build()
        .send(letter())
        .await
        .unwrap_err();
    // The client knows of it before the server does.
    let said = async {
        loop {
            let waited = server.mailbox().next_within(to("nobody@x.test"), std::time::Duration::ZERO).await;
            if waited.unwrap_err().to_string().contains("the client did not agree to TLS: ") {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(super::LONG, said).await.expect("the server notes it");
}

/// Runs a program with this input; nothing where it is not installed.
async fn run(program: &'static str, args: Vec<String>, input: String) -> Option<std::process::Output> {
    blocking(move || {
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(error) => {
                eprintln!("skipped: {program} cannot be run: {error}");
                return None;
            }
        };
        child.stdin.take()?.write_all(input.as_bytes()).expect("it reads its input");
        Some(child.wait_with_output().expect("its own child"))
    })
    .await
}

const PYTHON: &str = r#"
import smtplib, ssl, sys
from email.message import EmailMessage
from email.mime.text import MIMEText

port, tls = int(sys.argv[1]), sys.argv[2] == "tls"
message = EmailMessage()
message["Subject"] = "Wilkommen, Jürgen"
message["From"] = "office@x.test"
message["To"] = "ida@x.test"
message.set_content("Grüße\n.\n..dots\n")
with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
    if tls:
        context = ssl.create_default_context(cadata=sys.argv[3])
        smtp.starttls(context=context)
        assert smtp.ehlo()[0] == 250 and not smtp.has_extn("starttls")
    smtp.login("app", "secret")
    smtp.send_message(message)
    smtp.sendmail("office@x.test", ["a@x.test", "b@x.test"], "Subject: two\n\nof them\n")
    assert smtp.verify("ida")[0] == 252 and smtp.noop()[0] == 250 and smtp.rset()[0] == 250
    assert smtp.help().startswith(b"2.0.0 EHLO")
    latin = MIMEText("Gr\xfc\xdfe", "plain", "iso-8859-1")
    latin["Subject"] = "latin"
    smtp.send_message(latin, "office@x.test", ["c@x.test"])
    smtp.send_message(message, "büro@x.test", ["ünal@x.test"], mail_options=["SMTPUTF8"])
    try:
        smtp.sendmail("office@x.test", ["d@x.test"], "x" * 30_000_000)
        raise SystemExit("too large a message was taken")
    except smtplib.SMTPSenderRefused as error:
        assert error.smtp_code == 552, error
for initial in (True, False):
    for mechanism in ("PLAIN", "LOGIN"):
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as smtp:
            smtp.ehlo()
            smtp.user, smtp.password = "app", "secret"
            method = getattr(smtp, "auth_" + mechanism.lower())
            assert smtp.auth(mechanism, method, initial_response_ok=initial)[0] == 235
"#;

#[tokio::test]
async fn pythons_smtplib() {
    let settings = Settings::default();
    #[cfg(feature = "mail-tls")]
    let settings = settings.tls(true);
    let server = Server::start(settings).await.unwrap();
    for tls in [false, cfg!(feature = "mail-tls")] {
        let (port, certificate) =
            (server.port().to_string(), server.certificate().unwrap_or_default().to_owned());
        let kind = if tls { "tls" } else { "plain" };
        let args = vec!["-".to_owned(), port, kind.to_owned(), certificate];
        let Some(output) = run("python3", args, PYTHON.to_owned()).await else { return };
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mailbox = server.mailbox();
        let message = mailbox.next(to("ida@x.test")).await.unwrap();
        assert_eq!((message.subject(), message.text()), ("Wilkommen, Jürgen", "Grüße\n.\n..dots\n"));
        assert_eq!(mailbox.next(to("b@x.test")).await.unwrap().text(), "of them\n");
        assert_eq!(mailbox.next(to("c@x.test")).await.unwrap().text().trim_end(), "Grüße");
        assert_eq!(mailbox.next(to("ÜNAL@x.test")).await.unwrap().from(), "büro@x.test");
        assert_eq!(mailbox.messages().await.len(), 4);
        mailbox.clear().await;
    }
}

#[tokio::test]
async fn curl() {
    let server = start().await;
    let args =
        ["--silent", "--show-error", &server.url(), "--user", "app:secret", "--mail-from", "office@x.test"];
    let args = args.iter().chain(&["--mail-rcpt", "ida@x.test", "--upload-file", "-"]);
    let input = "From: office@x.test\nTo: ida@x.test\nSubject: by curl\n\n.dot\n".to_owned();
    let Some(output) = run("curl", args.map(|&arg| arg.to_owned()).collect(), input).await else { return };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let message = server.mailbox().next(to("ida@x.test")).await.unwrap();
    assert_eq!((message.subject(), message.text().trim_end()), ("by curl", ".dot"));
}

#[tokio::test]
async fn all_in_one_piece() {
    let server = start().await;
    let port = server.port();
    let last = blocking(move || {
        let mut client = Client::greeted(port);
        let one = "MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\nSubject: N\r\n\r\ntext\r\n.\r\n";
        client.send(format!("{}QUIT\r\n", one.repeat(50)));
        let replies: Vec<String> = (0..201).map(|_| client.reply()).collect();
        assert!(
            replies.chunks(4).take(50).all(|four| four[3] == "250 2.0.0 message accepted"),
            "{replies:?}"
        );
        replies.last().cloned()
    });
    assert_eq!(last.await.as_deref(), Some("221 2.0.0 bye"));
    assert_eq!(server.mailbox().messages().await.len(), 50);
}
