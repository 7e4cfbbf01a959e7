#![allow(unused_variables, reason = "only the signatures are of interest")]

use callboard::{Session, e2e};

#[e2e]
fn of_a_type<T: Default>(_session: &Session) {
    T::default();
}

#[e2e]
async fn of_a_lifetime<'a>(_session: &'a Session) {}

#[e2e]
fn of_a_number<const N: usize>() {}

#[e2e]
fn where_something_holds()
where
    u8: Copy,
{
}

#[e2e]
const fn constant() {}

#[e2e]
async unsafe fn not_safe() {}

#[e2e]
extern "C" fn for_c() {}

fn main() {}
