//! What stands for a session.

use std::sync::Arc;

use super::Session;

/// What a call or a builder takes as a session: a [`Session`], or a client, which stands for its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no session",
    label = "pass a client or its `session()`, by reference"
)]
pub trait HasSession {
    /// The session.
    fn its_session(&self) -> &Session;
}

impl HasSession for Session {
    fn its_session(&self) -> &Session {
        self
    }
}

impl<S: HasSession + ?Sized> HasSession for Arc<S> {
    fn its_session(&self) -> &Session {
        (**self).its_session()
    }
}
