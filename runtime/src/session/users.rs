//! Login, logout, adopted tokens, and sessions that end because of a response.

use std::future::ready;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::FutureExt;

use super::Session;
use super::call_auth::CallAuth;
use super::slot::{InstalledTokens, State};
use super::waiter::Waiter;
use crate::logic::gate::{Release, Released, Ticket};
use crate::ports::BoxFuture;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::event::{AdoptedFrom, EventKind};
use crate::types::tokens::Tokens;

impl Session {
    /// Installs the tokens of a login. `requested` says when and in which epoch it was requested; a login or
    /// logout since then takes precedence.
    pub(crate) async fn login_at(
        &self,
        index: usize,
        tokens: Tokens,
        requested: Option<(u32, SystemTime)>,
    ) -> Result<()> {
        let policy = &self.inner.policy;
        let Some(credential) = policy.credentials.get(index) else {
            return Err(Error::of_kind(ErrorKind::Argument).with_message(
                "the API declares no `auth(..)`, so there is nothing to sign in to",
            ));
        };
        if let Some(why) = credential.unusable(&tokens) {
            return Err(Error::of_kind(ErrorKind::Argument).with_message(why));
        }
        // A colon is not in the alphabet of base64 (RFC 7617, section 2).
        if credential.basic && tokens.access().contains(':') {
            return Err(Error::of_kind(ErrorKind::Argument).with_message(
                "a user name and a password are sent in base64: write `Tokens::basic(user, password)`",
            ));
        }
        self.report_unreadable(index, &tokens);
        let wall = policy.clock.wall();
        let at = requested.map_or(wall, |(_, at)| at);
        let installed = InstalledTokens::new(tokens, at, wall, credential.early);
        self.skip_loading(index);
        let is_due =
            |state: &State| requested.is_none_or(|(epoch, _)| epoch == state.gate.ticket().epoch);
        let released = self
            .for_another_user(index, is_due, |state| {
                state.install(Some(installed));
                state.gate.login()
            })
            .ok_or_else(|| self.changed(index))?;
        self.wake(index, released, None);
        self.renew_ahead(index);
        self.save_apart(index).await;
        Ok(())
    }

    /// Changes the user of a credential, if `is_due` still returns true. The tokens that were fetched with it are
    /// discarded before the change, so that the new user's calls carry none of them, and after it, so that a
    /// pending fetch of the old user installs none.
    pub(super) fn for_another_user<T>(
        &self,
        index: usize,
        is_due: impl Fn(&State) -> bool,
        change: impl FnOnce(&mut State) -> T,
    ) -> Option<T> {
        if !self.slot(index).with(|state| is_due(state)) {
            return None;
        }
        self.forget_derived(index, &Release::SessionChanged);
        let changed = self.slot(index).with(|state| is_due(state).then(|| change(state)));
        self.forget_derived(index, &Release::SessionChanged);
        changed
    }

    /// Discards the tokens of the credentials whose refresh carries this one. The next call fetches new ones; the
    /// calls that wait for them are released as those of this credential are.
    pub(super) fn forget_derived(&self, index: usize, release: &Release<Arc<Error>>) {
        let credentials = &self.policy().credentials;
        if credentials.iter().all(|each| each.derived_from.is_empty()) {
            return;
        }
        let (mut forgotten, mut from) = (vec![index], 0);
        while let Some(&base) = forgotten.get(from) {
            from += 1;
            for (derived, policy) in credentials.iter().enumerate() {
                if policy.derived_from.contains(&base) && !forgotten.contains(&derived) {
                    forgotten.push(derived);
                    self.forget_fetched(derived, release);
                    self.forget_keys(derived, release);
                }
            }
        }
    }

    /// The error of a call whose user is no longer signed in.
    pub(crate) fn changed(&self, index: usize) -> Error {
        let signed_out =
            self.slot(index).with(|state| !state.gate.is_signed_in() && !state.gate.is_lost());
        Error::session_changed(signed_out)
    }

    /// A number for the signed-in user, which increases with each login, logout and change of user.
    pub(crate) fn epoch_at(&self, index: usize) -> u32 {
        self.slot(index).with(|state| state.gate.ticket().epoch)
    }

    /// Signs out of each credential, if its epoch is still the given one. A user who signs in while the store is read
    /// stays signed in. All of it begins at once, and ends whether or not the caller waits for it.
    pub(crate) async fn logout_of(&self, slots: impl Iterator<Item = (usize, Option<u32>)>) {
        let begun: Vec<_> = slots.map(|(index, epoch)| self.begin_logout(index, epoch)).collect();
        for leaving in begun {
            leaving.await;
        }
    }

