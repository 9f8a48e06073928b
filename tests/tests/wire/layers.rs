//! The view of a layer, and the effect of reqwest's own settings, with an expiry in the middle of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::join_all;
use perennial::declared::Access;
use perennial::layer::{Attempt, HttpRequest, HttpResponse, HttpService};
use perennial::{BoxFuture, ClientBuilder, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tower::buffer::BufferLayer;
use tower::limit::RateLimitLayer;
use tower::timeout::TimeoutLayer;
use tower::util::MapRequestLayer;
use tower::{BoxError, Service, ServiceBuilder, ServiceExt as _};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), early = off),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/orders/{id}", retry(2, on = [503], backoff = "1ms..1ms"))]
    async fn order(&self, id: u64) -> Result<Value>;
    #[post("/echo")]
    async fn echo(&self, #[json] body: &Value, #[ext] tenant: Tenant) -> Result<Value>;
    #[get("/health", public)]
    async fn health(&self) -> Result<()>;
}

#[derive(Debug, Clone)]
pub struct Tenant(&'static str);

async fn signed_in(
    server: &Server,
    change: impl FnOnce(ClientBuilder<ShopClient>) -> ClientBuilder<ShopClient>,
) -> ShopClient {
    let shop = change(ShopClient::builder(server.origin())).build().unwrap();
    shop.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    shop
}

type Seen = Arc<Mutex<Vec<Attempt>>>;

/// A layer that notes what it sees and signs each attempt afresh.
fn watching(seen: &Seen) -> MapRequestLayer<impl Fn(HttpRequest) -> HttpRequest + Clone + use<>> {
    let seen = Arc::clone(seen);
    MapRequestLayer::new(move |mut request: HttpRequest| {
        let attempt = *request.extensions().get::<Attempt>().unwrap();
        let tenant = request.extensions().get::<Tenant>().map_or("", |tenant| tenant.0);
        let token = request.headers().get("x-token").map_or("", |token| token.to_str().unwrap());
        let body = request.body().as_bytes().unwrap_or_default().len();
        let signature = format!("{tenant}:{}:{token}:{body}", attempt.number);
        request.headers_mut().insert("x-signature", signature.parse().unwrap());
        seen.lock().unwrap().push(attempt);
        request
    })
}

#[tokio::test]
async fn a_layer_sees_each_attempt_with_its_endpoint_its_call_and_its_number() {
    let server = Server::start(Protocol::article());
    let seen = Seen::default();
    let shop = signed_in(&server, |it| it.layer(watching(&seen))).await;
    server.expire_all();
    server.on("GET /orders/7").nth(2).response(Reply::status(503));
    shop.order(7).await.unwrap();
    shop.health().await.unwrap();
    let seen = seen.lock().unwrap().clone();
    let told: Vec<_> = seen.iter().map(|it| (it.endpoint.name, it.number)).collect();
    // Expired, the refresh, the repeat that fails, its retry, and another call.
    let expected = [("order", 1), ("refresh", 1), ("order", 2), ("order", 3), ("health", 1)];
    assert_eq!(told, expected);
    let calls: BTreeSet<_> = seen.iter().map(|it| it.call).collect();
    assert_eq!(calls.len(), 3);
    assert!(seen[0].call == seen[2].call && seen[0].call == seen[3].call);
    let order = seen[0].endpoint;
    assert_eq!((order.path, order.method, order.access), ("/orders/{id}", "GET", Access::Required));
    assert_eq!(seen[4].endpoint.access, Access::Public);
}

#[tokio::test]
async fn a_signature_is_made_afresh_for_each_attempt() {
    let server = Server::start(Protocol::article());
    let seen = Seen::default();
    let shop = signed_in(&server, |it| it.layer_for(["echo"], watching(&seen))).await;
    server.expire_all();
    shop.echo(&json!({"a": 1}), Tenant("t")).await.unwrap();
    let sent = server.recorded_on("POST /echo");
    assert_eq!((sent.len(), server.refreshes()), (2, 1));
    for (at, one) in sent.iter().enumerate() {
        let token = one.header("x-token").unwrap();
        let expected = format!("t:{}:{token}:7", at + 1);
        assert_eq!(one.header("x-signature"), Some(&*expected));
    }
    assert_ne!(sent[0].header("x-signature"), sent[1].header("x-signature"));
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_applies_to_replays_as_well() {
    let server = Server::start(Protocol::article());
    let limit = ServiceBuilder::new()
        .layer(BufferLayer::<HttpRequest>::new(64))
        .layer(RateLimitLayer::new(5, Duration::from_secs(1)))
        .into_inner();
    let shop = signed_in(&server, |it| it.layer_for(["fast"], limit)).await;
    let hold = server.on("/fast").nth(8).hold_back();
    let calls = join_all((0..20).map(|_| shop.fast()));
    let script = async {
        hold.arrived(1).await;
        server.expire_all();
        hold.release();
    };
    let (answers, ()) = tokio::join!(calls, script);
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(server.refreshes(), 1);
    let at: Vec<_> = server.recorded_on("/fast").iter().map(|it| it.at).collect();
    assert!(at.len() > 20, "no call was repeated");
    for (one, sixth) in at.iter().zip(&at[5..]) {
        assert!(*sixth - *one >= Duration::from_millis(990), "{at:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_layer_affects_only_its_own_call() {
    let server = Server::start(Protocol::article());
    let limit = TimeoutLayer::new(Duration::from_secs(2));
    let shop = signed_in(&server, |it| it.layer_for(["fast"], limit)).await;
    server.on("/fast").nth(1).never();
    let error = shop.fast().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Transport, "{error}");
    let source = error.cause().unwrap();
    assert!(source.is::<tower::timeout::error::Elapsed>(), "{source}");
    server.expire_all();
    shop.fast().await.unwrap();
    assert_eq!((server.count("/fast"), server.refreshes()), (3, 1));
}

#[tokio::test]
async fn reqwests_own_settings_apply_to_every_attempt_and_to_the_refresh() {
    let server = Server::start(Protocol::article());
    let headers = [(http::header::ACCEPT_LANGUAGE, "fi".parse().unwrap())];
    let http = reqwest::Client::builder()
        .user_agent("shop/1")
        .default_headers(headers.into_iter().collect())
        .cookie_store(true)
        .pool_max_idle_per_host(1)
        .http2_prior_knowledge();
    let shop = signed_in(&server, |it| it.http(http)).await;
    let set = Reply::json(&json!({"code": 0, "data": 1})).header("set-cookie", "seat=7; Path=/");
    server.on("/fast").nth(1).response(set);
    shop.fast().await.unwrap();
    server.expire_all();
    shop.fast().await.unwrap();
    let sent = server.recorded();
    assert_eq!((sent.len(), server.refreshes()), (4, 1));
    for one in &sent {
        assert_eq!(one.header("user-agent"), Some("shop/1"));
        assert_eq!(one.header("accept-language"), Some("fi"));
    }
    let cookies: Vec<_> = sent.iter().map(|it| it.header("cookie")).collect();
    assert_eq!(cookies, [None, Some("seat=7"), Some("seat=7"), Some("seat=7")]);
}

#[tokio::test]
async fn every_attempt_goes_through_the_proxy_which_gets_the_whole_address() {
    let proxy = Server::start(Protocol::article());
    let http = reqwest::Client::builder().proxy(reqwest::Proxy::http(proxy.origin()).unwrap());
    let shop = ShopClient::builder("http://shop.example").http(http).build().unwrap();
    shop.session().login(Tokens::new(proxy.issue("ann").access)).await.unwrap();
    proxy.expire_all();
    shop.fast().await.unwrap();
    let asked: Vec<_> = proxy.recorded().into_iter().map(|it| it.target).collect();
    let (fast, refresh) = ("http://shop.example/api/fast", "http://shop.example/api/refreshtoken");
    assert_eq!(asked, [fast, refresh, fast]);
}

/// Sends on a task of its own, once it may, as layers do that queue.
#[derive(Clone)]
struct Later {
    inner: HttpService,
    may: Arc<Semaphore>,
    sent: Arc<Mutex<Vec<JoinHandle<bool>>>>,
}

impl Service<HttpRequest> for Later {
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<HttpResponse, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: HttpRequest) -> Self::Future {
        let (inner, may) = (self.inner.clone(), Arc::clone(&self.may));
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            drop(may.acquire().await);
            let response = inner.oneshot(request).await;
            let is_sent = response.is_ok();
            let _ = sender.send(response);
            is_sent
        });
        self.sent.lock().unwrap().push(task);
        Box::pin(async move { receiver.await.unwrap() })
    }
}

