//! Proofs that the sender of a token holds the key to which it is bound (RFC 9449).

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::BoxFuture;
use crate::types::error::Result;
use crate::types::url::Url;

/// The scheme before a token that is bound to a key (RFC 9449, section 7.1).
pub(crate) const SCHEME: &str = "DPoP";

/// The name under which the key is saved with the tokens, as a private JWK (RFC 7517).
pub(crate) const KEY: &str = "dpop_key";

/// Signs proofs.
pub(crate) trait Prove: Send + Sync {
    /// The proof for one request with this token, signed with this key.
    fn proof<'a>(
        &'a self,
        key: &'a str,
        method: &'a Method,
        url: &'a Url,
        token: Bytes,
    ) -> BoxFuture<'a, Result<HeaderValue>>;

    /// Stores the nonce of a response for later proofs. Returns whether the server rejected the request only because of
    /// a missing nonce, so that it may be sent once more.
    fn learn(&self, url: &Url, status: StatusCode, headers: &HeaderMap) -> bool;
}

/// The key to which a token is bound, and the signer for it.
#[derive(Clone)]
pub(crate) struct BoundKey {
    pub(crate) key: Box<str>,
    pub(crate) prover: Arc<dyn Prove>,
}

impl fmt::Debug for BoundKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundKey").finish_non_exhaustive()
    }
}
