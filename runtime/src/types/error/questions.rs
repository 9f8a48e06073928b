//! What can be asked of an error.

use super::{Error, ErrorKind};

impl Error {
    /// Whether the server called the token over and the call was not sent again: its token had been renewed
    /// for it already, or it is not repeated (`replay`).
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.inner.kind == ErrorKind::Expired
    }

    /// Whether only a login helps: nobody is signed in, or the session is over.
    #[must_use]
    pub fn is_signed_out(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::SignedOut | ErrorKind::SessionLost)
    }

    /// Whether the session is over: only a new login helps.
    #[must_use]
    pub fn is_session_lost(&self) -> bool {
        self.inner.kind == ErrorKind::SessionLost
    }

    /// Whether another user signed in, or this one signed out, while the call was under way.
    #[must_use]
    pub fn is_session_changed(&self) -> bool {
        self.inner.kind == ErrorKind::SessionChanged
    }

    /// Whether the token could not be renewed for now.
    #[must_use]
    pub fn is_refresh_failed(&self) -> bool {
        self.inner.kind == ErrorKind::RefreshFailed
    }

    /// Whether the refreshes went in a circle.
    #[must_use]
    pub fn is_excessive_refresh(&self) -> bool {
        self.inner.kind == ErrorKind::ExcessiveRefresh
    }

    /// Whether the call came from within the refresh that it would have to wait for.
    #[must_use]
    pub fn is_reentrant_refresh(&self) -> bool {
        self.inner.kind == ErrorKind::ReentrantRefresh
    }

    /// Whether the call could not be repeated because its body can be sent only once.
    #[must_use]
    pub fn is_replay_impossible(&self) -> bool {
        self.inner.kind == ErrorKind::ReplayImpossible
    }

    /// Whether the time that the call was given is over.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Timeout(_))
    }

    /// Whether the server could not be reached, or the connection broke.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        self.inner.kind == ErrorKind::Transport
    }

    /// Whether a redirect was not followed.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        self.inner.kind == ErrorKind::Redirect
    }

    /// Whether the server refused with a status.
    #[must_use]
    pub fn is_status(&self) -> bool {
        self.inner.kind == ErrorKind::Status
    }

    /// Whether the server refused with a code in its envelope.
    #[must_use]
    pub fn is_api(&self) -> bool {
        self.inner.kind == ErrorKind::Api
    }

    /// Whether the response is not what was declared.
    #[must_use]
    pub fn is_decode(&self) -> bool {
        matches!(self.inner.kind, ErrorKind::Decode | ErrorKind::TooLarge)
    }

    /// Whether an argument of the call cannot be sent.
    #[must_use]
    pub fn is_argument(&self) -> bool {
        self.inner.kind == ErrorKind::Argument
    }

    /// Whether the client cannot be built like this.
    #[must_use]
    pub fn is_build(&self) -> bool {
        self.inner.kind == ErrorKind::Build
    }

    /// Whether the token store failed.
    #[must_use]
    pub fn is_store(&self) -> bool {
        self.inner.kind == ErrorKind::Store
    }
}
