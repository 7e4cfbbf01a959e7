//! Chrome for Testing: the browser and the driver that Google publishes for tests, in the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use super::download::{Fetcher, Unpacker};
use super::{Failure, Installer, Platform, announce};
use crate::process;

/// Where the list of downloads is.
const LISTS: &str = "https://googlechromelabs.github.io/chrome-for-testing";
/// Where the archives are that it names. A mirror has them below its own address.
const ARCHIVES: &str = "https://storage.googleapis.com/chrome-for-testing-public";
const LIST: &str = "last-known-good-versions-with-downloads.json";

const PROGRAMS: [&str; 2] = ["chrome-headless-shell", "chromedriver"];

/// Downloads the newest stable version, tries it, and puts it where it is looked for.
pub(super) fn install(installer: &Installer) -> Result<(), Failure> {
    let Some(platform) = installer.platform else {
        return Err(Failure::NoPlatform { os: std::env::consts::OS, architecture: std::env::consts::ARCH });
    };
    let cache = installer.machine.cache().ok_or(Failure::NoCache)?;
    let fetcher = Fetcher::of(&installer.machine).ok_or(Failure::NoTool("`curl` or `wget`"))?;
    let unpacker =
        Unpacker::of(&installer.machine).ok_or(Failure::NoTool("`unzip`, `bsdtar` or `python3`"))?;

    let from = installer.mirror.as_deref().map_or(LISTS, |mirror| mirror.trim_end_matches('/'));
    let list = format!("{from}/{LIST}");
    let text = fetcher.text(&list)?;
    let release = Release::newest(&text, platform).map_err(|why| Failure::List { url: list.clone(), why })?;

    let folder = cache.join(&release.version);
    announce(&format!(
        "downloading Chrome for Testing {} and its driver from {from} into {}",
        release.version,
        folder.display()
    ));
    let temporary = Temporary::beside(&folder)?;
    for (program, url) in PROGRAMS.iter().zip(&release.archives) {
        let url = match (&installer.mirror, url.strip_prefix(ARCHIVES)) {
            (Some(_), Some(path)) => format!("{from}{path}"),
            _ => url.clone(),
        };
        let archive = temporary.0.join(format!("{program}.zip"));
        fetcher.file(&url, &archive)?;
        unpacker.unpack(&archive, &temporary.0)?;
        fs::remove_file(&archive).map_err(file("could not remove", &archive))?;
        let executable = self::program(&temporary.0, program, platform);
        if !executable.is_file() {
            return Err(Failure::Archive { url, program });
        }
        make_executable(&executable)?;
        process::output(Command::new(&executable).arg("--version"))?;
    }
    temporary.becomes(&folder, platform)
}

/// Where a program is in the folder of a version.
fn program(folder: &Path, name: &str, platform: Platform) -> PathBuf {
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    folder.join(format!("{name}-{platform}")).join(file)
}

/// A version, and where its archives are, in the order of [`PROGRAMS`].
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) version: String,
    pub(crate) archives: [String; 2],
}

impl Release {
    /// The stable version in the list of downloads, for a platform.
    pub(crate) fn newest(list: &[u8], platform: Platform) -> Result<Self, String> {
        let Channels { channels: Stable { stable } } =
            serde_json::from_slice(list).map_err(|error| error.to_string())?;
        // It becomes the name of a folder.
        let is_version = stable.version.split('.').all(|part| part.parse::<u32>().is_ok());
        if !is_version {
            return Err(format!("`{}` is no version", stable.version));
        }
        let url = |program: &str, downloads: Vec<Download>| {
            let download = downloads.into_iter().find(|download| download.platform == platform.to_string());
            let download = download.map(|download| download.url);
            download.ok_or_else(|| format!("version {} has no {program} for {platform}", stable.version))
        };
        Ok(Self {
            archives: [url(PROGRAMS[0], stable.downloads.shell)?, url(PROGRAMS[1], stable.downloads.driver)?],
            version: stable.version,
        })
    }
}

#[derive(Deserialize)]
struct Channels {
    channels: Stable,
}

#[derive(Deserialize)]
struct Stable {
    #[serde(rename = "Stable")]
    stable: Channel,
}

#[derive(Deserialize)]
struct Channel {
    version: String,
    downloads: Downloads,
}

#[derive(Deserialize)]
struct Downloads {
    #[serde(rename = "chrome-headless-shell")]
    shell: Vec<Download>,
    #[serde(rename = "chromedriver")]
    driver: Vec<Download>,
}

#[derive(Deserialize)]
struct Download {
    platform: String,
    url: String,
}

/// A folder that is gone at the end unless it became something.
struct Temporary(PathBuf);

impl Temporary {
    /// Beside the folder that it is to become, so that it can do so at once. Its name begins with a dot,
    /// so that nobody takes it for a version.
    fn beside(folder: &Path) -> Result<Self, Failure> {
        let name = folder.file_name().unwrap_or_default().display();
        let path = folder.with_file_name(format!(".{name}-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(file("could not make the folder", &path))?;
        Ok(Self(path))
    }

    fn becomes(self, folder: &Path, platform: Platform) -> Result<(), Failure> {
        if fs::rename(&self.0, folder).is_ok()
            || PROGRAMS.iter().all(|it| program(folder, it, platform).is_file())
        {
            // Where the folder was there already, another process was faster, and its copy is as good.
            return Ok(());
        }
        // What is left of an earlier one is not complete.
        fs::remove_dir_all(folder).map_err(file("could not remove", folder))?;
        fs::rename(&self.0, folder).map_err(file("could not make the folder", folder))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // It is not there if it became something.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Not every program that unpacks keeps the permissions.
fn make_executable(program: &Path) -> Result<(), Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(program, fs::Permissions::from_mode(0o755))
            .map_err(file("could not make executable", program))?;
    }
    Ok(())
}

fn file(what: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Failure {
    let path = path.to_owned();
    move |source| Failure::File { what, path, source }
}
