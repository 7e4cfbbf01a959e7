//! The command line.

use std::error::Error as StdError;
use std::fs;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::auth::password::{self, HashCost};
use crate::campus::Campus;
use crate::campus::service::Directory;
use crate::db::{self, Db};
use crate::faults::{self, Chosen};
use crate::links::Links;
use crate::mail::Mailer;
use crate::records::users;
use crate::seed;
use crate::server::{self, App};

#[derive(Parser)]
#[command(name = "course-records", version, about = "Course records of institutions, as a web application")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the web server until SIGTERM or SIGINT
    Serve(Serve),
    /// Make a database with accounts and records for tests
    Seed(Seed),
    /// Make a site admin account, for instance the first one of a new database
    CreateAdmin(CreateAdmin),
    /// Run the campus directory, which several servers share, until SIGTERM or SIGINT
    Directory(DirectoryOptions),
    /// List the faults that `--fault` and `COURSE_RECORDS_FAULTS` can switch on
    Faults,
}

#[derive(Args)]
struct Serve {
    /// The port to listen on; 0 takes a free one, and the first line of output says which
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    #[command(flatten)]
    database: Database,
    /// After how many hours people have to sign in again
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=8760))]
    session_hours: u32,
    /// The campus directory's address [default: `DIRECTORY_URL`, or what the file `DIRECTORY_URL_FILE` holds;
    /// else the server does without one]
    #[arg(long, value_name = "URL")]
    directory: Option<String>,
    #[command(flatten)]
    mail: Mail,
    #[command(flatten)]
    cost: Cost,
    #[command(flatten)]
    faults: Faults,
}

/// The mail server itself is in `SMTP_URL`, as `smtp://[USER:PASSWORD@]HOST[:PORT]`; without it no mail is sent
#[derive(Args)]
struct Mail {
    /// Where readers of messages reach this server [default: `http://127.0.0.1:<PORT>`]
    #[arg(long, value_name = "URL")]
    public_url: Option<Links>,
    /// Who messages come from
    #[arg(long = "mail-from", value_name = "ADDRESS", default_value = "Course Records <no-reply@localhost>")]
    from: String,
    /// How long the mail server may take for a message
    #[arg(long = "mail-timeout", value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=300))]
    timeout: u64,
    /// How long the same instructor is not reminded of the same section again; 0 for no limit
    #[arg(long, value_name = "MINUTES", default_value_t = 10, value_parser = clap::value_parser!(u32).range(0..=10080))]
    reminder_minutes: u32,
}

#[derive(Args)]
struct Seed {
    #[command(flatten)]
    database: Database,
    /// For how many workers, each with an account of every role
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=1000))]
    workers: u32,
    /// The password of all accounts
    #[arg(long, default_value = "only-for-tests")]
    password: String,
    /// Replace the database also when it was not made by this command
    #[arg(long)]
    reset: bool,
    #[command(flatten)]
    cost: Cost,
    #[command(flatten)]
    faults: Faults,
}

#[derive(Args)]
struct DirectoryOptions {
    /// The port to listen on; 0 takes a free one, and the first line of output says which
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// The directory's own file, made if there is none
    #[arg(long, value_name = "PATH", default_value = "campus.db")]
    database: PathBuf,
    /// A file to write the whole address to, for servers to find (`DIRECTORY_URL_FILE`)
    #[arg(long, value_name = "PATH")]
    url_file: Option<PathBuf>,
    #[command(flatten)]
    faults: Faults,
}

#[derive(Args)]
struct CreateAdmin {
    #[command(flatten)]
    database: Database,
    /// The address to sign in with; the password is read from standard input
    #[arg(long)]
    email: String,
    #[command(flatten)]
    cost: Cost,
}

#[derive(Args)]
struct Database {
    /// The database file [default: `DATABASE_URL` as `sqlite://PATH`, else course-records.db]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
}

#[derive(Args)]
struct Faults {
    /// Plant a fault, for a diagnosis to find; `course-records faults` lists them. As often as you like, and
    /// those of `COURSE_RECORDS_FAULTS` (names with commas between) come on top
    #[arg(long = "fault", value_name = "NAME")]
    faults: Vec<Chosen>,
}

#[derive(Args)]
struct Cost {
    /// How expensive new password hashes are, as in a PHC string; for real use m=19456,t=2,p=1
    #[arg(long, default_value = HashCost::DEFAULT)]
    password_cost: HashCost,
}

