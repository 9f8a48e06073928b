//! One credential of a session: its gate and its tokens, under one lock.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
#[cfg(not(shuttle))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};
use std::time::{Duration, SystemTime};

// `tests/interleavings.rs` explores the orders in which threads acquire this lock.
#[cfg(shuttle)]
use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU32, Ordering},
};
use tokio::sync::oneshot;

use super::attempt_tokens::{AttemptToken, as_sent};
use super::flight::{Request, Sent};
pub(crate) use super::installed::InstalledTokens;
use super::persist::Persistence;
use super::policy::CredentialPolicy;
use super::stats::Counts;
use super::waiter::Waiter;
use crate::logic::freshness::Freshness;
use crate::logic::gate::{EndpointId, Gate, Launch, Ticket};
use crate::ports::proof::{self, BoundKey};
use crate::types::auth::{Credential, Early};
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
    /// Absent until something happens: a server holds very many idle sessions.
    rare: Option<Box<Rare>>,
}

/// The state of a session that renews its tokens, or has done so.
#[derive(Default)]
pub(crate) struct Rare {
    /// Boxed, since a session has no flight most of the time.
    pub(crate) flight: Option<Box<FlightState>>,
    /// Counts the steps of flights, so that a stalled one is noticed.
    pub(crate) flight_stage: u8,
    /// Whether a task looks for permits of calls that are not polled.
    pub(crate) watches_permits: bool,
    /// Keeps the task alive that renews the current tokens before they expire.
    pub(crate) ahead: Option<oneshot::Sender<Infallible>>,
    pub(super) counts: Counts,
    /// The tokens before the current ones: a server may quote them to a call that has sent them.
    pub(super) former: Option<Tokens>,
}

/// The part of a flight that others than its own task need.
pub(crate) struct FlightState {
    /// Its runtime: the flight makes progress only while that is driven.
    pub(crate) runtime: Option<tokio::runtime::Id>,
    /// Its request, or that of the previous flight, while nothing is known about the response.
    pub(crate) sent: Option<Sent>,
    /// Ends its request, or that of the previous flight, which was abandoned but may still bring tokens.
    pub(crate) request: Option<Arc<Request>>,
    /// When its present step began.
    pub(crate) since: Duration,
    /// Whether it was abandoned, because its runtime stalled.
    pub(crate) is_abandoned: bool,
    /// The tokens that it has brought, until they are installed.
    pub(crate) arrived: Option<Box<InstalledTokens>>,
}

impl Slot {
    pub(crate) const fn new(persistence: Option<Box<Persistence>>) -> Self {
        Self {
            state: Mutex::new(State { gate: Gate::new(), installed: None, rare: None }),
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
        let former = std::mem::replace(&mut self.installed, installed);
        if let Some(rare) = &mut self.rare {
            rare.ahead = None;
            rare.former = former.map(|former| former.tokens).or(rare.former.take());
        }
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(super) fn counts(&self) -> Option<&Counts> {
        self.rare.as_ref().map(|rare| &rare.counts)
    }

    /// The tokens before the current ones, if the session has renewed its tokens.
    pub(super) fn former(&self) -> Option<&Tokens> {
        self.rare.as_ref()?.former.as_ref()
    }

    pub(super) fn flight(&mut self) -> Option<&mut FlightState> {
        self.rare.as_mut()?.flight.as_deref_mut()
    }

    /// The state of this flight, if the gate still awaits it.
    pub(super) fn awaited(&mut self, launch: &Launch) -> Option<&mut FlightState> {
        let is_awaited = self.gate.is_awaiting(launch);
        self.flight().filter(|_| is_awaited)
    }

    /// How many steps flights have made, modulo 256.
    pub(super) fn flight_stage(&self) -> u8 {
        self.rare.as_ref().map_or(0, |rare| rare.flight_stage)
    }

    /// The runtime of the current flight.
    pub(super) fn flight_runtime(&self) -> Option<tokio::runtime::Id> {
        self.rare.as_ref()?.flight.as_ref()?.runtime
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
                if installed.may_expire() && (is_careful || policy.early != Early::Off) =>
            {
                let lifetime = installed.lifetime(policy.early);
                lifetime.expires.map_or(Freshness::Fresh, |_| lifetime.freshness(wall()))
            }
            _ => Freshness::Fresh,
        }
    }

    /// The current token in the form in which it is sent, with its key if there is a signer for it.
    pub(super) fn token(
        &self,
        slot: usize,
        credential: &'static Credential,
        policy: &CredentialPolicy,
    ) -> Option<AttemptToken> {
        let tokens = &self.installed.as_ref()?.tokens;
        let key = tokens.extra(proof::KEY).filter(|key| !key.is_empty()).and_then(|key| {
            let prover = policy.renew.get()?.prover()?;
            Some(Box::new(BoundKey { key: key.into(), prover }))
        });
        Some(AttemptToken {
            slot,
            credential,
            ticket: self.gate.ticket(),
            token: as_sent(tokens, credential.placement),
            base: tokens.base().map(Into::into),
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server holds very many idle sessions.
    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_idle_session_keeps_its_tokens_their_times_and_its_gate_alone() {
        let gate = size_of::<Gate<Waiter, Arc<Error>>>();
        let (installed, state) = (size_of::<Option<InstalledTokens>>(), size_of::<State>());
        assert_eq!((gate, installed, state), (24, 64, 96));
    }
}
