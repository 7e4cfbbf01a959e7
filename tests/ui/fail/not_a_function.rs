#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{e2e, sign_in};

#[e2e]
struct Suite;

#[e2e(role = "instructor")]
mod tests {
    #[allow(dead_code)]
    fn test() {}
}

#[e2e]
const FUNCTION: fn() = || {};

#[sign_in]
impl Suite {}

#[e2e]
trait Named {
    #[e2e]
    fn name();
}

fn main() {}
