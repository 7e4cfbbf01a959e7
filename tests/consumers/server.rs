//! The application under test: pages, sign-in by form and cookie, and every way to misbehave.
//!
//! `test-server PORT [--log FILE] [--data FILE] [--slow] [--exit-early] [--child]`

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

struct Server {
    port: String,
    log: Option<PathBuf>,
    /// What it is to remember longer than it lives: a line a note.
    data: Option<PathBuf>,
    /// How many notes it took since it lives.
    taken: AtomicUsize,
    /// Who is signed in, by the number of the session.
    sessions: Mutex<BTreeMap<String, String>>,
}

/// A request, as far as it is looked at.
struct Request {
    path: String,
    session: Option<String>,
    cookies: String,
    form: BTreeMap<String, String>,
}

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let port = words.next().unwrap_or_default();
    let words: Vec<String> = words.collect();
    let has = |word: &str| words.iter().any(|other| other == word);
    let file = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).map(PathBuf::from)
    };
    let (log, data) = (file("--log"), file("--data"));
    let server = Server { port, log, data, taken: AtomicUsize::new(0), sessions: Mutex::default() };

    server.note("begins");
    if has("--exit-early") {
        (1..=30).for_each(|line| println!("early line {line}"));
        return ExitCode::from(7);
    }
    if has("--child") {
        // It lives on when this process ends, unless somebody looks after it.
        if let Err(error) = Command::new("sleep").arg("1000").spawn() {
            println!("no child: {error}");
        }
    }
    if has("--slow") {
        // The start of a slow application, for tests that look at how many start at once: they compare what the
        // starts noted, and no test is right or wrong by this number.
        std::thread::sleep(Duration::from_millis(150));
    }
    match server.serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cannot serve: {error}");
            ExitCode::FAILURE
        }
    }
}

impl Server {
    fn serve(self) -> io::Result<()> {
        let listener = TcpListener::bind(format!("127.0.0.1:{}", self.port))?;
        self.note("ready");
        let server = Arc::new(self);
        for stream in listener.incoming() {
            let (server, stream) = (server.clone(), stream?);
            // A browser opens connections in advance and says nothing on them.
            std::thread::spawn(move || server.answer(&stream));
        }
        Ok(())
    }

    /// Adds a line to the log that all servers share: the port, and what happened.
    fn note(&self, what: &str) {
        let Some(log) = &self.log else { return };
        let line = format!("{} {what}\n", self.port);
        let file = OpenOptions::new().append(true).create(true).open(log);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the log can be written");
    }

    fn answer(&self, mut stream: &TcpStream) -> io::Result<()> {
        let request = Request::read(stream)?;
        println!("asked for {}", request.path);
        let sessions = || self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let user = request.session.as_ref().and_then(|session| sessions().get(session).cloned());
        let (status, headers, body) = match (request.path.as_str(), user) {
            ("/die", _) => {
                println!("told to die");
                std::process::exit(9);
            }
            ("/slow?secret=1", _) => {
                // No answer until whoever asked has gone.
                return stream.read(&mut [0]).map(drop);
            }
            ("/pid", _) => ("200 OK", String::new(), std::process::id().to_string()),
            ("/note", _) => ("200 OK", String::new(), self.take_note()?),
            ("/notes", _) => ("200 OK", String::new(), self.notes()?),
            ("/port", _) => ("200 OK", String::new(), self.port.clone()),
            ("/health", _) => ("200 OK", String::new(), "well".to_owned()),
            ("/cookies", _) => ("200 OK", String::new(), format!("<p id=cookies>{}</p>", request.cookies)),
            ("/crumb", _) => {
                ("200 OK", "Set-Cookie: crumb=1; Path=/\r\n".to_owned(), "<p>crumbs</p>".to_owned())
            }
            ("/forget", _) => {
                sessions().clear();
                ("200 OK", String::new(), "<p>forgotten</p>".to_owned())
            }
            ("/login", _) if !request.form.is_empty() => self.sign_in(&request.form),
            ("/login", _) => ("200 OK", String::new(), FORM.to_owned()),
            ("/private", Some(user)) => ("200 OK", String::new(), format!("<p id=user>{user}</p>")),
            ("/private", None) => ("302 Found", "Location: /login\r\n".to_owned(), String::new()),
            ("/", _) => ("200 OK", String::new(), "<h1>Home</h1>".to_owned()),
            _ => ("404 Not Found", String::new(), "<h1>Not here</h1>".to_owned()),
        };
        let length = body.len();
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {length}\r\n\
             {headers}Connection: close\r\n\r\n{body}"
        )
    }

    fn take_note(&self) -> io::Result<String> {
        let data = self.data.as_ref().ok_or(io::ErrorKind::NotFound)?;
        OpenOptions::new().append(true).create(true).open(data)?.write_all(b"note\n")?;
        self.taken.fetch_add(1, Ordering::SeqCst);
        self.notes()
    }

    /// What it took itself, and all that there is.
    fn notes(&self) -> io::Result<String> {
        let data = self.data.as_ref().ok_or(io::ErrorKind::NotFound)?;
        let all = std::fs::read_to_string(data)?;
        Ok(format!("{} taken, {}", self.taken.load(Ordering::SeqCst), all.trim_end().replace('\n', " ")))
    }

    /// Everybody may come in whose password is right and whose name does not say otherwise.
    fn sign_in(&self, form: &BTreeMap<String, String>) -> (&'static str, String, String) {
        let user = form.get("user").cloned().unwrap_or_default();
        let right = form.get("password").is_some_and(|password| password.starts_with("secret-"));
        self.note(&format!("login {user}"));
        if !right || user.starts_with("refused") {
            return ("403 Forbidden", String::new(), "<h1>Not you</h1>".to_owned());
        }
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        // Not only a count: a session that was forgotten must not come back as somebody else's.
        let session = format!("{}-{:?}", sessions.len(), std::time::Instant::now())
            .replace([' ', '{', '}', ':', ','], "");
        sessions.insert(session.clone(), user);
        let headers = format!("Set-Cookie: session={session}; Path=/; HttpOnly\r\nLocation: /private\r\n");
        ("303 See Other", headers, String::new())
    }
}

const FORM: &str = "<form method=post action=/login><input name=user><input name=password type=password>\
                    <button>Enter</button></form>";

impl Request {
    fn read(stream: &TcpStream) -> io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let path = first.split(' ').nth(1).unwrap_or("/").to_owned();
        let (mut length, mut cookies) = (0, String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.trim().parse().unwrap_or(0),
                "cookie" => value.trim().clone_into(&mut cookies),
                _ => {}
            }
        }
        let mut body = String::new();
        reader.take(length).read_to_string(&mut body)?;
        let pairs = |text: &str, separator: char| -> BTreeMap<String, String> {
            let pairs = text.split(separator).filter_map(|pair| pair.trim().split_once('='));
            pairs.map(|(name, value)| (name.to_owned(), value.replace("%40", "@"))).collect()
        };
        let session = pairs(&cookies, ';').remove("session");
        Ok(Self { path, session, cookies, form: pairs(&body, '&') })
    }
}
