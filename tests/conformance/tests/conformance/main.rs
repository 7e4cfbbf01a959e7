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
mod locators;
mod mouse;
mod network;
mod pages;
mod roles;
mod routes;

callboard::main!();
