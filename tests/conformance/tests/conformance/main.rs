//! What Playwright documents of locators, actions and expectations, held against ours; each also in its failing form.

mod actions;
mod bad_input;
mod console;
mod dialogs;
mod emulation;
mod evaluations;
mod expectations;
mod frames;
mod going;
mod insecure;
mod locators;
mod mouse;
mod network;
mod pages;
mod roles;
mod routes;

/// For messages with words of the browser's own: Firefox has others.
fn in_its_words(assert: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    if conformance::in_firefox() {
        settings.set_snapshot_suffix("firefox");
    }
    settings.bind(assert);
}

callboard::main!();
