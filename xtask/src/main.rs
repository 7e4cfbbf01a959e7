//! The commands of this repository: what every consumer gets, and nextest.

use std::process::ExitCode;

use callboard_xtask::{Project, Step};

fn main() -> ExitCode {
    let nextest = Step::cargo(["nextest", "run", "-p", "course-records"]).if_installed("cargo-nextest");
    Project::new().e2e("course-records").then(nextest).main()
}
