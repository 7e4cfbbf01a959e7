//! What a project's commands are made of, and the choice of the command.

use std::ffi::OsString;
use std::process::ExitCode;

use crate::error::Error;
use crate::step::Step;
use crate::suite::Suite;
use crate::{e2e, process, test};

const USAGE: &str = "\
The commands of this project.

Usage: cargo xtask COMMAND [ARGS]

Commands:
  e2e   builds the browser tests and runs them
  test  runs every test of the project

Both install a browser if there is none. `cargo xtask COMMAND --help` says more.
";

/// A project: the browser tests that it has, and what else its `test` command runs.
///
/// ```no_run
/// use callboard_xtask::{Project, Step, Suite};
///
/// fn main() -> std::process::ExitCode {
///     Project::new()
///         .e2e("my-application")
///         .e2e(Suite::new("my-other-application").target("browser"))
///         .then(Step::cargo(["clippy", "--workspace"]))
///         .main()
/// }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub(crate) suites: Vec<Suite>,
    pub(crate) steps: Vec<Step>,
}

impl Project {
    /// A project without browser tests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds browser tests: those in the test target `e2e` of the package of this name, or a [`Suite`] with
    /// another target. They are what `cargo xtask e2e` runs, in the order in which they were added.
    #[must_use]
    pub fn e2e(mut self, suite: impl Into<Suite>) -> Self {
        self.suites.push(suite.into());
        self
    }

    /// Adds a step to `cargo xtask test`, after `cargo test --workspace`.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Runs the command that this program was started with. This is all that `main` has to do.
    pub fn main(self) -> ExitCode {
        self.run(std::env::args_os().skip(1))
    }

    /// Runs the command that `args` are, for a program that has more commands than these two.
    ///
    /// ```no_run
    /// use std::process::ExitCode;
    ///
    /// fn main() -> ExitCode {
    ///     let mut args = std::env::args_os().skip(1).peekable();
    ///     if args.next_if(|arg| arg == "deploy").is_some() {
    ///         return deploy();
    ///     }
    ///     callboard_xtask::Project::new().e2e("my-application").run(args)
    /// }
    ///
    /// fn deploy() -> ExitCode {
    ///     ExitCode::SUCCESS
    /// }
    /// ```
    pub fn run<A: Into<OsString>>(self, args: impl IntoIterator<Item = A>) -> ExitCode {
        let mut args = args.into_iter().map(Into::into);
        let command = args.next();
        process::outlive_interrupts();
        let result = match command.as_deref().and_then(|command| command.to_str()) {
            Some("e2e") => e2e::run(&self, args),
            Some("test") => test::run(&self, args),
            Some("help" | "--help" | "-h") => {
                print!("{USAGE}");
                return ExitCode::SUCCESS;
            }
            _ => Err(Error::Command(command)),
        };
        match result {
            Ok(code) => ExitCode::from(code),
            Err(error) => {
                if !error.is_said() {
                    eprintln!("error: {error}");
                }
                ExitCode::from(error.exit_code())
            }
        }
    }
}
