//! Decides whether a call sends, waits, or starts a refresh.
//!
//! The gate of one credential is a synchronous state machine. It has no clock, no lock and no network: the time is
//! an argument, and every method returns the next step. The session calls it under a lock, and acts on the result
//! outside of the lock.
//!
//! ```text
//!               login                      launch
//!  signed out ─────────▶ signed in, idle ─────────▶ signed in, refreshing
//!      ▲                   ▲   ▲                      │    │     │
//!      │ logout            │   └──── renewed ─────────┘    │     │
//!      │ (from anywhere)   │     (generation + 1)          │     │
//!      │                   └──────── transient failure ────┘     │
//!      │                         (cooldown until a point in time)│
//!      └── login ◀── lost ◀──────────── permanent failure ───────┘
//! ```
//!
//! Two numbers identify the token that a response refers to. The **epoch** counts identities: login, logout and a
//! change of user add one. The **generation** counts token sets: installing one adds one. Every attempt carries
//! both as a [`Ticket`], and every outcome of a refresh names its flight, so that an outdated response changes
//! nothing.

mod cooldown;
#[cfg(test)]
mod explorer;
mod flights;
mod messages;
mod queue;
#[cfg(test)]
mod tests;
mod users;

use std::time::Duration;

use super::freshness::Freshness;
use super::sorted::SortedMap;
use crate::types::event::RefreshTrigger;
use cooldown::Failures;
pub(crate) use cooldown::Window;
pub(crate) use messages::{
    Admission, AfterExpiry, Ask, Completion, EndpointId, Expired, FlightOutcome, Launch, Limits,
    Refusal, Release, Released, Ticket, WaiterId,
};
use queue::Queue;

/// Who is signed in, as the gate is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Status<E> {
    /// `left` distinguishes a user who signed out from a session in which no user ever signed in.
    Out {
        left: bool,
    },
    In,
    Lost(E),
}

/// Whether a user is signed in. Why a session was lost is among what is rare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Presence {
    Never,
    In,
    /// Signed out, or lost.
    Left,
}

/// The part of a gate that exists only while something happens, or after something went wrong.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Rare<W, E> {
    traffic: Option<Box<Traffic<W>>>,
    failures: Option<Box<Failures<E>>>,
    /// Why the session was lost.
    lost: Option<E>,
}

/// State that exists only while a flight is in progress or calls are waiting.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Traffic<W> {
    flight: Option<Launch>,
    /// The program marked the token as expired during the flight; the token that the flight brings was requested
    /// before that.
    expire_again: bool,
    queue: Queue<W>,
    /// Released calls that wait for a permit to send.
    ready: Queue<W>,
    /// Calls that have a permit, and since when they are due to be polled.
    permits: SortedMap<WaiterId, Option<Duration>>,
}

/// See the [module](self).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Gate<W, E> {
    epoch: u32,
    generation: u32,
    /// Flights are numbered throughout the life of the gate, so that a late outcome never affects another one.
    flights: u32,
    presence: Presence,
    /// Whether the current token is known to have expired.
    expired: bool,
    /// Absent while nothing happens, since a server has very many idle sessions.
    rare: Option<Box<Rare<W, E>>>,
}

impl<W, E: Clone> Gate<W, E> {
    pub(crate) const fn new() -> Self {
        Self {
            epoch: 0,
            generation: 0,
            flights: 0,
            presence: Presence::Never,
            expired: false,
            rare: None,
        }
    }

    pub(crate) const fn ticket(&self) -> Ticket {
        Ticket { epoch: self.epoch, generation: self.generation }
    }

    pub(crate) const fn is_signed_in(&self) -> bool {
        matches!(self.presence, Presence::In)
    }

    pub(crate) fn is_lost(&self) -> bool {
        matches!(self.status(), Status::Lost(_))
    }

    /// The epoch to which a call that starts now is bound. A lost session still belongs to its user: a call that
    /// was made in it must not be sent as the next user.
    pub(crate) fn binding(&self) -> Option<u32> {
        match self.status() {
            Status::Out { .. } => None,
            Status::In | Status::Lost(_) => Some(self.epoch),
        }
    }

