//! The command line of the browser: what makes it quiet, steady, and able to run where it runs.

use std::ffi::OsString;
use std::path::Path;

/// What holds everywhere.
const ALWAYS: &[&str] = &[
    "--remote-debugging-port=0",
    // Nothing that a test did not ask for: no first-run page, no updates, no calls home.
    "--no-first-run",
    "--no-default-browser-check",
    "--no-service-autorun",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider,\
     InterestFeedContentSuggestions,CertificateTransparencyComponentUpdater,AutofillServerCommunication,\
     HttpsUpgrades,DestroyProfileOnBrowserClose",
    "--disable-infobars",
    "--disable-popup-blocking",
    "--disable-prompt-on-repost",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    // Every page counts as the one being looked at, also the second and third of a test.
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-ipc-flooding-protection",
    "--disable-renderer-backgrounding",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
];

/// What a browser needs of `/dev/shm`: a container's default of 64 MB crashes pages.
#[cfg(target_os = "linux")]
const ENOUGH_SHARED_MEMORY: u64 = 512 << 20;

/// All arguments of the browser.
pub(super) fn arguments(browser: &Path, profile: &Path, headless: bool, further: &[String]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = ALWAYS.iter().map(OsString::from).collect();
    let mut profile_dir = OsString::from("--user-data-dir=");
    profile_dir.push(profile);
    arguments.push(profile_dir);
    let (width, height) = super::VIEWPORT;
    arguments.push(format!("--window-size={width},{height}").into());
    if headless && !is_headless_shell(browser) {
        arguments.push("--headless=new".into());
    }
    if !sandbox_works(browser) {
        arguments.push("--no-sandbox".into());
    }
    if shared_memory_is_small() {
        arguments.push("--disable-dev-shm-usage".into());
    }
    arguments.extend(further.iter().map(OsString::from));
    if !is_headless_shell(browser) {
        // It opens a window anyway, with whatever page it likes best, and ends with its last window. The shell
        // needs none, and the driver would attach to it with every session.
        arguments.push("about:blank".into());
    }
    arguments
}

/// What a browser is told that somebody else starts.
pub(super) fn remote_arguments(headless: bool, is_here: bool, further: &[String]) -> Vec<String> {
    let (width, height) = super::VIEWPORT;
    let own = ALWAYS.iter().filter(|argument| !argument.starts_with("--remote-debugging-port"));
    let mut arguments: Vec<String> = own.map(|argument| (*argument).to_owned()).collect();
    arguments.push(format!("--window-size={width},{height}"));
    if headless {
        arguments.push("--headless=new".to_owned());
    }
    // How it is elsewhere nobody knows here.
    if is_here && !sandbox_works(Path::new("chrome")) {
        arguments.push("--no-sandbox".to_owned());
    }
    if is_here && shared_memory_is_small() {
        arguments.push("--disable-dev-shm-usage".to_owned());
    }
    arguments.extend(further.iter().cloned());
    arguments
}

/// Whether this browser is the one that never has a window.
pub(super) fn is_headless_shell(browser: &Path) -> bool {
    browser.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.contains("headless-shell"))
}

/// Whether the browser's sandbox can be had here. On Linux it refuses to start without one, unless told to; elsewhere it has
/// one that needs nobody's leave.
///
/// Without it, a page that breaks out of its renderer has this user's rights. What it shows is the
/// application under test, on this machine, so that beats not testing, but only where there is no
/// choice: as root the browser never sandboxes, in containers and under Ubuntu's restriction the
/// kernel grants no user namespace.
#[cfg(target_os = "linux")]
fn sandbox_works(browser: &Path) -> bool {
    if rustix::process::geteuid().is_root() || in_container() {
        return false;
    }
    let setuid_helper = browser.with_file_name("chrome-sandbox");
    setuid_helper.exists() || user_namespaces_allowed()
}

#[cfg(not(target_os = "linux"))]
fn sandbox_works(_browser: &Path) -> bool {
    true
}

#[cfg(target_os = "linux")]
fn in_container() -> bool {
    Path::new("/.dockerenv").exists()
        || Path::new("/run/.containerenv").exists()
        || std::env::var_os("container").is_some()
}

#[cfg(target_os = "linux")]
fn user_namespaces_allowed() -> bool {
    let is = |file: &str, value: &str| std::fs::read_to_string(file).is_ok_and(|text| text.trim() == value);
    !(is("/proc/sys/kernel/unprivileged_userns_clone", "0")
        || is("/proc/sys/user/max_user_namespaces", "0")
        || is("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1"))
}

#[cfg(target_os = "linux")]
fn shared_memory_is_small() -> bool {
    rustix::fs::statvfs("/dev/shm")
        .is_ok_and(|shm| shm.f_bavail.saturating_mul(shm.f_frsize) < ENOUGH_SHARED_MEMORY)
}

/// It is nowhere else of a size of its own.
#[cfg(not(target_os = "linux"))]
fn shared_memory_is_small() -> bool {
    false
}
