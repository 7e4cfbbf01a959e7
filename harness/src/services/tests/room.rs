//! What is started when, how many at once, and in which order it ends.

use tempfile::TempDir;

use super::super::plan::{Plan, Planner};
use super::super::{App, ServiceError, Services};
use super::*;
use crate::machine::Boots;

/// Plans the same for every slot.
struct Fixed<R, S> {
    run: R,
    slot: S,
}

impl<R, S> Planner for Fixed<R, S>
where
    R: Fn() -> Plan + Send + Sync,
    S: Fn(&Slot) -> Plan + Send + Sync,
{
    fn for_run(&self) -> Plan {
        (self.run)()
    }

    fn for_slot(&self, slot: &Slot) -> Plan {
        (self.slot)(slot)
    }

    fn app(&self, slot: &Slot) -> App {
        App::new(&format!("http://127.0.0.1:{}/", slot.port()), None)
    }

    fn resets(&self) -> bool {
        true
    }
}

pub(super) fn services(
    run: impl Fn() -> Plan + Send + Sync + 'static,
    slot: impl Fn(&Slot) -> Plan + Send + Sync + 'static,
    boots: usize,
) -> Services {
    Services::planned(Box::new(Fixed { run, slot }), Boots::new(boots), None)
}

/// A service that writes down when it is told to end.
fn noting(dir: &Path, name: &str) -> ServiceJob {
    let script = format!(
        "trap 'echo {name} >> {}/ended; exit 0' TERM; echo ready; while :; do sleep 1; done",
        dir.display()
    );
    service(dir, name, &script, log("ready"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_run_is_started_once() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let run =
        move || Plan { setups: vec![setup(&at, "echo once >> count")], services: vec![noting(&at, "back")] };
    let services = services(run, |_| Plan::default(), 2);

    let askers: Vec<_> = (0..8)
        .map(|id| {
            let (services, slot) = (services.clone(), slot(dir.path(), id));
            tokio::spawn(async move { services.start_slot(&slot).await })
        })
        .collect();
    for asker in askers {
        let slot = asker.await.unwrap().unwrap();
        slot.check().unwrap();
    }
    assert_eq!(lines(&dir.path().join("count")), ["once"]);

    services.stop_run().await;
    assert_eq!(lines(&dir.path().join("ended")), ["back"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failure_of_the_run_is_everybodys() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let run = move || Plan { setups: vec![setup(&at, "echo once >> count; exit 1")], services: vec![] };
    let services = services(run, |_| Plan::default(), 2);
    let askers: Vec<_> = (0..8)
        .map(|id| {
            let (services, slot) = (services.clone(), slot(dir.path(), id));
            tokio::spawn(async move { services.start_slot(&slot).await })
        })
        .collect();
    for asker in askers {
        let error = asker.await.unwrap().unwrap_err();
        assert!(matches!(error, ServiceError::SetupFailed { .. }), "{error}");
    }
    assert_eq!(lines(&dir.path().join("count")), ["once"]);
}

#[tokio::test]
async fn a_slot_starts_in_order_and_stops_in_reverse() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let plan = move |_: &Slot| Plan {
        setups: vec![setup(&at, "echo first >> setups"), setup(&at, "echo second >> setups")],
        services: vec![noting(&at, "a"), noting(&at, "b"), noting(&at, "c")],
    };
    let services = services(Plan::default, plan, 2);
    let slot = slot(dir.path(), 4);
    let started = services.start_slot(&slot).await.unwrap();

    assert!(slot.dir().is_dir());
    assert_eq!(started.app().url("/x"), "http://127.0.0.1:3006/x");
    assert_eq!(lines(&dir.path().join("setups")), ["first", "second"]);
    let logs: Vec<_> = started.logs().map(|(name, path)| (name.to_owned(), path.to_owned())).collect();
    let log_of = |name: &str| (name.to_owned(), dir.path().join(format!("{name}.log")));
    assert_eq!(logs, ["a", "b", "c"].map(log_of));

    started.stop().await;
    assert_eq!(lines(&dir.path().join("ended")), ["c", "b", "a"]);
}

#[tokio::test]
async fn a_failing_service_takes_those_before_it_down() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let plan = move |_: &Slot| Plan {
        setups: vec![],
        services: vec![
            noting(&at, "a"),
            service(&at, "bad", "exit 1", log("ready")),
            service(&at, "never", "echo > never", log("ready")),
        ],
    };
    let error = services(Plan::default, plan, 2).start_slot(&slot(dir.path(), 0)).await.unwrap_err();
    assert!(matches!(error, ServiceError::ExitedEarly { .. }), "{error}");
    assert_eq!(lines(&dir.path().join("ended")), ["a"]);
    assert!(!dir.path().join("never").exists());
}

#[tokio::test]
async fn a_service_that_ends_is_noticed() {
    let dir = TempDir::new().unwrap();
    let at = dir.path().to_owned();
    let script = "echo ready; while [ ! -e end ]; do sleep 0.01; done; echo out of memory; exit 9";
    let run = move || Plan { setups: vec![], services: vec![service(&at, "back", script, log("ready"))] };
    let services = services(run, |_| Plan::default(), 2);
    let started = services.start_slot(&slot(dir.path(), 0)).await.unwrap();
    started.check().unwrap();
    fs::write(dir.path().join("end"), "").unwrap();
    until("the end is noticed", || started.check().is_err()).await;
    let text = started.check().unwrap_err().to_string();
    assert!(text.contains("exited with status 9 while it was needed"), "{text}");
    assert!(text.ends_with("| out of memory"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_boot_at_once_than_allowed() {
    let dir = TempDir::new().unwrap();
    let plan = |slot: &Slot| Plan {
        setups: vec![setup(slot.dir(), "echo + >> ../../boots; sleep 0.02")],
        services: vec![service(
            slot.dir(),
            "app",
            "sleep 0.02; echo - >> ../../boots; echo ready; exec sleep 1000",
            log("ready"),
        )],
    };
    let services = services(Plan::default, plan, 3);
    let slots: Vec<_> = (0..9)
        .map(|id| {
            let (services, slot) = (services.clone(), slot(dir.path(), id));
            tokio::spawn(async move { services.start_slot(&slot).await })
        })
        .collect();
    for slot in slots {
        slot.await.unwrap().unwrap();
    }
    let (mut now, mut most) = (0, 0);
    for line in lines(&dir.path().join("boots")) {
        now += if line == "+" { 1 } else { -1 };
        most = most.max(now);
    }
    assert!(now == 0 && (1..=3).contains(&most), "{now} left, {most} at once");
}
