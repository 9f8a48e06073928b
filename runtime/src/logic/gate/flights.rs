//! Starts refreshes, and applies their outcomes.

use std::time::Duration;

use super::cooldown::Cooldown;
use super::{
    Completion, EndpointId, FlightOutcome, Gate, Launch, Limits, RefreshTrigger, Refusal, Release,
    Released, Status, Ticket, WaiterId,
};

impl<W, E: Clone> Gate<W, E> {
    /// Requests a refresh, whether or not the token has expired, and waits for it.
    pub(crate) fn refresh<H>(
        &mut self,
        now: Duration,
        tokenless: bool,
        limits: &Limits,
        make: impl FnOnce() -> (WaiterId, W, H),
    ) -> (Result<H, Refusal<E>>, Option<Launch>) {
        let launch = match self.refreshable(now, tokenless, limits) {
            Err(refusal) => return (Err(refusal), None),
            Ok(()) if self.flight().is_some() => None,
            Ok(()) => Some(self.launch(RefreshTrigger::Manual)),
        };
        (self.enqueue(limits, make).ok_or(Refusal::QueueFull), launch)
    }

    /// Starts a refresh in the background, unless one is in progress or must not be started yet.
    pub(crate) fn refresh_ahead(&mut self, now: Duration, limits: &Limits) -> Option<Launch> {
        let is_possible = self.refreshable(now, false, limits).is_ok() && self.flight().is_none();
        is_possible.then(|| self.launch(RefreshTrigger::Ahead))
    }

    fn refreshable(
        &mut self,
        now: Duration,
        tokenless: bool,
        limits: &Limits,
    ) -> Result<(), Refusal<E>> {
        match self.status() {
            Status::In => {}
            Status::Out { left: false } if tokenless => {}
            Status::Out { .. } => return Err(Refusal::SignedOut),
            Status::Lost(error) => return Err(Refusal::Lost(error.clone())),
        }
        match self.blocked(now, limits) {
            Some(refusal) if self.flight().is_none() => Err(refusal),
            _ => Ok(()),
        }
    }

    /// Completes a flight. `jitter` in `0..=1` spreads the next attempts.
    pub(crate) fn complete(
        &mut self,
        now: Duration,
        jitter: f64,
        launch: &Launch,
        outcome: FlightOutcome<E>,
        limits: &Limits,
    ) -> Completion<W, E> {
        if self.flight().map(|flight| flight.flight) != Some(launch.flight) {
            return self.completion(false, false, Vec::new(), Release::Proceed);
        }
        let mut expires_again = false;
        if let Some(traffic) = self.present_traffic_mut() {
            traffic.flight = None;
            expires_again = std::mem::take(&mut traffic.expire_again);
        }
        match outcome {
            FlightOutcome::Renewed => {
                self.install();
                self.expired = expires_again;
                // A refresh ahead of time was not urgent, so its token may not be used for a long time.
                let is_needed = launch.trigger != RefreshTrigger::Ahead;
                let generation = is_needed.then_some(self.generation);
                self.failures().renewed(now, generation);
                let waiters = self.release(now, limits);
                self.completion(true, false, waiters, Release::Proceed)
            }
            FlightOutcome::Rejected { error, retry_after } => {
                let rejections = self.failures().reject();
                if limits.rejections.is_some_and(|limit| rejections >= limit) {
                    self.lose(error)
                } else {
                    self.fail(now, jitter, error, retry_after, limits)
                }
            }
            FlightOutcome::Transient { error, retry_after } => {
                self.fail(now, jitter, error, retry_after, limits)
            }
            FlightOutcome::Permanent { error } => self.lose(error),
            FlightOutcome::Aborted => {
                self.expired |= expires_again && self.is_signed_in();
                let waiters = self.release(now, limits);
                self.completion(true, false, waiters, Release::Proceed)
            }
        }
    }

    fn fail(
        &mut self,
        now: Duration,
        jitter: f64,
        error: E,
        retry_after: Option<Duration>,
        limits: &Limits,
    ) -> Completion<W, E> {
        self.failures().cool_down(now, jitter, retry_after, error.clone(), limits);
        if self.expired || !self.is_signed_in() {
            let waiters = self.drain();
            self.completion(true, false, waiters, Release::Fail(error))
        } else {
            // The token may still be valid: the waiting calls check it again, and fail with the same error if it is
            // not.
            let waiters = self.release(now, limits);
            self.completion(true, false, waiters, Release::Proceed)
        }
    }

    fn lose(&mut self, error: E) -> Completion<W, E> {
        let waiters = self.end(Status::Lost(error.clone()));
        self.completion(true, true, waiters, Release::Fail(error))
    }

    /// Why no refresh can be made now, if none can.
    pub(crate) fn refusal(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        match self.status() {
            Status::Lost(error) => Some(Refusal::Lost(error.clone())),
            _ => self.blocked(now, limits),
        }
    }

    pub(super) fn blocked(&mut self, now: Duration, limits: &Limits) -> Option<Refusal<E>> {
        let failures = self.past_failures_mut()?;
        if let Some(Cooldown { error, until }) = &failures.cooldown
            && now < *until
        {
            return Some(Refusal::CoolingDown(error.clone()));
        }
        failures.futile.exceeds(now, &limits.window).then_some(Refusal::Excessive)
    }

    pub(super) fn launch(&mut self, trigger: RefreshTrigger) -> Launch {
        self.flights += 1;
        let launch = Launch { flight: self.flights, ticket: self.ticket(), trigger };
        self.traffic().flight = Some(launch);
        launch
    }

    pub(super) fn install(&mut self) {
        self.generation += 1;
        self.expired = false;
        self.set_status(Status::In);
    }

    fn completion(
        &mut self,
        counted: bool,
        lost: bool,
        waiters: Vec<(WaiterId, W)>,
        release: Release<E>,
    ) -> Completion<W, E> {
        self.tidy();
        Completion { counted, lost, released: Released { waiters, release } }
    }

    /// Records that `endpoint` accepted the token of `ticket`, even if the token has been renewed since: if tokens
    /// live shorter than a response takes, every such record is late.
    pub(crate) fn accepted(&mut self, ticket: Ticket, endpoint: EndpointId) {
        if ticket.epoch == self.epoch
            && let Some(failures) = self.past_failures_mut()
        {
            failures.futile.accepted(ticket.generation);
            failures.unhelped.accepted(endpoint);
            self.tidy();
        }
    }

    /// Whether it matters which endpoint accepts the current token.
    pub(crate) fn remembers_endpoints(&self) -> bool {
        self.past_failures().is_some_and(|failures| !failures.unhelped.is_empty())
    }

    /// Waits again for a flight that was abandoned, if the token that it renews is still the current one. It
    /// replaces the flight in progress, which must not have sent its request.
    pub(crate) fn resume(&mut self, launch: &Launch) {
        let is_open = matches!(self.status(), Status::In | Status::Out { left: false });
        if is_open && self.ticket() == launch.ticket {
            self.traffic().flight = Some(*launch);
        }
    }

    pub(crate) fn flight(&self) -> Option<&Launch> {
        self.present_traffic()?.flight.as_ref()
    }

    /// Whether the outcome of this flight is still relevant.
    pub(crate) fn is_awaiting(&self, launch: &Launch) -> bool {
        self.flight() == Some(launch)
    }
}
