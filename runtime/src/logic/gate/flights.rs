//! Refreshes: when one is started, and what follows when it lands.

use std::time::Duration;

use super::cooldown::Cooldown;
use super::{
    Admission, Completion, FlightOutcome, Gate, Launch, Limits, Refusal, Release, Released, Status,
    Ticket, Trigger,
};

impl<W, E: Clone> Gate<W, E> {
    /// Asks for a refresh, whatever the token looks like.
    pub(crate) fn refresh(
        &mut self,
        now: Duration,
        trigger: Trigger,
        tokenless: bool,
        limits: &Limits,
    ) -> Admission<E> {
        match &self.status {
            Status::In => {}
            Status::Out { left: false } if tokenless => {}
            Status::Out { .. } => return Admission::Refuse(Refusal::SignedOut),
            Status::Lost(error) => return Admission::Refuse(Refusal::Lost(error.clone())),
        }
        if self.flight().is_some() {
            return Admission::Hold(None);
        }
        match self.blocked(now, limits) {
            Some(blocked) => Admission::Refuse(blocked),
            None => Admission::Hold(Some(self.launch(trigger))),
        }
    }

    /// Lands a flight. `jitter` in `0..=1` spreads the next tries.
    pub(crate) fn land(
        &mut self,
        now: Duration,
        jitter: f64,
        launch: &Launch,
        outcome_of_flight: FlightOutcome<E>,
        limits: &Limits,
    ) -> Completion<W, E> {
        if self.flight().map(|flight| flight.flight) != Some(launch.flight) {
            return self.landed(false, false, Vec::new(), Release::Go);
        }
        if let Some(traffic) = &mut self.traffic {
            traffic.flight = None;
        }
        let outcome_of_flight = match outcome_of_flight {
            FlightOutcome::Rejected { error } => {
                if self.failures().reject() >= limits.rejections {
                    FlightOutcome::Permanent { error }
                } else {
                    FlightOutcome::Transient { error, retry_after: None }
                }
            }
            other => other,
        };
        match outcome_of_flight {
            FlightOutcome::Renewed => {
                self.install();
                // Nobody has asked for a refresh ahead of time, so nobody may use its token for long.
                let asked_for = launch.trigger != Trigger::Ahead;
                let generation = asked_for.then_some(self.generation);
                self.failures().renewed(now, generation);
                let waiters = self.release(limits);
                self.landed(true, false, waiters, Release::Go)
            }
            FlightOutcome::Transient { error, retry_after } => {
                self.failures().rest(now, jitter, retry_after, error.clone());
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
            FlightOutcome::Permanent { error } => {
                let waiters = self.end(Status::Lost(error.clone()));
                self.landed(true, true, waiters, Release::Failed(error))
            }
            FlightOutcome::Rejected { .. } | FlightOutcome::Aborted => {
                let waiters = self.release(limits);
                self.landed(true, false, waiters, Release::Go)
            }
        }
    }

    /// Why no refresh can be made now, if that is so.
    pub(crate) fn rests(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        match &self.status {
            Status::Lost(error) => Some(Refusal::Lost(error.clone())),
            _ => self.blocked(now, limits),
        }
    }

    pub(super) fn blocked(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        let failures = self.failures.as_mut()?;
        if let Some(Cooldown { error, until, .. }) = &failures.rest
            && now < *until
        {
            return Some(Refusal::Resting(error.clone()));
        }
        failures.futile.exceeds(now, &limits.window).then_some(Refusal::Excessive)
    }

    pub(super) fn launch(&mut self, trigger: Trigger) -> Launch {
        self.flights += 1;
        let launch = Launch { flight: self.flights, ticket: self.ticket(), trigger };
        self.traffic().flight = Some(launch);
        launch
    }

    pub(super) fn install(&mut self) {
        self.generation += 1;
        self.over = false;
        self.status = Status::In;
    }

    pub(super) fn landed(
        &mut self,
        taken: bool,
        lost: bool,
        waiters: Vec<W>,
        word: Release<E>,
    ) -> Completion<W, E> {
        self.tidy();
        Completion { taken, lost, released: Released { waiters, word } }
    }

    /// Tells that the server accepted the token of `ticket`, even if it has been renewed since: where
    /// tokens live shorter than a response travels, every such word is late.
    pub(crate) fn accepted(&mut self, ticket: Ticket) {
        if ticket.epoch == self.epoch
            && let Some(failures) = &mut self.failures
        {
            failures.futile.accepted(ticket.generation);
            self.tidy();
        }
    }

    pub(crate) fn flight(&self) -> Option<&Launch> {
        self.traffic.as_ref().and_then(|traffic| traffic.flight.as_ref())
    }

    /// Whether this flight is still wanted.
    pub(crate) fn is_awaiting(&self, launch: &Launch) -> bool {
        self.flight() == Some(launch)
    }
}
