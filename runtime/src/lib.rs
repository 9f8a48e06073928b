//! API clients that never expire.
//!
//! A trait of annotated methods becomes a typed client. When the server reports an expired token, by a code in the
//! body, a status or a header, the client refreshes the token once for all callers and replays the rejected calls. The
//! callers see none of this.
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
//!     /// Signs in. The session keeps the returned tokens.
//!     #[post("/login", login)]
//!     async fn login(&self, #[json] who: &Credentials) -> Result<Tokens>;
//!
//!     /// Refreshes the token. The request carries the old one.
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
//! # Further reading
//!
//! | topic | page |
//! |---|---|
//! | the guide, chapter by chapter | `guide`, in the rendered documentation |
//! | the language of declarations | [`macro@api_client`], and [`declared`] for a declaration as data |
//! | the settings of a client | [`ClientBuilder`] |
//! | the adjustments of one call | [`Call`] |
//! | the signed-in user | [`Session`] |
//! | errors | [`Error`] |
//! | tokens that outlive the process | [`store`] |
//!
//! The repository has more pages: `docs/promises.md` (the guarantees under each failure), `docs/stores.md` (which store
//! to choose) and `docs/diagnostics.md` (the compiler's message for each mistake).
//!
//! # Features
//!
//! The runtime needs tokio, except in a browser. The default features are those of reqwest.
//!
//! | feature | what it does |
//! |---|---|
//! | `default-tls` (on) | reqwest's default TLS backend, which is rustls |
//! | `http2` (on) | HTTP/2, where the server offers it |
//! | `charset` (on) | passed through to reqwest; the runtime itself decodes UTF-8 |
//! | `system-proxy` (on) | the system's proxy settings |
//! | `rustls`, `native-tls` | a TLS backend by name, without the default features |
//! | `gzip`, `brotli`, `zstd` | accept compressed responses |
//! | `gzip-requests` | `Call::gzip` and `ClientBuilder::gzip_requests`: compress request bodies |
//! | `cookies` | `ClientBuilder::cookie_provider`, and reqwest's cookie store, which reqwest's `ClientBuilder` turns on |
//! | `tracing` | a span for each call, and events for each change of a session |
//! | `blocking` | `Call::wait` and the module `blocking`: calls from programs that are not async |
//! | `xml`, `cbor`, `msgpack` | the module `codec`: bodies in formats other than JSON |
//! | `serve` | `#[api_client(serve)]`: implementations of the trait as HTTP services, for tests and for servers |
//! | `file` | `FileStore`: tokens in a file that processes share |
//! | `keyring` | `KeyringStore`: tokens in the platform's keychain; turns on `file` |
//! | `redis` | `RedisStore`: tokens in Redis, shared by machines |
//! | `oauth2` | the module `oauth2`: sign-in, refresh and revocation at OAuth 2 servers; needs Rust 1.92 |
//! | `encryption` | `StoreKey`: encrypts what a `FileStore` or a `RedisStore` saves; turns on `file` |

// docs.rs shows the feature that each item needs.
#![cfg_attr(docsrs, feature(doc_cfg))]

// The macro writes `::perennial::…`; the crate's own documentation and tests use it as well.
extern crate self as perennial;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod call;
mod client;
#[cfg(feature = "openapi")]
mod document;
#[cfg(test)]
#[path = "../../fuzz/inputs.rs"]
mod fuzz;
#[cfg(all(doc, not(doctest)))]
pub mod guide;
mod logic;
#[cfg(feature = "oauth2")]
pub mod oauth2;
mod ports;
#[doc(hidden)]
pub mod reference;
#[cfg(feature = "serve")]
pub mod serve;
mod session;
mod stores;
mod types;

pub use bytes::Bytes;
pub use http;
/// # Example
///
/// ```
/// use perennial::Json;
///
/// #[derive(Debug, Json)]
/// #[json(rename_all = "camelCase")]
/// struct Order {
///     order_id: u64,
///     note: Option<String>,
///     #[json(required)]
///     paid_at: Option<String>,
/// }
///
/// let order: Order = serde_json::from_str(r#"{"orderId": 7, "other": 1}"#)?;
/// assert_eq!(serde_json::to_string(&order)?, r#"{"orderId":7,"paidAt":null}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub use perennial_macros::Json;
#[cfg_attr(all(doc, not(doctest)), doc = include_str!("../guide/reference.md"))]
pub use perennial_macros::api_client;
// Outside of a trait under `#[api_client]`, each of these is a compile error that says so.
#[doc(hidden)]
pub use perennial_macros::{delete, get, head, options, patch, post, put};
#[cfg(not(target_family = "wasm"))]
pub use reqwest;
pub use tower;

