//! Counters of a session.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Session;

#[derive(Default)]
pub(super) struct Counts {
    pub(super) refreshes: AtomicU64,
    pub(super) queued: AtomicU64,
    pub(super) replays: AtomicU64,
}

/// Counters of a session since it was opened, and its present state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Refreshes that were sent, or made by the program's own code.
    pub refreshes: u64,
    /// Calls that have waited for a refresh or wait now, and refreshes that the program requested.
    pub queued: u64,
    /// Calls that were replayed because their token had expired. Retries do not count.
    pub replays: u64,
    /// How many of those in `queued` wait now.
    pub waiting: usize,
    /// Whether a refresh is in progress.
    pub refreshing: bool,
}

impl Session {
    /// Counters of this session since it was opened, and its present state.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counts = &self.inner.counts;
        let mut stats = Stats {
            refreshes: counts.refreshes.load(Ordering::Relaxed),
            queued: counts.queued.load(Ordering::Relaxed),
            replays: counts.replays.load(Ordering::Relaxed),
            waiting: 0,
            refreshing: false,
        };
        for index in 0..self.slots() {
            self.slot(index).with(|state| {
                stats.waiting += state.gate.waiting();
                stats.refreshing |= state.gate.flight().is_some();
            });
        }
        stats
    }
}
