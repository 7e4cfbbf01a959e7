//! A step of `cargo xtask test`.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;

use callboard::setup::Machine;

use crate::cargo;

/// A program that `cargo xtask test` runs after `cargo test --workspace`.
///
/// ```
/// use callboard_xtask::Step;
///
/// let step = Step::cargo(["nextest", "run", "-p", "my-application"]).if_installed("cargo-nextest");
/// assert_eq!(step.to_string(), "cargo nextest run -p my-application");
/// ```
#[derive(Debug, Clone)]
pub struct Step {
    /// `None`: cargo, wherever it is.
    program: Option<String>,
    args: Vec<String>,
    wants: Option<String>,
}

impl Step {
    /// Runs the cargo that this project is built with.
    pub fn cargo<A: Into<String>>(args: impl IntoIterator<Item = A>) -> Self {
        Self { program: None, args: args.into_iter().map(Into::into).collect(), wants: None }
    }

    /// Runs any other program.
    pub fn program<A: Into<String>>(program: impl Into<String>, args: impl IntoIterator<Item = A>) -> Self {
        Self { program: Some(program.into()), ..Self::cargo(args) }
    }

    /// Leaves the step out, and says so, where the command `program` is not installed: neither on `PATH`
    /// nor among cargo's own.
    #[must_use]
    pub fn if_installed(mut self, program: impl Into<String>) -> Self {
        self.wants = Some(program.into());
        self
    }

    /// The program for whose lack the step has to be left out.
    pub(crate) fn lacks(&self, machine: &Machine) -> Option<&str> {
        let wanted = self.wants.as_deref()?;
        let home = || std::env::home_dir().map(|home| home.join(".cargo"));
        let cargos = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
        let among_cargos = cargos.is_some_and(|folder| {
            folder.join("bin").join(wanted).with_extension(std::env::consts::EXE_EXTENSION).is_file()
        });
        (!among_cargos && machine.on_path(wanted).is_none()).then_some(wanted)
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = self.program.as_ref().map_or_else(cargo::command, Command::new);
        command.args(&self.args);
        command
    }
}

/// As one would type it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program.as_deref().unwrap_or("cargo"))?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}
