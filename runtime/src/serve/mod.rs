//! The server side: an implementation of a declared trait as an HTTP service.
//!
//! With `#[api_client(serve)]` the declaration also parses requests into arguments, calls an implementation of the
//! trait, and encodes its result with the declared envelope. [`service`] turns an implementation into a tower
//! service. The service does not check tokens: a real server checks them in its own layer, and the crate
//! `perennial-test` enforces the declared `auth(..)` in front of a fake.
//!
//! ```
//! use perennial::{Result, api_client};
//!
//! #[api_client(base = "/api", serve)]
//! pub trait Shop {
//!     #[get("/stock/{id}")]
//!     async fn stock(&self, id: u64) -> Result<u64>;
//! }
//!
//! struct Warehouse;
//!
//! impl Shop for Warehouse {
//!     async fn stock(&self, id: u64) -> Result<u64> {
//!         Ok(id * 2)
//!     }
//! }
//!
//! // In axum: `Router::new().fallback_service(service)`.
//! let service = perennial::serve::service::<ShopClient, _>(Warehouse);
//! assert_eq!(service.endpoints().len(), 1);
//! ```

mod encode;
mod extract;
mod failed;
mod limited;
mod part;
mod route;
mod stream;
mod texts;
mod values;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::StatusCode;
use http_body::Body;

#[doc(hidden)]
pub use crate::call::secrets::Secrets;
use crate::client::ApiClient;
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::codec::Coding;
use crate::types::endpoint::Endpoint;
pub use encode::{
    Disconnect, Encode, Granted, Reply, Serialized, TokenPair, insert, rejected, scalar, wrapped,
    write_tokens,
};
pub use extract::{Encoded, FromBody, FromEncoded, Rejection, Request, Values};
#[doc(hidden)]
pub use failed::{Failure, failures};
pub use part::{Binary, FromPart, FromParts, Parts, Text};
use route::Route;
pub use route::{below_host, path_of};
pub use stream::EncodeStream;
pub use values::{FromHeader, FromHeaders, FromTexts, FromValues, NotSent, kinds};

pub use crate::logic::values::probe_of;
#[doc(hidden)]
pub use crate::types::tokens::GrantedKind;

/// Whether a name denotes a secret, as errors judge it.
#[doc(hidden)]
#[must_use]
pub fn is_secret_name(name: &str) -> bool {
    crate::types::secret::is_secret_name(name)
}

/// A body in a declared format as JSON; `None` if it is not in this format.
#[doc(hidden)]
#[must_use]
pub fn view_of(coding: &Coding, body: &[u8]) -> Option<Vec<u8>> {
    coding.view(body)
}

/// The client of a trait that is declared with `serve`, as the server needs it. The macro implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no server side for this value",
    label = "its trait is not declared with `serve` here, or this value does not implement it",
    note = "add `serve` to `#[api_client(..)]`, and implement the trait for the value",
    note = "`serve = test` serves only the unit tests of its crate",
    note = "for tests in `tests/` or in another crate, write `serve`, or `serve = \"fake\"` for a feature of that name"
)]
pub trait Serve<S>: ApiClient {
    /// The declared endpoints with their handlers.
    #[doc(hidden)]
    fn handlers() -> Vec<Handler<S>>;
}

/// Parses the request, calls the implementation, and encodes its result.
type Handle<S> = fn(Arc<S>, Request) -> Handling;

/// A request that is being handled.
#[doc(hidden)]
pub type Handling = BoxFuture<'static, Result<Reply, Rejection>>;

/// Boxes the future of a handler.
#[doc(hidden)]
pub fn handling<F>(handling: F) -> Handling
where
    F: Future<Output = Result<Reply, Rejection>> + Send + 'static,
{
    Box::pin(handling)
}

/// One endpoint with its handler.
#[doc(hidden)]
pub struct Handler<S> {
    endpoint: &'static Endpoint,
    handle: Handle<S>,
    reads_body: bool,
    renews_with_tokens: Option<fn() -> bool>,
}

impl<S> Handler<S> {
    /// A handler.
    pub fn new(endpoint: &'static Endpoint, handle: Handle<S>) -> Self {
        Self { endpoint, handle, reads_body: false, renews_with_tokens: None }
    }

    /// Its body contains arguments.
    #[must_use]
    pub fn reads_body(self) -> Self {
        Self { reads_body: true, ..self }
    }

    /// For a refresh: whether its client creates an argument from the tokens.
    #[must_use]
    pub fn renews_with_tokens(self, renews_with_tokens: fn() -> bool) -> Self {
        Self { renews_with_tokens: Some(renews_with_tokens), ..self }
    }
}

