//! The connections of a client: pooled for calls, fresh for refreshes.

#[cfg(not(target_family = "wasm"))]
use std::sync::{Arc, OnceLock};

use super::http::Client;
use crate::types::endpoint::Role;

/// Pooled connections for calls, and fresh ones for refreshes.
///
/// A server may close an idle connection at the moment when a request is sent on it. A call is then sent on another
/// connection, but a refresh must not be, since it is unknown whether its token was used. So a refresh never uses an
/// idle connection.
#[derive(Clone)]
pub(crate) struct Connections {
    pooled: Client,
    #[cfg(not(target_family = "wasm"))]
    fresh: Option<Arc<Fresh>>,
}

/// A client without a pool. It is created for the first refresh, since reading the certificates of the system takes
/// time.
#[cfg(not(target_family = "wasm"))]
struct Fresh {
    make: Make,
    client: OnceLock<Option<Client>>,
}

/// Creates the settings of a client once more.
#[cfg(not(target_family = "wasm"))]
pub(crate) type Make = Box<dyn Fn() -> reqwest::ClientBuilder + Send + Sync>;

impl Connections {
    pub(crate) const fn new(pooled: Client) -> Self {
        Self {
            pooled,
            #[cfg(not(target_family = "wasm"))]
            fresh: None,
        }
    }

    /// Gives refreshes their own connections.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) fn with_fresh(mut self, make: Make) -> Self {
        self.fresh = Some(Arc::new(Fresh { make, client: OnceLock::new() }));
        self
    }

    /// The client for a request with this role.
    pub(crate) fn of(&self, role: Role) -> &Client {
        #[cfg(not(target_family = "wasm"))]
        if role == Role::Refresh
            && let Some(fresh) = &self.fresh
            && let Some(client) = fresh.client()
        {
            return client;
        }
        let _ = role;
        &self.pooled
    }
}

#[cfg(not(target_family = "wasm"))]
impl Fresh {
    /// `None` if the settings cannot create a second client.
    fn client(&self) -> Option<&Client> {
        let make = || (self.make)().pool_max_idle_per_host(0).build().ok();
        self.client.get_or_init(make).as_ref()
    }
}
