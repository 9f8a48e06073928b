//! Real responses, recorded once and replayed.

mod addresses;
mod exchange;
mod granted;
mod headers;
mod members;
mod names;
mod originals;
mod stand_in;
mod tape;

use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use perennial::declared::{Credential, Endpoint, Placement, Role, Rule, SentIn};
use perennial::layer::{Attempt, HttpBody, HttpRequest, HttpResponse, HttpService};
use perennial::serve::Secrets;
use tower::{Layer, Service, ServiceExt};

use exchange::Exchange;
use originals::Originals;
use tape::Tape;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Records the responses of a real server in a file and plays them back: a layer for
/// [`ClientBuilder::layer`](perennial::ClientBuilder::layer).
///
/// If the file is missing, or the environment variable `RECORD` is set, requests are sent to the server and their
/// responses are written to the file. Otherwise the file takes the place of the server: the n-th request with a method
/// and a path gets the n-th recorded response for it, and a request that was not recorded fails with a list of those
/// that were. A response that no longer matches the declared type is an error of the kind `Decode`, which names the
/// field. In the URLs of a response, the recorded base is replaced by that of the client, so that links and redirects
/// can be followed.
///
/// Several clients may record into one file, even in several processes: each adds its responses. With `RECORD`, the
/// first client of a process rewrites the file, unless another process has written to it since.
///
/// The declaration determines which secrets are left out. Of requests, no header and no body is recorded.
///
/// | | what is recorded |
/// |---|---|
/// | a request | method, path and query |
/// | the URL of a login or a refresh | the path, with `***` for its values |
/// | query values with a token, or from `tokens(..)` | nothing |
/// | the response to a login or a refresh | numbers, codes and lifetimes, and the headers that the declaration reads; each string is replaced by a placeholder of the same kind (number, date, URL, JWT with the same claims; otherwise `masked`), so that playback signs in; the expiry is moved to a time that never comes |
/// | headers and cookies of `tokens(..)` and `renewed(..)` | placeholders |
/// | other cookies | nothing |
/// | a parameter of `secret(..)`, a value whose name denotes a secret, and the tokens of the session, wherever the server quotes them | `***`, or a number of the same length made of the digit 1 |
/// | a response header whose name denotes a secret, unless the declaration reads it | `***` |
/// | URLs in headers and bodies | without user and password, and with `***` for values whose names denote a secret |
/// | a value in a body whose name denotes a secret, unless the declaration reads it: in JSON (also several values, events, and JSON within a string or another text), in a form, and as an element or an attribute in XML | a placeholder of the same kind, as for a login; the same, or `***`, wherever else the file has this value, unless it may be a word or a date |
///
/// The names decide, so read a cassette before you commit it: a secret with a name such as `pin`, without a name, in
/// base64, or in a body that is compressed or not in UTF-8 is not found. So that a response can still be decoded, short
/// numbers, amounts such as `max_tokens`, points in time, numeric ids, kinds such as `RS256` and single words such as
/// `active` stay in some places below such names.
///
/// A response is recorded as a whole before the client gets it, so a stream must end. JSON bodies are recorded
/// as they are written, other strings as `text`, other bodies in base64. Headers that are not in UTF-8 are in `latin1_headers`,
/// where each character is a byte.
///
/// ```
/// use perennial_test::Cassette;
/// # use perennial_test::Server;
///
/// # use perennial::{Result, Tokens, api_client};
/// # #[api_client(auth(bearer, expired(status = 401)))]
/// # pub trait Shop {
/// #     #[post("/login", login)]
/// #     async fn login(&self, #[query] user: &str) -> Result<Tokens>;
/// #     #[post("/refresh", refresh)]
/// #     async fn refresh(&self) -> Result<Tokens>;
/// #     #[get("/stock/{id}")]
/// #     async fn stock(&self, id: u64) -> Result<u64>;
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let server = Server::declared::<ShopClient>();
/// # server.offer("/stock/{id}", 14.into());
/// # let file = std::env::temp_dir().join(format!("perennial-stock-{}.json", std::process::id()));
/// // In a test: "tests/cassettes/stock.json".
/// let shop = ShopClient::builder(server.origin()).layer(Cassette::at(&file)).build()?;
/// shop.login("ann").await?;
/// assert_eq!(shop.stock(7).await?, 14);
///
/// // The next time without a server.
/// let shop = ShopClient::builder("http://nowhere.test").layer(Cassette::at(&file)).build()?;
/// shop.login("ann").await?;
/// assert_eq!(shop.stock(7).await?, 14);
/// # std::fs::remove_file(file).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Cassette {
    tape: Arc<Tape>,
}

