//! Sends requests: reqwest, with the user's layers around it.

use std::sync::{Arc, Weak};

use futures_util::future::{Either, ready};
use futures_util::{FutureExt, TryFutureExt};
use http::{HeaderMap, Method};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service, ServiceExt};

use crate::ports::BoxFuture;
use crate::ports::connections::Connections;
use crate::ports::http::{Client, HttpBody, Incoming, Request, TransportError};
use crate::types::attempt::Attempt;
use crate::types::endpoint::{Endpoint, Role};
use crate::types::error::{BoxError, Error, ErrorKind};
use crate::types::url::Url;

/// A request as layers see it. The [`Attempt`] is in its extensions.
pub type HttpRequest = http::Request<HttpBody>;

/// A response as layers see it.
pub type HttpResponse = http::Response<HttpBody>;

/// The service around which a layer is put.
pub type HttpService = BoxCloneSyncService<HttpRequest, HttpResponse, BoxError>;

/// A layer that can be added to a client: every tower layer over [`HttpService`] whose service takes an
/// [`HttpRequest`] and returns an [`HttpResponse`], can be cloned and shared between threads, and whose errors and
/// futures are `Send`.
///
/// It is sealed: every such layer implements it already.
///
/// ```
/// use perennial::layer::{Attempt, HttpBody, HttpLayer, HttpRequest, HttpResponse, HttpService};
/// use perennial::tower::ServiceExt;
/// use perennial::tower::layer::layer_fn;
///
/// /// Prints what is sent, and the status of the response.
/// fn printing() -> impl HttpLayer {
///     layer_fn(|inner: HttpService| {
///         inner
///             .map_request(|request: HttpRequest| {
///                 println!("{} {:?}", request.method(), request.extensions().get::<Attempt>());
///                 request
///             })
///             .map_response(|response: HttpResponse| {
///                 println!("{}", response.status());
///                 response.map(|body: HttpBody| body)
///             })
///     })
/// }
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # fn main() -> Result<()> {
/// let shop = ShopClient::builder("https://shop.example").layer(printing()).build()?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer of a client",
    label = "expected a `tower::Layer` over HTTP requests",
    note = "for a function over requests, write `tower::util::MapRequestLayer::new(|request: HttpRequest| ..)`",
    note = "import the names from `perennial::tower` and `perennial::layer`",
    note = "the service of the layer must be `Clone + Send + Sync`"
)]
pub trait HttpLayer: Send + 'static {
    #[doc(hidden)]
    fn wrap(self, inner: HttpService, _: Seal) -> HttpService;
}

/// A trait that only this module can name, so that no other crate can implement [`HttpLayer`].
#[derive(Debug)]
pub struct Seal(());

// The message of the trait says more than the bounds here.
#[diagnostic::do_not_recommend]
impl<L> HttpLayer for L
where
    L: Layer<HttpService> + Send + 'static,
    L::Service: Service<HttpRequest, Response = HttpResponse, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static,
{
    fn wrap(self, inner: HttpService, _: Seal) -> HttpService {
        BoxCloneSyncService::new(ServiceExt::map_err(self.layer(inner), Into::into))
    }
}

type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

type Assemble = fn(Connections, Vec<Wrap>) -> Box<dyn Sender>;

/// Names of endpoints.
pub(crate) type Names = Box<[Box<str>]>;

/// reqwest alone, or with layers. Without layers nothing is boxed or converted.
pub(crate) struct Transport {
    connections: Connections,
    layered: Option<Box<dyn Sender>>,
}

/// Sends through layers. Only the functions that add a layer name this type, so a program without layers contains
/// no code for it.
trait Sender: Send + Sync {
    fn send(
        &self,
        outgoing: Outgoing,
        attempt: Attempt,
    ) -> BoxFuture<'static, Result<Incoming, Error>>;
}

