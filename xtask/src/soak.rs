//! `cargo xtask soak`: the tests in which runs are killed, for as long as it takes to believe them.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

const HELP: &str = "\
Hurts runs and looks at what is left: SIGKILL to each kind of their processes at random moments, a full disk, thousands of
tests, several runs at once. `cargo test` does the same with 3 kills of each kind.

Usage: cargo xtask soak [--kills N] [--seed N] [NAME]...

Only tests in whose name one of the NAMEs stands, all unless there is one: `a_browser_is_killed`.

Options:
      --kills N  kills of each kind; 200 unless given, which take about half an hour
      --seed N   the same moments again; each line of the output names its seed
  -h, --help     this

Exit codes: those of cargo test; 2 if the command line is wrong; 3 if there is no cargo.
";

/// How many kills of each kind.
const KILLS: u64 = 200;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    kills: u64,
    seed: Option<u64>,
    names: Vec<String>,
}

/// Runs the command that the arguments are.
pub(crate) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let args: Vec<String> = args.map(|arg| arg.to_string_lossy().into_owned()).collect();
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        print!("{HELP}");
        return ExitCode::SUCCESS;
    }
    let asked = match read(args) {
        Ok(asked) => asked,
        Err(message) => {
            eprintln!("error: {message}");
            return ExitCode::from(2);
        }
    };
    match command(&asked).status() {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: could not start cargo: {error}");
            ExitCode::from(3)
        }
    }
}

fn read(args: Vec<String>) -> Result<Asked, String> {
    let mut asked = Asked { kills: KILLS, seed: None, names: Vec::new() };
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        let mut number = |option: &str| {
            let value = args.next().and_then(|value| value.parse().ok());
            value.ok_or_else(|| format!("`{option}` wants a number after it"))
        };
        match arg.as_str() {
            "--kills" => asked.kills = number("--kills")?,
            "--seed" => asked.seed = Some(number("--seed")?),
            option if option.starts_with('-') => {
                return Err(format!("there is no option `{option}`; see --help"));
            }
            _ => asked.names.push(arg),
        }
    }
    Ok(asked)
}

/// One test at a time: what they measure of each other would be of no use.
fn command(asked: &Asked) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args([
        "test",
        "-p",
        "callboard-tests",
        "--test",
        "soak",
        "--",
        "--nocapture",
        "--test-threads=1",
    ]);
    command.args(&asked.names).env("CALLBOARD_SOAK_KILLS", asked.kills.to_string());
    if let Some(seed) = asked.seed {
        command.env("CALLBOARD_SOAK_SEED", seed.to_string());
    }
    // What cargo told this program of its own package would make it build others once more.
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        {
            command.env_remove(name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Result<Asked, String> {
        read(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn numbers_and_names_are_read() {
        let asked = |kills, seed, names: &[&str]| {
            Ok(Asked { kills, seed, names: names.iter().map(|&name| name.to_owned()).collect() })
        };
        assert_eq!(words(""), asked(200, None, &[]));
        assert_eq!(words("--kills 5 a_run disk --seed 7"), asked(5, Some(7), &["a_run", "disk"]));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        for (line, message) in [
            ("--kills", "`--kills` wants a number after it"),
            ("--seed x", "`--seed` wants a number after it"),
            ("--often", "there is no option `--often`; see --help"),
        ] {
            assert_eq!(words(line), Err(message.to_owned()), "{line}");
        }
    }
}
