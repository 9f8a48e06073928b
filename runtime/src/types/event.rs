//! What happens to a session.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::error::Error;
use super::session_id::SessionId;

/// Something that happened to a session, which [`session`](Event::session) names. Events carry no token.
///
/// For each refresh there is one [`RefreshStarted`](Event::RefreshStarted) and one
/// [`RefreshFinished`](Event::RefreshFinished), for each call that is sent again with a newer token one
/// [`Replayed`](Event::Replayed). A refresh that finds in the store what another process has renewed sends
/// nothing, and one whose response was lost may be sent twice, as `grace` allows: what was sent is counted by
/// [`Stats`](crate::Stats).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A refresh was started.
    RefreshStarted {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// Counts identities: login and logout add one.
        epoch: u64,
        /// Counts token sets: the one that is renewed.
        generation: u64,
        /// Why it was started.
        trigger: RefreshTrigger,
    },
    /// A refresh has ended.
    RefreshFinished {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// Counts identities, as in the event of the start.
        epoch: u64,
        /// Counts token sets, as in the event of the start.
        generation: u64,
        /// How it ended.
        outcome: RefreshOutcome,
        /// How long it took.
        duration: Duration,
        /// How many calls waited for it when it ended.
        waiters: usize,
    },
    /// A call waits for a refresh: it came back expired, or the token was known to be over before it was
    /// sent.
    Held {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// What was called.
        endpoint: &'static Endpoint,
        /// How many calls wait now.
        waiting: usize,
    },
    /// A call that came back expired was sent again with a newer token. Retries are not told.
    Replayed {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// What was called.
        endpoint: &'static Endpoint,
        /// How many times the call has been sent, this one included.
        attempt: u32,
        /// The token set of the attempt before.
        from_generation: u64,
        /// The token set of this attempt; 0 if it went without one, as an `optional` call may.
        to_generation: u64,
    },
    /// The session is over; the same that `on_logout` is told.
    SessionLost {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// Why.
        reason: Arc<Error>,
    },
    /// A refresh was sent, but its response was lost: the server may have rotated the refresh token.
    RotationAmbiguous {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
    },
    /// The lifetime that came with a token could not be read; only the server's word counts.
    LifetimeUnreadable {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
    },
    /// A token was taken over that did not come from a refresh of this session.
    Adopted {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// Where it came from.
        source: AdoptedFrom,
    },
    /// The token store could not be read, written or locked. Calls go on with what is in memory.
    StoreFailed {
        /// Whose it is.
        session: SessionId,
        /// Name of the credential.
        credential: &'static str,
        /// Why.
        reason: Arc<Error>,
    },
}

impl Event {
    /// Which session it is about. A client and the siblings of its session share their hooks.
    #[must_use]
    pub const fn session(&self) -> SessionId {
        match self {
            Self::RefreshStarted { session, .. }
            | Self::RefreshFinished { session, .. }
            | Self::Held { session, .. }
            | Self::Replayed { session, .. }
            | Self::SessionLost { session, .. }
            | Self::RotationAmbiguous { session, .. }
            | Self::LifetimeUnreadable { session, .. }
            | Self::Adopted { session, .. }
            | Self::StoreFailed { session, .. } => *session,
        }
    }
}

/// Why a refresh was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshTrigger {
    /// A response said that the token is over.
    Expired,
    /// The declared lifetime of the token comes to its end.
    Early,
    /// The same, in the background.
    Ahead,
    /// Somebody asked for it.
    Asked,
    /// There was no token yet.
    First,
}

/// How a refresh ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RefreshOutcome {
    /// With a new token.
    Renewed,
    /// With a failure that may pass; the tokens are kept.
    Failed(Arc<Error>),
    /// With the end of the session.
    Lost(Arc<Error>),
    /// With a token that nobody wants any more: the session had changed hands meanwhile.
    Discarded,
    /// Its task was dropped before it ended.
    Aborted,
}

/// Where a token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdoptedFrom {
    /// From the headers of a response.
    RawResponse,
    /// From the token store, where another process left it.
    Store,
}
