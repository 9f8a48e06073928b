//! The current tokens of a credential.

use std::time::{Duration, SystemTime};

use crate::logic::freshness::Lifetime;
use crate::types::auth::Early;
use crate::types::tokens::Tokens;

/// The current tokens, and when they were requested and issued. Very many idle sessions keep it.
#[derive(Clone)]
pub(crate) struct InstalledTokens {
    pub(crate) tokens: Tokens,
    /// When they were requested, marked if their expiry is not known, or not believed: it had passed when they came.
    requested: Marked,
    /// When they were issued, marked if they were loaded from a store: no response has shown yet whether the
    /// server accepts them.
    issued: Marked,
}

impl InstalledTokens {
    /// `requested` is the moment before the request was sent: a relative lifetime counts from there.
    pub(crate) fn new(
        tokens: Tokens,
        requested: SystemTime,
        now: SystemTime,
        early: Early,
    ) -> Self {
        let lifetime = Lifetime::of_new(tokens.expiry(), requested, now, early);
        let requested = Marked::new(requested, lifetime.expires.is_none());
        Self { tokens, requested, issued: Marked::new(now, false) }
    }

    /// Tokens from a store, which may well have expired since they were issued.
    pub(crate) fn restored(tokens: Tokens, issued: SystemTime, early: Early) -> Self {
        let lifetime = Lifetime::of_new(tokens.expiry(), issued, issued, early);
        let requested = Marked::new(issued, lifetime.expires.is_none());
        Self { tokens, requested, issued: Marked::new(issued, true) }
    }

    /// Whether an expiry is known and believed. It is marked, since every call asks for it.
    pub(super) const fn may_expire(&self) -> bool {
        !self.requested.is_marked()
    }

    pub(crate) fn lifetime(&self, early: Early) -> Lifetime {
        let expiry = if self.may_expire() { self.tokens.expiry() } else { None };
        Lifetime::of(expiry, self.requested.time(), early)
    }

    /// When they expire, if that is known and believed.
    pub(super) fn expires(&self) -> Option<SystemTime> {
        // No leeway changes it.
        self.lifetime(Early::Off).expires
    }

    pub(crate) fn issued(&self) -> SystemTime {
        self.issued.time()
    }

    pub(super) const fn is_restored(&self) -> bool {
        self.issued.is_marked()
    }
}

/// A time and a mark in eight bytes. The time is between 1970 and 2262, to the nanosecond; of a clock that shows another
/// one, the nearest is kept.
#[derive(Clone, Copy)]
struct Marked(u64);

impl Marked {
    fn new(time: SystemTime, mark: bool) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let nanos = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX >> 1);
        Self(nanos << 1 | u64::from(mark))
    }

    const fn is_marked(self) -> bool {
        self.0 & 1 == 1
    }

    fn time(self) -> SystemTime {
        let since = Duration::from_nanos(self.0 >> 1);
        SystemTime::UNIX_EPOCH.checked_add(since).unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logic::freshness::Freshness;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(1_700_000_000 + seconds, 123_456_789)
    }

    #[test]
    fn a_time_and_its_mark_come_out_as_they_were_put_in() {
        for mark in [false, true] {
            let marked = Marked::new(at(7), mark);
            assert_eq!((marked.time(), marked.is_marked()), (at(7), mark));
        }
    }

    #[test]
    fn a_time_that_is_too_early_or_too_late_becomes_the_nearest() {
        let epoch = SystemTime::UNIX_EPOCH;
        assert_eq!(Marked::new(epoch - SECOND, true).time(), epoch);
        let late = Marked::new(epoch + SECOND * u32::MAX * 3, false);
        assert_eq!(late.time(), epoch + Duration::from_nanos(u64::MAX >> 1));
        assert!(!late.is_marked());
    }

    #[test]
    fn a_lifetime_counts_from_the_request_and_is_not_believed_if_it_had_passed_on_arrival() {
        let tokens = Tokens::new("a").expires_in(SECOND * 100);
        let installed = InstalledTokens::new(tokens.clone(), at(0), at(7), Early::Default);
        let lifetime = installed.lifetime(Early::Default);
        assert_eq!(lifetime.expires, Some(at(100)));
        assert_eq!(lifetime.freshness(at(90)), Freshness::Due);
        assert_eq!((installed.issued(), installed.is_restored()), (at(7), false));
        let late = InstalledTokens::new(tokens, at(0), at(100), Early::Default);
        assert_eq!(late.lifetime(Early::Default).expires, None);
        assert_eq!(late.tokens.expiry(), installed.tokens.expiry());
    }

    #[test]
    fn restored_tokens_may_have_expired_unless_they_had_by_the_clock_that_received_them() {
        let freshness = |end| {
            let tokens = Tokens::new("a").expires_at(at(end));
            let installed = InstalledTokens::restored(tokens, at(40), Early::Default);
            assert!(installed.is_restored());
            installed.lifetime(Early::Default).freshness(at(51))
        };
        assert_eq!([50, 60].map(freshness), [Freshness::Expired, Freshness::Fresh]);
        assert_eq!([0, 40].map(freshness), [Freshness::Fresh; 2], "the clock is ahead");
    }

    #[test]
    fn they_take_no_more_room_than_they_need() {
        assert_eq!(size_of::<Option<InstalledTokens>>(), size_of::<Tokens>() + 16);
    }
}
