//! Where a response has the tokens.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;

use crate::types::JsonPath;
use crate::types::tokens::{TokenResponse, Tokens, Written};

/// Where the response to a login or a refresh has the tokens, as declared with `tokens(..)`.
///
/// A value without a declared place is read under the usual names; see [`Tokens`](crate::Tokens).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenFields {
    /// The access token.
    pub access: Option<TokenPlace>,
    /// The refresh token.
    pub refresh: Option<TokenPlace>,
    /// The lifetime of the access token.
    pub expires_in: Option<TokenPlace>,
    /// The point in time at which the access token expires, since the Unix epoch.
    pub expires_at: Option<TokenPlace>,
    /// The URL of the API for these tokens.
    pub base: Option<TokenPlace>,
    /// The extra values that are kept with the tokens; see [`Tokens::extra`](crate::Tokens::extra).
    pub extra: &'static [(&'static str, TokenPlace)],
    /// The unit of a lifetime; a second by default, or the unit that a usual name implies.
    pub unit: Option<Duration>,
    pub(crate) code: TokenCode,
}

/// The code for the places of tokens. It is reached through a declaration, so that the linker drops it from programs
/// that declare none.
#[derive(Clone, Copy)]
pub(crate) struct TokenCode {
    pub(crate) read: fn(&TokenResponse<'_>, &TokenFields) -> Result<Option<Tokens>, String>,
    pub(crate) write: fn(&TokenFields, &Tokens, &mut HeaderMap, PutToken<'_>),
}

/// Receives the tokens that are in the body.
pub(crate) type PutToken<'a> = &'a mut dyn FnMut(JsonPath, Written<'_>);

impl fmt::Debug for TokenCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// It is the same for all declarations.
impl PartialEq for TokenCode {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for TokenCode {}

/// One place in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPlace {
    /// In the body, at this path from the top.
    Body(JsonPath),
    /// In a header of this name, in lower case, with or without a scheme before the token.
    Header(&'static str),
    /// In a cookie of this name that the response sets.
    Cookie(&'static str),
}

impl TokenFields {
    /// The usual names.
    #[doc(hidden)]
    pub const USUAL: Self = Self {
        access: None,
        refresh: None,
        expires_in: None,
        expires_at: None,
        base: None,
        extra: &[],
        unit: None,
        code: TokenCode {
            read: |response, fields| response.tokens(fields),
            write: Self::write_all,
        },
    };

    /// The headers that contain tokens.
    pub(crate) fn secret_headers(&self) -> impl Iterator<Item = &'static str> {
        let places = [self.access, self.refresh].into_iter().flatten();
        places.filter_map(|place| match place {
            TokenPlace::Header(name) => Some(name),
            TokenPlace::Body(_) | TokenPlace::Cookie(_) => None,
        })
    }
}

setters!(TokenFields {
    access: TokenPlace as Some,
    refresh: TokenPlace as Some,
    expires_in: TokenPlace as Some,
    expires_at: TokenPlace as Some,
    base: TokenPlace as Some,
    extra: &'static [(&'static str, TokenPlace)],
    unit: Duration as Some,
});
