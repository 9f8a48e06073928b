//! Real responses, recorded once and replayed.

mod exchange;

use std::collections::HashMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::{env, fs, io};

use http::{HeaderMap, HeaderName, header};
use perennial::declared::{Credential, Placement, Role, TokenPlace};
use perennial::layer::{Attempt, HttpBody, HttpRequest, HttpResponse, HttpService};
use perennial::serve::Secrets;
use perennial::{Error, ErrorKind};
use tower::{Layer, Service, ServiceExt};

use exchange::Exchange;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Records the responses of a real server in a file and plays them back: a layer for
/// [`ClientBuilder::layer`](perennial::ClientBuilder::layer).
///
/// If the file is missing, or the environment variable `RECORD` is set, requests are sent to the server and their
/// responses are written to the file. Otherwise the file takes the place of the server: the n-th request with a
/// method and a path gets the n-th recorded response for it, and a request that was not recorded fails with a list
/// of those that were. A response that no longer matches the declared type is an error of the kind `Decode`, which
/// names the field.
///
/// The declaration determines which secrets are left out. Of requests, no header and no body is recorded, nor the
/// query of a `login` or `refresh`, nor a token that is declared in a query. Of responses, no cookie is recorded,
/// and no header that is declared as `renewed(header = "..")`. Of the response to a `login` or `refresh`, no header
/// except the media type is recorded, and all text is replaced. Everywhere else, the tokens of the session, the
/// parameters of `secret(..)` and values whose names denote a secret are replaced by `***`, in the requested
/// addresses and where the server quotes them.
///
/// A JSON body is recorded unchanged, another text as `text`, and any other body in base64.
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

#[derive(Debug)]
struct Tape {
    file: PathBuf,
    records: bool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    exchanges: Vec<Exchange>,
    /// How often each request was replayed.
    replayed: HashMap<String, usize>,
    /// All secrets of all requests, which no text may show.
    secrets: Secrets,
}

impl Cassette {
    /// A cassette in a file.
    ///
    /// # Panics
    ///
    /// If the file exists but is not a cassette.
    #[must_use]
    pub fn at(file: impl AsRef<Path>) -> Self {
        let file = file.as_ref().to_owned();
        let records = env::var_os("RECORD").is_some() || !file.exists();
        let exchanges = if records { Vec::new() } else { read(&file) };
        let state = Mutex::new(State { exchanges, ..State::default() });
        Self { tape: Arc::new(Tape { file, records, state }) }
    }
}

fn read(file: &Path) -> Vec<Exchange> {
    let text = fs::read_to_string(file).expect("the cassette can be read");
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{} is not a cassette: {error}", file.display()))
}

impl Tape {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `GET /path?query`, without secrets.
    fn name_of(&self, request: &HttpRequest) -> String {
        let state = &mut *self.state();
        if let Some(secrets) = request.extensions().get::<Secrets>() {
            state.secrets.extend(secrets);
        }
        format!("{} {}", request.method(), state.secrets.hidden_in_address(&address(request)))
    }

    fn replay(&self, name: &str) -> Result<HttpResponse, BoxError> {
        let state = &mut *self.state();
        let nth = state.replayed.entry(name.to_owned()).or_default();
        let found = state.exchanges.iter().filter(|it| it.request == name).nth(*nth);
        *nth += 1;
        if let Some(exchange) = found {
            return exchange.response();
        }
        let recorded: Vec<_> = state.exchanges.iter().map(|it| it.request.as_str()).collect();
        let message = format!(
            "{} has no response {nth} to {name}; it has: {}; record it again with `RECORD=1`",
            self.file.display(),
            recorded.join(", ")
        );
        Err(Error::of_kind(ErrorKind::Transport).with_message(message).into())
    }

