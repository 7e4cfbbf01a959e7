//! Tests with a browser.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use callboard::thirtyfour::prelude::*;
use callboard::{Account, Session, Slot, TestError, TestResult, e2e, expect, expect_soft, sign_in};

#[sign_in]
async fn enter(session: &Session, account: &Account) -> TestResult {
    session.goto("/login").await?;
    session.find(By::Name("user")).await?.send_keys(account.username()).await?;
    session.find(By::Name("password")).await?.send_keys(account.password()).await?;
    session.find(By::Tag("button")).await?.click().await?;
    let next_page =
        session.query(By::Css("#user, h1")).wait(Duration::from_secs(20), Duration::from_millis(10));
    let answer = next_page.first().await?.text().await?;
    if answer == account.username() {
        return Ok(());
    }
    Err(TestError::new(format!("the application says {answer:?}")))
}

async fn is_signed_in(session: &Session) -> TestResult {
    session.goto("/private").await?;
    let account = session.account().ok_or_else(|| TestError::new("nobody's session"))?;
    assert_eq!(session.find(By::Id("user")).await?.text().await?, account.username());
    Ok(())
}

macro_rules! five {
    ($($name:ident)*) => {
        mod five {
            $(
                #[callboard::e2e(role = "student")]
                async fn $name(session: &callboard::Session) -> callboard::TestResult {
                    super::is_signed_in(session).await
                }
            )*
        }
    };
}

five!(one two three four five);

#[e2e(roles = ["student", "teacher"])]
async fn two_users(student: &Session, teacher: &Session) -> TestResult {
    is_signed_in(student).await?;
    is_signed_in(teacher).await?;
    is_signed_in(student).await
}

#[e2e]
async fn watched(session: &Session) -> TestResult {
    session.set_content("<button onclick='this.textContent = `Done`'>Go</button><i>1</i><i>2</i>").await?;
    session.pause().await;
    session.locator("button").click().await?;
    session.locator("button").hover().await?;
    expect(session.locator("button")).to_have_text("Done").await?;
    println!("headless: {}", session.execute("return navigator.userAgent", Vec::new()).await?.json());
    Ok(())
}

#[e2e]
async fn watched_by_the_driver(session: &Session) -> TestResult {
    session.set_content("<button onclick='this.textContent = `Done`'>Go</button>").await?;
    let button = session.find(By::Css("button")).await?;
    button.click().await?;
    button.click().await?;
    assert_eq!(button.text().await?, "Done");
    Ok(())
}

#[e2e]
async fn dialog_handler_panics(session: &Session) -> TestResult {
    session.set_content("<button onclick='alert(`Really?`)'>Ask</button>").await?;
    session.on_dialog(|_| panic!("unforeseen"));
    session.locator("button").click().await?;
    // It is still there.
    session.wait_for_dialog().await?.dismiss().await?;
    expect(session.locator("button")).to_have_text("Ask").await?;
    Ok(())
}

#[e2e]
async fn softly(session: &Session) -> TestResult {
    let soon = Duration::from_millis(100);
    session.set_content("<h1>Ida</h1><p>ida@example.test</p>").await?;
    expect_soft(session.locator("h1")).within(soon).to_have_text("Ada").await?;
    expect_soft(session.locator("p")).within(soon).to_have_text("ada@example.test").await?;
    println!("it goes on");
    expect(session.locator("h1")).within(soon).to_have_text("Eve").await?;
    Ok(())
}

/// Two users of one role, in the order of names.
mod pair {
    use callboard::{Session, TestError, TestResult, e2e};

    #[e2e(roles = ["student", "student#2"])]
    async fn a_meets(student: &Session, student_2: &Session) -> TestResult {
        super::are_two(student, student_2).await
    }

    #[e2e(roles = ["student", "student#2"])]
    async fn b_meets_again(student: &Session, student_2: &Session) -> TestResult {
        super::are_two(student, student_2).await
    }

    #[e2e(roles = ["student", "student#2", "teacher"])]
    async fn c_is_forgotten(student: &Session, student_2: &Session, teacher: &Session) -> TestResult {
        super::are_two(student, student_2).await?;
        teacher.goto("/forget").await?;
        Ok(())
    }

    #[e2e(roles = ["student", "student#2"])]
    async fn d_is_known_again(student: &Session, student_2: &Session) -> TestResult {
        super::are_two(student, student_2).await
    }

    #[e2e(roles = ["student", "student#2"])]
    async fn quarrels(student: &Session, student_2: &Session) -> TestResult {
        super::are_two(student, student_2).await?;
        Err(TestError::new("for the sake of what is kept"))
    }
}

async fn are_two(student: &Session, student_2: &Session) -> TestResult {
    is_signed_in(student).await?;
    is_signed_in(student_2).await?;
    is_signed_in(student).await?;
    let [one, other] = [student, student_2].map(|session| session.account().map(Account::username));
    assert_ne!(one, other);
    Ok(())
}