/// Layers that are not yet connected to a service, the outermost first.
#[derive(Default)]
pub(crate) struct Layers {
    wraps: Vec<Wrap>,
    /// The service with the layers around it; `None` if there are no layers.
    assemble: Option<Assemble>,
    /// The endpoints to which some of the layers are limited.
    names: Vec<Box<str>>,
}

/// One request, before it takes the form for reqwest or for layers.
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<HttpBody>,
    pub(crate) extensions: Option<http::Extensions>,
    /// Whether it contains a token or another secret.
    #[cfg(target_family = "wasm")]
    pub(crate) is_secret: bool,
}

impl Layers {
    pub(crate) fn is_empty(&self) -> bool {
        self.wraps.is_empty()
    }

    /// A name to which some layer is limited and which no endpoint has.
    pub(crate) fn unknown(&self, endpoints: &[Endpoint]) -> Option<&str> {
        let mut names = self.names.iter().map(AsRef::as_ref);
        names.find(|name| endpoints.iter().all(|endpoint| endpoint.name != *name))
    }

    pub(crate) fn push(&mut self, layer: impl HttpLayer) {
        self.wraps.push(Box::new(move |inner| layer.wrap(inner, Seal(()))));
        self.assemble = Some(assemble);
    }

    /// Adds a layer for some endpoints only; requests of other endpoints bypass it.
    pub(crate) fn push_for(&mut self, names: Names, layer: impl HttpLayer) {
        self.names.extend(names.iter().cloned());
        self.assemble = Some(assemble);
        self.wraps.push(Box::new(move |inner| {
            let around = layer.wrap(inner.clone(), Seal(()));
            BoxCloneSyncService::new(tower::service_fn(move |request: HttpRequest| {
                let attempt = request.extensions().get::<Attempt>();
                let is_meant = attempt.is_some_and(|attempt| {
                    names.iter().any(|name| **name == *attempt.endpoint.name)
                });
                let chosen = if is_meant { around.clone() } else { inner.clone() };
                chosen.oneshot(request)
            }))
        }));
    }
}

impl Transport {
    pub(crate) fn new(connections: Connections, layers: Layers) -> Self {
        let layered = layers.assemble.map(|assemble| assemble(connections.clone(), layers.wraps));
        Self { connections, layered }
    }

    /// Whether anything reads the extensions of a request.
    pub(crate) const fn has_layers(&self) -> bool {
        self.layered.is_some()
    }

    /// Sends a request. The request is moved on immediately, so that its future stays small.
    pub(crate) fn send(
        &self,
        outgoing: Outgoing,
        attempt: Attempt,
    ) -> impl Future<Output = Result<Incoming, Error>> + use<> {
        if let Err(error) = check_address(outgoing.url.as_str()) {
            // Only the error is kept, so that the future has no room for a response that never arrives.
            return Either::Left(Either::Left(ready(error).map(Err)));
        }
        match &self.layered {
            None => {
                let mut request = Request::new(outgoing.method, outgoing.url);
                *request.headers_mut() = outgoing.headers;
                *request.body_mut() = outgoing.body;
                #[cfg(target_family = "wasm")]
                request.keep_secret(outgoing.is_secret);
                let http = self.connections.of(attempt.endpoint.role);
                Either::Left(Either::Right(http.execute(request).map_err(Error::from)))
            }
            Some(layered) => Either::Right(layered.send(outgoing, attempt)),
        }
    }
}

fn assemble(connections: Connections, wraps: Vec<Wrap>) -> Box<dyn Sender> {
    let bottom = tower::service_fn(move |request: HttpRequest| {
        let attempt = request.extensions().get::<Attempt>();
        let role = attempt.map_or(Role::None, |attempt| attempt.endpoint.role);
        let http = connections.of(role).clone();
        async move {
            if request.extensions().get::<Awaited>().is_some_and(Awaited::is_over) {
                let error = Error::of_kind(ErrorKind::RefreshFailed)
                    .with_message("the refresh was abandoned before it was sent");
                return Err(error.into());
            }
            send_converted(&http, request).await
        }
    });
    let bottom = BoxCloneSyncService::new(bottom);
    Box::new(Layered(wraps.into_iter().rev().fold(bottom, |inner, wrap| wrap(inner))))
}

