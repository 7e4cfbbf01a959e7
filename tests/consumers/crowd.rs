//! 4,096 tests that do nothing.

#[macro_use]
mod thousand;

mod first {
    thousand!();
}
mod second {
    thousand!();
}
mod third {
    thousand!();
}
mod fourth {
    thousand!();
}

macro_rules! sixteens {
    ($($module:ident)*) => {
        $(
            mod $module {
                tests!([] t0 t1 t2 t3 t4 t5 t6 t7 t8 t9 ta tb tc td te tf);
            }
        )*
    };
}

sixteens!(s0 s1 s2 s3 s4 s5);

callboard::main!();