pub use call::Call;
pub use call::decode::FromResponse;
pub use call::response::Response;
pub use client::{ApiClient, ClientBuilder};
pub use ports::BoxFuture;
pub use session::renew::{Refresh, RefreshFailure};
pub use session::{Session, SessionCredential, Stats};
#[doc(no_inline)]
pub use stream::{Download, Events, Lines, Pages};
pub use types::cause::RefreshCause;
pub use types::error::{Error, ErrorKind, Phase, Result};
pub use types::event::{AdoptedFrom, Event, EventKind, RefreshOutcome, RefreshTrigger};
pub use types::login::Login;
pub use types::session_id::SessionId;
pub use types::tokens::{BasicAuth, Expiry, IntoTokens, RefreshToken, TokenKey, Tokens};

/// Calls from programs that are not async, such as command-line tools.
///
/// `wait()` makes a call and waits for it on the caller's thread. [`Pages`], [`Events`] and [`Lines`] can be used
/// in `for` loops, and a [`Download`] is an [`io::Read`](std::io::Read). The program needs no runtime: connections
/// and refreshes run on their own threads, which start with the first call.
///
/// | instead of | write |
/// |---|---|
/// | `shop.order(7).await?` | `shop.order(7).wait()?` |
/// | `while let Some(order) = orders.next().await` | `for order in shop.orders(50)` |
/// | `download.bytes().await?` | `download.read_to_end(&mut bytes)?` |
/// | any other future, such as `shop.session().login(tokens).await?` | `blocking::wait(shop.session().login(tokens))?` |
///
/// On a thread of an async runtime all of these fail with an error of the kind [`ErrorKind::Blocking`], and nothing is
/// sent; await the call there.
#[cfg(all(feature = "blocking", not(target_family = "wasm")))]
pub mod blocking {
    pub use crate::call::wait::{Items, wait};
}

/// Bodies of requests: raw, from a file, in parts or streamed, and the progress of their upload.
///
/// | for | take |
/// |---|---|
/// | a raw body (`#[body]`) in memory | [`Bytes`], `Vec<u8>`, `String`, `&str` |
/// | a file, read as it is sent | [`FileBody`](body::FileBody) |
/// | a stream that can be created again | [`BodyFactory`](body::BodyFactory) |
/// | a stream that exists once | [`StreamBody`](body::StreamBody) |
/// | a part of a multipart body (`#[part]`) | [`Part`](body::Part), or any of the above |
///
/// A body that can be created again is created for each attempt. A body that exists only once is sent once: the call
/// first checks the expiry of the token, and fails with [`ErrorKind::ReplayImpossible`] if the server reports an
/// expired token nevertheless.
pub mod body {
    pub use crate::call::body::{
        BodyFactory, FileBody, Part, Progress, ProgressEvents, StreamBody,
    };
}

