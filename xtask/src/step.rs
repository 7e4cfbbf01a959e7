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
    env: Vec<(String, String)>,
    wants: Option<Wants>,
}

/// What a step cannot do without.
#[derive(Debug, Clone)]
enum Wants {
    Command(String),
    Firefox,
}

impl Step {
    /// Runs the cargo that this project is built with.
    pub fn cargo<A: Into<String>>(args: impl IntoIterator<Item = A>) -> Self {
        Self { program: None, args: args.into_iter().map(Into::into).collect(), env: Vec::new(), wants: None }
    }

    /// Runs any other program.
    pub fn program<A: Into<String>>(program: impl Into<String>, args: impl IntoIterator<Item = A>) -> Self {
        Self { program: Some(program.into()), ..Self::cargo(args) }
    }

    /// Leaves the step out, and says so, where the command `program` is not installed: neither on `PATH`
    /// nor among cargo's own.
    #[must_use]
    pub fn if_installed(mut self, program: impl Into<String>) -> Self {
        self.wants = Some(Wants::Command(program.into()));
        self
    }

    /// Leaves the step out, and says so, where Firefox or its driver `geckodriver` is not found: as a suite finds them, with
    /// `CALLBOARD_BROWSER` and `CALLBOARD_DRIVER`.
    #[must_use]
    pub fn if_firefox(mut self) -> Self {
        self.wants = Some(Wants::Firefox);
        self
    }

    /// Sets a variable in the step's environment.
    ///
    /// ```
    /// use callboard_xtask::Step;
    ///
    /// let step = Step::cargo(["test", "-p", "my-application"]).env("CALLBOARD_BROWSER_ENGINE", "firefox").if_firefox();
    /// assert_eq!(step.to_string(), "CALLBOARD_BROWSER_ENGINE=firefox cargo test -p my-application");
    /// ```
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Why the step has to be left out, if it has.
    pub(crate) fn lacks(&self, machine: &Machine) -> Option<String> {
        let wanted = match self.wants.as_ref()? {
            Wants::Command(wanted) => wanted,
            Wants::Firefox => return lacks_firefox(machine),
        };
        let home = || std::env::home_dir().map(|home| home.join(".cargo"));
        let cargos = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home);
        let among_cargos = cargos.is_some_and(|folder| {
            folder.join("bin").join(wanted).with_extension(std::env::consts::EXE_EXTENSION).is_file()
        });
        (!among_cargos && machine.on_path(wanted).is_none()).then(|| format!("{wanted} is not installed"))
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = self.program.as_ref().map_or_else(cargo::command, Command::new);
        command.args(&self.args).envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// As one would type it.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.env.iter().try_for_each(|(name, value)| write!(f, "{name}={value} "))?;
        f.write_str(self.program.as_deref().unwrap_or("cargo"))?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

fn lacks_firefox(machine: &Machine) -> Option<String> {
    let found = match machine.find_firefox(None, None) {
        Ok(found) => found.browser,
        Err(missing) => return Some(missing.to_string()),
    };
    let name = found.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    // Who has named a browser for all steps has meant Chromium.
    (!name.contains("firefox")).then(|| format!("`{}` is no Firefox", found.display()))
}
