//! A suite whose fixtures wait for each other.

use callboard::{e2e, fixture};

struct Hen;
struct Egg;
struct Farm;

#[fixture]
fn hen(_egg: &Egg) -> Hen {
    Hen
}

#[fixture]
fn egg(_hen: &Hen) -> Egg {
    Egg
}

#[fixture]
fn farm(_hen: &Hen) -> Farm {
    Farm
}

#[e2e]
fn needs_a_farm(_farm: &Farm) {}

#[e2e]
fn needs_nothing() {}

callboard::main!();
