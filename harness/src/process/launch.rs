//! What to start and where, and why it could not be started.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use thiserror::Error;

use super::Warden;
use super::system::{Members, Wire};

/// A program to start.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    /// A bare name is looked for in `PATH`; a relative path with a slash starts from `dir`.
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    /// On top of this process's own environment.
    pub(crate) env: BTreeMap<String, String>,
    /// The folder that it runs in.
    pub(crate) dir: PathBuf,
    /// The file that its output is appended to; its folder is made where it is missing.
    pub(crate) log: PathBuf,
}

/// What a program finds where its input and output are, if it is neither nothing nor the log.
#[derive(Debug, Default)]
pub(crate) struct Wires {
    pub(crate) stdin: Option<Wire>,
    pub(crate) stdout: Option<Wire>,
}

/// Why a program could not be started.
#[derive(Debug, Error)]
pub(crate) enum SpawnError {
    #[error("cannot write the log `{}`", path.display())]
    Log { path: PathBuf, source: io::Error },
    #[error("cannot start `{}`: the folder it is to run in, `{}`, is not there", program.display(), dir.display())]
    NoFolder { program: PathBuf, dir: PathBuf },
    #[error("no such file: `{}`: did you build it?", path.display())]
    NoFile { path: PathBuf },
    #[error("`{program}` is in no folder of PATH: install it, or write its path")]
    NotInPath { program: String },
    #[error("`{}` is a script, and the interpreter that its first line names is not there", path.display())]
    NoInterpreter { path: PathBuf },
    #[error("`{}` is not executable: `chmod +x` it, or name the program that runs it first", path.display())]
    NotExecutable { path: PathBuf },
    #[error("cannot start `{}` in `{}`", program.display(), dir.display())]
    Other { program: PathBuf, dir: PathBuf, source: io::Error },
}

impl Launch {
    /// Starts the program as the leader of a new group. Its output goes to the log by the file
    /// descriptors themselves: nobody needs to read along for it not to block.
    pub(super) fn start(
        &self,
        wires: Wires,
        warden: Option<&Warden>,
    ) -> Result<(Child, Members), SpawnError> {
        let log = |source| SpawnError::Log { path: self.log.clone(), source };
        let stderr = self.open_log().map_err(log)?;
        let stdout = match wires.stdout {
            Some(wire) => Stdio::from(wire),
            None => Stdio::from(stderr.try_clone().map_err(log)?),
        };
        let program = self.resolved();
        let mut command = Command::new(&program);
        command
            .args(&self.args)
            .envs(&self.env)
            .current_dir(&self.dir)
            .stdin(wires.stdin.map_or_else(Stdio::null, Stdio::from))
            .stdout(stdout)
            .stderr(stderr);
        if let Some(warden) = warden {
            warden.mark_on(&mut command);
        }
        Members::start(&mut command).map_err(|source| self.explain(program, source))
    }

    fn open_log(&self) -> io::Result<File> {
        if let Some(folder) = self.log.parent() {
            fs::create_dir_all(folder)?;
        }
        File::options().create(true).append(true).open(&self.log)
    }

    /// The program as the system is asked for it. Absolute where it is a path: which folder a relative
    /// one would start from differs between systems once the child's folder is set.
    fn resolved(&self) -> PathBuf {
        if is_bare_name(&self.program) { self.program.clone() } else { self.dir.join(&self.program) }
    }

    /// "No such file or directory" can mean three things here; says which.
    fn explain(&self, program: PathBuf, source: io::Error) -> SpawnError {
        if !self.dir.is_dir() {
            return SpawnError::NoFolder { program, dir: self.dir.clone() };
        }
        match source.kind() {
            ErrorKind::NotFound if is_bare_name(&program) => {
                SpawnError::NotInPath { program: program.display().to_string() }
            }
            ErrorKind::NotFound if program.exists() => SpawnError::NoInterpreter { path: program },
            ErrorKind::NotFound => SpawnError::NoFile { path: program },
            ErrorKind::PermissionDenied if program.is_file() => SpawnError::NotExecutable { path: program },
            _ => SpawnError::Other { program, dir: self.dir.clone(), source },
        }
    }
}

fn is_bare_name(program: &Path) -> bool {
    program.components().count() == 1 && !program.is_absolute()
}
