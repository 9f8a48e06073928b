//! Admits calls: selects their tokens, and decides how to proceed when one has expired.

use std::sync::Arc;
use std::time::Duration;

use super::Session;
use super::attempt_tokens::{AttemptToken, AttemptTokens};
use super::call_auth::CallAuth;
use super::permit::Permit;
use super::refresh::aborted;
use super::slot::InstalledTokens;
use super::waiter::{self, Waiting, Wakeup};
use crate::logic::freshness::Freshness;
use crate::logic::gate::{
    Admission, AfterExpiry, Ask, EndpointId, Expired, Launch, Refusal, Release,
};
use crate::types::auth::Credential;
use crate::types::cause::Why;
use crate::types::endpoint::{Access, Endpoint};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::event::EventKind;

/// The decision about a call that is about to send.
pub(crate) enum Admitted {
    /// Send, with these tokens.
    Send(AttemptTokens),
    /// Wait, then ask again.
    Wait(Waiting),
}

/// Identifies an endpoint for the gate.
pub(crate) fn endpoint_id(endpoint: &'static Endpoint) -> EndpointId {
    std::ptr::from_ref(endpoint).addr()
}

impl Session {
    /// Whether the call may be sent, and with which tokens of these credentials. The stores are checked first.
    pub(crate) async fn admit(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        credentials: &'static [Credential],
    ) -> Result<Admitted> {
        for credential in credentials {
            let slot = self.named(credential.name)?;
            if self.store_may_have_changed(slot) {
                self.sync_with_store(auth, slot).await;
            }
        }
        self.admit_now(endpoint, auth, credentials)
    }

    /// Whether a store has to be loaded before such a call is sent.
    pub(crate) fn any_store_may_have_changed(&self, credentials: &[Credential]) -> bool {
        let has_none = self.inner.first.persistence.is_none() && self.inner.more.is_none();
        !has_none
            && credentials.iter().any(|credential| {
                self.named(credential.name).is_ok_and(|slot| self.store_may_have_changed(slot))
            })
    }

    /// Like [`admit`](Self::admit), with the tokens in memory.
    pub(crate) fn admit_now(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        credentials: &'static [Credential],
    ) -> Result<Admitted> {
        let mut tokens = AttemptTokens::default();
        for credential in credentials {
            let slot = self.named(credential.name)?;
            let (admission, token, launch) = self.ask(endpoint, auth, credential, slot);
            match (admission, token) {
                (Admission::Send(ticket), Some(token)) => {
                    auth.bind(slot, ticket.epoch);
                    tokens.push(token);
                }
                (Admission::Send(_) | Admission::SendBare, _) => {}
                (Admission::Wait(waiting), _) => {
                    return self.queued(endpoint, auth, waiting, launch, None).map(Admitted::Wait);
                }
                (Admission::Refuse(refusal), _) => {
                    self.start(endpoint, auth, slot, launch, None);
                    return Err(self.refused(slot, refusal));
                }
            }
        }
        Ok(Admitted::Send(tokens))
    }

    fn ask(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        credential: &'static Credential,
        slot: usize,
    ) -> (Admission<Arc<Error>, Waiting>, Option<AttemptToken>, Option<Launch>) {
        let policy = self.policy_of(slot);
        let clock = &self.policy().clock;
        self.slot(slot).with(|state| {
            let freshness = state.freshness(policy, auth.is_careful, || clock.wall());
            let quiet = state.gate.is_quiet() && freshness == Freshness::Fresh;
            let ask = Ask {
                // The time matters only if something is wrong.
                now: if quiet { Duration::ZERO } else { clock.now() },
                freshness,
                bound: auth.bound(slot),
                may_start: self.can_renew(slot) && !auth.started.contains(slot),
                optional: endpoint.access == Access::Optional,
                // As long as a user is signed in, it does not matter how the token could be fetched without a
                // login.
                tokenless: !state.gate.is_signed_in() && policy.tokenless(),
                send_during_refresh: self.policy().settings.send_during_refresh,
            };
            let (admission, launch) = state.gate.admit(&ask, &policy.limits, waiter::channel);
            match admission {
                Admission::Send(ticket) => {
                    let token = state.token(slot, credential, policy);
                    (Admission::Send(ticket), token, launch)
                }
                Admission::SendBare => {
                    // Its next page or attempt must not go out as a user who signs in meanwhile.
                    if !policy.tokenless() {
                        auth.bind_bare(slot, state.gate.ticket().epoch);
                    }
                    (Admission::SendBare, None, launch)
                }
                Admission::Refuse(refusal) => (Admission::Refuse(refusal), None, launch),
                Admission::Wait(end) => {
                    // A call that waits belongs to the user with whom it waits, even if none was signed in before.
                    auth.bind(slot, state.gate.ticket().epoch);
                    (Admission::Wait(self.wait(slot, state, end, launch.is_some())), None, launch)
                }
            }
        })
    }

    /// Decides about a call that has waited. `expired` is the generation of the token that had expired, if the call
    /// was sent before.
    pub(crate) fn resume(
        &self,
        auth: &mut CallAuth,
        slot: usize,
        expired: Option<u32>,
        woken: Wakeup,
    ) -> Result<Option<Box<Permit>>> {
        match woken.release {
            // Its refresh was dropped, and it must not start another: sending the same token again would not help.
            Release::Proceed if expired.is_some_and(|it| self.is_stuck(auth, slot, it)) => {
                Err(aborted().of_session(self.id(), self.policy_of(slot).name))
            }
            Release::Proceed => {
                if !self.is_forgiven(auth, slot) && expired.is_some() {
                    auth.replayed.insert(slot);
                }
                Ok(woken.permit)
            }
            release => Err(self.not_released(slot, release)),
        }
    }

