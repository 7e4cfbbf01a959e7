//! What Playwright documents of locators, actions and expectations, held against ours; each also in its failing form.

mod actions;
mod bad_input;
mod evaluations;
mod expectations;
mod frames;
mod locators;
mod mouse;
mod roles;

callboard::main!();
