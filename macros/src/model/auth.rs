//! `auth(..)`: how a call carries a token, and how a response says that the token has expired.

use std::fmt;
use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Path;

use super::key::KeyTemplate;
use super::tokens::TokenPlace;
use super::value::{Scalar, Status};
use crate::diagnostic::At;

/// One declared `auth(..)`.
#[derive(Clone)]
pub(crate) struct Credential {
    /// Its name; empty if it has none.
    pub(crate) name: String,
    pub(crate) placement: Placement,
    pub(crate) expired: Vec<Rule>,
    pub(crate) logout: Vec<Rule>,
    pub(crate) insufficient_scope: Vec<Rule>,
    pub(crate) early: Early,
    pub(crate) renewed: Option<TokenPlace>,
    pub(crate) grace: Option<Duration>,
    /// Whether it has a separate token for each key.
    pub(crate) key: Option<KeyTemplate>,
    pub(crate) window: Option<(u32, Duration)>,
    /// The whole option.
    pub(crate) at: At,
    /// The `query = ..` or `field = ..` of a token that is or may be sent in the URL.
    pub(crate) url_at: Option<At>,
    /// The names of its options that concern the refresh.
    pub(crate) of_refresh: Vec<(&'static str, At)>,
    /// Whether the tokens come from an OAuth 2 server, which renews them without a method of the trait.
    pub(crate) is_oauth2: bool,
    /// Whether a word in it, which has its own error, says how it is refreshed.
    pub(crate) names_refresh: bool,
    /// Whether a part could not be parsed, so that no rule reports it as missing.
    pub(crate) is_broken: bool,
}

/// Where the token is sent.
#[derive(Clone)]
pub(crate) enum Placement {
    Bearer,
    Header {
        name: String,
        scheme: Option<String>,
    },
    Query(String),
    Cookie(String),
    /// A field of the body, or a query value if there is no suitable body.
    Field(String),
}

impl Placement {
    /// The header that carries the token, in lower case.
    pub(crate) fn header(&self) -> Option<&str> {
        match self {
            Self::Bearer => Some("authorization"),
            Self::Header { name, .. } => Some(name),
            Self::Query(_) | Self::Field(_) | Self::Cookie(_) => None,
        }
    }

    /// Whether a request has room for one of the two only.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Query(one), Self::Query(two))
            | (Self::Cookie(one), Self::Cookie(two))
            | (Self::Field(one), Self::Field(two)) => one == two,
            _ => self.header().is_some() && self.header() == other.header(),
        }
    }
}

/// The place, as messages name it.
impl fmt::Display for Placement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.write_str("the header `authorization`"),
            Self::Header { name, .. } => write!(f, "the header `{name}`"),
            Self::Query(name) => write!(f, "the query value `{name}`"),
            Self::Cookie(name) => write!(f, "the cookie `{name}`"),
            Self::Field(name) => write!(f, "the field `{name}`"),
        }
    }
}

/// How long before its expiry a token is refreshed.
#[derive(Clone)]
pub(crate) enum Early {
    /// Not declared.
    Default,
    By(Duration),
    Off,
}

/// One `expired(..)`, `logout(..)`, `insufficient_scope(..)` or `rejected(..)`.
#[derive(Clone)]
pub(crate) struct Rule {
    pub(crate) codes: Vec<Scalar>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) body: Vec<(Vec<String>, Scalar)>,
    pub(crate) headers: Vec<(String, HeaderMatch)>,
    pub(crate) when: Option<Path>,
    pub(crate) tokens: TokenStream,
}

impl ToTokens for Rule {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Rule {
    /// The response to a token that has expired, was revoked or is malformed (RFC 6750, section 3.1).
    pub(crate) fn invalid_token(at: &impl ToTokens) -> Self {
        Self::of_challenge(401, "invalid_token", at)
    }

    /// The response to a token without the scope that the call needs (RFC 6750, section 3.1).
    pub(crate) fn insufficient_scope(at: &impl ToTokens) -> Self {
        Self::of_challenge(403, "insufficient_scope", at)
    }

    fn of_challenge(status: u16, error: &str, at: &impl ToTokens) -> Self {
        let tokens = at.to_token_stream();
        Self {
            codes: Vec::new(),
            statuses: vec![Status { number: status, tokens: tokens.clone() }],
            body: Vec::new(),
            headers: vec![("www-authenticate".to_owned(), HeaderMatch::Contains(error.to_owned()))],
            when: None,
            tokens,
        }
    }

    /// Whether it has only codes and statuses.
    pub(crate) fn is_plain(&self) -> bool {
        self.body.is_empty() && self.headers.is_empty() && self.when.is_none()
    }
}

/// How the value of a header is compared.
#[derive(Clone)]
pub(crate) enum HeaderMatch {
    Present,
    Equals(String),
    Contains(String),
}
