//! A thousand tests that do nothing with a chain of three fixtures.

#[macro_use]
mod thousand;

use callboard::fixture;

struct First;
struct Second;
struct Third;

#[fixture]
fn first() -> First {
    First
}

#[fixture]
fn second(_first: &First) -> Second {
    Second
}

#[fixture]
fn third(_second: &Second) -> Third {
    Third
}

thousand!(_third: &crate::Third);

callboard::main!();
