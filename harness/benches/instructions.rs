//! One room's work, once, in a function of its own: what `cargo xtask bench instructions` counts under callgrind. Without a
//! name: the names of the rooms.

use std::hint::black_box;
use std::process::ExitCode;

use callboard::bench::ROOMS;

/// Counting begins and ends with it.
#[inline(never)]
fn counted(work: &mut dyn FnMut() -> usize) -> usize {
    black_box(work())
}

fn main() -> ExitCode {
    // `cargo bench` adds an argument of its own.
    let Some(asked) = std::env::args().skip(1).find(|argument| !argument.starts_with('-')) else {
        for room in &ROOMS {
            println!("{}", room.name);
        }
        return ExitCode::SUCCESS;
    };
    let Some(room) = ROOMS.iter().find(|room| room.name == asked) else {
        eprintln!("error: there is no room `{asked}`; without an argument this lists them");
        return ExitCode::from(2);
    };
    let mut work = (room.prepare)();
    let done = counted(&mut work);
    println!("{}: {done}", room.name);
    ExitCode::SUCCESS
}
