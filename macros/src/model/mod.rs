//! What was declared, once it is understood. Where a method could not be understood, the API says so,
//! so that no rule complains about what it does not see.

pub(crate) mod lifetimes;
mod method;
mod params;
pub(crate) mod shape;

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Token, Type, TypeParamBound, Visibility, WhereClause};

use crate::attribute::api::ApiOptions;
use crate::attribute::auth::Credential;
use crate::attribute::endpoint::{Access, SessionRole, Target, Verb};
use crate::attribute::envelope::Envelope;
use crate::attribute::errors::Arm;
use crate::attribute::param::Style;
use crate::attribute::part::PartOptions;
use crate::attribute::shared::Replay;
use crate::attribute::template::Template;
use crate::diagnostic::{At, Diagnostics};
use crate::syntax::{Function, Item, Trait};
use shape::Shape;

/// An API.
pub(crate) struct Api {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) client: Ident,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    pub(crate) where_clause: Option<WhereClause>,
    pub(crate) options: ApiOptions,
    pub(crate) members: Vec<Member>,
    /// Every item was understood.
    pub(crate) is_whole: bool,
}

/// An item of the trait.
pub(crate) enum Member {
    Endpoint(Box<Endpoint>),
    /// A method with a body and no verb, which stays as it is.
    Kept(Box<Function>),
}

/// A method with a verb.
pub(crate) struct Endpoint {
    pub(crate) shape: Shape,
    pub(crate) verb: Verb,
    pub(crate) params: Vec<Param>,
    pub(crate) arms: Vec<Arm>,
}

/// A parameter, with the part of the request that it becomes.
pub(crate) struct Param {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) role: Role,
    /// The attribute that gave the role, or the name.
    pub(crate) at: At,
    /// One word of it, where a warning goes.
    pub(crate) word: Span,
}

/// The part of a request that a parameter becomes.
pub(crate) enum Role {
    /// `{id}`, `{id?}` or `{*id}`: the template says which.
    Path,
    Query {
        name: String,
        style: Style,
    },
    QueryStruct,
    Header(String),
    Headers,
    Json,
    Form,
    Field {
        name: String,
        style: Style,
    },
    Part {
        name: String,
        options: PartOptions,
    },
    Body,
    Url,
    Extension,
}

impl Role {
    /// The word of the attribute that gives the role.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query { .. } | Self::QueryStruct => "query",
            Self::Header(_) => "header",
            Self::Headers => "headers",
            Self::Json => "json",
            Self::Form => "form",
            Self::Field { .. } => "field",
            Self::Part { .. } => "part",
            Self::Body => "body",
            Self::Url => "url",
            Self::Extension => "ext",
        }
    }
}

impl Api {
    /// Understands a trait.
    pub(crate) fn new(options: ApiOptions, found: &Trait, diagnostics: &Diagnostics) -> Self {
        let part = diagnostics.nested();
        let mut members = Vec::new();
        let mut is_whole = true;
        for item in &found.items {
            match item {
                Item::Function(function) => match method::read(function, &options, &part) {
                    Some(member) => members.push(member),
                    None => is_whole = false,
                },
                Item::Other(_) => is_whole = false,
            }
        }
        is_whole &= part.unless_wrong(()).is_some();
        Self {
            attributes: found.attributes.clone(),
            visibility: found.visibility.clone(),
            name: found.name.clone(),
            client: client_name(&found.name),
            supertraits: found.supertraits.clone(),
            where_clause: found.where_clause.clone(),
            options,
            members,
            is_whole,
        }
    }

    /// The methods with a verb.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.members.iter().filter_map(|member| match member {
            Member::Endpoint(endpoint) => Some(&**endpoint),
            Member::Kept(_) => None,
        })
    }

    /// The credentials that a method carries, its own if it declares some.
    pub(crate) fn credentials_of<'a>(&'a self, endpoint: &'a Endpoint) -> &'a [Credential] {
        match &endpoint.verb.shared.credentials[..] {
            [] => &self.options.shared.credentials,
            own => own,
        }
    }

    /// The envelope that a method's response comes in.
    pub(crate) fn envelope_of<'a>(&'a self, endpoint: &'a Endpoint) -> Option<&'a Envelope> {
        endpoint.verb.shared.envelope.or(self.options.shared.envelope.given())
    }

    /// Whether a call may be sent again: after a refresh, or since the method itself asks for retries.
    pub(crate) fn is_sent_again(&self, endpoint: &Endpoint) -> bool {
        let replay = endpoint.verb.shared.replay.or(self.options.shared.replay);
        let is_replayed = match replay.unwrap_or(Replay::Always) {
            Replay::Always => true,
            Replay::Idempotent => endpoint.is_idempotent(),
            Replay::Off => false,
        };
        let carries_a_token = endpoint.access() != Access::Public
            && endpoint.role() != Some(SessionRole::Refresh)
            && self.credentials_of(endpoint).iter().any(|it| !it.expired.is_empty());
        (is_replayed && carries_a_token) || endpoint.verb.shared.retry.given().is_some()
    }

    /// Name of the credential that the part of a method is about.
    pub(crate) fn credential_name(&self, endpoint: &Endpoint) -> String {
        let named = endpoint.verb.part.as_ref().and_then(|part| part.credential.as_ref());
        let first = || self.credentials_of(endpoint).first().map(|first| first.name.clone());
        named.map(syn::LitStr::value).or_else(first).unwrap_or_default()
    }

    /// Whether a rule is silenced for a method.
    pub(crate) fn allows(&self, endpoint: &Endpoint, rule: &str) -> bool {
        endpoint.verb.shared.allows(rule) || self.options.shared.allows(rule)
    }
}

impl Endpoint {
    /// The name of the method.
    pub(crate) fn name(&self) -> &Ident {
        &self.shape.signature.ident
    }

    /// Its path template; none if the URL is a parameter.
    pub(crate) fn template(&self) -> Option<&Template> {
        match &self.verb.target {
            Target::Path(template) => Some(template),
            Target::Url(_) | Target::Unknown => None,
        }
    }

    /// The part that it plays in the life of a session.
    pub(crate) fn role(&self) -> Option<SessionRole> {
        self.verb.part.as_ref().map(|part| part.role)
    }

    /// Whether its calls carry a token.
    pub(crate) fn access(&self) -> Access {
        match (self.role(), &self.verb.access) {
            (Some(SessionRole::Login), _) => Access::Public,
            (_, Some((access, _))) => *access,
            (_, None) => Access::Required,
        }
    }

    /// Whether sending it again changes nothing more (RFC 9110, section 9.2.2), or it says so.
    pub(crate) fn is_idempotent(&self) -> bool {
        let safe = ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "QUERY"];
        self.verb.idempotent.is_some() || safe.contains(&self.verb.method.as_str())
    }
}

/// Where the runtime is, as a path that is good everywhere.
pub(crate) fn runtime(options: &ApiOptions) -> TokenStream {
    match &options.runtime {
        Some(path) => quote!(#path),
        None => quote!(::perennial),
    }
}

/// `Shop` gives `ShopClient`.
pub(crate) fn client_name(name: &Ident) -> Ident {
    format_ident!("{}Client", name, span = name.span())
}
