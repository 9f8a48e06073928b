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
//! // A client that carries `issued.access` is now told that its token is over.
//! assert_eq!((server.sends(), server.refreshes(), server.reuses()), (0, 0, 0));
//! # }
//! ```

mod conduct;
mod credentials;
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

/// The examples of the guide, which run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../docs/guide.md")]
pub struct Guide;
