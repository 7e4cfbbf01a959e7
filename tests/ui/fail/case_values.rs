use callboard::e2e;

#[e2e]
#[case("one")]
fn of_another_type(#[case] _one: u8) {}

#[e2e]
#[case(nowhere)]
fn not_found(#[case] _one: u8) {}

#[e2e]
#[case(1)]
fn same_as_a_module(#[case] _one: u8) {}

mod same_as_a_module {}

fn main() {}
