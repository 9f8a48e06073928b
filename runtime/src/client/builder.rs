//! Builds a client. The functions whose arguments must meet a bound are in the module of the type, since the compiler
//! names that module where the bound is not met.

mod build;
#[cfg(all(feature = "cookies", not(target_family = "wasm")))]
mod cookies;
pub(crate) mod other_names;
mod plan;
mod session;
#[cfg(not(target_family = "wasm"))]
mod token_cookies;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use plan::Plan;

use super::ApiClient;
use crate::__private::{MaybeSend, MaybeSync};
use crate::logic::mask;
use crate::ports::clock::Clock;
use crate::ports::spawn::Spawn;
use crate::ports::store::TokenStore;
use crate::ports::transport::HttpLayer;
use crate::session::renew::{ByHand, Refresh, Renew};
use crate::types::error::Error;
use crate::types::event::Event;
use crate::types::names::Names;

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

/// The argument of [`ClientBuilder::http`]: a builder of reqwest's client.
#[cfg(not(target_family = "wasm"))]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a builder of the version of reqwest that perennial uses",
    label = "write `perennial::reqwest::Client::builder()` and its settings, without `.build()`"
)]
pub trait HttpSettings {
    /// The builder.
    fn settings(self) -> reqwest::ClientBuilder;
}

#[cfg(not(target_family = "wasm"))]
#[diagnostic::do_not_recommend]
impl HttpSettings for reqwest::ClientBuilder {
    fn settings(self) -> reqwest::ClientBuilder {
        self
    }
}

/// Starts to build a client; an empty `base` means the declared one.
pub fn builder<C: ApiClient>(base: &str) -> ClientBuilder<C> {
    ClientBuilder { plan: Plan::new(base), of: PhantomData }
}

impl<C: ApiClient> ClientBuilder<C> {
    /// Sets reqwest's own settings: proxies, certificates, HTTP/2, cookies, user agent, pools. Its redirect policy has
    /// no effect, since perennial follows redirects itself to protect the token.
    ///
    /// A cookie store belongs to the client and does not know about sessions. If the server keeps the login or the
    /// refresh token in a cookie, all sessions of the client act as the last user who signed in, so build one client
    /// for each user instead. If the API declares that cookie as its token, `auth(cookie = ..)`, pass the store to
    /// `cookie_provider` of this builder, which leaves that cookie to the session. If an expired response also clears
    /// cookies, the replay is sent without them. If the API needs them, pass their values as headers, which are the
    /// same for each attempt.
    ///
    /// With these settings, a refresh shares the pooled connections of the calls. If the server closes idle
    /// connections without notice, use [`http_with`](ClientBuilder::http_with).
    #[cfg(not(target_family = "wasm"))]
    pub fn http(mut self, http: impl HttpSettings) -> Self {
        self.plan.http = http.settings();
        self.plan.http_again = None;
        self
    }

    /// Like [`http`](ClientBuilder::http), but takes a function, so that refreshes get connections of their own: the
    /// function is called twice.
    ///
    /// A refresh fails if the server closes an idle connection just as the refresh is sent on it; the client then
    /// cannot know whether the refresh token was used. With this function, as by default, refreshes therefore use fresh
    /// connections. To share a cookie jar between both clients, set it as a `cookie_provider`, here or in this builder.
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

    /// Sets the options of `fetch`: cookies, and the browser's HTTP cache.
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

