//! The command line.

use std::error::Error as StdError;
use std::io::{self, IsTerminal};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::auth::password::{self, HashCost};
use crate::db::{self, Db};
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
    #[command(flatten)]
    cost: Cost,
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
        password::configure(self.cost.password_cost);
        let app = App { db: Db::open(&self.database.path()?)?, session_hours: self.session_hours };
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        Ok(runtime.block_on(server::serve(app, &self.host, self.port))?)
    }
}

impl Seed {
    fn run(self) -> CliResult {
        password::configure(self.cost.password_cost);
        let path = self.database.path()?;
        let accounts = seed::seed(&path, self.workers, &self.password, self.reset)?;
        println!("{} accounts of {} workers in {}", accounts, self.workers, path.display());
        Ok(())
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
