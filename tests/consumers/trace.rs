//! Tests that leave traces, and tests that look at them in a browser.

use std::time::Duration;

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Locator, Session, TestError, TestResult, e2e, expect, sign_in, step};

#[sign_in]
async fn enter(session: &Session, account: &Account) -> TestResult {
    session.goto("/login").await?;
    session.locator("[name=user]").fill(account.username()).await?;
    session.locator("[name=password]").fill(account.password()).await?;
    session.by_role("button").named("Enter").click().await?;
    expect(session.locator("#user")).to_have_text(account.username()).await?;
    Ok(())
}

const PAGE: &str = "<title>A form</title><style>h1 { color: rgb(1, 2, 3) }</style><h1>Form</h1>
    <label>Title <input id=title></label><label>Password <input type=password id=word></label>
    <button onclick=\"document.querySelector('h1').textContent = 'Saved ' + document.querySelector('#title').value\">Save</button>
    <div id=host></div><div style='height: 3000px'></div>
    <script>
      console.log('it says hello');
      document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<p>in the shadow</p>';
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('h1 { letter-spacing: 3px }');
      document.adoptedStyleSheets = [sheet];
    </script>";

async fn fills(session: &Session) -> TestResult {
    session.goto("/private").await?;
    session.set_content(PAGE).await?;
    step("fills in the form", async {
        session.locator("#title").fill("Algebra").await?;
        session.locator("#word").fill("a-typed-secret").await?;
        session.by_role("button").named("Save").click().await
    })
    .await?;
    expect(session.locator("h1")).to_have_text("Saved Algebra").await?;
    Ok(())
}

#[e2e(role = "student")]
async fn passes(session: &Session) -> TestResult {
    fills(session).await
}

#[e2e(role = "student")]
async fn fails(session: &Session) -> TestResult {
    fills(session).await?;
    let title = session.find(By::Css("#title")).await?;
    title.click().await?;
    expect(session.locator("h1")).within(Duration::from_millis(300)).to_have_text("Never").await?;
    Ok(())
}

#[e2e(role = "student", retries = 2)]
async fn fails_three_times(session: &Session) -> TestResult {
    fails_at_once(session).await
}

async fn fails_at_once(session: &Session) -> TestResult {
    session.goto("/").await?;
    Err(TestError::new("for the sake of its trace"))
}

#[e2e]
fn has_no_page() -> TestResult {
    Err(TestError::new("without a page"))
}

/// What a page must not be able to do to who looks at its trace.
const HOSTILE: &str = "</script><!-- <script>--><script>parent.document.title = 'taken'; document.title = 'taken'</script>
    <img src=x onerror=\"parent.document.title = 'taken'\"><svg onload=\"parent.document.title = 'taken'\"></svg>
    <a href=\"javascript:parent.document.title = 'taken'\">link</a>
    <meta http-equiv=refresh content='600;url=http://127.0.0.1:1/gone'>
    <form name=documentElement><input name=attributes><input name=firstChild><input name=localName></form>
    <iframe srcdoc=\"<script>top.document.title = 'taken'</script><p>a frame</p>\"></iframe>
    <style>p::after { content: '</style><script>parent.document.title = 1</script>' }</style>
    <h1 title=\"</script>\">&lt;/script&gt;{{records}}</h1><p>after all</p>";

#[e2e]
async fn is_hostile(session: &Session) -> TestResult {
    session.goto("/").await?;
    let fill = "document.body.innerHTML = arguments[0]; console.log(arguments[0]); \
                fetch('/</script><script>?' + arguments[0], { method: 'POST', body: arguments[0] }).catch(() => {})";
    session.execute(fill, vec![HOSTILE.into()]).await?;
    step("</script><script>parent.document.title = 'taken'</script>", session.locator("h1").text()).await?;
    Err(TestError::new(HOSTILE))
}

#[e2e]
async fn dies(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.locator("h1").click().await?;
    session.locator("h1").text().await?;
    std::process::abort();
}

#[e2e]
async fn has_200_actions(session: &Session) -> TestResult {
    session.goto("/").await?;
    let row = |number: usize| format!("<tr><td>row {number}</td><td>{}</td></tr>", "something ".repeat(8));
    let rows: String = (0..200).map(row).collect();
    let page = format!("{PAGE}<table>{rows}</table>");
    session.set_content(page).await?;
    for number in 0..100 {
        session.locator("#title").fill(format!("Algebra {number}")).await?;
        session.by_role("button").named("Save").click().await?;
    }
    expect(session.locator("h1")).to_have_text("Saved Algebra 99").await?;
    Err(TestError::new("for the sake of its trace"))
}

/// What it looks like in the end is drawn soon after something else, and nothing is drawn after it.
const RESTLESS: &str = "<body style='background: rgb(200, 0, 0)'><h1>It moves</h1><script>
    let count = 0;
    const next = () => {
      count += 1;
      document.querySelector('h1').textContent = `It moves ${count}`;
      if (count < 12) return requestAnimationFrame(next);
      document.querySelector('h1').textContent = 'It stays';
      document.body.style.background = 'rgb(0, 160, 0)';
      setTimeout(() => { document.body.dataset.stays = ''; }, 1000);
    };
    requestAnimationFrame(next);
    </script></body>";

