//! Methods that group several kinds of error. For a single kind, compare [`kind`](Error::kind).

use super::{Error, ErrorKind};

impl Error {
    /// Whether only a login helps: nobody is signed in, or the session has ended.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::SignedOut | ErrorKind::SessionLost)
    }

    /// Whether a time limit was reached, whatever the call was doing then.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Timeout(_))
    }

    /// Whether the server rejected the call: with a status, with a code in the envelope, or because the token lacks
    /// a scope.
    #[must_use]
    pub fn is_rejected(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Status | ErrorKind::Api | ErrorKind::InsufficientScope)
    }

    /// Whether the response could not become the declared type: it does not match, or is too large.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Decode | ErrorKind::TooLarge)
    }
}
