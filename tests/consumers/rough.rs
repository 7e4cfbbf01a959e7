//! Tests that hurt the process that they run in, and tests that would notice.
#![allow(unsafe_code, reason = "to hurt a process thoroughly takes some")]

use std::process::{Command, Stdio};
use std::time::Duration;

use callboard::{TestResult, e2e, fixture, step};

callboard::main!();

mod ends {
    use super::{TestResult, e2e, step};

    #[e2e]
    fn by_abort() {
        println!("last words");
        std::process::abort();
    }

    #[e2e]
    async fn by_exit_in_a_step() -> TestResult {
        step("says good bye", async { step("and goes", async { std::process::exit(0) }).await }).await
    }

    #[e2e]
    fn by_abort_with_a_child_that_holds_all_it_had() {
        // SAFETY: the child does nothing but wait.
        if unsafe { libc::fork() } == 0 {
            loop {
                // SAFETY: it takes nothing.
                unsafe { libc::pause() };
            }
        }
        std::process::abort();
    }

    #[e2e]
    fn by_status() {
        std::process::exit(7);
    }

    #[e2e]
    fn by_signal() {
        let own = rustix::process::getpid();
        rustix::process::kill_process(own, rustix::process::Signal::KILL).expect("a signal to oneself");
        std::thread::park();
    }

    #[e2e]
    fn by_stack_overflow() {
        fn deeper(depth: u64) -> u64 {
            if depth == u64::MAX { 0 } else { std::hint::black_box(deeper(depth + 1)) + 1 }
        }
        println!("{}", deeper(0));
    }

    #[e2e]
    fn by_segmentation_fault() {
        // SAFETY: none: the address is nobody's, so that the system ends the process. That is the test.
        unsafe { std::ptr::without_provenance_mut::<u8>(64).write_volatile(1) };
    }

    #[e2e]
    fn by_lack_of_memory() {
        let all = Vec::<u8>::with_capacity(isize::MAX as usize);
        std::hint::black_box(all);
    }
}

mod leaves {
    use super::{TestResult, e2e};

    /// These two run in the same slot, one after the other.
    #[e2e]
    fn a_other_folder_and_environment() -> TestResult {
        assert!(std::env::var_os("CALLBOARD_ROUGH").is_none());
        std::env::set_current_dir("/")?;
        // SAFETY: no other thread of this process reads the environment now.
        unsafe { std::env::set_var("CALLBOARD_ROUGH", "left") };
        Ok(())
    }

    #[e2e]
    fn b_would_notice_folder_and_environment() -> TestResult {
        assert!(std::env::var_os("CALLBOARD_ROUGH").is_none());
        assert_ne!(std::env::current_dir()?, std::path::Path::new("/"));
        Ok(())
    }

    #[e2e]
    fn c_closed_output() {
        // SAFETY: nobody owns these two as a value.
        unsafe {
            libc::close(1);
            libc::close(2);
        }
    }

    #[e2e]
    fn d_prints_all_the_same() {
        println!("heard");
        panic!("so that it is shown");
    }
}

/// A logger as programs have them: to the standard error.
struct ToStderr;

impl log::Log for ToStderr {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        eprintln!("{}: {}", record.level(), record.args());
    }

    fn flush(&self) {}
}

mod prints {
    use super::{Command, Duration, Stdio, TestResult, ToStderr, e2e};

    #[e2e]
    fn words_of_libraries() {
        let _ = tracing_subscriber::fmt().with_ansi(false).try_init();
        let _ = log::set_logger(&ToStderr);
        log::set_max_level(log::LevelFilter::Info);
        tracing::info!("said by tracing");
        log::warn!("said by log");
        panic!("so that it is shown");
    }

    #[e2e]
    fn a_thread_that_goes_on() {
        std::thread::spawn(|| {
            loop {
                println!("from the thread of a");
            }
        });
        println!("from a");
    }

    #[e2e]
    fn b_child_that_goes_on() -> TestResult {
        Command::new("sh")
            .args(["-c", "while echo from the child of b; do sleep 0.01; done"])
            .stdin(Stdio::null())
            .spawn()?;
        print!("from b, without an end of line");
        Ok(())
    }

    #[e2e]
    async fn c_itself() -> TestResult {
        println!("from c");
        eprintln!("from c, as an error");
        // SAFETY: a format without arguments.
        unsafe { libc::printf(c"from the C of c\n".as_ptr()) };
        let status = Command::new("echo").arg("from the child of c").status()?;
        assert!(status.success());
        std::thread::spawn(|| println!("from the thread of c")).join().expect("it prints");
        tokio::time::sleep(Duration::from_millis(50)).await;
        panic!("so that it is shown");
    }

    #[e2e]
    fn d_bytes() -> TestResult {
        use std::io::Write;
        std::io::stdout().write_all(b"from d: \xff\xfe\n")?;
        panic!("so that it is shown");
    }

    #[e2e]
    fn e_megabytes() {
        let line = "m".repeat(1023);
        for _ in 0..40 * 1024 {
            println!("{line}");
        }
        println!("the end of e");
        panic!("so that it is shown");
    }
}

mod hangs {
    use super::{Endless, Parked, TestResult, Witness, e2e, stage};

    #[e2e(timeout = "200ms")]
    fn in_a_loop() {
        let mut number = 1_u64;
        while number != 0 {
            number = std::hint::black_box(number | 1);
        }
    }

    #[e2e(timeout = "200ms")]
    fn in_the_kernel() -> TestResult {
        let (reading, _writing) = std::io::pipe()?;
        std::io::Read::read(&mut &reading, &mut [0])?;
        Ok(())
    }

    /// Ends in time, but for its tear-down.
    #[e2e(timeout = "200ms")]
    async fn in_its_own_tear_down(_endless: &Endless) {
        std::future::pending::<()>().await;
    }

    #[e2e]
    fn before_it_begins(_parked: &Parked) {}

    #[e2e(timeout = "60s")]
    async fn until_it_is_cancelled(witness: &Witness) -> TestResult {
        let _ = witness;
        std::fs::write(stage("waiting"), "yes\n")?;
        std::future::pending().await
    }

    #[e2e(timeout = "60s")]
    fn and_cannot_be_cancelled() -> TestResult {
        std::fs::write(stage("blocked"), "yes\n")?;
        loop {
            std::thread::park();
        }
    }
}

/// Its set-up blocks the thread.
struct Parked;

#[fixture]
fn parked() -> Parked {
    loop {
        std::thread::park();
    }
}

/// Its tear-down blocks the thread.
struct Endless;

#[fixture(tear_down = block)]
fn endless() -> Endless {
    Endless
}

#[expect(clippy::unused_async, reason = "a tear-down is one")]
async fn block(_endless: &mut Endless) {
    loop {
        std::thread::park();
    }
}

/// Its tear-down leaves a file.
struct Witness;

#[fixture(tear_down = testify)]
fn witness() -> Witness {
    Witness
}

#[expect(clippy::unused_async, reason = "a tear-down is one")]
async fn testify(_witness: &mut Witness) -> TestResult {
    Ok(std::fs::write(stage("torn-down"), "yes\n")?)
}

/// A file in the folder from which the run was started.
fn stage(name: &str) -> std::path::PathBuf {
    std::env::current_dir().unwrap_or_default().join(name)
}
