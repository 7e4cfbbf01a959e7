//! What the server hands over: an envelope, the bytes, and when they came.

use std::time::SystemTime;

/// Who a message is from and to, as the client told the server; its headers may say something else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Envelope {
    /// Empty for a message that nobody wants an answer to.
    pub(super) from: String,
    pub(super) to: Vec<String>,
}

/// A message as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) envelope: Envelope,
    pub(super) raw: Box<[u8]>,
    pub(super) arrived: SystemTime,
}

impl Letter {
    /// What it counts for where memory is limited, in bytes.
    pub(super) fn weight(&self) -> usize {
        // The structures around the text and their share of the allocator.
        const AROUND: usize = 512;
        let to: usize = self.envelope.to.iter().map(|to| to.len() + 32).sum();
        self.raw.len() + self.envelope.from.len() + to + AROUND
    }
}