    fn begin_logout(&self, index: usize, epoch: Option<u32>) -> BoxFuture<'static, ()> {
        let session = self.clone();
        let mut leaving: BoxFuture<'static, ()> = Box::pin(async move {
            let epoch = match epoch {
                Some(epoch) => Some(epoch),
                None => session.load_for(index).await,
            };
            if session.forget(index, epoch) {
                session.persist(index).await;
            }
        });
        // A session that is loaded signs out in this poll. Otherwise, it notes the current user, before another one can
        // sign in.
        match (&mut leaving).now_or_never() {
            Some(()) => Box::pin(ready(())),
            None => self.on_a_task(leaving),
        }
    }

    /// The part of a logout that needs no store. Returns whether it signed the user out.
    pub(super) fn forget(&self, index: usize, epoch: Option<u32>) -> bool {
        if self.policy().credentials.get(index).is_none() {
            return false;
        }
        let released = self.slot(index).with(|state| {
            if epoch.is_some_and(|epoch| epoch != state.gate.ticket().epoch) {
                return None;
            }
            state.install(None);
            Some(match self.policy_of(index).unattended() {
                true => state.gate.reset(Release::SignedOut),
                false => state.gate.logout(),
            })
        });
        let Some(released) = released else { return false };
        self.forget_derived(index, &released.release);
        self.forget_keys(index, &released.release);
        self.wake(index, released, None);
        true
    }

    /// Adopts a token that came in the headers of a response to an attempt with `ticket`. Returns whether
    /// the session has a newer token than that attempt now.
    pub(crate) async fn adopt(&self, index: usize, ticket: Ticket, access: &str) -> bool {
        let policy = &self.inner.policy;
        let wall = policy.clock.wall();
        let early = self.policy_of(index).early;
        let is_adopted = self.slot(index).with(|state| {
            let is_present = state.gate.is_present(ticket);
            let Some(old) = state.installed.as_ref().filter(|_| is_present) else { return false };
            let tokens = old.tokens.with_access(access);
            let is_usable = self.unusable(index, &tokens).is_none();
            let is_adopted = old.tokens.access() != access && is_usable && state.gate.adopt();
            if is_adopted {
                state.install(Some(InstalledTokens::new(tokens, wall, wall, early)));
            }
            is_adopted
        });
        if is_adopted {
            self.emit(index, EventKind::Adopted { source: AdoptedFrom::Response });
            self.renew_ahead(index);
            self.save_apart(index).await;
        }
        is_adopted
    }

    /// Signs in with a token that came in the headers of a response to a call without one. Returns whether the call
    /// may be replayed: once, and as the user whose token it brought or found, if it belonged to none before.
    pub(crate) async fn adopt_first(
        &self,
        auth: &mut CallAuth,
        index: usize,
        access: &str,
    ) -> bool {
        if auth.was_replayed(index) || !auth.leave_bare(index) {
            return false;
        }
        if !self.is_signed_in_at(index) {
            let requested = (self.epoch_at(index), self.policy().clock.wall());
            let given = self.login_at(index, Tokens::new(access), Some(requested)).await;
            if given.is_err() && !self.is_signed_in_at(index) {
                return false;
            }
            if given.is_ok() {
                self.emit(index, EventKind::Adopted { source: AdoptedFrom::Response });
            }
        }
        auth.replayed.insert(index);
        true
    }

    /// Ends the session because of a response to an attempt with `ticket`. A response to an older token says
    /// nothing about the current one, and the current one may be older than one that another process has saved. As
    /// long as nobody knows, the session continues. Returns whether the call fails because of that response.
    pub(crate) async fn end_revoked(
        &self,
        index: usize,
        ticket: Ticket,
        reason: &Arc<Error>,
    ) -> bool {
        if self.slot(index).with(|state| state.gate.is_present(ticket)) {
            match self.store_has_newer(index).await {
                Ok(false) => {}
                Ok(true) => return false,
                Err(()) => return true,
            }
        }
        let Some(released) = self.end_login(index, ticket, reason, |_| true) else { return false };
        self.report_lost(index, released, reason);
        self.save_apart(index).await;
        true
    }

    /// Ends the login of the token with `ticket`, if that is the current one and `is_due` returns true. Returns the
    /// calls that fail for this reason.
    pub(super) fn end_login(
        &self,
        index: usize,
        ticket: Ticket,
        reason: &Arc<Error>,
        is_due: impl FnOnce(&State) -> bool,
    ) -> Option<Released<Waiter, Arc<Error>>> {
        let released = self.slot(index).with(|state| {
            let reason = is_due(state).then(|| Arc::clone(reason))?;
            let released = state.gate.revoked(ticket, reason)?;
            state.install(None);
            if self.policy_of(index).unattended() {
                state.gate.reopen();
            }
            Some(released)
        })?;
        self.forget_derived(index, &released.release);
        Some(released)
    }

    pub(crate) fn report_unreadable(&self, index: usize, tokens: &Tokens) {
        if tokens.expiry_unreadable() {
            self.emit(index, EventKind::LifetimeUnreadable {});
        }
    }

    /// Saves the session's current tokens. This has its own task: if a caller stops waiting for a login, a logout
    /// or a call, the previous tokens must not stay in the store.
    async fn save_apart(&self, index: usize) {
        if self.slot(index).persistence.is_some() {
            self.on_a_task(self.persist(index)).await;
        }
    }
}
