//! One refresh under way.
//!
//! It runs on a task of its own, so that a rotated token is not lost with the caller that happened to
//! start it. Whatever becomes of it, it lands: with its outcome, with its panic, or with the drop of
//! its task when the runtime ends.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::Session;
use super::hold::runtime;
use super::persist::{Committed, Found, dice};
use super::renew::{FailureKind, RefreshFailure, Renewed};
use super::slot::Holding;
use crate::call::answer::Received;
use crate::decisions::gate::{Landing, Launch, Release, Trigger};
use crate::ports::store::{Stamp, StoreLock, Stored};
use crate::words::error::{Error, ErrorKind, Phase};
use crate::words::event::{Event, RefreshOutcome, RefreshTrigger};
use crate::words::tokens::Tokens;

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
    over: Option<Stamp>,
}

/// What a flight brings.
enum Cargo {
    /// Tokens of a refresh.
    Tokens(Box<Holding>, Option<Arc<Received>>),
    /// Tokens that another process has left in the store.
    Stored(Box<Stored>),
    /// The tokens of another login, which another process has left in the store.
    OtherLogin(Box<Stored>),
    /// Nothing.
    Failure(Box<RefreshFailure>),
}

impl Session {
    /// Starts a flight that the gate has launched.
    pub(super) fn take_off(&self, slot: usize, launch: Launch) {
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
        self.slot(slot).with(|state| state.flies_on = runtime());
        let task = WITHIN.scope(within, flight.run());
        if let Err(task) = policy.spawner.spawn(Box::pin(task)) {
            // The landing comes before the drop of the task, which then lands on nothing: those who
            // wait must not start the next flight that nobody can run.
            let error = Error::new(ErrorKind::RefreshFailed)
                .with_message("there is no tokio runtime that could run the refresh");
            let landing = Landing::Transient { error: Arc::new(error), retry_after: None };
            self.touch_down(slot, &launch, landing, None, None);
            drop(task);
        }
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.inner) as usize
    }

    /// Lands a flight at the gate, installs what it brings, and wakes those who waited. Says whether
    /// it counted, and how many waited.
    pub(super) fn touch_down(
        &self,
        slot: usize,
        launch: &Launch,
        landing: Landing<Arc<Error>>,
        holding: Option<Holding>,
        answer: Option<&Arc<Received>>,
    ) -> (bool, usize) {
        let policy = self.policy();
        let limits = &self.credential(slot).limits;
        let now = policy.clock.now();
        let dice = dice();
        let mut landed = self.slot(slot).with(|state| {
            let landed = state.gate.land(now, dice, launch, landing, limits);
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
                    .of_session(self.id());
                *error = Arc::new(reason);
                Some(Arc::clone(error))
            }
            _ => None,
        };
        match lost {
            Some(reason) => self.tell_lost(slot, landed.released, &reason),
            None => self.wake(slot, landed.released, answer),
        }
        (landed.taken, waiters)
    }
}

impl Flight {
    async fn run(mut self) {
        let cargo = AssertUnwindSafe(self.fly()).catch_unwind().await;
        let cargo = cargo.unwrap_or_else(|_| {
            let error = Error::new(ErrorKind::RefreshFailed).with_message("the refresh panicked");
            Cargo::failure(FailureKind::Transient { retry_after: None }, error)
        });
        if let Cargo::Tokens(holding, answer) = cargo {
            return self.bring(*holding, answer).await;
        }
        // Others can have the lock before the calls go on: a process may end with its call.
        if let Some(lock) = self.lock.take() {
            self.session.give_back(lock).await;
        }
        self.arrive(cargo).await;
    }

    async fn arrive(&mut self, cargo: Cargo) {
        match cargo {
            Cargo::Tokens(..) => {}
            Cargo::Stored(stored) => self.adopt(*stored).await,
            Cargo::OtherLogin(stored) => {
                self.session.become_other(self.slot, &self.launch, &stored).await;
                // It lands on nothing if the other login was installed, and lets those who wait ask again
                // if that could not be used.
                let (session, launch) = (self.session.clone(), self.launch);
                let (_, waiters) =
                    session.touch_down(self.slot, &launch, Landing::Vanished, None, None);
                self.finish(RefreshOutcome::Discarded, waiters);
            }
            Cargo::Failure(failure) => self.fail(*failure).await,
        }
    }

