//! Before a refresh is sent: acquires the store's lock and adopts newer tokens.

use std::time::Duration;

use futures_util::future::{Either, select};

use super::limit::{LIMIT, PROMPT, too_slow};
use super::load::holds_nothing;
use super::{Known, Persistence};
use crate::logic::freshness::Freshness;
use crate::logic::gate::Launch;
use crate::ports::store::{StoreError, StoreLock, Stored};
use crate::session::Session;
use crate::session::slot::InstalledTokens;
use crate::types::auth::Early;
use crate::types::event::RefreshTrigger;

/// The time for saving the new tokens, on top of the timeout of the refresh.
const MARGIN: Duration = Duration::from_secs(5);

/// For how long a store that fails is asked again before a refresh, and the first pause between.
const PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The content of the store, compared with the session.
pub(in crate::session) enum Found {
    /// Nothing newer than the session's tokens.
    Nothing,
    /// A newer token set of the same login.
    Newer(Box<Stored>),
    /// The tokens of another login.
    Other(Box<Stored>),
    /// The tokens were removed.
    Removed,
}

impl Session {
    /// Keeps other processes from refreshing, and checks whether one of them already has.
    pub(in crate::session) async fn acquire_store(
        &self,
        index: usize,
        launch: &Launch,
        held: &mut Option<StoreLock>,
    ) -> Found {
        let Some(persistence) = &self.slot(index).persistence else { return Found::Nothing };
        // If the lease expires between the lock and the check, another process may have refreshed.
        for _ in 0..3 {
            match self.lock_store(index, persistence, launch).await {
                Ok(Some(lock)) => *held = Some(lock),
                Ok(None) => return Found::Nothing,
                Err(found) => return found,
            }
            let found = self.compare_with_store(index, persistence, launch).await;
            let Found::Nothing = found else { return found };
            let span = self.refresh_span(index);
            let Some(lock) = held else { return Found::Nothing };
            let extending = self.within(PROMPT, || Box::pin(async { Ok(lock.extend(span).await) }));
            match extending.await {
                Ok(true) => return Found::Nothing,
                Ok(false) => *held = None,
                Err(error) => {
                    self.emit_store_failed(index, error);
                    return Found::Nothing;
                }
            }
        }
        self.emit_store_failed(index, StoreError::Locked);
        Found::Nothing
    }

