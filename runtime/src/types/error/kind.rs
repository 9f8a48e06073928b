//! The kinds of failure, and the text of each.

/// The kind of an [`Error`](crate::Error).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server reported an expired token, and the call was not replayed: either it had already been replayed with a
    /// new token, or it must not be replayed (`replay`).
    Expired,
    /// Nobody is signed in.
    SignedOut,
    /// The session has ended: only a new login helps.
    SessionLost,
    /// A different user signed in, or this user signed out, while the call was pending. The call was not sent with
    /// another user's token.
    SessionChanged,
    /// The token could not be refreshed; a later call tries again.
    RefreshFailed,
    /// Too many refreshes in a row returned tokens that the server does not accept.
    ExcessiveRefresh,
    /// A refresh made a call that would wait for this same refresh.
    ReentrantRefresh,
    /// The call would have to be replayed, but its body can be sent only once.
    ReplayImpossible,
    /// More calls wait for a refresh than the queue limit of the session allows.
    QueueFull,
    /// The call took longer than its timeout.
    Timeout(Phase),
    /// The server could not be reached, or the connection broke.
    Transport,
    /// A redirect was not followed.
    Redirect,
    /// The server rejected the call with a status.
    Status,
    /// The server rejected the call with a code in its envelope.
    Api,
    /// The token lacks a scope that the call needs. A new token with the same scopes would not help, so none is
    /// fetched; [`Error::scope`](crate::Error::scope) names the scopes to request.
    InsufficientScope,
    /// The response does not match the declared type.
    Decode,
    /// The response is longer than the limit.
    TooLarge,
    /// An argument of the call cannot be sent.
    Argument,
    /// The client cannot be built with these settings.
    Build,
    /// The token store failed.
    Store,
    /// A thread of an async runtime called `wait` on a call (feature `blocking`). Nothing was sent.
    Blocking,
}

/// The reason why a call was waiting when its timeout elapsed.
///
/// ```
/// use perennial::{Error, ErrorKind, Phase};
///
/// /// Whether a request was sent.
/// fn was_sent(error: &Error) -> bool {
///     error.kind() != ErrorKind::Timeout(Phase::Refresh)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Phase {
    /// The call waited for a refresh.
    Refresh,
    /// The call waited for the server.
    Attempt,
}

impl ErrorKind {
    pub(super) const fn says(self) -> &'static str {
        match self {
            Self::Expired => "the server reports that the token has expired",
            Self::SignedOut => "nobody is signed in",
            Self::SessionLost => "the session has ended",
            Self::SessionChanged => "a different user signed in while the call was pending",
            Self::RefreshFailed => "the token could not be renewed",
            Self::ExcessiveRefresh => "the server accepts none of the tokens that it issues",
            Self::ReentrantRefresh => "the call would wait for the refresh that it is part of",
            Self::ReplayImpossible => "the body can be sent only once",
            Self::QueueFull => "too many calls wait for a refresh",
            Self::Timeout(Phase::Refresh) => "timed out while waiting for a refresh",
            Self::Timeout(Phase::Attempt) => "timed out while waiting for the server",
            Self::Transport => "the server could not be reached",
            Self::Redirect => "the redirect was not followed",
            Self::Status | Self::Api => "the server rejected the call",
            Self::InsufficientScope => "the token lacks a scope that the call needs",
            Self::Decode => "the response does not match the declared type",
            Self::TooLarge => "the response is too large",
            Self::Argument => "an argument cannot be sent",
            Self::Build => "the client cannot be built",
            Self::Store => "the token store failed",
            Self::Blocking => "`wait` was called on a thread of an async runtime",
        }
    }

    pub(super) const fn help(self) -> Option<&'static str> {
        Some(match self {
            Self::SignedOut => "call a `login` method, or pass tokens to `session().login(..)`",
            Self::SessionLost => "sign in again",
            Self::ReentrantRefresh => "mark the method `public`, or call it outside of the refresh",
            Self::ReplayImpossible => "make the call again",
            Self::Blocking => {
                "await the call instead, or write `Handle::current().block_on(call)` in `spawn_blocking`"
            }
            Self::InsufficientScope => "sign in again and request that scope",
            Self::ExcessiveRefresh => {
                "narrow the `expired(..)` rule, or check the clock and the audience of the tokens"
            }
            _ => return None,
        })
    }
}
