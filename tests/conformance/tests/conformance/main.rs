//! What Playwright documents of locators, actions and expectations, held against ours; each also in its failing form.

mod actions;
mod console;
mod expectations;
mod locators;

callboard::main!();
