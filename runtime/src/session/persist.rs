//! The session and its store.
//!
//! All writes of a session go through one lock, and each writes what the session holds at that
//! moment: whatever the order in which logins, logouts and refreshes come, the store ends up with
//! what the session ended up with.
//!
//! No store can hold a session up: what takes too long is given up, and told as an event.

mod acquire;
mod commit;
mod external_changes;
mod limit;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as SyncMutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex, OnceCell};

pub(super) use acquire::Found;
pub(super) use commit::Committed;
pub(super) use limit::LIMIT;
use limit::may_name_its_store;

use super::Session;
use super::slot::{InstalledTokens, State};
use crate::logic::gate::Ticket;
use crate::ports::clock::Clock;
use crate::ports::store::{StoreError, Stored, TokenStore, Version};
use crate::types::error::{Error, ErrorKind};
use crate::types::event::{AdoptedFrom, EventKind};

/// A store that could not be read is not asked again sooner.
const PAUSE: Duration = Duration::from_secs(1);

/// A store, and what is known of it.
pub(crate) struct Persistence {
    store: Arc<dyn TokenStore>,
    /// Set once the store was read: the epoch of whoever was found there, if anybody was.
    loaded: OnceCell<Option<u64>>,
    /// Whether it is known what the store kept before this session.
    met: AtomicBool,
    /// When reading failed last.
    unread: SyncMutex<Option<Duration>>,
    /// Whether a task tries again to write.
    retrying: AtomicBool,
    kept: Mutex<Kept>,
}

/// What the store keeps, as far as this session knows.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Kept {
    version: Option<Version>,
    /// The token set of this session that it is; `None` if it keeps nothing of it.
    of: Option<Ticket>,
}

impl Persistence {
    pub(crate) fn new(store: Arc<dyn TokenStore>) -> Self {
        Self {
            store,
            loaded: OnceCell::new(),
            met: AtomicBool::new(false),
            unread: SyncMutex::default(),
            retrying: AtomicBool::new(false),
            kept: Mutex::default(),
        }
    }

    fn rests(&self, clock: &dyn Clock) -> bool {
        let unread = *self.unread.lock().unwrap_or_else(PoisonError::into_inner);
        unread.is_some_and(|unread| clock.now().saturating_sub(unread) < PAUSE)
    }

    fn could_not_be_read(&self, clock: &dyn Clock) {
        *self.unread.lock().unwrap_or_else(PoisonError::into_inner) = Some(clock.now());
    }
}

impl Session {
    /// Reads the store, if there is one and it was not read before, or looks at what others have changed
    /// there meanwhile. Every call does so by itself.
    pub async fn load(&self) {
        for slot in 0..self.slots() {
            self.keep_up(slot).await;
        }
    }

    pub(crate) async fn load_at(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence
            && !persistence.loaded.initialized()
        {
            let mut failure = None;
            // A store that failed is read again by a later call.
            let _ = persistence
                .loaded
                .get_or_try_init(|| self.read(index, persistence, &mut failure))
                .await;
            // The hook may well load the session itself: it is told once nobody else reads.
            if let Some(error) = failure {
                self.store_failed(index, error);
            }
        }
    }

    /// Reads the store, if it was not read before. If the session has changed hands during the wait,
    /// gives the epoch of those who were there before: of whoever was found in the store, or of nobody.
    pub(crate) async fn load_for(&self, index: usize) -> Option<u64> {
        let persistence = self.slot(index).persistence.as_ref()?;
        if persistence.loaded.initialized() {
            return None;
        }
        let before = self.epoch_at(index);
        self.load_at(index).await;
        let found = persistence.loaded.get().copied().flatten().unwrap_or(before);
        (found != self.epoch_at(index)).then_some(found)
    }

    /// Signing in makes what the store keeps unimportant.
    pub(super) fn skip_loading(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            // It fails only if it was read already, or is being read: a read that comes later than a
            // login finds somebody signed in and changes nothing.
            let _ = persistence.loaded.set(None);
        }
    }

    async fn read(
        &self,
        index: usize,
        persistence: &Persistence,
        failure: &mut Option<StoreError>,
    ) -> Result<Option<u64>, ()> {
        let clock = &self.policy().clock;
        if persistence.rests(&**clock) {
            return Err(());
        }
        let mut kept = persistence.kept.lock().await;
        let loaded = self.within_limit(|| persistence.store.load()).await;
        persistence.met.store(loaded.is_ok(), Ordering::Relaxed);
        match loaded {
            Ok(Some(stored)) => {
                kept.version = Some(stored.version);
                let found = self.restore(index, &stored, |state| {
                    !state.gate.is_signed_in() && state.gate.ticket().epoch == 0
                });
                if found.is_some() {
                    kept.of = found;
                }
                drop(kept);
                self.renew_ahead(index);
                Ok(found.map(|ticket| ticket.epoch))
            }
            Ok(None) => Ok(None),
            Err(error @ StoreError::Corrupt(_)) => {
                *failure = Some(error);
                Ok(None)
            }
            Err(error) => {
                persistence.could_not_be_read(&**clock);
                *failure = Some(error);
                Err(())
            }
        }
    }

    /// Makes the tokens of a store those of the session, as another login.
    fn restore(
        &self,
        index: usize,
        stored: &Stored,
        wanted: impl FnOnce(&State) -> bool,
    ) -> Option<Ticket> {
        if !stored.tokens.is_usable() {
            return None;
        }
        let early = self.policy_of(index).early;
        let holding = InstalledTokens::restored(stored.tokens.clone(), stored.issued, early);
        let (released, ticket) = self.slot(index).with(|state| {
            if !wanted(state) {
                return None;
            }
            state.install(Some(holding));
            let released = state.gate.login();
            Some((released, state.gate.ticket()))
        })?;
        self.wake(index, released, None);
        Some(ticket)
    }

    /// Like all that is told, this is told once the lock of the writes is free: a hook may sign in or out.
    pub(super) fn tell_adopted(&self, index: usize) {
        self.emit(index, EventKind::Adopted { source: AdoptedFrom::Store });
    }

    /// As [`tell_adopted`](Session::tell_adopted).
    pub(super) fn store_failed(&self, index: usize, error: StoreError) {
        let session = self.id();
        let credential = self.policy().credentials.get(index).map_or("", |each| each.name);
        let reason = Error::new(ErrorKind::Store).of_session(session, credential);
        let place = || self.slot(index).persistence.as_ref()?.store.place();
        let reason = match place() {
            Some(place) if !may_name_its_store(&error) => reason.with_message(place),
            _ => reason,
        };
        let reason = Arc::new(reason.with_source(error));
        self.emit(index, EventKind::StoreFailed { reason });
    }
}

/// The reason of a session whose tokens are no longer in the store. A store cannot say whether another
/// process cleared them or they were lost, so neither is claimed.
pub(super) fn tokens_gone() -> Error {
    Error::new(ErrorKind::SessionLost).with_message(
        "the store no longer holds the tokens: another process signed out, or the store was cleared",
    )
}
