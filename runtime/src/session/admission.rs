//! What a call needs before it is sent, and what becomes of it when its token is over.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;

use super::call_auth::CallAuth;
use super::entry::aborted;
use super::slot::InstalledTokens;
use super::waiter::{Held, Permit, Wakeup};
use super::{Entry, Session, flight};
use crate::logic::freshness::Freshness;
use crate::logic::gate::{AfterExpiry, Ask, Refusal, Release, Ticket};
use crate::types::auth::{Credential, Placement};
use crate::types::endpoint::Access;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::event::Event;
use crate::types::tokens::Tokens;

/// The right to send one attempt with one token.
#[derive(Debug)]
pub(crate) struct AttemptToken {
    pub(crate) slot: u8,
    pub(crate) credential: &'static Credential,
    pub(crate) ticket: Ticket,
    /// The token as it travels, with `Bearer ` before it where it travels so.
    pub(crate) token: Bytes,
}

/// The passes of one attempt: one for each credential that it carries. Nearly always there is one.
#[derive(Debug, Default)]
pub(crate) struct AttemptTokens {
    first: Option<AttemptToken>,
    more: Vec<AttemptToken>,
}

impl AttemptTokens {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &AttemptToken> {
        self.first.iter().chain(&self.more)
    }

    pub(crate) fn of(&self, slot: usize) -> Option<&AttemptToken> {
        self.iter().find(|pass| usize::from(pass.slot) == slot)
    }

    /// The old token, which a refresh carries.
    pub(crate) fn of_refresh(slot: u8, credential: &'static Credential, tokens: &Tokens) -> Self {
        let token = match credential.placement {
            Placement::Bearer => tokens.bearer(),
            _ => tokens.raw(),
        };
        let ticket = Ticket { epoch: 0, generation: 0 };
        Self { first: Some(AttemptToken { slot, credential, ticket, token }), more: Vec::new() }
    }

    fn push(&mut self, pass: AttemptToken) {
        if self.first.is_none() {
            self.first = Some(pass);
        } else {
            self.more.push(pass);
        }
    }
}

/// What a call is told that wants to send.
pub(crate) enum Admitted {
    /// Send, with these tokens.
    Now(AttemptTokens),
    /// Wait, and ask again.
    Later(Held),
}

/// What becomes of a call whose token was called over.
pub(crate) enum AfterExpired {
    /// It is repeated at once.
    Again,
    /// It waits, and is repeated then.
    Later(Held),
    /// It keeps the response.
    Over,
}

impl Session {
    /// Asks whether the call may be sent, and with which tokens.
    pub(crate) async fn admit(&self, auth: &mut CallAuth) -> Result<Admitted> {
        let mut passes = AttemptTokens::default();
        for credential in auth.endpoint.credentials {
            let slot = self.slot_of(credential)?;
            if self.has_news(slot.into()) {
                Box::pin(self.meet_store(auth, slot.into())).await;
            }
            match self.ask(auth, credential, slot) {
                (Entry::Send(ticket), Some(token)) => {
                    auth.bind(slot.into(), ticket.epoch);
                    passes.push(AttemptToken { slot, credential, ticket, token });
                }
                (Entry::Send(_) | Entry::Bare, _) => {}
                (entry, _) => return self.line_up(auth, slot.into(), entry).map(Admitted::Later),
            }
        }
        Ok(Admitted::Now(passes))
    }

    /// What a call does that has waited; `over` is the generation that was called over, if it was sent
    /// before.
    pub(crate) fn resume(
        &self,
        auth: &mut CallAuth,
        slot: u8,
        over: Option<u64>,
        woken: Wakeup,
    ) -> Result<Option<Box<Permit>>> {
        match woken.release {
            // Its refresh was dropped, and it starts no other: to send the same token again helps nobody.
            Release::Go if over.is_some_and(|over| self.is_stuck(auth, slot, over)) => {
                Err(aborted().of_session(self.id(), self.credential(slot.into()).name))
            }
            Release::Go => {
                if !self.is_forgiven(auth, slot) && over.is_some() {
                    auth.replayed |= 1 << slot;
                }
                Ok(woken.permit)
            }
            release => Err(self.not_released(slot.into(), release)),
        }
    }

