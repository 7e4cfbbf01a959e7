//! The page in a real browser, and its data beside the published schema.

use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::curve::Curve;
use super::super::document::{Capacity, Document, Experimented, FORMAT, Load, SinceRun, SuiteRun};
use super::super::failure::{Accused, Failure, Rate};
use super::super::kind::FailureKind;
use super::super::outlook::{Avoid, Outlook};
use super::html;
use crate::browser::expect::expect;
use crate::browser::tests::Slot;
use crate::browser::{Session, Start};
use crate::diagnose::divergence::{Divergence, Where};
use crate::diagnose::infer::{
    Arm, Blame, Class, Count, Experiment, Fresh, Interval, Label, Tally, TestNo, rising,
};
use crate::model::{Location, Outcome, Role, SlotId, TestId};

const SCHEMA: &str = include_str!("../../../../schema/analysis.json");

/// What a page must not be able to do to who looks at an analysis.
const HOSTILE: &str = "</script><!-- <script>--><script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">\
                       <style>*{display:none}</style>{{script}}\u{2028}\u{202e}";

fn rate(failed: u32, attempts: u32) -> Rate {
    Rate::of(Tally { failed, attempts })
}

/// A failure in which everything is that can be.
fn failure(said: &dyn Fn(&str) -> String, test: &str, label: Label, classes: &[(Class, f64)]) -> Failure {
    Failure {
        test: TestId::new(said(test)),
        signature: said("failed: expected `h1`"),
        outcome: Outcome::Failed,
        message: said(
            "expected `h1` to have the text \"Welcome\": after #, it was \"Sorry\"\n  looked 12 times",
        ),
        location: Some(Location { file: said("tests/e2e/mail.rs"), line: 12, column: 5 }),
        kind: FailureKind::Race,
        label,
        classes: classes.to_vec(),
        culprits: vec![Accused {
            test: Some(TestId::new(said("mail::registers"))),
            slot: None,
            weight: 0.94,
        }],
        cause: said("`mail::registers` at the same time"),
        first_look: None,
        parallel: rate(5, 6),
        alone: rate(0, 12),
        arms: vec![(Arm::Parallel, rate(5, 6)), (Arm::Isolated, rate(0, 12)), (Arm::Loaded, rate(0, 3))],
        fresh: Some(Fresh {
            with: Tally { failed: 4, attempts: 4 },
            with_rate: Interval { low: 0.4, high: 1.0 },
            without: Tally { failed: 0, attempts: 12 },
            without_rate: Interval { low: 0.0, high: 0.3 },
            log_e: 6.5,
        }),
        blame: Some(Blame::Product),
        divergences: vec![
            Divergence {
                at: Where::Request,
                what: said("POST /register: 500"),
                at_us: Some(812_000),
                in_failed: 5,
                failed: 5,
                passed: 13,
            },
            Divergence {
                at: Where::Log,
                what: said("ERROR database"),
                at_us: None,
                in_failed: 4,
                failed: 5,
                passed: 13,
            },
        ],
        shared_writes: vec![said("POST /register")],
        sql_states: vec![said("SQLITE_CONSTRAINT (unique constraint)")],
        page_errors: vec![(said("POST /register: 500"), 5)],
        outlook: Outlook {
            impact: Some(said(
                "two who send `POST /register` at the same moment: one of them meets `POST /register: 500`",
            )),
            would_change: vec![said("attempts with the cause that pass")],
            avoid: Some(Avoid { how: said("`group = \"register\"`"), hides: Some(said("the bug stays")) }),
        },
        curve: Some(curve()),
        also_at: vec![TestId::new(said("other"))],
        spent: 40,
        replay: Some("replay-1.json".to_owned()),
    }
}

/// One of each label.
fn failures(said: &dyn Fn(&str) -> String) -> Vec<Failure> {
    let plain = Outlook { impact: None, would_change: vec![said("more attempts")], avoid: None };
    let slot = Failure {
        culprits: vec![Accused { test: None, slot: Some(SlotId(1)), weight: 0.9 }],
        cause: said("slot 1"),
        blame: None,
        fresh: None,
        curve: None,
        location: None,
        divergences: Vec::new(),
        ..failure(said, "programs::are_seen", Label::Likely, &[(Class::Slot, 0.9), (Class::Order, 0.1)])
    };
    let would_decide = Some(Experiment::After { slot: SlotId(0), tests: vec![TestNo(3)] });
    let remaining = vec![(Class::Order, 0.6), (Class::Brittle, 0.4)];
    let open = Failure {
        outlook: plain.clone(),
        blame: None,
        replay: None,
        ..failure(
            said,
            "terms::are_listed",
            Label::Undetermined { remaining: remaining.clone(), would_decide },
            &remaining,
        )
    };
    let once = Failure {
        outlook: plain,
        culprits: Vec::new(),
        blame: None,
        ..failure(
            said,
            "dashboard::opens",
            Label::NotReproduced { at_most: 0.22 },
            &[(Class::OneOff, 0.97), (Class::Load, 0.03)],
        )
    };
    let confirmed = [(Class::Overlap, 0.995), (Class::Load, 0.005)];
    vec![failure(said, "mail::completes_registration", Label::Confirmed, &confirmed), slot, open, once]
}

