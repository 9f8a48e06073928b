//! Adopts the changes that other processes make in the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;

use super::acquire::Unread;
use super::limit::{LIMIT, PROMPT, catch_panic, too_slow};
use super::{Known, Persistence, SlotStore, tokens_gone};
use crate::logic::gate::{Released, Ticket};
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, Stored, Version};
use crate::session::Session;
use crate::session::call_auth::CallAuth;
use crate::session::slot::State;
use crate::session::waiter::Waiter;
use crate::types::error::Error;

/// The event to emit once the lock of the writes is released.
pub(in crate::session) enum Change {
    Nothing,
    Adopted,
    Ended(Released<Waiter, Arc<Error>>, Arc<Error>),
    Failed(StoreError),
}

impl Session {
    /// Whether the store has to be loaded before a call is sent.
    pub(in crate::session) fn store_may_have_changed(&self, index: usize) -> bool {
        self.slot(index).persistence.as_ref().is_some_and(|persistence| {
            !persistence.is_loaded() || persistence.is_behind() || persistence.may_have_changed()
        })
    }

    /// Loads the store before a call is sent. A call that waits for the first load belongs to the user found
    /// there, and not to one who signs in during the wait.
    pub(in crate::session) async fn sync_with_store(&self, auth: &mut CallAuth, slot: usize) {
        if let (Some(epoch), None) = (self.sync(slot).await, auth.bound(slot)) {
            auth.bind(slot, epoch);
        }
    }

    /// Loads the store for the first time, or adopts the changes there. A slow store does not delay the call for
    /// long: the session continues with the tokens that it has. Returns the same as
    /// [`load_for`](Session::load_for).
    pub(in crate::session) async fn sync(&self, index: usize) -> Option<u32> {
        let store = self.store_of(index)?;
        if !store.persistence.is_loaded() {
            return self.load_for(index).await;
        }
        if store.persistence.is_behind() {
            store.resume_write();
        }
        if !store.persistence.may_have_changed() || store.is_cooling_down() {
            return None;
        }
        let session = self.clone();
        let mut looking: BoxFuture<'static, ()> = Box::pin(async move {
            if let Some(store) = session.store_of(index) {
                store.adopt_changes().await;
            }
        });
        if (&mut looking).now_or_never().is_some() {
            return None;
        }
        let session = self.clone();
        let task = async move {
            // A late load is dropped here, which releases the lock of the writes.
            let is_late = session.policy().clock.timeout(PROMPT, looking).await.is_none();
            if is_late && let Some(store) = session.store_of(index) {
                store.set_load_failed();
                store.emit_failed(too_slow(PROMPT));
            }
        };
        // It has its own limit. This one is for a task that does not run.
        self.apart(PROMPT * 2, Box::pin(task)).await;
        None
    }

    /// Whether the store has newer tokens than the session, or those of another login; they are adopted.
    ///
    /// # Errors
    ///
    /// The store cannot be read, which was reported.
    pub(in crate::session) async fn store_has_newer(&self, index: usize) -> Result<bool, ()> {
        let Some(store) = self.store_of(index) else { return Ok(false) };
        let mut patience = store.patience();
        loop {
            match store.adopt_newer().await {
                Ok(is_newer) => return Ok(is_newer),
                Err(error) => match store.wait_to_read(&mut patience, error).await {
                    Ok(()) => {}
                    Err(Unread::Empty) => return Ok(false),
                    Err(Unread::Failed) => return Err(()),
                },
            }
        }
    }
}

impl Persistence {
    fn may_have_changed(&self) -> bool {
        // A store that panics reports no change.
        catch_unwind(AssertUnwindSafe(|| self.store.may_have_changed())).unwrap_or(false)
    }
}