/// The traits that types in a declaration have to implement, mostly with a derive. Compile errors name them.
///
/// | a type that is used as | implements | by |
/// |---|---|---|
/// | the response of an endpoint | [`Decodable`](bounds::Decodable) | `serde::Deserialize` or [`FromResponse`] |
/// | an item of a stream | [`StreamItem`](bounds::StreamItem) | `serde::Deserialize` |
/// | the response of a `login` or `refresh` | [`TokensValue`](bounds::TokensValue) | [`IntoTokens`] |
/// | the error of an endpoint | [`CallError`](bounds::CallError) | `From<perennial::Error>` |
/// | a parameter of a `refresh` | [`RefreshArgument`](bounds::RefreshArgument) | `From<&Tokens>`, or a value of the builder |
/// | `{name}`, `{name?}` | [`PathValue`](bounds::PathValue), [`OptionalPathValue`](bounds::OptionalPathValue) | `serde::Serialize` or `Display` |
/// | `#[query]`, `#[field]` | [`QueryValue`](bounds::QueryValue) | `serde::Serialize` or `Display` |
/// | `#[header]`, `#[headers]` | [`HeaderValueSource`](bounds::HeaderValueSource), [`HeadersSource`](bounds::HeadersSource) | `Display`, `HeaderMap` |
/// | `#[json]`, `#[part(json)]` | [`JsonBody`](bounds::JsonBody) | `serde::Serialize` |
/// | `#[form]`, `#[query(flatten)]` | [`FormBody`](bounds::FormBody) | `serde::Serialize` |
/// | `#[body]`, `#[part]` | [`RawBody`](bounds::RawBody), [`PartValue`](bounds::PartValue) | bytes, text, files, streams |
/// | `#[url]` | [`UrlValue`](bounds::UrlValue) | `AsRef<str>` |
/// | `#[ext]` | [`ExtensionValue`](bounds::ExtensionValue) | `Clone + Send + Sync + 'static` |
/// | a future of a method of the trait | [`Future`](bounds::Future) | `async fn` |
/// | an error behind `?` in a function with `perennial::Result` | [`IntoError`](bounds::IntoError) | `ErrorKind` and the errors of reqwest and of stores |
/// | an error behind `?` in a refresh by your own code | [`IntoRefreshFailure`](bounds::IntoRefreshFailure) | the errors of a call, of reqwest and of `std::io` |
/// | the settings of reqwest in a builder | [`HttpSettings`](bounds::HttpSettings) | `reqwest::ClientBuilder` |
/// | a session of a call or of a builder | [`HasSession`](bounds::HasSession) | a `Session`, a client |
/// | the names of `layer_for`, of scopes and of resources | [`Names`](bounds::Names) | a list of texts, a text |
/// | a hook of a builder | [`MaybeSend`](bounds::MaybeSend), [`MaybeSync`](bounds::MaybeSync) | `Send` and `Sync`; no requirement in a browser |
/// | a field of a type that derives [`Json`](macro@Json) | [`Entry`](bounds::Entry), [`Slot`](bounds::Slot) | serde's traits |
pub mod bounds {
    pub use crate::__private::Future;
    pub use crate::call::body::{
        Again, MaybePart, Once, PartList, PartValue, RawBody, RawContent, ReadyPart, Repeatable,
        TextPart,
    };
    pub use crate::call::decode::Deserialize;
    pub use crate::call::encoded::{EncodedBody, FormBody, JsonBody};
    pub use crate::call::made::{Alone, Created, FromTokens, Given, RefreshArgument, Variant};
    #[doc(hidden)]
    pub use crate::call::other_names::*;
    pub use crate::call::output::{
        CallValue, Decodable, PlacedTokens, SendValue, StreamItem, StreamReturn, TokensValue,
    };
    pub use crate::call::{CallError, Returned};
    #[cfg(not(target_family = "wasm"))]
    pub use crate::client::builder::HttpSettings;
    #[doc(hidden)]
    pub use crate::client::builder::other_names::*;
    pub use crate::logic::object::{Entry, Slot};
    pub use crate::logic::values::{
        Both, Displayed, ExtensionValue, HeaderConstant, HeaderFunction, HeaderValueSource,
        HeadersSource, Many, Maybe, One, OptionalPathValue, PathValue, QueryText, QueryValue,
        Ready, Serialized, UrlValue,
    };
    pub use crate::ports::{MaybeSend, MaybeSync};
    #[cfg(feature = "serve")]
    pub use crate::serve::{
        Binary, Encode, EncodeStream, FromBody, FromEncoded, FromHeader, FromHeaders, FromParts,
        FromValues, NotSent, Text,
    };
    pub use crate::session::HasSession;
    #[doc(hidden)]
    pub use crate::session::other_names::*;
    pub use crate::session::renew::IntoRefreshFailure;
    #[cfg(all(
        any(feature = "file", feature = "redis"),
        not(feature = "encryption"),
        not(target_family = "wasm")
    ))]
    #[doc(hidden)]
    pub use crate::stores::EncryptedStore;
    pub use crate::types::auth::ResponseRule;
    pub use crate::types::codec::{AnyCoding, PagedCoding};
    pub use crate::types::error::IntoError;
    #[doc(hidden)]
    pub use crate::types::error::IntoStatus;
    #[doc(hidden)]
    pub use crate::types::error::other_names::*;
    #[doc(hidden)]
    pub use crate::types::event::EventAsAnEnum;
    pub use crate::types::names::{InAList, InAText, Names};
    #[doc(hidden)]
    pub use crate::types::tokens::RefreshTokenOfAText;
    #[doc(hidden)]
    pub use crate::types::tokens::other_names::*;
    #[doc(hidden)]
    pub use futures_util::{FutureExt, TryFutureExt};
}

/// Formats of bodies other than JSON, for `codec = ..`: XML, CBOR and MessagePack, each behind a feature.
pub mod codec {
    #[cfg(feature = "cbor")]
    pub use crate::logic::codec::Cbor;
    #[cfg(feature = "msgpack")]
    pub use crate::logic::codec::MessagePack;
    #[cfg(feature = "xml")]
    pub use crate::logic::codec::Xml;
    pub use crate::types::codec::{Codec, Lists};
}

