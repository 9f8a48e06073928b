//! The first load of a session's store.

use futures_util::FutureExt;

use super::limit::{LIMIT, PROMPT, too_slow};
use super::{Known, SlotStore};
use crate::ports::BoxFuture;
use crate::ports::store::StoreError;
use crate::session::Session;

impl Session {
    /// Loads the store if it was not loaded before, or adopts changes that other processes have made there. Each
    /// call does the same, and waits for it half a second at most; this method waits until the store responds, for
    /// ten seconds at most.
    pub async fn load(&self) {
        for slot in 0..self.slots() {
            self.apart(LIMIT + PROMPT, self.loading(slot)).await;
            self.sync(slot).await;
        }
    }

    /// Loads the store if it was not loaded before. If the user changed during the wait, returns the previous
    /// epoch: that of the login in the store, or that without a user.
    pub(crate) async fn load_for(&self, index: usize) -> Option<u32> {
        let store = self.store_of(index)?;
        let loaded = &store.persistence.loaded;
        if loaded.get().is_some() {
            return None;
        }
        let before = self.epoch_at(index);
        store.load_promptly().await;
        let found = loaded.get().copied().flatten().unwrap_or(before);
        (found != self.epoch_at(index)).then_some(found)
    }

    /// After a login, the previous content of the store no longer matters.
    pub(in crate::session) fn skip_loading(&self, index: usize) {
        if let Some(persistence) = &self.slot(index).persistence {
            // It fails only if the store was loaded. A load that completes after a login changes nothing.
            let _ = persistence.loaded.set(None);
        }
    }

    fn loading(&self, index: usize) -> BoxFuture<'static, ()> {
        let session = self.clone();
        Box::pin(async move {
            if let Some(store) = session.store_of(index) {
                store.load_first().await;
            }
        })
    }
}

impl SlotStore<'_> {
    async fn load_first(&self) {
        let Some(loading) = self.persistence.start_loading(self.clock()).await else { return };
        let failure = self.read().await;
        // The hook may load the session itself.
        drop(loading);
        if let Some(error) = failure {
            self.emit_failed(error);
        }
    }

    /// Waits for the first load, but not long: a slow load continues in the background, and the session
    /// is signed out until then.
    async fn load_promptly(&self) {
        let mut loading = self.session.loading(self.index);
        if (&mut loading).now_or_never().is_some() || self.is_cooling_down() {
            return;
        }
        // If there is a task, a slow load continues on it.
        if !self.session.apart(PROMPT, loading).await && !self.is_cooling_down() {
            self.set_load_failed();
            self.emit_failed(too_slow(PROMPT));
        }
    }

    /// Loads, and notes what was found. After a failure, which it returns, a later call loads again.
    async fn read(&self) -> Option<StoreError> {
        if self.is_cooling_down() {
            return None;
        }
        let persistence = self.persistence;
        // The lock of the writes is not held meanwhile, so a login does not wait for a slow load.
        let loaded = self.load().await;
        let Some(mut known) = self.lock_writes(LIMIT).await else {
            self.set_load_failed();
            return Some(too_slow(LIMIT));
        };
        let (stored, failure) = match loaded {
            Ok(stored) => (stored, None),
            Err(error) if holds_nothing(&error) => (None, Some(error)),
            Err(error) => {
                self.set_load_failed();
                return Some(error);
            }
        };
        let mut found = None;
        if let Some(stored) = &stored {
            found = self.restore(stored, |state| {
                // Another load may have been faster.
                !persistence.is_loaded()
                    && !state.gate.is_signed_in()
                    && state.gate.ticket().epoch == 0
            });
            if found.is_some() || !persistence.is_known() {
                known.version = Some(stored.version);
            }
            known.ticket = found.or(known.ticket);
        }
        persistence.set_known();
        let _ = persistence.loaded.set(found.map(|ticket| ticket.epoch));
        drop(known);
        if stored.is_some() {
            self.session.renew_ahead(self.index);
        }
        failure
    }

    /// A login does not wait for the first load. But before a write, the version that an earlier process left in
    /// the store must be known, or a logout would have nothing to clear.
    pub(in crate::session) async fn ensure_known(
        &self,
        known: &mut Known,
    ) -> Result<(), StoreError> {
        if self.persistence.is_known() {
            return Ok(());
        }
        match self.load().await {
            Ok(stored) => known.version = stored.map(|stored| stored.version),
            Err(error) if holds_nothing(&error) => {}
            Err(error) => return Err(error),
        }
        self.persistence.set_known();
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
