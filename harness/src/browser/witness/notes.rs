//! What is kept of what happened: in order, and never more than a bound.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use super::entry::{Entry, Exchange, Kind};

/// So many entries, and so many bytes of text in them.
const MOST: usize = 5_000;
const MOST_BYTES: usize = 8 << 20;

/// See the module.
#[derive(Default)]
pub(super) struct Notes {
    entries: VecDeque<Noted>,
    last: u64,
    bytes: usize,
    dropped: u64,
    /// The entries of exchanges by the browser's id, those of exceptions by session and id.
    exchanges: HashMap<String, u64>,
    exceptions: HashMap<(String, u64), u64>,
}

struct Noted {
    number: u64,
    bytes: usize,
    entry: Entry,
}

impl Notes {
    pub(super) fn add(&mut self, entry: Entry) {
        self.last += 1;
        let bytes = entry.kind.bytes() + entry.url.len();
        self.bytes += bytes;
        self.entries.push_back(Noted { number: self.last, bytes, entry });
        if self.entries.len() > MOST || self.bytes > MOST_BYTES {
            self.shrink();
        }
    }

    pub(super) fn add_exception(&mut self, session: &str, id: u64, entry: Entry) {
        self.exceptions.insert((session.to_owned(), id), self.last + 1);
        self.add(entry);
    }

    /// Somebody took care of a rejection after all.
    pub(super) fn revoke(&mut self, session: &str, id: u64) {
        let Some(number) = self.exceptions.remove(&(session.to_owned(), id)) else { return };
        if let Ok(index) = self.index(number)
            && let Some(noted) = self.entries.remove(index)
        {
            self.bytes -= noted.bytes;
        }
    }

    pub(super) fn add_exchange(&mut self, at: Instant, url: String, exchange: Arc<Exchange>) {
        self.exchanges.insert(exchange.id.clone(), self.last + 1);
        self.add(Entry { at, url, kind: Kind::Exchange(exchange) });
    }

    pub(super) fn knows_exchange(&self, id: &str) -> bool {
        self.exchanges.contains_key(id)
    }

    /// The exchange goes on. Nothing, if it is not known (any more).
    pub(super) fn update(&mut self, id: &str, change: impl FnOnce(&mut Exchange)) -> Option<Arc<Exchange>> {
        let index = self.index(*self.exchanges.get(id)?).ok()?;
        let Noted { bytes, entry, .. } = self.entries.get_mut(index)?;
        let Kind::Exchange(exchange) = &mut entry.kind else { return None };
        change(Arc::make_mut(exchange));
        let exchange = exchange.clone();
        let now = entry.kind.bytes() + entry.url.len();
        self.bytes = self.bytes - *bytes + now;
        *bytes = now;
        Some(exchange)
    }

    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<_> = self.entries.iter().map(|noted| noted.entry.clone()).collect();
        if self.dropped > 0 {
            let (at, url) =
                entries.last().map_or((Instant::now(), String::new()), |last| (last.at, last.url.clone()));
            entries.push(Entry { at, url, kind: Kind::Dropped { entries: self.dropped } });
        }
        entries
    }

    fn index(&self, number: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&number, |noted| noted.number)
    }

    /// Drops the oldest: what is no trouble first, and so much at once that it is seldom to be done.
    fn shrink(&mut self) {
        for spares_trouble in [true, false] {
            let before = self.entries.len();
            let (mut left, mut bytes) = (before, self.bytes);
            self.entries.retain(|noted| {
                let is_enough = left <= MOST / 4 * 3 && bytes <= MOST_BYTES / 4 * 3;
                if is_enough || (spares_trouble && noted.entry.kind.is_trouble()) {
                    return true;
                }
                left -= 1;
                bytes -= noted.bytes;
                false
            });
            self.dropped += (before - left) as u64;
            self.bytes = bytes;
        }
        let first = self.entries.front().map_or(self.last, |noted| noted.number);
        self.exchanges.retain(|_, number| *number >= first);
        self.exceptions.retain(|_, number| *number >= first);
    }
}
