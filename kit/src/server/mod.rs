//! The server, as a test uses it.

mod counts;
mod shared;
mod tokens;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, any};
use http::StatusCode;
use perennial::ApiClient;
use perennial::serve::Serve;
use serde_json::Value;

use crate::conduct::{Payload, Unmatched};
use crate::declared::Declared;
use crate::hold::Hold;
use crate::issuer::Issuer;
use crate::protocol::Protocol;
use crate::record::Journal;
use crate::script::{Script, Scripts};
use crate::wire::{self, Stop};
use crate::{Reply, Route};
use shared::Routes;
pub(crate) use shared::Shared;
pub use tokens::Tokens;

/// A strict server on the loopback interface, which counts everything that arrives.
///
/// It runs as tasks on the runtime in which it was started, so that a paused clock applies to it too, and stops
/// when it is dropped. In a test that is not async, for example of a program with the feature `blocking`, it runs
/// on its own thread.
///
/// ```
/// use perennial_test::Server;
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
/// let server = Server::declared::<ShopClient>();
/// server.offer("/stock/{id}", 14.into());
/// let shop = ShopClient::builder(server.origin()).build()?;
/// shop.login("ann").await?;
/// server.expire_all();
/// assert_eq!(shop.stock(7).await?, 14);
/// assert_eq!((server.sends(), server.expiries(), server.refreshes()), (2, 1, 1));
///
/// server.revoke_all();
/// assert!(shop.stock(7).await.is_err());
/// server.shut().await;
/// assert!(shop.login("ann").await.is_err()); // nobody listens
/// server.reopen();
/// shop.login("ann").await?;
/// assert_eq!((server.logins(), server.reuses()), (2, 0));
/// # Ok(())
/// # }
/// ```
///
/// # Panics
///
/// Dropping it panics if a refresh token was used twice, unless [`expect_reuse`](Self::expect_reuse) was called, so
/// that no reuse goes unnoticed.
pub struct Server {
    address: SocketAddr,
    origin: String,
    shared: Arc<Shared>,
    stop: Mutex<Option<Stop>>,
}

impl Server {
    /// Starts a server on a free port of the loopback interface. The protocol, such as [`Protocol::pairs`], determines
    /// how the server handles tokens; for the authentication that a trait declares, see [`declared`](Self::declared)
    /// and [`serve`](Self::serve).
    ///
    /// ```
    /// use perennial_test::{Protocol, Server};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let server = Server::start(Protocol::pairs());
    /// assert!(server.origin().starts_with("http://127.0.0.1:"));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the loopback interface has no free port.
    #[must_use]
    pub fn start(protocol: Protocol) -> Self {
        Self::with_credentials([protocol])
    }

    /// Starts a server with several credentials. Every route that is not public requires the first credential;
    /// [`ask`](Self::ask) makes a route require others.
    ///
    /// # Panics
    ///
    /// Like [`start`](Self::start), and if there is no protocol.
    #[must_use]
    pub fn with_credentials(protocols: impl IntoIterator<Item = Protocol>) -> Self {
        Self::run(protocols.into_iter().map(Issuer::new).collect(), None)
    }

    /// Starts a server with the declared authentication of a client, without an implementation: the test adds the
    /// responses with [`route`](Self::route), [`offer`](Self::offer) and [`on`](Self::on). Logins and refreshes
    /// are granted in the form that [`perennial::Tokens`] decodes.
    ///
    /// A call with an expired token gets a response that matches the first rule of `expired(..)`, or HTTP 401 without
    /// such a rule.
    ///
    /// # Panics
    ///
    /// Like [`start`](Self::start).
    #[must_use]
    pub fn declared<C: ApiClient>() -> Self {
        let (issuers, declared) = Declared::of::<C>(None, &|protocol| protocol);
        Self::run(issuers, Some(declared))
    }

