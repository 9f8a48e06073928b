//! The identity of a session.

use std::fmt;
use std::num::NonZeroU64;

/// Identifies a session within its process: for hooks that many sessions share, for maps, and for logs.
///
/// [`Session::id`](crate::Session::id) returns the id of a session. No other session of the process ever has the same
/// id, even after this session is gone. It reveals nothing about the user and has no meaning in another process.
///
/// ```
/// use std::collections::HashMap;
///
/// use perennial::{Session, SessionId};
///
/// fn remember(users: &mut HashMap<SessionId, String>, session: &Session, user: &str) {
///     users.insert(session.id(), user.to_owned());
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(NonZeroU64);

impl SessionId {
    pub(crate) const fn new(number: NonZeroU64) -> Self {
        Self(number)
    }
}

impl From<SessionId> for u64 {
    fn from(id: SessionId) -> Self {
        id.0.get()
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
