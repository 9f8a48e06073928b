//! What the gate is asked, and what it answers.

use std::time::Duration;

use super::Window;
use crate::logic::freshness::Freshness;

/// A place in the queue.
pub(crate) type WaiterId = u64;

/// Which token an attempt carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    pub(crate) epoch: u64,
    pub(crate) generation: u64,
}

/// Why a flight was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Trigger {
    /// A response said that the token is over.
    Expired,
    /// The lifetime that was declared with the token ends.
    Early,
    /// As [`Trigger::Early`], but in the background: nobody waits.
    Ahead,
    /// Somebody asked for it.
    Asked,
    /// There was no token yet.
    First,
}

/// A flight that is to be started now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Launch {
    pub(crate) flight: u32,
    pub(crate) ticket: Ticket,
    pub(crate) trigger: Trigger,
}

/// What a call asks before it sends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) now: Duration,
    pub(crate) freshness: Freshness,
    /// The epoch in which the call was started, if somebody was signed in then, or else the one in
    /// which it first waited or was sent.
    pub(crate) bound: Option<u64>,
    /// Whether this call may still start a refresh. One that may not is sent with the token that
    /// there is, even if that is over.
    pub(crate) may_start: bool,
    /// Whether the call goes on without a token.
    pub(crate) optional: bool,
    /// Whether a refresh can be made without a token.
    pub(crate) tokenless: bool,
    /// Whether calls go out with the old token while it is renewed.
    pub(crate) send_during_refresh: bool,
}

/// What a call does before it sends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Admission<E> {
    /// Send, with the present token.
    Send(Ticket),
    /// Send without a token.
    Bare,
    /// Wait in the queue, and start the flight if there is one.
    Hold(Option<Launch>),
    /// Fail without sending.
    Refuse(Refusal<E>),
}

/// What a call does after the server said that its token is over.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AfterExpiry<E> {
    /// The token has been renewed since: ask again.
    Replay,
    /// Wait in the queue, and start the flight if there is one.
    Hold(Option<Launch>),
    /// Return the response to the caller; the flight, if there is one, is for the next call.
    GiveUp(Option<Launch>),
    /// Fail.
    Refuse(Refusal<E>),
}

/// Why a call may not send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal<E> {
    /// Nobody is signed in.
    SignedOut,
    /// Somebody else is signed in than when the call was started.
    Changed,
    /// The session is over.
    Lost(E),
    /// A refresh has just failed, and the next is not due yet.
    Resting(E),
    /// Too many refreshes whose token was never accepted.
    Excessive,
}

/// What becomes of a call that waited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Release<E> {
    /// Ask again.
    Go,
    /// Fail, with the error that all share.
    Failed(E),
    /// Fail: another user signed in meanwhile.
    Changed,
    /// Fail: the user signed out meanwhile.
    LoggedOut,
}

/// How a flight ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FlightOutcome<E> {
    /// With new tokens.
    Renewed,
    /// With a failure that may pass.
    Transient { error: E, retry_after: Option<Duration> },
    /// With a rejection that the declaration does not name.
    Rejected { error: E },
    /// With the end of the session.
    Permanent { error: E },
    /// Without an end: its task was dropped.
    Aborted,
}

/// What follows from a outcome_of_flight, to be done outside of the lock.
#[derive(Debug)]
pub(crate) struct Completion<W, E> {
    /// Whether the outcome_of_flight counted; a flight of another time changes nothing.
    pub(crate) taken: bool,
    /// Whether the session ended with it.
    pub(crate) lost: bool,
    /// The calls to wake, first in first out.
    pub(crate) released: Released<W, E>,
}

/// Calls that are to be woken, all with the same word.
#[derive(Debug)]
pub(crate) struct Released<W, E> {
    pub(crate) waiters: Vec<W>,
    pub(crate) word: Release<E>,
}

/// Limits of a gate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many calls may wait.
    pub(crate) queue: usize,
    /// How many released calls may send at once.
    pub(crate) permits: usize,
    /// How many unnamed rejections in a row end the session.
    pub(crate) rejections: u32,
    /// Refreshes whose token was never accepted.
    pub(crate) window: Window,
}
