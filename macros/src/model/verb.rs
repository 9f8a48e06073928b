//! The verb of a method, its options, and the arms of `#[errors(..)]`.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Ident, LitStr};

use super::auth::Rule;
use super::key::KeyTemplate;
use super::options::{Level, Shared};
use super::page::Page;
use super::template::Template;
use super::value::Scalar;
use crate::diagnostic::At;

/// The attribute of a verb.
pub(crate) struct Verb {
    /// The HTTP method, in upper case.
    pub(crate) method: String,
    /// The whole attribute.
    pub(crate) attribute: Attribute,
    pub(crate) target: Target,
    pub(crate) mark: Option<SessionMark>,
    /// Which responses to a refresh end the session.
    pub(crate) rejected: Vec<Rule>,
    pub(crate) access: Option<(Access, At)>,
    pub(crate) idempotent: Option<Idempotent>,
    pub(crate) page: Option<(Page, At)>,
    /// Whether there is a `page(..)`, valid or not.
    pub(crate) has_page: bool,
    /// The number of errors in it.
    pub(crate) page_errors: usize,
    /// Whether an option is a role that belongs before a parameter, so that no rule reports the role as missing.
    pub(crate) names_a_role: bool,
    /// `events(end = ..)`: the data of the event that ends a stream.
    pub(crate) events_end: Option<(String, At)>,
    /// The operation of the OpenAPI document that it is compared with, if verb and path do not identify it.
    #[cfg_attr(not(feature = "openapi"), allow(dead_code, reason = "the feature reads it"))]
    pub(crate) spec: Option<Spec>,
    /// `host = "accounts"`.
    pub(crate) host: Option<LitStr>,
    /// `key = ..`, or `key = off`.
    pub(crate) key: Level<KeyTemplate>,
    pub(crate) shared: Shared,
}

/// `spec = ..`.
pub(crate) enum Spec {
    /// The document does not contain it.
    Off,
    /// The operation with this `operationId`.
    #[cfg_attr(not(feature = "openapi"), allow(dead_code, reason = "the feature reads it"))]
    Id(LitStr),
}

impl Verb {
    /// Its role in the session.
    pub(crate) fn role(&self) -> Option<SessionRole> {
        self.mark.as_ref().map(|mark| mark.role)
    }

    /// Whether its calls are sent to another host than that of the client.
    pub(crate) fn is_elsewhere(&self) -> bool {
        let has_origin = matches!(&self.target, Target::Path(path) if path.origin.is_some());
        has_origin || self.host.is_some()
    }

    /// Whether it is idempotent, by its verb (RFC 9110, section 9.2.2) or by declaration.
    pub(crate) fn is_idempotent(&self) -> bool {
        let safe = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY"];
        self.idempotent.is_some() || safe.contains(&self.method.as_str())
    }
}

/// The target of a call.
pub(crate) enum Target {
    Path(Template),
    /// `#[get(url)]`: to the URL in the `#[url]` parameter.
    Url(At),
    /// It could not be parsed.
    Unknown,
}

/// `login`, `refresh` or `logout`.
pub(crate) struct SessionMark {
    pub(crate) role: SessionRole,
    /// The name of its credential.
    pub(crate) credential: Option<LitStr>,
    /// `refresh("csrf", with = "session")`: other credentials that it carries.
    pub(crate) with: Vec<LitStr>,
    pub(crate) at: At,
}

/// The role of a method in the session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionRole {
    Login,
    Refresh,
    Logout,
}

impl SessionRole {
    /// Its word in the language.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Refresh => "refresh",
            Self::Logout => "logout",
        }
    }
}

/// Whether calls carry a token.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Required,
    Optional,
    Public,
}

/// `idempotent`, with the header of its key, if any.
pub(crate) struct Idempotent {
    pub(crate) header: Option<String>,
}

/// One arm: a pattern of responses, and the variant that they become.
pub(crate) struct Arm {
    pub(crate) pattern: Pattern,
    pub(crate) variant: Ident,
    pub(crate) at: TokenStream,
}

/// The responses that an arm matches.
pub(crate) enum Pattern {
    /// From the first to the last status.
    Status(u16, u16),
    Code(Scalar),
}

impl ToTokens for Arm {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.at.to_tokens(tokens);
    }
}

impl Arm {
    /// Whether both match the same responses.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (&self.pattern, &other.pattern) {
            (Pattern::Status(a, b), Pattern::Status(c, d)) => a == c && b == d,
            (Pattern::Code(a), Pattern::Code(b)) => a.same(b),
            _ => false,
        }
    }

    /// Whether `later` never applies, because this arm matches all of its responses.
    pub(crate) fn hides(&self, later: &Self) -> bool {
        match (&self.pattern, &later.pattern) {
            (Pattern::Status(first, last), Pattern::Status(from, to)) => {
                first <= from && to <= last
            }
            _ => false,
        }
    }
}