/// An analysis, each text as `said` makes it.
fn document(said: &dyn Fn(&str) -> String) -> Document {
    Document {
        format: FORMAT,
        run: "2026-01-01T00-00-00Z-0001".to_owned(),
        suite: Some(said("course-records/e2e")),
        started: "2026-01-01T00:00:00.123Z".to_owned(),
        callboard: "0.1.0".to_owned(),
        capacity: Capacity {
            cores: 2,
            accounts: [(Role::new("instructor"), 16), (Role::new("site_admin"), 16)].into(),
            slots: 16,
            first_port: 3002,
            workers: 16,
            load: None,
        },
        quick: false,
        since: None,
        runs: vec![
            SuiteRun { tests: 58, passed: 54, took_s: 44.0 },
            SuiteRun { tests: 58, passed: 56, took_s: 41.5 },
        ],
        failures: failures(said),
        experiments: vec![
            Experimented {
                number: 1,
                purpose: said("the whole suite in random order"),
                attempts: 58,
                failed: 4,
                took_s: Some(44.0),
                trouble: None,
            },
            Experimented {
                number: 2,
                purpose: said("`a` alone"),
                attempts: 0,
                failed: 0,
                took_s: None,
                trouble: Some(said("slot 3 did not come up")),
            },
        ],
        executions: 412,
        suite_equivalents: 7.1,
        took_s: 903.2,
        ended_early: Some(said("the time was over")),
    }
}

fn curve() -> Curve {
    let counts: Vec<Count> = [(1, 0, 12), (2, 1, 6), (8, 3, 9), (16, 5, 6)]
        .into_iter()
        .map(|(workers, failed, attempts)| Count { workers, failed, attempts })
        .collect();
    Curve { points: rising(&counts, 0.05), counts }
}

/// A page that is looked at.
struct Looked {
    slot: Slot,
    page: Session,
    _dir: TempDir,
}

impl Looked {
    async fn at(document: &Document) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("analysis.html");
        std::fs::write(&file, html(document)).unwrap();
        let slot = Slot::start().await;
        let page = slot.open(Start::Fresh).await;
        page.goto(format!("file://{}", file.display())).await.unwrap();
        Self { slot, page, _dir: dir }
    }

    async fn is(&self, script: &str) -> Value {
        self.page.execute(&format!("return {script}"), Vec::new()).await.unwrap().json().clone()
    }
}

#[tokio::test]
async fn verdicts_are_seen_with_what_speaks_for_them() {
    let look = Looked::at(&document(&str::to_owned)).await;
    let page = &look.page;
    expect(page).to_have_title("Analysis of course-records/e2e").await.unwrap();
    expect(page.locator("#rate"))
        .to_have_text("97 % pass rate (56 of 58), the median of 2 runs")
        .await
        .unwrap();
    expect(page.locator("#notes")).to_contain_text("the time was over").await.unwrap();
    expect(page.locator("#verdicts tbody tr")).to_have_count(4).await.unwrap();
    expect(page.locator("#verdicts tbody tr").first()).to_contain_text("5 of 6 (36 to 100 %)").await.unwrap();
    page.by_role("link").named("mail::completes_registration").first().click().await.unwrap();
    let first = page.locator("#failure-1");
    for said in [
        "CONFIRMED",
        "A bug of the product",
        "First difference: after 812 ms, the request POST /register: 500 (5 of 5 failed attempts, 0 of 13 that passed)",
        "Both write: POST /register",
        "that hides it: the bug stays",
        "with the cause, on fresh data",
        "--replay replay-1.json",
    ] {
        expect(&first).to_contain_text(said).await.unwrap();
    }
    expect(page.locator("#failure-3")).to_contain_text("Nothing is claimed.").await.unwrap();
    // One row accuses somebody surely, one cell each.
    expect(page.locator("#matrix tbody tr")).to_have_count(2).await.unwrap();
    expect(page.locator("#matrix .hit").first()).to_have_text("94 %").await.unwrap();
    expect(page.locator("#experiments tbody tr")).to_have_count(2).await.unwrap();
    let plot = page.by_role("img").named("16 at once: 83 %").first();
    expect(&plot).to_be_visible().await.unwrap();
    look.slot.end().await;
}

