//! One credential of a session: its gate and its tokens, under one lock.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
#[cfg(not(shuttle))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};
use std::time::SystemTime;

// `tests/interleavings.rs` explores the orders in which threads acquire this lock.
#[cfg(shuttle)]
use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};
use tokio::sync::oneshot;

use super::attempt_tokens::SentToken;
use super::flight::{Revoke, Sent};
use super::persist::Persistence;
use super::policy::CredentialPolicy;
use super::stats::Counts;
use super::waiter::Waiter;
use crate::logic::freshness::{Freshness, Lifetime};
use crate::logic::gate::{EndpointId, Gate, Ticket};
use crate::ports::proof::{self, BoundKey};
use crate::types::auth::{Early, Placement};
use crate::types::error::Error;
use crate::types::tokens::Tokens;

pub(crate) struct Slot {
    state: Mutex<State>,
    /// Copies of values under the lock, for the most frequent questions of calls: the epoch to which a new call is
    /// bound, plus one, and the last generation that the server accepted.
    binding: AtomicU32,
    accepted: AtomicU32,
    pub(crate) persistence: Option<Box<Persistence>>,
}

pub(crate) struct State {
    pub(crate) gate: Gate<Waiter, Arc<Error>>,
    pub(crate) installed: Option<InstalledTokens>,
    /// Boxed, since most sessions have no flight most of the time.
    pub(crate) flight: Option<Box<FlightState>>,
    /// Counts the steps of flights, so that a stalled one is noticed.
    pub(crate) flight_stage: u8,
    /// Whether a task looks for permits of calls that are not polled.
    pub(crate) watches_permits: bool,
    /// Keeps the task alive that renews these tokens before they expire.
    pub(crate) ahead: Option<Box<oneshot::Sender<Infallible>>>,
    /// Boxed, since most sessions have not counted anything yet.
    pub(super) counts: Option<Box<Counts>>,
}

/// The part of a flight that others than its own task need.
pub(crate) struct FlightState {
    /// Its runtime: the flight makes progress only while that is driven.
    pub(crate) runtime: Option<tokio::runtime::Id>,
    /// Its request, or that of the previous flight, while nothing is known about the response.
    pub(crate) sent: Option<Sent>,
    /// Ends its request, or that of the previous flight, which was abandoned but may still bring tokens.
    pub(crate) request: Option<Arc<dyn Revoke>>,
    /// Whether it was abandoned, because its runtime stalled.
    pub(crate) is_given_up: bool,
}

/// The current tokens, and when they expire.
#[derive(Clone)]
pub(crate) struct InstalledTokens {
    pub(crate) tokens: Tokens,
    pub(crate) issued: SystemTime,
    pub(crate) lifetime: Lifetime,
    /// They were loaded from a store, and no response has shown yet whether the server accepts them.
    restored: bool,
}

impl InstalledTokens {
    /// `requested` is the moment before the request was sent, from which a relative lifetime counts.
    pub(crate) fn new(
        tokens: Tokens,
        requested: SystemTime,
        now: SystemTime,
        early: Early,
    ) -> Self {
        let lifetime = Lifetime::of_new(tokens.expiry(), requested, now, early);
        Self { tokens, issued: now, lifetime, restored: false }
    }

    /// Tokens from a store, which may have expired.
    pub(crate) fn restored(tokens: Tokens, issued: SystemTime, early: Early) -> Self {
        let lifetime = Lifetime::of_saved(tokens.expiry(), issued, early);
        Self { tokens, issued, lifetime, restored: true }
    }

    pub(super) const fn is_restored(&self) -> bool {
        self.restored
    }
}

impl Slot {
    pub(crate) const fn new(persistence: Option<Box<Persistence>>) -> Self {
        Self {
            state: Mutex::new(State {
                gate: Gate::new(),
                installed: None,
                flight: None,
                flight_stage: 0,
                watches_permits: false,
                ahead: None,
                counts: None,
            }),
            binding: AtomicU32::new(0),
            accepted: AtomicU32::new(0),
            persistence,
        }
    }

    /// Changes the state. The caller acts on the result outside of the lock.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = act(&mut state);
        let binding = state.gate.binding().map_or(0, |epoch| epoch + 1);
        if self.binding.load(Ordering::Relaxed) != binding {
            self.binding.store(binding, Ordering::Release);
        }
        result
    }

    /// The epoch to which a call that starts now is bound, if a user is signed in.
    pub(crate) fn binding(&self) -> Option<u32> {
        self.binding.load(Ordering::Acquire).checked_sub(1)
    }

    /// Tells the gate that an endpoint accepted a token: once for each token, unless it matters which endpoint it
    /// was.
    pub(crate) fn accepted(&self, ticket: Ticket, endpoint: EndpointId) {
        if self.accepted.load(Ordering::Relaxed) != ticket.generation {
            let mut state = self.lock();
            state.gate.accepted(ticket, endpoint);
            if !state.gate.remembers_endpoints() {
                self.accepted.store(ticket.generation, Ordering::Relaxed);
            }
        }
    }

    /// Makes calls report again which endpoints accept the current token.
    pub(super) fn forget_accepted(&self) {
        // The first generation is 1.
        self.accepted.store(0, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The gate's methods complete their changes before anything in them can panic, and the user's code never
        // runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Replaces the tokens. This ends the task that renews the old ones in the background.
    pub(crate) fn install(&mut self, installed: Option<InstalledTokens>) {
        self.installed = installed;
        self.ahead = None;
    }

    /// The runtime of the current flight.
    pub(super) fn flight_runtime(&self) -> Option<tokio::runtime::Id> {
        self.flight.as_ref().and_then(|flight| flight.runtime)
    }

    /// The freshness of the current token. The clock is read only if that matters.
    pub(crate) fn freshness(
        &self,
        policy: &CredentialPolicy,
        is_careful: bool,
        wall: impl FnOnce() -> SystemTime,
    ) -> Freshness {
        match &self.installed {
            Some(installed)
                if installed.lifetime.expires.is_some()
                    && (is_careful || policy.early != Early::Off) =>
            {
                installed.lifetime.freshness(wall())
            }
            _ => Freshness::Fresh,
        }
    }

    /// The current token in the form in which it is sent, with its key if there is a signer for it.
    pub(super) fn token(
        &self,
        placement: Placement,
        policy: &CredentialPolicy,
    ) -> Option<SentToken> {
        let tokens = &self.installed.as_ref()?.tokens;
        let token = match placement {
            Placement::Bearer => tokens.authorization(),
            _ => tokens.raw(),
        };
        let key = tokens.extra(proof::KEY).filter(|key| !key.is_empty()).and_then(|key| {
            let prover = policy.renew.get()?.prover()?;
            Some(Box::new(BoundKey { key: key.into(), prover }))
        });
        Some(SentToken { token, base: tokens.base().map(Into::into), key })
    }
}