    async fn fly(&mut self) -> Cargo {
        let session = self.session.clone();
        let mut left = None;
        match session.look_into_store(self.slot, &self.launch, &mut self.lock).await {
            Found::Nothing => {}
            Found::Newer(stored) if session.is_over(self.slot, &stored) => {
                // What another process has left is over as well, and is what can be renewed.
                self.over = Some(stored.stamp);
                left = Some(stored.tokens);
            }
            Found::Newer(stored) => return Cargo::Stored(stored),
            Found::Other(stored) => return Cargo::OtherLogin(stored),
            Found::SignedOut => return Cargo::signed_out(),
        }
        // Asked together: the tokens of whoever signed in since are not this flight's to spend.
        let own = session
            .slot(self.slot)
            .with(|state| state.gate.is_awaiting(&self.launch).then(|| state.holding.clone()));
        let Some(own) = own else {
            let error = Error::new(ErrorKind::SessionChanged);
            return Cargo::failure(FailureKind::Transient { retry_after: None }, error);
        };
        let old = left.or(own.map(|holding| holding.tokens));
        let cargo = match self.renew(old.clone()).await {
            Ok(renewed) => self.unload(renewed, old.as_ref()),
            Err(failure) => Cargo::Failure(Box::new(failure)),
        };
        match cargo {
            Cargo::Failure(failure) if failure.kind == FailureKind::Permanent => {
                self.second_look(*failure, old.as_ref()).await
            }
            cargo => cargo,
        }
    }

    /// One request, or two where the server goes on accepting a spent refresh token for a while.
    async fn renew(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        let credential = self.session.credential(self.slot);
        let clock = &self.session.policy().clock;
        let started = clock.now();
        let failure = match self.renew_once(old.clone()).await {
            Err(failure) if failure.kind == FailureKind::Ambiguous => failure,
            other => return other,
        };
        let (session, credential_name) = (self.session.id(), credential.name);
        let ambiguous = Event::RotationAmbiguous { session, credential: credential_name };
        self.session.policy().emit(&ambiguous);
        let elapsed = clock.now().saturating_sub(started);
        if credential.grace.is_some_and(|grace| elapsed <= grace) {
            self.renew_once(old).await
        } else {
            Err(failure)
        }
    }

    async fn renew_once(&self, old: Option<Tokens>) -> Result<Renewed, RefreshFailure> {
        let credential = self.session.credential(self.slot);
        let policy = self.session.policy();
        let Some(renew) = credential.renew.get() else {
            let error = super::entry::nothing_renews();
            return Err(RefreshFailure::new(FailureKind::Transient { retry_after: None }, error));
        };
        self.session.inner.counts.refreshes.fetch_add(1, Ordering::Relaxed);
        let asked = policy.clock.wall();
        let limit = policy.clock.sleep(policy.settings.refresh_timeout);
        match select(renew.renew(&self.session, old), limit).await {
            Either::Left((renewed, _)) => renewed.map(|renewed| renewed.asked_at(asked)),
            Either::Right(_) => Err(RefreshFailure::new(
                FailureKind::Ambiguous,
                Error::new(ErrorKind::Timeout(Phase::Refresh)).with_message(format!(
                    "the refresh took longer than {:?}",
                    policy.settings.refresh_timeout
                )),
            )),
        }
    }

    /// Looks at what the refresh has brought. What makes it a success is a usable token in it.
    fn unload(&self, renewed: Renewed, old: Option<&Tokens>) -> Cargo {
        let Renewed { mut tokens, answer, asked } = renewed;
        if !tokens.is_usable() {
            let error = Error::new(ErrorKind::RefreshFailed)
                .with_message("the answer to the refresh holds no usable token");
            return Cargo::failure(FailureKind::Transient { retry_after: None }, error);
        }
        if tokens.refresh().is_none()
            && let Some(refresh) = old.and_then(Tokens::refresh)
        {
            tokens = tokens.with_refresh(refresh);
        }
        self.session.tell_unreadable(self.slot, &tokens);
        let wall = self.session.policy().clock.wall();
        let early = self.session.credential(self.slot).early;
        let holding = Holding::new(tokens, asked.unwrap_or(wall), wall, early);
        Cargo::Tokens(Box::new(holding), answer)
    }

