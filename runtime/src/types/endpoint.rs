//! What was declared: the constants that the macro leaves behind.
//!
//! Everything here is plain data that can stand in a `const`. It is built by `const fn`s, so that a
//! field can be added without touching code that was generated before.

use std::fmt;
use std::time::Duration;

use super::auth::Credential;
use super::envelope::Envelope;

/// One declared endpoint of an API: a row of the client's `ENDPOINTS` table.
///
/// A layer finds it in the extensions of the request, as part of [`Attempt`](crate::layer::Attempt).
///
/// `Debug` and `Display` show its name and its template: `Shop::order (GET /orders/{id})`.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Endpoint {
    /// Name of the API, which is the name of the trait.
    pub api: &'static str,
    /// Name of the method.
    pub name: &'static str,
    /// HTTP method, as it stands on the wire.
    pub method: &'static str,
    /// Path template below the base, as it was declared: `/orders/{id}`.
    pub path: &'static str,
    /// Whether calls carry a token.
    pub access: Access,
    /// The part that the endpoint plays in the life of a session.
    pub role: Role,
    /// The credentials that calls carry; empty for an API without `auth(..)`.
    pub credentials: &'static [Credential],
    /// Name of the credential that the role is about; the first one by default.
    pub role_of: Option<&'static str>,
    /// How a response says code, message and data.
    pub envelope: Option<&'static Envelope>,
    /// Limits in time.
    pub timeouts: Timeouts,
    /// Retries after a failure of the transport.
    pub retry: Option<Retry>,
    /// Whether a call is repeated after a refresh.
    pub replay: Replay,
    /// Name of the header that carries the idempotency key of a call.
    pub idempotency: Option<&'static str>,
    /// Declared as idempotent, whatever the method is.
    pub idempotent: bool,
    /// How to walk over pages.
    pub page: Option<Page>,
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
            access: Access::Required,
            role: Role::None,
            credentials: &[],
            role_of: None,
            envelope: None,
            timeouts: Timeouts::NONE,
            retry: None,
            replay: Replay::Always,
            idempotency: None,
            idempotent: false,
            page: None,
        }
    }

    #[doc(hidden)]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    #[doc(hidden)]
    pub const fn role(mut self, role: Role, credential: Option<&'static str>) -> Self {
        self.role = role;
        self.role_of = credential;
        self
    }

    #[doc(hidden)]
    pub const fn credentials(mut self, credentials: &'static [Credential]) -> Self {
        self.credentials = credentials;
        self
    }

    #[doc(hidden)]
    pub const fn envelope(mut self, envelope: &'static Envelope) -> Self {
        self.envelope = Some(envelope);
        self
    }

    #[doc(hidden)]
    pub const fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    #[doc(hidden)]
    pub const fn retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    #[doc(hidden)]
    pub const fn replay(mut self, replay: Replay) -> Self {
        self.replay = replay;
        self
    }

    /// `idempotent` alone passes `None`; `idempotent("Idempotency-Key")` names the header.
    #[doc(hidden)]
    pub const fn idempotent(mut self, header: Option<&'static str>) -> Self {
        self.idempotent = true;
        self.idempotency = header;
        self
    }

    #[doc(hidden)]
    pub const fn page(mut self, page: Page) -> Self {
        self.page = Some(page);
        self
    }
}

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

/// The part that an endpoint plays in the life of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// None: an ordinary endpoint.
    None,
    /// Its response becomes the tokens of the session.
    Login,
    /// It renews the tokens.
    Refresh,
    /// It ends the session.
    Logout,
}

/// Limits in time. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timeouts {
    /// For the whole call, waiting for a refresh included.
    pub total: Option<Duration>,
    /// For making a connection.
    pub connect: Option<Duration>,
    /// For one attempt, from sending it to the end of its response.
    pub attempt: Option<Duration>,
}

impl Timeouts {
    /// No limits.
    pub const NONE: Self = Self { total: None, connect: None, attempt: None };

    #[doc(hidden)]
    pub const fn total(mut self, limit: Duration) -> Self {
        self.total = Some(limit);
        self
    }

    #[doc(hidden)]
    pub const fn connect(mut self, limit: Duration) -> Self {
        self.connect = Some(limit);
        self
    }

    #[doc(hidden)]
    pub const fn attempt(mut self, limit: Duration) -> Self {
        self.attempt = Some(limit);
        self
    }
}

/// Retries after a failure of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Retry {
    /// How many retries there are at most.
    pub limit: u32,
    /// Statuses that are worth a retry.
    pub statuses: &'static [u16],
    /// Whether a failed connection is worth a retry: one that could not be made, or broke off.
    pub connect: bool,
    /// Whether an attempt that took too long is worth a retry.
    pub timeout: bool,
    /// Shortest wait, which doubles with each retry.
    pub shortest: Duration,
    /// Longest wait.
    pub longest: Duration,
}

impl Retry {
    /// Retries after a refused connection and after 502, 503 and 504, waiting 100 ms to 5 s.
    #[doc(hidden)]
    pub const fn new(limit: u32) -> Self {
        Self {
            limit,
            statuses: &[502, 503, 504],
            connect: true,
            timeout: false,
            shortest: Duration::from_millis(100),
            longest: Duration::from_secs(5),
        }
    }

    #[doc(hidden)]
    pub const fn on(mut self, statuses: &'static [u16], connect: bool, timeout: bool) -> Self {
        self.statuses = statuses;
        self.connect = connect;
        self.timeout = timeout;
        self
    }

    #[doc(hidden)]
    pub const fn backoff(mut self, shortest: Duration, longest: Duration) -> Self {
        self.shortest = shortest;
        self.longest = longest;
        self
    }
}

/// Whether a call is repeated after a refresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Replay {
    /// Always: a response that says "expired" says that nothing was done.
    Always,
    /// Only where the method is idempotent (RFC 9110, section 9.2.2) or declared so.
    Idempotent,
    /// Never.
    Off,
}

/// How to walk over pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// The response names the next page.
    Cursor {
        /// Query parameter that takes the cursor.
        param: &'static str,
        /// Where the next cursor stands in the response.
        next: super::JsonPath,
        /// Where the items stand in the response; empty if the response is the list.
        items: super::JsonPath,
    },
    /// Pages are counted by the items that came before.
    Offset {
        /// Query parameter that takes the number of items to pass over.
        param: &'static str,
        /// Where the items stand in the response; empty if the response is the list.
        items: super::JsonPath,
    },
    /// The `Link` header names the next page (RFC 8288).
    Link {
        /// Where the items stand in the response; empty if the response is the list.
        items: super::JsonPath,
    },
}
