//! (g) What a consumer waits for: the quickstart's build, cold and after a change of a test, beside that of the same tests with
//! thirtyfour and tokio alone. Each is a package of its own in a folder of its own, with no profile but cargo's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::{Case, Figure, Measure};
use super::super::command;
use super::super::contender::Contender;
use super::super::setting::Setting;

/// A package that is built.
#[derive(Clone)]
struct Package {
    dir: PathBuf,
    /// The tests that are changed, with a name in them that only they know.
    tests: PathBuf,
    args: Vec<&'static str>,
}

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let plain = ["--test", "quickstart"];
    let bare = ["--test", "quickstart", "--no-default-features"];
    let mut contenders = vec![
        (Contender::Callboard, ours(setting)?),
        (Contender::Thirtyfour, thirtyfour(setting, "thirtyfour", &plain)?),
    ];
    if !setting.bench.quick {
        contenders.push((Contender::BareThirtyfour, thirtyfour(setting, "bare", &bare)?));
    }
    let mut cold = Case::new("build of two tests, cold", Unit::Seconds);
    let mut changed = Case::new("build of two tests, one changed", Unit::Seconds);
    for (contender, package) in contenders {
        let fetched = package.fetch(&setting.dir);
        let measure = |how: fn(&Package, &Path) -> Result<Figure, Error>| {
            let package = package.clone();
            fetched.clone().map(|()| -> Measure<'a> { Box::new(move |log| how(&package, log)) })
        };
        cold.contenders.push((contender, measure(Package::cold)));
        changed.contenders.push((contender, measure(Package::changed)));
    }
    Ok(vec![cold, changed])
}

/// The quickstart, as if it were somebody's.
fn ours(setting: &Setting<'_>) -> Result<Package, Error> {
    let root = &setting.bench.workspace.root;
    let quickstart = root.join("examples/quickstart");
    let harness = root.join("harness");
    let manifest = format!(
        "[package]\nname = \"quickstart\"\nedition = \"2024\"\n\n[workspace]\n\n[dev-dependencies]\n\
         callboard = {{ path = \"{}\" }}\n\n[[test]]\nname = \"e2e\"\nharness = false\n",
        harness.display()
    );
    let files = [
        (quickstart.join("src/main.rs"), "src/main.rs"),
        (quickstart.join("tests/e2e/main.rs"), "tests/e2e/main.rs"),
        (root.join("Cargo.lock"), "Cargo.lock"),
    ];
    Package::stage(setting, "callboard", &manifest, &files, "tests/e2e/main.rs", &["--test", "e2e"])
}

fn thirtyfour(setting: &Setting<'_>, name: &str, args: &[&'static str]) -> Result<Package, Error> {
    let root = &setting.bench.workspace.root;
    let sources = setting.thirtyfour_crate();
    let manifest = sources.join("Cargo.toml");
    let manifest = fs::read_to_string(&manifest).map_err(|error| Error::file(&manifest, error))?;
    let files = [
        (root.join("examples/quickstart/src/main.rs"), "src/main.rs"),
        (sources.join("tests/quickstart.rs"), "tests/quickstart.rs"),
        (sources.join("tests/browser/mod.rs"), "tests/browser/mod.rs"),
        (sources.join("Cargo.lock"), "Cargo.lock"),
    ];
    let manifest = manifest.replace("../../../examples/quickstart/", "");
    Package::stage(setting, name, &manifest, &files, "tests/quickstart.rs", args)
}

impl Package {
    fn stage(
        setting: &Setting<'_>,
        name: &str,
        manifest: &str,
        files: &[(PathBuf, &str)],
        tests: &str,
        args: &[&'static str],
    ) -> Result<Self, Error> {
        let dir = setting.bench.stage(&format!("peers-build-{name}"))?;
        let write = |name: &str, text: Vec<u8>| {
            let file = dir.join(name);
            let folder = file.parent().unwrap_or(&dir);
            fs::create_dir_all(folder)
                .and_then(|()| fs::write(&file, text))
                .map_err(|error| Error::file(&file, error))
        };
        write("Cargo.toml", manifest.as_bytes().to_vec())?;
        for (source, name) in files {
            write(name, fs::read(source).map_err(|error| Error::file(source, error))?)?;
        }
        let tests = dir.join(tests);
        Ok(Self { dir, tests, args: args.to_vec() })
    }

    /// What has to be downloaded is no part of the build. `Err`: why it cannot be had.
    fn fetch(&self, logs: &Path) -> Result<(), String> {
        let fetched = command::run(self.cargo(&["fetch"]), &logs.join("logs/fetch.txt"));
        fetched.and_then(command::Ran::succeeded).map(|_| ()).map_err(|error| error.to_string())
    }

    fn cold(&self, log: &Path) -> Result<Figure, Error> {
        let target = self.dir.join("target");
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| Error::file(&target, error))?;
        }
        self.build(log)
    }

    fn changed(&self, log: &Path) -> Result<Figure, Error> {
        static CHANGES: AtomicU32 = AtomicU32::new(1);
        // Where another invocation made the cold build, it is there, too.
        self.build(log)?;
        let text = fs::read_to_string(&self.tests).map_err(|error| Error::file(&self.tests, error))?;
        let name = format!("Ada{}", CHANGES.fetch_add(1, Ordering::Relaxed));
        fs::write(&self.tests, text.replace("Ada", &name))
            .map_err(|error| Error::file(&self.tests, error))?;
        self.build(log)
    }

    fn build(&self, log: &Path) -> Result<Figure, Error> {
        let mut command = self.cargo(&["test", "--no-run"]);
        command.args(&self.args);
        let ran = command::run(command, log)?.succeeded()?;
        Ok(Figure { value: ran.took.as_secs_f64(), passed: None })
    }

    fn cargo(&self, args: &[&str]) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(args).current_dir(&self.dir).env("CARGO_TARGET_DIR", self.dir.join("target"));
        command
    }
}