struct Layered(HttpService);

impl Sender for Layered {
    fn send(
        &self,
        outgoing: Outgoing,
        attempt: Attempt,
    ) -> BoxFuture<'static, Result<Incoming, Error>> {
        Box::pin(send_layered(self.0.clone(), outgoing, attempt))
    }
}

/// The longest address that HTTP allows: a longer one does not fit into an [`http::Uri`], and no server reads it.
const LONGEST_ADDRESS: usize = u16::MAX as usize - 1;

/// Rejects an address that no request can carry.
pub(crate) fn check_address(url: &str) -> Result<(), Error> {
    if url.len() <= LONGEST_ADDRESS {
        return Ok(());
    }
    Err(Error::of_kind(ErrorKind::Argument).with_message(format!(
        "the address of the call has {} bytes, but HTTP allows at most {LONGEST_ADDRESS}; send long values in a body",
        url.len()
    )))
}

impl Outgoing {
    /// The request in the form for layers.
    pub(crate) fn into_request(self, attempt: Attempt) -> Result<HttpRequest, Error> {
        #[cfg(target_family = "wasm")]
        let is_secret = self.is_secret;
        let Self { method, url, headers, body, extensions, .. } = self;
        check_address(url.as_str())?;
        let mut request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .body(body.unwrap_or_default())
            .map_err(|error| Error::of_kind(ErrorKind::Argument).with_source(error))?;
        *request.headers_mut() = headers;
        *request.extensions_mut() = extensions.unwrap_or_default();
        request.extensions_mut().insert(attempt);
        #[cfg(target_family = "wasm")]
        if is_secret {
            request.extensions_mut().insert(crate::ports::browser::message::Secret);
        }
        Ok(request)
    }
}

/// In the extensions of a refresh: whether it is still waited for. A layer may have a task of its own, and send a refresh
/// token there that another refresh has used meanwhile.
#[derive(Clone)]
struct Awaited(Weak<()>);

impl Awaited {
    fn is_over(&self) -> bool {
        self.0.strong_count() == 0
    }
}

async fn send_layered(
    layered: HttpService,
    outgoing: Outgoing,
    attempt: Attempt,
) -> Result<Incoming, Error> {
    let mut request = outgoing.into_request(attempt)?;
    // Dropped with this future, and so with a refresh that is abandoned.
    let awaiting = (attempt.endpoint.role == Role::Refresh).then(|| Arc::new(()));
    if let Some(awaiting) = &awaiting {
        request.extensions_mut().insert(Awaited(Arc::downgrade(awaiting)));
    }
    let response = layered.oneshot(request).await.map_err(from_layers)?;
    Ok(Incoming::from(response))
}

async fn send_converted(http: &Client, request: HttpRequest) -> Result<HttpResponse, BoxError> {
    let request = Request::try_from(request).map_err(TransportError::without_url)?;
    let response = http.execute(request).await.map_err(TransportError::without_url)?;
    Ok(response.into())
}

/// Restores an error of reqwest that passed through the layers.
fn from_layers(error: BoxError) -> Error {
    match error.downcast::<TransportError>() {
        Ok(error) => Error::from(*error),
        Err(error) => match error.downcast::<Error>() {
            Ok(error) => *error,
            Err(error) => Error::of_kind(ErrorKind::Transport).with_source(error),
        },
    }
}

/// The name of each kind of connection, for messages.
pub(crate) fn speaks_https() -> bool {
    cfg!(any(
        target_family = "wasm",
        feature = "default-tls",
        feature = "rustls",
        feature = "native-tls"
    ))
}