    /// Whether nothing renews the token of generation `over` any more for a call that has started its
    /// refresh.
    fn is_stuck(&self, auth: &CallAuth, slot: u8, over: u64) -> bool {
        auth.started >> slot & 1 == 1
            && self.slot(slot.into()).with(|state| {
                state.gate.ticket().generation == over && state.gate.flight().is_none()
            })
    }

    /// Does what follows from a response that called the token of `pass` over.
    pub(crate) fn expired(
        &self,
        auth: &mut CallAuth,
        pass: &AttemptToken,
        replays: bool,
    ) -> Result<AfterExpired> {
        let slot = usize::from(pass.slot);
        let bit = 1 << pass.slot;
        let credential = self.credential(slot);
        let replays = replays && auth.replayed & bit == 0;
        let may_start =
            credential.renew.get().is_some() && auth.started & bit == 0 && auth.replayed & bit == 0;
        let now = self.policy().clock.now();
        let (after, entry) = self.slot(slot).with(|state| {
            let limits = &credential.limits;
            match state.gate.expired(now, pass.ticket, replays, may_start, limits) {
                AfterExpiry::Hold(launch) => (None, Some(self.enqueue(slot, state, launch))),
                other => (Some(other), None),
            }
        });
        match (after, entry) {
            (_, Some(entry)) => self.line_up(auth, slot, entry).map(AfterExpired::Later),
            (Some(AfterExpiry::GiveUp(launch)), _) => {
                if let Some(launch) = launch {
                    self.start_flight(slot, launch);
                }
                Ok(AfterExpired::Over)
            }
            (Some(AfterExpiry::Refuse(refusal)), _) => Err(self.refused(slot, refusal)),
            (Some(AfterExpiry::Replay | AfterExpiry::Hold(_)) | None, None) => {
                if !self.is_forgiven(auth, pass.slot) {
                    auth.replayed |= bit;
                }
                Ok(AfterExpired::Again)
            }
        }
    }

    /// What another process left in the store may be over as well, since nobody has sent it for a
    /// while. So one repeat with it does not count, and the call may still start a refresh.
    fn is_forgiven(&self, auth: &mut CallAuth, slot: u8) -> bool {
        let bit = 1 << slot;
        let forgiven = auth.adopted & bit == 0
            && self
                .slot(slot.into())
                .with(|state| state.holding.as_ref().is_some_and(InstalledTokens::is_restored));
        if forgiven {
            auth.adopted |= bit;
            auth.started &= !bit;
        }
        forgiven
    }

    /// Ends the session that was present when a call started; one that came after it stays.
    /// A logout of one credential leaves the others.
    pub(crate) async fn leave(&self, auth: &CallAuth) {
        let only = auth.endpoint.role_of.and_then(|name| self.named(name).ok());
        for slot in 0..self.slots() {
            if only.is_none_or(|only| only == slot) {
                self.logout_at(slot, auth.bound(slot)).await;
            }
        }
    }

    /// At which slot a credential is. A client was refused if it had none.
    fn slot_of(&self, credential: &Credential) -> Result<u8> {
        let credentials = &self.policy().credentials;
        let slot = credentials.iter().position(|policy| {
            std::ptr::eq(policy.name, credential.name) || policy.name == credential.name
        });
        slot.and_then(|slot| u8::try_from(slot).ok()).ok_or_else(|| {
            Error::new(ErrorKind::Argument)
                .with_message(format!("the session has no credential {:?}", credential.name))
        })
    }

