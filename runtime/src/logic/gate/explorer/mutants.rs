//! Mutants of the gate.
//!
//! Each mutant changes the input or the output of the gate. The gate itself is the same code that ships, so the
//! explorer proves something about that code.

use std::time::Duration;

use super::super::{
    Admission, AfterExpiry, Ask, Completion, EndpointId, Expired, FlightOutcome, Gate, Launch,
    Limits, Refusal, Release, Released, Ticket, WaiterId,
};

/// Calls are identified by number, errors by the flight that caused them.
pub(super) type Plain = Gate<u8, u64>;

/// A mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mutation {
    NoGenerationCompare,
    StaleOutcomeAccepted,
    SendWhileRefreshing,
    WaiterForgotten,
    EpochIgnored,
    ReleasedTwice,
    CooldownIgnored,
    SecondFlight,
    NewestFirst,
    PermitsIgnored,
    PermitKeptWhileWaiting,
    FutileNotCounted,
    CanceledIsSent,
    LogoutForgotten,
    LossReportedTwice,
    ExpiryForgotten,
    DemandSwallowed,
    UnhelpedForgotten,
    RejectionIsFinal,
    PolledPermitReclaimed,
    IdlePermitKept,
    ReclaimedPermitCounts,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Mutant {
    pub(super) gate: Plain,
    mutation: Option<Mutation>,
    next_waiter: WaiterId,
    /// Waiters that the mutant holds back.
    held_back: Vec<(WaiterId, u8)>,
}

const NO_PERMITS: usize = usize::MAX;

/// The wait of a call, with the next id.
fn numbered(next: &mut WaiterId, call: u8) -> impl FnOnce() -> (WaiterId, u8, WaiterId) {
    move || {
        let id = *next;
        *next += 1;
        (id, call, id)
    }
}

impl Mutant {
    pub(super) fn new(mutation: Option<Mutation>) -> Self {
        Self { gate: Gate::new(), mutation, next_waiter: 0, held_back: Vec::new() }
    }

