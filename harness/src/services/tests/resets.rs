//! How services are brought back, and what has ended is started again.

use tempfile::TempDir;

use super::super::plan::Plan;
use super::room::services;
use super::*;
use crate::model::ResetHow;

/// A service that adds a line to a file of the folder when it starts.
fn counting(dir: &Path, name: &str, reset: ResetJob) -> ServiceJob {
    let script = format!("echo {name} >> {}/starts; echo ready; exec sleep 1000", dir.display());
    ServiceJob { reset, ..service(dir, name, &script, log("ready")) }
}

fn command(dir: &Path, script: &str) -> ResetJob {
    ResetJob::Command(setup(dir, script))
}

#[tokio::test]
async fn a_slot_is_reset_as_its_services_need_it() {
    let dir = TempDir::new().unwrap();
    let restart = || ResetJob::Restart;
    let by_command = || command(dir.path(), "true");
    let none = || ResetJob::Unneeded;
    for (resets, has_set_up, expected) in [
        (vec![], false, None),
        (vec![], true, Some(ResetHow::Restore)),
        (vec![none(), none()], true, None),
        (vec![none(), by_command()], true, Some(ResetHow::Command)),
        (vec![by_command(), by_command()], false, Some(ResetHow::Command)),
        (vec![by_command(), restart(), none()], false, Some(ResetHow::Restore)),
    ] {
        let shown = format!("{resets:?}");
        let at = dir.path().to_owned();
        let plan = move |_: &Slot| Plan {
            setups: has_set_up.then(|| setup(&at, "true")).into_iter().collect(),
            services: resets.iter().map(|reset| counting(&at, "a", reset.clone())).collect(),
        };
        let started = services(Plan::default, plan, 1).start_slot(&slot(dir.path(), 0)).await.unwrap();
        assert_eq!(started.reset_how(), expected, "{shown}");
        started.stop().await;
    }
}

#[tokio::test]
async fn each_command_comes_between_its_service_and_the_next() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let plan = move |_: &Slot| Plan {
        setups: vec![],
        services: vec![
            counting(&at, "database", command(&at, "echo emptied >> starts")),
            counting(&at, "app", ResetJob::Restart),
        ],
    };
    let started = services(Plan::default, plan, 1).start_slot(&slot(dir.path(), 0)).await.unwrap();
    started.reset().await.unwrap();
    assert_eq!(lines(&dir.path().join("starts")), ["database", "app", "database", "emptied", "app"]);
    started.check().unwrap();
    started.stop().await;
}

#[tokio::test]
async fn a_slot_that_begins_again_begins_on_nothing() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let plan = move |slot: &Slot| Plan {
        setups: vec![SetupJob {
            launch: shell(slot.dir(), "ls >> ../../found", "setup.log"),
            ..setup(&at, "")
        }],
        services: vec![],
    };
    let services = services(Plan::default, plan, 1);
    let slot = slot(dir.path(), 0);
    for _ in 0..2 {
        services.start_slot(&slot).await.unwrap().stop().await;
        fs::write(slot.dir().join("app.db"), "").unwrap();
    }
    assert_eq!(lines(&dir.path().join("found")), ["setup.log", "setup.log"]);
}

#[tokio::test]
async fn a_slot_whose_files_cannot_be_kept_says_so_and_is_not_reset() {
    let dir = TempDir::new().unwrap();
    let (at, slot) = (dir.path().to_owned(), slot(dir.path(), 0));
    // The longest path that there can be; that of its copy would be longer.
    let mut deep = slot.dir().to_owned();
    while deep.as_os_str().len() < 4090 {
        let left = 4090 - deep.as_os_str().len();
        deep.push("d".repeat(left.min(200)));
    }
    let plan = move |_: &Slot| Plan {
        setups: vec![setup(&at, &format!("mkdir -p {}", deep.display()))],
        services: vec![counting(&at, "app", ResetJob::Restart)],
    };
    let started = services(Plan::default, plan, 1).start_slot(&slot).await.unwrap();
    let why = crate::model::chain(started.why_no_reset().unwrap());
    assert!(why.starts_with("cannot keep the files of slot 0: cannot "), "{why}");
    assert!(why.contains("name too long"), "{why}");
    assert_eq!(started.reset_how(), None);
    started.reset().await.unwrap();
    assert_eq!(lines(&dir.path().join("starts")), ["app"]);
    started.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_ended_of_the_run_is_started_again_once() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let script = "echo start >> starts; echo ready; while [ ! -e end ]; do sleep 0.01; done; rm end";
    let run = move || Plan {
        setups: vec![setup(&at, "echo set up >> starts")],
        services: vec![service(&at, "back", script, log("ready"))],
    };
    let services = services(run, |_| Plan::default(), 4);
    let first = services.start_slot(&slot(dir.path(), 0)).await.unwrap();
    fs::write(dir.path().join("end"), "").unwrap();
    until("its end is known", || first.check().is_err()).await;

    let askers: Vec<_> = (0..8).map(|_| tokio::spawn(again(services.clone()))).collect();
    for asker in askers {
        asker.await.unwrap().unwrap();
    }
    first.check().unwrap();
    assert_eq!(lines(&dir.path().join("starts")), ["set up", "start", "start"]);
    services.stop_run().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_does_not_start_again_is_not_tried_by_each_slot() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let script = "echo start >> starts; [ $(wc -l < starts) = 1 ] || exit 5; echo ready; while [ ! -e end ]; do sleep 0.01; done";
    let run = move || Plan { setups: vec![], services: vec![service(&at, "back", script, log("ready"))] };
    let services = services(run, |_| Plan::default(), 4);
    let first = services.start_slot(&slot(dir.path(), 0)).await.unwrap();
    fs::write(dir.path().join("end"), "").unwrap();
    until("its end is known", || first.check().is_err()).await;

    let askers: Vec<_> = (0..8).map(|_| tokio::spawn(again(services.clone()))).collect();
    for asker in askers {
        let error = asker.await.unwrap().unwrap_err().to_string();
        assert!(error.contains("exited with status 5 before it was ready"), "{error}");
    }
    assert_eq!(lines(&dir.path().join("starts")).len(), 2);
}

async fn again(services: super::super::Services) -> Result<(), super::super::ServiceError> {
    services.start_run().await
}
