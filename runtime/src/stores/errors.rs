//! What a store was doing, to what, when it failed.

use std::error::Error;
use std::fmt;

use crate::ports::store::StoreError;
use crate::types::error::BoxError;

/// `doing` says what cannot be done, and to what.
pub(super) fn trouble(doing: String, cause: impl Into<BoxError>) -> StoreError {
    StoreError::failed(Trouble { doing, cause: cause.into() })
}

/// Tokens that are there, and sealed for somebody else.
#[cfg(not(target_family = "wasm"))]
pub(super) fn sealed(place: &str, what: &str) -> StoreError {
    StoreError::failed(format!(
        "the tokens in {place} cannot be read: {what}; give the store the key with which they were sealed, \
         or remove them and sign in again"
    ))
}

#[derive(Debug)]
struct Trouble {
    doing: String,
    cause: BoxError,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.doing, self.cause)
    }
}

impl Error for Trouble {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        // The words of the cause stand in `Display`.
        self.cause.source()
    }
}
