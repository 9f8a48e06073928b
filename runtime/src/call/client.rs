//! The client behind a typed one: where the API is, how to reach it, and who is signed in.

use std::fmt;
use std::sync::Arc;

use http::Extensions;

use super::api::Api;
use super::carrier::Carrier;
use super::draft::Draft;
use super::parts::Parts;
use super::retries::Budget;
use crate::ports::transport::Transport;
use crate::session::Session;
use crate::types::auth::{Credential, Placement};
use crate::types::endpoint::{Endpoint, Host};
use crate::types::error::{ErrorKind, Result};
#[cfg(not(target_family = "wasm"))]
use crate::types::url::Site;
use crate::types::url::{Origin, ParseError, Url};

/// The content of a typed client: two pointers.
#[derive(Clone)]
pub struct Client {
    core: Arc<Core>,
    session: Session,
}

/// Shared by all clones of a client, whichever user is signed in.
pub(crate) struct Core {
    pub(crate) transport: Arc<Transport>,
    /// `https://host/base`, without a trailing slash.
    pub(crate) base: Box<str>,
    /// The part of it that an address from the tokens may replace: everything except what the trait declares.
    pub(crate) given: u32,
    /// The host of the base.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) site: Site,
    /// `scheme://host:port`.
    pub(crate) origin: Origin,
    /// The other hosts that the API names, with the base of each.
    pub(crate) hosts: Vec<NamedHost>,
    /// Values for the parameters of a refresh, by type.
    pub(crate) values: Extensions,
    pub(crate) api: &'static Api,
    /// Where each credential of the API is sent: its name, its placement, and the carrier made from it once.
    pub(crate) carriers: Box<[(&'static str, Placement, Carrier)]>,
    /// The maximum size of a body that is read to judge it.
    pub(crate) body_limit: usize,
    /// The size from which a body is compressed.
    #[cfg(feature = "gzip-requests")]
    pub(crate) gzip_from: Option<u64>,
    pub(crate) budget: Budget,
    /// Whether a layer or a trace needs to know to which call an attempt belongs.
    pub(crate) observed: bool,
}

/// A host that the API names.
pub(crate) struct NamedHost {
    pub(crate) name: Box<str>,
    pub(crate) base: Box<str>,
}

impl Core {
    /// Where a credential of the API is sent; `None` if only a method declares it.
    pub(crate) fn carrier(&self, credential: &Credential) -> Option<&Carrier> {
        let own = |(name, placement, _): &&(&str, Placement, Carrier)| {
            *name == credential.name && *placement == credential.placement
        };
        self.carriers.iter().find(own).map(|(.., carrier)| carrier)
    }
}

impl Client {
    pub(crate) const fn new(core: Arc<Core>, session: Session) -> Self {
        Self { core, session }
    }

    /// Who is signed in.
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// This client for another session.
    #[must_use]
    pub fn in_session(&self, session: &Session) -> Self {
        Self { core: Arc::clone(&self.core), session: session.clone() }
    }

    /// Starts a call.
    pub fn call(&self, endpoint: &'static Endpoint) -> Draft {
        Draft { parts: Parts::new(self, endpoint) }
    }

    pub(crate) fn share_core(&self) -> Arc<Core> {
        Arc::clone(&self.core)
    }

    pub(crate) fn core(&self) -> &Core {
        &self.core
    }

    pub(crate) fn base(&self) -> &str {
        &self.core.base
    }

    /// The base of the host that an endpoint calls. The builder has checked that it is known.
    pub(crate) fn base_of(&self, endpoint: &Endpoint) -> &str {
        match endpoint.host {
            Host::Own => self.base(),
            Host::At(origin) => origin,
            Host::Named(name) => {
                let hosts = &self.core.hosts;
                hosts.iter().find(|host| *host.name == *name).map_or("", |host| &host.base)
            }
        }
    }

    /// Whether a URL has the origin of this client.
    pub(crate) fn is_own(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| url.origin() == self.core.origin)
    }

    /// A value that the builder was given.
    pub fn value<T: Clone + Send + Sync + 'static>(&self) -> Option<&T> {
        self.core.values.get()
    }

    /// The address of a call of this client. Its base was parsed before.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn address(&self, whole: &str) -> Result<Url, ParseError> {
        self.core.site.address(whole)
    }

    /// The address of a call of this client. In a browser, the browser's parser is the fastest.
    #[cfg(target_family = "wasm")]
    #[allow(clippy::unused_self)]
    pub(crate) fn address(&self, whole: &str) -> Result<Url, ParseError> {
        Url::parse(whole)
    }

    /// The slot of the credential with this name; without a name, the first one.
    pub(crate) fn slot_of(&self, credential: Option<&str>) -> Result<usize> {
        credential.map_or(Ok(0), |name| self.session.named(name))
    }

    /// Rejects a session that lacks a credential of this client.
    pub(crate) fn check(api: &Api, session: &Session) -> Result<()> {
        api.credentials.iter().try_for_each(|credential| {
            let slot = session.named(credential.name).map(drop);
            slot.map_err(|error| error.into_kind(ErrorKind::Build))
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(self.core.api.name)
            .field("base", &self.core.base)
            .field("session", &self.session)
            .finish_non_exhaustive()
    }
}
