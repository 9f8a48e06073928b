//! Typed clients: how they are built, and how their declared refresh is sent.

pub(crate) mod builder;
mod declared;

use std::fmt;

pub use builder::{ClientBuilder, builder};

use crate::__private::{MaybeSend, MaybeSync};
use crate::call::api::Api;
use crate::call::client::Client;
use crate::session::{HasSession, Session};
use crate::types::endpoint::Endpoint;

/// A typed client that the macro has generated: a bound for code that works with the client of any API.
///
/// Its methods are also methods of the client itself.
///
/// ```
/// use perennial::{ApiClient, Result, Tokens};
///
/// /// Signs a client in with tokens from the environment.
/// async fn signed_in<C: ApiClient>(base: &str, tokens: Tokens) -> Result<C> {
///     let client = C::builder(base).on_logout(|why| eprintln!("{why}")).build()?;
///     client.session().login(tokens).await?;
///     Ok(client)
/// }
/// ```
pub trait ApiClient: Clone + fmt::Debug + MaybeSend + MaybeSync + 'static {
    #[doc(hidden)]
    const API: &'static Api;

    #[doc(hidden)]
    fn from_client(client: Client) -> Self;

    #[doc(hidden)]
    fn as_client(&self) -> &Client;

    /// Starts to build a client of the API at `base`, a URL such as `https://host.example`; an empty string means the
    /// host that the declaration names. If the declaration names a host, its path is kept unless `base` has a path.
    fn builder(base: &str) -> ClientBuilder<Self> {
        builder(base)
    }

    /// All endpoints, in the order of their declaration.
    #[must_use]
    fn endpoints() -> &'static [Endpoint] {
        Self::API.endpoints
    }

    /// The session that all clones of this client share.
    #[must_use]
    fn session(&self) -> &Session {
        self.as_client().session()
    }

    /// Returns this client for another session: the same host, another user.
    #[must_use]
    fn in_session(&self, session: &Session) -> Self {
        Self::from_client(self.as_client().in_session(session))
    }
}

#[diagnostic::do_not_recommend]
impl<C: ApiClient> HasSession for C {
    fn its_session(&self) -> &Session {
        self.as_client().session()
    }
}
