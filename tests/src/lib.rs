//! The server of this project's own tests.
//!
//! The [`Server`] is that of the test kit, with the routes that the tests call: orders, an echo, uploads,
//! downloads, pages and streams.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use perennial_tests::{Protocol, Server};
//!
//! let server = Server::start(Protocol::article());
//! let issued = server.issue("ann");
//! server.expire_all();
//! // A client that carries `issued.access` now gets the response for an expired token.
//! assert_eq!((server.sends(), server.refreshes(), server.reuses()), (0, 0, 0));
//! # }
//! ```

pub mod guide;
mod routes;
mod server;

pub use perennial_test::*;
pub use server::Server;

/// The examples of the guide to the stores, which run as tests.
#[cfg(all(doctest, feature = "redis"))]
#[doc = include_str!("../../docs/stores.md")]
pub struct StoresGuide;

/// The examples of the page about tests, which run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing.md")]
pub struct Testing;

/// The chapters of the guide, whose examples run as tests.
#[cfg(doctest)]
mod chapters {
    #[doc = include_str!("../../runtime/guide/introduction.md")]
    pub struct Introduction;
    #[doc = include_str!("../../runtime/guide/sessions.md")]
    pub struct Sessions;
    #[cfg(feature = "oauth2")]
    #[doc = include_str!("../../runtime/guide/oauth2.md")]
    pub struct OAuth2;
    #[doc = include_str!("../../runtime/guide/browser.md")]
    pub struct Browser;
    #[doc = include_str!("../../runtime/guide/requests.md")]
    pub struct Requests;
    #[doc = include_str!("../../runtime/guide/responses.md")]
    pub struct Responses;
    #[doc = include_str!("../../runtime/guide/errors.md")]
    pub struct Errors;
    #[doc = include_str!("../../runtime/guide/retries.md")]
    pub struct Retries;
    #[doc = include_str!("../../runtime/guide/calls.md")]
    pub struct Calls;
    #[doc = include_str!("../../runtime/guide/blocking.md")]
    pub struct Blocking;
    #[doc = include_str!("../../runtime/guide/layers.md")]
    pub struct Layers;
    #[doc = include_str!("../../runtime/guide/fakes.md")]
    pub struct Fakes;
    #[doc = include_str!("../../runtime/guide/recipes.md")]
    pub struct Recipes;
    #[doc = include_str!("../../runtime/guide/options.md")]
    pub struct Options;
    #[doc = include_str!("../../runtime/guide/migration.md")]
    pub struct Migration;
    #[doc = include_str!("../../runtime/guide/api-crates.md")]
    pub struct ApiCrates;
    #[doc = include_str!("../../runtime/guide/reference.md")]
    pub struct Reference;
    #[doc = include_str!("../../runtime/guide/troubleshooting.md")]
    pub struct Troubleshooting;
}