#[tokio::test(start_paused = true)]
async fn an_abandoned_refresh_is_not_sent_by_a_layer_with_a_task_of_its_own() {
    let server = Server::start(Protocol::article());
    let (may, sent) = (Arc::new(Semaphore::new(0)), Arc::<Mutex<Vec<_>>>::default());
    let (layer_may, layer_sent) = (Arc::clone(&may), Arc::clone(&sent));
    let layer = tower::layer::layer_fn(move |inner: HttpService| Later {
        inner,
        may: Arc::clone(&layer_may),
        sent: Arc::clone(&layer_sent),
    });
    let shop = signed_in(&server, |it| it.layer_for(["refresh"], layer)).await;
    server.expire_all();
    let error = shop.fast().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    may.add_permits(8);
    let late = sent.lock().unwrap().pop().unwrap();
    assert!(!late.await.unwrap(), "the refresh was sent after it was abandoned");
    assert_eq!(server.refreshes(), 0);
    // The next one is sent.
    tokio::time::sleep(Duration::from_secs(60)).await;
    shop.fast().await.unwrap();
    assert_eq!((server.refreshes(), server.reuses()), (1, 0));
}

#[tokio::test]
async fn an_error_of_a_layer_that_quotes_the_request_shows_no_token() {
    let refuses = tower::layer::layer_fn(|_: HttpService| {
        tower::service_fn(async |request: HttpRequest| {
            let quoted = format!("refused: {:?}", request.headers()["x-token"].to_str());
            Err::<HttpResponse, BoxError>(quoted.into())
        })
    });
    let shop = ShopClient::builder("http://127.0.0.1:1").layer(refuses).build().unwrap();
    shop.session().login(Tokens::new("access-own-1")).await.unwrap();
    let error = shop.fast().await.unwrap_err();
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    assert!(text.contains("refused") && text.contains("***"), "{text}");
    assert!(!text.contains("own-1"), "{text}");
}
