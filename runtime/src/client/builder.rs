//! Builds a client.

mod build;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::ApiClient;
use crate::__private::{MaybeSend, MaybeSync};
use crate::logic::backoff::Backoff;
use crate::logic::mask;
use crate::ports::clock::Clock;
#[cfg(not(target_family = "wasm"))]
use crate::ports::connections::Make;
use crate::ports::spawn::Spawn;
use crate::ports::store::TokenStore;
use crate::ports::transport::{HttpLayer, Layers};
use crate::session::Session;
use crate::session::policy::{EventHook, LogoutHook, Settings};
use crate::session::renew::{ByHand, Refresh, Renew};
use crate::types::error::Error;
use crate::types::event::Event;

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
    client: PhantomData<fn() -> C>,
}

/// The settings of a builder. They do not know the client's type, so that building is compiled
/// once, and not for each client.
struct Plan {
    base: String,
    #[cfg(not(target_family = "wasm"))]
    http: reqwest::ClientBuilder,
    /// Makes the same settings again, if that can be done.
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
    /// The last setting that was given and that a session has from the client that makes it.
    of_session: Option<&'static str>,
    body_limit: usize,
    hosts: Vec<(Box<str>, String)>,
    values: http::Extensions,
    #[cfg(feature = "gzip-requests")]
    gzip_from: Option<u64>,
}

