//! One refresh under way.
//!
//! It runs on a task of its own, so that a rotated token is not lost with the caller that happened to
//! start it. Whatever becomes of it, it lands: with its outcome, with its panic, or with the drop of
//! its task when the runtime ends.

mod arrive;
mod fly;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use super::Session;
use super::renew::{FailureKind, RefreshFailure};
use super::slot::InstalledTokens;
use super::waiter::runtime;
use crate::logic::gate::{FlightOutcome, Launch, Release, Trigger};
use crate::ports::random::jitter;
use crate::ports::response::Received;
use crate::ports::store::{StoreLock, Stored, Version};
use crate::types::error::{Error, ErrorKind};
use crate::types::event::{Event, RefreshOutcome, RefreshTrigger};

tokio::task_local! {
    /// Which credentials of which sessions this task renews: its own, and those of the refresh from
    /// within which it was started.
    static WITHIN: Vec<(usize, usize)>;
}

/// Whether the present task renews this credential of `session`.
pub(super) fn is_within(session: &Session, slot: usize) -> bool {
    WITHIN.try_with(|within| within.contains(&(session.address(), slot))).unwrap_or(false)
}

struct Flight {
    session: Session,
    slot: usize,
    launch: Launch,
    started: Duration,
    landed: bool,
    /// The lock of the store, until the tokens are in it.
    lock: Option<StoreLock>,
    /// The token set from the store that is renewed, if it is not the session's own.
    over: Option<Version>,
}

/// What a flight brings.
enum FlightResult {
    /// Tokens of a refresh.
    Tokens(Box<InstalledTokens>, Option<Arc<Received>>),
    /// Tokens that another process has left in the store.
    Stored(Box<Stored>),
    /// The tokens of another login, which another process has left in the store.
    OtherLogin(Box<Stored>),
    /// Nothing.
    Failure(Box<RefreshFailure>),
}

impl Session {
    /// Starts a flight that the gate has launched.
    pub(super) fn start_flight(&self, slot: usize, launch: Launch) {
        let policy = self.policy();
        policy.emit(&Event::RefreshStarted {
            session: self.id(),
            credential: self.credential(slot).name,
            epoch: launch.ticket.epoch,
            generation: launch.ticket.generation,
            trigger: launch.trigger.into(),
        });
        let flight = Flight {
            session: self.clone(),
            slot,
            launch,
            started: policy.clock.now(),
            landed: false,
            lock: None,
            over: None,
        };
        let mut within = WITHIN.try_with(Clone::clone).unwrap_or_default();
        within.push((self.address(), slot));
        self.slot(slot).with(|state| state.flight_runtime = runtime());
        let task = WITHIN.scope(within, flight.run());
        if let Err(task) = policy.spawner.spawn(Box::pin(task)) {
            // The outcome_of_flight comes before the drop of the task, which then lands on nothing: those who
            // wait must not start the next flight that nobody can run.
            let error = Error::new(ErrorKind::RefreshFailed)
                .with_message("there is no tokio runtime that could run the refresh");
            let outcome_of_flight =
                FlightOutcome::Transient { error: Arc::new(error), retry_after: None };
            self.complete_flight(slot, &launch, outcome_of_flight, None, None);
            drop(task);
        }
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.inner) as usize
    }

    /// Lands a flight at the gate, installs what it brings, and wakes those who waited. Says whether
    /// it counted, and how many waited.
    pub(super) fn complete_flight(
        &self,
        slot: usize,
        launch: &Launch,
        outcome_of_flight: FlightOutcome<Arc<Error>>,
        holding: Option<InstalledTokens>,
        response: Option<&Arc<Received>>,
    ) -> (bool, usize) {
        let policy = self.policy();
        let limits = &self.credential(slot).limits;
        let now = policy.clock.now();
        let jitter = jitter();
        let mut landed = self.slot(slot).with(|state| {
            let landed = state.gate.land(now, jitter, launch, outcome_of_flight, limits);
            if landed.lost {
                state.hold(None);
            } else if landed.taken && holding.is_some() {
                state.hold(holding);
            }
            landed
        });
        let waiters = landed.released.waiters.len();
        let lost = match &mut landed.released.word {
            Release::Failed(error) if landed.lost => {
                let reason = Error::new(ErrorKind::SessionLost)
                    .with_shared_source(Arc::clone(error))
                    .of_session(self.id(), self.credential(slot).name);
                *error = Arc::new(reason);
                Some(Arc::clone(error))
            }
            _ => None,
        };
        match lost {
            Some(reason) => self.tell_lost(slot, landed.released, &reason),
            None => self.wake(slot, landed.released, response),
        }
        (landed.taken, waiters)
    }
}

impl Flight {
    async fn run(mut self) {
        let cargo = AssertUnwindSafe(self.fly()).catch_unwind().await;
        let cargo = cargo.unwrap_or_else(|_| {
            let error = Error::new(ErrorKind::RefreshFailed).with_message("the refresh panicked");
            FlightResult::failure(FailureKind::Transient { retry_after: None }, error)
        });
        if let FlightResult::Tokens(holding, response) = cargo {
            return self.bring(*holding, response).await;
        }
        // Others can have the lock before the calls go on: a process may end with its call.
        if let Some(lock) = self.lock.take() {
            self.session.give_back(self.slot, lock).await;
        }
        self.arrive(cargo).await;
    }

    fn finish(&mut self, outcome: RefreshOutcome, waiters: usize) {
        self.landed = true;
        let policy = self.session.policy();
        policy.emit(&Event::RefreshFinished {
            session: self.session.id(),
            credential: self.session.credential(self.slot).name,
            epoch: self.launch.ticket.epoch,
            generation: self.launch.ticket.generation,
            outcome,
            duration: policy.clock.now().saturating_sub(self.started),
            waiters,
        });
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if !self.landed {
            let (taken, waiters) = self.session.complete_flight(
                self.slot,
                &self.launch,
                FlightOutcome::Aborted,
                None,
                None,
            );
            let outcome = if taken { RefreshOutcome::Aborted } else { RefreshOutcome::Discarded };
            self.finish(outcome, waiters);
        }
    }
}

impl FlightResult {
    fn signed_out() -> Self {
        let error = Error::new(ErrorKind::SessionLost)
            .with_message("the user signed out in another process");
        Self::failure(FailureKind::Permanent, error)
    }

    fn failure(kind: FailureKind, error: Error) -> Self {
        Self::Failure(Box::new(RefreshFailure::new(kind, error)))
    }
}

impl From<Trigger> for RefreshTrigger {
    fn from(trigger: Trigger) -> Self {
        match trigger {
            Trigger::Expired => Self::Expired,
            Trigger::Early => Self::Early,
            Trigger::Ahead => Self::Ahead,
            Trigger::Asked => Self::Asked,
            Trigger::First => Self::First,
        }
    }
}
