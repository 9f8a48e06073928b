//! `tokens(..)`: where a response has the tokens.

use std::time::Duration;

use crate::diagnostic::At;

/// Where the response to a login or a refresh has the tokens. A value without a declared place has a usual name.
pub(crate) struct TokenFields {
    pub(crate) access: Option<TokenPlace>,
    pub(crate) refresh: Option<TokenPlace>,
    pub(crate) expires_in: Option<TokenPlace>,
    pub(crate) expires_at: Option<TokenPlace>,
    /// The address of the API.
    pub(crate) base: Option<TokenPlace>,
    /// Extra values that are kept with the tokens, by their names.
    pub(crate) extra: Vec<(String, TokenPlace)>,
    /// The unit of a lifetime.
    pub(crate) unit: Option<Duration>,
    /// The whole option.
    pub(crate) at: At,
}

/// One place in a response.
#[derive(Clone)]
pub(crate) enum TokenPlace {
    /// A path into the body.
    Body(Vec<String>),
    /// In lower case.
    Header(String),
    /// A cookie that the response sets.
    Cookie(String),
}
