//! A server, a client that is signed in at it, and what happened to the session.

use perennial::{ApiClient, ClientBuilder, Result, Session, Tokens};
use perennial_tests::{Hold, Issued, Protocol, Server};
use serde_json::Value;
use tokio::task::JoinHandle;

use super::{Order, ShopClient, Told, Turned};

/// A server and a client that is signed in at it as `ann`, with a token of unknown lifetime.
pub struct World {
    pub server: Server,
    pub shop: ShopClient,
    pub issued: Issued,
    pub told: Told,
    /// The client's clock, which the server does not see.
    pub clock: Turned,
}

impl World {
    /// The article's protocol.
    pub async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    /// Other settings.
    pub async fn with(
        settings: impl FnOnce(ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient>,
    ) -> Self {
        Self::of(Protocol::article(), 0, settings).await
    }

    /// Another protocol, as far as the trait can speak it.
    pub async fn speaking(protocol: Protocol) -> Self {
        Self::of(protocol, 0, |builder| builder).await
    }

    /// The same, with an expired token.
    pub async fn expired() -> Self {
        let world = Self::new().await;
        world.server.expire_all();
        world
    }

    /// A refresh that is held at the server, and the call that waits for it.
    pub async fn refreshing() -> (Self, Hold, JoinHandle<Result<Value>>) {
        let world = Self::expired().await;
        let hold = world.server.hold_refresh();
        let call = tokio::spawn(world.shop.fast());
        hold.arrived(1).await;
        (world, hold, call)
    }

    /// A clock that is so many seconds ahead of the server's.
    pub async fn ahead(protocol: Protocol, seconds: i64) -> Self {
        Self::of(protocol, seconds, |builder| builder).await
    }

    async fn of(
        protocol: Protocol,
        ahead: i64,
        settings: impl FnOnce(ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient>,
    ) -> Self {
        let server = Server::start(protocol);
        let issued = server.issue("ann");
        let (told, clock) = (Told::default(), Turned::ahead(ahead));
        let shop = settings(builder(&server, &told).clock(clock.clone())).build().unwrap();
        shop.session().login(tokens(&issued)).await.unwrap();
        Self { server, shop, issued, told, clock }
    }

    /// A second client with a session of its own, signed in as another user.
    pub async fn other(&self, user: &str) -> ShopClient {
        let shop = builder(&self.server, &Told::default()).build().unwrap();
        sign_in(&self.server, shop.session(), user).await;
        shop
    }

    pub fn session(&self) -> &Session {
        self.shop.session()
    }

    /// The access token that the session has now.
    pub fn access(&self) -> Option<String> {
        self.session().tokens().map(|tokens| tokens.access().to_owned())
    }

    /// Orders, each asked for on a task of its own.
    pub fn orders(&self, ids: std::ops::Range<u64>) -> Vec<JoinHandle<Result<Order>>> {
        ids.map(|id| tokio::spawn(self.shop.order(id))).collect()
    }

    /// Waits until so many calls wait for a refresh.
    pub async fn waiting(&self, calls: usize) {
        while self.session().stats().waiting < calls {
            tokio::task::yield_now().await;
        }
    }

    /// Waits until no refresh is under way.
    pub async fn landed(&self) {
        while self.session().stats().refreshing {
            tokio::task::yield_now().await;
        }
    }

    /// Refreshes and sends that the server counted, to be compared at once.
    pub fn wire(&self) -> (usize, usize) {
        (self.server.refreshes(), self.server.sends())
    }
}

/// Clients of any API, signed in at a server as ann, with a token of unknown lifetime.
pub(crate) trait SignedIn: ApiClient {
    /// A server that speaks as the article does, and a client of it.
    async fn with_server() -> (Server, Self) {
        let server = Server::start(Protocol::article());
        let client = Self::signed_in(&server).await;
        (server, client)
    }

    /// A client of this server.
    async fn signed_in(server: &Server) -> Self {
        Self::signed_in_with(server, |builder| builder).await
    }

    /// The same with other settings.
    async fn signed_in_with(
        server: &Server,
        settings: impl FnOnce(ClientBuilder<Self>) -> ClientBuilder<Self>,
    ) -> Self {
        let client = settings(Self::builder(&server.origin())).build().unwrap();
        client.session().login(tokens(&server.issue("ann"))).await.unwrap();
        client
    }
}

impl<C: ApiClient> SignedIn for C {}

/// A builder for a client of this server, whose hooks are listened to.
pub fn builder(server: &Server, told: &Told) -> ClientBuilder<ShopClient> {
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    told.watch(ShopClient::builder(server.origin()).http(http))
}

/// Tokens as the server has issued them, of unknown lifetime.
pub fn tokens(issued: &Issued) -> Tokens {
    let tokens = Tokens::new(&*issued.access);
    match &issued.refresh {
        Some(refresh) => tokens.with_refresh(refresh),
        None => tokens,
    }
}

/// The same with the lifetime that the server tells.
pub fn lasting(issued: &Issued) -> Tokens {
    tokens(issued).expires_in(issued.lifetime)
}

/// Signs a user in without a request.
pub async fn sign_in(server: &Server, session: &Session, user: &str) -> Issued {
    let issued = server.issue(user);
    session.login(lasting(&issued)).await.unwrap();
    issued
}
