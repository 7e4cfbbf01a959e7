//! The attribute macros of callboard.

mod attributes;
mod duration;
mod errors;
mod expand;
mod function;
mod keys;
mod roles;
mod settings;
mod words;

use proc_macro::TokenStream;

/// Marks an end-to-end test.
#[proc_macro_attribute]
pub fn e2e(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::e2e(arguments.into(), item.into()).into()
}

/// Marks the function that signs an account in.
#[proc_macro_attribute]
pub fn sign_in(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::sign_in(arguments.into(), item.into()).into()
}