/// What a look at what failed in a run that is kept came to.
fn quick() -> Document {
    let mut document = document(&str::to_owned);
    document.quick = true;
    document.since = Some(SinceRun {
        run: "2026-01-01T00-00-00Z-0000".to_owned(),
        is_evidence: false,
        not_again: vec![TestId::new("mail::reminds")],
    });
    document.capacity.load = Some(Load { processes: 6, slow_pages: 2 });
    document.ended_early = None;
    document.failures[0].first_look = Some("only in parallel (0 of 3 alone)".to_owned());
    document
}

#[tokio::test]
async fn a_quick_look_says_that_it_is_one() {
    let look = Looked::at(&quick()).await;
    let notes = look.page.locator("#notes");
    expect(&notes).to_contain_text("A quick look: all tests once in parallel").await.unwrap();
    expect(&notes).to_contain_text("Did not fail again: mail::reminds.").await.unwrap();
    expect(look.page.locator("#capacity"))
        .to_contain_text("6 processes, and pages 2 times slower")
        .await
        .unwrap();
    let first = look.page.locator("#failure-1");
    expect(&first).to_contain_text("Counted: only in parallel (0 of 3 alone).").await.unwrap();
    look.slot.end().await;
}

#[tokio::test]
async fn nothing_of_what_is_shown_is_executed() {
    let said = |text: &str| format!("{text}{HOSTILE}");
    let look = Looked::at(&document(&said)).await;
    expect(look.page.locator("#failure-4")).to_be_visible().await.unwrap();
    expect(look.page.locator("#failure-1 h3")).to_contain_text("</script><!-- <script>-->").await.unwrap();
    assert_eq!(look.is("document.querySelectorAll('script').length").await, 2);
    assert_eq!(look.is("document.querySelectorAll('img, style:not([nonce])').length").await, 0);
    let title = look.is("document.title").await;
    assert!(title.as_str().unwrap().starts_with("Analysis of course-records/e2e</script>"), "{title}");
    look.slot.end().await;
}

#[tokio::test]
async fn narrow_dark_and_by_keys() {
    let look = Looked::at(&document(&str::to_owned)).await;
    look.page.emulate().viewport(360, 800).await.unwrap();
    assert_eq!(look.is("document.documentElement.scrollWidth <= 360").await, true);
    let ground = "getComputedStyle(document.body).backgroundColor";
    let before = look.is(ground).await;
    look.page.by_role("button").named("Dark or light").press("Enter").await.unwrap();
    assert_ne!(look.is(ground).await, before);
    // The first stop leads past the head.
    assert_eq!(look.is("document.querySelector('a').getAttribute('href')").await, "#main");
    assert_eq!(
        look.is("[...document.querySelectorAll('h1, h2, h3, h4')].every((one) => one.textContent.trim())")
            .await,
        true
    );
    assert_eq!(
        look.is("[...document.querySelectorAll('table')].every((one) => one.caption?.textContent)").await,
        true
    );
    look.slot.end().await;
}

#[test]
fn the_data_are_what_the_published_schema_says() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let id = schema["$id"].as_str().unwrap().to_owned();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource(&id, schema).unwrap();
    let schema = compiler.compile(&id, &mut schemas).unwrap();
    let faults = |value: &Value| schemas.validate(value, schema).err().map(|error| format!("{error:#}"));
    let full = serde_json::to_value(document(&str::to_owned)).unwrap();
    assert_eq!(faults(&full), None);
    let nothing = Document {
        failures: Vec::new(),
        experiments: Vec::new(),
        suite: None,
        ended_early: None,
        ..document(&str::to_owned)
    };
    assert_eq!(faults(&serde_json::to_value(nothing).unwrap()), None);
    assert_eq!(faults(&serde_json::to_value(quick()).unwrap()), None);
    // It is strict: what it does not know is a fault, and so is what is missing.
    for (pointer, value) in
        [("/failures/0/label", json!("sure")), ("/capacity/cores", json!(-1)), ("/format", json!(2))]
    {
        let mut changed = full.clone();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(faults(&changed).is_some(), "{pointer}");
    }
    let mut more = full;
    more["failures"][0]["else"] = json!(1);
    assert!(faults(&more).is_some());
}
