//! Errors of stores: the action that failed, its object, and the cause.

use std::error::Error;
use std::fmt;

use crate::ports::store::StoreError;
use crate::types::error::BoxError;

/// `action` is the whole statement, such as "the file x cannot be read".
pub(super) fn failed(action: String, cause: impl Into<BoxError>) -> StoreError {
    StoreError::failed(Failed { action, cause: cause.into() })
}

/// The tokens are encrypted, and not with the key of this store.
#[cfg(not(target_family = "wasm"))]
pub(super) fn encrypted(location: &str, reason: &str) -> StoreError {
    StoreError::failed(format!(
        "the tokens in {location} cannot be read: {reason}; give the store the key with which they were \
         encrypted, or remove them and sign in again"
    ))
}

#[derive(Debug)]
struct Failed {
    action: String,
    cause: BoxError,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.action, self.cause)
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // `Display` shows the cause already.
        self.cause.source()
    }
}
