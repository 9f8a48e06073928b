//! Tracks refreshes that did not help: the cooldown, consecutive rejections, futile refreshes, and endpoints that
//! still reject a renewed token.

use std::collections::VecDeque;
use std::time::Duration;

use super::{EndpointId, Expired, Limits};

/// The longest pause that a server can request with `Retry-After`: a typing error in a number must not stop a
/// client for a day.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(300);

/// How many refreshes may be futile within a time window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) refreshes: u32,
    pub(crate) within: Duration,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Failures<E> {
    pub(super) cooldown: Option<Cooldown<E>>,
    pub(super) futile: Futile,
    pub(super) unhelped: Unhelped,
    /// Consecutive failures, which make the cooldown longer.
    failures: u32,
    /// Consecutive rejections that are not known to be final.
    rejections: u32,
}

/// The time after a failed refresh during which no other is tried.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Cooldown<E> {
    pub(super) error: E,
    pub(super) until: Duration,
}

impl<E> Default for Failures<E> {
    fn default() -> Self {
        Self {
            cooldown: None,
            futile: Futile::default(),
            unhelped: Unhelped::default(),
            failures: 0,
            rejections: 0,
        }
    }
}

impl<E> Failures<E> {
    pub(super) fn is_clear(&self) -> bool {
        self.cooldown.is_none()
            && self.futile.ends.is_empty()
            && self.unhelped.0.is_empty()
            && self.rejections == 0
    }

    pub(super) const fn reject(&mut self) -> u32 {
        self.rejections = self.rejections.saturating_add(1);
        self.rejections
    }

    pub(super) fn cool_down(
        &mut self,
        now: Duration,
        jitter: f64,
        retry_after: Option<Duration>,
        error: E,
        limits: &Limits,
    ) {
        let pause = limits.cooldown.pause(self.failures, jitter);
        self.failures = self.failures.saturating_add(1);
        let asked = retry_after.unwrap_or_default().min(LONGEST_RETRY_AFTER);
        self.cooldown = Some(Cooldown { error, until: now + pause.max(asked) });
    }

    /// `generation` counts as futile until it is accepted.
    pub(super) fn renewed(&mut self, now: Duration, generation: Option<u32>) {
        self.succeeded();
        self.futile.ends.extend(generation.map(|generation| (now, generation)));
    }

    /// The token set `before` was replaced by `adopted`, without a refresh. That shows nothing about the server: of
    /// several processes that share a store, each adopts what the others have refreshed in vain.
    pub(super) fn adopted(&mut self, before: u32, adopted: u32) {
        self.succeeded();
        self.futile.adopted = self.futile.contains(before).then_some(adopted);
        for rejected in self.unhelped.0.iter_mut().filter(|each| each.generation == before) {
            rejected.generation = adopted;
        }
    }

    fn succeeded(&mut self) {
        self.cooldown = None;
        self.failures = 0;
        self.rejections = 0;
    }
}

/// Refreshes whose token no response has accepted yet.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Futile {
    /// When they ended, and the generation that they brought.
    ends: VecDeque<(Duration, u32)>,
    /// The generation that has replaced such a token, if it was adopted.
    adopted: Option<u32>,
}

impl Futile {
    /// An accepted token also confirms the refreshes before its own.
    pub(super) fn accepted(&mut self, generation: u32) {
        while self.ends.front().is_some_and(|(_, brought)| *brought <= generation) {
            self.ends.pop_front();
        }
        self.adopted.take_if(|adopted| *adopted <= generation);
    }

    pub(super) fn exceeds(&mut self, now: Duration, window: &Window) -> bool {
        while self.ends.front().is_some_and(|(then, _)| now.saturating_sub(*then) >= window.within)
        {
            self.ends.pop_front();
        }
        self.ends.len() >= window.refreshes as usize
    }

    fn contains(&self, generation: u32) -> bool {
        self.adopted == Some(generation)
            || self.ends.iter().any(|(_, brought)| *brought == generation)
    }
}

/// Endpoints that said "expired" to a token that had just been renewed for them.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(super) struct Unhelped(Vec<Rejected>);

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Rejected {
    endpoint: EndpointId,
    /// The generation that it rejected, and when it last did so.
    generation: u32,
    at: Duration,
    /// How often that happened before, consecutively.
    before: u32,
}

impl Unhelped {
    pub(super) fn rejected(&mut self, endpoint: EndpointId, generation: u32, at: Duration) {
        match self.0.iter_mut().find(|each| each.endpoint == endpoint) {
            Some(rejected) if rejected.generation == generation => rejected.at = at,
            Some(rejected) => {
                let before = rejected.before.saturating_add(1);
                *rejected = Rejected { endpoint, generation, at, before };
            }
            None => self.0.push(Rejected { endpoint, generation, at, before: 0 }),
        }
    }

    pub(super) fn accepted(&mut self, endpoint: EndpointId) {
        self.0.retain(|rejected| rejected.endpoint != endpoint);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<E> Failures<E> {
    /// Whether another refresh would not help an endpoint, because it has rejected the current generation right
    /// after a refresh. If other endpoints accept the token, this holds for the longest cooldown. If that is
    /// unknown, the token itself may be bad, and this holds for a cooldown that grows from the shortest one.
    pub(super) fn helps_not(&self, expired: &Expired, limits: &Limits) -> bool {
        let Expired { now, endpoint, ticket, .. } = *expired;
        let is_accepted = !self.futile.contains(ticket.generation);
        self.unhelped.0.iter().any(|rejected| {
            let before = if is_accepted { u32::MAX } else { rejected.before };
            rejected.endpoint == endpoint
                && rejected.generation == ticket.generation
                && now.saturating_sub(rejected.at) < limits.cooldown.pause(before, 0.0)
        })
    }
}
