//! Keeps the session and its store consistent.
//!
//! One lock serializes all writes of a session, and each write saves the tokens that the session holds at that
//! moment. In whatever order logins, logouts, and refreshes arrive, the store ends up with the tokens of the
//! session.
//!
//! No store can block a session: an operation that takes too long is abandoned and reported as an event.

mod acquire;
mod external_changes;
mod held_lock;
mod known;
mod limit;
mod load;
mod loading;
mod realm;
mod save;
mod unwritten;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as SyncMutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;

pub(super) use acquire::Found;
pub(super) use external_changes::Change;
use held_lock::HeldLock;
pub(super) use held_lock::Holder;
pub(super) use known::Known;
use limit::names_its_store;
pub(super) use limit::{LIMIT, PROMPT, too_slow};
use loading::Loading;
use realm::RealmStore;
pub(super) use save::{Saved, Unsaved, next_ticket};
pub(super) use unwritten::Unwritten;

use super::Session;
use super::slot::{InstalledTokens, State};
use crate::logic::gate::Ticket;
use crate::logic::mask;
use crate::ports::clock::Clock;
use crate::ports::store::{StoreError, Stored, TokenStore};
use crate::types::error::{Error, ErrorKind};
use crate::types::event::{AdoptedFrom, EventKind};

/// The pause after a failure of the store.
const PAUSE: Duration = Duration::from_secs(1);

/// The store of one credential, and its last known state.
pub(crate) struct Persistence {
    store: RealmStore,
    /// Set by the first load: the epoch of the login that was found, if there was one.
    loaded: OnceLock<Option<u32>>,
    loading: SyncMutex<Option<Loading>>,
    /// Whether it is known what the store contained before this session.
    is_known: AtomicBool,
    /// When loading last failed.
    load_failed: SyncMutex<Option<Duration>>,
    /// Whether a task retries a failed write.
    retrying: AtomicBool,
    /// Since when a write fails that is retried.
    failing: SyncMutex<Option<Duration>>,
    /// Whether a write has failed, or has ended with its runtime, and none has succeeded since.
    unwritten: AtomicBool,
    known: Mutex<Known>,
    /// The lock of the store, while it is held.
    lock: SyncMutex<HeldLock>,
}

/// A credential of a session, and its store.
#[derive(Clone, Copy)]
pub(super) struct SlotStore<'a> {
    session: &'a Session,
    index: usize,
    pub(super) persistence: &'a Persistence,
}

impl Persistence {
    pub(crate) fn new(
        store: Arc<dyn TokenStore>,
        realm: Option<&Arc<str>>,
        credential: &'static str,
    ) -> Self {
        Self {
            store: RealmStore::new(store, realm.cloned(), credential),
            loaded: OnceLock::new(),
            loading: SyncMutex::default(),
            is_known: AtomicBool::new(false),
            load_failed: SyncMutex::default(),
            retrying: AtomicBool::new(false),
            failing: SyncMutex::default(),
            unwritten: AtomicBool::new(false),
            known: Mutex::default(),
            lock: SyncMutex::default(),
        }
    }

    /// The name of the key with which the store encrypts.
    pub(crate) fn encryption(&self) -> Option<String> {
        self.store.encryption()
    }

    /// Whether the first load has ended, or is not needed.
    fn is_loaded(&self) -> bool {
        self.loaded.get().is_some()
    }

    /// Whether a failed write has to be taken up again, since its task has ended.
    fn is_behind(&self) -> bool {
        self.unwritten.load(Ordering::Acquire) && !self.retrying.load(Ordering::Relaxed)
    }

    fn set_known(&self) {
        self.is_known.store(true, Ordering::Relaxed);
    }

    fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }
}

impl SlotStore<'_> {
    fn clock(&self) -> &dyn Clock {
        &*self.session.policy().clock
    }

    fn state<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.session.slot(self.index).with(act)
    }

    /// Whether loading failed within the last second.
    fn is_cooling_down(&self) -> bool {
        let failed = *self.persistence.load_failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.is_some_and(|failed| self.clock().now().saturating_sub(failed) < PAUSE)
    }

    fn set_load_failed(&self) {
        let now = self.clock().now();
        *self.persistence.load_failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }

    pub(super) fn restored(&self, stored: &Stored) -> InstalledTokens {
        let early = self.session.policy_of(self.index).early;
        InstalledTokens::restored(stored.tokens.clone(), stored.issued, early)
    }

    /// Installs stored tokens as another login, if `is_wanted` still returns true.
    fn restore(&self, stored: &Stored, is_wanted: impl Fn(&State) -> bool) -> Option<Ticket> {
        if !stored.tokens.is_usable() {
            return None;
        }
        let holding = self.restored(stored);
        let (released, ticket) = self.session.for_another_user(self.index, is_wanted, |state| {
            state.install(Some(holding));
            let released = state.gate.login();
            (released, state.gate.ticket())
        })?;
        self.session.wake(self.index, released, None);
        Some(ticket)
    }

    /// Like all events, this one is emitted after the lock of the writes was released: a hook may sign in or out.
    pub(super) fn emit_adopted(&self) {
        self.session.emit(self.index, EventKind::Adopted { source: AdoptedFrom::Store });
    }

    /// Like [`emit_adopted`](Self::emit_adopted).
    pub(super) fn emit_failed(&self, error: StoreError) {
        self.session.emit_store_failed(self.index, error);
    }
}

impl Session {
    /// The store of a credential, if it has one.
    pub(super) fn store_of(&self, index: usize) -> Option<SlotStore<'_>> {
        let persistence = self.slot(index).persistence.as_deref()?;
        Some(SlotStore { session: self, index, persistence })
    }

    /// Like all events, this one is emitted while no lock is held.
    pub(super) fn emit_store_failed(&self, index: usize, error: StoreError) {
        let session = self.id();
        let credential = self.policy().credentials.get(index).map_or("", |each| each.name);
        let reason = Error::of_kind(ErrorKind::Store).of_session(session, credential);
        let location = || self.slot(index).persistence.as_ref()?.store.location();
        let reason = match location() {
            Some(location) if !names_its_store(&error) => reason.with_message(location),
            _ => reason,
        };
        let reason = mask::hide_deep(reason.with_source(error), &self.secrets(None));
        self.emit(index, EventKind::StoreFailed { reason: Arc::new(reason) });
    }
}

/// The reason for a session whose tokens are no longer in the store. A store cannot say whether another process
/// cleared them or they were lost, so the message claims neither.
pub(super) fn tokens_gone() -> Error {
    Error::of_kind(ErrorKind::SessionLost).with_message(
        "the store no longer holds the tokens: another process signed out, or the store was cleared",
    )
}
