//! Tests that take too long.

use callboard::e2e;

#[e2e(timeout = "200ms")]
async fn out_of_time() {
    std::future::pending::<()>().await;
}

#[e2e(timeout = "100ms")]
fn blocks() {
    loop {
        std::thread::park();
    }
}

#[e2e]
async fn as_configured() {
    std::future::pending::<()>().await;
}