    /// Starts a server with the declared authentication of a client, in front of an implementation of its trait, which
    /// is declared with `#[api_client(serve)]`. Name the client, and let the compiler infer the type of the
    /// implementation: `Server::serve::<ShopClient, _>(FakeShop)`.
    ///
    /// The implementation grants logins and refreshes; the server replaces the tokens that the implementation returns
    /// with its own. If the implementation returns an error, nothing is issued and no refresh token is used.
    ///
    /// # Panics
    ///
    /// Like [`start`](Self::start).
    #[must_use]
    pub fn serve<Client, S>(implementation: S) -> Self
    where
        Client: Serve<S>,
        S: Send + Sync + 'static,
    {
        let service = perennial::serve::service::<Client, S>(implementation);
        let (issuers, declared) = Declared::of::<Client>(Some(service), &|protocol| protocol);
        Self::run(issuers, Some(declared))
    }

    /// A server whose implementation grants tokens, and whose ordinary calls all succeed.
    pub(crate) fn for_drill<C, S>(implementation: S, truth: &dyn Fn(Protocol) -> Protocol) -> Self
    where
        C: Serve<S>,
        S: Send + Sync + 'static,
    {
        let service = perennial::serve::service::<C, S>(implementation);
        let (issuers, declared) = Declared::of::<C>(Some(service), truth);
        let server = Self::run(issuers, Some(declared.without_calls()));
        server.shared.routes.write().unwrap_or_else(PoisonError::into_inner).router =
            Router::new().fallback(|| async { Payload(Value::Null) });
        server
    }

    pub(crate) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The issuers of the credentials, in their declared order.
    pub(crate) fn issuers(&self) -> &[Issuer] {
        &self.shared.issuers
    }

    fn run(issuers: Vec<Issuer>, declared: Option<Declared>) -> Self {
        let _runtime = wire::entered();
        let unmatched = || async {
            let mut response = StatusCode::NOT_FOUND.into_response();
            response.extensions_mut().insert(Unmatched);
            response
        };
        let shared = Arc::new(Shared {
            issuers,
            journal: Journal::new(),
            scripts: Scripts::default(),
            routes: RwLock::new(Routes {
                router: Router::new().fallback(unmatched),
                paths: Vec::new(),
                public: Vec::new(),
                asking: Vec::new(),
            }),
            declared,
        });
        assert!(!shared.issuers.is_empty(), "a server has at least one credential");
        let listener =
            wire::listen((Ipv4Addr::LOCALHOST, 0).into()).expect("the loopback has a free port");
        let address = listener.local_addr().expect("a listening socket has an address");
        let stop = wire::accept(listener, Arc::clone(&shared));
        let origin = format!("http://{address}");
        Self { address, origin, shared, stop: Mutex::new(Some(stop)) }
    }

