//! A test finds what it names, wherever it stands and whatever it is called.
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![forbid(unsafe_code)]

use callboard::__private::{TestEntry, inventory};
use callboard::{App, e2e};

fn helper() -> u16 {
    1
}

fn context() -> u16 {
    2
}

mod support {
    pub(crate) fn helper() -> u16 {
        3
    }

    pub(crate) fn named_like_a_test() -> u16 {
        4
    }
}

#[e2e]
#[allow(unused_qualifications)]
fn calls_helpers() {
    let sum = helper() + context() + support::helper() + self::support::named_like_a_test();
    assert_eq!(sum + crate::helper(), 11);
}

#[e2e]
fn named_like_a_test(_context: &App, _argument_0: &App) {
    assert_eq!(support::named_like_a_test(), 4);
}

#[e2e]
pub fn public() {}

#[e2e]
pub(crate) async fn public_in_the_crate() {
    std::future::ready(()).await;
}

#[e2e]
fn r#type() {}

mod instructor {
    use super::helper;

    mod profile {
        use callboard::App;

        #[callboard::e2e]
        async fn nested(app: &App) {
            std::future::ready(app.base_url()).await;
            assert_eq!(super::helper() + super::super::helper(), 2);
        }
    }

    mod argument_0 {
        #[::callboard::e2e]
        fn named_like_what_is_generated() {}
    }

    /// The same name as in another module.
    #[callboard::e2e]
    fn r#type() {
        helper();
    }
}

mod shadows {
    #![allow(dead_code, non_camel_case_types)]

    struct Option;
    struct Box;
    struct Some;
    struct None;
    mod std {}
    mod core {}
    mod callboard {}

    #[::callboard::e2e(retries = 1, timeout = "1s")]
    fn in_a_module_that_shadows_the_prelude(_app: &::callboard::App) {}
}

macro_rules! tests {
    ($($name:ident)*) => {
        $(#[e2e] fn $name() { assert_eq!(stringify!($name).len(), 3); })*
    };
}

tests! { one two }

fn main() {
    let mut names: Vec<_> =
        inventory::iter::<TestEntry>().map(|entry| format!("{}::{}", entry.module, entry.name)).collect();
    names.sort();
    let names: Vec<_> = names.iter().map(|name| name.split_once("::").unwrap().1).collect();
    assert_eq!(
        names,
        [
            "calls_helpers",
            "instructor::argument_0::named_like_what_is_generated",
            "instructor::profile::nested",
            "instructor::r#type",
            "named_like_a_test",
            "one",
            "public",
            "public_in_the_crate",
            "r#type",
            "shadows::in_a_module_that_shadows_the_prelude",
            "two",
        ]
    );

    let public = inventory::iter::<TestEntry>().find(|entry| entry.name == "public").unwrap();
    assert_eq!(public.place.file, file!());
    let line = include_str!("surroundings.rs").lines().nth(public.place.line as usize - 1).unwrap();
    assert_eq!(line.find("public() {}"), Some(public.place.column as usize - 1));
}