    fn record(&self, exchange: Exchange, pushed: &[Vec<u8>]) -> io::Result<()> {
        let state = &mut *self.state();
        state.exchanges.push(exchange);
        pushed.iter().for_each(|token| state.secrets.add(token));
        // The earlier ones as well: a value in a response may become known as a secret only later.
        for exchange in &mut state.exchanges {
            exchange.hide(&state.secrets);
        }
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.file, serde_json::to_string_pretty(&state.exchanges)?)
    }
}

fn credentials(request: &HttpRequest) -> &'static [Credential] {
    let attempt = request.extensions().get::<Attempt>();
    attempt.map_or(&[][..], |attempt| attempt.endpoint.credentials)
}

/// `/path?query`, without a token in the query.
fn address(request: &HttpRequest) -> String {
    if grants(request) {
        return request.uri().path().to_owned();
    }
    let credentials = credentials(request);
    let is_secret = |name: &str| {
        credentials
            .iter()
            .any(|it| matches!(it.placement, Placement::Query { name: own } if own == name))
    };
    let query = request.uri().query().unwrap_or_default();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let pairs = pairs.filter(|pair| !is_secret(pair.split('=').next().unwrap_or(pair)));
    let query = pairs.collect::<Vec<_>>().join("&");
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{}{mark}{query}", request.uri().path())
}

fn grants(request: &HttpRequest) -> bool {
    let attempt = request.extensions().get::<Attempt>();
    attempt.is_some_and(|it| matches!(it.endpoint.role, Role::Login | Role::Refresh))
}

/// Headers without cookies, without pushed tokens, and without those that describe the connection.
fn kept(headers: &HeaderMap, credentials: &[Credential], is_head: bool) -> Vec<(String, String)> {
    const LEFT_OUT: [HeaderName; 5] = [
        header::SET_COOKIE,
        header::CONTENT_ENCODING,
        header::TRANSFER_ENCODING,
        header::CONNECTION,
        header::DATE,
    ];
    // The length of a recorded body is known.
    let is_known = |name: &HeaderName| name == header::CONTENT_LENGTH && !is_head;
    let own = headers.iter().filter(|(name, _)| {
        !LEFT_OUT.contains(name) && !is_known(name) && !is_pushed(name, credentials)
    });
    own.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())))
        .collect()
}

fn is_pushed(name: &HeaderName, credentials: &[Credential]) -> bool {
    let is_it =
        |place| matches!(place, TokenPlace::Header(it) if name.as_str().eq_ignore_ascii_case(it));
    credentials.iter().filter_map(|it| it.renewed).any(is_it)
}

/// The tokens that a response pushes, and its cookies.
fn pushed(headers: &HeaderMap, credentials: &[Credential]) -> Vec<Vec<u8>> {
    let tokens = headers.iter().filter(|(name, _)| is_pushed(name, credentials));
    let cookies = headers.get_all(header::SET_COOKIE).into_iter().filter_map(|cookie| {
        let (_, rest) = cookie.to_str().ok()?.split_once('=')?;
        rest.split(';').next().map(|value| value.trim().as_bytes().to_vec())
    });
    tokens.map(|(_, value)| value.as_bytes().to_vec()).chain(cookies).collect()
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
            let name = tape.name_of(&request);
            if !tape.records {
                return tape.replay(&name);
            }
            let (is_secret, credentials) = (grants(&request), credentials(&request));
            let is_head = request.method() == http::Method::HEAD;
            let (parts, body) = inner.oneshot(request).await?.into_parts();
            let bytes = axum::body::to_bytes(axum::body::Body::new(body), usize::MAX).await?;
            let mut headers = kept(&parts.headers, credentials, is_head);
            // Any of them may contain a token.
            headers.retain(|(name, _)| !is_secret || name == header::CONTENT_TYPE.as_str());
            let mut exchange = Exchange::new(name, parts.status, headers, &bytes);
            if is_secret {
                exchange.mask();
            }
            tape.record(exchange, &pushed(&parts.headers, credentials))?;
            Ok(http::Response::from_parts(parts, HttpBody::from(bytes)))
        })
    }
}
