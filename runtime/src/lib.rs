//! API clients that never expire.
//!
//! A trait of annotated methods becomes a typed client. When the server says that the token is over,
//! in the code of a body, in a status or in a header, the token is renewed once for everybody, and the
//! calls that came back expired are repeated. The caller notices nothing.
//!
//! ```
//! use perennial::{Result, Tokens, api_client};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize)]
//! pub struct Credentials { name: String, password: String }
//!
//! #[derive(Deserialize)]
//! pub struct Order { id: u64 }
//!
//! /// The shop's API.
//! #[api_client(
//!     base = "/api",
//!     envelope(code = "code", message = "message", data = "data", ok = 0),
//!     auth(header = "X-Token", expired(code = 1234)),
//! )]
//! pub trait Shop {
//!     /// Signs in. The tokens that come back become the session's.
//!     #[post("/login", login)]
//!     async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;
//!
//!     /// Renews the session. Carries the old token, waits for nothing.
//!     #[post("/refreshtoken", refresh)]
//!     async fn refresh(&self) -> Result<Tokens>;
//!
//!     /// One order.
//!     #[get("/orders/{id}")]
//!     async fn order(&self, id: u64) -> Result<Order>;
//! }
//!
//! # async fn run(credentials: Credentials) -> Result<()> {
//! let shop = ShopClient::builder("http://shop.example").build()?;
//! shop.login(&credentials).await?;
//! let (a, b) = tokio::join!(shop.order(1), shop.order(2)); // one refresh, if any
//! # Ok(())
//! # }
//! ```
//!
//! # Where to read on
//!
//! [`macro@api_client`] lists everything that can be declared, [`ClientBuilder`] what can be set for a client,
//! [`Call`] what can be changed about one call, [`Session`] who is signed in, [`Error`] what can go wrong, and
//! [`TokenStore`] how tokens outlive the process. The repository has pages that walk through it: `docs/guide.md`
//! (an API step by step), `docs/stores.md` (which store to choose, and what each promises),
//! `docs/promises.md` (what holds under which failure) and `docs/diagnostics.md` (what the compiler says
//! to a mistake).
//!
//! # Features
//!
//! It runs on tokio. On by default is what reqwest has on by default.
//!
//! | feature | what it does |
//! |---|---|
//! | `default-tls` (on) | reqwest's usual TLS, which is rustls |
//! | `http2` (on) | HTTP/2, where the server offers it |
//! | `charset` (on) | passed through to reqwest; the runtime itself reads UTF-8 |
//! | `system-proxy` (on) | the proxy settings of the system |
//! | `rustls`, `native-tls` | a TLS backend by name, where the defaults are off |
//! | `gzip`, `brotli`, `zstd` | servers may compress their responses |
//! | `gzip-requests` | `Call::gzip` and `ClientBuilder::gzip_requests`: bodies that are sent are compressed |
//! | `cookies` | reqwest's store of cookies, which its builder turns on |
//! | `tracing` | a span for each call, and an event for whatever happens to a session |
//! | `file` | `FileStore`: tokens in a file, which processes share |
//! | `keyring` | `KeyringStore`: tokens in the keychain of the platform; brings `file` along |
//! | `redis` | `RedisStore`: tokens in Redis, which machines share |
//! | `encryption` | `StoreKey`: what a `FileStore` or a `RedisStore` keeps is encrypted; brings `file` along |

// The macro writes `::perennial::…`; the crate's own documentation and tests use it as well.
extern crate self as perennial;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod call;
mod client;
#[cfg(doc)]
pub mod guide;
mod logic;
mod ports;
mod session;
mod stores;
mod types;

pub use bytes::Bytes;
pub use http;
pub use perennial_macros::api_client;
// Outside of a trait under `#[api_client]` each of these is an error that says so.
#[doc(hidden)]
pub use perennial_macros::{delete, get, head, options, patch, post, put};
#[cfg(not(target_family = "wasm"))]
pub use reqwest;

pub use call::body::{BodyFactory, FileBody, Part, Progress, ProgressEvents, StreamBody};
pub use call::decode::FromResponse;
pub use call::response::Response;
pub use call::stream::{Download, DownloadStream, Events, Lines, PageStream, Pages, ServerEvent};
pub use call::{Call, CallFuture};
pub use client::ClientBuilder;
pub use ports::BoxFuture;
#[cfg(target_family = "wasm")]
pub use ports::browser::{
    options::{FetchCredentials, FetchOptions},
    spawn::LocalSpawner,
};
pub use ports::clock::{Clock, SystemClock};
pub use ports::http::HttpBody;
pub use ports::spawn::Spawn;
#[cfg(not(target_family = "wasm"))]
pub use ports::spawn::TokioSpawner;
pub use ports::store::{Lease, MemoryStore, StoreError, StoreLock, Stored, TokenStore, Version};
pub use ports::transport::{HttpLayer, HttpRequest, HttpResponse, HttpService};
pub use session::renew::{Refresh, RefreshFailure};
pub use session::{Session, Stats};
#[cfg(target_family = "wasm")]
pub use stores::browser::BrowserStore;
#[cfg(all(feature = "file", not(target_family = "wasm")))]
pub use stores::file::FileStore;
#[cfg(all(feature = "keyring", not(target_family = "wasm")))]
pub use stores::keyring::KeyringStore;
#[cfg(all(feature = "redis", not(target_family = "wasm")))]
pub use stores::redis::RedisStore;
#[cfg(all(feature = "encryption", not(target_family = "wasm")))]
pub use stores::seal::StoreKey;
pub use types::JsonPath;
pub use types::attempt::Attempt;
pub use types::auth::{Credential, Early, HeaderMatch, HeaderRule, Placement, Rule};
pub use types::endpoint::{Access, Endpoint, Page, Replay, Retry, Role, Timeouts};
pub use types::envelope::{Envelope, Scalar};
pub use types::error::{Error, ErrorKind, Phase, Result};
pub use types::event::{AdoptedFrom, Event, RefreshOutcome, RefreshTrigger};
pub use types::response::RawResponse;
pub use types::session_id::SessionId;
pub use types::tokens::{Expiry, IntoTokens, Tokens};