/// All that it does is between the page and the harness.
#[e2e]
async fn without_driver(session: &Session) -> TestResult {
    session.set_content("<h1>Set</h1>").await?;
    expect(session.locator("h1")).to_have_text("Set").await?;
    Ok(())
}

#[e2e]
async fn anonymous(session: &Session) -> TestResult {
    session.goto("/private").await?;
    assert_eq!(session.current_url().await?.path(), "/login");
    assert!(session.account().is_none());
    Ok(())
}

async fn cookies(session: &Session) -> TestResult<String> {
    session.goto("/cookies").await?;
    Ok(session.find(By::Id("cookies")).await?.text().await?)
}

/// Each would find the crumbs that the other one left.
mod crumbs {
    use callboard::{Session, TestResult, e2e};

    #[e2e]
    async fn first(session: &Session) -> TestResult {
        super::leaves_crumbs(session).await
    }

    #[e2e]
    async fn second(session: &Session) -> TestResult {
        super::leaves_crumbs(session).await
    }
}

async fn leaves_crumbs(session: &Session) -> TestResult {
    assert_eq!(cookies(session).await?, "");
    session.goto("/crumb").await?;
    session.execute("localStorage.setItem('crumb', 'left')", Vec::new()).await?;
    assert_eq!(cookies(session).await?, "crumb=1");
    Ok(())
}

/// In the order of names: the second one's sign-in was forgotten by the application.
mod memory {
    use callboard::{Session, TestResult, e2e};

    #[e2e(role = "student")]
    async fn a_forgets(session: &Session) -> TestResult {
        super::is_signed_in(session).await?;
        session.goto("/forget").await?;
        Ok(())
    }

    #[e2e(role = "student")]
    async fn b_is_signed_in_again(session: &Session) -> TestResult {
        super::is_signed_in(session).await
    }

    #[e2e(role = "student")]
    async fn c_still_is(session: &Session) -> TestResult {
        super::is_signed_in(session).await
    }
}

/// In the order of names: the second one needs a browser that the first one ended.
mod murder {
    use callboard::{Session, Slot, TestResult, e2e};

    #[e2e]
    async fn a_kills_the_browser(session: &Session, slot: &Slot) -> TestResult {
        session.goto("/").await?;
        super::kill_browser(slot)?;
        session.goto("/").await?;
        Ok(())
    }

    #[e2e]
    async fn b_has_another(session: &Session) -> TestResult {
        session.goto("/").await?;
        Ok(())
    }
}

/// The same of the driver, in a test and between two: each asks it for something.
mod assault {
    use callboard::{Session, Slot, TestResult, e2e};

    #[e2e]
    async fn a_kills_the_driver(session: &Session, slot: &Slot) -> TestResult {
        session.title().await?;
        super::kill_driver(slot)?;
        session.title().await?;
        Ok(())
    }

    #[e2e]
    async fn b_has_one_more(session: &Session) -> TestResult {
        session.title().await?;
        Ok(())
    }

    /// It needs none itself.
    #[e2e]
    fn c_kills_the_driver(slot: &Slot) -> TestResult {
        super::kill_driver(slot)
    }

    #[e2e]
    async fn d_has_one_more(session: &Session) -> TestResult {
        session.title().await?;
        Ok(())
    }

    #[e2e]
    fn e_kills_the_browser(slot: &Slot) -> TestResult {
        super::kill_browser(slot)
    }

    #[e2e]
    async fn f_has_one_more(session: &Session) -> TestResult {
        session.title().await?;
        Ok(())
    }
}

/// In the order of names: the second one comes to a page for those who have signed in by way of one for all.
mod ways {
    use callboard::{Session, TestError, TestResult, e2e};

    #[e2e(role = "student")]
    async fn a_fails(session: &Session) -> TestResult {
        super::is_signed_in(session).await?;
        Err(TestError::new("for the sake of the reset"))
    }

    #[e2e(role = "student")]
    async fn b_comes_another_way(session: &Session) -> TestResult {
        session.goto("/").await?;
        super::is_signed_in(session).await
    }
}

/// Ends the slot's browser the hard way: it is known by the folder that it keeps everything in.
fn kill_browser(slot: &Slot) -> TestResult {
    let dir = slot.dir().to_string_lossy();
    kill(|command, _| {
        command.contains(&*dir) && !command.contains("--type=") && command.contains("--remote-debugging")
    })
}

/// Ends the slot's driver so: it runs in the slot's folder.
fn kill_driver(slot: &Slot) -> TestResult {
    kill(|command, folder| command.contains("driver") && folder == slot.dir())
}

