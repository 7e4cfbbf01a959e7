//! Tests with mail, which they send themselves in place of an application; and what `cargo xtask bench mail` measures.

use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use callboard::mail::{MailError, any, subject_contains, to};
use callboard::{Mailbox, Slot, TestError, TestResult, e2e};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn message(to: &str, subject: &str, text: &str) -> Result<Message, TestError> {
    let message = Message::builder().from("app@example.test".parse()?).to(to.parse()?).subject(subject);
    Ok(message.body(text.to_owned())?)
}

fn transport(slot: &Slot) -> Result<Transport, TestError> {
    let port = slot.named_port("smtp").ok_or_else(|| TestError::new("no port for mail"))?;
    Ok(Transport::builder_dangerous("127.0.0.1").port(port).build())
}

async fn send(slot: &Slot, to: &str, subject: &str) -> TestResult {
    let text = format!("Of slot {}: http://app.test/verify?slot={}\n", slot.id(), slot.id());
    transport(slot)?.send(message(to, subject, &text)?).await?;
    Ok(())
}

/// Many of these run in several slots at once, and each must see its own mail and no other.
mod apart {
    use super::{Mailbox, Slot, TestResult, any, send, to};

    async fn own_mail(slot: &Slot, mailbox: &Mailbox) -> TestResult {
        assert!(mailbox.messages().await.is_empty(), "mail of another test");
        for number in 0..5 {
            let waiting = mailbox.next(to("ida@example.test").subject_contains("verify"));
            send(slot, "ida@example.test", &format!("Verify {number}")).await?;
            let message = waiting.await?;
            assert_eq!(message.subject(), format!("Verify {number}"));
            assert_eq!(message.link("verify")?, format!("http://app.test/verify?slot={}", slot.id()));
        }
        assert_eq!(mailbox.messages().await.len(), 5);
        mailbox.refuse(any(), 550, "closed").await;
        assert!(send(slot, "ida@example.test", "refused").await.is_err());
        Ok(())
    }

    macro_rules! tests {
        ($($name:ident)*) => {
            $(
                #[callboard::e2e]
                async fn $name(slot: &Slot, mailbox: &Mailbox) -> TestResult {
                    own_mail(slot, mailbox).await
                }
            )*
        };
    }

    tests!(t0 t1 t2 t3 t4 t5 t6 t7);
}

/// What is said of mail that does not come.
mod fail {
    use super::{Duration, MailError, Mailbox, Slot, TestResult, any, e2e, send, to};

    #[e2e]
    async fn waits_in_vain(slot: &Slot, mailbox: &Mailbox) -> TestResult {
        send(slot, "ida@example.test", "Welcome, Ida!").await?;
        send(slot, "ben@example.test", "Your password is only-for-tests").await?;
        mailbox
            .next_within(to("ida@example.test").subject_contains("Verify"), Duration::from_millis(50))
            .await?;
        Ok(())
    }

    #[e2e]
    async fn by_its_own_error(mailbox: &Mailbox) -> Result<(), MailError> {
        let wait = mailbox.next_within(any(), Duration::from_millis(1));
        wait.await.map(drop)
    }

    #[e2e]
    async fn waits_as_configured(mailbox: &Mailbox) -> TestResult {
        mailbox.next(any()).await?;
        Ok(())
    }

    #[e2e]
    async fn has_unwanted_mail(slot: &Slot, mailbox: &Mailbox) -> TestResult {
        send(slot, "ida@example.test", "").await?;
        mailbox.expect_none(to("ida@example.test"), Duration::from_mins(1)).await?;
        Ok(())
    }
}

/// What only the one with the right name and word may send, and only encrypted.
#[e2e]
async fn encrypted(slot: &Slot, mailbox: &Mailbox) -> TestResult {
    let port = slot.named_port("smtp").ok_or_else(|| TestError::new("no port for mail"))?;
    let certificate = Certificate::from_pem(&std::fs::read(slot.dir().join("mail.pem"))?)?;
    let tls = TlsParameters::builder("localhost".to_owned()).add_root_certificate(certificate).build()?;
    let transport = Transport::builder_dangerous("127.0.0.1")
        .port(port)
        .tls(Tls::Required(tls))
        .credentials(Credentials::new("app".to_owned(), "mail-secret".to_owned()))
        .build();
    transport.send(message("ida@example.test", "encrypted", "x")?).await?;
    mailbox.next(subject_contains("encrypted")).await?;
    Ok(())
}

/// From the server's answer to the final dot to the end of a `next` that waits: written in µs, one on a line, to the
/// file that `CALLBOARD_BENCH_FILE` names.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_waiting(slot: &Slot, mailbox: &Mailbox) -> TestResult {
    let transport = transport(slot)?;
    let mut lines = String::new();
    for number in 0..count("CALLBOARD_BENCH_COUNT", 200)? {
        let subject = format!("number {number}");
        let waiting = mailbox.next(subject_contains(&subject));
        let message = message("ida@example.test", &subject, "x")?;
        // On another thread, as an application is: here it would be answered only between two polls of the test.
        let answered = std::sync::Arc::new(OnceLock::new());
        let (transport, told) = (transport.clone(), answered.clone());
        let sending = async move {
            let sent = transport.send(message).await;
            let _ = told.set(Instant::now());
            sent
        };
        let sending = sender().spawn(sending);
        waiting.await?;
        let seen = Instant::now();
        sending.await??;
        // What is seen before the client has read its answer took no time at all.
        let took = answered.get().map_or(Duration::ZERO, |at| seen.saturating_duration_since(*at));
        writeln!(lines, "{}", took.as_micros())?;
    }
    std::fs::write(std::env::var("CALLBOARD_BENCH_FILE")?, lines)?;
    Ok(())
}

/// Many messages of 10 kB, of which none may be lost. Tells how long it took in µs.
#[e2e(timeout = "10m")]
#[ignore = "it is for the bench"]
async fn measures_load(slot: &Slot, mailbox: &Mailbox) -> TestResult {
    let count = count("CALLBOARD_BENCH_COUNT", 10_000)?;
    let transport = transport(slot)?;
    let text = "0123456789abcdefghijklmnopqrstuvwxyz012345678\r\n".repeat(10_000 / 47);
    let began = Instant::now();
    let clients = (0..4).map(|client| {
        let (transport, text) = (transport.clone(), text.clone());
        sender().spawn(async move {
            for number in (client..count).step_by(4) {
                let message = message(&format!("{number}@example.test"), "load", &text)?;
                transport.send(message).await?;
            }
            TestResult::Ok(())
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await??;
    }
    let took = began.elapsed();
    let messages = mailbox.messages().await;
    let mut seen: Vec<&str> =
        messages.iter().flat_map(callboard::mail::Message::to).map(String::as_str).collect();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), count, "messages were lost");
    std::fs::write(std::env::var("CALLBOARD_BENCH_FILE")?, format!("{}\n", took.as_micros()))?;
    Ok(())
}

fn count(variable: &str, default: usize) -> Result<usize, TestError> {
    std::env::var(variable).map_or(Ok(default), |count| Ok(count.parse()?))
}

/// Where the application's part is played.
fn sender() -> &'static tokio::runtime::Runtime {
    static SENDER: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
    SENDER.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread")
    })
}

callboard::main!();
