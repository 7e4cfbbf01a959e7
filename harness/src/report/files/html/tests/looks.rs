//! The page in a real browser.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Chronicle, Subject, plainly, render, told};
use crate::browser::expect::expect;
use crate::browser::tests::Slot;
use crate::browser::{Session, Start};
use crate::matching;
use crate::story::Story;

/// A report that is looked at.
struct Looked {
    slot: Slot,
    page: Session,
    dir: TempDir,
}

impl Looked {
    async fn at(said: &dyn Fn(&str) -> String) -> Self {
        let dir = tempfile::tempdir().unwrap();
        told::leave(dir.path(), said);
        let story = told::read(dir.path(), &told::events(said));
        Self::at_story(&story, dir).await
    }

    async fn at_story(story: &Story, dir: TempDir) -> Self {
        write(story, dir.path());
        let slot = Slot::start().await;
        let page = slot.open(Start::Fresh).await;
        let looked = Self { slot, page, dir };
        looked.goes("").await;
        looked
    }

    /// Opens it afresh at this hash.
    async fn goes(&self, hash: &str) {
        self.page.goto("about:blank").await.unwrap();
        let file = self.dir.path().join("report/index.html");
        self.page.goto(format!("file://{}{hash}", file.display())).await.unwrap();
        expect(self.page.locator("html")).to_have_attribute("data-ready", "").await.unwrap();
    }

    async fn is(&self, script: &str) -> Value {
        self.page.execute(&format!("return {script}"), Vec::new()).await.unwrap().json().clone()
    }

    async fn presses(&self, keys: &str) {
        self.page.locator(":focus").or(&self.page.locator("body")).last().press(keys).await.unwrap();
    }

    async fn shows(&self, tests: &[&str]) {
        expect(self.page.locator("#list .c-name a")).to_have_texts(tests.iter().copied()).await.unwrap();
    }

    async fn end(self) {
        self.slot.end().await;
    }
}

fn write(story: &Story, run: &Path) {
    std::fs::create_dir_all(run.join("report")).unwrap();
    std::fs::write(run.join("report/index.html"), render(story, run)).unwrap();
}

