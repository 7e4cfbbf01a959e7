//! Tests that leave something behind, and tests that look for it. In the order of names where one slot runs them.

#![expect(clippy::unused_async, reason = "tear-downs are async, whatever they wait for")]

mod http;

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use callboard::{App, Slot, TestError, TestResult, e2e, fixture};
use http::get;

fn stage() -> PathBuf {
    std::env::var_os("CALLBOARD_TEST_DIR").expect("CALLBOARD_TEST_DIR").into()
}

/// Adds a line to the stage's `seen`, in one piece.
fn saw(line: &str) -> TestResult {
    let mut seen = OpenOptions::new().append(true).create(true).open(stage().join("seen"))?;
    Ok(seen.write_all(format!("{line}\n").as_bytes())?)
}

/// What a test finds: what the application has, and whether another test left a file.
fn look(test: &str, app: &App, slot: &Slot) -> TestResult {
    let left = if slot.dir().join("left").exists() { ", a file left" } else { "" };
    saw(&format!("{test}: {}{left}", get(app, "/notes")?))
}

fn leave(app: &App, slot: &Slot) -> TestResult {
    get(app, "/note")?;
    Ok(std::fs::write(slot.dir().join("left"), "")?)
}

mod notes {
    use super::{App, Slot, TestError, TestResult, e2e, leave, look};

    #[e2e]
    fn a_fails(app: &App, slot: &Slot) -> TestResult {
        look("a", app, slot)?;
        leave(app, slot)?;
        Err(TestError::new("for the sake of the reset"))
    }

    #[e2e]
    fn b_passes(app: &App, slot: &Slot) -> TestResult {
        look("b", app, slot)?;
        leave(app, slot)
    }

    #[e2e]
    fn c_looks(app: &App, slot: &Slot) -> TestResult {
        look("c", app, slot)
    }
}

/// Of the slot: made on what the application has then.
struct Index;

#[fixture(scope = "slot", tear_down = end)]
fn index(app: &App) -> TestResult<Index> {
    saw(&format!("index of: {}", get(app, "/notes")?))?;
    Ok(Index)
}

struct Shelf(App);

#[fixture(scope = "slot", tear_down = clear)]
fn shelf(_index: &Index, app: &App) -> Shelf {
    Shelf(app.clone())
}

async fn end(_index: &Index) -> TestResult {
    saw("end of the index")
}

async fn clear(shelf: &Shelf) -> TestResult {
    saw(&format!("clearing: {}", get(&shelf.0, "/notes")?))
}

mod shelves {
    use super::{App, Shelf, Slot, TestError, TestResult, e2e, leave, look};

    #[e2e]
    fn a_fails(_shelf: &Shelf, app: &App, slot: &Slot) -> TestResult {
        leave(app, slot)?;
        Err(TestError::new("for the sake of the reset"))
    }

    #[e2e]
    fn b_asks_for_nothing(app: &App, slot: &Slot) -> TestResult {
        look("b", app, slot)
    }

    #[e2e]
    fn c_has_another(_shelf: &Shelf) {}
}

/// Ends an application, and waits until its starter knows.
fn kill(app: &App) -> TestResult {
    kill_at(http::address(app))
}

fn kill_at(address: &str) -> TestResult {
    let process = Path::new("/proc").join(http::get_from(address, "/pid")?);
    let answer = http::get_from(address, "/die");
    assert!(answer.is_err(), "{answer:?}");
    while process.exists() {
        std::thread::yield_now();
    }
    Ok(())
}

mod deaths {
    use super::{App, TestError, TestResult, e2e, get, kill};

    #[e2e]
    fn a_kills_it(app: &App) -> TestResult {
        kill(app)
    }

    #[e2e]
    fn b_kills_it_and_fails(app: &App) -> TestResult {
        kill(app)?;
        Err(TestError::new("it hung up"))
    }

    #[e2e]
    fn c_finds_it_well(app: &App) -> TestResult {
        get(app, "/health").map(drop)
    }

    #[e2e]
    fn d_kills_it(app: &App) -> TestResult {
        kill(app)
    }

    #[e2e]
    fn e_kills_it(app: &App) -> TestResult {
        kill(app)
    }

    #[e2e]
    fn f_finds_it_well(app: &App) -> TestResult {
        get(app, "/health").map(drop)
    }
}

/// What all slots share, at the address that the stage has in a file.
mod shared {
    use super::{TestResult, e2e, http, kill_at, stage};

    #[e2e]
    fn a_kills_it() -> TestResult {
        kill_at(&std::fs::read_to_string(stage().join("back"))?)
    }

    #[e2e]
    fn b_finds_it_well() -> TestResult {
        http::get_from(&std::fs::read_to_string(stage().join("back"))?, "/health").map(drop)
    }
}

/// One at a time, also in two runs.
mod turns {
    use super::{App, Slot, TestResult, e2e, look, saw, stage};

    #[e2e(group = "gate")]
    fn is_held() -> TestResult {
        saw("held")?;
        while !stage().join("go").exists() {
            std::thread::yield_now();
        }
        Ok(())
    }

    #[e2e(group = "gate")]
    fn is_passed(app: &App, slot: &Slot) -> TestResult {
        look("passed", app, slot)
    }
}

callboard::main!();
