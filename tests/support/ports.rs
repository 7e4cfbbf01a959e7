//! Ports for one test: no other test of this machine has them at the same time.

use std::fs::{File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};

/// How many ports a test gets.
const BLOCK: u16 = 32;
/// Below the ports that systems give to outgoing connections.
const FIRST: u16 = 20_000;
const BLOCKS: u16 = 380;

/// A block of ports. A locked file stands for it, so that other processes and checkouts see it too.
#[derive(Debug)]
pub struct Ports {
    base: u16,
    _lock: File,
}

impl Ports {
    /// A block that nobody has, all of whose ports are free.
    pub fn lease() -> Self {
        let dir = std::env::temp_dir().join("callboard-test-ports");
        std::fs::create_dir_all(&dir).expect("the folder of port blocks");
        let start = u16::try_from(RandomState::new().hash_one(0) % u64::from(BLOCKS)).unwrap_or(0);
        for step in 0..BLOCKS {
            let base = FIRST + (start + step) % BLOCKS * BLOCK;
            let file = dir.join(base.to_string());
            let lock = OpenOptions::new().create(true).truncate(false).write(true).open(file);
            let lock = lock.expect("the file of a port block");
            if lock.try_lock().is_ok() && (base..base + BLOCK).all(is_free) {
                return Self { base, _lock: lock };
            }
        }
        panic!("no {BLOCK} free ports in a row");
    }

    /// A port of the block, counted from 0.
    pub fn get(&self, index: u16) -> u16 {
        assert!(index < BLOCK, "a test has {BLOCK} ports");
        self.base + index
    }

    /// Those that somebody listens on.
    pub fn taken(&self) -> Vec<u16> {
        (self.base..self.base + BLOCK).filter(|&port| !is_free(port)).collect()
    }
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).is_ok()
}
