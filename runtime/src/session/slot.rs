//! One credential of a session: its gate and its tokens, under one lock.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::persist::Persistence;
use super::policy::CredentialPolicy;
use super::waiter::Waiter;
use crate::logic::gate::{Freshness, Gate, Ticket};
use crate::types::auth::{Early, Placement};
use crate::types::error::Error;
use crate::types::tokens::{Expiry, Tokens};

/// The session asks for a new token so long before the old one ends, unless it was told otherwise.
const EARLY: Duration = Duration::from_secs(10);

pub(crate) struct Slot {
    state: Mutex<State>,
    /// Copies of what is under the lock, for questions that most calls ask: the epoch to which a new
    /// call is bound, plus one, and the last generation that the server accepted.
    binding: AtomicU64,
    accepted: AtomicU64,
    pub(crate) persistence: Option<Box<Persistence>>,
}

pub(crate) struct State {
    pub(crate) gate: Gate<Waiter, Arc<Error>>,
    pub(crate) holding: Option<InstalledTokens>,
    /// The runtime of the present flight: only while it runs does the flight go on.
    pub(crate) flight_runtime: Option<tokio::runtime::Id>,
    /// Keeps the task alive that renews these tokens ahead of their end.
    pub(crate) ahead: Option<oneshot::Sender<Infallible>>,
}

/// The present tokens, and when they end.
#[derive(Clone)]
pub(crate) struct InstalledTokens {
    pub(crate) tokens: Tokens,
    pub(crate) issued: SystemTime,
    /// `None` if it is unknown.
    pub(crate) expires: Option<SystemTime>,
    /// How long before their end they are renewed.
    leeway: Duration,
    /// They were kept elsewhere: nobody has told yet what the server thinks of them.
    restored: bool,
}

impl InstalledTokens {
    /// `asked` is the moment before the request was sent: a lifetime counts from there.
    pub(crate) fn new(tokens: Tokens, asked: SystemTime, now: SystemTime, early: Early) -> Self {
        let expires = match tokens.expiry() {
            Some(Expiry::In(lifetime)) => asked.checked_add(lifetime),
            Some(Expiry::At(end)) => Some(end),
            None => None,
        };
        let lifetime = expires.and_then(|end| end.duration_since(asked).ok()).unwrap_or_default();
        let wanted = match early {
            Early::By(wanted) => wanted,
            Early::Default | Early::Off => EARLY,
        };
        let leeway = wanted.min(lifetime / 5);
        // A token that looks over on arrival is used all the same: it is the clock that is wrong, and
        // refreshing by it would never end.
        let expires = expires.filter(|end| now + leeway < *end);
        Self { tokens, issued: now, expires, leeway, restored: false }
    }

    /// Tokens that were kept elsewhere, whose end may well lie in the past.
    pub(crate) fn restored(tokens: Tokens, issued: SystemTime, early: Early) -> Self {
        let mut holding = Self::new(tokens, issued, issued, early);
        if let Some(Expiry::At(end)) = holding.tokens.expiry() {
            holding.expires = Some(end);
        }
        holding.restored = true;
        holding
    }

    pub(super) const fn is_restored(&self) -> bool {
        self.restored
    }

    /// A clock that was set back calls no token over that it called good before, so that it starts no
    /// refresh; what is over then, the server says.
    pub(super) fn freshness(&self, wall: SystemTime) -> Freshness {
        let Some(expires) = self.expires else { return Freshness::Good };
        if wall >= expires {
            Freshness::Over
        } else if wall + self.leeway >= expires {
            Freshness::Due
        } else {
            Freshness::Good
        }
    }

    pub(crate) const fn leeway(&self) -> Duration {
        self.leeway
    }
}

impl Slot {
    pub(crate) const fn new(persistence: Option<Box<Persistence>>) -> Self {
        Self {
            state: Mutex::new(State {
                gate: Gate::new(),
                holding: None,
                flight_runtime: None,
                ahead: None,
            }),
            binding: AtomicU64::new(0),
            accepted: AtomicU64::new(0),
            persistence,
        }
    }

    /// Changes the state. What follows from it is done by the caller, outside of the lock.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let result = act(&mut state);
        let binding = state.gate.binding().map_or(0, |epoch| epoch + 1);
        if self.binding.load(Ordering::Relaxed) != binding {
            self.binding.store(binding, Ordering::Release);
        }
        result
    }

    /// The epoch to which a call that starts now is bound, if somebody is signed in.
    pub(crate) fn binding(&self) -> Option<u64> {
        self.binding.load(Ordering::Acquire).checked_sub(1)
    }

    /// Tells the gate that the server accepted a token, once for each.
    pub(crate) fn accepted(&self, ticket: Ticket) {
        if self.accepted.load(Ordering::Relaxed) != ticket.generation {
            self.accepted.store(ticket.generation, Ordering::Relaxed);
            self.lock().gate.accepted(ticket);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The gate's methods complete their changes before anything in them can panic, and the user's
        // code never runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Changes the tokens. What renewed the old ones ahead of their end ends with them.
    pub(crate) fn hold(&mut self, holding: Option<InstalledTokens>) {
        self.holding = holding;
        self.ahead = None;
    }

    /// What the clock says about the present token. The clock is looked at only if that matters.
    pub(crate) fn freshness(
        &self,
        policy: &CredentialPolicy,
        is_careful: bool,
        wall: impl FnOnce() -> SystemTime,
    ) -> Freshness {
        match &self.holding {
            Some(holding)
                if holding.expires.is_some() && (is_careful || policy.early != Early::Off) =>
            {
                holding.freshness(wall())
            }
            _ => Freshness::Good,
        }
    }

    /// The present token as it travels.
    pub(crate) fn token(&self, placement: Placement) -> Option<Bytes> {
        let tokens = &self.holding.as_ref()?.tokens;
        Some(match placement {
            Placement::Bearer => tokens.bearer(),
            _ => tokens.raw(),
        })
    }
}
