//! A test kit for programs that use [perennial]. It is a development dependency, so
//! none of it is in a release build.
//!
//! A [`Server`] runs on the loopback interface, in the runtime of the test. It enforces the authentication that a trait
//! declares: it issues tokens, rotates them strictly, expires them on demand, responds to an expired token exactly as
//! declared, and revokes the login if a refresh token is used twice. It records everything that arrives. Scripts inject
//! faults: `server.on("/orders").nth(2).response(Reply::status(503))`.
//!
//! With `#[api_client(serve)]` any implementation of the trait can be served:
//!
//! ```
//! use perennial::{Result, Tokens, api_client};
//! use perennial_test::Server;
//!
//! #[api_client(
//!     base = "/api",
//!     envelope(code = "code", message = "message", data = "data", ok = 0),
//!     auth(header = "X-Token", expired(code = 1234)),
//!     serve
//! )]
//! pub trait Shop {
//!     #[post("/login", login)]
//!     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
//!     #[post("/refreshtoken", refresh)]
//!     async fn refresh(&self) -> Result<Tokens>;
//!     #[get("/stock/{id}")]
//!     async fn stock(&self, id: u64) -> Result<u64>;
//! }
//!
//! struct FakeShop;
//!
//! impl Shop for FakeShop {
//!     // The server issues its own tokens in place of these.
//!     async fn login(&self, _: &str) -> Result<Tokens> {
//!         Ok(Tokens::new("any"))
//!     }
//!     async fn refresh(&self) -> Result<Tokens> {
//!         Ok(Tokens::new("any"))
//!     }
//!     async fn stock(&self, id: u64) -> Result<u64> {
//!         Ok(id * 2)
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<()> {
//! let server = Server::serve::<ShopClient, _>(FakeShop);
//! let shop = ShopClient::builder(server.origin()).build()?;
//! shop.login("ann").await?;
//! server.expire_all();
//! assert_eq!(shop.stock(7).await?, 14);
//! server.assert_arrived([
//!     "POST /login?user=ann",
//!     "GET /stock/7 (token 1 of ann, expired)",
//!     "POST /refreshtoken",
//!     "GET /stock/7 (token 2 of ann)",
//! ]);
//! # Ok(())
//! # }
//! ```
//!
//! [`Server::declared`] does the same without an implementation: the test adds the responses. [`Server::start`] takes a
//! [`Protocol`] instead, such as one of the profiles of real backends.

mod assertions;
mod cassette;
mod chaos;
mod clock;
mod conduct;
mod credentials;
mod declared;
pub mod drill;
mod granting;
mod hold;
mod in_process;
mod issued;
mod issuer;
mod lock;
mod pattern;
mod profiles;
mod protocol;
mod record;
mod reply;
mod script;
mod server;
mod wire;

pub use cassette::{Cassette, Playing};
pub use clock::TestClock;
pub use conduct::{Caller, Payload};
pub use hold::Hold;
pub use in_process::InProcess;
pub use issued::{Issued, Verdict};
pub use lock::assert_locked;
pub use pattern::Route;
pub use protocol::{Carrier, Envelope, Grant, Lifetime, Placement, Protocol, Shape};
pub use record::{Part, Recorded};
pub use reply::Reply;
pub use script::Script;
pub use server::{Server, Tokens};
