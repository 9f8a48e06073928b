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
//! Two numbers tell what an answer is about. The **epoch** counts identities: login, logout and a
//! switch of the user add one. The **generation** counts token sets: each that is installed adds
//! one. Every attempt carries both as a [`Ticket`], and every landing of a flight names its flight,
//! so that an answer to an old question changes nothing.

#[cfg(test)]
mod explorer;
mod queue;
#[cfg(test)]
mod tests;
mod trouble;
mod words;

use std::time::Duration;

use queue::Queue;
pub(crate) use trouble::Window;
use trouble::{Rest, Trouble};
pub(crate) use words::{
    Admission, AfterExpiry, Ask, Freshness, Landed, Landing, Launch, Limits, Place, Refusal,
    Release, Released, Ticket, Trigger,
};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Standing<E> {
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
    /// Released calls that wait for their turn to send.
    ready: Queue<W>,
    /// Calls that were given a turn and have not ended.
    turns: usize,
}

/// See the [module](self).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) struct Gate<W, E> {
    epoch: u64,
    generation: u64,
    /// Flights and places are numbered through the life of the gate, so that a late landing or a late
    /// cancellation never meets a namesake.
    flights: u32,
    places: Place,
    standing: Standing<E>,
    /// Whether the present token is known to be over.
    over: bool,
    /// Absent while all is quiet: a server holds very many idle sessions.
    traffic: Option<Box<Traffic<W>>>,
    trouble: Option<Box<Trouble<E>>>,
}

impl<W, E: Clone> Gate<W, E> {
    pub(crate) const fn new() -> Self {
        Self {
            epoch: 0,
            generation: 0,
            flights: 0,
            places: 0,
            standing: Standing::Out { left: false },
            over: false,
            traffic: None,
            trouble: None,
        }
    }

    pub(crate) const fn ticket(&self) -> Ticket {
        Ticket { epoch: self.epoch, generation: self.generation }
    }

    pub(crate) const fn is_signed_in(&self) -> bool {
        matches!(self.standing, Standing::In)
    }

    pub(crate) const fn is_lost(&self) -> bool {
        matches!(self.standing, Standing::Lost(_))
    }

    /// The epoch to which a call that starts now is bound. A lost session still belongs to its user:
    /// what is started in it must not go out as the one who signs in next.
    pub(crate) const fn binding(&self) -> Option<u64> {
        match self.standing {
            Standing::Out { .. } => None,
            Standing::In | Standing::Lost(_) => Some(self.epoch),
        }
    }

    pub(crate) fn flight(&self) -> Option<&Launch> {
        self.traffic.as_ref().and_then(|traffic| traffic.flight.as_ref())
    }

    /// How many calls wait.
    pub(crate) fn held(&self) -> usize {
        self.traffic.as_ref().map_or(0, |traffic| traffic.queue.len() + traffic.ready.len())
    }

    /// Whether there is nothing but the present token to look at.
    pub(crate) const fn is_quiet(&self) -> bool {
        !self.over && self.traffic.is_none() && self.trouble.is_none()
    }

    /// Whether this flight is still wanted.
    pub(crate) fn is_awaiting(&self, launch: &Launch) -> bool {
        self.flight() == Some(launch)
    }

    /// Why no refresh can be made now, if that is so.
    pub(crate) fn rests(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        match &self.standing {
            Standing::Lost(error) => Some(Refusal::Lost(error.clone())),
            _ => self.obstacle(now, limits),
        }
    }