    /// Waits for the lock, or for the tokens that its holder saves. `None` if the store needs no lock.
    async fn lock_store(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Result<Option<StoreLock>, Found> {
        if let Some(lock) = persistence.take_over_lock() {
            return Ok(Some(lock));
        }
        let store = &persistence.store;
        let first = self.within_limit(|| store.lock(Duration::ZERO)).await;
        let Err(StoreError::Locked) = first else {
            return match first {
                Ok(lock) => Ok(lock),
                Err(error) => {
                    self.emit_store_failed(index, error);
                    Err(self.compare_with_store(index, persistence, launch).await)
                }
            };
        };
        // If the holder starts its refresh now, it completes before this session continues without the lock.
        let timeout = self.refresh_span(index).saturating_add(MARGIN);
        let limit = timeout.saturating_add(super::LIMIT);
        let mut locking = self.within(limit, || store.lock(timeout));
        loop {
            match select(locking, store.changed()).await {
                Either::Left((Ok(lock), _)) => return Ok(lock),
                Either::Left((Err(error), _)) => {
                    self.emit_store_failed(index, error);
                    return Err(self.compare_with_store(index, persistence, launch).await);
                }
                Either::Right(((), waiting)) => {
                    match self.compare_with_store(index, persistence, launch).await {
                        Found::Nothing => locking = waiting,
                        found => return Err(found),
                    }
                }
            }
        }
    }

    /// How long the lock is held once the refresh is sent.
    fn refresh_span(&self, index: usize) -> Duration {
        self.longest_refresh(index).saturating_add(MARGIN)
    }

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

    /// Compares the content of the store with the session's tokens. A store that fails is asked again for a moment: without
    /// its content, a refresh token is sent that another process may have used.
    async fn compare_with_store(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Found {
        self.compared(index, persistence, launch).await.unwrap_or(Found::Nothing)
    }

    /// The same; `None` if the store cannot be read.
    pub(in crate::session) async fn compared(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Option<Found> {
        let clock = &self.policy().clock;
        let (began, patience) = (clock.now(), PATIENCE.min(self.longest_refresh(index) / 2));
        let mut pause = FIRST_PAUSE;
        loop {
            match self.compare_once(index, persistence, launch).await {
                Ok(found) => return Some(found),
                Err(error) => {
                    let waited = clock.now().saturating_sub(began).saturating_add(pause);
                    let is_empty = holds_nothing(&error);
                    if waited > patience || pause > patience || is_empty {
                        self.emit_store_failed(index, error);
                        return is_empty.then_some(Found::Nothing);
                    }
                }
            }
            clock.sleep(pause).await;
            pause *= 2;
        }
    }

    async fn compare_once(
        &self,
        index: usize,
        persistence: &Persistence,
        launch: &Launch,
    ) -> Result<Found, StoreError> {
        // The version is read before the load: a write of this session in between is newer than the load.
        // A call on another runtime abandons a flight that takes longer.
        let limit = LIMIT.min(self.longest_refresh(index));
        let known = match self.lock_writes(persistence, limit).await {
            Some(mut known) => self.ensure_known(persistence, &mut known).await.map(|()| *known),
            None => Err(too_slow(limit)),
        }?;
        let found = self.within_limit(|| persistence.store.load()).await?;
        Ok(self.judge(index, launch, &known, found))
    }

    fn judge(&self, index: usize, launch: &Launch, known: &Known, found: Option<Stored>) -> Found {
        // A login that the store does not have yet overrules what is there.
        let overrules = self.overrules(index, known, launch);
        let Some(found) = found else {
            let is_removed = known.version.is_some() && !overrules;
            return if is_removed { Found::Removed } else { Found::Nothing };
        };
        if !found.tokens.is_usable() || known.version == Some(found.version) {
            return Found::Nothing;
        }
        let (first, is_own) = self.slot(index).with(|state| {
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
            _ if first => Found::Newer(Box::new(found)),
            // The session has these tokens, or those that replaced them.
            _ if is_own => Found::Nothing,
            // The store made the write after all, and another process has renewed the login.
            _ if overrules && known.has_tried(launch.ticket, found.version) => {
                Found::Newer(Box::new(found))
            }
            _ if overrules => Found::Nothing,
            Some(known) if known.login == found.version.login => {
                // A backup or a failover may have restored older tokens.
                if found.version.generation > known.generation {
                    Found::Newer(Box::new(found))
                } else {
                    Found::Nothing
                }
            }
            _ => Found::Other(Box::new(found)),
        }
    }

    /// Whether a flight renews a login that the store does not have, because it could not be written. What the store has
    /// is older, then, and belongs to another user.
    pub(super) fn overrules(&self, index: usize, known: &Known, launch: &Launch) -> bool {
        launch.trigger != RefreshTrigger::First
            && !self.policy_of(index).unattended()
            && !known.has_stored(launch.ticket)
    }

    /// Whether stored tokens have expired, by the clock.
    pub(in crate::session) fn is_expired(&self, index: usize, stored: &Stored) -> bool {
        let early = self.policy_of(index).early;
        early != Early::Off
            && InstalledTokens::restored(stored.tokens.clone(), stored.issued, early)
                .lifetime(early)
                .freshness(self.policy().clock.wall())
                == Freshness::Expired
    }

    /// Adopts the tokens of another login: the calls of the current one fail. A login or logout in this
    /// process since the flight started has priority.
    pub(in crate::session) async fn switch_login(
        &self,
        index: usize,
        launch: &Launch,
        stored: &Stored,
    ) {
        let Some(persistence) = &self.slot(index).persistence else { return };
        let Some(mut known) = self.lock_writes(persistence, LIMIT).await else {
            return self.emit_store_failed(index, too_slow(LIMIT));
        };
        if let Some(ticket) = self.restore(index, stored, |state| state.gate.is_awaiting(launch)) {
            *known = Known::of(stored.version, ticket);
            drop(known);
            self.emit_adopted(index);
        }
    }
}
