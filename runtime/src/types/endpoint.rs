//! The declaration of an endpoint, which the macro writes as a constant.
//!
//! Everything here is plain data that can be used in a `const`. It is built by `const fn`s, so that
//! adding a field does not break code that was generated before.

mod from_tokens;
mod page;
mod retry;
mod token_fields;

use std::fmt;
use std::time::Duration;

use super::auth::Credential;
use super::codec::Coding;
use super::envelope::Envelope;
pub use from_tokens::{FromTokens, SentIn, TokenPart};
pub use page::{Page, PageCursor, PageParam, PagePlace, PageStep};
pub use retry::{Retry, RetryAfter, WaitPlace, WaitUnit};
pub use token_fields::{TokenFields, TokenPlace};

/// One declared endpoint of an API: a row of the client's `ENDPOINTS` table.
///
/// A layer finds it in the extensions of the request, as part of [`Attempt`](crate::layer::Attempt).
///
/// `Debug` and `Display` show its name and its template: `Shop::order (GET /orders/{id})`.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Endpoint {
    /// The name of the API: the name of the trait.
    pub api: &'static str,
    /// The name of the method.
    pub name: &'static str,
    /// The HTTP method, as it is sent.
    pub method: &'static str,
    /// The declared path template, below the base: `/orders/{id}`.
    pub path: &'static str,
    /// The host that is called.
    pub host: Host,
    /// Whether calls carry a token.
    pub access: Access,
    /// The role of the endpoint in a session.
    pub role: Role,
    /// The credentials that calls carry; empty without `auth(..)`.
    pub credentials: &'static [Credential],
    /// The name of the credential that the role concerns; the first one by default.
    pub role_of: Option<&'static str>,
    /// Where a response has its code, message and data.
    pub envelope: Option<&'static Envelope>,
    /// Timeouts.
    pub timeouts: Timeouts,
    /// Retries after a transport failure.
    pub retry: Option<Retry>,
    /// Whether a call is replayed after a refresh.
    pub replay: Replay,
    /// Which redirects are followed.
    pub redirect: Redirect,
    /// The name of the header that carries the idempotency key of a call.
    pub idempotency: Option<&'static str>,
    /// Declared as idempotent, whatever the HTTP method.
    pub idempotent: bool,
    /// How to walk over the pages of a list.
    pub page: Option<Page>,
    /// The data of the event that ends a stream of events.
    pub events_end: Option<&'static str>,
    /// Where a response to a login or a refresh has the tokens; without it, its type says so.
    pub tokens: Option<&'static TokenFields>,
    /// The format of its bodies, if it is not JSON.
    pub codec: Option<&'static Coding>,
    /// Values that each attempt takes from the tokens.
    pub from_tokens: &'static [FromTokens],
}

impl Endpoint {
    #[doc(hidden)]
    pub const fn new(
        api: &'static str,
        name: &'static str,
        method: &'static str,
        path: &'static str,
    ) -> Self {
        Self {
            api,
            name,
            method,
            path,
            host: Host::Own,
            access: Access::Required,
            role: Role::None,
            credentials: &[],
            role_of: None,
            envelope: None,
            timeouts: Timeouts::NONE,
            retry: None,
            replay: Replay::Always,
            redirect: Redirect::Auto,
            idempotency: None,
            idempotent: false,
            page: None,
            events_end: None,
            tokens: None,
            codec: None,
            from_tokens: &[],
        }
    }

    #[doc(hidden)]
    pub const fn role(mut self, role: Role, credential: Option<&'static str>) -> Self {
        self.role = role;
        self.role_of = credential;
        self
    }

    /// `idempotent` alone passes `None`; `idempotent("Idempotency-Key")` names the header.
    #[doc(hidden)]
    pub const fn idempotent(mut self, header: Option<&'static str>) -> Self {
        self.idempotent = true;
        self.idempotency = header;
        self
    }
}

setters!(Endpoint {
    host: Host,
    access: Access,
    credentials: &'static [Credential],
    envelope: &'static Envelope as Some,
    timeouts: Timeouts,
    retry: Retry as Some,
    replay: Replay,
    redirect: Redirect,
    page: Page as Some,
    events_end: &'static str as Some,
    tokens: &'static TokenFields as Some,
    codec: &'static Coding as Some,
    from_tokens: &'static [FromTokens],
});

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { api, name, method, path, .. } = self;
        write!(f, "{api}::{name} ({method} {path})")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The host that an endpoint calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Host {
    /// That of the client.
    Own,
    /// One that [`ClientBuilder::host`](crate::ClientBuilder::host) sets, by its name.
    Named(&'static str),
    /// The one in the declared URL: `https://accounts.example`.
    At(&'static str),
}

/// Whether the calls of an endpoint carry a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// Carries the token, and fails without one.
    Required,
    /// Carries the token if there is one.
    Optional,
    /// Carries no token, never waits for one and never starts a refresh.
    Public,
}

/// The role of an endpoint in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// An ordinary endpoint.
    None,
    /// Its response brings the tokens of the session.
    Login,
    /// It renews the tokens.
    Refresh,
    /// It ends the session.
    Logout,
}

/// Timeouts. `None` means no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the whole call, including the wait for a refresh.
    pub total: Option<Duration>,
    /// For establishing a connection.
    pub connect: Option<Duration>,
    /// For one attempt, from sending it to the end of its response.
    pub attempt: Option<Duration>,
}

impl Timeouts {
    /// No limits.
    pub const NONE: Self = Self { total: None, connect: None, attempt: None };
}

setters!(Timeouts {
    total: Duration as Some,
    connect: Duration as Some,
    attempt: Duration as Some,
});

/// Whether a call is replayed after a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// Always: a response that says that the token has expired also says that nothing was done.
    Always,
    /// Only where the method is idempotent (RFC 9110, section 9.2.2) or declared so.
    Idempotent,
    /// Never.
    Off,
}

/// Which redirects of a call are followed (RFC 9110, section 15.4): up to ten, and never from https to http.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Redirect {
    /// Those within the origin. To another origin those of a call without a token, and of a download
    /// (`Bytes`, `Download`), which takes no secret along.
    Auto,
    /// None. A redirect is an error that has the status and the `Location`.
    Off,
    /// Those within the origin.
    Same,
    /// All that lead a `GET` or a `HEAD` on. To another origin no secret goes along, and its response says
    /// nothing about the token.
    Follow,
}
