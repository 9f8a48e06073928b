//! A declared refresh.

use std::fmt;

use super::client::Client;
use super::judge::TokensOutcome;
use super::made::Renewing;
use super::parts::Parts;
use crate::ports::response::Received;
use crate::types::auth::{Credential, Rule};
use crate::types::endpoint::Endpoint;
use crate::types::error::Result;
use crate::types::setters;

/// A declared refresh: how its call is made from the tokens.
pub struct Renewal {
    pub(crate) credential: &'static str,
    pub(crate) build: BuildRenewal,
    /// Whether it needs no old token: it carries none, and no argument is created from one.
    pub(crate) tokenless: fn() -> bool,
    /// The name of the first parameter type for which the builder was not given a value.
    pub(crate) missing: fn(&Client) -> Option<&'static str>,
    /// Responses that end the session, in addition to those that the credential declares.
    pub(crate) rejected: &'static [Rule],
    /// The other credentials that it carries, as a call does.
    pub(crate) with: &'static [Credential],
}

type BuildRenewal = fn(&Client, &Renewing<'_>) -> Result<RenewalCall>;

/// The call of a refresh, and how its response becomes tokens.
pub struct RenewalCall {
    pub(crate) parts: Box<Parts>,
    pub(crate) decode: TokensDecoder,
}

/// Decodes tokens from a response.
pub(crate) type TokensDecoder = fn(&'static Endpoint, &mut Received) -> TokensOutcome;

impl Renewal {
    /// A refresh of the credential with this name.
    #[must_use]
    pub const fn new(credential: &'static str, build: BuildRenewal) -> Self {
        Self { credential, build, tokenless: || false, missing: |_| None, rejected: &[], with: &[] }
    }
}

setters!(Renewal {
    tokenless: fn() -> bool,
    missing: fn(&Client) -> Option<&'static str>,
    rejected: &'static [Rule],
    with: &'static [Credential],
});

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("credential", &self.credential).finish_non_exhaustive()
    }
}