#[tokio::test]
async fn counts_and_words_filter_and_the_address_can_be_sent() {
    let look = Looked::at(&plainly).await;
    expect(look.page.locator("#rate")).to_have_text("37% (3/8) in 7.00 s").await.unwrap();
    look.shows(&[
        "adds_up",
        "is_slow",
        "dies",
        "errs",
        "wavers",
        "is_never_reached",
        "is_known_to_fail",
        "works",
        "is_ignored",
    ])
    .await;
    look.page.by_role("button").named("failed 1").first().click().await.unwrap();
    look.shows(&["adds_up"]).await;
    look.page.by_role("button").named("crashed 1").click().await.unwrap();
    look.shows(&["adds_up", "dies"]).await;
    expect(look.page.by_role("status").visible()).to_have_text("2 of 9 tests").await.unwrap();
    let search = look.page.by_role("searchbox").named("Search");
    expect(&search).to_have_value("outcome:failed outcome:crashed").await.unwrap();

    let hash = look.is("location.hash").await;
    look.goes(hash.as_str().unwrap()).await;
    look.shows(&["adds_up", "dies"]).await;
    for (query, found) in [
        ("role:teacher", &["errs", "is_slow", "works"][..]),
        ("role:teacher -slot:1", &["errs", "works"]),
        ("tag:smoke -outcome:passed", &["adds_up"]),
        ("\"have the text\" -slow", &["adds_up", "dies", "wavers"]),
        ("outcome:did-not-run", &["is_never_reached"]),
        ("outcome:flaky slot:1", &["wavers"]),
        ("PRINTER", &["is_ignored"]),
    ] {
        search.fill(query).await.unwrap();
        look.shows(found).await;
    }
    search.fill("outcome:broken").await.unwrap();
    expect(look.page.locator("#list"))
        .to_contain_text("There is no outcome “broken” in this run; there is failed,")
        .await
        .unwrap();
    look.page.by_role("button").named("Show all tests").click().await.unwrap();
    look.page.by_role("button").named("Duration").click().await.unwrap();
    expect(look.page.locator("#list .c-name a").first()).to_have_text("is_slow").await.unwrap();
    expect(look.page.locator("[aria-sort=ascending]")).to_have_text("Duration ▼").await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn a_test_says_what_happened_where_and_beside_whom() {
    let look = Looked::at(&plainly).await;
    look.page.by_role("link").named("adds_up").click().await.unwrap();
    let page = &look.page;
    expect(page.by_role("heading").named("grades::adds_up")).to_be_focused().await.unwrap();
    expect(page.locator("pre.message")).to_contain_text("it was \"11\"").await.unwrap();
    expect(page.locator(".source .now")).to_have_text("fn line_8() {}").await.unwrap();
    expect(page.locator(".ran"))
        .to_contain_text("Ran in slot 0 as student0@example.test, worker 0, from 2.600 s for 800 ms, after works, beside wavers")
        .await
        .unwrap();
    expect(page.locator(".step.failed .what"))
        .to_have_texts(["opens the list", "adds them up"])
        .await
        .unwrap();
    expect(page.locator(".network tbody tr td:first-child"))
        .to_have_texts(["failed", "500", "200"])
        .await
        .unwrap();
    expect(page.locator(".pictures img")).to_be_visible().await.unwrap();
    assert_eq!(look.is("document.querySelector('.pictures img').naturalWidth").await, 1);
    for (log, text) in [
        ("What it printed", "red is what it printed"),
        ("Server log", "GET /api/sum 500"),
        ("Console", "0.115 page"),
    ] {
        expect(page.locator(format!("pre[aria-label^='{log}']"))).to_contain_text(text).await.unwrap();
    }
    expect(page.by_role("link").named("Open the trace"))
        .to_have_attribute("href", "../tests/grades.adds_up/attempt-1/trace.html")
        .await
        .unwrap();
    expect(page.locator("#test")).to_contain_text("gone.bin: not there any more").await.unwrap();
    expect(page.locator("#test"))
        .to_contain_text("cargo test -p school --test e2e -- --exact grades::adds_up --slot 0")
        .await
        .unwrap();
    look.presses("Escape").await;
    expect(page.by_role("link").named("adds_up")).to_be_focused().await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn the_attempts_of_a_test_are_tabs() {
    let look = Looked::at(&plainly).await;
    look.goes("#test=grades%3A%3Awavers").await;
    let tab = |name: &str| look.page.by_role("tab").named(name);
    // Of a flaky test, the one that tells why.
    expect(tab("Attempt 1: failed")).to_have_attribute("aria-selected", "true").await.unwrap();
    expect(look.page.locator("pre.message")).to_be_visible().await.unwrap();
    tab("Attempt 1: failed").press("ArrowRight").await.unwrap();
    expect(tab("Attempt 2: passed")).to_be_focused().await.unwrap();
    expect(look.page.locator("pre.message")).to_have_count(0).await.unwrap();
    expect(look.page.by_role("tabpanel").named("Attempt 2")).to_contain_text("Ran in slot 0").await.unwrap();
    assert_eq!(look.is("location.hash").await, "#test=grades%3A%3Awavers&attempt=2");
    look.end().await;
}

#[tokio::test]
async fn everything_is_reached_with_the_keyboard() {
    let look = Looked::at(&plainly).await;
    look.presses("/").await;
    expect(look.page.by_role("searchbox")).to_be_focused().await.unwrap();
    look.presses("ArrowDown").await;
    look.presses("ArrowDown").await;
    let second = look.page.by_role("link").named("is_slow");
    expect(&second).to_be_focused().await.unwrap();
    // Only one of the list is a stop of the tabulator.
    assert_eq!(look.is("document.querySelectorAll('#list a[tabindex=\"0\"]').length").await, 1);
    let outline = second.evaluate::<String>("(it) => getComputedStyle(it).outlineStyle").await.unwrap();
    assert_eq!(outline, "solid");
    look.presses("Enter").await;
    expect(look.page.by_role("heading").named("grades::is_slow")).to_be_visible().await.unwrap();
    look.presses("Escape").await;
    expect(&second).to_be_focused().await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn what_became_of_a_test_before_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let kept = tempfile::tempdir().unwrap();
    told::leave_earlier(kept.path());
    let story = told::read(dir.path(), &told::events(&plainly));
    let look = Looked::at_story(&story, dir).await;
    // Nobody knows of any.
    expect(look.page.locator(".trend")).to_have_count(0).await.unwrap();
    let earlier = Chronicle::before(&story, kept.path(), None);
    let run = look.dir.path();
    let page = super::super::render(&Subject { story: &story, run, earlier: &earlier });
    std::fs::write(run.join("report/index.html"), page).unwrap();
    look.goes("").await;
    expect(look.page.locator(".trend")).to_have_texts(["3 times in a row", "new"]).await.unwrap();
    for (test, rate, since) in [
        (
            "grades::adds_up",
            "Passed in 2 of 5 runs (40%), only on a retry in 1 of them, 200 ms as a rule.",
            "It has not passed 3 times in a row: that began in the run 2026-11-20T08-00-00Z-aaaa of ",
        ),
        (
            "grades::is_slow",
            "Passed in 5 of 6 runs (83%), 900 ms as a rule.",
            "It passed the last time: this is the run in which it began not to pass.",
        ),
        (
            "grades::wavers",
            "Passed in 5 of 6 runs (83%), only on a retry in 1 of them, 5 ms as a rule.",
            "It passes again: the last time it did not, in the run 2026-11-21T08-00-00Z-aaaa of ",
        ),
        ("sign_in::works", "Passed in 6 of 6 runs (100%), 1.00 s as a rule.", ""),
    ] {
        look.goes(&format!("#test={test}")).await;
        expect(look.page.locator(".rate")).to_have_text(rate).await.unwrap();
        let told = look.page.locator(".since");
        if since.is_empty() {
            expect(told).to_have_count(0).await.unwrap();
        } else {
            expect(told).to_contain_text(since).await.unwrap();
        }
    }
    look.goes("#test=grades::adds_up").await;
    expect(look.page.locator(".strip i")).to_have_texts(["✓", "≈", "!", "✗", "✗"]).await.unwrap();
    expect(look.page.locator(".strip .here"))
        .to_have_attribute("title", matching("^failed in 800 ms, this run"))
        .await
        .unwrap();
    look.page.by_text("These runs as a table").click().await.unwrap();
    expect(look.page.by_role("row")).to_have_count(6).await.unwrap();
    // Of one that was not executed before there is nothing to tell.
    look.goes("#test=grades::dies").await;
    expect(look.page.locator(".strip")).to_have_count(0).await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn the_timeline_lights_up_the_neighbours_and_leads_to_the_test() {
    let look = Looked::at(&plainly).await;
    look.goes("#view=timeline&test=grades::adds_up").await;
    let page = &look.page;
    expect(page.locator(".box.chosen")).to_have_text("✗ adds_up").await.unwrap();
    expect(page.locator(".box.beside")).to_have_texts(["✗ wavers"]).await.unwrap();
    expect(page.locator(".box.before")).to_have_texts(["✓ works"]).await.unwrap();
    expect(page.locator("#about")).to_contain_text("failed in slot 0").await.unwrap();
    let chosen = page.locator(".box.chosen");
    chosen.press("+").await.unwrap();
    expect(page.locator("#lanes")).to_have_attribute("data-zoom", "2").await.unwrap();
    chosen.press("0").await.unwrap();
    expect(page.locator("#lanes")).to_have_attribute("data-zoom", "1").await.unwrap();
    chosen.press("ArrowRight").await.unwrap();
    expect(page.locator(".box:focus")).to_have_text("✓ wavers").await.unwrap();
    expect(page.locator("#tip")).to_contain_text("grades::wavers, attempt 2: passed, slot 0").await.unwrap();
    page.locator(".box.timed-out").click().await.unwrap();
    expect(page.by_role("heading").named("grades::is_slow")).to_be_visible().await.unwrap();

    look.goes("#view=timeline").await;
    page.by_text("The timeline as a table").click().await.unwrap();
    expect(page.by_role("row")).to_have_count(13).await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn the_run_says_what_it_could_use_and_what_it_used() {
    let look = Looked::at(&plainly).await;
    look.page.by_role("link").named("Run").click().await.unwrap();
    let cells = look.page.locator("#run .part").first().locator("tbody :is(th, td)");
    expect(cells)
        .to_have_texts(
            [
                ["CPU cores", "2", "those that the run may use"],
                ["Accounts", "6", "4 student, 2 teacher"],
                ["Slots", "4", "ports 3002 to 3005"],
                ["Workers", "2", "at the most; the machine decides"],
                ["Slots used", "2", "ports 3002, 3003"],
                ["Ran at once", "0.9 on average", "2 at the most"],
            ]
            .as_flattened()
            .iter()
            .copied(),
        )
        .await
        .unwrap();
    expect(look.page.locator("#run .lines")).to_contain_text("slot 2 is left out").await.unwrap();
    expect(look.page.locator("#banners")).to_contain_text("stopped when 4 tests had failed").await.unwrap();
    look.end().await;
}

#[tokio::test]
async fn nothing_that_anybody_says_is_executed() {
    let hostile = |text: &str| {
        format!(
            "{text}</script><script>window.harm=1</script><!--<img src=x onerror=\"window.harm=2\">'\"&lt;\u{2028}\u{202e}\u{200b}{{{{word}}}}\njavascript:window.harm=3"
        )
    };
    let look = Looked::at(&hostile).await;
    let names = look.is("data.tests.map((test) => encodeURIComponent(test.name))").await;
    let hashes =
        names.as_array().unwrap().iter().filter_map(Value::as_str).map(|name| {
            [format!("#test={name}"), format!("#view=timeline&test={name}"), format!("#q={name}")]
        });
    let views = [
        "",
        "#view=run",
        "#view=timeline",
        "#test=%3Cimg%20src%3Dx%20onerror%3Dharm%3D4%3E&view=%22",
        "#q=%3Cimg src=x onerror=harm=5%3E",
    ];
    for hash in hashes.flatten().chain(views.map(str::to_owned)) {
        look.page.execute("location.hash = arguments[0]", vec![json!(hash)]).await.unwrap();
        let strange = look
            .is("[window.harm ?? 0, shownHash === location.hash, document.querySelectorAll('img[src=x], [onerror], iframe, main script').length, \
                [...document.links].filter((link) => !/^(file:|#)/.test(link.getAttribute('href').startsWith('#') ? '#' : link.href)).length]")
            .await;
        assert_eq!(strange, json!([0, true, 0, 0]), "{hash}");
    }
    // What turns text around, or cannot be seen, is.
    expect(look.page.locator("#suite")).to_contain_text("\\u{202e}\\u{200b}").await.unwrap();
    // And if something came through all the same, it would not run, and nothing would be fetched.
    let refused = "new Promise((resolve) => { addEventListener('securitypolicyviolation', (event) => resolve(event.effectiveDirective)); \
        document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.harm = 6' })); })";
    let refused = look.page.evaluate::<String>(format!("() => {refused}")).await.unwrap();
    assert_eq!((refused.as_str(), look.is("window.harm ?? 0").await), ("script-src-elem", json!(0)));
    look.end().await;
}

#[tokio::test]
async fn a_run_without_an_end_or_a_test_says_so() {
    let events = told::events(&plainly);
    for (count, says, list) in [
        (events.len() - 12, "This run has no end", "unfinished"),
        (2, "This run has no end", "did not run"),
        (1, "This run has no end", "The run was ended before it had planned its first test."),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let look = Looked::at_story(&told::read(dir.path(), &events[..count]), dir).await;
        expect(look.page.locator("#banners")).to_contain_text(says).await.unwrap();
        expect(look.page.locator("#list")).to_contain_text(list).await.unwrap();
        look.goes("#view=timeline").await;
        expect(look.page.by_role("heading").named("Timeline")).to_be_visible().await.unwrap();
        look.end().await;
    }
}

#[tokio::test]
async fn a_narrow_page_is_no_wider_than_the_window() {
    let look = Looked::at(&|text| format!("{text}{}", "x".repeat(200))).await;
    look.page.emulate().viewport(360, 740).mobile(true).touch(true).await.unwrap();
    let name = look.is("encodeURIComponent(data.tests[0].name)").await;
    for hash in [
        String::new(),
        "#view=timeline".into(),
        "#view=run".into(),
        format!("#test={}", name.as_str().unwrap()),
    ] {
        look.goes(&hash).await;
        let wide = "[...document.querySelectorAll('body *')].filter((it) => it.getBoundingClientRect().right > 361 && !it.closest('#lanes > *, .wide > *, .source > *')).map((it) => it.outerHTML.slice(0, 80))";
        assert_eq!(look.is(wide).await, json!([]), "{hash}");
        assert_eq!(look.is("document.documentElement.scrollWidth").await, 360, "{hash}");
    }
    look.end().await;
}

#[tokio::test]
async fn a_thousand_tests_of_three_attempts_are_a_small_page() {
    let dir = tempfile::tempdir().unwrap();
    let story = told::read(dir.path(), &told::a_thousand_tests());
    let look = Looked::at_story(&story, dir).await;
    let length = std::fs::metadata(look.dir.path().join("report/index.html")).unwrap().len();
    assert!(length < 5_000_000, "{length}");
    expect(look.page.locator("#list [role=table]")).to_have_attribute("aria-rowcount", "1001").await.unwrap();
    look.page.by_role("searchbox").fill("interest_99").await.unwrap();
    expect(look.page.by_role("status").visible()).to_have_text("11 of 1000 tests").await.unwrap();
    look.goes("#view=timeline").await;
    expect(look.page.locator(".box")).to_have_count(3000).await.unwrap();
    look.end().await;
}