    /// Asks whether a call may send.
    pub(crate) fn admit(&mut self, ask: &Ask, limits: &Limits) -> Admission<E> {
        if ask.bound.is_some_and(|epoch| epoch != self.epoch) {
            return Admission::Refuse(Refusal::Changed);
        }
        match &self.standing {
            Standing::In => {}
            _ if ask.optional => return Admission::Bare,
            Standing::Out { left: false } if ask.tokenless => return self.first(ask, limits),
            Standing::Out { .. } => return Admission::Refuse(Refusal::SignedOut),
            Standing::Lost(error) => return Admission::Refuse(Refusal::Lost(error.clone())),
        }
        let usable = !self.over && ask.freshness != Freshness::Over;
        if let Some(flight) = self.flight() {
            let goes_on = flight.trigger == Trigger::Ahead || ask.send_during_refresh;
            return if usable && goes_on {
                Admission::Send(self.ticket())
            } else {
                Admission::Hold(None)
            };
        }
        if usable && ask.freshness == Freshness::Good {
            return Admission::Send(self.ticket());
        }
        match self.obstacle(ask.now, limits) {
            Some(_) if usable => Admission::Send(self.ticket()),
            Some(obstacle) => Admission::Refuse(obstacle),
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
        match &self.standing {
            Standing::In => {}
            Standing::Out { .. } => return AfterExpiry::Refuse(Refusal::SignedOut),
            Standing::Lost(error) => return AfterExpiry::Refuse(Refusal::Lost(error.clone())),
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
        match self.obstacle(now, limits) {
            Some(_) if !replays => AfterExpiry::GiveUp(None),
            Some(obstacle) => {
                self.over = true;
                AfterExpiry::Refuse(obstacle)
            }
            None => {
                self.over = true;
                let launch = Some(self.launch(Trigger::Expired));
                if replays { AfterExpiry::Hold(launch) } else { AfterExpiry::GiveUp(launch) }
            }
        }
    }

    /// Asks for a refresh, whatever the token looks like.
    pub(crate) fn refresh(
        &mut self,
        now: Duration,
        trigger: Trigger,
        tokenless: bool,
        limits: &Limits,
    ) -> Admission<E> {
        match &self.standing {
            Standing::In => {}
            Standing::Out { left: false } if tokenless => {}
            Standing::Out { .. } => return Admission::Refuse(Refusal::SignedOut),
            Standing::Lost(error) => return Admission::Refuse(Refusal::Lost(error.clone())),
        }
        if self.flight().is_some() {
            return Admission::Hold(None);
        }
        match self.obstacle(now, limits) {
            Some(obstacle) => Admission::Refuse(obstacle),
            None => Admission::Hold(Some(self.launch(trigger))),
        }
    }

    /// Puts a call into the queue; gives it back if the queue is full. A call that has a turn ends it
    /// when it waits again: it would wait for itself otherwise.
    pub(crate) fn hold(&mut self, waiter: W, limits: &Limits) -> Result<Place, W> {
        if self.held() >= limits.queue {
            return Err(waiter);
        }
        let place = self.places;
        self.places += 1;
        self.traffic().queue.push(place, waiter);
        Ok(place)
    }

    /// Takes a call that does not wait any more out of the queue.
    pub(crate) fn cancel(&mut self, place: Place) {
        if let Some(traffic) = &mut self.traffic
            && !traffic.queue.remove(place)
        {
            traffic.ready.remove(place);
        }
        self.tidy();
    }

    /// Ends the turn of a released call, and says who is next.
    pub(crate) fn turn_ended(&mut self, limits: &Limits) -> Vec<W> {
        if let Some(traffic) = &mut self.traffic {
            traffic.turns = traffic.turns.saturating_sub(1);
        }
        let next = self.take_ready(limits);
        self.tidy();
        next
    }

    /// Tells that the server accepted the token of `ticket`, even if it has been renewed since: where
    /// tokens live shorter than an answer travels, every such word is late.
    pub(crate) fn accepted(&mut self, ticket: Ticket) {
        if ticket.epoch == self.epoch
            && let Some(trouble) = &mut self.trouble
        {
            trouble.futile.accepted(ticket.generation);
            self.tidy();
        }
    }

    /// Marks the present token as over, so that the next call renews it first.
    pub(crate) fn expire(&mut self) {
        self.over = self.is_signed_in();
    }

    /// Lands a flight. `dice` in `0..=1` spreads the next tries.
    pub(crate) fn land(
        &mut self,
        now: Duration,
        dice: f64,
        launch: &Launch,
        landing: Landing<E>,
        limits: &Limits,
    ) -> Landed<W, E> {
        if self.flight().map(|flight| flight.flight) != Some(launch.flight) {
            return self.landed(false, false, Vec::new(), Release::Go);
        }
        if let Some(traffic) = &mut self.traffic {
            traffic.flight = None;
        }
        let landing = match landing {
            Landing::Rejected { error } => {
                if self.trouble().reject() >= limits.rejections {
                    Landing::Permanent { error }
                } else {
                    Landing::Transient { error, retry_after: None }
                }
            }
            other => other,
        };
        match landing {
            Landing::Renewed => {
                self.install();
                // Nobody has asked for a refresh ahead of time, so nobody may use its token for long.
                let asked_for = launch.trigger != Trigger::Ahead;
                let generation = asked_for.then_some(self.generation);
                self.trouble().renewed(now, generation);
                let waiters = self.release(limits);
                self.landed(true, false, waiters, Release::Go)
            }
            Landing::Transient { error, retry_after } => {
                self.trouble().rest(now, dice, retry_after, error.clone());
                if self.over || !self.is_signed_in() {
                    let waiters = self.drain();
                    self.landed(true, false, waiters, Release::Failed(error))
                } else {
                    // The token may still be good: whoever waits looks at it again, and fails with
                    // the same error if it is not.
                    let waiters = self.release(limits);
                    self.landed(true, false, waiters, Release::Go)
                }
            }
            Landing::Permanent { error } => {
                let waiters = self.end(Standing::Lost(error.clone()));
                self.landed(true, true, waiters, Release::Failed(error))
            }
            Landing::Rejected { .. } | Landing::Vanished => {
                let waiters = self.release(limits);
                self.landed(true, false, waiters, Release::Go)
            }
        }
    }

    /// Installs tokens of another identity.
    pub(crate) fn login(&mut self) -> Released<W, E> {
        let waiters = self.end(Standing::In);
        self.epoch += 1;
        self.generation += 1;
        Released { waiters, word: Release::Changed }
    }

    /// Signs out.
    pub(crate) fn logout(&mut self) -> Released<W, E> {
        let waiters = self.end(Standing::Out { left: true });
        self.epoch += 1;
        Released { waiters, word: Release::LoggedOut }
    }

    /// Installs tokens of the same identity that came another way than by a flight. While one is
    /// under way they are passed over: what the flight brings is newer, and with rotating refresh
    /// tokens the only one that counts.
    pub(crate) fn adopt(&mut self) -> bool {
        let adopts = self.is_signed_in() && self.flight().is_none();
        if adopts {
            self.install();
            self.trouble = None;
        }
        adopts
    }

    /// Tells that the server called the session of `ticket` over.
    pub(crate) fn revoked(&mut self, ticket: Ticket, error: E) -> Option<Released<W, E>> {
        if ticket != self.ticket() || !self.is_signed_in() {
            return None;
        }
        let waiters = self.end(Standing::Lost(error.clone()));
        Some(Released { waiters, word: Release::Failed(error) })
    }

    /// Whether an attempt with `ticket` was about the present token.
    pub(crate) fn is_present(&self, ticket: Ticket) -> bool {
        self.is_signed_in() && ticket == self.ticket()
    }

    fn first(&mut self, ask: &Ask, limits: &Limits) -> Admission<E> {
        if self.flight().is_some() {
            return Admission::Hold(None);
        }
        match self.obstacle(ask.now, limits) {
            Some(obstacle) => Admission::Refuse(obstacle),
            None if !ask.may_start => Admission::Refuse(Refusal::SignedOut),
            None => Admission::Hold(Some(self.launch(Trigger::First))),
        }
    }

    fn obstacle(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        let trouble = self.trouble.as_mut()?;
        if let Some(Rest { error, until, .. }) = &trouble.rest
            && now < *until
        {
            return Some(Refusal::Resting(error.clone()));
        }
        trouble.futile.exceeds(now, &limits.window).then_some(Refusal::Excessive)
    }

    fn launch(&mut self, trigger: Trigger) -> Launch {
        self.flights += 1;
        let launch = Launch { flight: self.flights, ticket: self.ticket(), trigger };
        self.traffic().flight = Some(launch);
        launch
    }

    fn install(&mut self) {
        self.generation += 1;
        self.over = false;
        self.standing = Standing::In;
    }

    /// Ends what belongs to this epoch: the flight is forgotten, so that it lands on nothing.
    fn end(&mut self, standing: Standing<E>) -> Vec<W> {
        self.standing = standing;
        self.over = false;
        self.trouble = None;
        let waiters = self.drain();
        if let Some(traffic) = &mut self.traffic {
            traffic.flight = None;
        }
        self.tidy();
        waiters
    }

    fn drain(&mut self) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        let mut waiters = traffic.ready.take_all();
        waiters.extend(traffic.queue.take_all());
        waiters
    }

    fn release(&mut self, limits: &Limits) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        if limits.turns == usize::MAX && traffic.ready.len() == 0 {
            return traffic.queue.take_all();
        }
        traffic.ready.append(&mut traffic.queue);
        self.take_ready(limits)
    }

