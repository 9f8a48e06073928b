//! Errors of stores: the failed action, its object, and the cause.

use std::error::Error;
use std::fmt;

use crate::ports::store::StoreError;
use crate::types::error::BoxError;

/// `action` is a complete statement, such as "the file x cannot be read".
pub(super) fn failed(action: String, cause: impl Into<BoxError>) -> StoreError {
    StoreError::failed(Failed { action, cause: cause.into() })
}

/// The tokens are encrypted, but not with the key of this store.
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
        // `Display` already shows the cause.
        self.cause.source()
    }
}
