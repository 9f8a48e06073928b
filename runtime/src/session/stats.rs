//! Counters of a session.

use super::Session;

/// The counters of one credential.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) refreshes: u64,
    pub(super) queued: u64,
    pub(super) replays: u64,
}

/// Counters of a session since it was opened, and its current state.
///
/// ```
/// use perennial::Stats;
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # fn main() -> Result<()> {
/// let shop = ShopClient::builder("https://shop.example").build()?;
/// let Stats { refreshes, waiting, .. } = shop.session().stats();
/// assert_eq!((refreshes, waiting), (0, 0));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Refreshes that were sent, or run by the program's own code.
    pub refreshes: u64,
    /// Calls that have waited for a refresh or wait now, and refreshes that the program requested.
    pub queued: u64,
    /// Calls that were replayed because their token had expired. Retries do not count.
    pub replays: u64,
    /// How many of the calls in `queued` are waiting now.
    pub waiting: usize,
    /// Whether a refresh is in progress.
    pub refreshing: bool,
}

impl Session {
    /// Counters of this session since it was opened, and its current state.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let mut stats = Stats::default();
        for index in 0..self.slots() {
            let keyed = self.of_all_keys(index);
            for session in std::iter::once(self).chain(&keyed) {
                session.slot(index).with(|state| {
                    if let Some(counts) = state.counts() {
                        stats.refreshes += counts.refreshes;
                        stats.queued += counts.queued;
                        stats.replays += counts.replays;
                    }
                    stats.waiting += state.gate.waiting();
                    stats.refreshing |= state.gate.flight().is_some();
                });
            }
        }
        stats
    }
}
