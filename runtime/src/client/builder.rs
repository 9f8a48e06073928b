//! Builds a client.

mod build;
mod session;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::ApiClient;
use crate::logic::mask;
use crate::ports::clock::Clock;
#[cfg(not(target_family = "wasm"))]
use crate::ports::connections::Make;
use crate::ports::spawn::Spawn;
use crate::ports::store::TokenStore;
use crate::ports::transport::{HttpLayer, Layers};
use crate::session::Session;
use crate::session::policy::{EventHook, LogoutHook, Settings};
use crate::session::renew::Renew;

/// Builds a typed client.
///
/// ```
/// # use perennial::{api_client, Result};
/// # #[api_client]
/// # pub trait Shop {
/// #     #[get("/health")]
/// #     async fn health(&self) -> Result<()>;
/// # }
/// # fn main() -> Result<()> {
/// let shop = ShopClient::builder("http://127.0.0.1:8080")
///     .on_event(|event| println!("{event:?}"))
///     .on_logout(|why| println!("please sign in: {why}"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct ClientBuilder<C> {
    plan: Plan,
    of: PhantomData<fn() -> C>,
}

/// The settings of a builder. They do not depend on the client's type, so that building is compiled once and not
/// for each client.
struct Plan {
    base: String,
    #[cfg(not(target_family = "wasm"))]
    http: reqwest::ClientBuilder,
    /// Creates the same settings again, if possible.
    #[cfg(not(target_family = "wasm"))]
    http_again: Option<Make>,
    #[cfg(target_family = "wasm")]
    http: crate::ports::browser::options::FetchOptions,
    layers: Layers,
    session: Option<Session>,
    store: Option<Arc<dyn TokenStore>>,
    realm: Option<String>,
    refresh: Option<Arc<dyn Renew>>,
    clock: Option<Arc<dyn Clock>>,
    spawner: Option<Arc<dyn Spawn>>,
    on_event: Option<EventHook>,
    on_logout: Option<LogoutHook>,
    settings: Settings,
    /// The most recently set option that belongs to the session, and so to the client that creates the session.
    of_session: Option<&'static str>,
    body_limit: usize,
    hosts: Vec<(Box<str>, String)>,
    values: http::Extensions,
    #[cfg(feature = "gzip-requests")]
    gzip_from: Option<u64>,
}

/// Starts to build a client; an empty `base` means the declared one.
pub fn builder<C: ApiClient>(base: &str) -> ClientBuilder<C> {
    ClientBuilder { plan: Plan::new(base), of: PhantomData }
}

impl Plan {
    fn new(base: &str) -> Self {
        Self {
            base: base.to_owned(),
            http: Default::default(),
            #[cfg(not(target_family = "wasm"))]
            http_again: Some(Box::new(reqwest::Client::builder)),
            layers: Layers::default(),
            session: None,
            store: None,
            realm: None,
            refresh: None,
            clock: None,
            spawner: None,
            on_event: None,
            on_logout: None,
            settings: Settings::default(),
            of_session: None,
            body_limit: 16 * 1024 * 1024,
            hosts: Vec::new(),
            values: http::Extensions::new(),
            #[cfg(feature = "gzip-requests")]
            gzip_from: None,
        }
    }
}