pub(crate) fn run() -> ExitCode {
    let arguments = Arguments::parse();
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        .init();
    let result = match arguments.command {
        Command::Serve(serve) => serve.run(),
        Command::Seed(seed) => seed.run(),
        Command::CreateAdmin(create) => create.run(),
        Command::Directory(directory) => directory.run(),
        Command::Faults => {
            println!("{}", faults::overview());
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", with_sources(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}

type CliResult = Result<(), Box<dyn StdError>>;

impl Serve {
    fn run(self) -> CliResult {
        self.faults.switch_on()?;
        password::configure(self.cost.password_cost);
        let mailer = self.mail.mailer()?;
        let campus = campus(self.directory)?;
        let db = Db::open(&self.database.path()?)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let (listener, address) = server::listen(&self.host, self.port).await?;
            let app = App {
                db,
                session_hours: self.session_hours,
                mailer,
                links: self.mail.public_url.unwrap_or_else(|| Links::local(address.port())),
                reminder_minutes: self.mail.reminder_minutes,
                campus,
            };
            Ok(server::serve(server::router(app), listener, address).await?)
        })
    }
}

impl Mail {
    fn mailer(&self) -> Result<Mailer, Box<dyn StdError>> {
        let url = variable("SMTP_URL")?;
        let limit = Duration::from_secs(self.timeout);
        Ok(Mailer::new(url.as_deref(), &self.from, limit)?)
    }
}

impl Seed {
    fn run(self) -> CliResult {
        self.faults.switch_on()?;
        password::configure(self.cost.password_cost);
        let path = self.database.path()?;
        let accounts = seed::seed(&path, self.workers, &self.password, self.reset)?;
        println!("{} accounts of {} workers in {}", accounts, self.workers, path.display());
        Ok(())
    }
}

impl DirectoryOptions {
    fn run(self) -> CliResult {
        self.faults.switch_on()?;
        let routes = Directory::open(&self.database)?.router();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let (listener, address) = server::listen(&self.host, self.port).await?;
            if let Some(path) = &self.url_file {
                write_address(path, address)
                    .map_err(|error| format!("cannot write the address to {}: {error}", path.display()))?;
            }
            Ok(server::serve(routes, listener, address).await?)
        })
    }
}

/// The file is moved to its place, so that nobody reads half an address.
fn write_address(path: &Path, address: SocketAddr) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".new");
    fs::write(&unfinished, format!("http://{address}\n"))?;
    fs::rename(unfinished, path)
}

impl Faults {
    fn switch_on(&self) -> CliResult {
        let names = variable(faults::VARIABLE)?.unwrap_or_default();
        faults::switch_on(&self.faults, &names)
            .map_err(|error| format!("{}: {error}", faults::VARIABLE).into())
    }
}

/// The campus directory that the command line or the environment names.
fn campus(url: Option<String>) -> Result<Option<Campus>, Box<dyn StdError>> {
    let url = match url {
        Some(url) => Some(url),
        None => variable("DIRECTORY_URL")?,
    };
    match (url, variable("DIRECTORY_URL_FILE")?) {
        (Some(url), _) if !url.starts_with("http://") => {
            Err(format!("the campus directory is {url:?}, but must be http://HOST:PORT").into())
        }
        (Some(url), _) => Ok(Some(Campus::at(url)?)),
        (None, Some(file)) => Ok(Some(Campus::named_in(file.into())?)),
        (None, None) => Ok(None),
    }
}

/// A variable of the environment, if it is set to something.
fn variable(name: &str) -> Result<Option<String>, Box<dyn StdError>> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(error) => Err(format!("cannot read {name}: {error}").into()),
    }
}

impl CreateAdmin {
    fn run(self) -> CliResult {
        password::configure(self.cost.password_cost);
        let connection = db::connect_and_migrate(&self.database.path()?)?;
        if io::stdin().is_terminal() {
            eprintln!("Password for {} (it will be visible):", self.email);
        }
        let mut line = String::new();
        io::stdin().read_line(&mut line)?;
        match users::create_site_admin(&connection, &self.email, line.trim_end_matches(['\r', '\n'])) {
            Ok(_) => {
                println!("{} can sign in as a site admin", self.email);
                Ok(())
            }
            Err(crate::error::Error::Invalid(fields)) => {
                let messages: Vec<_> =
                    fields.iter().map(|(field, message)| format!("{field}: {message}")).collect();
                Err(messages.join(" ").into())
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Database {
    fn path(&self) -> Result<PathBuf, Box<dyn StdError>> {
        if let Some(path) = &self.database {
            return Ok(path.clone());
        }
        let url = match std::env::var("DATABASE_URL") {
            Ok(url) => url,
            Err(std::env::VarError::NotPresent) => return Ok("course-records.db".into()),
            Err(error) => return Err(format!("cannot read DATABASE_URL: {error}").into()),
        };
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        match path {
            Some(path) if !path.is_empty() => Ok(path.into()),
            _ => Err(format!("DATABASE_URL is {url:?}, but must be sqlite://PATH").into()),
        }
    }
}

/// An error and what it came from, on one line.
fn with_sources(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