#[e2e(role = "student")]
async fn moves_and_stays(session: &Session) -> TestResult {
    session.goto("/").await?;
    session.set_content(RESTLESS).await?;
    expect(session.locator("body[data-stays]")).within(Duration::from_secs(20)).to_be_visible().await?;
    session.locator("h1").click().await?;
    expect(session.locator("h1")).within(Duration::from_millis(100)).to_have_text("secret-s{slot}").await?;
    Ok(())
}

#[e2e(roles = ["student", "teacher"])]
async fn two_of_them(student: &Session, teacher: &Session) -> TestResult {
    student.goto("/").await?;
    teacher.goto("/private").await?;
    expect(student.locator("h1")).to_be_visible().await?;
    Ok(())
}

/// For `cargo xtask bench trace`.
mod costs {
    use super::{PAGE, Session, TestResult, e2e, expect};

    #[e2e]
    async fn dense(session: &Session) -> TestResult {
        session.goto("/").await?;
        session.set_content(PAGE).await?;
        for number in 0..50 {
            session.locator("#title").fill(format!("Algebra {number}")).await?;
            session.locator("button").click().await?;
        }
        expect(session.locator("h1")).to_have_text("Saved Algebra 49").await?;
        Ok(())
    }
}

/// Looks at traces, by the addresses in the environment.
mod looks {
    use super::{Duration, Locator, Session, TestResult, e2e, expect};

    async fn open(session: &Session) -> TestResult {
        let trace = std::env::var("TRACE")?;
        session.goto(format!("file://{trace}")).await?;
        Ok(())
    }

    /// The snapshot that is shown, once it is there: in a frame without scripts nothing can be waited for.
    async fn shown(session: &Session) -> TestResult<Locator> {
        expect(session.locator("#view iframe[data-loaded]")).to_be_attached().await?;
        Ok(session.frame("#view iframe"))
    }

    #[e2e]
    async fn at_a_failure(session: &Session) -> TestResult {
        open(session).await?;
        expect(session).to_have_title("fails – trace").await?;
        // What went wrong is what is shown first.
        let current = session.locator("#list [aria-current=true]");
        expect(&current).to_contain_text("expected `h1` to have the text \"Never\"").await?;
        expect(session.locator("#panel")).to_contain_text("after 300 ms").await?;
        let snapshot = shown(session).await?;
        expect(snapshot.locator("h1")).to_have_text("Saved Algebra").await?;
        expect(snapshot.locator("h1")).to_have_css("color", "rgb(1, 2, 3)").await?;
        expect(snapshot.locator("h1")).to_have_css("letter-spacing", "3px").await?;
        expect(snapshot.locator("h1")).to_have_css("outline-width", "3px").await?;
        expect(snapshot.by_text("in the shadow")).to_be_visible().await?;
        expect(snapshot.locator("#title")).to_have_value("Algebra").await?;
        expect(snapshot.locator("#word")).to_have_value("••••••••").await?;
        // Before and after another action.
        session.by_role("button").named("click on `role=button[name=Save]`").click().await?;
        session.by_role("tab").named("Before").click().await?;
        expect(shown(session).await?.locator("h1")).to_have_text("Form").await?;
        session.by_role("tab").named("After").click().await?;
        expect(shown(session).await?.locator("h1")).to_have_text("Saved Algebra").await?;
        expect(session.locator("#list .step").first()).to_have_text("fills in the form").await?;
        // By keys.
        session.locator("#list [aria-current=true]").press("ArrowUp").await?;
        expect(session.locator("#list [aria-current=true]")).to_contain_text("fill `#word`").await?;
        let panel = session.locator("#panel");
        session.by_role("tab").named("Console").click().await?;
        expect(&panel).to_contain_text("it says hello").await?;
        session.by_role("tab").named("Network").click().await?;
        expect(panel.locator(".path").last()).to_have_text("/private").await?;
        session.by_role("tab").named("Server").click().await?;
        expect(&panel).to_contain_text("asked for /private").await?;
        session.by_role("tab").named("Source").click().await?;
        expect(panel.locator("[aria-current=true]")).to_contain_text(".fill(\"a-typed-secret\")").await?;
        expect(session.locator("#film img").first()).to_be_visible().await?;
        Ok(())
    }

    #[e2e]
    async fn at_hostility(session: &Session) -> TestResult {
        open(session).await?;
        expect(session).to_have_title("is_hostile – trace").await?;
        let count = session.locator("#list button").count().await?;
        for index in 0..count {
            session.locator("#list button").nth(i64::try_from(index)?).click().await?;
            for when in ["Before", "After", "Picture"] {
                session.by_role("tab").named(when).click().await?;
            }
        }
        session.by_role("tab").named("After").click().await?;
        expect(shown(session).await?.by_text("after all")).to_be_visible().await?;
        expect(shown(session).await?.locator("h1")).to_have_text("</script>{{records}}").await?;
        for tab in ["Call", "Log", "Console", "Network", "Server", "Mail", "Source"] {
            session.by_role("tab").named(tab).click().await?;
        }
        expect(session).to_have_title("is_hostile – trace").await?;
        Ok(())
    }

