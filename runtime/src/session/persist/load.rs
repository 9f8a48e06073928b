//! The first load of a session's store.

use futures_util::FutureExt;

use super::limit::{LIMIT, PROMPT, too_slow};
use super::{Known, Persistence};
use crate::ports::BoxFuture;
use crate::ports::store::StoreError;
use crate::session::Session;

impl Session {
    /// Loads the store if it was not loaded before, or adopts changes that other processes have made there. Each
    /// call does the same, and waits for it half a second at most; this method waits until the store responds, for
    /// ten seconds at most.
    pub async fn load(&self) {
        for slot in 0..self.slots() {
            let session = self.clone();
            let loading = Box::pin(async move { session.load_at(slot).await });
            self.apart(LIMIT + PROMPT, loading).await;
            self.sync(slot).await;
        }
    }

    async fn load_at(&self, index: usize) {
        let Some(persistence) = &self.slot(index).persistence else { return };
        let Some(loading) = persistence.start_loading(&*self.policy().clock).await else { return };
        let failure = self.read(index, persistence).await;
        // The hook may load the session itself.
        drop(loading);
        if let Some(error) = failure {
            self.emit_store_failed(index, error);
        }
    }

    /// Whether there is a store that has not been loaded yet.
    pub(in crate::session) fn is_unloaded(&self, index: usize) -> bool {
        self.slot(index).persistence.as_ref().is_some_and(|it| !it.is_loaded())
    }

    /// Loads the store if it was not loaded before. If the user changed during the wait, returns the previous
    /// epoch: that of the login in the store, or that without a user.
    pub(crate) async fn load_for(&self, index: usize) -> Option<u32> {
        let persistence = self.slot(index).persistence.as_ref()?;
        if persistence.is_loaded() {
            return None;
        }
        let before = self.epoch_at(index);
        self.load_promptly(index, persistence).await;
        let found = persistence.loaded.get().copied().flatten().unwrap_or(before);
        (found != self.epoch_at(index)).then_some(found)
    }

    /// Waits for the first load, but not long: a slow load continues in the background, and the session
    /// is signed out until then.
    async fn load_promptly(&self, index: usize, persistence: &Persistence) {
        let clock = &self.policy().clock;
        let session = self.clone();
        let mut loading: BoxFuture<'static, ()> =
            Box::pin(async move { session.load_at(index).await });
        if (&mut loading).now_or_never().is_some() || persistence.is_cooling_down(&**clock) {
            return;
        }
        // If there is a task, a slow load continues on it.
        if !self.apart(PROMPT, loading).await && !persistence.is_cooling_down(&**clock) {
            persistence.set_load_failed(&**clock);
            self.emit_store_failed(index, too_slow(PROMPT));
        }
    }

    /// After a login, the previous content of the store no longer matters.
    pub(in crate::session) fn skip_loading(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            // It fails only if the store was loaded. A load that completes after a login changes nothing.
            let _ = persistence.loaded.set(None);
        }
    }

    /// Loads, and notes what was found. After a failure, which it returns, a later call loads again.
    async fn read(&self, index: usize, persistence: &Persistence) -> Option<StoreError> {
        let clock = &self.policy().clock;
        if persistence.is_cooling_down(&**clock) {
            return None;
        }
        // The lock of the writes is not held meanwhile, so a login does not wait for a slow load.
        let loaded = self.within_limit(|| persistence.store.load()).await;
        let Some(mut known) = self.lock_writes(persistence, LIMIT).await else {
            persistence.set_load_failed(&**clock);
            return Some(too_slow(LIMIT));
        };
        match loaded {
            Ok(Some(stored)) => {
                if !persistence.is_known() {
                    known.version = Some(stored.version);
                    persistence.set_known();
                }
                let found = self.restore(index, &stored, |state| {
                    // Another load may have been faster.
                    !persistence.is_loaded()
                        && !state.gate.is_signed_in()
                        && state.gate.ticket().epoch == 0
                });
                if found.is_some() {
                    known.version = Some(stored.version);
                    known.ticket = found;
                }
                let _ = persistence.loaded.set(found.map(|ticket| ticket.epoch));
                drop(known);
                self.renew_ahead(index);
                None
            }
            Ok(None) => {
                persistence.set_known();
                let _ = persistence.loaded.set(None);
                None
            }
            Err(error) if holds_nothing(&error) => {
                persistence.set_known();
                let _ = persistence.loaded.set(None);
                Some(error)
            }
            Err(error) => {
                persistence.set_load_failed(&**clock);
                Some(error)
            }
        }
    }

    /// A login does not wait for the first load. But before a write, the version that an earlier process left in
    /// the store must be known, or a logout would have nothing to clear.
    pub(super) async fn ensure_known(
        &self,
        persistence: &Persistence,
        known: &mut Known,
    ) -> Result<(), StoreError> {
        if persistence.is_known() {
            return Ok(());
        }
        match self.within_limit(|| persistence.store.load()).await {
            Ok(stored) => known.version = stored.map(|stored| stored.version),
            Err(error) if holds_nothing(&error) => {}
            Err(error) => return Err(error),
        }
        persistence.set_known();
        Ok(())
    }
}

/// Whether the store holds no tokens for this session.
pub(super) fn holds_nothing(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Corrupt(_) | StoreError::OtherRealm { .. } | StoreError::OtherCredential { .. }
    )
}
