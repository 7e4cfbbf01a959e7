//! What Playwright documents of locators, actions and expectations, held against ours; each also in its failing form.

mod actions;
mod console;
mod dialogs;
mod emulation;
mod expectations;
mod going;
mod locators;
mod network;
mod pages;

callboard::main!();
