//! When a call is retried.

use std::time::Duration;

use crate::types::JsonPath;
use crate::types::auth::Rule;

/// Retries after a transport failure, or after a response that asks for a retry.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Retry {
    /// The maximum number of retries.
    pub limit: u32,
    /// The statuses that are retried.
    pub statuses: &'static [u16],
    /// Whether a failed connection is retried: one that could not be established, or that broke.
    pub connect: bool,
    /// Whether an attempt that timed out is retried.
    pub timeout: bool,
    /// Responses that are retried, even with a success status.
    pub rules: &'static [Rule],
    /// Where a response states how long to wait, in addition to `Retry-After`.
    pub after: Option<RetryAfter>,
    /// The shortest delay, which doubles with each retry.
    pub shortest: Duration,
    /// The longest delay.
    pub longest: Duration,
}

impl Retry {
    /// Retries after a failed connection and after 502, 503 and 504, with delays of 100 ms to 5 s.
    #[doc(hidden)]
    pub const fn new(limit: u32) -> Self {
        Self {
            limit,
            statuses: &[502, 503, 504],
            connect: true,
            timeout: false,
            rules: &[],
            after: None,
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(5),
        }
    }

    #[doc(hidden)]
    pub const fn on(mut self, statuses: &'static [u16], connect: bool, timeout: bool) -> Self {
        self.statuses = statuses;
        self.connect = connect;
        self.timeout = timeout;
        self
    }

    #[doc(hidden)]
    pub const fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest;
        self
    }
}

setters!(Retry {
    rules: &'static [Rule],
    after: RetryAfter as Some,
});

/// Where a response states how long to wait before the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryAfter {
    /// Where the wait is stated.
    pub place: WaitPlace,
    /// How it is written.
    pub unit: WaitUnit,
}

impl RetryAfter {
    #[doc(hidden)]
    pub const fn new(place: WaitPlace, unit: WaitUnit) -> Self {
        Self { place, unit }
    }
}

/// The place of a wait in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitPlace {
    /// A header, by its name in lower case.
    Header(&'static str),
    /// A number, or a string that contains one, in the JSON body.
    Body(JsonPath),
}

/// The unit of a wait. Each may have a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitUnit {
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Millis,
    /// The point in time, in seconds or milliseconds since 1970.
    Epoch,
}
