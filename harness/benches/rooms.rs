//! How long the pure rooms take: `cargo bench -p callboard --features bench --bench rooms`, and a name for one of them.

use callboard::bench::ROOMS;
use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for room in &ROOMS {
        let mut work = (room.prepare)();
        criterion.bench_function(room.name, |bencher| bencher.iter(&mut work));
    }
    criterion.final_summary();
}
