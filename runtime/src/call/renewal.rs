//! A refresh as it was declared.

use std::fmt;

use super::client::Client;
use super::judge::TokensOutcome;
use super::parts::Parts;
use crate::ports::response::Received;
use crate::types::auth::Rule;
use crate::types::endpoint::Endpoint;
use crate::types::tokens::Tokens;

/// A declared refresh: how its call is made of the tokens.
pub struct Renewal {
    pub(crate) credential: &'static str,
    pub(crate) build: fn(&Client, &Tokens) -> RenewalCall,
    pub(crate) tokenless: bool,
    pub(crate) rejected: &'static [Rule],
}

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
    pub const fn new(credential: &'static str, build: fn(&Client, &Tokens) -> RenewalCall) -> Self {
        Self { credential, build, tokenless: false, rejected: &[] }
    }

    /// The refresh needs no old token: it carries none, and nothing in it is made of one.
    #[must_use]
    pub const fn tokenless(mut self) -> Self {
        self.tokenless = true;
        self
    }

    /// A response that matches one of these says that the session has ended, besides those that the
    /// credential declares.
    #[must_use]
    pub const fn rejected(mut self, rules: &'static [Rule]) -> Self {
        self.rejected = rules;
        self
    }
}

impl fmt::Debug for Renewal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renewal").field("credential", &self.credential).finish_non_exhaustive()
    }
}
