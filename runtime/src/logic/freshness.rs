//! When a token is renewed because of its lifetime.

use std::time::{Duration, SystemTime};

use crate::types::auth::Early;
use crate::types::tokens::Expiry;

/// The leeway if none was declared.
const DEFAULT_LEEWAY: Duration = Duration::from_secs(10);

/// A leeway is at most this fraction of a lifetime, so that even a short-lived token is used for a while.
const LARGEST_PART: u32 = 5;

/// In the background, no token is renewed sooner than this after it was issued, however short its lifetime.
pub(crate) const SHORTEST_USE: Duration = Duration::from_secs(1);

/// The state of a token according to the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Freshness {
    /// Valid, or of unknown expiry.
    Fresh,
    /// Still valid, but within the leeway: it is renewed before it is used.
    Due,
    /// Past its expiry.
    Expired,
}

/// When a token expires, and how long before its expiry it is renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// `None` if it is unknown.
    pub(crate) expires: Option<SystemTime>,
    /// When it began.
    from: SystemTime,
    /// The leeway, if the lifetime is long enough for it.
    wanted: Duration,
}

impl Lifetime {
    /// For a token that has just arrived. A relative lifetime counts from `requested`, the moment before the
    /// request was sent.
    ///
    /// A token that looks expired on arrival is used nevertheless: then the clock is wrong, and renewing by it
    /// would never end.
    pub(crate) fn of_new(
        expiry: Option<Expiry>,
        requested: SystemTime,
        now: SystemTime,
        early: Early,
    ) -> Self {
        let lifetime = Self::of(expiry, requested, early);
        let leeway = lifetime.leeway();
        Self { expires: lifetime.expires.filter(|end| after(now, leeway) < *end), ..lifetime }
    }

    /// Of a token whose expiry is believed.
    pub(crate) fn of(expiry: Option<Expiry>, from: SystemTime, early: Early) -> Self {
        let wanted = match early {
            Early::By(wanted) => wanted,
            Early::Default | Early::Off => DEFAULT_LEEWAY,
        };
        Self { expires: expires(expiry, from), from, wanted }
    }

    fn leeway(&self) -> Duration {
        let lifetime = self.expires.and_then(|end| end.duration_since(self.from).ok());
        self.wanted.min(lifetime.unwrap_or_default() / LARGEST_PART)
    }

    /// The state of the token at `now`. If a clock is set back, a fresh token stays fresh; when it really expires,
    /// the server says so.
    pub(crate) fn freshness(&self, now: SystemTime) -> Freshness {
        match self.expires {
            None => Freshness::Fresh,
            Some(expires) => match expires.duration_since(now) {
                Ok(left) if left.is_zero() => Freshness::Expired,
                // Most calls come long before, and need not know how long the lifetime was.
                Ok(left) if left <= self.wanted && left <= self.leeway() => Freshness::Due,
                Ok(_) => Freshness::Fresh,
                Err(_) => Freshness::Expired,
            },
        }
    }

    /// When the token is renewed in the background; `None` if its expiry is unknown. `jitter` in `0..=1` only moves
    /// it forward, by at most a fifth of the margin.
    pub(crate) fn renewal(&self, issued: SystemTime, jitter: f64) -> Option<SystemTime> {
        let expires = self.expires?;
        let lifetime = expires.duration_since(issued).ok()?;
        let margin = self.leeway().max(lifetime / 10);
        let spread = margin.mul_f64(jitter.clamp(0.0, 1.0) / 5.0);
        let due = expires.checked_sub(margin)?.checked_sub(spread)?;
        Some(due.max(after(issued, SHORTEST_USE)))
    }
}

fn expires(expiry: Option<Expiry>, requested: SystemTime) -> Option<SystemTime> {
    match expiry? {
        Expiry::In(lifetime) => requested.checked_add(lifetime),
        Expiry::At(end) => Some(end),
    }
}