    pub(crate) fn count_replay(&self) {
        self.inner.counts.replays.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn refused(&self, slot: usize, refusal: Refusal<Arc<Error>>) -> Error {
        let error = match refusal {
            Refusal::SignedOut => Error::new(ErrorKind::SignedOut),
            Refusal::Changed => Error::new(ErrorKind::SessionChanged),
            Refusal::Lost(error) => Error::new(ErrorKind::SessionLost).with_shared_source(error),
            Refusal::Resting(error) => {
                Error::new(ErrorKind::RefreshFailed).with_shared_source(error)
            }
            Refusal::Excessive => Error::new(ErrorKind::ExcessiveRefresh),
        };
        error.of_session(self.id(), self.credential(slot).name)
    }

    pub(super) fn not_released(&self, slot: usize, release: Release<Arc<Error>>) -> Error {
        let error = match release {
            Release::Failed(error) if error.kind() == ErrorKind::SessionLost => {
                Error::new(ErrorKind::SessionLost).with_shared_source(error)
            }
            Release::Failed(error) => {
                Error::new(ErrorKind::RefreshFailed).with_shared_source(error)
            }
            Release::LoggedOut => {
                Error::new(ErrorKind::SessionChanged).with_message("the user signed out")
            }
            Release::Changed | Release::Go => Error::new(ErrorKind::SessionChanged),
        };
        error.of_session(self.id(), self.credential(slot).name)
    }

    /// A call from within a refresh would wait for itself.
    pub(super) fn forbid_reentrance(&self, slot: usize) -> Result<()> {
        if flight::is_within(self, slot) {
            Err(Error::new(ErrorKind::ReentrantRefresh))
        } else {
            Ok(())
        }
    }

    fn ask(
        &self,
        auth: &mut CallAuth,
        credential: &Credential,
        slot: u8,
    ) -> (Entry, Option<Bytes>) {
        let index = usize::from(slot);
        let policy = self.credential(index);
        let clock = &self.policy().clock;
        self.slot(index).with(|state| {
            let freshness = state.freshness(policy, auth.is_careful, || clock.wall());
            let quiet = state.gate.is_quiet() && freshness == Freshness::Fresh;
            let ask = Ask {
                // The time matters only where something is wrong.
                now: if quiet { Duration::ZERO } else { clock.now() },
                freshness,
                bound: auth.bound(index),
                may_start: policy.renew.get().is_some() && auth.started & (1 << slot) == 0,
                optional: auth.endpoint.access == Access::Optional,
                tokenless: policy.tokenless(),
                send_during_refresh: self.policy().settings.send_during_refresh,
            };
            let admission = state.gate.admit(&ask, &policy.limits);
            let entry = self.take_place(index, state, admission);
            if matches!(entry, Entry::Held(..)) {
                // A call that waits belongs to whoever it waits with, even if nobody was signed in.
                auth.bind(index, state.gate.ticket().epoch);
            }
            let token = matches!(entry, Entry::Send(_))
                .then(|| state.token(credential.placement))
                .flatten();
            (entry, token)
        })
    }

    /// Starts the flight that the gate has launched, if any, and takes a place in the queue.
    fn line_up(&self, auth: &mut CallAuth, slot: usize, entry: Entry) -> Result<Held> {
        let (held, launch) = match entry {
            Entry::Refused(refusal) => return Err(self.refused(slot, refusal)),
            Entry::Full(launch) => (None, launch),
            Entry::Held(held, launch) => (Some(held), launch),
            Entry::Send(_) | Entry::Bare => (None, None),
        };
        if let Some(launch) = launch {
            auth.started |= 1 << slot;
            self.start_flight(slot, launch);
        }
        // A call from within the refresh that it would wait for gives its place up again. What the gate
        // has launched flies all the same: the next call waits for it.
        self.forbid_reentrance(slot)?;
        let held = held.ok_or_else(|| Error::new(ErrorKind::QueueFull))?;
        if self.policy().on_event.is_some() || cfg!(feature = "tracing") {
            let waiting = self.slot(slot).with(|state| state.gate.held());
            self.policy().emit(&Event::Held {
                session: self.id(),
                credential: self.credential(slot).name,
                endpoint: auth.endpoint,
                waiting,
            });
        }
        Ok(held)
    }
}
