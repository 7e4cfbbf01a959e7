//! When a service counts as ready.

use tempfile::TempDir;

use super::super::ready::{Target, until_ready};
use super::*;

fn http(port: u16, path: &str) -> Target {
    Target::http(Some(&format!("http://127.0.0.1:{port}")), path).unwrap()
}

#[tokio::test]
async fn answers_that_count() {
    for status in
        ["200 OK", "204 No Content", "302 Found", "400 Bad Request", "401 Unauthorized", "403 Forbidden"]
    {
        let (listener, port) = listener().await;
        let count = answer(listener, &[status]);
        assert_eq!(until_ready(&http(port, "/health"), None, LONG).await, Ok(()), "{status}");
        assert_eq!(count.load(Ordering::SeqCst), 1, "{status}");
    }
}

#[tokio::test]
async fn answers_that_do_not_count() {
    for status in ["404 Not Found", "500 Internal Server Error", "503 Service Unavailable"] {
        let (listener, port) = listener().await;
        let count = answer(listener, &[status, status, "200 OK"]);
        assert_eq!(until_ready(&http(port, "/health"), None, LONG).await, Ok(()));
        assert_eq!(count.load(Ordering::SeqCst), 3, "{status}");
    }
}

#[tokio::test]
async fn says_what_it_saw_last() {
    let (refusing, (unhappy, unhappy_port), (mute, mute_port)) =
        (silent_port(), listener().await, listener().await);
    let (_socket, port) = refusing;
    answer(unhappy, &["500 Internal Server Error"]);
    let (refused, closed, answered, silent) = (
        http(port, "health"),
        Target::port(Some(&format!("http://127.0.0.1:{port}"))).unwrap(),
        http(unhappy_port, "/health"),
        http(mute_port, "/"),
    );
    let (refused, closed, answered, silent) = tokio::join!(
        until_ready(&refused, None, SHORT),
        until_ready(&closed, None, SHORT),
        until_ready(&answered, None, SHORT),
        until_ready(&silent, None, SHORT),
    );
    drop(mute);
    assert_eq!(refused.unwrap_err(), format!("GET http://127.0.0.1:{port}/health: connection refused"));
    assert_eq!(closed.unwrap_err(), format!("connecting to 127.0.0.1:{port}: connection refused"));
    assert_eq!(
        answered.unwrap_err(),
        format!("GET http://127.0.0.1:{unhappy_port}/health: answered 500 Internal Server Error")
    );
    let silent = silent.unwrap_err();
    assert!(silent.starts_with(&format!("GET http://127.0.0.1:{mute_port}/: no answer within ")), "{silent}");
}

#[tokio::test]
async fn a_port_counts_when_it_accepts() {
    let (socket, port) = silent_port();
    let target = Target::port(Some(&format!("http://localhost:{port}/path"))).unwrap();
    let ready = until_ready(&target, None, LONG);
    let (ready, _listener) = tokio::join!(ready, async { socket.listen(8).unwrap() });
    assert_eq!(ready, Ok(()));
}

#[tokio::test]
async fn a_log_counts_from_the_start_on() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.log");
    fs::write(&path, "listening on 1\n").unwrap();
    let target = log(r"^listening on \d+$");
    let last = until_ready(&target, Some((&path, 15)), SHORT).await.unwrap_err();
    assert_eq!(last, r"no line of its log matches `^listening on \d+$`");
    assert_eq!(until_ready(&target, Some((&path, 0)), LONG).await, Ok(()));
}

#[tokio::test]
async fn a_log_line_may_come_in_pieces_after_much_noise() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.log");
    let mut noise = vec![b'\xff'; 300_000];
    noise.extend_from_slice(b"\nlisten");
    fs::write(&path, noise).unwrap();
    let target = log("^listening$");
    let ready = until_ready(&target, Some((&path, 0)), LONG);
    let (ready, ()) = tokio::join!(ready, async {
        tokio::task::yield_now().await;
        let mut file = fs::File::options().append(true).open(&path).unwrap();
        std::io::Write::write_all(&mut file, b"ing").unwrap();
    });
    assert_eq!(ready, Ok(()));
}

#[test]
fn an_address_of_its_own_stays() {
    let target = Target::http(None, "http://127.0.0.1:9/x").unwrap();
    assert_eq!(target.local_port(), Some(9));
    assert!(Target::http(None, "/health").unwrap_err().contains("has no port of its own"));
    assert!(Target::port(None).unwrap_err().contains("has no port of its own"));
    assert_eq!(Target::http(Some("http://example.test"), "/").unwrap().local_port(), None);
}

#[cfg(not(feature = "tls"))]
#[test]
fn encryption_is_a_feature() {
    let why = Target::http(Some("https://example.test"), "/").unwrap_err();
    assert_eq!(
        why,
        "`https://example.test/` needs encryption: enable the feature `tls` of the crate `callboard`"
    );
}
