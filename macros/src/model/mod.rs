//! A declaration after parsing: the options that each level declares, and the options that apply to each method
//! after inheriting those of the trait. Only types; nothing here reads tokens or generates code.

pub(crate) mod auth;
pub(crate) mod case;
pub(crate) mod key;
pub(crate) mod lifetimes;
pub(crate) mod options;
pub(crate) mod page;
pub(crate) mod param;
pub(crate) mod shape;
pub(crate) mod template;
pub(crate) mod tokens;
pub(crate) mod value;
pub(crate) mod verb;

use std::rc::Rc;

use syn::punctuated::Punctuated;
use syn::{Attribute, Ident, Path, Token, TypeParamBound, Visibility, WhereClause};

use auth::{Credential, Placement};
use key::KeyTemplate;
use options::{
    ApiOptions, Envelope, FixedHeader, FixedValue, HeaderSource, Redirect, Replay, Retry, Timeouts,
    TokenPart,
};
use param::{Param, Role};
use shape::{Function, Shape};
use template::Template;
use tokens::TokenFields;
use verb::{Access, Arm, SessionRole, Target, Verb};

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
    /// Whether every item was understood. If not, no rule may report something as missing.
    pub(crate) is_whole: bool,
}

/// An item of the trait.
pub(crate) enum Member {
    Endpoint(Box<Endpoint>),
    /// A method with a body and no verb, copied unchanged.
    Kept(Box<Function>),
}

/// A method with a verb.
pub(crate) struct Endpoint {
    pub(crate) shape: Shape,
    /// The options of the method itself.
    pub(crate) verb: Verb,
    pub(crate) params: Vec<Param>,
    pub(crate) arms: Vec<Arm>,
    /// The options that apply to its calls.
    pub(crate) effective: Effective,
    /// Whether it has no error of its own.
    pub(crate) is_whole: bool,
    /// Whether it has no error of its own outside of `page(..)`.
    pub(crate) is_whole_around_page: bool,
}

/// The options that apply to a method: its own, or those of the trait. An `Rc` shared with the trait means
/// "inherited unchanged".
pub(crate) struct Effective {
    pub(crate) access: Access,
    pub(crate) credentials: Rc<Vec<Credential>>,
    /// The credential to which a `login`, `refresh` or `logout` applies.
    pub(crate) credential: String,
    pub(crate) envelope: Option<Rc<Envelope>>,
    pub(crate) timeouts: Timeouts,
    pub(crate) retry: Option<Rc<Retry>>,
    /// Of a `login` or a `refresh`.
    pub(crate) tokens: Option<Rc<TokenFields>>,
    pub(crate) replay: Replay,
    /// `None` if neither level declares it.
    pub(crate) redirect: Option<Redirect>,
    /// The parameters whose values are secret.
    pub(crate) secret: Vec<Ident>,
    /// Without those that a parameter replaces.
    pub(crate) headers: Vec<Rc<FixedHeader>>,
    pub(crate) queries: Vec<Rc<FixedValue>>,
    pub(crate) fields: Vec<Rc<FixedValue>>,
    /// The name of the credential with keys that its calls carry, and how they build the key.
    pub(crate) key: Option<(String, KeyTemplate)>,
    /// The format of its bodies, if it is not JSON.
    pub(crate) codec: Option<Path>,
    /// Whether a call may be sent more than once, so that its body must be available again.
    pub(crate) resends: bool,
}

impl Api {
    /// The methods with a verb.
    pub(crate) fn endpoints(&self) -> impl Iterator<Item = &Endpoint> {
        self.members.iter().filter_map(|member| match member {
            Member::Endpoint(endpoint) => Some(&**endpoint),
            Member::Kept(_) => None,
        })
    }

    /// The credentials of the trait.
    pub(crate) fn credentials(&self) -> &[Credential] {
        &self.options.shared.credentials
    }

    /// Whether a lint is silenced for a method.
    pub(crate) fn allows(&self, endpoint: &Endpoint, rule: &str) -> bool {
        endpoint.verb.shared.allows(rule) || self.options.shared.allows(rule)
    }

    /// Whether the client needs no host at run time.
    pub(crate) fn has_host(&self) -> bool {
        self.options.has_host()
    }
}

impl Endpoint {
    /// The name of the method.
    pub(crate) fn name(&self) -> &Ident {
        &self.shape.signature.ident
    }

    /// Its path template; `None` if the URL is a parameter.
    pub(crate) fn template(&self) -> Option<&Template> {
        match &self.verb.target {
            Target::Path(template) => Some(template),
            Target::Url(_) | Target::Unknown => None,
        }
    }

    /// Its role in the session.
    pub(crate) fn role(&self) -> Option<SessionRole> {
        self.verb.role()
    }

    /// Whether its calls carry no token.
    pub(crate) fn is_public(&self) -> bool {
        self.effective.access == Access::Public
    }

    /// The credentials that its calls carry.
    pub(crate) fn credentials(&self) -> &[Credential] {
        &self.effective.credentials
    }

    /// The values that its calls take from the tokens: the kind of place, the name there, and the part of the
    /// tokens.
    pub(crate) fn token_values(&self) -> impl Iterator<Item = (&'static str, &str, &TokenPart)> {
        // A call without a token takes no part of the tokens, except for a logout that revokes it.
        let has_tokens = !self.is_public() || self.role() == Some(SessionRole::Logout);
        let headers = self.effective.headers.iter().map(|it| ("Header", &it.name, &it.value));
        let queries = self.effective.queries.iter().map(|it| ("Query", &it.name, &it.value));
        let fields = self.effective.fields.iter().map(|it| ("Field", &it.name, &it.value));
        let all = headers.chain(queries).chain(fields).filter(move |_| has_tokens);
        all.filter_map(|(place, name, value)| match value {
            HeaderSource::Tokens(part) => Some((place, name.as_str(), part)),
            _ => None,
        })
    }

    /// Whether there is no body if this parameter is `None`.
    pub(crate) fn may_leave_out(&self, param: &Param) -> bool {
        let has_field = |it: &Credential| matches!(it.placement, Placement::Field(_));
        let is_body = match &param.role {
            // Constants and tokens are members of the object, which is then needed.
            Role::Json { .. } => {
                let takes_token = !self.is_public() && self.credentials().iter().any(has_field);
                self.effective.fields.is_empty() && !takes_token
            }
            Role::Encoded { .. } | Role::Form { .. } => true,
            _ => false,
        };
        is_body && shape::is_option(&param.ty)
    }

    /// The credentials that it declares itself.
    pub(crate) fn own_credentials(&self) -> &[Credential] {
        &self.verb.shared.credentials
    }

    /// Whether the value of a parameter is secret.
    pub(crate) fn is_secret(&self, parameter: &Ident) -> bool {
        self.effective.secret.iter().any(|it| it == parameter)
    }

    /// The format of its responses. The items of a text stream are not in that format, but errors are.
    pub(crate) fn codec(&self) -> Option<&Path> {
        self.effective.codec.as_ref()
    }

    /// The envelope of its responses.
    pub(crate) fn envelope(&self) -> Option<&Envelope> {
        self.effective.envelope.as_deref()
    }
}
