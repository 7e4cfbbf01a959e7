//! What cargo says on its standard output while it builds.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::suite::Suite;

/// One line of `cargo --message-format=json`, as much of it as is of use here.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        package_id: String,
        manifest_path: PathBuf,
        target: Target,
        executable: Option<PathBuf>,
    },
    BuildScriptExecuted {
        package_id: String,
        out_dir: PathBuf,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
    name: String,
}

/// A test that cargo has built.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Built {
    pub(crate) executable: PathBuf,
    /// The folder of its package, in which it runs.
    pub(crate) root: PathBuf,
    /// What `cargo test` would have in its environment.
    pub(crate) environment: Vec<(String, String)>,
}

/// The messages of one build, gathered.
#[derive(Debug, Default)]
pub(crate) struct Messages {
    messages: Vec<Message>,
}

impl Messages {
    /// Takes a line; one that is no message of cargo's is given back.
    pub(crate) fn take<'line>(&mut self, line: &'line str) -> Option<&'line str> {
        match serde_json::from_str(line) {
            Ok(Message::Other) => None,
            Ok(message) => {
                self.messages.push(message);
                None
            }
            Err(_) => Some(line),
        }
    }

    /// The test of this suite, with the programs of its package.
    pub(crate) fn built(&self, suite: &Suite) -> Option<Built> {
        let (id, manifest, executable) = self.messages.iter().find_map(|message| match message {
            Message::CompilerArtifact { package_id, manifest_path, target, executable: Some(executable) }
                if target.kind.iter().any(|kind| kind == "test") && target.name == suite.target =>
            {
                Some((package_id, manifest_path, executable))
            }
            _ => None,
        })?;
        let root = manifest.parent()?.to_owned();
        let (name, version) = name_and_version(id, &root);
        let mut environment = vec![
            ("CARGO_MANIFEST_DIR".to_owned(), shown(&root)),
            ("CARGO_MANIFEST_PATH".to_owned(), shown(manifest)),
            ("CARGO_PKG_NAME".to_owned(), name),
            ("CARGO_PKG_VERSION".to_owned(), version),
        ];
        environment.extend(self.messages.iter().filter_map(|message| match message {
            Message::CompilerArtifact { package_id, target, executable: Some(executable), .. }
                if package_id == id && target.kind.iter().any(|kind| kind == "bin") =>
            {
                Some((format!("CARGO_BIN_EXE_{}", target.name), shown(executable)))
            }
            Message::BuildScriptExecuted { package_id, out_dir } if package_id == id => {
                Some(("OUT_DIR".to_owned(), shown(out_dir)))
            }
            _ => None,
        }));
        Some(Built { executable: executable.clone(), root, environment })
    }
}

/// Of `path+file:///home/me/application#0.1.0` or `…#name@0.1.0`: a name that is the folder's is left out.
fn name_and_version(id: &str, root: &Path) -> (String, String) {
    let fragment = id.rsplit_once('#').map_or("", |(_, fragment)| fragment);
    if let Some((name, version)) = fragment.split_once('@') {
        return (name.to_owned(), version.to_owned());
    }
    let folder = root.file_name().map(|name| name.display().to_string());
    (folder.unwrap_or_default(), fragment.to_owned())
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
