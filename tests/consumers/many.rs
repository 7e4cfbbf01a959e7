//! A thousand tests that do nothing.

#[macro_use]
mod thousand;

thousand!();

callboard::main!();