    fn has(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    fn limits(&self, limits: &Limits) -> Limits {
        let permits = if self.has(Mutation::PermitsIgnored) { NO_PERMITS } else { limits.permits };
        let rejections =
            if self.has(Mutation::RejectionIsFinal) { Some(1) } else { limits.rejections };
        Limits { permits, rejections, ..*limits }
    }

    fn before_question(&mut self, now: Duration, endpoint: EndpointId) -> Duration {
        if self.has(Mutation::FutileNotCounted) {
            let ticket = self.gate.ticket();
            self.gate.accepted(ticket, endpoint);
        }
        let hour = Duration::from_secs(3600);
        if self.has(Mutation::CooldownIgnored) { now + hour } else { now }
    }

    pub(super) fn admit(
        &mut self,
        call: u8,
        ask: &Ask,
        limits: &Limits,
    ) -> (Admission<u64, WaiterId>, Option<Launch>) {
        let mut ask = Ask { now: self.before_question(ask.now, EndpointId::MAX), ..*ask };
        if self.has(Mutation::EpochIgnored) {
            ask.bound = None;
        }
        let (admission, launch) =
            self.gate.admit(&ask, limits, numbered(&mut self.next_waiter, call));
        let forgets = match launch {
            None => self.has(Mutation::SendWhileRefreshing),
            Some(_) => self.has(Mutation::ExpiryForgotten),
        };
        match admission {
            Admission::Wait(id) if forgets => {
                self.gate.cancel(id);
                (Admission::Send(self.gate.ticket()), None)
            }
            Admission::Wait(id) if self.has(Mutation::SecondFlight) => {
                (Admission::Wait(id), self.gate.flight().copied())
            }
            admission => (admission, launch),
        }
    }

    pub(super) fn expired(
        &mut self,
        call: u8,
        expired: &Expired,
        limits: &Limits,
    ) -> (Result<AfterExpiry<WaiterId>, Refusal<u64>>, Option<Launch>) {
        let now = self.before_question(expired.now, expired.endpoint);
        let mut expired = Expired { now, ..*expired };
        if self.has(Mutation::EpochIgnored) {
            expired.ticket.epoch = self.gate.ticket().epoch;
        }
        if self.has(Mutation::NoGenerationCompare) {
            expired.ticket.generation = self.gate.ticket().generation;
        }
        if self.has(Mutation::UnhelpedForgotten) {
            expired.was_replayed = false;
        }
        let (after, launch) =
            self.gate.expired(&expired, limits, numbered(&mut self.next_waiter, call));
        match after {
            Ok(AfterExpiry::Wait(_)) if self.has(Mutation::SecondFlight) => {
                (after, self.gate.flight().copied())
            }
            after => (after, launch),
        }
    }

    pub(super) fn take_permit(&mut self, call: u8, limits: &Limits) -> Result<WaiterId, WaiterId> {
        let id = self.next_waiter;
        self.next_waiter += 1;
        self.gate.take_permit(id, limits, || (call, ())).map(|()| id).map_err(|()| id)
    }

    pub(super) fn refresh(
        &mut self,
        call: u8,
        now: Duration,
        tokenless: bool,
        limits: &Limits,
    ) -> (Result<WaiterId, Refusal<u64>>, Option<Launch>) {
        let now = self.before_question(now, EndpointId::MAX);
        self.gate.refresh(now, tokenless, limits, numbered(&mut self.next_waiter, call))
    }

    pub(super) fn refresh_ahead(&mut self, now: Duration, limits: &Limits) -> Option<Launch> {
        let now = self.before_question(now, EndpointId::MAX);
        self.gate.refresh_ahead(now, limits)
    }

    pub(super) fn expire(&mut self) {
        if !(self.has(Mutation::DemandSwallowed) && self.gate.flight().is_some()) {
            self.gate.expire();
        }
    }

    pub(super) fn cancel(&mut self, id: WaiterId) {
        if !self.has(Mutation::CanceledIsSent) {
            self.gate.cancel(id);
        }
    }

    pub(super) fn permit_returned(
        &mut self,
        now: Duration,
        id: WaiterId,
        limits: &Limits,
    ) -> Vec<(WaiterId, u8)> {
        self.gate.permit_returned(now, id, &self.limits(limits))
    }

    pub(super) fn permit_polled(&mut self, id: WaiterId) -> bool {
        let ignores =
            self.has(Mutation::ReclaimedPermitCounts) || self.has(Mutation::PermitsIgnored);
        self.gate.permit_polled(id) || ignores
    }

    pub(super) fn reclaim_permits(
        &mut self,
        now: Duration,
        limits: &Limits,
    ) -> Vec<(WaiterId, u8)> {
        if self.has(Mutation::IdlePermitKept) {
            return Vec::new();
        }
        if self.has(Mutation::PolledPermitReclaimed) {
            let held = self
                .gate
                .present_traffic()
                .into_iter()
                .flat_map(|traffic| traffic.permits.keys().copied());
            for id in held.collect::<Vec<_>>() {
                self.gate.permit_woken(Duration::ZERO, id);
            }
        }
        self.gate.reclaim_permits(now, &self.limits(limits))
    }

    /// Whether a call that waits again returns its permit.
    pub(super) fn returns_permit(&self) -> bool {
        !self.has(Mutation::PermitKeptWhileWaiting)
    }

    pub(super) fn complete(
        &mut self,
        now: Duration,
        launch: &Launch,
        outcome: FlightOutcome<u64>,
        limits: &Limits,
    ) -> Completion<u8, u64> {
        let limits = self.limits(limits);
        let stale = self.gate.flight().map(|flight| flight.flight) != Some(launch.flight);
        let mut launch = *launch;
        if stale && self.has(Mutation::StaleOutcomeAccepted) {
            launch = self.any_flight(&limits);
        }
        let mut completion = self.gate.complete(now, 0.0, &launch, outcome, &limits);
        let waiters = &mut completion.released.waiters;
        if self.has(Mutation::WaiterForgotten) && waiters.len() > 1 {
            waiters.pop();
        }
        if self.has(Mutation::NewestFirst) {
            waiters.reverse();
        }
        if self.has(Mutation::ReleasedTwice) && !waiters.is_empty() {
            self.held_back.append(waiters);
            waiters.clone_from(&self.held_back);
        }
        completion
    }

    /// The flight to complete in place of the real one, whichever user it belongs to.
    fn any_flight(&mut self, limits: &Limits) -> Launch {
        if !self.gate.is_signed_in() {
            self.gate.login();
        }
        if let Some(flight) = self.gate.flight() {
            return *flight;
        }
        match self.gate.refresh_ahead(Duration::MAX, limits) {
            Some(launch) => launch,
            None => unreachable!("nothing prevents a refresh"),
        }
    }

    pub(super) fn login(&mut self) -> Released<u8, u64> {
        let mut released = self.gate.login();
        if self.has(Mutation::EpochIgnored) {
            released.release = Release::Proceed;
        }
        released
    }

    pub(super) fn logout(&mut self) -> Released<u8, u64> {
        if self.has(Mutation::LogoutForgotten) {
            return Released { waiters: Vec::new(), release: Release::SignedOut };
        }
        self.gate.logout()
    }

    pub(super) fn revoked(&mut self, ticket: Ticket, error: u64) -> Option<Released<u8, u64>> {
        let released = self.gate.revoked(ticket, error);
        if released.is_none() && self.has(Mutation::LossReportedTwice) && self.gate.is_lost() {
            return Some(Released { waiters: Vec::new(), release: Release::Fail(error) });
        }
        released
    }
}
