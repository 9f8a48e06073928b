//! The options of a trait and of a method, as each level declares them.

use std::rc::Rc;
use std::time::Duration;

use syn::{Ident, LitStr, Path};

use super::auth::{Credential, Rule};
use super::case::Case;
use super::tokens::TokenFields;
use super::value::Scalar;
use crate::diagnostic::At;
use crate::lints::spelling;

/// An option that may be inherited, switched off, or set.
pub(crate) enum Level<T> {
    /// The trait decides.
    Inherit,
    /// `key = off`.
    Off,
    /// Set here.
    Set(T),
}

impl<T> Level<T> {
    /// The value on this level, given that of the trait.
    pub(crate) fn or<'a>(&'a self, above: Option<&'a T>) -> Option<&'a T> {
        match self {
            Self::Inherit => above,
            Self::Off => None,
            Self::Set(value) => Some(value),
        }
    }

    /// The value that is set here.
    pub(crate) fn given(&self) -> Option<&T> {
        self.or(None)
    }
}

/// The options of the trait.
pub(crate) struct ApiOptions {
    pub(crate) base: Option<LitStr>,
    /// The path of the runtime, if it is renamed or re-exported.
    pub(crate) runtime: Option<Path>,
    /// `dyn`: also generate a dyn-compatible trait.
    pub(crate) dyn_trait: Option<Ident>,
    /// The OpenAPI document that the trait is compared with, by its path relative to the crate.
    #[cfg_attr(not(feature = "openapi"), allow(dead_code, reason = "the feature reads it"))]
    pub(crate) openapi: Option<LitStr>,
    /// An option of `auth(..)` is beside it, which is reported.
    pub(crate) names_auth: bool,
    /// `serve`: also generate a server side.
    pub(crate) serve: Option<(Serve, At)>,
    pub(crate) shared: Shared,
}

/// When the server side of an API is compiled.
pub(crate) enum Serve {
    /// `serve`: always.
    Always,
    /// `serve = test`: in the unit tests of the crate.
    Tests,
    /// `serve = "fake"`: in the unit tests of the crate, and with this feature of it.
    Feature(LitStr),
}

impl ApiOptions {
    /// Whether `base` names a host, so that the client needs none at run time.
    pub(crate) fn has_host(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.value().contains("://"))
    }
}

/// The options that both levels have.
pub(crate) struct Shared {
    pub(crate) envelope: Level<Rc<Envelope>>,
    pub(crate) credentials: Rc<Vec<Credential>>,
    /// `auth("csrf" = off)`: credentials that a method does not carry.
    pub(crate) dropped: Vec<LitStr>,
    /// `auth = off`, which on a method is `public`.
    pub(crate) auth_off: Option<At>,
    pub(crate) timeout: Level<Timeouts>,
    pub(crate) retry: Level<Rc<Retry>>,
    pub(crate) headers: Vec<Rc<FixedHeader>>,
    /// `headers = off`: inherit none.
    pub(crate) headers_off: bool,
    pub(crate) queries: Constants,
    pub(crate) fields: Constants,
    pub(crate) tokens: Level<Rc<TokenFields>>,
    /// `codec = path::to::Codec`.
    pub(crate) codec: Level<Path>,
    /// Whether there is one that could not be read.
    pub(crate) has_wrong_codec: bool,
    pub(crate) rename_all: Level<Case>,
    pub(crate) replay: Option<Replay>,
    pub(crate) redirect: Option<(Redirect, At)>,
    /// The parameters whose values are secret.
    pub(crate) secret: Vec<Ident>,
    /// The silenced lints, in the spelling of `allow`.
    pub(crate) allow: Vec<String>,
}

/// Limits in time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Timeouts {
    pub(crate) total: Option<Duration>,
    pub(crate) connect: Option<(Duration, At)>,
    pub(crate) attempt: Option<Duration>,
}

/// Retries after a transport failure.
pub(crate) struct Retry {
    pub(crate) limit: u32,
    pub(crate) on: Option<RetryOn>,
    /// `on(..)`: responses that are retried.
    pub(crate) rules: Vec<Rule>,
    pub(crate) after: Option<RetryAfter>,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) at: At,
}