impl<C: ApiClient> ClientBuilder<C> {
    /// reqwest's own settings: proxies, certificates, HTTP/2, cookies, user agent, pools. Its redirect policy has
    /// no effect, since perennial follows redirects itself to protect the token.
    ///
    /// A cookie store belongs to the client and does not know about sessions. If the server keeps the login or the
    /// refresh token in a cookie, all sessions of the client act as the last user who signed in, so build one
    /// client for each user instead. If the response that says "expired" also clears the cookies, the replay is
    /// sent without the cookies of the first attempt. If the API needs such values, declare them as headers of the
    /// method, which are the same for each attempt.
    ///
    /// With these settings, a refresh shares the pooled connections of the calls. If the server closes idle
    /// connections without notice, use [`http_with`](ClientBuilder::http_with).
    #[cfg(not(target_family = "wasm"))]
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.plan.http = http;
        self.plan.http_again = None;
        self
    }

    /// The same settings, as a function, which is called a second time for the connections of refreshes.
    ///
    /// A refresh fails if the server closes an idle connection at the moment when the refresh is sent on it, and
    /// then it is unknown whether the refresh token was used. So refreshes use fresh connections, as they do with
    /// the default settings. To share a cookie jar between the two, set it as a `cookie_provider`.
    ///
    /// ```
    /// # use perennial::{api_client, Result};
    /// # #[api_client]
    /// # pub trait Shop {
    /// #     #[get("/health")]
    /// #     async fn health(&self) -> Result<()>;
    /// # }
    /// # fn main() -> Result<()> {
    /// let shop = ShopClient::builder("http://shop.example")
    ///     .http_with(|http| http.user_agent("shop/1"))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(not(target_family = "wasm"))]
    pub fn http_with(
        mut self,
        settings: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.plan.http = settings(reqwest::Client::builder());
        self.plan.http_again = Some(Box::new(move || settings(reqwest::Client::builder())));
        self
    }

    /// The settings of `fetch`: cookies, and the browser's HTTP cache.
    #[cfg(target_family = "wasm")]
    pub const fn fetch(mut self, options: crate::ports::browser::options::FetchOptions) -> Self {
        self.plan.http = options;
        self
    }

    /// Sets the base URL of a host that methods name, as in `#[post("/token", refresh, host = "accounts")]`.
    ///
    /// [`build`](ClientBuilder::build) fails if a named host is missing, or if no method names it.
    ///
    /// ```
    /// # use perennial::{api_client, Result, Tokens};
    /// # #[api_client(auth(bearer, expired(status = 401)))]
    /// # pub trait Music {
    /// #     #[post("/api/token", refresh, host = "accounts")]
    /// #     async fn refresh(&self) -> Result<Tokens>;
    /// # }
    /// # fn main() -> Result<()> {
    /// let music = MusicClient::builder("http://api.music.example")
    ///     .host("accounts", "http://accounts.music.example")
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn host(mut self, name: impl Into<String>, base: impl Into<String>) -> Self {
        self.plan.hosts.push((name.into().into(), base.into()));
        self
    }

    /// Gives a value to the parameters of a `refresh` method that are not created from the tokens: a client id, a
    /// secret, a tenant. Values are found by their type. A second value of the same type replaces the first.
    ///
    /// [`build`](ClientBuilder::build) fails if a value is missing.
    ///
    /// ```
    /// # use perennial::{api_client, RefreshToken, Result, Tokens};
    /// #[derive(Clone, serde::Serialize)]
    /// pub struct ClientId(String);
    /// # impl std::fmt::Display for ClientId {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
    /// # }
    ///
    /// #[api_client(auth(bearer, expired(status = 401)))]
    /// pub trait Music {
    ///     #[post("/token", refresh, public, fields("grant_type" = "refresh_token"))]
    ///     async fn refresh(
    ///         &self,
    ///         #[field] client_id: ClientId,
    ///         #[field] refresh_token: RefreshToken,
    ///     ) -> Result<Tokens>;
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// let music = MusicClient::builder("http://music.example")
    ///     .value(ClientId("app".to_owned()))
    ///     .build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn value<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.plan.values.insert(value);
        self
    }

    /// Adds a tower layer around each request and response. The first layer is the outermost.
    ///
    /// Every attempt passes through it, and so does each redirect that is followed. An
    /// [`Attempt`](crate::layer::Attempt) is in the extensions of the request.
    pub fn layer<L: HttpLayer>(mut self, layer: L) -> Self {
        self.plan.layers.push(layer);
        self
    }

    /// Adds a layer for some endpoints only, given by the names of their methods: a limit for one, a cache for
    /// another. Requests of other endpoints bypass it.
    ///
    /// ```
    /// # use perennial::{api_client, Result};
    /// # #[api_client]
    /// # pub trait Shop {
    /// #     #[get("/search")]
    /// #     async fn search(&self) -> Result<String>;
    /// # }
    /// # fn main() -> Result<()> {
    /// let limit = tower::limit::ConcurrencyLimitLayer::new(2);
    /// let shop = ShopClient::builder("http://shop.example").layer_for(["search"], limit).build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn layer_for<'n, L: HttpLayer>(
        mut self,
        names: impl IntoIterator<Item = &'n str>,
        layer: L,
    ) -> Self {
        self.plan.layers.push_for(names.into_iter().map(Into::into).collect(), layer);
        self
    }

    /// Compresses with gzip every body of at least this many bytes, and every body of unknown length. The server
    /// has to support it; only its documentation says whether it does. For a single call see
    /// [`Call::gzip`](crate::Call::gzip).
    #[cfg(feature = "gzip-requests")]
    pub const fn gzip_requests(mut self, from: u64) -> Self {
        self.plan.gzip_from = Some(from);
        self
    }

    /// The maximum size of a response that is read into a value, a text or your own type, and of a line or event of
    /// a stream, in bytes after decompression; 16 MiB by default. A longer one fails with
    /// [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    ///
    /// A successful response of the type `Bytes` has no limit. If the server might exhaust the memory of this
    /// process, use a [`Download`](crate::Download), which arrives in chunks.
    pub const fn body_limit(mut self, limit: usize) -> Self {
        self.plan.body_limit = limit;
        self
    }
}

impl<C: ApiClient> fmt::Debug for ClientBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("api", &C::API.name)
            .field("endpoints", &C::API.endpoints.len())
            .field("base", &mask::address(&self.plan.base))
            .field("settings", &self.plan.settings)
            .finish_non_exhaustive()
    }
}