fn kill(is_meant: impl Fn(&str, &Path) -> bool) -> TestResult {
    let mut killed = false;
    for process in std::fs::read_dir("/proc")?.flatten() {
        let command = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        let folder = std::fs::read_link(process.path().join("cwd")).unwrap_or_default();
        if is_meant(&String::from_utf8_lossy(&command), &folder) {
            killed |= Command::new("kill").arg("-9").arg(process.file_name()).status()?.success();
        }
    }
    if killed { Ok(()) } else { Err(TestError::new("found nobody to kill")) }
}

/// Shows its page until it is ended from outside.
#[e2e(role = "student")]
async fn stays(session: &Session) -> TestResult {
    is_signed_in(session).await?;
    let dir = std::env::var("CALLBOARD_TEST_DIR")?;
    std::fs::write(format!("{dir}/staying"), "here\n")?;
    std::future::pending().await
}

/// Fixtures whose session is the test's own, one of another role, and one of the slot's.
mod with_fixtures {
    use callboard::{Session, TestResult, e2e, fixture};

    /// On which page the session is that made it.
    struct Visit(String);

    #[fixture]
    async fn visit(session: &Session) -> TestResult<Visit> {
        super::is_signed_in(session).await?;
        Ok(Visit(session.current_url().await?.path().to_owned()))
    }

    /// Who the teacher is; the test itself need not be one.
    struct Teacher(String);

    #[fixture(role = "teacher")]
    async fn teacher(session: &Session) -> TestResult<Teacher> {
        super::is_signed_in(session).await?;
        Ok(Teacher(session.account().map(|account| account.username().to_owned()).unwrap_or_default()))
    }

    /// A window of the slot's own, which stays open.
    struct Board {
        session: Session,
        looked_at: u32,
    }

    #[fixture(scope = "slot", role = "teacher")]
    async fn board(session: &Session) -> TestResult<Board> {
        super::is_signed_in(session).await?;
        Ok(Board { session: session.clone(), looked_at: 0 })
    }

    #[e2e(role = "student")]
    async fn a_shares_its_session(session: &Session, visit: &Visit) -> TestResult {
        assert_eq!(visit.0, "/private");
        assert_eq!(session.current_url().await?.path(), "/private");
        assert_eq!(session.windows().await?.len(), 1, "there is one page only");
        Ok(())
    }

    #[e2e(role = "student")]
    async fn b_needs_a_teacher(session: &Session, teacher: &Teacher) -> TestResult {
        super::is_signed_in(session).await?;
        assert!(teacher.0.starts_with("teacher"), "{}", teacher.0);
        Ok(())
    }

    #[e2e(roles = ["student", "teacher"])]
    fn c_is_one_of_each(student: &Visit, teacher: &Visit) {
        assert_eq!(student.0, teacher.0);
    }

    #[e2e]
    async fn d_looks_at_the_board(board: &mut Board) -> TestResult {
        board.looked_at += 1;
        super::is_signed_in(&board.session).await
    }

    #[e2e]
    async fn e_looks_again_and_breaks_it(board: &mut Board, slot: &callboard::Slot) -> TestResult {
        assert_eq!(board.looked_at, 1);
        super::is_signed_in(&board.session).await?;
        super::kill_browser(slot)
    }

    #[e2e]
    async fn f_has_another(board: &mut Board) -> TestResult {
        assert_eq!(board.looked_at, 0);
        super::is_signed_in(&board.session).await
    }
}

/// In the order of names: what the first leaves in the browser of the slot is more than it may keep.
mod hoard {
    use callboard::{Session, TestResult, e2e, fixture};

    /// A page that lives as long as the slot.
    struct Hoard {
        session: Session,
        used: u32,
    }

    #[fixture(scope = "slot")]
    async fn hoard(session: &Session) -> TestResult<Hoard> {
        session.set_content("nothing").await?;
        Ok(Hoard { session: session.clone(), used: 0 })
    }

    #[e2e]
    async fn a_fills_it(hoard: &mut Hoard) -> TestResult {
        hoard.used += 1;
        let script = "<script>hoard = Array.from({ length: 80 }, () => new Uint8Array(1e7).fill(1))</script>";
        hoard.session.set_content(script).await?;
        Ok(())
    }

    #[e2e]
    async fn b_finds_an_empty_one(hoard: &mut Hoard) -> TestResult {
        assert_eq!(hoard.used, 0);
        hoard.used += 1;
        hoard.session.set_content("little").await?;
        Ok(())
    }

    #[e2e]
    async fn c_finds_the_same(hoard: &mut Hoard) -> TestResult {
        assert_eq!(hoard.used, 1);
        hoard.session.set_content("little").await?;
        Ok(())
    }
}

#[e2e(role = "student")]
async fn fails(session: &Session) -> TestResult {
    is_signed_in(session).await?;
    Err(TestError::new("for the sake of what is kept"))
}

#[e2e(role = "student")]
fn without_session(account: &Account) {
    assert!(!account.username().is_empty());
}

callboard::main!();