    /// Whether the next decision depends only on the current token.
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.expired && self.rare.is_none()
    }

    /// Decides whether a call may send. If it has to wait, `make` creates the id of the waiter, the gate's end and
    /// the call's end of the wait. An id is never given twice, and each is greater than those before it. If a flight
    /// is returned, it must be started in any case.
    pub(crate) fn admit<H>(
        &mut self,
        ask: &Ask,
        limits: &Limits,
        make: impl FnOnce() -> (WaiterId, W, H),
    ) -> (Admission<E, H>, Option<Launch>) {
        let launch = match self.decide(ask, limits) {
            Err(admission) => return (admission, None),
            Ok(None) => None,
            Ok(Some(trigger)) => Some(self.launch(trigger)),
        };
        let admission = match self.enqueue(limits, make) {
            Some(handle) => Admission::Wait(handle),
            None => Admission::Refuse(Refusal::QueueFull),
        };
        (admission, launch)
    }

    /// The immediate decision; `Ok` if the call waits, either for a new flight or for the current one.
    fn decide<H>(
        &mut self,
        ask: &Ask,
        limits: &Limits,
    ) -> Result<Option<RefreshTrigger>, Admission<E, H>> {
        let refuse = |refusal| Err(Admission::Refuse(refusal));
        if ask.bound.is_some_and(|epoch| epoch != self.epoch) {
            return refuse(Refusal::SessionChanged);
        }
        let is_first = match self.status() {
            Status::In => false,
            _ if ask.optional => return Err(Admission::SendBare),
            Status::Out { left: false } if ask.tokenless => true,
            Status::Out { .. } => return refuse(Refusal::SignedOut),
            Status::Lost(error) => return refuse(Refusal::Lost(error.clone())),
        };
        let usable = !is_first && !self.expired && ask.freshness != Freshness::Expired;
        let send = Err(Admission::Send(self.ticket()));
        if let Some(flight) = self.flight() {
            let goes_on = flight.trigger == RefreshTrigger::Ahead || ask.send_during_refresh;
            return if usable && goes_on { send } else { Ok(None) };
        }
        if usable && ask.freshness == Freshness::Fresh {
            return send;
        }
        match self.blocked(ask.now, limits) {
            Some(_) if usable => send,
            Some(refusal) => refuse(refusal),
            None if is_first && !ask.may_start => refuse(Refusal::SignedOut),
            // It has already caused a refresh, or nothing can renew the token, so the server decides.
            None if !ask.may_start => send,
            None if is_first => Ok(Some(RefreshTrigger::First)),
            None if self.expired => Ok(Some(RefreshTrigger::Expired)),
            None => Ok(Some(RefreshTrigger::Early)),
        }
    }

    /// Decides about a call whose token has expired, according to the server. `make` and the flight are as for
    /// [`admit`](Self::admit).
    pub(crate) fn expired<H>(
        &mut self,
        expired: &Expired,
        limits: &Limits,
        make: impl FnOnce() -> (WaiterId, W, H),
    ) -> (Result<AfterExpiry<H>, Refusal<E>>, Option<Launch>) {
        let launch = match self.decide_expired(expired, limits) {
            Err(after) => return (after, None),
            Ok(starts) => starts.then(|| self.launch(RefreshTrigger::Expired)),
        };
        self.expired = true;
        let after = match expired.replays {
            true => self.enqueue(limits, make).map(AfterExpiry::Wait).ok_or(Refusal::QueueFull),
            false => Ok(AfterExpiry::GiveUp),
        };
        (after, launch)
    }

    /// The immediate decision; `Ok` if the token is renewed, with whether this call starts the flight.
    fn decide_expired<H>(
        &mut self,
        expired: &Expired,
        limits: &Limits,
    ) -> Result<bool, Result<AfterExpiry<H>, Refusal<E>>> {
        let Expired { now, ticket, endpoint, replays, may_start, was_replayed, .. } = *expired;
        let (refuse, give_up) = (|refusal| Err(Err(refusal)), Err(Ok(AfterExpiry::GiveUp)));
        if ticket.epoch != self.epoch {
            return refuse(Refusal::SessionChanged);
        }
        match self.status() {
            Status::In => {}
            Status::Out { .. } => return refuse(Refusal::SignedOut),
            Status::Lost(error) => return refuse(Refusal::Lost(error.clone())),
        }
        if ticket.generation != self.generation {
            return if replays { Err(Ok(AfterExpiry::Replay)) } else { give_up };
        }
        if was_replayed {
            self.failures().unhelped.rejected(endpoint, ticket.generation, now);
        }
        if self.flight().is_some() {
            return Ok(false);
        }
        let is_unhelped =
            self.past_failures().is_some_and(|failures| failures.helps_not(expired, limits));
        if !may_start || is_unhelped {
            return give_up;
        }
        match self.blocked(now, limits) {
            Some(_) if !replays => give_up,
            Some(refusal) => {
                self.expired = true;
                refuse(refusal)
            }
            None => Ok(true),
        }
    }

    /// Marks the current token as expired, so that the next call renews it first. During a refresh this also
    /// applies to the token that the refresh brings, which was requested before.
    pub(crate) fn expire(&mut self) {
        self.expired = self.is_signed_in();
        if let Some(traffic) = self.present_traffic_mut() {
            traffic.expire_again = traffic.flight.is_some();
        }
    }

    /// Whether an attempt with `ticket` carried the current token.
    pub(crate) fn is_present(&self, ticket: Ticket) -> bool {
        self.is_signed_in() && ticket == self.ticket()
    }

    fn status(&self) -> Status<&E> {
        let lost = || self.rare.as_ref().and_then(|rare| rare.lost.as_ref());
        match self.presence {
            Presence::In => Status::In,
            Presence::Never => Status::Out { left: false },
            Presence::Left => lost().map_or(Status::Out { left: true }, Status::Lost),
        }
    }

    fn set_status(&mut self, status: Status<E>) {
        let (presence, lost) = match status {
            Status::Out { left: false } => (Presence::Never, None),
            Status::Out { left: true } => (Presence::Left, None),
            Status::In => (Presence::In, None),
            Status::Lost(error) => (Presence::Left, Some(error)),
        };
        self.presence = presence;
        if lost.is_some() {
            self.rare().lost = lost;
        } else if let Some(rare) = &mut self.rare {
            rare.lost = None;
        }
    }

    fn rare(&mut self) -> &mut Rare<W, E> {
        self.rare
            .get_or_insert_with(|| Box::new(Rare { traffic: None, failures: None, lost: None }))
    }

    fn present_traffic(&self) -> Option<&Traffic<W>> {
        self.rare.as_ref()?.traffic.as_deref()
    }

    fn present_traffic_mut(&mut self) -> Option<&mut Traffic<W>> {
        self.rare.as_mut()?.traffic.as_deref_mut()
    }

    fn traffic(&mut self) -> &mut Traffic<W> {
        self.rare().traffic.get_or_insert_with(|| {
            Box::new(Traffic {
                flight: None,
                expire_again: false,
                queue: Queue::new(),
                ready: Queue::new(),
                permits: SortedMap::new(),
            })
        })
    }

    fn past_failures(&self) -> Option<&Failures<E>> {
        self.rare.as_ref()?.failures.as_deref()
    }

    fn past_failures_mut(&mut self) -> Option<&mut Failures<E>> {
        self.rare.as_mut()?.failures.as_deref_mut()
    }

    fn failures(&mut self) -> &mut Failures<E> {
        self.rare().failures.get_or_insert_default()
    }

    fn forget_failures(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.failures = None;
        }
        self.tidy();
    }

    fn tidy(&mut self) {
        let Some(rare) = &mut self.rare else { return };
        if rare.traffic.as_ref().is_some_and(|traffic| traffic.is_clear()) {
            rare.traffic = None;
        }
        if rare.failures.as_ref().is_some_and(|failures| failures.is_clear()) {
            rare.failures = None;
        }
        if matches!(**rare, Rare { traffic: None, failures: None, lost: None }) {
            self.rare = None;
        }
    }
}

impl<W> Traffic<W> {
    fn is_clear(&self) -> bool {
        self.flight.is_none()
            && self.queue.len() == 0
            && self.ready.len() == 0
            && self.permits.is_empty()
    }
}
