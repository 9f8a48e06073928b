//! The other direction: an implementation of a declared trait as an HTTP service.
//!
//! With `#[api_client(serve)]` the declaration also parses requests back into arguments, calls an
//! implementation of the trait, and encodes its result with the declared envelope. [`service`] makes a tower
//! service of an implementation. The service knows nothing of tokens: a real server checks them in a layer
//! of its own, and the crate `perennial-test` enforces the declared `auth(..)` in front of a fake.
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
use http_body_util::BodyExt as _;

use crate::client::ApiClient;
use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::endpoint::Endpoint;
pub use encode::{
    Disconnect, Encode, Granted, Reply, Serialized, TokenPair, insert, refused, scalar, wrapped,
    write_tokens,
};
pub use extract::{Encoded, FromBody, FromEncoded, Rejection, Request, Values};
pub use part::{FromPart, FromParts, Parts};
use route::Route;
pub use route::path_of;
pub use stream::EncodeStream;
pub use values::{FromHeader, FromHeaders, FromTexts, FromValues, NotSent, kinds};

pub use crate::logic::values::probe_of;

/// A client whose trait is declared with `serve`, seen from the server. The macro implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no server side for `{S}`",
    label = "its trait is not declared with `serve`, or not implemented for `{S}`",
    note = "add `serve` to `#[api_client(..)]`, and implement the trait for what is served"
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

/// Boxes what a handler does.
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
}

impl<S> Handler<S> {
    /// A handler.
    pub fn new(endpoint: &'static Endpoint, handle: Handle<S>) -> Self {
        Self { endpoint, handle }
    }
}

type Erased = Box<dyn Fn(Request) -> Handling + Send + Sync>;

struct Mounted {
    endpoint: &'static Endpoint,
    route: Route,
    handle: Erased,
}

/// An implementation of a declared trait as a tower service. Clones are cheap and share it.
///
/// A request that matches no endpoint gets status 404, one whose arguments cannot be parsed gets 400 with the
/// reason. A body is read as a whole.
#[derive(Clone)]
pub struct Service {
    mounted: Arc<[Mounted]>,
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
    let mounted = C::handlers().into_iter().map(|Handler { endpoint, handle }| {
        let implementation = Arc::clone(&implementation);
        let route = Route::new(base, endpoint);
        let handle: Erased = Box::new(move |request| handle(Arc::clone(&implementation), request));
        Mounted { endpoint, route, handle }
    });
    Service { mounted: mounted.collect() }
}

impl Service {
    /// The endpoints that are served, in the order of their declaration.
    #[must_use]
    pub fn endpoints(&self) -> Vec<&'static Endpoint> {
        self.mounted.iter().map(|one| one.endpoint).collect()
    }

    /// Handles one request whose body was read.
    pub async fn handle(&self, request: http::Request<Bytes>) -> http::Response<Bytes> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let matches = |one: &&Mounted| one.endpoint.method == parts.method.as_str();
        let found = self
            .mounted
            .iter()
            .filter(matches)
            .find_map(|one| one.route.captures(path).map(|captured| (one, captured)));
        match found {
            Some((one, captured)) => {
                let request = Request::new(one.endpoint, captured, &parts, body);
                let reply = (one.handle)(request).await.unwrap_or_else(Rejection::reply);
                reply.into_response()
            }
            None => {
                let text = format!("no endpoint is declared for {} {path}", parts.method);
                Reply::text(StatusCode::NOT_FOUND, text).into_response()
            }
        }
    }
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
            let response = match body.collect().await {
                Ok(body) => service.handle(http::Request::from_parts(parts, body.to_bytes())).await,
                Err(_) => {
                    Reply::text(StatusCode::BAD_REQUEST, "the body broke off").into_response()
                }
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
