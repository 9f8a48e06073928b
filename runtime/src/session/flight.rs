//! A refresh in progress.
//!
//! It runs on its own task, so that a rotated token is not lost together with the caller that happened to start it.
//! However it ends, it completes at the gate: with its outcome, with its panic, or, if the runtime ends, when its
//! task is dropped.

mod arrive;
mod commit;
mod fly;
mod revocable;
mod sent;

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::oneshot;

use super::Session;
use super::persist::{Found, Holder};
use super::renew::RefreshFailure;
use super::slot::{FlightState, InstalledTokens};
use super::waiter::runtime;
use crate::logic::gate::{FlightOutcome, Launch, Release};
use crate::ports::random::jitter;
use crate::ports::response::Received;
use crate::ports::store::{StoreLock, Version};
use crate::types::cause::Why;
use crate::types::error::{Error, ErrorKind};
use crate::types::event::{EventKind, RefreshOutcome};
use crate::types::tokens::Tokens;

pub(super) use revocable::Request;
pub(super) use sent::Sent;

tokio::task_local! {
    /// The credentials of the sessions for which this task must not wait: those that it renews, and those of the
    /// refresh from within which it was started.
    static WITHIN: Within;
}

/// The addresses of their slots.
type Within = Vec<usize>;

/// Whether the current task renews this credential of `session`, or runs one of its hooks.
pub(super) fn is_within(session: &Session, slot: usize) -> bool {
    let is_within = |within: &Within| within.contains(&session.address(slot));
    // Shuttle runs all its threads on one OS thread, so this task-local must be shuttle's.
    cfg!(not(shuttle)) && WITHIN.try_with(is_within).unwrap_or(false)
}

struct Flight {
    session: Session,
    slot: usize,
    launch: Launch,
    why: Why,
    started: Duration,
    /// How many calls waited for it, once it is complete.
    waiters: usize,
    is_announced: bool,
    is_complete: bool,
    /// The lock of the store while it is acquired. Then the session holds it for this flight, or for the next one if this
    /// one is abandoned.
    lock: Option<StoreLock>,
    /// The tokens that are renewed.
    presented: Option<Tokens>,
    /// The token set from the store that is renewed, if it is not the session's own.
    replaces: Option<Version>,
    /// Dropping it ends the task that watches this one.
    watched: Option<oneshot::Sender<Infallible>>,
}

/// The tokens from a refresh, and its response.
type Arrived = (InstalledTokens, Option<Arc<Received>>);

/// Why a flight brings no tokens.
enum NoTokens {
    /// Another process has changed those in the store.
    Found(Found),
    Failure(RefreshFailure),
}

impl Session {
    /// Starts a flight that the gate has launched. Its task exists before any hook runs, so that a hook that calls
    /// the client waits for nothing that depends on the hook.
    pub(super) fn start_flight(&self, slot: usize, launch: Launch, why: Why) {
        let policy = self.policy();
        let started = policy.clock.now();
        let mut flight = Flight {
            session: self.clone(),
            slot,
            launch,
            why,
            started,
            waiters: 0,
            is_announced: false,
            is_complete: false,
            lock: None,
            presented: None,
            replaces: None,
            watched: None,
        };
        self.slot(slot).with(|state| {
            let rare = state.rare();
            let (sent, request) = rare.flight.take().map_or((None, None), |earlier| {
                (earlier.sent, earlier.request.filter(|_| earlier.is_abandoned))
            });
            let flight = FlightState {
                runtime: runtime(),
                sent,
                request,
                since: started,
                is_abandoned: false,
                arrived: None,
            };
            rare.flight = Some(Box::new(flight));
        });
        self.watch(&mut flight);
        let task = WITHIN.scope(self.mark([slot]), flight.run());
        if let Err(task) = policy.spawner.spawn(Box::pin(task)) {
            // The outcome is applied before the task is dropped, whose own completion then no longer counts: the
            // waiting calls must not start the next flight, which nothing could run.
            let error = Error::of_kind(ErrorKind::RefreshFailed)
                .with_message("there is no tokio runtime that could run the refresh");
            let outcome = FlightOutcome::Transient { error: Arc::new(error), retry_after: None };
            self.complete_flight(slot, &launch, outcome, None, None);
            drop(task);
        }
    }

    /// Abandons a flight whose task blocks its thread, if other threads can continue: its own timeout cannot fire
    /// then. Calls on other runtimes watch it themselves.
    fn watch(&self, flight: &mut Flight) {
        let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
        if !matches!(flavor, Ok(RuntimeFlavor::MultiThread)) {
            return;
        }
        let (watched, mut ended) = oneshot::channel();
        flight.watched = Some(watched);
        let (session, slot, launch) = (self.clone(), flight.slot, flight.launch);
        let watching = async move {
            let stage = || session.slot(slot).with(|state| state.flight_stage());
            loop {
                let before = stage();
                let limit = session.stage_left(slot);
                if session.policy().clock.timeout(limit, &mut ended).await.is_some() {
                    return;
                }
                if stage() == before {
                    session.abandon_flight(slot, &launch);
                    return;
                }
            }
        };
        // Without it, the flight has only its own timeout.
        let _ = self.policy().spawner.spawn(Box::pin(watching));
    }

    fn address(&self, slot: usize) -> usize {
        std::ptr::from_ref(self.slot(slot)).addr()
    }

    /// The current task's list, with further credentials of this session.
    fn mark(&self, slots: impl IntoIterator<Item = usize>) -> Within {
        let mut within = WITHIN.try_with(Clone::clone).unwrap_or_default();
        within.extend(slots.into_iter().map(|slot| self.address(slot)));
        within
    }

