//! A refresh request without an outcome: the server may have rotated the refresh token.
//!
//! The session keeps this record, not the flight, since others need it: calls that abandon a flight whose runtime
//! stalls, and the next flight within the server's `grace`.

use std::mem;
use std::sync::Arc;
use std::time::Duration;

use super::Flight;
use crate::logic::gate::{FlightOutcome, Launch};
use crate::session::Session;
use crate::session::renew::RefreshFailure;
use crate::session::slot::State;
use crate::types::error::{Error, ErrorKind};
use crate::types::event::{EventKind, RefreshOutcome};
use crate::types::tokens::Tokens;

/// The request of a flight, from before it is sent until its outcome is installed.
pub(crate) struct Sent {
    launch: Launch,
    /// The moment before the first request with this refresh token was sent.
    since: Duration,
    /// When its flight was abandoned.
    abandoned: Option<Duration>,
    /// Whether an event has reported that the server may have rotated the token.
    is_reported: bool,
    /// Whether this is the second request with this token.
    is_second: bool,
}

impl Sent {
    /// Whether the server still accepts the same refresh token once more.
    fn may_follow(&self, now: Duration, grace: Option<Duration>) -> bool {
        !self.is_second && grace.is_some_and(|grace| now.saturating_sub(self.since) <= grace)
    }
}

impl State {
    fn sent_by(&mut self, launch: &Launch) -> Option<&mut Sent> {
        let sent = self.flight()?.sent.as_mut()?;
        (sent.launch.flight == launch.flight).then_some(sent)
    }

    fn sent_if_awaited(&mut self, launch: &Launch) -> Option<&mut Sent> {
        let is_awaited = self.gate.is_awaiting(launch);
        self.sent_by(launch).filter(|_| is_awaited)
    }
}

impl Flight {
    /// Records that the refresh may be sent from now on.
    ///
    /// # Errors
    ///
    /// If nothing waits for this flight any more; or if one with the same token was abandoned within the server's
    /// grace, which has passed since, and the cooldown has not.
    pub(super) fn note_sent(&self) -> Result<(), RefreshFailure> {
        let now = self.session.policy().clock.now();
        let policy = self.session.policy_of(self.slot);
        let is_possible = self.session.slot(self.slot).with(|state| {
            let Some(flight) = state.awaited(&self.launch) else { return false };
            let earlier =
                flight.sent.take().filter(|sent| sent.launch.ticket == self.launch.ticket);
            let mut sent = Sent {
                launch: self.launch,
                since: now,
                abandoned: None,
                is_reported: false,
                is_second: false,
            };
            if let Some(earlier) = earlier {
                let cooled = earlier
                    .abandoned
                    .is_none_or(|then| now >= then + policy.limits.cooldown.pause(0, 0.0));
                if earlier.may_follow(now, policy.grace) {
                    (sent.since, sent.is_second) = (earlier.since, true);
                } else if !cooled {
                    return false;
                }
            }
            flight.sent = Some(sent);
            true
        });
        if is_possible { Ok(()) } else { Err(RefreshFailure::passing(abandoned())) }
    }

    /// Resumes a flight that was abandoned and has brought tokens, unless another one has sent the same refresh
    /// token.
    pub(super) fn resume(&mut self) {
        let (session, slot) = (self.session.clone(), self.slot);
        session.slot(slot).with(|state| {
            let other = state.gate.flight().copied();
            if other == Some(self.launch)
                || other.is_some_and(|other| state.sent_by(&other).is_some())
            {
                return;
            }
            // A response may have pushed another access token meanwhile. The refresh token is the one that was presented.
            let present = state.installed.as_ref().map(|installed| installed.tokens.presented());
            let ticket = state.gate.ticket();
            if present.is_some()
                && present == self.presented.as_ref().map(Tokens::presented)
                && ticket.epoch == self.launch.ticket.epoch
            {
                self.launch.ticket = ticket;
            }
            state.gate.resume(&self.launch);
        });
    }

    /// Reports that the response was lost. Returns whether the refresh may be sent once more.
    pub(super) fn may_follow(&self) -> bool {
        let now = self.session.policy().clock.now();
        let grace = self.session.policy_of(self.slot).grace;
        let (reports, follows) = self.session.slot(self.slot).with(|state| {
            // The record of a flight that was abandoned belongs to the next flight. That of another user has been
            // removed.
            let Some(sent) = state.sent_if_awaited(&self.launch) else { return (false, false) };
            let reports = !mem::replace(&mut sent.is_reported, true);
            let follows = sent.may_follow(now, grace);
            sent.is_second |= follows;
            (reports, follows)
        });
        if reports {
            self.session.emit(self.slot, EventKind::RotationAmbiguous {});
        }
        follows
    }

    /// Records that the token was not used.
    pub(super) fn note_unused(&self) {
        self.session.slot(self.slot).with(|state| {
            if let Some(flight) = state.awaited(&self.launch) {
                flight.sent.take_if(|sent| sent.launch.flight == self.launch.flight);
            }
        });
    }
}

impl Session {
    /// Completes a flight that cannot end: its task was dropped, or its thread is blocked. If its request may have
    /// been sent, the response counts as lost, unless it arrives before the next flight sends; if the request was
    /// not sent, the waiting calls start the next flight. Returns how it ended, and how many calls waited.
    pub(in crate::session) fn abandon_flight(
        &self,
        slot: usize,
        launch: &Launch,
    ) -> (RefreshOutcome, usize) {
        if let Some(waiters) = self.install_arrived(slot, launch) {
            return (RefreshOutcome::Renewed, waiters);
        }
        let now = self.policy().clock.now();
        let grace = self.policy_of(slot).grace;
        let (reports, is_lost) = self.slot(slot).with(|state| {
            if let Some(flight) = state.awaited(launch) {
                flight.is_abandoned = true;
            }
            let Some(sent) = state.sent_if_awaited(launch) else { return (false, false) };
            sent.abandoned = Some(now);
            (!mem::replace(&mut sent.is_reported, true), !sent.may_follow(now, grace))
        });
        if reports {
            self.emit(slot, EventKind::RotationAmbiguous {});
        }
        let error = is_lost.then(|| Arc::new(abandoned()));
        let outcome = match error.clone() {
            Some(error) => FlightOutcome::Transient { error, retry_after: None },
            None => FlightOutcome::Aborted,
        };
        let waiters = self.complete_flight(slot, launch, outcome, None, None);
        let outcome = match (waiters, error) {
            (None, _) => RefreshOutcome::Discarded,
            (Some(_), Some(error)) => RefreshOutcome::Failed(error),
            (Some(_), None) => RefreshOutcome::Aborted,
        };
        (outcome, waiters.unwrap_or_default())
    }

    /// Completes a flight with the tokens that it has brought and is still saving, if there are any. Returns how many
    /// calls waited.
    fn install_arrived(&self, slot: usize, launch: &Launch) -> Option<usize> {
        let arrived = self.slot(slot).with(|state| state.awaited(launch)?.arrived.take())?;
        let renewed = FlightOutcome::Renewed;
        let waiters = self.complete_flight(slot, launch, renewed, Some(*arrived), None)?;
        self.renew_ahead(slot);
        Some(waiters)
    }
}

pub(super) fn abandoned() -> Error {
    Error::of_kind(ErrorKind::RefreshFailed).with_message(
        "the runtime of the refresh ended or stalled before the response arrived; the server may have \
         rotated the refresh token",
    )
}
