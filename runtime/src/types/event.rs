//! Events of a session.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::error::Error;
use super::session_id::SessionId;
use crate::types::never_constants;

/// An event of a session. It carries no token.
///
/// Each refresh emits one [`RefreshStarted`](EventKind::RefreshStarted) and one
/// [`RefreshFinished`](EventKind::RefreshFinished), and each replay emits one [`Replayed`](EventKind::Replayed). A
/// refresh that finds newer tokens of another process in the store sends nothing, and a refresh whose response was lost
/// may be sent twice, if `grace` allows it: [`Stats`](crate::Stats) counts the requests themselves.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Event {
    /// The session, since a client and the siblings of its session share their hooks.
    pub session: SessionId,
    /// The name of the credential; `""` for a credential that was declared without a name.
    pub credential: &'static str,
    /// The event itself.
    pub kind: EventKind,
}

/// The kinds of events of a session.
///
/// ```
/// use perennial::{AdoptedFrom, Event, EventKind, RefreshOutcome, RefreshTrigger};
///
/// /// A log line for the events that an operator wants to know about.
/// fn line(event: &Event) -> Option<String> {
///     Some(match &event.kind {
///         EventKind::RefreshStarted { trigger: RefreshTrigger::Expired, .. } => "the token has expired".to_owned(),
///         EventKind::RefreshFinished { outcome: RefreshOutcome::Failed(reason), .. } => format!("not renewed: {reason}"),
///         EventKind::SessionLost { reason, .. } => format!("session {} has ended: {reason}", event.session),
///         EventKind::Adopted { source: AdoptedFrom::Store, .. } => "another process has renewed the token".to_owned(),
///         _ => return None,
///     })
/// }
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # fn main() -> Result<()> {
/// let shop = ShopClient::builder("https://shop.example")
///     .on_event(|event| line(event).iter().for_each(|line| eprintln!("{line}")))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum EventKind {
    /// A refresh was started.
    #[non_exhaustive]
    RefreshStarted {
        /// The number of the identity: login and logout add one.
        epoch: u64,
        /// The number of the token set that is refreshed.
        generation: u64,
        /// Why it was started.
        trigger: RefreshTrigger,
    },
    /// A refresh has ended.
    #[non_exhaustive]
    RefreshFinished {
        /// The number of the identity, as at the start.
        epoch: u64,
        /// The number of the token set, as at the start.
        generation: u64,
        /// How it ended.
        outcome: RefreshOutcome,
        /// How long it took.
        duration: Duration,
        /// The number of calls that waited for it when it ended.
        waiters: usize,
    },
    /// A call waits for a refresh: its token had expired, or was known to have expired before it was sent.
    #[non_exhaustive]
    Queued {
        /// The endpoint that was called.
        endpoint: &'static Endpoint,
        /// How many calls wait now.
        waiting: usize,
    },
    /// A call whose token had expired was replayed with a newer token. Retries are not reported.
    #[non_exhaustive]
    Replayed {
        /// The endpoint that was called.
        endpoint: &'static Endpoint,
        /// How often the call has been sent, including this time.
        attempt: u32,
        /// The token set of the previous attempt.
        from_generation: u64,
        /// The token set of this attempt; 0 if it was sent without a token, as an `optional` call may be.
        to_generation: u64,
    },
    /// The session has ended. `on_logout` gets the same error.
    #[non_exhaustive]
    SessionLost {
        /// Why.
        reason: Arc<Error>,
    },
    /// A refresh was sent, but its response was lost or contains no usable token: the server may have rotated the
    /// refresh token.
    #[non_exhaustive]
    RotationAmbiguous {},
    /// The lifetime that came with a token could not be read. The token is used until the server reports that it
    /// has expired.
    #[non_exhaustive]
    LifetimeUnreadable {},
    /// A token was adopted that did not come from a refresh of this session.
    #[non_exhaustive]
    Adopted {
        /// Where it came from.
        source: AdoptedFrom,
    },
    /// The token store could not be read, written or locked. Calls continue with the tokens in memory.
    #[non_exhaustive]
    StoreFailed {
        /// Why.
        reason: Arc<Error>,
    },
}

/// Why a refresh was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RefreshTrigger {
    /// A response reported an expired token.
    Expired,
    /// The declared lifetime of the token is about to end.
    Early,
    /// The background task of [`refresh_ahead`](crate::ClientBuilder::refresh_ahead) started it before the token
    /// expires.
    Ahead,
    /// The program requested a refresh.
    Manual,
    /// There was no token yet.
    First,
}

/// How a refresh ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum RefreshOutcome {
    /// With a new token.
    Renewed,
    /// With a temporary failure. The tokens are kept.
    Failed(Arc<Error>),
    /// With the end of the session.
    Lost(Arc<Error>),
    /// With a token that is no longer wanted, since the user had signed out or another user had signed in.
    Discarded,
    /// The task of the refresh was dropped before the request was sent, or within the declared `grace`; the next call
    /// starts a new refresh.
    Aborted,
}

/// Where an adopted token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AdoptedFrom {
    /// From the headers of a response.
    Response,
    /// From the token store, where another process saved it.
    Store,
}

/// The bound of kinds as variants of the event.
#[diagnostic::on_unimplemented(
    message = "an event is a struct, and its kind says what happened",
    label = "match `&event.kind`, with `EventKind::RefreshStarted {{ .. }}` or another"
)]
pub trait EventAsAnEnum {}

never_constants! {
    impl Event where EventAsAnEnum {
        RefreshStarted RefreshFinished Queued Replayed SessionLost RotationAmbiguous LifetimeUnreadable Adopted StoreFailed
        Refreshed RefreshFailed Login Logout SignedIn SignedOut Expired
    }
}
