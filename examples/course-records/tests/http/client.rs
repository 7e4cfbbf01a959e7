//! A running server on a database of its own, and people who use it.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const PASSWORD: &str = "only-for-tests";
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// The program, with nothing in its environment that would change what it does.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_course-records"));
    for name in ["DATABASE_URL", "SMTP_URL", "DIRECTORY_URL", "DIRECTORY_URL_FILE", "COURSE_RECORDS_FAULTS"] {
        command.env_remove(name);
    }
    command
}

pub(crate) fn seed(path: &Path, workers: u32) {
    seed_with(path, workers, &[]);
}

pub(crate) fn seed_with(path: &Path, workers: u32, arguments: &[&str]) {
    let output = program()
        .args(["seed", "--workers", &workers.to_string(), "--database"])
        .arg(path)
        .args(arguments)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) child: Child,
    /// Where the database is.
    folder: TempDir,
}

impl Server {
    /// A server on a copy of a database that was seeded for two workers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        Self::launch(arguments, None)
    }

    /// With a mail server to send to.
    pub(crate) fn launch(arguments: &[&str], smtp_url: Option<&str>) -> Self {
        let smtp_url = smtp_url.map(|url| ("SMTP_URL", url));
        Self::start_in(smtp_url.as_slice(), arguments)
    }

    /// With something in its environment.
    pub(crate) fn start_in(environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        static SEEDED: OnceLock<Vec<u8>> = OnceLock::new();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("app.db");
        let seeded = SEEDED.get_or_init(|| {
            seed(&path, 2);
            fs::read(&path).expect("the seeded database")
        });
        fs::write(&path, seeded).expect("a copy of it");
        Self::on(folder, environment, arguments)
    }

    /// On a database that is seeded with further arguments.
    pub(crate) fn start_seeded(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        seed_with(&folder.path().join("app.db"), 2, arguments);
        Self::on(folder, &[], &[])
    }

    fn on(folder: TempDir, environment: &[(&str, &str)], arguments: &[&str]) -> Self {
        let path = folder.path().join("app.db");
        let mut child = program()
            .args(["serve", "--port", "0", "--database"])
            .arg(&path)
            .args(arguments)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("server.log")).expect("a log"))
            .spawn()
            .expect("the server starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("its output");
        BufReader::new(stdout).read_line(&mut line).expect("a line of it");
        let url = line.trim().strip_prefix("listening on ").expect("an address").to_owned();
        Self { url, child, folder }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("app.db")
    }

    /// Changes or asks the database behind the server's back.
    pub(crate) fn connection(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.database()).expect("the database")
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("server.log")).expect("a log")
    }

    pub(crate) fn anonymous(&self) -> Person {
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Person { http, url: self.url.clone(), cookies: Vec::new(), csrf: String::new() }
    }

    /// Worker 0's account of a role, signed in.
    pub(crate) async fn sign_in(&self, role: &str) -> Person {
        self.sign_in_as(&format!("{role}_worker0@example.test")).await
    }

    pub(crate) async fn sign_in_as(&self, email: &str) -> Person {
        let mut person = self.anonymous();
        let answer = person.submit_login(email, PASSWORD, "").await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{email}");
        let page = person.get("/dashboard").await.text().await.expect("the dashboard");
        between(&page, "name=\"csrf-token\" content=\"", "\"").clone_into(&mut person.csrf);
        person
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; either way nothing of it may stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser, as far as cookies and the CSRF token go.
pub(crate) struct Person {
    http: Client,
    url: String,
    pub(crate) cookies: Vec<(String, String)>,
    pub(crate) csrf: String,
}

impl Person {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path, None, "").await
    }

    pub(crate) async fn status(&self, path: &str) -> u16 {
        self.get(path).await.status().as_u16()
    }

    /// Status and JSON of an answer of the API. `body` may be `Null` for none.
    pub(crate) async fn api(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        self.send(method, path, "application/json", text).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, media: &str, body: String) -> (u16, Value) {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let answer = self.request(method, &format!("/api{path}"), Some(media), &body).await;
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    /// The status of a change by somebody whose page shows this revision of the catalogue.
    pub(crate) async fn change_seeing(&self, path: &str, body: &Value, revision: &Value) -> u16 {
        let request =
            self.prepare(Method::PUT, &format!("/api{path}"), Some("application/json"), &body.to_string());
        let answer = request.header("If-Match", format!("\"{revision}\"")).send().await;
        answer.expect("an answer").status().as_u16()
    }

    /// The rows of a list.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let (status, answer) = self.api("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        let items = answer["items"].as_array().expect("items").clone();
        assert_eq!(answer["total"], items.len());
        items
    }

    /// The id of the row of a list that has this value.
    pub(crate) async fn id_of(&self, path: &str, key: &str, value: &str) -> i64 {
        let rows = self.list(path).await;
        let row = rows.iter().find(|row| row[key] == value).unwrap_or_else(|| panic!("{value} in {path}"));
        row["id"].as_i64().expect("an id")
    }

    pub(crate) async fn submit_login(&mut self, email: &str, password: &str, next: &str) -> Response {
        let form = self.get("/login").await;
        self.take_cookies(&form);
        let page = form.text().await.expect("the form");
        let token = between(&page, "name=\"csrf_token\" value=\"", "\"");
        let body = format!(
            "csrf_token={token}&email={}&password={}&next={}",
            encode(email),
            encode(password),
            encode(next)
        );
        let answer = self.request(Method::POST, "/login", Some(FORM), &body).await;
        self.take_cookies(&answer);
        answer
    }

    /// Sends a request with the cookies, and with the CSRF token if there is one.
    pub(crate) async fn request(
        &self,
        method: Method,
        path: &str,
        media: Option<&str>,
        body: &str,
    ) -> Response {
        self.prepare(method, path, media, body).send().await.expect("an answer")
    }

    pub(crate) fn prepare(
        &self,
        method: Method,
        path: &str,
        media: Option<&str>,
        body: &str,
    ) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).body(body.to_owned());
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        if !self.csrf.is_empty() {
            request = request.header("X-CSRF-Token", &self.csrf);
        }
        if let Some(media) = media {
            request = request.header("Content-Type", media);
        }
        request
    }

    pub(crate) fn take_cookies(&mut self, answer: &Response) {
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let text = cookie.to_str().expect("a readable cookie");
            let (name, value) = text.split(';').next().and_then(|pair| pair.split_once('=')).expect("a pair");
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }
}

pub(crate) fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.split_once(after).expect("an end").0
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        write!(encoded, "%{byte:02X}").expect("a string takes everything");
        encoded
    })
}