    /// `http://127.0.0.1:<port>`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.origin.clone()
    }

    /// Returns the whole URL of a path after the base.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{}{path}", self.origin(), self.first().protocol.base)
    }

    /// The protocol of the server.
    #[must_use]
    pub fn protocol(&self) -> &Protocol {
        &self.first().protocol
    }

    /// Adds a route that requires a token. If a handler returns a [`Payload`], it is put into the envelope; any
    /// other response is sent unchanged. If the path already exists, axum panics.
    ///
    /// # Panics
    ///
    /// If the path does not begin with `/`.
    #[track_caller]
    pub fn route(&self, path: &str, handler: MethodRouter) {
        assert!(path.starts_with('/'), "a route begins with a slash: write `/{path}`");
        let mut routes = self.shared.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.paths.push(path.to_owned());
        routes.router = std::mem::take(&mut routes.router).route(path, handler);
    }

    /// Adds the routes of a router, with responses as for [`route`](Self::route). `paths` are listed if a request
    /// matches no route.
    pub fn merge(&self, router: Router, paths: &[&str]) {
        let mut routes = self.shared.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.paths.extend(paths.iter().map(|path| (*path).to_owned()));
        routes.router = std::mem::take(&mut routes.router).merge(router);
    }

    /// Adds a route that responds to every method with this value.
    ///
    /// # Panics
    ///
    /// If the path does not begin with `/`, or already exists.
    #[track_caller]
    pub fn offer(&self, path: &str, value: Value) {
        self.route(path, any(move || async move { Payload(value) }));
    }

    /// Makes a route public: it requires no token.
    pub fn open(&self, route: impl Into<Route>) {
        let mut routes = self.shared.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.public.push(route.into());
    }

    /// Makes a route require these credentials, given by their index in
    /// [`with_credentials`](Self::with_credentials).
    pub fn ask(&self, route: impl Into<Route>, credentials: &[usize]) {
        let mut routes = self.shared.routes.write().unwrap_or_else(PoisonError::into_inner);
        routes.asking.push((route.into(), credentials.to_vec()));
    }

    /// Creates a response with this code, where the declared envelope has its code, or in `code` if no envelope is
    /// declared.
    ///
    /// ```
    /// # use perennial::{Result, api_client};
    /// # use perennial_test::Server;
    /// # #[api_client(envelope(code = "status.code", data = "data", ok = 0))]
    /// # pub trait Shop {
    /// #     #[get("/stock/{id}")]
    /// #     async fn stock(&self, id: u64) -> Result<u64>;
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// let server = Server::declared::<ShopClient>();
    /// server.on("/stock/{id}").nth(1).response(server.code(2001));
    /// let shop = ShopClient::builder(server.origin()).build()?;
    /// assert!(shop.stock(7).await.unwrap_err().has_code(2001));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn code(&self, code: impl Into<Value>) -> Reply {
        let envelope = self.shared.declared.as_ref().and_then(Declared::envelope);
        Reply::json(&perennial::serve::rejected(envelope, code.into(), None))
    }

    /// Starts a script for some requests of a route; see [`Script`].
    pub fn on(&self, route: impl Into<Route>) -> Script<'_> {
        Script::new(&self.shared.scripts, route.into())
    }

    /// Starts a script for refreshes; see [`on`](Self::on).
    pub fn on_refresh(&self) -> Script<'_> {
        self.on(self.first().roles.refresh.clone().unwrap_or_else(Route::never))
    }

    /// Starts a script for logins; see [`on`](Self::on).
    pub fn on_login(&self) -> Script<'_> {
        self.on(self.first().roles.login.clone().unwrap_or_else(Route::never))
    }

    /// Checks and processes the requests of a route when they arrive, and holds their responses.
    pub fn hold(&self, route: impl Into<Route>) -> Hold {
        self.on(route).hold()
    }

    /// Processes refreshes when they arrive, and holds their responses.
    pub fn hold_refresh(&self) -> Hold {
        self.on_refresh().hold()
    }

    /// Removes every script. Holds remain until they are released.
    pub fn behave(&self) {
        self.shared.scripts.clear();
    }

    /// Closes the port and every connection, and waits until that is done. All counts are kept.
    pub async fn shut(&self) {
        let stop = self.stop.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(stop) = stop {
            stop.send_replace(());
            stop.closed().await;
        }
    }

    /// Opens the port again after [`shut`](Self::shut).
    ///
    /// # Panics
    ///
    /// If another process has taken the port in the meantime.
    pub fn reopen(&self) {
        let _runtime = wire::entered();
        let listener = wire::listen(self.address).expect("the port is still free");
        let stop = wire::accept(listener, Arc::clone(&self.shared));
        *self.stop.lock().unwrap_or_else(PoisonError::into_inner) = Some(stop);
    }

    fn first(&self) -> &Issuer {
        &self.shared.issuers[0]
    }
}

/// Its [`origin`](Server::origin), so that a builder takes the server as its address.
impl AsRef<str> for Server {
    fn as_ref(&self) -> &str {
        &self.origin
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let expected = self.shared.issuers.iter().any(Issuer::reuse_is_expected);
        let reuses = self.reuses();
        if reuses > 0 && !expected && !std::thread::panicking() {
            panic!("a used refresh token was sent again, {reuses} time(s)");
        }
    }
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}
