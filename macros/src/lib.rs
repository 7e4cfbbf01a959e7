//! The attribute macros of callboard.

use proc_macro::TokenStream;

/// Marks an end-to-end test.
#[proc_macro_attribute]
pub fn e2e(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Marks the function that signs an account in.
#[proc_macro_attribute]
pub fn sign_in(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    item
}