    /// What was rejected may have been spent by another process: its successor is in the store.
    async fn second_look(&self, failure: RefreshFailure, old: Option<&Tokens>) -> Cargo {
        if let Some(persistence) = &self.session.slot(self.slot).persistence {
            match self.session.compare(self.slot, persistence, &self.launch).await {
                Found::Newer(stored)
                    if Some(stored.tokens.payment()) != old.map(Tokens::payment) =>
                {
                    return Cargo::Stored(stored);
                }
                Found::Other(stored) => return Cargo::OtherLogin(stored),
                _ => {}
            }
        }
        Cargo::Failure(Box::new(failure))
    }

    async fn bring(&mut self, holding: Holding, answer: Option<Arc<Received>>) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let mut waiters = 0;
        let land = |landing, holding| {
            let (taken, woken) =
                session.touch_down(slot, &launch, landing, holding, answer.as_ref());
            waiters = woken;
            taken
        };
        let lock = self.lock.take();
        let outcome = match session.commit(slot, &launch, holding, self.over, lock, land).await {
            Committed::Taken => {
                session.look_ahead(slot);
                RefreshOutcome::Renewed
            }
            Committed::Discarded => RefreshOutcome::Discarded,
            Committed::Newer(stored) => return self.arrive(Cargo::Stored(stored)).await,
            Committed::Other(stored) => return self.arrive(Cargo::OtherLogin(stored)).await,
            Committed::SignedOut => return self.arrive(Cargo::signed_out()).await,
        };
        self.finish(outcome, waiters);
    }

    async fn adopt(&mut self, stored: Stored) {
        let (session, slot, launch) = (self.session.clone(), self.slot, self.launch);
        let early = session.credential(slot).early;
        let holding = Holding::restored(stored.tokens, stored.issued, early);
        let mut waiters = 0;
        let land = || {
            let (taken, woken) =
                session.touch_down(slot, &launch, Landing::Renewed, Some(holding), None);
            waiters = woken;
            taken
        };
        let taken = session.take_over(slot, &launch, stored.stamp, land).await;
        if taken {
            session.look_ahead(slot);
        }
        let outcome = if taken { RefreshOutcome::Renewed } else { RefreshOutcome::Discarded };
        self.finish(outcome, waiters);
    }

    async fn fail(&mut self, failure: RefreshFailure) {
        let error = Arc::new(failure.error);
        let error_of_landing = Arc::clone(&error);
        let landing = match failure.kind {
            FailureKind::Transient { retry_after } => {
                Landing::Transient { error: error_of_landing, retry_after }
            }
            FailureKind::Ambiguous => {
                Landing::Transient { error: error_of_landing, retry_after: None }
            }
            FailureKind::Rejected => Landing::Rejected { error: error_of_landing },
            FailureKind::Permanent => Landing::Permanent { error: error_of_landing },
        };
        let (taken, waiters) =
            self.session.touch_down(self.slot, &self.launch, landing, None, None);
        let lost = taken && self.session.slot(self.slot).with(|state| state.gate.is_lost());
        let outcome = match (taken, lost) {
            (true, true) => RefreshOutcome::Lost(error),
            (true, false) => RefreshOutcome::Failed(error),
            (false, _) => RefreshOutcome::Discarded,
        };
        self.finish(outcome, waiters);
        if lost {
            self.session.persist(self.slot).await;
        }
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
            let (taken, waiters) =
                self.session.touch_down(self.slot, &self.launch, Landing::Vanished, None, None);
            let outcome = if taken { RefreshOutcome::Vanished } else { RefreshOutcome::Discarded };
            self.finish(outcome, waiters);
        }
    }
}

impl Cargo {
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
