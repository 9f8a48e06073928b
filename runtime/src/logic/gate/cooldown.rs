//! What is remembered of refreshes that did no good.

use std::collections::VecDeque;
use std::time::Duration;

use crate::logic::backoff::Backoff;

/// The cooldown after a failure that may pass.
const COOLDOWN: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// The longest that a server can ask for with `Retry-After`: a number with a typing error must not
/// put a client to sleep for a day.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How many refreshes may be futile in how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) refreshes: u32,
    pub(crate) within: Duration,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Failures<E> {
    pub(super) rest: Option<Cooldown<E>>,
    pub(super) futile: Futile,
    /// Failures in a row, which make the rest longer.
    failures: u32,
    /// Rejections in a row that the declaration does not name.
    rejections: u32,
}

/// The time after a failed refresh in which no other is tried.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Cooldown<E> {
    pub(super) error: E,
    pub(super) until: Duration,
}

impl<E> Default for Failures<E> {
    fn default() -> Self {
        Self { rest: None, futile: Futile::default(), failures: 0, rejections: 0 }
    }
}

impl<E> Failures<E> {
    pub(super) fn is_clear(&self) -> bool {
        self.rest.is_none() && self.futile.0.is_empty() && self.rejections == 0
    }

    pub(super) fn reject(&mut self) -> u32 {
        self.rejections += 1;
        self.rejections
    }

    pub(super) fn rest(
        &mut self,
        now: Duration,
        jitter: f64,
        retry_after: Option<Duration>,
        error: E,
    ) {
        let spread = COOLDOWN.pause(self.failures, jitter);
        self.failures = self.failures.saturating_add(1);
        let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        self.rest = Some(Cooldown { error, until: now + spread.max(asked) });
    }

    /// `generation` is the one that counts as futile until it is accepted.
    pub(super) fn renewed(&mut self, now: Duration, generation: Option<u64>) {
        self.rest = None;
        self.failures = 0;
        self.rejections = 0;
        self.futile.0.extend(generation.map(|generation| (now, generation)));
    }
}

/// When refreshes ended whose token no response has accepted yet, and which generation they brought.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Futile(VecDeque<(Duration, u64)>);

impl Futile {
    /// An accepted token speaks for its own refresh and for those before it.
    pub(super) fn accepted(&mut self, generation: u64) {
        while self.0.front().is_some_and(|(_, brought)| *brought <= generation) {
            self.0.pop_front();
        }
    }

    pub(super) fn exceeds(&mut self, now: Duration, window: &Window) -> bool {
        while self.0.front().is_some_and(|(then, _)| now.saturating_sub(*then) >= window.within) {
            self.0.pop_front();
        }
        self.0.len() >= window.refreshes as usize
    }
}