    fn take_ready(&mut self, limits: &Limits) -> Vec<W> {
        let Some(traffic) = &mut self.traffic else {
            return Vec::new();
        };
        let mut taken = Vec::new();
        while traffic.turns < limits.turns
            && let Some(waiter) = traffic.ready.pop()
        {
            traffic.turns += 1;
            taken.push(waiter);
        }
        taken
    }

    fn landed(
        &mut self,
        taken: bool,
        lost: bool,
        waiters: Vec<W>,
        word: Release<E>,
    ) -> Landed<W, E> {
        self.tidy();
        Landed { taken, lost, released: Released { waiters, word } }
    }

    fn traffic(&mut self) -> &mut Traffic<W> {
        self.traffic.get_or_insert_with(|| {
            Box::new(Traffic { flight: None, queue: Queue::new(), ready: Queue::new(), turns: 0 })
        })
    }

    fn trouble(&mut self) -> &mut Trouble<E> {
        self.trouble.get_or_insert_default()
    }

    fn tidy(&mut self) {
        if self.traffic.as_ref().is_some_and(|traffic| {
            traffic.flight.is_none()
                && traffic.queue.len() == 0
                && traffic.ready.len() == 0
                && traffic.turns == 0
        }) {
            self.traffic = None;
        }
        if self.trouble.as_ref().is_some_and(|trouble| trouble.is_over()) {
            self.trouble = None;
        }
    }
}
