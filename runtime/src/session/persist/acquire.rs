//! Before a refresh is sent: acquires the store's lock and adopts newer tokens.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::limit::{LIMIT, PROMPT, too_slow};
use super::load::holds_nothing;
use super::{Known, SlotStore};
use crate::logic::freshness::Freshness;
use crate::logic::gate::Launch;
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, StoreLock, Stored};
use crate::session::Session;
use crate::types::auth::Early;
use crate::types::event::RefreshTrigger;

/// The time for saving the new tokens, on top of the timeout of the refresh.
const MARGIN: Duration = Duration::from_secs(5);

/// For how long a store that fails is asked again before a refresh, and the first pause between.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Why a store is not read again.
pub(super) enum Unread {
    /// It holds no tokens for this session.
    Empty,
    Failed,
}

/// Since when a store is read, and the next pause if that fails.
pub(super) struct Patience {
    began: Duration,
    pause: Duration,
}

/// A change that another process has made in the store.
pub(in crate::session) enum Found {
    /// A newer token set of the same login.
    Newer(Box<Stored>),
    /// The tokens of another login.
    Other(Box<Stored>),
    /// The tokens were removed.
    Removed,
}

impl SlotStore<'_> {
    /// Keeps other processes from refreshing, and checks whether one of them already has.
    pub(in crate::session) async fn acquire(
        &self,
        launch: &Launch,
        held: &mut Option<StoreLock>,
    ) -> Option<Found> {
        // If the lease expires between the lock and the check, another process may have refreshed.
        for _ in 0..3 {
            match self.lock(launch).await {
                Ok(lock) => *held = Some(lock?),
                Err(found) => return found,
            }
            let found = self.compare(launch).await;
            if found.is_some() {
                return found;
            }
            let span = self.refresh_span();
            let lock = held.as_ref()?;
            let extending = || Box::pin(async { Ok(lock.extend(span).await) }) as _;
            match self.session.within(PROMPT, extending).await {
                Ok(true) => return None,
                Ok(false) => *held = None,
                Err(error) => {
                    self.emit_failed(error);
                    return None;
                }
            }
        }
        self.emit_failed(StoreError::Locked);
        None
    }

    /// Waits for the lock, or for the tokens that its holder saves. `Ok(None)` if the store needs no lock; `Err` if it
    /// cannot be acquired, or need not be.
    async fn lock(&self, launch: &Launch) -> Result<Option<StoreLock>, Option<Found>> {
        if let Some(lock) = self.persistence.take_over_lock() {
            return Ok(Some(lock));
        }
        let store = &self.persistence.store;
        let failed = async |error| {
            self.emit_failed(error);
            Err(self.compare(launch).await)
        };
        match self.session.within(LIMIT, || store.lock(Duration::ZERO)).await {
            Ok(lock) => return Ok(lock),
            Err(StoreError::Locked) => {}
            Err(error) => return failed(error).await,
        }
        // If the holder starts its refresh now, it completes before this session continues without the lock.
        let timeout = self.refresh_span().saturating_add(MARGIN);
        let limit = timeout.saturating_add(LIMIT);
        let mut locking = self.session.within(limit, || store.lock(timeout));
        loop {
            match select(locking, store.changed()).await {
                Either::Left((Ok(lock), _)) => return Ok(lock),
                Either::Left((Err(error), _)) => return failed(error).await,
                Either::Right(((), waiting)) => match self.compare(launch).await {
                    None => locking = waiting,
                    found => return Err(found),
                },
            }
        }
    }

    /// How long the lock is held once the refresh is sent.
    fn refresh_span(&self) -> Duration {
        self.session.longest_refresh(self.index).saturating_add(MARGIN)
    }

    /// Compares the content of the store with the session's tokens.
    async fn compare(&self, launch: &Launch) -> Option<Found> {
        self.compared(launch).await.unwrap_or_default()
    }

    /// Like [`compare`](Self::compare), but tells whether the store could be read.
    ///
    /// # Errors
    ///
    /// The store cannot be read, which was reported.
    pub(in crate::session) async fn compared(&self, launch: &Launch) -> Result<Option<Found>, ()> {
        let limit = LIMIT.min(self.session.longest_refresh(self.index));
        let mut patience = self.patience();
        loop {
            match self.compare_once(launch, limit).await {
                Ok(found) => return Ok(found),
                Err(error) => match self.wait_to_read(&mut patience, error).await {
                    Ok(()) => {}
                    Err(Unread::Empty) => return Ok(None),
                    Err(Unread::Failed) => return Err(()),
                },
            }
        }
    }

    pub(super) fn patience(&self) -> Patience {
        Patience { began: self.clock().now(), pause: FIRST_PAUSE }
    }

    /// Waits after a failed read until the store is to be read again. Without its content, a refresh token is sent that
    /// another process may have used, or a login ends that another process has refreshed.
    ///
    /// # Errors
    ///
    /// The store has failed for too long, or holds nothing for this session. The failure was reported.
    pub(super) fn wait_to_read<'a>(
        &'a self,
        patience: &'a mut Patience,
        error: StoreError,
    ) -> BoxFuture<'a, Result<(), Unread>> {
        Box::pin(async move {
            let Patience { began, pause } = patience;
            let waited = self.clock().now().saturating_sub(*began).saturating_add(*pause);
            let longest = PATIENCE.min(self.session.longest_refresh(self.index) / 2);
            let is_empty = holds_nothing(&error);
            if is_empty || waited > longest || *pause > longest {
                self.emit_failed(error);
                return Err(if is_empty { Unread::Empty } else { Unread::Failed });
            }
            self.clock().sleep(*pause).await;
            *pause *= 2;
            Ok(())
        })
    }

    /// A call on another runtime abandons a flight that takes longer than `limit`.
    async fn compare_once(
        &self,
        launch: &Launch,
        limit: Duration,
    ) -> Result<Option<Found>, StoreError> {
        // The version is read before the load: a write of this session in between is newer than the load.
        let known = match self.lock_writes(limit).await {
            Some(mut known) => self.ensure_known(&mut known).await.map(|()| *known),
            None => Err(too_slow(limit)),
        }?;
        Ok(self.judge(launch, &known, self.load().await?))
    }

    fn judge(&self, launch: &Launch, known: &Known, found: Option<Stored>) -> Option<Found> {
        let overrules = self.overrules(known, launch);
        let Some(found) = found else {
            return known.version.filter(|_| !overrules).map(|_| Found::Removed);
        };
        if !found.tokens.is_usable() || known.version == Some(found.version) {
            return None;
        }
        let (first, is_own) = self.state(|state| {
            let first = state.gate.is_awaiting(launch) && !state.gate.is_signed_in();
            let present = state.installed.as_ref().map(|installed| installed.tokens.access());
            // Another process may have used the number of a write that was not made.
            let is_present = || present == Some(found.tokens.access());
            let tried_present = (found.version, state.gate.ticket());
            let is_own = known.may_have_written(found.version)
                && (known.tried != Some(tried_present) || is_present());
            (first, is_own)
        });
        match known.version {
            // Tokens that need no login are the same for all processes.
            _ if first => Some(Found::Newer(Box::new(found))),
            // The session has these tokens, or those that replaced them.
            _ if is_own => None,
            // The store made the write after all, and another process has renewed the login.
            _ if overrules && known.has_tried(launch.ticket, found.version) => {
                Some(Found::Newer(Box::new(found)))
            }
            _ if overrules => None,
            // A backup or a failover may have restored older tokens.
            Some(known) if known.login == found.version.login => {
                (found.version.generation > known.generation).then(|| Found::Newer(Box::new(found)))
            }
            _ => Some(Found::Other(Box::new(found))),
        }
    }

    /// Whether a flight refreshes a login that could not be saved yet. It overrules what the store has, which belongs to
    /// another login.
    pub(super) fn overrules(&self, known: &Known, launch: &Launch) -> bool {
        launch.trigger != RefreshTrigger::First
            && !self.is_unattended()
            && !known.has_stored(launch.ticket)
    }

    /// Whether stored tokens have expired, by the clock.
    pub(in crate::session) fn is_expired(&self, stored: &Stored) -> bool {
        let early = self.session.policy_of(self.index).early;
        early != Early::Off
            && self.restored(stored).lifetime(early).freshness(self.clock().wall())
                == Freshness::Expired
    }

    /// Adopts the tokens of another login: the calls of the current one fail. A login or logout in this
    /// process since the flight started has priority.
    pub(in crate::session) async fn switch_login(&self, launch: &Launch, stored: &Stored) {
        let Some(mut known) = self.lock_writes(LIMIT).await else {
            return self.emit_failed(too_slow(LIMIT));
        };
        if let Some(ticket) = self.restore(stored, |state| state.gate.is_awaiting(launch)) {
            *known = Known::of(stored.version, ticket);
            drop(known);
            self.emit_adopted();
        }
    }
}

impl Session {
    /// How long a refresh may take, including a second attempt if `grace` allows one.
    fn longest_refresh(&self, index: usize) -> Duration {
        let once = self.policy().settings.refresh_timeout;
        once.saturating_mul(if self.policy_of(index).grace.is_some() { 2 } else { 1 })
    }

    /// How long a call waits for a step of a flight on another runtime, which may not be driven: until the step has taken
    /// as long as a refresh may take. A flight that is driven ends earlier because of its own time limits, and one that
    /// has stalled for long gets a moment.
    pub(in crate::session) fn stage_left(&self, index: usize) -> Duration {
        let since = self.slot(index).with(|state| state.flight().map(|flight| flight.since));
        let taken =
            since.map_or(Duration::ZERO, |since| self.policy().clock.now().saturating_sub(since));
        self.longest_refresh(index).saturating_sub(taken).saturating_add(PROMPT)
    }
}
