//! The session of a value.

use std::sync::{Arc, LazyLock};

use super::Session;

/// A value with a session, as calls and builders take it: a [`Session`], or a client, which has its own.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no session",
    label = "pass a client or its `session()`, by reference"
)]
pub trait HasSession {
    /// The session.
    fn its_session(&self) -> &Session;
}

#[diagnostic::do_not_recommend]
impl HasSession for Session {
    fn its_session(&self) -> &Session {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S: HasSession + ?Sized> HasSession for Arc<S> {
    fn its_session(&self) -> &Session {
        (**self).its_session()
    }
}

// A parameter that is generic does not follow references, as one of the type `&Session` does.

#[diagnostic::do_not_recommend]
impl HasSession for &Session {
    fn its_session(&self) -> &Session {
        self
    }
}

#[diagnostic::do_not_recommend]
impl HasSession for Box<Session> {
    fn its_session(&self) -> &Session {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<S: HasSession, F: FnOnce() -> S> HasSession for LazyLock<S, F> {
    fn its_session(&self) -> &Session {
        (**self).its_session()
    }
}