/// The values of placeholders.
type Captured = Vec<(&'static str, String)>;

type Erased = Box<dyn Fn(Request) -> Handling + Send + Sync>;

struct Mounted {
    endpoint: &'static Endpoint,
    route: Route,
    handle: Erased,
    reads_body: bool,
    renews_with_tokens: Option<fn() -> bool>,
}

/// An implementation of a declared trait as a tower service. Clones are cheap and share it.
///
/// A request that matches no endpoint gets status 404, and one whose arguments cannot be parsed gets 400 with the
/// reason. A body is read, as a whole, only if an argument is in it. One that is longer than
/// [`body_limit`](Self::body_limit), 16 MiB by default, gets 413. A body in gzip is decompressed if the feature
/// `gzip-requests` is on; any other `Content-Encoding` gets 415.
///
/// ```
/// use perennial::serve::{Serve, Service, service};
///
/// /// The fake of any API, as a tower service.
/// fn served<C: Serve<F>, F: Send + Sync + 'static>(fake: F) -> Service {
///     service::<C, F>(fake)
/// }
/// ```
#[derive(Clone)]
pub struct Service {
    mounted: Arc<[Mounted]>,
    body_limit: usize,
}

/// An implementation of the trait of the client `C` as a tower service. Paths include the declared `base`,
/// without its host.
#[must_use]
pub fn service<C, S>(implementation: S) -> Service
where
    C: Serve<S>,
    S: Send + Sync + 'static,
{
    let implementation = Arc::new(implementation);
    let base = route::path_of(C::API.declared_base());
    let mounted = C::handlers().into_iter().map(|handler| {
        let Handler { endpoint, handle, reads_body, renews_with_tokens } = handler;
        let implementation = Arc::clone(&implementation);
        let route = Route::new(base, endpoint);
        let handle: Erased = Box::new(move |request| handle(Arc::clone(&implementation), request));
        Mounted { endpoint, route, handle, reads_body, renews_with_tokens }
    });
    Service { mounted: mounted.collect(), body_limit: limited::DEFAULT }
}

impl Service {
    /// The endpoints that are served, in the order of their declaration.
    #[must_use]
    pub fn endpoints(&self) -> Vec<&'static Endpoint> {
        self.mounted.iter().map(|one| one.endpoint).collect()
    }

    /// Sets the maximum length of a body, in bytes, which also applies after decompression. Default: 16 MiB. A
    /// longer one gets status 413.
    #[must_use]
    pub fn body_limit(self, limit: usize) -> Self {
        Self { body_limit: limit, ..self }
    }

    /// Whether a client creates an argument of this refresh from the tokens; `false` for any other endpoint.
    #[doc(hidden)]
    #[must_use]
    pub fn renews_with_tokens(&self, endpoint: &Endpoint) -> bool {
        let is_it = |one: &&Mounted| {
            (one.endpoint.name, one.endpoint.path) == (endpoint.name, endpoint.path)
        };
        let renews = self.mounted.iter().find(is_it).and_then(|one| one.renews_with_tokens);
        renews.is_some_and(|renews| renews())
    }

    /// Handles a request whose body was read.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (parts, body) = request.into_parts();
        let Some((mounted, captured)) = self.find(&parts) else { return unmatched(&parts) };
        match limited::unpacked(&parts.headers, body, self.body_limit) {
            Ok(body) => mounted.reply(captured, &parts, body).await,
            Err(rejection) => rejection.into_response(),
        }
    }

    /// The endpoint that matches a request, with the values of its placeholders.
    fn find(&self, parts: &http::request::Parts) -> Option<(&Mounted, Captured)> {
        let matches = |one: &&Mounted| one.endpoint.method == parts.method.as_str();
        let mut own = self.mounted.iter().filter(matches);
        own.find_map(|one| Some((one, one.route.captures(parts.uri.path())?)))
    }
}

impl Mounted {
    async fn reply(
        &self,
        captured: Captured,
        parts: &http::request::Parts,
        body: Bytes,
    ) -> http::Response<Bytes> {
        let request = Request::new(self.endpoint, captured, parts, body);
        (self.handle)(request).await.unwrap_or_else(Rejection::reply).into_response()
    }
}

fn unmatched(parts: &http::request::Parts) -> http::Response<Bytes> {
    let text = format!("no endpoint is declared for {} {}", parts.method, parts.uri.path());
    Reply::text(StatusCode::NOT_FOUND, text).into_response()
}

impl<B> tower::Service<http::Request<B>> for Service
where
    B: Body<Data: Send, Error: Send> + Send + 'static,
{
    type Response = http::Response<HttpBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let service = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            // A body without arguments is not worth the memory.
            let reads_body = service.find(&parts).is_some_and(|(one, _)| one.reads_body);
            let response = match reads_body {
                false => service.handle(http::Request::from_parts(parts, Bytes::new())).await,
                true => match limited::read(body, service.body_limit).await {
                    Ok(body) => service.handle(http::Request::from_parts(parts, body)).await,
                    Err(rejection) => rejection.into_response(),
                },
            };
            Ok(response.map(HttpBody::from))
        })
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.endpoints()).finish()
    }
}
