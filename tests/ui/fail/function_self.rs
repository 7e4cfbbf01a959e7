#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::e2e;

struct Suite;

impl Suite {
    #[e2e]
    async fn by_reference(&self) {}

    #[e2e]
    fn by_value(mut self) {}

    #[e2e]
    fn in_a_box(self: Box<Self>) {}
}

#[e2e]
unsafe extern "C" fn variadic(arguments: ...) {}

fn main() {}
