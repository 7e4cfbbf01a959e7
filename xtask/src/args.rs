//! Which arguments are ours, and which are passed on as they are.

use std::ffi::{OsStr, OsString};

use crate::error::Error;

/// The command line of one of the commands.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Args {
    /// `--help` or `-h`.
    pub(crate) help: bool,
    /// `--no-install`.
    pub(crate) no_install: bool,
    /// The packages of `-p`, if the command has this option.
    pub(crate) packages: Vec<String>,
    /// All others, in their order. What follows a `--` is among them, the `--` itself is not.
    pub(crate) rest: Vec<OsString>,
}

impl Args {
    /// The command line of `e2e`: `--no-install`, `-p` and `--help` anywhere before a `--`.
    pub(crate) fn e2e(args: impl Iterator<Item = OsString>) -> Result<Self, Error> {
        let mut own = Self::default();
        let mut args = args;
        while let Some(arg) = args.next() {
            match Own::of(&arg) {
                Own::No => own.rest.push(arg),
                Own::End => {
                    own.rest.extend(args);
                    break;
                }
                Own::Help => own.help = true,
                Own::NoInstall => own.no_install = true,
                Own::Package(Some(package)) => own.packages.push(package),
                Own::Package(None) => own.packages.push(package(args.next())?),
            }
        }
        Ok(own)
    }

    /// The command line of `test`: `--no-install` and `--help` anywhere before a `--`. That and all else
    /// is cargo's.
    pub(crate) fn test(args: impl Iterator<Item = OsString>) -> Self {
        let mut own = Self::default();
        let mut args = args;
        while let Some(arg) = args.next() {
            match Own::of(&arg) {
                Own::Help => own.help = true,
                Own::NoInstall => own.no_install = true,
                Own::End => {
                    own.rest.push(arg);
                    own.rest.extend(args);
                    break;
                }
                Own::No | Own::Package(_) => own.rest.push(arg),
            }
        }
        own
    }

    /// Whether an option stands among the arguments that are passed on.
    pub(crate) fn passes(&self, option: &str) -> bool {
        self.rest.iter().any(|arg| arg == option)
    }

    /// Whether the arguments that are passed on to cargo choose packages.
    pub(crate) fn choose_packages(&self) -> bool {
        let cargos = self.rest.iter().take_while(|arg| *arg != "--");
        cargos
            .into_iter()
            .any(|arg| matches!(Own::of(arg), Own::Package(_)) || arg == "--workspace" || arg == "--all")
    }
}

/// What an argument is to us.
enum Own {
    No,
    End,
    Help,
    NoInstall,
    /// With its value, if that is in the same argument.
    Package(Option<String>),
}

impl Own {
    fn of(arg: &OsStr) -> Self {
        let Some(arg) = arg.to_str() else { return Self::No };
        let joined = |prefix: &str| arg.strip_prefix(prefix).filter(|value| !value.is_empty());
        match arg {
            "--" => Self::End,
            "--help" | "-h" => Self::Help,
            "--no-install" => Self::NoInstall,
            "--package" | "-p" => Self::Package(None),
            _ => match joined("--package=").or_else(|| joined("-p=")).or_else(|| joined("-p")) {
                Some(package) => Self::Package(Some(package.to_owned())),
                None => Self::No,
            },
        }
    }
}

fn package(value: Option<OsString>) -> Result<String, Error> {
    let value = value.and_then(|value| value.into_string().ok());
    value.filter(|value| !value.starts_with('-')).ok_or(Error::PackageWithoutName)
}