/// The trait's declaration as constants: the types of the client's `ENDPOINTS` table.
///
/// Read it to log, to document or to test an API; layers find the [`Endpoint`](declared::Endpoint) of a request in
/// its [`Attempt`](layer::Attempt). It is plain data that the macro generates.
///
/// ```
/// use perennial::declared::{Access, Endpoint, Role};
/// use perennial::{Result, Tokens, api_client};
///
/// #[api_client(auth(bearer, expired(status = 401)))]
/// trait Shop {
///     #[post("/refresh", refresh)]
///     async fn refresh(&self) -> Result<Tokens>;
///     #[get("/orders/{id}")]
///     async fn order(&self, id: u64) -> Result<String>;
///     #[get("/health", public)]
///     async fn health(&self) -> Result<()>;
/// }
///
/// let is_plain = |it: &&Endpoint| it.access == Access::Required && it.role != Role::Refresh;
/// let rows: Vec<_> = ShopClient::ENDPOINTS.iter().filter(is_plain).collect();
/// assert_eq!((rows.len(), rows[0].method, rows[0].path), (1, "GET", "/orders/{id}"));
/// ```
pub mod declared {
    pub use crate::types::JsonPath;
    pub use crate::types::auth::{Credential, Early, HeaderMatch, HeaderRule, Placement, Rule};
    pub use crate::types::codec::Coding;
    pub use crate::types::endpoint::{
        Access, Endpoint, FromTokens, Host, Page, PageCursor, PageParam, PagePlace, PageStep,
        Redirect, Replay, Retry, RetryAfter, Role, SentIn, Timeouts, TokenFields, TokenPart,
        TokenPlace, WaitPlace, WaitUnit,
    };
    pub use crate::types::envelope::{Envelope, Scalar};
    pub use crate::types::response::RawResponse;
}

/// Tower layers over each request and response, for [`ClientBuilder::layer`].
///
/// The types are those of `http`, `reqwest` and `tower`, so existing layers fit. A new major version of one of the
/// three requires a new major version of this crate, which re-exports them.
pub mod layer {
    pub use crate::ports::http::HttpBody;
    pub use crate::ports::transport::{HttpLayer, HttpRequest, HttpResponse, HttpService};
    pub use crate::types::attempt::Attempt;
}

/// Stores for tokens that outlive the process.
///
/// | store | tokens are kept | processes share them |
/// |---|---|---|
/// | none (the default) | in memory, with the session | no |
/// | [`MemoryStore`](store::MemoryStore) | in memory | no |
/// | `FileStore` (feature `file`) | in a file | on one machine |
/// | `KeyringStore` (feature `keyring`) | in the keychain of the platform | on one machine |
/// | `RedisStore` (feature `redis`) | in Redis | on any machine |
/// | `BrowserStore` (in a browser) | in the storage of the origin, or in memory | all its tabs |
/// | your own [`TokenStore`](store::TokenStore) | wherever you like | if it has a lock |
pub mod store {
    pub use crate::ports::store::{Lease, StoreError, StoreLock, Stored, TokenStore, Version};
    #[cfg(target_family = "wasm")]
    pub use crate::stores::browser::BrowserStore;
    #[cfg(all(feature = "file", not(target_family = "wasm")))]
    pub use crate::stores::file::FileStore;
    #[cfg(all(feature = "keyring", not(target_family = "wasm")))]
    pub use crate::stores::keyring::KeyringStore;
    pub use crate::stores::memory::MemoryStore;
    #[cfg(all(feature = "redis", not(target_family = "wasm")))]
    pub use crate::stores::redis::RedisStore;
    #[cfg(all(feature = "encryption", not(target_family = "wasm")))]
    pub use crate::stores::seal::StoreKey;
}

/// Responses that arrive in parts: lists in pages, server-sent events, lines and downloads.
///
/// Each is the return type of a method. All except [`Download`] are declared without `async`; they are streams that
/// send their first request when they are first polled.
pub mod stream {
    pub use crate::call::stream::{
        Download, DownloadStream, Events, Lines, PageStream, Pages, ServerEvent,
    };
    #[doc(no_inline)]
    pub use futures_util::{StreamExt, TryStreamExt};
}

/// The services of the platform, clock and tasks, for programs that provide their own.
pub mod system {
    #[cfg(target_family = "wasm")]
    pub use crate::ports::browser::{
        options::{FetchCredentials, FetchOptions},
        spawn::LocalSpawner,
    };
    pub use crate::ports::clock::{Clock, SystemClock};
    pub use crate::ports::spawn::Spawn;
    #[cfg(not(target_family = "wasm"))]
    pub use crate::ports::spawn::TokioSpawner;
}
