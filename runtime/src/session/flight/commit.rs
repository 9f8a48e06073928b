//! The end of a flight with tokens from a refresh: they are saved and installed.

use std::sync::Arc;

use futures_util::FutureExt;

use super::{Arrived, Flight, NoTokens};
use crate::logic::gate::FlightOutcome;
use crate::ports::response::Received;
use crate::ports::store::{StoreError, StoreLock};
use crate::session::persist::{
    Change, Found, Known, LIMIT, PROMPT, Saved, SlotStore, Unsaved, Unwritten, too_slow,
};
use crate::session::slot::{InstalledTokens, State};
use crate::types::event::RefreshOutcome;
use crate::types::tokens::Tokens;

const fn has_failed(saved: &Saved) -> bool {
    matches!(saved, Err(Unsaved::Failed(_)))
}

impl Flight {
    /// Saves and installs the tokens of a refresh.
    pub(super) async fn commit(&mut self, (installed, response): Arrived) {
        let (session, arrived) = (self.session.clone(), installed.tokens.clone());
        self.keep_arrived(Some(installed.clone()));
        let committed = match session.store_of(self.slot) {
            None => Ok(self.install(installed, response.as_ref())),
            Some(store) => self.save(store, installed, response.as_ref()).await,
        };
        self.keep_arrived(None);
        match committed {
            Ok(true) => {
                session.renew_ahead(self.slot);
                self.finish(RefreshOutcome::Renewed);
            }
            Ok(false) => {
                self.discard(&arrived);
                self.finish(RefreshOutcome::Discarded);
            }
            Err(found) => self.arrive_without(NoTokens::Found(found)).await,
        }
    }

    /// Saves the tokens and installs them, if the session still waits for them. Returns whether it did.
    ///
    /// # Errors
    ///
    /// The change that another process has made in the store.
    async fn save(
        &mut self,
        store: SlotStore<'_>,
        installed: InstalledTokens,
        response: Option<&Arc<Received>>,
    ) -> Result<bool, Found> {
        let mut lock = self.take_lock();
        let mut unwritten = Unwritten::new(&self.session, self.slot);
        let Some(mut known) = store.lock_writes(PROMPT).await else {
            unwritten.dismiss();
            store.emit_failed(too_slow(PROMPT));
            let is_installed = self.install(installed, response);
            // The write after the one that does not complete saves them.
            self.session.persist(self.slot).await;
            store.release_lock(lock).await;
            return Ok(is_installed);
        };
        let is_awaiting = |state: &mut State| state.gate.is_awaiting(&self.launch);
        let (is_installed, noted, released) = if self.session.slot(self.slot).with(is_awaiting) {
            let saving = self.save_and_install(store, &mut known, &mut lock, installed, response);
            let (is_installed, saved, released) = match saving.await {
                Ok(done) => done,
                Err(found) => {
                    unwritten.dismiss();
                    drop(known);
                    store.release_lock(lock).await;
                    return Err(found);
                }
            };
            let noted = store.note_saved(&mut known, &self.launch, saved, is_installed);
            (is_installed, noted, released)
        } else {
            self.complete(FlightOutcome::Aborted, None, None);
            (false, Ok(Change::Nothing), Ok(()))
        };
        // If the user changed meanwhile, the present tokens are written over those in the store.
        let overwritten =
            if is_installed { Ok(Change::Nothing) } else { store.write(&mut known).await };
        if noted.is_ok() && overwritten.is_ok() {
            unwritten.note_written(&known);
        }
        // Until then, others would find the used refresh token there.
        let released = released.and(store.release_saved(lock, overwritten.is_err()).await);
        drop(known);
        let mut failure = None;
        for change in [noted, overwritten] {
            match change {
                Ok(change) => store.emit_change(change),
                Err(error) => failure = Some(error),
            }
        }
        if let Err(error) = released {
            store.emit_failed(error);
        }
        if let Some(error) = failure {
            store.retry_write(error, unwritten);
        }
        Ok(is_installed)
    }

    /// Calls continue after half a second, even if the store is still working. Returns whether the tokens were
    /// installed, what became of the save, and whether the lock was released.
    async fn save_and_install(
        &mut self,
        store: SlotStore<'_>,
        known: &mut Known,
        lock: &mut Option<StoreLock>,
        installed: InstalledTokens,
        response: Option<&Arc<Received>>,
    ) -> Result<(bool, Saved, Result<(), StoreError>), Found> {
        let clock = Arc::clone(&self.session.policy().clock);
        let (launch, used) = (self.launch, self.presented.clone());
        let saving = store.save(known, self.replaces, installed.clone(), launch, used);
        let mut saving = Box::pin(saving);
        let prompt = match (&mut saving).now_or_never() {
            Some(saved) => Some(saved),
            None => clock.timeout(PROMPT, &mut saving).await,
        };
        Ok(match prompt {
            Some(Err(Unsaved::Found(found))) => return Err(found),
            Some(saved) => {
                // The lock is released before the calls continue, since a process may end with its call.
                let released = store.release_saved(lock.take(), has_failed(&saved)).await;
                (self.install(installed, response), saved, released)
            }
            None => {
                store.report_in_background(too_slow(PROMPT)).await;
                let is_installed = self.install(installed, response);
                let saved = clock.timeout(LIMIT, saving).await;
                let saved = saved.unwrap_or_else(|| Err(too_slow(LIMIT).into()));
                let released = store.release_saved(lock.take(), has_failed(&saved)).await;
                (is_installed, saved, released)
            }
        })
    }

    /// Keeps the tokens where a call that abandons this flight finds them: it may stall, or end, while they are saved.
    fn keep_arrived(&self, arrived: Option<InstalledTokens>) {
        self.session.slot(self.slot).with(|state| {
            if let Some(flight) = state.awaited(&self.launch) {
                flight.arrived = arrived.map(Box::new);
            }
        });
    }

    /// Handles tokens that arrived too late for their user. They are left alone if a refresh token among them is that of
    /// a login: revoking any of them would end it.
    fn discard(&self, arrived: &Tokens) {
        let presented = self.presented.as_ref().and_then(Tokens::refresh);
        let current = self.session.tokens_at(self.slot);
        if current.as_ref().is_some_and(|current| current.access() == arrived.access()) {
            return;
        }
        let current = current.as_ref().and_then(Tokens::refresh);
        let is_kept = arrived.refresh().is_some() && arrived.refresh() == presented;
        let is_current = current.is_some() && [presented, arrived.refresh()].contains(&current);
        if is_kept || is_current {
            return;
        }
        let renew = self.session.policy_of(self.slot).renew.get();
        if let Some(discard) = renew.and_then(|renew| renew.discard(arrived)) {
            // On its own task, since nothing waits for it.
            let _ = self.session.policy().spawner.spawn(discard);
        }
    }
}
