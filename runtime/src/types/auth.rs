//! How a call carries a token, and how a response reports that the token has expired.

use std::time::Duration;

use super::JsonPath;
use super::Never;
use super::endpoint::TokenPlace;
use super::envelope::Scalar;
use super::response::RawResponse;

/// One declared `auth(..)`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Credential {
    /// The name of the credential; `""` if it has none.
    pub name: &'static str,
    /// Where the token is sent.
    pub placement: Placement,
    /// A response that matches one of these rules means that the token has expired.
    pub expired: &'static [Rule],
    /// A response that matches one of these rules means that the session has ended.
    pub logout: &'static [Rule],
    /// A response that matches one of these rules means that the token lacks a scope that the call needs.
    pub insufficient_scope: &'static [Rule],
    /// How long before its expiry a token is refreshed.
    pub early: Early,
    /// The header or the cookie in which the server sends the next token.
    pub renewed: Option<TokenPlace>,
    /// How long the server still accepts a used refresh token.
    pub grace: Option<Duration>,
    /// Whether the credential has a separate token for each key, which calls build from their arguments.
    pub keyed: bool,
    /// The maximum number of refreshes of which no token is accepted, and the time window in which they count.
    pub window: (u32, Duration),
}

impl Credential {
    #[doc(hidden)]
    pub const fn new(name: &'static str, placement: Placement) -> Self {
        Self {
            name,
            placement,
            expired: &[],
            logout: &[],
            insufficient_scope: &[],
            early: Early::Default,
            renewed: None,
            grace: None,
            keyed: false,
            window: (5, Duration::from_secs(30)),
        }
    }

    #[doc(hidden)]
    pub const fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    #[doc(hidden)]
    pub const fn window(mut self, refreshes: u32, within: Duration) -> Self {
        self.window = (refreshes, within);
        self
    }
}

setters!(Credential {
    expired: &'static [Rule],
    logout: &'static [Rule],
    insufficient_scope: &'static [Rule],
    early: Early,
    renewed: TokenPlace as Some,
    grace: Duration as Some,
});

/// Where a token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// `Authorization: Bearer <token>` (RFC 6750).
    Bearer,
    /// A header of any name, with or without a scheme before the token.
    Header {
        /// The name of the header, in lower case.
        name: &'static str,
        /// The scheme before the token: `Token` gives `Token <token>`.
        scheme: Option<&'static str>,
    },
    /// A query parameter.
    Query {
        /// The name of the parameter.
        name: &'static str,
    },
    /// A cookie (RFC 6265), in addition to those that the call itself sets.
    Cookie {
        /// The name of the cookie.
        name: &'static str,
    },
    /// A field of the form or the JSON object in the body. A call without either carries it as a query parameter.
    Field {
        /// The name of the field.
        name: &'static str,
    },
}

/// How long before its declared expiry a token is refreshed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Early {
    /// Ten seconds, and never more than a fifth of the lifetime.
    Default,
    /// This long, and never more than a fifth of the lifetime.
    By(Duration),
    /// Never: only responses of the server determine that a token has expired.
    Off,
}

/// One rule of `expired(..)`, `logout(..)` or `insufficient_scope(..)`. It matches if all of its conditions match.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Rule {
    /// Codes of the envelope, one of which must match.
    pub codes: &'static [Scalar],
    /// HTTP statuses, one of which must match.
    pub statuses: &'static [u16],
    /// Values that the body must contain, all of them.
    pub body: &'static [(JsonPath, Scalar)],
    /// Headers that must all match.
    pub headers: &'static [HeaderRule],
    /// The user's own condition.
    pub when: Option<fn(&RawResponse<'_>) -> bool>,
}

impl Rule {
    #[doc(hidden)]
    pub const NEW: Self = Self { codes: &[], statuses: &[], body: &[], headers: &[], when: None };
}

/// A function in `when = ..`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot judge a response",
    label = "expected a function of a response that returns a `bool`",
    note = "write `fn is_expired(response: &perennial::declared::RawResponse<'_>) -> bool`"
)]
pub trait ResponseRule<M> {
    /// Calls it.
    fn judge(&self, response: &RawResponse<'_>) -> bool;
}

/// The function is one.
#[derive(Debug)]
pub enum Judging {}

#[diagnostic::do_not_recommend]
impl<F: Fn(&RawResponse<'_>) -> bool> ResponseRule<Judging> for F {
    fn judge(&self, response: &RawResponse<'_>) -> bool {
        self(response)
    }
}

/// With a second impl, the compiler does not conclude that the first was meant, so that its error names the trait.
#[diagnostic::do_not_recommend]
impl<F: Never> ResponseRule<()> for F {
    fn judge(&self, _: &RawResponse<'_>) -> bool {
        false
    }
}

setters!(Rule {
    codes: &'static [Scalar],
    statuses: &'static [u16],
    body: &'static [(JsonPath, Scalar)],
    headers: &'static [HeaderRule],
    when: fn(&RawResponse<'_>) -> bool as Some,
});

/// A condition on a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct HeaderRule {
    /// The name of the header, in lower case. The response may contain it several times.
    pub name: &'static str,
    /// How one of its values is compared.
    pub value: HeaderMatch,
}

impl HeaderRule {
    #[doc(hidden)]
    pub const fn new(name: &'static str, value: HeaderMatch) -> Self {
        Self { name, value }
    }
}

/// How the value of a header is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderMatch {
    /// The header is present.
    Present,
    /// Its value equals this.
    Equals(&'static str),
    /// Its value contains this.
    Contains(&'static str),
}
