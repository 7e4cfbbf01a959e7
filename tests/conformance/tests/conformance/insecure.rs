//! What nobody vouches for: a certificate that is the server's own, plain requests of a page that came by TLS, and what such requests come to.

use std::net::SocketAddr;
use std::sync::Arc;

use callboard::page::Route;
use callboard::{Session, TestResult, e2e, expect};
use conformance::{Answer, Site, in_firefox, message};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Serves a page by TLS, with a certificate that nobody knows, until the test ends.
async fn serve_tls() -> TestResult<SocketAddr> {
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await?;
                let page = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\nConnection: close\r\n\r\n<h1>No</h1>";
                stream.write_all(page.as_bytes()).await
            });
        }
    });
    Ok(address)
}

#[e2e]
async fn a_certificate_that_nobody_vouches_for(session: &Session) -> TestResult {
    let address = serve_tls().await?;
    // Some go there, and some only ask there for something.
    let told = message(session.goto(format!("https://{address}/")).await);
    let words = if in_firefox() { "UNKNOWN_ISSUER" } else { "ERR_CERT_AUTHORITY_INVALID" };
    assert!(told.to_uppercase().contains(words), "{told}");
    session.allow_console(".");
    session.goto("/").await?;
    expect(session.locator("h1")).to_have_text("Home").await?;
    let asks = format!("() => fetch('https://{address}/').then(() => 'answered', () => 'failed')");
    assert_eq!(session.evaluate::<String>(&asks).await?, "failed");
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "its words are others"))]
async fn a_request_to_where_nobody_vouches_is_an_error_of_the_page(session: &Session) -> TestResult {
    let address = serve_tls().await?;
    session.goto("/").await?;
    session.evaluate::<()>(&format!("() => fetch('https://{address}/api').catch(() => {{}})")).await?;
    expect(session).not().to_have_no_console_errors().await?;
    let told = message(expect(session).to_have_no_console_errors().await);
    assert!(told.contains("/api") && told.contains("ERR_CERT_AUTHORITY_INVALID"), "{told}");
    session.allow_console("ERR_CERT_AUTHORITY_INVALID");
    Ok(())
}

#[e2e(skip_if = (in_firefox(), "its words are others"))]
async fn a_page_that_came_by_tls_may_not_ask_plainly(session: &Session) -> TestResult {
    const PAGE: &str = "<h1>Safe</h1><script src='http://plain.example/script.js'></script>";
    let answers = |route: Route| async { route.fulfill().content_type("text/html").body(PAGE).await };
    session.route("https://safe.example/", answers).await?;
    session.goto("https://safe.example/").await?;
    expect(session.locator("h1")).to_have_text("Safe").await?;
    expect(session).not().to_have_no_console_errors().await?;
    let told = message(expect(session).to_have_no_console_errors().await);
    assert!(told.contains("Mixed Content") && told.contains("http://plain.example/script.js"), "{told}");
    session.allow_console("plain\\.example");
    expect(session).to_have_no_console_errors().await?;
    Ok(())
}

const ANSWERS: &[Answer] = &[
    Answer::page(
        "/asks",
        "<script>
           const request = new XMLHttpRequest();
           request.onerror = () => { document.title = 'Failed' };
           request.open('POST', '/never?password=abc');
           request.send('name=Ida');
         </script>",
    ),
    Answer::page("/picture", "<img src=/no.png alt='A map' onerror='document.title = `No map`'>"),
];

#[e2e]
async fn a_request_of_the_older_kind_that_gets_no_answer(session: &Session) -> TestResult {
    let site = Site::start(ANSWERS);
    session.goto(site.url("/asks")).await?;
    // As where a cable is pulled out.
    let failing = |route: Route| async { route.abort().await };
    expect(session).not().to_have_title("Failed").await?;
    session.route("**/never?*", failing).await?;
    session.reload().await?;
    expect(session).to_have_title("Failed").await?;
    // What a route did is nobody's error.
    expect(session).to_have_no_console_errors().await?;
    session.unroute_all();
    session.evaluate::<()>("() => { const it = new XMLHttpRequest(); it.open('POST', 'http://127.0.0.1:2/api?token=abc'); it.send() }").await?;
    expect(session).not().to_have_no_console_errors().await?;
    let told = message(expect(session).to_have_no_console_errors().await);
    assert!(told.contains("POST http://127.0.0.1:PORT/api?token=…") && !told.contains("abc"), "{told}");
    session.allow_console("127\\.0\\.0\\.1:2/api");
    Ok(())
}

#[e2e]
async fn a_picture_that_is_not_there_is_an_error_only_where_that_is_asked_for(
    session: &Session,
) -> TestResult {
    let site = Site::start(ANSWERS);
    let picture = session.wait_for_response("**/no.png");
    session.goto(site.url("/picture")).await?;
    assert_eq!(picture.await?.status(), 404);
    expect(session).to_have_title("No map").await?;
    expect(session.by_role("img")).to_have_name("A map").await?;
    expect(session).to_have_no_console_errors().await?;
    Ok(())
}
