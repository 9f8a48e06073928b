//! A refresh as it was declared.

use std::fmt;

use super::client::Client;
use super::judge::TokensOutcome;
use super::made::Renewing;
use super::parts::Parts;
use crate::ports::response::Received;
use crate::types::auth::{Credential, Rule};
use crate::types::endpoint::Endpoint;
use crate::types::error::Result;

/// A declared refresh: how its call is made of the tokens.
pub struct Renewal {
    pub(crate) credential: &'static str,
    pub(crate) build: BuildRenewal,
    pub(crate) tokenless: fn() -> bool,
    pub(crate) missing: fn(&Client) -> Option<&'static str>,
    pub(crate) rejected: &'static [Rule],
    /// Other credentials that it carries.
    pub(crate) with: &'static [Credential],
}

type BuildRenewal = fn(&Client, &Renewing<'_>) -> Result<RenewalCall>;

/// The call of a refresh, and how tokens are made of its response.
pub struct RenewalCall {
    pub(crate) parts: Box<Parts>,
    pub(crate) decode: TokensDecoder,
}

/// Makes tokens of a response.
pub(crate) type TokensDecoder = fn(&'static Endpoint, &mut Received) -> TokensOutcome;

impl Renewal {
    /// A refresh of the credential with this name.
    #[must_use]
    pub const fn new(credential: &'static str, build: BuildRenewal) -> Self {
        Self { credential, build, tokenless: || false, missing: |_| None, rejected: &[], with: &[] }
    }

    /// Whether the refresh needs no old token: it carries none, and no argument is created from one.
    #[must_use]
    pub const fn tokenless(mut self, is_tokenless: fn() -> bool) -> Self {
        self.tokenless = is_tokenless;
        self
    }

    /// The name of the first type of which an argument needs a value that the builder was not given.
    #[must_use]
    pub const fn values(mut self, missing: fn(&Client) -> Option<&'static str>) -> Self {
        self.missing = missing;
        self
    }

    /// A response that matches one of these says that the session has ended, besides those that the
    /// credential declares.
    #[must_use]
    pub const fn rejected(mut self, rules: &'static [Rule]) -> Self {
        self.rejected = rules;
        self
    }

    /// Other credentials that the refresh carries, as a call does.
    #[must_use]
    pub const fn with(mut self, credentials: &'static [Credential]) -> Self {
        self.with = credentials;
        self
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("credential", &self.credential).finish_non_exhaustive()
    }
}
