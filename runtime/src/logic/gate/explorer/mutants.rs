//! A gate with a fault, planted from the outside.
//!
//! Each fault bends what goes into the gate or what comes out of it. The gate itself knows nothing of
//! it: what the explorer proves, it proves of the code that ships.

use std::time::Duration;

use super::super::{
    Admission, AfterExpiry, Ask, Completion, FlightOutcome, Gate, Launch, Limits, Release,
    Released, Ticket, Trigger, WaiterId,
};

/// Calls are told apart by number, errors by the flight that brought them.
pub(super) type Plain = Gate<u8, u64>;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    NoGenerationCompare,
    StaleLandingAccepted,
    SendWhileFlying,
    WaiterForgotten,
    EpochIgnored,
    ReleasedTwice,
    CooldownIgnored,
    SecondFlight,
    NewestFirst,
    TurnsIgnored,
    TurnKeptWhileWaiting,
    FutileNotCounted,
    CancelledIsSent,
    LogoutForgotten,
    LossToldTwice,
    OverForgotten,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Mutant {
    pub(super) gate: Plain,
    fault: Option<Fault>,
    /// What the fault has kept back.
    kept: Vec<u8>,
}

const NO_TURNS: usize = usize::MAX;

impl Mutant {
    pub(super) fn new(fault: Option<Fault>) -> Self {
        Self { gate: Gate::new(), fault, kept: Vec::new() }
    }

    fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    fn limits(&self, limits: &Limits) -> Limits {
        let permits = if self.has(Fault::TurnsIgnored) { NO_TURNS } else { limits.permits };
        Limits { permits, ..*limits }
    }

    fn before_question(&mut self, now: Duration) -> Duration {
        if self.has(Fault::FutileNotCounted) {
            let ticket = self.gate.ticket();
            self.gate.accepted(ticket);
        }
        let hour = Duration::from_secs(3600);
        if self.has(Fault::CooldownIgnored) { now + hour } else { now }
    }

    pub(super) fn admit(&mut self, ask: &Ask, limits: &Limits) -> Admission<u64> {
        let mut ask = Ask { now: self.before_question(ask.now), ..*ask };
        if self.has(Fault::EpochIgnored) {
            ask.bound = None;
        }
        match self.gate.admit(&ask, limits) {
            Admission::Hold(None) if self.has(Fault::SendWhileFlying) => {
                Admission::Send(self.gate.ticket())
            }
            Admission::Hold(None) if self.has(Fault::SecondFlight) => {
                Admission::Hold(self.gate.flight().copied())
            }
            Admission::Hold(Some(_)) if self.has(Fault::OverForgotten) => {
                Admission::Send(self.gate.ticket())
            }
            admission => admission,
        }
    }

    pub(super) fn expired(
        &mut self,
        now: Duration,
        mut ticket: Ticket,
        replays: bool,
        may_start: bool,
        limits: &Limits,
    ) -> AfterExpiry<u64> {
        let now = self.before_question(now);
        if self.has(Fault::EpochIgnored) {
            ticket.epoch = self.gate.ticket().epoch;
        }
        if self.has(Fault::NoGenerationCompare) {
            ticket.generation = self.gate.ticket().generation;
        }
        match self.gate.expired(now, ticket, replays, may_start, limits) {
            AfterExpiry::Hold(None) if self.has(Fault::SecondFlight) => {
                AfterExpiry::Hold(self.gate.flight().copied())
            }
            after => after,
        }
    }

    pub(super) fn refresh(
        &mut self,
        now: Duration,
        trigger: Trigger,
        tokenless: bool,
        limits: &Limits,
    ) -> Admission<u64> {
        let now = self.before_question(now);
        self.gate.refresh(now, trigger, tokenless, limits)
    }

    pub(super) fn hold(&mut self, call: u8, limits: &Limits) -> Result<WaiterId, u8> {
        self.gate.hold(call, limits)
    }

    pub(super) fn cancel(&mut self, place: WaiterId) {
        if !self.has(Fault::CancelledIsSent) {
            self.gate.cancel(place);
        }
    }

    pub(super) fn permit_returned(&mut self, limits: &Limits) -> Vec<u8> {
        self.gate.permit_returned(&self.limits(limits))
    }

    /// Whether a call that is held again gives its permit back.
    pub(super) fn gives_turn_back(&self) -> bool {
        !self.has(Fault::TurnKeptWhileWaiting)
    }

    pub(super) fn land(
        &mut self,
        now: Duration,
        launch: &Launch,
        outcome_of_flight: FlightOutcome<u64>,
        limits: &Limits,
    ) -> Completion<u8, u64> {
        let limits = self.limits(limits);
        let stale = self.gate.flight().map(|flight| flight.flight) != Some(launch.flight);
        let mut launch = *launch;
        if stale && self.has(Fault::StaleLandingAccepted) {
            launch = self.any_flight(&limits);
        }
        let mut landed = self.gate.land(now, 0.0, &launch, outcome_of_flight, &limits);
        let waiters = &mut landed.released.waiters;
        if self.has(Fault::WaiterForgotten) && waiters.len() > 1 {
            waiters.pop();
        }
        if self.has(Fault::NewestFirst) {
            waiters.reverse();
        }
        if self.has(Fault::ReleasedTwice) && !waiters.is_empty() {
            self.kept.append(waiters);
            waiters.clone_from(&self.kept);
        }
        landed
    }

    /// A flight to land as, whoever it belongs to.
    fn any_flight(&mut self, limits: &Limits) -> Launch {
        if !self.gate.is_signed_in() {
            self.gate.login();
        }
        if let Some(flight) = self.gate.flight() {
            return *flight;
        }
        match self.gate.refresh(Duration::MAX, Trigger::Asked, false, limits) {
            Admission::Hold(Some(launch)) => launch,
            other => unreachable!("nothing stands in the way of a refresh, but: {other:?}"),
        }
    }

    pub(super) fn login(&mut self) -> Released<u8, u64> {
        let mut released = self.gate.login();
        if self.has(Fault::EpochIgnored) {
            released.word = Release::Go;
        }
        released
    }

    pub(super) fn logout(&mut self) -> Released<u8, u64> {
        if self.has(Fault::LogoutForgotten) {
            return Released { waiters: Vec::new(), word: Release::LoggedOut };
        }
        self.gate.logout()
    }

    pub(super) fn revoked(&mut self, ticket: Ticket, error: u64) -> Option<Released<u8, u64>> {
        let released = self.gate.revoked(ticket, error);
        if released.is_none() && self.has(Fault::LossToldTwice) && self.gate.is_lost() {
            return Some(Released { waiters: Vec::new(), word: Release::Failed(error) });
        }
        released
    }
}
