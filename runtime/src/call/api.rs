//! The declaration of an API.

use std::time::Duration;

use super::renewal::Renewal;
use crate::types::auth::Credential;
use crate::types::endpoint::Endpoint;
use crate::types::setters;

/// The declaration of a trait, shared by all of its endpoints.
#[derive(Debug)]
pub struct Api {
    pub(crate) name: &'static str,
    pub(crate) endpoints: &'static [Endpoint],
    /// The prefix of every path, with or without a host.
    pub(crate) base: &'static str,
    pub(crate) credentials: &'static [Credential],
    pub(crate) renewals: &'static [Renewal],
    pub(crate) connect_timeout: Option<Duration>,
}

impl Api {
    /// An API without credentials at the root of a host.
    #[must_use]
    pub const fn new(name: &'static str, endpoints: &'static [Endpoint]) -> Self {
        Self { name, endpoints, base: "", credentials: &[], renewals: &[], connect_timeout: None }
    }

    /// The name of the trait.
    #[must_use]
    pub const fn declared_name(&self) -> &'static str {
        self.name
    }

    /// The declared prefix of every path, with or without a host.
    #[must_use]
    pub const fn declared_base(&self) -> &'static str {
        self.base
    }

    /// The declared credentials.
    #[must_use]
    pub const fn declared_credentials(&self) -> &'static [Credential] {
        self.credentials
    }

    /// Whether the refresh of a credential neither carries an old token nor has an argument from one.
    #[cfg(feature = "serve")]
    #[must_use]
    pub fn renews_without_tokens(&self, credential: &str) -> bool {
        let mut own = self.renewals.iter().filter(|it| it.credential == credential);
        own.any(|renewal| (renewal.tokenless)())
    }
}

setters!(Api {
    base: &'static str,
    credentials: &'static [Credential],
    renewals: &'static [Renewal],
    connect_timeout: Duration as Some,
});
