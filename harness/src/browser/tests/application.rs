//! The application under test: signs users in by a cookie, and refuses whom it does not know.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Of each kind one.
const COMPLAINS: &str = "console.error('something is %s', 'wrong', {a: [1]}); fetch('/missing'); \
                         Promise.reject({code: 3}); function fail() { throw new Error('of its own') } fail()";

/// A running application. It ends with the test's runtime.
pub(super) struct Application {
    pub(super) base_url: String,
    users: Arc<Mutex<Users>>,
}

/// Who may come in.
#[derive(Default)]
struct Users {
    last: u32,
    signed_in: BTreeSet<String>,
    locked: bool,
}

impl Application {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let users = Arc::new(Mutex::new(Users::default()));
        let shared = users.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, shared.clone()));
            }
        });
        Self { base_url, users }
    }

    /// Forgets everybody who is signed in, as after a restart.
    pub(super) fn forget_everybody(&self) {
        self.users.lock().unwrap().signed_in.clear();
    }

    /// Lets nobody in any more.
    pub(super) fn lock(&self) {
        self.forget_everybody();
        self.users.lock().unwrap().locked = true;
    }

    /// How often somebody signed in.
    pub(super) fn sign_ins(&self) -> u32 {
        self.users.lock().unwrap().last
    }
}

async fn serve(stream: TcpStream, users: Arc<Mutex<Users>>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        if stream.read_line(&mut request).await.ok()? == 0 {
            return None;
        }
    }
    let path = request.split_whitespace().nth(1)?.to_owned();
    if path == "/never" {
        // Holds the connection until the browser gives up.
        let _ = stream.read_line(&mut request).await;
        return None;
    }
    let answer = answer(&path, &request, &mut users.lock().unwrap());
    stream.write_all(answer.as_bytes()).await.ok()
}

fn answer(path: &str, request: &str, users: &mut Users) -> String {
    let cookies = request.lines().find_map(|line| line.strip_prefix("Cookie: ")).unwrap_or("");
    let cookie = |name: &str| {
        cookies.split("; ").find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    };
    let signed_in = cookie("ticket").is_some_and(|ticket| users.signed_in.contains(&ticket));
    let page = |status: &str, headers: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    match path {
        "/login?next=/private" | "/login" => page("200 OK", "", "please sign in"),
        // What the form of a sign-in page would send.
        "/enter" => {
            users.last += 1;
            let ticket = format!("ticket-{}", users.last);
            let headers = format!(
                "Set-Cookie: ticket={ticket}; Path=/; HttpOnly\r\nSet-Cookie: theme=dark; Path=/\r\n"
            );
            let body = format!("<script>localStorage.setItem('ticket', '{ticket}')</script>welcome");
            if !users.locked {
                users.signed_in.insert(ticket);
            }
            page("200 OK", &headers, &body)
        }
        "/private" if signed_in => page("200 OK", "", "private"),
        "/private" => page("302 Found", "Location: /login?next=/private\r\n", ""),
        "/api" if signed_in => page("200 OK", "", "answer"),
        "/api" => page("401 Unauthorized", "", "refused"),
        "/leave" => page("200 OK", "", "<script>localStorage.clear()</script>bye"),
        // What the server is told and what the page's first script sees.
        "/echo" => page(
            "200 OK",
            "",
            &format!("<p>{cookies}</p><script>document.write(localStorage.getItem('ticket'))</script>"),
        ),
        // What complains as soon as it is there.
        "/complains" => page("200 OK", "", &format!("<script>{COMPLAINS}</script>")),
        "/complains.js" => page("200 OK", "", COMPLAINS),
        "/elsewhere" => page("302 Found", "Location: /api\r\n", ""),
        _ => page("404 Not Found", "", "nothing here"),
    }
}