/// The failures that are retried.
#[derive(Default)]
pub(crate) struct RetryOn {
    pub(crate) statuses: Vec<u16>,
    pub(crate) connect: bool,
    pub(crate) timeout: bool,
}

/// Where a response says how long to wait.
pub(crate) struct RetryAfter {
    pub(crate) place: WaitPlace,
    pub(crate) unit: WaitUnit,
}

/// A header, in lower case, or a place in the body.
pub(crate) enum WaitPlace {
    Header(String),
    Body(Vec<String>),
}

/// The unit of a wait.
#[derive(Clone, Copy)]
pub(crate) enum WaitUnit {
    Seconds,
    Millis,
    Epoch,
}

/// Whether a call is replayed after a refresh.
#[derive(Clone, Copy)]
pub(crate) enum Replay {
    Always,
    Idempotent,
    Off,
}

/// Which redirects are followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Redirect {
    Off,
    Same,
    Follow,
}

impl Shared {
    /// Whether a lint is silenced here.
    pub(crate) fn allows(&self, rule: &str) -> bool {
        self.allow.contains(&spelling(rule))
    }

    /// The names and values of its `headers(..)`, `queries(..)` and `fields(..)`.
    pub(crate) fn constants(&self) -> impl Iterator<Item = (&LitStr, &HeaderSource)> {
        let headers = self.headers.iter().map(|it| (&it.literal, &it.value));
        let values = self.queries.values.iter().chain(&self.fields.values);
        headers.chain(values.map(|it| (&it.literal, &it.value)))
    }
}

/// Where a body has its code, message and data.
#[derive(Clone)]
pub(crate) struct Envelope {
    pub(crate) code: Vec<String>,
    pub(crate) message: Option<Vec<String>>,
    pub(crate) data: Option<Vec<String>>,
    pub(crate) ok: Vec<Scalar>,
    pub(crate) ok_absent: bool,
    /// `ok = absent("errors")`: the place that must be absent in a success.
    pub(crate) ok_without: Option<Vec<String>>,
    /// The options that are set; a method inherits the others.
    pub(crate) set: Vec<&'static str>,
    /// The whole option.
    pub(crate) at: At,
    /// Whether a part could not be parsed, so that no rule reports it as missing.
    pub(crate) is_broken: bool,
}

impl Envelope {
    /// Whether an option is set, or switched off.
    pub(crate) fn sets(&self, name: &str) -> bool {
        self.set.contains(&name)
    }

    /// The envelope of a method that sets some options and inherits the others.
    pub(crate) fn over(&self, above: &Self) -> Self {
        let mut merged = self.clone();
        if !self.sets("code") {
            merged.code.clone_from(&above.code);
        }
        if !self.sets("message") {
            merged.message.clone_from(&above.message);
        }
        if !self.sets("data") {
            merged.data.clone_from(&above.data);
        }
        if !self.sets("ok") {
            merged.ok.clone_from(&above.ok);
            merged.ok_absent = above.ok_absent;
            merged.ok_without.clone_from(&above.ok_without);
        }
        merged.set.extend(&above.set);
        merged
    }
}

/// One entry of `queries(..)` or `fields(..)`.
pub(crate) struct FixedValue {
    pub(crate) name: String,
    pub(crate) literal: LitStr,
    pub(crate) value: HeaderSource,
}

/// Constants of one kind. Those of a method replace those of the trait with the same name.
#[derive(Default)]
pub(crate) struct Constants {
    pub(crate) values: Vec<Rc<FixedValue>>,
    /// `off`: inherit none.
    pub(crate) off: bool,
}

/// One entry of `headers(..)`.
pub(crate) struct FixedHeader {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) literal: LitStr,
    pub(crate) value: HeaderSource,
}

/// A constant in `headers(..)`, `queries(..)` or `fields(..)`.
#[derive(Clone)]
pub(crate) enum HeaderSource {
    Fixed(String),
    /// A `&'static str`.
    Constant(Path),
    Computed(Path),
    /// `tokens(refresh)`: each attempt takes the value from the tokens.
    Tokens(TokenPart),
    /// `"Accept" = off`: not sent, even if the trait declares it.
    Off,
}

/// A part of the tokens.
#[derive(Clone)]
pub(crate) enum TokenPart {
    Access,
    Refresh,
    /// The extra value of this name.
    Extra(String),
}
