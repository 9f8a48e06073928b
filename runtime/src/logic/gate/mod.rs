//! Who may send, who waits, who refreshes.
//!
//! The gate of one credential is a synchronous state machine. It knows no clock, no lock and no
//! network: the time is an argument, and each question is answered with what to do. The session
//! asks it under a lock and does what it says outside of it.
//!
//! ```text
//!               login                      launch
//!  signed out ─────────▶ signed in, idle ─────────▶ signed in, flying
//!      ▲                   ▲   ▲                      │    │     │
//!      │ logout            │   └──── renewed ─────────┘    │     │
//!      │ (from anywhere)   │     (generation + 1)          │     │
//!      │                   └──────── transient failure ────┘     │
//!      │                         (resting until a point in time) │
//!      └── login ◀── lost ◀──────────── permanent failure ───────┘
//! ```
//!
//! Two numbers tell what a response is about. The **epoch** counts identities: login, logout and a
//! switch of the user add one. The **generation** counts token sets: each that is installed adds
//! one. Every attempt carries both as a [`Ticket`], and every outcome_of_flight of a flight names its flight,
//! so that a response to an old question changes nothing.

mod cooldown;
#[cfg(test)]
mod explorer;
mod flights;
mod line;
mod messages;
mod queue;
#[cfg(test)]
mod tests;
mod users;

use std::time::Duration;

use super::freshness::Freshness;
use cooldown::Failures;
pub(crate) use cooldown::Window;
pub(crate) use messages::{
    Admission, AfterExpiry, Ask, Completion, FlightOutcome, Launch, Limits, Refusal, Release,
    Released, Ticket, Trigger, WaiterId,
};
use queue::Queue;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Status<E> {
    /// `left` tells a user who signed out from one who never signed in.
    Out {
        left: bool,
    },
    In,
    Lost(E),
}

/// The state that exists only while a flight is under way or calls are waiting.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
struct Traffic<W> {
    flight: Option<Launch>,
    queue: Queue<W>,
    /// Released calls that wait for their permit to send.
    ready: Queue<W>,
    /// Calls that were given a permit and have not ended.
    permits: usize,
}

/// See the [module](self).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Gate<W, E> {
    epoch: u64,
    generation: u64,
    /// Flights and next_waiter are numbered through the life of the gate, so that a late outcome_of_flight or a late
    /// cancellation never meets a namesake.
    flights: u32,
    next_waiter: WaiterId,
    status: Status<E>,
    /// Whether the present token is known to be over.
    over: bool,
    /// Absent while all is quiet: a server holds very many idle sessions.
    traffic: Option<Box<Traffic<W>>>,
    failures: Option<Box<Failures<E>>>,
}

impl<W, E: Clone> Gate<W, E> {
    pub(crate) const fn new() -> Self {
        Self {
            epoch: 0,
            generation: 0,
            flights: 0,
            next_waiter: 0,
            status: Status::Out { left: false },
            over: false,
            traffic: None,
            failures: None,
        }
    }

    pub(crate) const fn ticket(&self) -> Ticket {
        Ticket { epoch: self.epoch, generation: self.generation }
    }

    pub(crate) const fn is_signed_in(&self) -> bool {
        matches!(self.status, Status::In)
    }

    pub(crate) const fn is_lost(&self) -> bool {
        matches!(self.status, Status::Lost(_))
    }

    /// The epoch to which a call that starts now is bound. A lost session still belongs to its user:
    /// what is started in it must not go out as the one who signs in next.
    pub(crate) const fn binding(&self) -> Option<u64> {
        match self.status {
            Status::Out { .. } => None,
            Status::In | Status::Lost(_) => Some(self.epoch),
        }
    }

