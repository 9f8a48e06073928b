//! The inputs and outputs of the gate.

use std::time::Duration;

use super::Window;
use crate::logic::backoff::Backoff;
use crate::logic::freshness::Freshness;
use crate::types::event::RefreshTrigger;

/// Identifies a waiting call, and the permit that it gets when it is released.
pub(crate) type WaiterId = u64;

/// Identifies an endpoint within one process.
pub(crate) type EndpointId = usize;

/// Identifies the token that an attempt carries. A session sees fewer than 2^32 logins and token sets, and very
/// many of these numbers are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    pub(crate) epoch: u32,
    pub(crate) generation: u32,
}

/// A flight that the caller of the gate must start now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Launch {
    pub(crate) flight: u32,
    pub(crate) ticket: Ticket,
    pub(crate) trigger: RefreshTrigger,
}

/// The state of a call that asks whether it may send.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) now: Duration,
    pub(crate) freshness: Freshness,
    /// The epoch in which the call was created, if a user was signed in then; otherwise the epoch in which it first
    /// waited or was sent.
    pub(crate) bound: Option<u32>,
    /// Whether this call may still start a refresh. If not, it is sent with the current token, even if that has
    /// expired.
    pub(crate) may_start: bool,
    /// Whether the call is sent without a token if there is none.
    pub(crate) optional: bool,
    /// Whether a refresh can be made without a token.
    pub(crate) tokenless: bool,
    /// Whether calls are sent with the old token while it is renewed.
    pub(crate) send_during_refresh: bool,
}

/// A response said that the token of an attempt has expired.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expired {
    pub(crate) now: Duration,
    pub(crate) ticket: Ticket,
    pub(crate) endpoint: EndpointId,
    /// Whether the call may be replayed.
    pub(crate) replays: bool,
    /// Whether the call may start a refresh.
    pub(crate) may_start: bool,
    /// Whether the attempt was already a replay after a refresh.
    pub(crate) was_replayed: bool,
}

/// The decision for a call that wants to send. `H` is the call's end of its wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<E, H> {
    /// Send, with the current token.
    Send(Ticket),
    /// Send without a token.
    SendBare,
    /// Wait in the queue, then ask again.
    Wait(H),
    /// Fail without sending.
    Refuse(Refusal<E>),
}

/// The decision for a call whose token has expired.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AfterExpiry<H> {
    /// The token has been renewed meanwhile: ask again and send.
    Replay,
    /// Wait in the queue, then ask again.
    Wait(H),
    /// Return the response to the caller.
    GiveUp,
}

impl<H> AfterExpiry<H> {
    /// The same decision, with another end of the wait.
    pub(crate) fn map<T>(self, change: impl FnOnce(H) -> T) -> AfterExpiry<T> {
        match self {
            Self::Replay => AfterExpiry::Replay,
            Self::Wait(handle) => AfterExpiry::Wait(change(handle)),
            Self::GiveUp => AfterExpiry::GiveUp,
        }
    }
}

/// Why a call may not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal<E> {
    /// No user is signed in.
    SignedOut,
    /// The user who made the call is no longer signed in.
    SessionChanged,
    /// The session has ended.
    Lost(E),
    /// A refresh has failed, and its cooldown has not passed.
    CoolingDown(E),
    /// Too many refreshes whose token was never accepted.
    Excessive,
    /// The queue has reached its limit.
    QueueFull,
}

/// Why a call no longer waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Release<E> {
    /// Ask again.
    Proceed,
    /// Fail, with the error that all waiting calls share.
    Fail(E),
    /// Fail: another user has signed in.
    SessionChanged,
    /// Fail: the user has signed out.
    SignedOut,
}

/// How a flight ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FlightOutcome<E> {
    /// With new tokens.
    Renewed,
    /// With a temporary failure.
    Transient { error: E, retry_after: Option<Duration> },
    /// With a rejection that is not known to be final.
    Rejected { error: E, retry_after: Option<Duration> },
    /// With the end of the session.
    Permanent { error: E },
    /// Without an outcome: its task was dropped.
    Aborted,
}

/// The consequences of a flight's outcome, to be applied outside of the lock.
#[derive(Debug)]
pub(crate) struct Completion<W, E> {
    /// Whether the outcome was applied; the outcome of an outdated flight changes nothing.
    pub(crate) counted: bool,
    /// Whether it ended the session.
    pub(crate) lost: bool,
    /// The calls to wake.
    pub(crate) released: Released<W, E>,
}

/// Calls to wake, first in, first out, all for the same reason.
#[derive(Debug)]
pub(crate) struct Released<W, E> {
    pub(crate) waiters: Vec<(WaiterId, W)>,
    pub(crate) release: Release<E>,
}

/// Limits of a gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The maximum number of waiting calls.
    pub(crate) queue: usize,
    /// The number of released calls that may send at once.
    pub(crate) permits: usize,
    /// The number of consecutive rejections that ends the session, if any.
    pub(crate) rejections: Option<u32>,
    /// The pause after a failed refresh.
    pub(crate) cooldown: Backoff,
    /// Refreshes whose token was never accepted.
    pub(crate) window: Window,
}
