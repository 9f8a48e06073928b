//! Why a store failed.

use std::fmt;

use crate::types::error::{BoxError, Error, ErrorKind, IntoError};

/// The failure of a [`TokenStore`](crate::store::TokenStore).
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Another version is stored than expected; nothing was written.
    Conflict,
    /// The lock was not available in time.
    Locked,
    /// The stored data cannot be read, and was moved out of the way.
    Corrupt(String),
    /// The stored tokens belong to another realm: they were issued by another base URL, or for another
    /// [`realm`](crate::ClientBuilder::realm). The stored tokens are neither used nor overwritten.
    OtherRealm {
        /// The realm of the stored tokens.
        stored: String,
        /// The realm of this client.
        expected: String,
    },
    /// The stored tokens belong to another credential of the API, whose order in the trait has changed. The stored
    /// tokens are not used; a login overwrites them.
    OtherCredential {
        /// The credential of the stored tokens.
        stored: String,
        /// The credential for which tokens were loaded.
        expected: String,
    },
    /// The store failed.
    Failed(BoxError),
}

impl StoreError {
    /// Creates the error of a store that failed for this reason.
    pub fn failed(error: impl Into<BoxError>) -> Self {
        Self::Failed(error.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict => f.write_str("another token set was stored in the meantime"),
            Self::Locked => f.write_str("the lock was not available in time"),
            Self::Corrupt(reason) => write!(f, "the stored tokens cannot be read: {reason}"),
            Self::OtherRealm { stored, expected } => write!(
                f,
                "the stored tokens were issued by {stored}, and this client is for {expected}; give each a \
                 store of its own, or both the same `realm`"
            ),
            Self::OtherCredential { stored, expected } => write!(
                f,
                "the stored tokens belong to the credential {stored:?}, and not to {expected:?}: sign in again"
            ),
            Self::Failed(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            // `Display` already shows the error itself.
            Self::Failed(error) => error.source(),
            _ => None,
        }
    }
}

/// An error of the kind [`ErrorKind::Store`](crate::ErrorKind::Store), for a program that opens its store with `?`.
#[diagnostic::do_not_recommend]
impl IntoError for StoreError {
    fn into_error(self) -> Error {
        Error::of_kind(ErrorKind::Store).with_source(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_opens_its_store_with_a_question_mark() {
        fn open() -> Result<(), Error> {
            Err(StoreError::failed("the user has no home directory"))?
        }
        let error = open().expect_err("the store fails");
        assert_eq!(error.kind(), ErrorKind::Store);
        assert_eq!(error.to_string(), "the token store failed: the user has no home directory");
        let source = std::error::Error::source(&error);
        assert!(source.is_none(), "the text has the whole cause already: {source:?}");
    }
}