    #[e2e]
    async fn at_a_crash(session: &Session) -> TestResult {
        open(session).await?;
        expect(session.locator("#outcome")).to_have_text("not ended").await?;
        expect(session.locator("#list")).to_contain_text("click on `h1`").await?;
        expect(shown(session).await?.locator("h1")).to_have_text("Home").await?;
        Ok(())
    }

    /// What the page is in the middle of its left edge, as red, green and blue.
    const COLOUR: &str = "(image) => image.decode().then(() => {
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
        const context = canvas.getContext('2d');
        context.drawImage(image, 0, 0);
        return [...context.getImageData(4, canvas.height / 2, 1, 1).data].slice(0, 3);
    })";

    fn is_near(seen: [i32; 3], colour: [i32; 3]) -> bool {
        seen.iter().zip(colour).all(|(one, other)| (one - other).abs() < 30)
    }

    #[e2e]
    async fn at_a_film(session: &Session) -> TestResult {
        open(session).await?;
        expect(session).to_have_title("moves_and_stays – film").await?;
        expect(session.locator("#outcome")).to_have_text("did not pass").await?;
        // It begins with its end.
        let image = session.locator("#stage img");
        let last = image.evaluate::<[i32; 3]>(COLOUR).await?;
        assert!(is_near(last, [0, 160, 0]), "{last:?}");
        expect(session.locator("#caption")).to_contain_text("expected `h1` to have the text").await?;
        expect(session.locator("#film [aria-current]")).to_have_count(1).await?;
        // Another moment, by its picture.
        session.locator("#film button").first().click().await?;
        let first = image.evaluate::<[i32; 3]>(COLOUR).await?;
        assert!(is_near(first, [255, 255, 255]) || is_near(first, [200, 0, 0]), "{first:?}");
        expect(session.locator("#clock")).not().to_contain_text("0.000 s of").await?;
        session.locator("#at").press("Home").await?;
        expect(session.locator("#clock")).to_contain_text("0.000 s of ").await?;
        // To its end, in its own time.
        session.by_role("button").named("Play").click().await?;
        expect(session.by_role("button").named("Pause")).to_be_visible().await?;
        expect(session.by_role("button").named("Play"))
            .within(Duration::from_secs(30))
            .to_be_visible()
            .await?;
        assert_eq!(image.evaluate::<[i32; 3]>(COLOUR).await?, last);
        Ok(())
    }

    #[e2e]
    async fn at_a_film_of_two(session: &Session) -> TestResult {
        open(session).await?;
        expect(session.locator("#outcome")).to_have_text("passed").await?;
        expect(session.locator("#stage figcaption")).to_have_texts(["student", "teacher"]).await?;
        expect(session.locator("#stage img")).to_have_count(2).await?;
        Ok(())
    }

    /// The video itself, as far as a browser tells: how long it is, and what it shows at its beginning and at its end.
    #[e2e]
    async fn at_a_video(session: &Session) -> TestResult {
        open(session).await?;
        let told = session
            .locator("video")
            .evaluate::<(f64, i32, i32)>(
                "(video) => new Promise((done) => {
                    const tell = () => done([video.duration, video.videoWidth, video.videoHeight]);
                    video.readyState ? tell() : video.addEventListener('loadedmetadata', tell);
                })",
            )
            .await?;
        assert!(told.0 > 1.0 && told.1 > 700 && told.2 > 300, "{told:?}");
        Ok(())
    }

    #[e2e]
    async fn at_a_report(session: &Session) -> TestResult {
        let report = std::env::var("REPORT")?;
        session.goto(format!("file://{report}")).await?;
        expect(session.locator("#rate")).to_contain_text("50% (1/2) in ").await?;
        session.by_role("link").named("fails_three_times").click().await?;
        expect(session.by_role("tab").named("Attempt 3: failed"))
            .to_have_attribute("aria-selected", "true")
            .await?;
        expect(session.locator("pre.message")).to_have_text("for the sake of its trace").await?;
        expect(session.locator(".source [aria-current=true]"))
            .to_contain_text("for the sake of its trace")
            .await?;
        expect(session.locator(".pictures img")).to_be_visible().await?;
        expect(session.locator("#test")).to_contain_text("--exact fails_three_times --slot 0").await?;
        session.by_role("tab").named("Attempt 2: failed").click().await?;
        // Its links lead to what is there.
        let trace =
            session.by_role("link").named("Open the trace").evaluate::<String>("(it) => it.href").await?;
        session.goto(trace).await?;
        expect(session).to_have_title("fails_three_times – trace").await?;
        Ok(())
    }

    #[e2e]
    async fn at_200_actions(session: &Session) -> TestResult {
        open(session).await?;
        expect(session.locator("#list button")).to_have_count(203).await?;
        expect(shown(session).await?.locator("h1")).to_have_text("Saved Algebra 99").await?;
        Ok(())
    }
}

callboard::main!();