    /// Runs the user's hooks. A hook that calls its own client gets an error if the call would wait for a refresh:
    /// on a single-threaded runtime the refresh could not continue before the hook returns.
    pub(super) fn run_hooks(&self, hooks: impl FnOnce()) {
        WITHIN.sync_scope(self.mark(0..self.slots()), hooks);
    }

    /// Runs a task on behalf of this session, in which its calls must not wait for a refresh.
    pub(super) fn marked<F: Future>(&self, task: F) -> impl Future<Output = F::Output> + use<F> {
        WITHIN.scope(self.mark(0..self.slots()), task)
    }

    /// Completes a flight at the gate, installs its tokens, and wakes the waiting calls. Returns how many calls waited,
    /// if the outcome was applied.
    pub(super) fn complete_flight(
        &self,
        slot: usize,
        launch: &Launch,
        outcome: FlightOutcome<Arc<Error>>,
        installed: Option<InstalledTokens>,
        response: Option<&Arc<Received>>,
    ) -> Option<usize> {
        let policy = self.policy();
        let limits = &self.policy_of(slot).limits;
        let now = policy.clock.now();
        let jitter = jitter();
        let is_aborted = matches!(outcome, FlightOutcome::Aborted);
        let mut completion = self.slot(slot).with(|state| {
            let completion = state.gate.complete(now, jitter, launch, outcome, limits);
            if completion.counted && !is_aborted {
                match &mut state.rare().flight {
                    Some(flight) if flight.is_abandoned => flight.sent = None,
                    flight => *flight = None,
                }
            }
            if completion.lost {
                state.install(None);
            } else if completion.counted && installed.is_some() {
                state.install(installed);
            }
            completion
        });
        let waiters = completion.released.waiters.len();
        match &mut completion.released.release {
            Release::Fail(error) if completion.lost => {
                let reason = Error::of_kind(ErrorKind::SessionLost)
                    .with_shared_source(Arc::clone(error))
                    .of_session(self.id(), self.policy_of(slot).name);
                let reason = Arc::new(reason);
                *error = Arc::clone(&reason);
                self.report_lost(slot, completion.released, &reason);
            }
            _ => self.wake(slot, completion.released, response),
        }
        completion.counted.then_some(waiters)
    }
}

impl Flight {
    async fn run(mut self) {
        self.announce();
        let result = AssertUnwindSafe(self.fly()).catch_unwind().await;
        let result = result.unwrap_or_else(|_| {
            let error =
                Error::of_kind(ErrorKind::RefreshFailed).with_message("the refresh panicked");
            Err(NoTokens::Failure(RefreshFailure::passing(error)))
        });
        self.next_stage();
        match result {
            Ok(arrived) => {
                self.resume();
                self.commit(arrived).await;
            }
            Err(why) => {
                // Others can acquire the lock before the calls continue, since a process may end with its call.
                let lock = self.take_lock();
                if let Some(store) = self.session.store_of(self.slot) {
                    store.release_lock(lock).await;
                }
                self.arrive_without(why).await;
            }
        }
    }

    /// The lock of the store, unless another flight has taken it over.
    fn take_lock(&mut self) -> Option<StoreLock> {
        let persistence = self.session.slot(self.slot).persistence.as_ref()?;
        self.lock.take().or_else(|| persistence.take_lock(Holder::Flight(self.launch.flight)))
    }

    /// Lets a call on another runtime see that this one is driven.
    fn next_stage(&self) {
        let now = self.session.policy().clock.now();
        self.session.slot(self.slot).with(|state| {
            if let Some(flight) = state.awaited(&self.launch) {
                flight.since = now;
            }
            let stage = &mut state.rare().flight_stage;
            *stage = stage.wrapping_add(1);
        });
    }

    fn announce(&mut self) {
        self.is_announced = true;
        let Launch { ticket, trigger, .. } = self.launch;
        self.session.emit(
            self.slot,
            EventKind::RefreshStarted {
                epoch: ticket.epoch.into(),
                generation: ticket.generation.into(),
                trigger,
            },
        );
    }

    /// Completes the flight at the gate. Returns whether the outcome was applied.
    fn complete(
        &mut self,
        outcome: FlightOutcome<Arc<Error>>,
        installed: Option<InstalledTokens>,
        response: Option<&Arc<Received>>,
    ) -> bool {
        let (slot, launch) = (self.slot, &self.launch);
        let waiters = self.session.complete_flight(slot, launch, outcome, installed, response);
        self.waiters = waiters.unwrap_or_default();
        waiters.is_some()
    }

    /// Completes the flight with these tokens. Returns whether they were installed.
    fn install(&mut self, installed: InstalledTokens, response: Option<&Arc<Received>>) -> bool {
        self.complete(FlightOutcome::Renewed, Some(installed), response)
    }

    fn finish(&mut self, outcome: RefreshOutcome) {
        self.is_complete = true;
        let now = self.session.policy().clock.now();
        self.session.emit(
            self.slot,
            EventKind::RefreshFinished {
                epoch: self.launch.ticket.epoch.into(),
                generation: self.launch.ticket.generation.into(),
                outcome,
                duration: now.saturating_sub(self.started),
                waiters: self.waiters,
            },
        );
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        if let Some(lock) = self.take_lock()
            && let Some(store) = self.session.store_of(self.slot)
        {
            drop(store.keep_lock(lock));
        }
        if self.is_complete {
            return;
        }
        if !self.is_announced {
            self.announce();
        }
        let (outcome, waiters) = self.session.abandon_flight(self.slot, &self.launch);
        self.waiters = waiters;
        self.finish(outcome);
    }
}
