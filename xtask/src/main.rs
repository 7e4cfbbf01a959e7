//! The commands of this repository: what every consumer gets, nextest, and `cargo xtask bench`.

mod bench;

use std::process::ExitCode;

use callboard_xtask::{Project, Step};

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    if args.next_if(|arg| arg == "bench").is_some() {
        return bench::run(args);
    }
    let nextest = Step::cargo(["nextest", "run", "-p", "course-records"]).if_installed("cargo-nextest");
    Project::new().e2e("course-records").then(nextest).run(args)
}