    /// Whether there is nothing but the present token to look at.
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.over && self.traffic.is_none() && self.failures.is_none()
    }

    /// Asks whether a call may send.
    pub(crate) fn admit(&mut self, ask: &Ask, limits: &Limits) -> Admission<E> {
        if ask.bound.is_some_and(|epoch| epoch != self.epoch) {
            return Admission::Refuse(Refusal::Changed);
        }
        match &self.status {
            Status::In => {}
            _ if ask.optional => return Admission::Bare,
            Status::Out { left: false } if ask.tokenless => return self.first(ask, limits),
            Status::Out { .. } => return Admission::Refuse(Refusal::SignedOut),
            Status::Lost(error) => return Admission::Refuse(Refusal::Lost(error.clone())),
        }
        let usable = !self.over && ask.freshness != Freshness::Expired;
        if let Some(flight) = self.flight() {
            let goes_on = flight.trigger == Trigger::Ahead || ask.send_during_refresh;
            return if usable && goes_on {
                Admission::Send(self.ticket())
            } else {
                Admission::Hold(None)
            };
        }
        if usable && ask.freshness == Freshness::Fresh {
            return Admission::Send(self.ticket());
        }
        match self.blocked(ask.now, limits) {
            Some(_) if usable => Admission::Send(self.ticket()),
            Some(blocked) => Admission::Refuse(blocked),
            // It has had its refresh, or nothing can renew: the server has the last word.
            None if !ask.may_start => Admission::Send(self.ticket()),
            None => {
                let trigger = if self.over { Trigger::Expired } else { Trigger::Early };
                Admission::Hold(Some(self.launch(trigger)))
            }
        }
    }

    /// Tells that the server called the token of `ticket` over. `replays` says whether the call
    /// may be repeated, `may_start` whether it may start a refresh.
    pub(crate) fn expired(
        &mut self,
        now: Duration,
        ticket: Ticket,
        replays: bool,
        may_start: bool,
        limits: &Limits,
    ) -> AfterExpiry<E> {
        if ticket.epoch != self.epoch {
            return AfterExpiry::Refuse(Refusal::Changed);
        }
        match &self.status {
            Status::In => {}
            Status::Out { .. } => return AfterExpiry::Refuse(Refusal::SignedOut),
            Status::Lost(error) => return AfterExpiry::Refuse(Refusal::Lost(error.clone())),
        }
        if ticket.generation != self.generation {
            return if replays { AfterExpiry::Replay } else { AfterExpiry::GiveUp(None) };
        }
        if self.flight().is_some() {
            self.over = true;
            return if replays { AfterExpiry::Hold(None) } else { AfterExpiry::GiveUp(None) };
        }
        if !may_start {
            return AfterExpiry::GiveUp(None);
        }
        match self.blocked(now, limits) {
            Some(_) if !replays => AfterExpiry::GiveUp(None),
            Some(blocked) => {
                self.over = true;
                AfterExpiry::Refuse(blocked)
            }
            None => {
                self.over = true;
                let launch = Some(self.launch(Trigger::Expired));
                if replays { AfterExpiry::Hold(launch) } else { AfterExpiry::GiveUp(launch) }
            }
        }
    }

    /// Marks the present token as over, so that the next call renews it first.
    pub(crate) fn expire(&mut self) {
        self.over = self.is_signed_in();
    }

    /// Whether an attempt with `ticket` was about the present token.
    pub(crate) fn is_present(&self, ticket: Ticket) -> bool {
        self.is_signed_in() && ticket == self.ticket()
    }

    fn first(&mut self, ask: &Ask, limits: &Limits) -> Admission<E> {
        if self.flight().is_some() {
            return Admission::Hold(None);
        }
        match self.blocked(ask.now, limits) {
            Some(blocked) => Admission::Refuse(blocked),
            None if !ask.may_start => Admission::Refuse(Refusal::SignedOut),
            None => Admission::Hold(Some(self.launch(Trigger::First))),
        }
    }

    fn traffic(&mut self) -> &mut Traffic<W> {
        self.traffic.get_or_insert_with(|| {
            Box::new(Traffic { flight: None, queue: Queue::new(), ready: Queue::new(), permits: 0 })
        })
    }

    fn failures(&mut self) -> &mut Failures<E> {
        self.failures.get_or_insert_default()
    }

    fn tidy(&mut self) {
        if self.traffic.as_ref().is_some_and(|traffic| {
            traffic.flight.is_none()
                && traffic.queue.len() == 0
                && traffic.ready.len() == 0
                && traffic.permits == 0
        }) {
            self.traffic = None;
        }
        if self.failures.as_ref().is_some_and(|failures| failures.is_clear()) {
            self.failures = None;
        }
    }
}