impl Cassette {
    /// Opens or creates a cassette in a file.
    ///
    /// # Panics
    ///
    /// If the file exists but is not a cassette.
    #[must_use]
    pub fn at(file: impl AsRef<Path>) -> Self {
        Self { tape: Arc::new(Tape::at(file.as_ref())) }
    }
}

fn endpoint(request: &HttpRequest) -> Option<&'static Endpoint> {
    request.extensions().get::<Attempt>().map(|attempt| attempt.endpoint)
}

/// The endpoint of a request, if it is a login or a refresh.
fn granting(request: &HttpRequest) -> Option<&'static Endpoint> {
    endpoint(request).filter(|it| matches!(it.role, Role::Login | Role::Refresh))
}

/// The rules that the API declares.
fn rules(request: &HttpRequest) -> Vec<&'static Rule> {
    request.extensions().get::<Secrets>().map_or_else(Vec::new, |secrets| secrets.rules().to_vec())
}

/// `GET /path?query`, without secrets.
fn name(request: &HttpRequest, secrets: &Secrets) -> String {
    let address = match granting(request) {
        Some(endpoint) => secrets.hidden_in_grant(request.uri().path(), endpoint.path),
        None => addresses::without_secrets(&secrets.hidden_in_address(&address(request))),
    };
    format!("{} {address}", request.method())
}

/// `/path?query`, without a value from the tokens in the query.
fn address(request: &HttpRequest) -> String {
    let endpoint = endpoint(request);
    let credentials = endpoint.map_or(&[][..], |it| it.credentials);
    let values = endpoint.map_or(&[][..], |it| it.from_tokens);
    let is_of_tokens = |name: &str| {
        let is_it =
            |it: &Credential| matches!(it.placement, Placement::Query { name: own } if own == name);
        credentials.iter().any(is_it)
            || values.iter().any(|it| matches!(it.place, SentIn::Query(own) if own == name))
    };
    let query = request.uri().query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.filter(|pair| !is_of_tokens(pair.split('=').next().unwrap_or(pair)));
    let query = pairs.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{mark}{query}", request.uri().path())
}

impl Layer<HttpService> for Cassette {
    type Service = Playing;

    fn layer(&self, inner: HttpService) -> Playing {
        Playing { tape: Arc::clone(&self.tape), inner }
    }
}

/// The service of a [`Cassette`], for a service of HTTP that has no client around it.
///
/// ```
/// use perennial::layer::HttpService;
/// use perennial::tower::layer::Layer;
/// use perennial_test::{Cassette, Playing};
///
/// fn recorded(inner: HttpService) -> Playing {
///     Cassette::at("tests/cassettes/stock.json").layer(inner)
/// }
/// ```
#[derive(Clone)]
pub struct Playing {
    tape: Arc<Tape>,
    inner: HttpService,
}

impl std::fmt::Debug for Playing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Playing").field("file", &self.tape.file).finish_non_exhaustive()
    }
}

impl Service<HttpRequest> for Playing {
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        let (tape, inner) = (Arc::clone(&self.tape), self.inner.clone());
        Box::pin(async move {
            let name = tape.hidden(&request, |secrets| name(&request, secrets));
            let origin = addresses::origin(request.uri());
            let (endpoint, grants, rules) =
                (endpoint(&request), granting(&request), rules(&request));
            if !tape.records {
                return tape.replay(&name, origin.as_deref(), grants.is_some());
            }
            let is_head = request.method() == http::Method::HEAD;
            let (parts, body) = inner.oneshot(request).await?.into_parts();
            let bytes = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await?;
            let kept = headers::kept(&parts.headers, endpoint, &rules, is_head);
            let mut exchange = Exchange::new(name, origin, parts.status, kept, &bytes);
            let originals = match grants {
                Some(endpoint) => {
                    exchange.mask(endpoint, &rules);
                    Originals::default()
                }
                None => exchange.hide_named(endpoint, &rules),
            };
            tape.record(exchange, &headers::pushed(&parts.headers, endpoint), originals)?;
            Ok(http::Response::from_parts(parts, HttpBody::from(bytes)))
        })
    }
}
