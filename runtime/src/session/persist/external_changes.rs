//! What others change in the store while the session lives.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use super::limit::{PROMPT, guarded, too_slow};
use super::{Kept, Persistence, tokens_gone};
use crate::logic::gate::{Released, Ticket};
use crate::ports::store::{StoreError, Stored};
use crate::session::Session;
use crate::session::call_auth::CallAuth;
use crate::session::slot::{InstalledTokens, State};
use crate::session::waiter::Waiter;
use crate::types::error::Error;

/// What is told once the lock of the writes is free again.
enum Noticed {
    Nothing,
    Adopted,
    SignedOut(Released<Waiter, Arc<Error>>, Arc<Error>),
    Unreadable(StoreError),
}

impl Persistence {
    fn may_have_changed(&self) -> bool {
        // A store that panics knows of no change.
        catch_unwind(AssertUnwindSafe(|| self.store.may_have_changed())).unwrap_or(false)
    }
}

impl Session {
    /// Whether the store is to be looked at before a call goes out.
    pub(in crate::session) fn has_news(&self, index: usize) -> bool {
        let persistence = &self.slot(index).persistence;
        persistence.as_ref().is_some_and(|persistence| {
            !persistence.loaded.initialized() || persistence.may_have_changed()
        })
    }

    /// Looks into the store before a call goes out. A call that waits for the first look belongs to
    /// whoever is found there, and not to somebody who signs in meanwhile.
    pub(in crate::session) async fn meet_store(&self, auth: &mut CallAuth, slot: usize) {
        if let (Some(epoch), None) = (self.keep_up(slot).await, auth.bound(slot)) {
            auth.bind(slot, epoch);
        }
    }

    /// Reads the store for the first time, or meets what others have changed there. A store that is not
    /// quick about it does not hold the call up: the session goes on with what it has. What the first
    /// look gives is that of [`load_for`](Session::load_for).
    pub(in crate::session) async fn keep_up(&self, index: usize) -> Option<u64> {
        let persistence = self.slot(index).persistence.as_ref()?;
        if !persistence.loaded.initialized() {
            return self.load_for(index).await;
        }
        let clock = &self.policy().clock;
        if !persistence.may_have_changed() || persistence.rests(&**clock) {
            return None;
        }
        let mut looking = Box::pin(async {
            let mut kept = persistence.kept.lock().await;
            // Another call may have looked meanwhile.
            if !persistence.may_have_changed() {
                return;
            }
            let noticed = self.look_again(index, persistence, &mut kept).await;
            drop(kept);
            self.tell_noticed(index, noticed);
        });
        if (&mut looking).now_or_never().is_some() {
            return None;
        }
        // What is late ends here, and with it its hold on the lock of the writes.
        let is_late = matches!(select(looking, clock.sleep(PROMPT)).await, Either::Right(_));
        if is_late {
            persistence.could_not_be_read(&**clock);
            self.store_failed(index, too_slow(PROMPT));
        }
        None
    }

    async fn look_again(
        &self,
        index: usize,
        persistence: &Persistence,
        kept: &mut Kept,
    ) -> Noticed {
        let Some(before) = self.slot(index).with(|state| in_step(state, kept)) else {
            return Noticed::Nothing;
        };
        match guarded(|| persistence.store.load()).await {
            Ok(None) if kept.of.is_some() => self.signed_out_elsewhere(index, kept, before),
            Ok(Some(there)) if there.tokens.is_usable() && kept.version != Some(there.version) => {
                self.meet_change(index, kept, before, &there)
            }
            Ok(_) => Noticed::Nothing,
            Err(error) => {
                if !matches!(error, StoreError::Corrupt(_)) {
                    persistence.could_not_be_read(&*self.policy().clock);
                }
                Noticed::Unreadable(error)
            }
        }
    }

    fn tell_noticed(&self, index: usize, noticed: Noticed) {
        match noticed {
            Noticed::Nothing => {}
            Noticed::Adopted => {
                self.tell_adopted(index);
                self.renew_ahead(index);
            }
            Noticed::SignedOut(released, reason) => self.report_lost(index, released, &reason),
            Noticed::Unreadable(error) => self.store_failed(index, error),
        }
    }

    fn meet_change(
        &self,
        index: usize,
        kept: &mut Kept,
        before: Ticket,
        there: &Stored,
    ) -> Noticed {
        // Whoever is signed out has no login to go on with.
        let known =
            kept.version.filter(|known| kept.of.is_some() && known.login == there.version.login);
        let taken = match known {
            // A store that was set back has nothing to offer.
            Some(known) if there.version.generation <= known.generation => None,
            Some(_) => self.renewed_elsewhere(index, before, there),
            None => self.restore(index, there, |state| is_at(state, before)),
        };
        let Some(ticket) = taken else { return Noticed::Nothing };
        *kept = Kept { version: Some(there.version), of: Some(ticket) };
        Noticed::Adopted
    }

    fn renewed_elsewhere(&self, index: usize, before: Ticket, there: &Stored) -> Option<Ticket> {
        let early = self.policy_of(index).early;
        let holding = InstalledTokens::restored(there.tokens.clone(), there.issued, early);
        self.slot(index).with(|state| {
            if !is_at(state, before) || !state.gate.adopt() {
                return None;
            }
            state.install(Some(holding));
            Some(state.gate.ticket())
        })
    }

    fn signed_out_elsewhere(&self, index: usize, kept: &mut Kept, before: Ticket) -> Noticed {
        let reason = Arc::new(tokens_gone());
        let released = self.slot(index).with(|state| {
            if !is_at(state, before) {
                return None;
            }
            let released = state.gate.revoked(before, Arc::clone(&reason))?;
            state.install(None);
            Some(released)
        });
        let Some(released) = released else { return Noticed::Nothing };
        *kept = Kept::default();
        Noticed::SignedOut(released, reason)
    }
}

/// Where the session is, if that is what the store is thought to keep. What is still to be written
/// goes before what others have written, and a flight looks for itself.
fn in_step(state: &State, kept: &Kept) -> Option<Ticket> {
    let ticket = state.gate.ticket();
    let present = state.gate.is_signed_in().then_some(ticket);
    (kept.of == present && is_at(state, ticket)).then_some(ticket)
}

fn is_at(state: &State, ticket: Ticket) -> bool {
    state.gate.ticket() == ticket && state.gate.flight().is_none()
}
