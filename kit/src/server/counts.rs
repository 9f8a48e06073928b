//! Counts of what arrived.

use super::Server;
use crate::Route;
use crate::issuer::Tally;
use crate::record::{Part, Recorded};

impl Server {
    /// Requests of all kinds.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.journal.count(|_| true)
    }

    /// Ordinary calls: all requests but logins, refreshes and logouts.
    #[must_use]
    pub fn sends(&self) -> usize {
        self.shared.journal.count(|one| one.part == Part::Call)
    }

    /// Requests of a route.
    #[must_use]
    pub fn count(&self, route: impl Into<Route>) -> usize {
        let route = route.into();
        self.shared.journal.count(|one| route.matches(&one.method, &one.path))
    }

    /// Requests that carried this access token.
    #[must_use]
    pub fn carrying(&self, token: &str) -> usize {
        self.shared.journal.count(|one| one.token.as_deref() == Some(token))
    }

    /// Refreshes that arrived, of all credentials, whether they succeeded or not.
    #[must_use]
    pub fn refreshes(&self) -> usize {
        self.shared.journal.count(|one| one.part == Part::Refresh)
    }

    /// Refreshes that returned new tokens, of all credentials.
    #[must_use]
    pub fn rotations(&self) -> usize {
        self.sum(|tally| tally.rotations)
    }

    /// Logins that returned tokens, of all credentials.
    #[must_use]
    pub fn logins(&self) -> usize {
        self.sum(|tally| tally.logins)
    }

    /// Logouts, of all credentials.
    #[must_use]
    pub fn logouts(&self) -> usize {
        self.sum(|tally| tally.logouts)
    }

    /// Calls with an expired token, of all credentials.
    #[must_use]
    pub fn expiries(&self) -> usize {
        self.sum(|tally| tally.expiries)
    }

    /// Calls with an expired token that had already been replaced, of all credentials.
    #[must_use]
    pub fn late(&self) -> usize {
        self.sum(|tally| tally.late)
    }

    /// Refresh tokens that were reused after they had been used, of all credentials.
    #[must_use]
    pub fn reuses(&self) -> usize {
        self.sum(|tally| tally.reuses)
    }

    /// Everything that arrived, in order.
    #[must_use]
    pub fn recorded(&self) -> Vec<Recorded> {
        self.shared.journal.pick(|_| true)
    }

    /// The requests that arrived at a route, in order.
    #[must_use]
    pub fn recorded_on(&self, route: impl Into<Route>) -> Vec<Recorded> {
        let route = route.into();
        self.shared.journal.pick(|one| route.matches(&one.method, &one.path))
    }

    /// The token set that each request of a route carried, in order; `None` if no token was checked.
    #[must_use]
    pub fn generations(&self, route: impl Into<Route>) -> Vec<Option<u64>> {
        self.recorded_on(route).iter().map(Recorded::generation).collect()
    }

    /// Waits until this many requests have arrived at a route, counted from the start.
    pub async fn arrived(&self, route: impl Into<Route>, wanted: usize) {
        self.shared.journal.until(&route.into(), wanted).await;
    }

    fn sum(&self, of: impl Fn(Tally) -> usize) -> usize {
        self.shared.issuers.iter().map(|issuer| of(issuer.tally())).sum()
    }
}
