//! What a configuration comes to.

use std::path::PathBuf;

use super::super::plan::{FromConfig, Planner};
use super::*;
use crate::config::{
    Browser, Config, Console, Origin, Ready, Reports, Reset, Scope, Service, Setup, Slots, Template, Tests,
    When,
};

fn config(services: Vec<Service>) -> FromConfig {
    let setup = |scope, line| Setup { scope, command: vec![], env: BTreeMap::new(), timeout: LONG, line };
    let config = Config {
        file: "/app/callboard.toml".into(),
        slots: Slots {
            count: 16,
            count_from: String::new(),
            base_port: 3002,
            workers: None,
            lease_timeout: LONG,
        },
        ports: [("smtp-in".to_owned(), 4002)].into(),
        roles: BTreeMap::new(),
        mail: None,
        setup: vec![setup(Scope::Slot, 1), setup(Scope::Run, 2), setup(Scope::Slot, 3)],
        services,
        browser: Browser::default(),
        tests: Tests {
            timeout: LONG,
            sign_in_timeout: LONG,
            fixture_timeout: LONG,
            action_timeout: LONG,
            expect_timeout: LONG,
            slow_mo: Duration::ZERO,
            steps: false,
            retries: 0,
            verdict: false,
        },
        before_run: crate::config::BeforeRun::No,
        trace: crate::config::Trace::default(),
        video: crate::config::RecordMode::Off,
        reset: When::AfterFailure,
        console: Console::default(),
        reports: Reports::default(),
        keep: 50,
    };
    FromConfig { config: Arc::new(config), run_dir: "/run-1".into(), bin_dir: "/bin".into() }
}

fn configured(name: &str, scope: Scope, origin: Origin) -> Service {
    Service {
        name: name.into(),
        scope,
        origin,
        port: None,
        env: BTreeMap::new(),
        ready: Ready::Port,
        startup_timeout: LONG,
        stop: Stop { signal: Signal::Term, grace: LONG },
        reset: Reset::Restart,
        line: 9,
    }
}

fn command() -> Origin {
    Origin::Command(["target/debug/app", "serve"].map(Template::plain).into())
}

fn elsewhere() -> Origin {
    Origin::Elsewhere("http://staging.test:8080/".into())
}

#[test]
fn everything_has_its_place() {
    let planner = config(vec![
        configured("back", Scope::Run, command()),
        configured("app", Scope::Slot, command()),
        configured("staging", Scope::Slot, elsewhere()),
    ]);
    let (run, slot) = (planner.for_run(), planner.for_slot(&slot(Path::new("/run-1"), 3)));

    let setups = |plan: &super::super::plan::Plan| -> Vec<_> {
        plan.setups.iter().map(|job| (job.subject.line, job.launch.log.clone())).collect()
    };
    assert_eq!(setups(&run), [(2, PathBuf::from("/run-1/run/setup.log"))]);
    assert_eq!(setups(&slot), [1, 3].map(|line| (line, PathBuf::from("/run-1/slots/03/setup.log"))));

    let names = |plan: &super::super::plan::Plan| -> Vec<_> {
        plan.services.iter().map(|job| job.name.clone()).collect()
    };
    assert_eq!(names(&run), ["back", "staging"]);
    assert_eq!(names(&slot), ["app"]);
    assert!(run.services[0].target.as_ref().unwrap_err().contains("no port of its own"));
    assert!(matches!(run.services[1].target, Ok(Target::Port(ref host, 8080)) if host == "staging.test"));
    assert!(matches!(slot.services[0].target, Ok(Target::Port(ref host, 3005)) if host == "127.0.0.1"));

    let launch = slot.services[0].launch.as_ref().unwrap();
    assert_eq!(launch.program, Path::new("target/debug/app"));
    assert_eq!(launch.args, ["serve"]);
    assert_eq!(launch.dir, Path::new("/app"));
    assert_eq!(launch.log, Path::new("/run-1/slots/03/app.log"));
    let env: Vec<_> = launch.env.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        env,
        [
            "CALLBOARD_PORT=3005",
            "CALLBOARD_PORT_SMTP_IN=4005",
            "CALLBOARD_RUN_DIR=/run-1",
            "CALLBOARD_SLOT=3",
            "CALLBOARD_SLOT_DIR=/run-1/slots/03",
        ]
    );
    let launch = run.services[0].launch.as_ref().unwrap();
    assert_eq!(launch.env.keys().collect::<Vec<_>>(), ["CALLBOARD_RUN_DIR"]);
}

#[test]
fn the_application_is_the_first_service_of_a_slot() {
    let slot = slot(Path::new("/run-1"), 3);
    let app = |services| config(services).app(&slot);

    let own =
        app(vec![configured("back", Scope::Run, elsewhere()), configured("app", Scope::Slot, command())]);
    assert_eq!(own.base_url(), "http://127.0.0.1:3005");
    assert_eq!(own.log(), Some(Path::new("/run-1/slots/03/app.log")));

    let staging =
        app(vec![configured("back", Scope::Run, command()), configured("app", Scope::Run, elsewhere())]);
    assert_eq!(staging.base_url(), "http://staging.test:8080");
    assert_eq!(staging.log(), None);

    let mut shared = configured("app", Scope::Run, command());
    shared.port = Some(9000);
    let shared = app(vec![configured("queue", Scope::Run, command()), shared]);
    assert_eq!(shared.base_url(), "http://127.0.0.1:9000");
    assert_eq!(shared.log(), Some(Path::new("/run-1/run/app.log")));

    let none = app(vec![]);
    assert_eq!(none.base_url(), "http://127.0.0.1:3005");
    assert_eq!(none.log(), None);
}