/// Starts to build a client; an empty `base` means the declared one.
pub fn builder<C: ApiClient>(base: &str) -> ClientBuilder<C> {
    ClientBuilder { plan: Plan::new(base), client: PhantomData }
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
    /// reqwest's own settings: proxies, certificates, HTTP/2, cookies, user agent, pools. Redirects
    /// are the one thing that it does not decide: they are followed with care for the token.
    ///
    /// A cookie store belongs to the client and knows nothing of sessions. Where the server keeps the
    /// login or the refresh token in a cookie, the last user who signed in is everybody: build one client for
    /// each user then, instead of one client with many sessions. And a server that empties the cookie jar with
    /// the very response that says "expired" breaks the replay, which then goes out without the cookies of the
    /// first attempt: send what the API needs as headers of the method, which are the same for each attempt.
    ///
    /// A refresh then shares the pooled connections of the calls, since these settings exist once. If the server
    /// closes idle connections without notice, give them with [`http_with`](ClientBuilder::http_with).
    #[cfg(not(target_family = "wasm"))]
    pub fn http(mut self, http: reqwest::ClientBuilder) -> Self {
        self.plan.http = http;
        self.plan.http_again = None;
        self
    }

    /// The same settings as a function, which is called a second time for the connections of refreshes.
    ///
    /// A refresh that goes out on an idle connection while the server closes it fails, and nobody knows whether
    /// its refresh token was spent. So refreshes take fresh connections, here as with the default settings.
    /// A cookie jar is to be shared between the two: give it as a `cookie_provider`.
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

    /// Sets a host that methods name, as in `#[post("/token", refresh, host = "accounts")]`: the base of their paths.
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

    /// Gives a value, by its type, to the parameters of a `refresh` method that are not created from the tokens: a
    /// client id, a secret, a tenant. A second value of the same type replaces the first.
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

    /// A tower layer over each request and answer. The first that is given is the outermost.
    ///
    /// Every attempt passes through it afresh, and each redirect that is followed; an
    /// [`Attempt`](crate::layer::Attempt) is in the extensions of the request.
    pub fn layer<L: HttpLayer>(mut self, layer: L) -> Self {
        self.plan.layers.push(layer);
        self
    }

    /// The same for some endpoints alone, by the names of their methods: a limit for one, a cache for
    /// another. Requests of the others pass it by.
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

    /// Compresses every body of so many bytes and more with gzip, and every body whose length nobody
    /// knows. The server has to understand it, and nothing but its documentation says whether it does.
    /// For one call see [`Call::gzip`](crate::Call::gzip).
    #[cfg(feature = "gzip-requests")]
    pub const fn gzip_requests(mut self, from: u64) -> Self {
        self.plan.gzip_from = Some(from);
        self
    }

    /// Where tokens outlive the session. The default keeps them in memory.
    ///
    /// If a session of this process keeps its tokens in the same place already, it is shared, as with
    /// [`session`](ClientBuilder::session): two of them would refresh against each other.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.plan.store = Some(Arc::new(store));
        self.plan.of_session = Some("store");
        self
    }

    /// Names the issuer of the tokens in the [`store`](ClientBuilder::store); by default it is the origin of
    /// the base URL.
    ///
    /// Stored tokens are bound to it. A client with another base URL on the same store neither sends nor
    /// overwrites them: it is signed out, and an [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) says so.
    /// Use one name where several base URLs accept the same tokens, such as the regions of one server.
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.plan.realm = Some(name.into());
        self.plan.of_session = Some("realm");
        self
    }

    /// Shares the session of another client, and with it the refresh, the store, the hooks and the limits:
    /// they were given to the client that made the session, and [`build`](ClientBuilder::build) refuses them
    /// here. A [`refresh`](ClientBuilder::refresh) is taken if nothing renews the session yet.
    pub fn session(mut self, session: &Session) -> Self {
        self.plan.session = Some(session.clone());
        self
    }

    /// Renews the first credential by the user's own code, instead of by the method that is marked
    /// `refresh`.
    pub fn refresh(self, refresh: impl Refresh) -> Self {
        self.renew(Arc::new(ByHand(refresh)))
    }

    pub(crate) fn renew(mut self, renew: Arc<dyn Renew>) -> Self {
        self.plan.refresh = Some(renew);
        self
    }

    /// Runs once per login, with the reason, when the session ends: the user has to sign in again. It is not
    /// called when the user signs out. [`Error::session`] says which session it was, where many share
    /// the hook.
    ///
    /// It is called outside of all locks, and before the calls that waited for the refresh fail: a caller that
    /// gets [`ErrorKind::SessionLost`](crate::ErrorKind::SessionLost) after a wait finds that the hook has run. A call that starts
    /// meanwhile does not wait for it. A hook that blocks holds the others up for a second at most, where
    /// the runtime has another thread; its panic is caught.
    pub fn on_logout(mut self, hook: impl Fn(&Error) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_logout = Some(Box::new(hook));
        self.plan.of_session = Some("on_logout");
        self
    }

    /// Receives every refresh and every replay. It runs outside of all locks, on the task in which
    /// the event happens, and should be short; its panic is caught. [`Event::session`] says which session
    /// it is about.
    ///
    /// Hooks live as long as the client and the sessions that were made from its own. A hook that holds a
    /// [`Session`] of its own client keeps it for ever: hold its [`id`](Session::id) instead.
    pub fn on_event(mut self, hook: impl Fn(&Event) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_event = Some(Box::new(hook));
        self.plan.of_session = Some("on_event");
        self
    }

    /// How long one refresh may take; 10 seconds by default. The calls that wait for it fail after that.
    ///
    /// Every call waits while a refresh hangs, so the default is how long people keep their attention on a task.
    /// A token endpoint that is started on demand may want more.
    pub const fn refresh_timeout(mut self, limit: Duration) -> Self {
        self.plan.settings.refresh_timeout = limit;
        self.plan.of_session = Some("refresh_timeout");
        self
    }

    /// The pause after a refresh that failed, in which calls that need a new token fail at once: `first` after
    /// one failure, twice as long after each further one in a row, and at most `longest`. 300 milliseconds and
    /// one minute by default. Each pause is up to half as long again, at random, so that clients which failed
    /// together do not return together. A `Retry-After` of the server makes it longer, up to five minutes.
    pub const fn cooldown(mut self, first: Duration, longest: Duration) -> Self {
        self.plan.settings.cooldown = Backoff::new(first, longest);
        self.plan.of_session = Some("cooldown");
        self
    }

    /// Ends the session after so many refusals of a refresh in a row; by default no number of them does.
    ///
    /// A refusal is a response of the server that is not declared as final: a gateway's 403, a maintenance
    /// code, an empty body. It may be gone a minute later, while a session that has ended needs the user to
    /// sign in again. Responses that are known to be final, by `rejected(..)`, `logout(..)`, or OAuth 2's
    /// `invalid_grant`, end the session at once. Timeouts, lost connections and 5xx statuses do not count.
    pub const fn give_up_after(mut self, refusals: u32) -> Self {
        self.plan.settings.give_up_after = Some(refusals);
        self.plan.of_session = Some("give_up_after");
        self
    }

    /// How many calls may wait for a refresh; 100,000 by default. Further ones fail at once.
    pub const fn queue_limit(mut self, limit: usize) -> Self {
        self.plan.settings.queue_limit = limit;
        self.plan.of_session = Some("queue_limit");
        self
    }

    /// How many of the calls that waited are sent at once after a refresh; all of them by default.
    pub const fn replay_concurrency(mut self, limit: usize) -> Self {
        self.plan.settings.replay_concurrency = if limit == 0 { 1 } else { limit };
        self.plan.of_session = Some("replay_concurrency");
        self
    }

    /// Sends calls that start during a refresh with the old token, as long as nothing says that
    /// it has expired; by default they wait for the new one.
    pub const fn send_during_refresh(mut self, send: bool) -> Self {
        self.plan.settings.send_during_refresh = send;
        self.plan.of_session = Some("send_during_refresh");
        self
    }

    /// Renews tokens in the background before they expire, whether calls are made or not; off by default.
    /// It works where the server declares a lifetime. It stops with the last handle of the session.
    pub const fn refresh_ahead(mut self, ahead: bool) -> Self {
        self.plan.settings.refresh_ahead = ahead;
        self.plan.of_session = Some("refresh_ahead");
        self
    }

    /// The longest response that is read into a value, a text or a type of your own, and the longest line
    /// or event of a stream, in bytes; 16 MiB by default. What counts is what a compressed response
    /// unpacks to. A longer one is [`ErrorKind::TooLarge`](crate::ErrorKind::TooLarge).
    ///
    /// A good response that is asked for as `Bytes` is not bounded: where the server is not trusted with
    /// the memory of this process, a [`Download`](crate::Download) brings it piece by piece.
    pub const fn body_limit(mut self, limit: usize) -> Self {
        self.plan.body_limit = limit;
        self
    }

    /// Where time comes from; the system by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.plan.clock = Some(Arc::new(clock));
        self.plan.of_session = Some("clock");
        self
    }

    /// Where a refresh runs; on the caller's tokio runtime by default.
    pub fn spawner(mut self, spawner: impl Spawn) -> Self {
        self.plan.spawner = Some(Arc::new(spawner));
        self.plan.of_session = Some("spawner");
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