    /// Whether nothing renews the token of generation `expired` any more, for a call that has already started its
    /// refresh.
    fn is_stuck(&self, auth: &CallAuth, slot: usize, expired: u32) -> bool {
        auth.started.contains(slot)
            && self.slot(slot).with(|state| {
                state.gate.ticket().generation == expired && state.gate.flight().is_none()
            })
    }

    /// Decides about a call after a response that reports an expired token.
    pub(crate) fn expired(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        token: &AttemptToken,
        replays: bool,
        response: &Error,
    ) -> Result<AfterExpiry<Waiting>> {
        let slot = token.slot;
        let policy = self.policy_of(slot);
        let was_replayed = auth.was_replayed(slot);
        let expired = Expired {
            now: self.policy().clock.now(),
            ticket: token.ticket,
            endpoint: endpoint_id(endpoint),
            replays: replays && !was_replayed,
            may_start: self.can_renew(slot) && !auth.started.contains(slot) && !was_replayed,
            was_replayed,
        };
        if was_replayed {
            self.slot(slot).forget_accepted();
        }
        let (after, launch) = self.slot(slot).with(|state| {
            let (after, launch) = state.gate.expired(&expired, &policy.limits, waiter::channel);
            let wait = |end| self.wait(slot, state, end, launch.is_some()).after_expiry();
            (after.map(|after| after.map(wait)), launch)
        });
        if let Ok(AfterExpiry::Wait(waiting)) = after {
            let queued = self.queued(endpoint, auth, waiting, launch, Some(response));
            return queued.map(AfterExpiry::Wait);
        }
        self.start(endpoint, auth, slot, launch, Some(response));
        if matches!(after, Ok(AfterExpiry::Replay)) && !self.is_forgiven(auth, slot) {
            auth.replayed.insert(slot);
        }
        after.map_err(|refusal| self.refused(slot, refusal))
    }

    /// A token that another process saved in the store may have expired as well, since it may not have been used
    /// for a while. So one replay with such a token does not count, and the call may still start a refresh.
    fn is_forgiven(&self, auth: &mut CallAuth, slot: usize) -> bool {
        let is_restored = || {
            self.slot(slot)
                .with(|state| state.installed.as_ref().is_some_and(InstalledTokens::is_restored))
        };
        !auth.forgiven.contains(slot) && is_restored() && {
            auth.forgive(slot);
            true
        }
    }

    /// Starts the flight that the gate has launched for a call, if any.
    fn start(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        slot: usize,
        launch: Option<Launch>,
        response: Option<&Error>,
    ) {
        if let Some(launch) = launch {
            auth.started.insert(slot);
            let response = response.and_then(|it| Some((it.status()?, it.headers()?.clone())));
            let why = Why { endpoint: Some(endpoint), response: response.map(Box::new) };
            self.start_flight(slot, launch, why);
        }
    }

    /// Starts the flight that the gate has launched, if any, and reports the wait.
    fn queued(
        &self,
        endpoint: &'static Endpoint,
        auth: &mut CallAuth,
        waiting: Waiting,
        launch: Option<Launch>,
        response: Option<&Error>,
    ) -> Result<Waiting> {
        let slot = waiting.slot();
        self.start(endpoint, auth, slot, launch, response);
        // If a call is made from within the refresh for which it would wait, it leaves the queue again. The flight
        // that the gate has launched continues nevertheless: the next call waits for it.
        self.forbid_reentrance(slot)?;
        if self.policy().on_event.is_some() || cfg!(feature = "tracing") {
            let waiting = self.slot(slot).with(|state| state.gate.waiting());
            self.emit(slot, EventKind::Queued { endpoint, waiting });
        }
        Ok(waiting)
    }

    pub(crate) fn count_replay(&self, slot: usize) {
        self.slot(slot).with(|state| state.rare().counts.replays += 1);
    }

    pub(super) fn refused(&self, slot: usize, refusal: Refusal<Arc<Error>>) -> Error {
        let error = match refusal {
            Refusal::SignedOut => Error::of_kind(ErrorKind::SignedOut),
            Refusal::SessionChanged => self.changed(slot),
            Refusal::Lost(error) => {
                Error::of_kind(ErrorKind::SessionLost).with_shared_source(error)
            }
            Refusal::CoolingDown(error) => {
                Error::of_kind(ErrorKind::RefreshFailed).with_shared_source(error)
            }
            Refusal::Excessive => Error::of_kind(ErrorKind::ExcessiveRefresh),
            Refusal::QueueFull => return Error::of_kind(ErrorKind::QueueFull),
        };
        error.of_session(self.id(), self.policy_of(slot).name)
    }

    pub(super) fn not_released(&self, slot: usize, release: Release<Arc<Error>>) -> Error {
        let error = match release {
            Release::Fail(error) if error.kind() == ErrorKind::SessionLost => {
                Error::of_kind(ErrorKind::SessionLost).with_shared_source(error)
            }
            Release::Fail(error) => {
                Error::of_kind(ErrorKind::RefreshFailed).with_shared_source(error)
            }
            Release::SignedOut => Error::session_changed(true),
            Release::SessionChanged | Release::Proceed => Error::session_changed(false),
        };
        error.of_session(self.id(), self.policy_of(slot).name)
    }
}
