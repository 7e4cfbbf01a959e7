//! Tests that ask the application, and take a moment each.

use std::time::Duration;

use callboard::{App, TestError, TestResult};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

macro_rules! steady {
    ($($name:ident)*) => {
        $(
            #[callboard::e2e]
            async fn $name(app: &callboard::App) -> callboard::TestResult {
                asks(app).await
            }
        )*
    };
}

steady!(a b c d e f g h i j k l m n o p q r s t);

async fn asks(app: &App) -> TestResult {
    let address = app.base_url().strip_prefix("http://").unwrap_or_default();
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /port HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    // What a real test would do meanwhile: so that a kill finds the run in the middle of something.
    tokio::time::sleep(Duration::from_millis(20)).await;
    match address.rsplit_once(':') {
        Some((_, port)) if answer.ends_with(port) => Ok(()),
        _ => Err(TestError::new(format!("the application answered {answer:?}"))),
    }
}
