//! The strict server with the routes that the tests call.

use std::ops::Deref;

use perennial_test::Protocol;
use serde_json::Value;

use crate::routes::{self, Orders};

/// The strict server of the test kit with the routes that the tests call.
#[derive(Debug)]
pub struct Server {
    server: perennial_test::Server,
    orders: Orders,
}

impl Server {
    /// Starts a server on a free port of the loopback.
    #[must_use]
    pub fn start(protocol: Protocol) -> Self {
        Self::with_credentials([protocol])
    }

    /// Starts a server with several credentials.
    #[must_use]
    pub fn with_credentials(protocols: impl IntoIterator<Item = Protocol>) -> Self {
        let (server, orders) =
            (perennial_test::Server::with_credentials(protocols), Orders::default());
        server.merge(routes::all(&orders), &[]);
        server.open("/health");
        Self { server, orders }
    }

    /// The orders that were placed, each with the user whose token placed it.
    #[must_use]
    pub fn placed(&self) -> Vec<(String, Value)> {
        self.orders.placed()
    }
}

impl Deref for Server {
    type Target = perennial_test::Server;

    fn deref(&self) -> &perennial_test::Server {
        &self.server
    }
}
