//! A running campus directory, and application servers that share it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use tempfile::TempDir;

use crate::client::{Server, program};

pub(crate) struct Directory {
    pub(crate) url: String,
    child: Child,
    folder: TempDir,
}

impl Directory {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (url, child) = launch(folder.path(), arguments);
        Self { url, child, folder }
    }

    /// An application server that uses this directory.
    pub(crate) fn server(&self, arguments: &[&str]) -> Server {
        let own = ["--directory", &self.url];
        Server::start_with(&[&own, arguments].concat())
    }

    /// The file with its address.
    pub(crate) fn url_file(&self) -> PathBuf {
        self.folder.path().join("directory.url")
    }

    /// Ends it, and starts it again on another port.
    pub(crate) fn restart(&mut self) {
        self.end();
        (self.url, self.child) = launch(self.folder.path(), &[]);
    }

    pub(crate) fn end(&mut self) {
        // It may have ended already; either way nothing of it may stay.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        self.end();
    }
}

fn launch(folder: &Path, arguments: &[&str]) -> (String, Child) {
    let mut child = program()
        .args(["directory", "--database"])
        .arg(folder.join("campus.db"))
        .arg("--url-file")
        .arg(folder.join("directory.url"))
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(fs::File::create(folder.join("directory.log")).expect("a log"))
        .spawn()
        .expect("the directory starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("a line of it");
    (line.trim().strip_prefix("listening on ").expect("an address").to_owned(), child)
}