/// `time` plus `span`; if the result cannot be represented, `time` itself.
fn after(time: SystemTime, span: Duration) -> SystemTime {
    time.checked_add(span).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn at(after_start: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + seconds(1_000_000 + after_start)
    }

    fn relative(lifetime: u64, early: Early) -> Lifetime {
        Lifetime::of_new(Some(Expiry::In(seconds(lifetime))), at(0), at(0), early)
    }

    #[test]
    fn a_token_is_due_within_the_leeway_and_then_expired() {
        let lifetime = relative(100, Early::Default);
        for (now, expected) in [
            (0, Freshness::Fresh),
            (89, Freshness::Fresh),
            (90, Freshness::Due),
            (99, Freshness::Due),
            (100, Freshness::Expired),
            (10_000, Freshness::Expired),
        ] {
            assert_eq!(lifetime.freshness(at(now)), expected, "{now}");
        }
    }

    #[test]
    fn a_lifetime_counts_from_the_moment_before_the_request() {
        let expiry = Some(Expiry::In(seconds(100)));
        let lifetime = Lifetime::of_new(expiry, at(0), at(7), Early::Default);
        assert_eq!(lifetime.expires, Some(at(100)));
    }

    #[test]
    fn a_leeway_takes_at_most_a_fifth_of_the_lifetime() {
        for (lifetime, early, leeway) in [
            (100, Early::Default, 10),
            (100, Early::By(seconds(15)), 15),
            (100, Early::By(seconds(3600)), 20),
            (10, Early::Default, 2),
            (10, Early::By(seconds(1)), 1),
        ] {
            let due = at(lifetime - leeway);
            let lifetime = relative(lifetime, early);
            assert_eq!(lifetime.freshness(due - seconds(1)), Freshness::Fresh, "{lifetime:?}");
            assert_eq!(lifetime.freshness(due), Freshness::Due, "{lifetime:?}");
        }
    }

    #[test]
    fn a_token_that_looks_expired_on_arrival_is_used() {
        for expiry in [Expiry::At(at(0)), Expiry::At(at(50)), Expiry::In(Duration::ZERO)] {
            let lifetime = Lifetime::of_new(Some(expiry), at(50), at(50), Early::Default);
            assert_eq!(lifetime.expires, None, "{expiry:?}");
            assert_eq!(lifetime.freshness(at(100)), Freshness::Fresh, "{expiry:?}");
        }
    }

    #[test]
    fn a_saved_token_may_have_expired() {
        let lifetime = Lifetime::of_new(Some(Expiry::At(at(50))), at(0), at(0), Early::Default);
        assert_eq!(lifetime.freshness(at(51)), Freshness::Expired);
        let lifetime = Lifetime::of_new(None, at(0), at(0), Early::Default);
        assert_eq!(lifetime.freshness(at(51)), Freshness::Fresh);
    }

    #[test]
    fn a_clock_that_was_set_back_renews_nothing() {
        let lifetime = relative(100, Early::Default);
        assert_eq!(lifetime.freshness(SystemTime::UNIX_EPOCH), Freshness::Fresh);
    }

    #[test]
    fn no_time_is_too_far_away() {
        let lifetime = relative(u64::MAX, Early::Default);
        assert_eq!(lifetime.freshness(at(1)), Freshness::Fresh);
        assert_eq!(lifetime.renewal(at(0), 1.0), None);
        let lifetime = relative(100, Early::By(Duration::MAX));
        assert_eq!(lifetime.freshness(at(80)), Freshness::Due);
    }

    #[test]
    fn jitter_makes_a_background_renewal_earlier_but_never_too_early() {
        let lifetime = relative(1000, Early::Default);
        assert_eq!(lifetime.renewal(at(0), 0.0), Some(at(900)));
        assert_eq!(lifetime.renewal(at(0), 1.0), Some(at(880)));
        // Even a short-lived token is used for a while.
        let short = relative(1, Early::Default);
        assert_eq!(short.renewal(at(0), 1.0), Some(at(0) + SHORTEST_USE));
        assert_eq!(Lifetime::of_new(None, at(0), at(0), Early::Default).renewal(at(0), 0.0), None);
    }
}
