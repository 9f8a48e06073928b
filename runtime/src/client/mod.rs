//! Typed clients: how one is built, and how its declared refresh is sent.

mod builder;
mod declared;

pub use builder::{ClientBuilder, builder};

use crate::call::api::Api;
use crate::call::client::Client;

/// A typed client, as the macro makes one.
pub trait ApiClient: Sized {
    /// What was declared.
    const API: &'static Api;

    /// Makes the typed client.
    fn from_client(client: Client) -> Self;

    /// What the typed client holds.
    fn as_client(&self) -> &Client;
}