impl SlotStore<'_> {
    /// Adopts newer tokens, or those of another login, and returns whether there are any. A flight that is in progress
    /// adopts them itself.
    async fn adopt_newer(&self) -> Result<bool, StoreError> {
        let Some(mut known) = self.lock_writes(LIMIT).await else { return Err(too_slow(LIMIT)) };
        if known.ticket.is_none() {
            return Ok(false);
        }
        // Without usable tokens, the store has nothing newer.
        let found = self.load().await?.filter(|found| found.tokens.is_usable());
        let Some(found) = found else { return Ok(false) };
        let is_newer = known.version.is_none_or(|version| {
            version.login != found.version.login || version.generation < found.version.generation
        });
        if !is_newer || known.may_have_written(found.version) {
            return Ok(false);
        }
        let (before, is_refreshing) =
            self.state(|state| (in_step(state, &known), state.gate.flight().is_some()));
        let Some(before) = before else { return Ok(is_refreshing) };
        let change = self.adopt_change(&mut known, before, &found);
        drop(known);
        let is_adopted = matches!(change, Change::Adopted);
        self.emit_change(change);
        Ok(is_adopted)
    }

    async fn adopt_changes(&self) {
        let mut known = self.persistence.known.lock().await;
        // Another call may have adopted the change in the meantime.
        if self.persistence.may_have_changed() {
            let change = self.reload(&mut known).await;
            drop(known);
            self.emit_change(change);
        }
    }

    async fn reload(&self, known: &mut Known) -> Change {
        let Some(before) = self.state(|state| in_step(state, known)) else {
            return Change::Nothing;
        };
        match catch_panic(|| self.persistence.store.load()).await {
            Ok(None) if known.ticket.is_some() => self.end_login(known, before),
            Ok(Some(found)) if found.tokens.is_usable() && known.version != Some(found.version) => {
                self.adopt_change(known, before, &found)
            }
            Ok(_) => Change::Nothing,
            Err(error) => {
                if !matches!(error, StoreError::Corrupt(_)) {
                    self.set_load_failed();
                }
                Change::Failed(error)
            }
        }
    }

    pub(in crate::session) fn emit_change(&self, change: Change) {
        match change {
            Change::Nothing => {}
            Change::Adopted => {
                self.emit_adopted();
                self.session.renew_ahead(self.index);
            }
            Change::Ended(released, reason) => {
                self.session.report_lost(self.index, released, &reason);
            }
            Change::Failed(error) => self.emit_failed(error),
        }
    }

    fn adopt_change(&self, known: &mut Known, before: Ticket, found: &Stored) -> Change {
        // A session that is signed out has no login to continue.
        let same_login = known
            .version
            .filter(|version| known.ticket.is_some() && version.login == found.version.login);
        match same_login {
            // A backup or a failover may have restored older tokens.
            Some(version) if found.version.generation <= version.generation => Change::Nothing,
            Some(_) => self.adopt_renewed(known, before, found),
            None => self.adopt_login(known, before, found),
        }
    }

    /// Installs newer tokens of the same login, if the session is still at `before`.
    pub(super) fn adopt_renewed(
        &self,
        known: &mut Known,
        before: Ticket,
        found: &Stored,
    ) -> Change {
        let holding = self.restored(found);
        let adopted = self.state(|state| {
            if !is_at(state, before) || !state.gate.adopt() {
                return None;
            }
            state.install(Some(holding));
            Some(state.gate.ticket())
        });
        known.adopt(found.version, adopted)
    }

    /// Installs the tokens of another login, if the session is still at `before`.
    fn adopt_login(&self, known: &mut Known, before: Ticket, found: &Stored) -> Change {
        known.adopt(found.version, self.restore(found, |state| is_at(state, before)))
    }

    /// Adopts what the store has, another login or none, in place of tokens of this one that could not be saved in time.
    pub(super) fn yield_to(
        &self,
        known: &mut Known,
        before: Ticket,
        found: Option<Stored>,
    ) -> Result<Change, StoreError> {
        let change = match found {
            Some(found) => self.adopt_login(known, before, &found),
            None => self.end_login(known, before),
        };
        match change {
            // The session has gone on meanwhile. A flight finds the change for itself.
            Change::Nothing => Err(StoreError::Conflict),
            change => Ok(change),
        }
    }

    fn end_login(&self, known: &mut Known, before: Ticket) -> Change {
        let reason = Arc::new(tokens_gone());
        let is_due = |state: &State| is_at(state, before);
        let Some(released) = self.session.end_login(self.index, before, &reason, is_due) else {
            return Change::Nothing;
        };
        *known = Known::default();
        Change::Ended(released, reason)
    }
}

impl Known {
    /// Notes a version in the store that the session has adopted with this ticket, if it has.
    fn adopt(&mut self, version: Version, adopted: Option<Ticket>) -> Change {
        let Some(ticket) = adopted else { return Change::Nothing };
        *self = Self::of(version, ticket);
        Change::Adopted
    }
}

/// The session's ticket, if the store is known to contain its tokens. A pending write of this session takes
/// precedence over external changes, and a flight makes the comparison itself.
fn in_step(state: &State, known: &Known) -> Option<Ticket> {
    let ticket = state.gate.ticket();
    let present = state.gate.is_signed_in().then_some(ticket);
    (known.ticket == present && is_at(state, ticket)).then_some(ticket)
}

fn is_at(state: &State, ticket: Ticket) -> bool {
    state.gate.ticket() == ticket && state.gate.flight().is_none()
}
