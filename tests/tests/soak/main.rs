//! Runs that are hurt: any of their processes is killed at any moment, the disk is full, there are many of them at once. Short
//! here; `cargo xtask soak` does the same for as long as it takes to believe it.

use callboard_tests::{Consumer, Stage};

mod crowd;
mod disk;
mod kills;
mod moments;

/// The suite that is hurt, on a stage.
fn soak(stage: &Stage) -> Consumer<'_> {
    stage.consumer(env!("CARGO_BIN_EXE_consumer-soak"))
}

/// The application as a service of a slot, with a child that outlives it unless somebody looks after it.
fn server() -> String {
    "[[service]]\nname = \"app\"\ncommand = [\"{bin_dir}/test-server\", \"{port}\", \"--child\"]\n\
     ready = { http = \"/health\" }\n"
        .to_owned()
}
