//! (c) Tests of a web application: the same twenty of course-records, with a server of its own for each worker, and each role
//! signed in once for each worker.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::super::consumer::Consumer;
use super::super::super::error::Error;
use super::super::super::table::Unit;
use super::super::case::{Case, Figure};
use super::super::command;
use super::super::contender::Contender;
use super::super::install::{Node, Python};
use super::super::setting::{PORT, Setting};

const PACKAGE: &str = "course-records";

/// As `tests/peers` has them, too.
const TESTS: [&str; 20] = [
    "dashboards::tc_dash_001_counts_are_those_of_the_records",
    "institution_admin::tc_crud_ia_001_create_program",
    "institution_admin::tc_crud_ia_002_update_program",
    "institution_admin::tc_crud_ia_003_delete_program",
    "institution_admin::tc_crud_ia_004_cannot_delete_program_with_courses",
    "institution_admin::tc_crud_ia_005_create_course",
    "institution_admin::tc_crud_ia_006_create_program_admin",
    "institution_admin::tc_crud_ia_007_create_term",
    "institution_admin::tc_crud_ia_008_update_user",
    "institution_admin::tc_crud_ia_009_deactivate_and_activate_user",
    "institution_admin::tc_crud_ia_010_create_offering",
    "instructor::tc_crud_inst_001_update_own_profile",
    "instructor::tc_crud_inst_002_update_section_assessment",
    "instructor::tc_crud_inst_003_record_assessment",
    "several_users::tc_multi_001_assign_a_section",
    "several_users::tc_multi_003_take_a_section_away",
    "site_admin::tc_crud_sa_001_create_institution",
    "site_admin::tc_crud_sa_002_update_institution",
    "site_admin::tc_crud_sa_003_delete_institution",
    "site_admin::tc_crud_sa_004_cannot_delete_institution_in_use",
];

pub(super) fn cases<'a>(setting: &'a Setting<'_>) -> Result<Vec<Case<'a>>, Error> {
    let executable = setting.bench.workspace.suite(PACKAGE)?;
    let program = setting.bench.workspace.target.join("debug").join(PACKAGE);
    let dir = setting.bench.workspace.root.join("examples").join(PACKAGE);
    let mut cases = Vec::new();
    for workers in [1, 2, 4, 16] {
        let s = if workers == 1 { "" } else { "s" };
        let mut case =
            Case::new(format!("20 tests of a web application, {workers} worker{s}"), Unit::Seconds);
        let consumer = Consumer {
            executable: executable.clone(),
            config: dir.join("callboard.toml"),
            dir: dir.clone(),
            output: setting.bench.stage(&format!("peers-records-{workers}"))?.join("output"),
        };
        case.ours(move |log| {
            let mut command = consumer.prepared()?;
            command.args(TESTS).args(["--exact", "--workers", &workers.to_string()]);
            command.env("CALLBOARD_BASE_PORT", PORT.to_string());
            figure(command, log)
        });
        let theirs = move |mut command: Command, program: &PathBuf, log: &Path| {
            let stage = setting.bench.stage("peers-records")?;
            command
                .env("PEERS_STAGE", stage)
                .env("PEERS_PROGRAM", program)
                .env("PEERS_PORT", PORT.to_string());
            figure(command, log)
        };
        let of_playwright = program.clone();
        case.add(Contender::Playwright, &setting.peers.playwright, move |node: &Node, log: &Path| {
            let args = ["--config", "records.config.ts", "--workers", &workers.to_string()];
            theirs(setting.playwright(node, &args), &of_playwright, log)
        });
        // The best of the peers is Playwright Test.
        if !setting.bench.quick || workers == 2 {
            let of_pytest = program.clone();
            case.add(Contender::Pytest, &setting.peers.pytest, move |python: &Python, log: &Path| {
                let mut command = setting.pytest(python, &["records", "-n", &workers.to_string()]);
                command.env("PEERS_BROWSER_ARGS", "--js-flags=--max-old-space-size=256");
                theirs(command, &of_pytest, log)
            });
        }
        cases.push(case);
    }
    Ok(cases)
}

/// How long it took, and how many passed: it may be fewer than all.
fn figure(command: Command, log: &Path) -> Result<Figure, Error> {
    let ran = command::run(command, log)?;
    let passed = command::passed(&ran.output);
    let all = u32::try_from(TESTS.len()).unwrap_or(u32::MAX);
    if passed == 0 {
        return Err(Error::content(log, format!("no test passed\n{}", command::last_lines(&ran.output))));
    }
    Ok(Figure { value: ran.took.as_secs_f64(), passed: Some((passed, all)) })
}