    /// Sets a value for parameters of a `refresh` method that are not created from the tokens: a client id, a secret, a
    /// tenant. Values are found by their type. A second call with the same type replaces the first value. Two
    /// parameters with different names and one plain type, such as `String`, are a compile error. A string constant is
    /// also the value of a `String`.
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
        if let Some(text) = (&value as &dyn Any).downcast_ref::<&'static str>() {
            self.plan.values.insert((*text).to_owned());
        }
        self.plan.values.insert(value);
        self
    }

    /// Adds a tower layer around each request and response. The first layer is the outermost.
    ///
    /// Every attempt passes through the layer, and so does each redirect that is followed. An
    /// [`Attempt`](crate::layer::Attempt) is in the extensions of the request.
    pub fn layer<L: HttpLayer>(mut self, layer: L) -> Self {
        self.plan.layers.push(layer);
        self
    }

    /// Adds a layer only for the endpoints with these method names: a limit for one, a cache for another. Requests of
    /// other endpoints bypass it.
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
    pub fn layer_for<K, L: HttpLayer>(mut self, names: impl Names<K>, layer: L) -> Self {
        self.plan.layers.push_for(names.into_names().map(Into::into).collect(), layer);
        self
    }

    /// Sets where tokens are stored beyond the life of the session. By default they are kept in memory.
    ///
    /// If a session of this process already uses the same location, it is shared, as with
    /// [`session`](ClientBuilder::session), since two sessions would invalidate each other's tokens.
    pub fn store(mut self, store: impl TokenStore) -> Self {
        self.plan.store = Some(Arc::new(store));
        self.plan.of_session = Some("store");
        self
    }

    /// Sets the name of the issuer of the tokens in the [`store`](ClientBuilder::store); by default it is the origin of
    /// the base URL.
    ///
    /// Stored tokens are bound to it. A client with another base URL on the same store neither sends nor overwrites
    /// them: it is signed out, and an [`EventKind::StoreFailed`](crate::EventKind::StoreFailed) reports this. If
    /// several base URLs accept the same tokens, such as the regions of one server, use one name for all of them.
    pub fn realm(mut self, name: impl Into<String>) -> Self {
        self.plan.realm = Some(name.into());
        self.plan.of_session = Some("realm");
        self
    }

    /// Refreshes the first credential with your own code, instead of the method marked `refresh`.
    pub fn refresh(self, refresh: impl Refresh) -> Self {
        self.renew(Arc::new(ByHand(refresh)))
    }

    pub(crate) fn renew(mut self, renew: Arc<dyn Renew>) -> Self {
        self.plan.refresh = Some(renew);
        self
    }

    /// Registers a hook that is called when the session ends and the user has to sign in again: once per login, with
    /// the reason, and not when the user signs out. If many sessions share the hook, [`Error::session`] identifies the
    /// session that ended.
    ///
    /// The hook runs without any lock, and before the calls that waited for the refresh fail: when a caller gets
    /// [`ErrorKind::SessionLost`](crate::ErrorKind::SessionLost) after a wait, the hook has already run. A call that
    /// starts meanwhile does not wait for the hook. If the hook blocks and the runtime has another thread, it delays
    /// the other calls for a second at most. Its panics are caught.
    pub fn on_logout(mut self, hook: impl Fn(&Error) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_logout = Some(Box::new(hook));
        self.plan.of_session = Some("on_logout");
        self
    }

    /// Registers a hook that is called for every event: each refresh, each replay and all others. The hook runs without
    /// any lock, on the task that caused the event. Keep it short. Its panics are caught. [`Event::session`] identifies
    /// the session.
    ///
    /// Hooks live as long as the client and its sessions. A hook that holds a [`Session`](crate::Session) of its own
    /// client keeps that session alive forever: hold its [`id`](crate::Session::id) instead.
    pub fn on_event(mut self, hook: impl Fn(&Event) + MaybeSend + MaybeSync + 'static) -> Self {
        #[cfg(target_family = "wasm")]
        let hook = crate::ports::browser::on_this_thread(hook);
        self.plan.on_event = Some(Box::new(hook));
        self.plan.of_session = Some("on_event");
        self
    }

    /// Sets the source of time; the system clock by default.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.plan.clock = Some(Arc::new(clock));
        self.plan.of_session = Some("clock");
        self
    }

    /// Sets where refreshes run; the caller's tokio runtime by default.
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
