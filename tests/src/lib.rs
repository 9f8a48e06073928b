//! The server that perennial is tested against.
//!
//! A [`Server`] runs on the loopback, in the runtime of the test, and speaks a [`Protocol`]: one of the
//! profiles of real backends, or a variation of one. It issues tokens, rotates them strictly, lets them
//! expire when the test says so, and counts and records everything that arrives. What goes wrong is
//! written as sentences: `server.on("/orders").nth(2).response(Reply::status(503))`.
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

mod conduct;
mod credentials;
pub mod guide;
mod hold;
mod issuer;
mod pattern;
mod profiles;
mod protocol;
mod record;
mod reply;
mod routes;
mod script;
mod server;
mod wire;

pub use hold::Hold;
pub use issuer::{Issued, Verdict};
pub use pattern::Route;
pub use protocol::{Carrier, Envelope, Grant, Lifetime, Placement, Protocol, Shape};
pub use record::{Part, Recorded};
pub use reply::Reply;
pub use routes::{Caller, Payload};
pub use script::Script;
pub use server::{Server, Tokens};

/// The examples of the guide to the stores, which run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/stores.md")]
pub struct StoresGuide;

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
    #[doc = include_str!("../../runtime/guide/layers.md")]
    pub struct Layers;
    #[doc = include_str!("../../runtime/guide/fakes.md")]
    pub struct Fakes;
    #[doc = include_str!("../../runtime/guide/recipes.md")]
    pub struct Recipes;
    #[doc = include_str!("../../runtime/guide/migration.md")]
    pub struct Migration;
    #[doc = include_str!("../../runtime/guide/api-crates.md")]
    pub struct ApiCrates;
    #[doc = include_str!("../../runtime/guide/troubleshooting.md")]
    pub struct Troubleshooting;
}
