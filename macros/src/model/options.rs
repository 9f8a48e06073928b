//! The options of a trait and of a method, as each level declares them.

use std::rc::Rc;
use std::time::Duration;

use syn::{Ident, LitStr, Path};

use super::auth::Credential;
use super::case::Case;
use super::value::Scalar;
use crate::diagnostic::At;
use crate::lints::spelling;

/// An option that may be left to the level above, switched off, or given.
pub(crate) enum Level<T> {
    /// The level above decides.
    Inherit,
    /// `key = off`.
    Off,
    /// Given here.
    Set(T),
}

impl<T> Level<T> {
    /// What holds on this level, given what holds above.
    pub(crate) fn or<'a>(&'a self, above: Option<&'a T>) -> Option<&'a T> {
        match self {
            Self::Inherit => above,
            Self::Off => None,
            Self::Set(value) => Some(value),
        }
    }

    /// What is given here.
    pub(crate) fn given(&self) -> Option<&T> {
        self.or(None)
    }
}

/// The options of the trait.
pub(crate) struct ApiOptions {
    pub(crate) base: Option<LitStr>,
    /// Where the runtime is, if it was renamed or re-exported.
    pub(crate) runtime: Option<Path>,
    /// `dyn`: also generate a dyn-compatible trait.
    pub(crate) dyn_trait: Option<Ident>,
    pub(crate) shared: Shared,
}

impl ApiOptions {
    /// Whether `base` names a host, so that the client needs none at run time.
    pub(crate) fn has_host(&self) -> bool {
        self.base.as_ref().is_some_and(|base| base.value().contains("://"))
    }
}

/// The options that both levels know.
pub(crate) struct Shared {
    pub(crate) envelope: Level<Rc<Envelope>>,
    pub(crate) credentials: Rc<Vec<Credential>>,
    /// `auth = off`, which on a method is `public`.
    pub(crate) auth_off: Option<At>,
    pub(crate) timeout: Level<Timeouts>,
    pub(crate) retry: Level<Rc<Retry>>,
    pub(crate) headers: Vec<Rc<FixedHeader>>,
    /// `headers = off`: none of the level above.
    pub(crate) headers_off: bool,
    pub(crate) rename_all: Level<Case>,
    pub(crate) replay: Option<Replay>,
    /// Names of silenced rules, in the spelling that `allow` takes.
    pub(crate) allow: Vec<String>,
}

/// Limits in time.
#[derive(Clone, Copy, Default)]
pub(crate) struct Timeouts {
    pub(crate) total: Option<Duration>,
    pub(crate) connect: Option<(Duration, At)>,
    pub(crate) attempt: Option<Duration>,
}

/// Retries after a failure of the transport.
pub(crate) struct Retry {
    pub(crate) limit: u32,
    pub(crate) on: Option<RetryOn>,
    pub(crate) backoff: Option<(Duration, Duration)>,
    pub(crate) at: At,
}

/// What is worth a retry.
#[derive(Default)]
pub(crate) struct RetryOn {
    pub(crate) statuses: Vec<u16>,
    pub(crate) connect: bool,
    pub(crate) timeout: bool,
}

/// Whether a call is repeated after a refresh.
#[derive(Clone, Copy)]
pub(crate) enum Replay {
    Always,
    Idempotent,
    Off,
}

impl Shared {
    /// Whether a rule is silenced here.
    pub(crate) fn allows(&self, rule: &str) -> bool {
        self.allow.contains(&spelling(rule))
    }
}

/// How a body says code, message and data.
pub(crate) struct Envelope {
    pub(crate) code: Vec<String>,
    pub(crate) message: Option<Vec<String>>,
    pub(crate) data: Option<Vec<String>>,
    pub(crate) ok: Vec<Scalar>,
    pub(crate) ok_absent: bool,
}

/// How to walk over pages. The names are those of query parameters, the paths lead into the body.
pub(crate) enum Page {
    Cursor { param: String, next: Vec<String>, items: Vec<String> },
    Offset { param: String, items: Vec<String> },
    Link { items: Vec<String> },
}

/// One entry of `headers(..)`.
pub(crate) struct FixedHeader {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) literal: LitStr,
    pub(crate) value: HeaderSource,
}

/// What a header of `headers(..)` says.
#[derive(Clone)]
pub(crate) enum HeaderSource {
    Fixed(String),
    Computed(Path),
    /// `"Accept" = off`: not sent, though the level above says so.
    Off,
}
