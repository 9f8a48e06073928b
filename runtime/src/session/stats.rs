//! What a session counts.

use std::sync::atomic::{AtomicU64, Ordering};

use super::Session;

#[derive(Default)]
pub(super) struct Counts {
    pub(super) refreshes: AtomicU64,
    pub(super) held: AtomicU64,
    pub(super) replays: AtomicU64,
}

/// What a session has done so far, and what it is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Refreshes that were sent, or made by the code of the user.
    pub refreshes: u64,
    /// Calls that have waited for a refresh, or wait now, and those who asked for a refresh by hand.
    pub held: u64,
    /// Calls that were sent again since their token was called over. Retries are not among them.
    pub replays: u64,
    /// How many of those in `held` wait now.
    pub waiting: usize,
    /// Whether a refresh is under way.
    pub refreshing: bool,
}

impl Session {
    /// What the session has done so far, and what it is doing.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counts = &self.inner.counts;
        let mut stats = Stats {
            refreshes: counts.refreshes.load(Ordering::Relaxed),
            held: counts.held.load(Ordering::Relaxed),
            replays: counts.replays.load(Ordering::Relaxed),
            waiting: 0,
            refreshing: false,
        };
        for index in 0..self.slots() {
            self.slot(index).with(|state| {
                stats.waiting += state.gate.held();
                stats.refreshing |= state.gate.flight().is_some();
            });
        }
        stats
    }
}
