//! A web server for tests that need several origins, or a page that goes elsewhere.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Serves pages as long as it lives.
pub struct Pages {
    port: u16,
    serving: JoinHandle<()>,
}

impl Pages {
    /// Each page is a path and its HTML, in which `{other}` stands for the same server as another site.
    pub async fn serve(pages: &'static [(&'static str, &'static str)]) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, port, pages));
            }
        });
        Ok(Self { port, serving })
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn answer(stream: TcpStream, port: u16, pages: &[(&str, &str)]) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
    while stream.read_line(&mut request).await? > 2 {}
    let page = pages.iter().find(|(known, _)| *known == path);
    let (status, html) = page.map_or(("404 Not Found", "nothing here"), |(_, html)| ("200 OK", *html));
    let html = html.replace("{other}", &format!("http://localhost:{port}"));
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{html}",
        html.len()
    );
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await
}
