//! Adopts the changes that other processes make in the store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;

use super::limit::{LIMIT, PROMPT, catch_panic, too_slow};
use super::{Known, Persistence, tokens_gone};
use crate::logic::gate::{Released, Ticket};
use crate::ports::BoxFuture;
use crate::ports::store::{StoreError, Stored};
use crate::session::Session;
use crate::session::call_auth::CallAuth;
use crate::session::slot::{InstalledTokens, State};
use crate::session::waiter::Waiter;
use crate::types::error::Error;

/// The event to emit once the lock of the writes is released.
pub(super) enum Change {
    Nothing,
    Adopted,
    Ended(Released<Waiter, Arc<Error>>, Arc<Error>),
    Failed(StoreError),
}

impl Persistence {
    fn may_have_changed(&self) -> bool {
        // A store that panics reports no change.
        catch_unwind(AssertUnwindSafe(|| self.store.may_have_changed())).unwrap_or(false)
    }
}

impl Session {
    /// Whether the store has to be loaded before a call is sent.
    pub(in crate::session) fn store_may_have_changed(&self, index: usize) -> bool {
        let persistence = &self.slot(index).persistence;
        persistence.as_ref().is_some_and(|persistence| {
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
        let persistence = self.slot(index).persistence.as_ref()?;
        if !persistence.is_loaded() {
            return self.load_for(index).await;
        }
        if persistence.is_behind() {
            self.resume_write(index);
        }
        let clock = &self.policy().clock;
        if !persistence.may_have_changed() || persistence.is_cooling_down(&**clock) {
            return None;
        }
        let session = self.clone();
        let mut looking: BoxFuture<'static, ()> =
            Box::pin(async move { session.adopt_changes(index).await });
        if (&mut looking).now_or_never().is_some() {
            return None;
        }
        let session = self.clone();
        let task = async move {
            let clock = &session.policy().clock;
            // A late load is dropped here, which releases the lock of the writes.
            let is_late = clock.timeout(PROMPT, looking).await.is_none();
            if is_late && let Some(persistence) = &session.slot(index).persistence {
                persistence.set_load_failed(&**clock);
                session.emit_store_failed(index, too_slow(PROMPT));
            }
        };
        // It has its own limit. This one is for a task that does not run.
        self.apart(PROMPT * 2, Box::pin(task)).await;
        None
    }

    async fn adopt_changes(&self, index: usize) {
        let Some(persistence) = &self.slot(index).persistence else { return };
        let mut known = persistence.known.lock().await;
        // Another call may have adopted the change in the meantime.
        if persistence.may_have_changed() {
            let change = self.reload(index, persistence, &mut known).await;
            drop(known);
            self.emit_change(index, change);
        }
    }

    /// Whether the store has newer tokens than the session, or those of another login. They are adopted; a flight
    /// that is in progress does so itself.
    pub(in crate::session) async fn store_has_newer(&self, index: usize) -> bool {
        let Some(persistence) = &self.slot(index).persistence else { return false };
        let Some(mut known) = self.lock_writes(persistence, LIMIT).await else { return false };
        if known.ticket.is_none() {
            return false;
        }
        let found = match self.within_limit(|| persistence.store.load()).await {
            Ok(Some(found)) if found.tokens.is_usable() => found,
            // The server has said that the login has ended, and the store has nothing newer.
            _ => return false,
        };
        let is_newer = known.version.is_none_or(|version| {
            version.login != found.version.login || version.generation < found.version.generation
        });
        if !is_newer || known.may_have_written(found.version) {
            return false;
        }
        let (before, is_refreshing) =
            self.slot(index).with(|state| (in_step(state, &known), state.gate.flight().is_some()));
        let Some(before) = before else { return is_refreshing };
        let change = self.adopt_change(index, &mut known, before, &found);
        drop(known);
        let is_adopted = matches!(change, Change::Adopted);
        self.emit_change(index, change);
        is_adopted
    }

    async fn reload(&self, index: usize, persistence: &Persistence, known: &mut Known) -> Change {
        let Some(before) = self.slot(index).with(|state| in_step(state, known)) else {
            return Change::Nothing;
        };
        match catch_panic(|| persistence.store.load()).await {
            Ok(None) if known.ticket.is_some() => self.end_login(index, known, before),
            Ok(Some(found)) if found.tokens.is_usable() && known.version != Some(found.version) => {
                self.adopt_change(index, known, before, &found)
            }
            Ok(_) => Change::Nothing,
            Err(error) => {
                if !matches!(error, StoreError::Corrupt(_)) {
                    persistence.set_load_failed(&*self.policy().clock);
                }
                Change::Failed(error)
            }
        }
    }

    pub(super) fn emit_change(&self, index: usize, change: Change) {
        match change {
            Change::Nothing => {}
            Change::Adopted => {
                self.emit_adopted(index);
                self.renew_ahead(index);
            }
            Change::Ended(released, reason) => self.report_lost(index, released, &reason),
            Change::Failed(error) => self.emit_store_failed(index, error),
        }
    }

    fn adopt_change(
        &self,
        index: usize,
        known: &mut Known,
        before: Ticket,
        found: &Stored,
    ) -> Change {
        // A session that is signed out has no login to continue.
        let same_login = known
            .version
            .filter(|version| known.ticket.is_some() && version.login == found.version.login);
        let adopted = match same_login {
            // A backup or a failover may have restored older tokens.
            Some(version) if found.version.generation <= version.generation => None,
            Some(_) => self.adopt_renewed(index, before, found),
            None => self.restore(index, found, |state| is_at(state, before)),
        };
        let Some(ticket) = adopted else { return Change::Nothing };
        *known = Known::of(found.version, ticket);
        Change::Adopted
    }

    /// Installs newer tokens of the same login, if the session is still at `before`.
    pub(super) fn adopt_renewed(
        &self,
        index: usize,
        before: Ticket,
        found: &Stored,
    ) -> Option<Ticket> {
        let early = self.policy_of(index).early;
        let holding = InstalledTokens::restored(found.tokens.clone(), found.issued, early);
        self.slot(index).with(|state| {
            if !is_at(state, before) || !state.gate.adopt() {
                return None;
            }
            state.install(Some(holding));
            Some(state.gate.ticket())
        })
    }

    /// Adopts what the store has, another login or none, in place of tokens of this one that could not be saved in time.
    pub(super) fn yield_to(
        &self,
        index: usize,
        known: &mut Known,
        before: Ticket,
        found: Option<Stored>,
    ) -> Result<Change, StoreError> {
        let change = match found {
            Some(found) => {
                let ticket = self.restore(index, &found, |state| is_at(state, before));
                ticket.map_or(Change::Nothing, |ticket| {
                    *known = Known::of(found.version, ticket);
                    Change::Adopted
                })
            }
            None => self.end_login(index, known, before),
        };
        match change {
            // The session has gone on meanwhile. A flight finds the change for itself.
            Change::Nothing => Err(StoreError::Conflict),
            change => Ok(change),
        }
    }

    fn end_login(&self, index: usize, known: &mut Known, before: Ticket) -> Change {
        let reason = Arc::new(tokens_gone());
        let released = self.slot(index).with(|state| {
            if !is_at(state, before) {
                return None;
            }
            let released = state.gate.revoked(before, Arc::clone(&reason))?;
            state.install(None);
            if self.policy_of(index).unattended() {
                state.gate.reopen();
            }
            Some(released)
        });
        let Some(released) = released else { return Change::Nothing };
        self.forget_derived(index, &released.release);
        *known = Known::default();
        Change::Ended(released, reason)
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
