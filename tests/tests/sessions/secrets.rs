//! No piece of a token is ever shown: not in `Debug`, not in `Display`, not in a log.

use std::error::Error as _;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use crate::support::{ShopClient, Told, Who, builder, sign_in, tokens};
use perennial::store::{MemoryStore, Stored, Version};
use perennial::{Error, IntoTokens, RefreshFailure, Result, Tokens, api_client};
use perennial_tests::{Issued, Placement, Protocol, Reply, Server};
use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span;

/// A text that must show nothing.
#[derive(Clone, Default)]
struct Shown(Arc<Mutex<String>>);

impl Shown {
    fn add(&self, text: &str) {
        let mut shown = self.0.lock().unwrap();
        shown.push_str(text);
        shown.push('\n');
    }

    fn debug(&self, value: &impl Debug) {
        self.add(&format!("{value:?}\n{value:#?}"));
    }

    fn error(&self, error: &Error) {
        self.debug(error);
        self.add(&format!("{error}\n{error:#}"));
        let mut source = error.source();
        while let Some(error) = source {
            self.add(&format!("{error:?}\n{error}"));
            source = error.source();
        }
    }

    /// The end of a token is random; no six characters of it may be shown.
    fn hides(&self, token: &str) {
        let secret = token.rsplit('.').next().unwrap();
        assert!(secret.len() >= 16, "the server's tokens end in something to look for");
        let shown = self.0.lock().unwrap();
        assert!(!shown.is_empty());
        for start in 0..=secret.len() - 6 {
            let piece = &secret[start..start + 6];
            let at = shown.find(piece);
            assert!(
                at.is_none(),
                "{piece} of {token} is shown: {}",
                &shown[at.unwrap().saturating_sub(200)..at.unwrap() + 6]
            );
        }
    }

    fn hides_all(&self, issued: &Issued) {
        self.hides(&issued.access);
        if let Some(refresh) = &issued.refresh {
            self.hides(refresh);
        }
    }
}

fn client(server: &Server, shown: &Shown) -> ShopClient {
    let (events, logouts) = (shown.clone(), shown.clone());
    builder(server, &Told::default())
        .on_event(move |event| events.debug(event))
        .on_logout(move |error| logouts.error(error))
        .build()
        .unwrap()
}

/// A pair of tokens whose pieces are known.
fn pair() -> (Tokens, [&'static str; 2]) {
    let secrets = ["a.0123456789abcdef01", "r.f0e1d2c3b4a5968778"];
    (Tokens::new(secrets[0]).with_refresh(secrets[1]), secrets)
}

#[tokio::test]
async fn no_type_shows_a_token() {
    let server = Server::start(Protocol::article());
    let shown = Shown::default();
    let store = MemoryStore::new();
    let (tokens, secrets) = pair();
    let building = builder(&server, &Told::default()).store(store.clone());
    shown.debug(&building);
    let shop = building.build().unwrap();
    shop.session().login(tokens.clone()).await.unwrap();
    shown.debug(&tokens);
    shown.debug(&shop);
    shown.debug(shop.session());
    shown.debug(&shop.session().stats());
    shown.debug(&shop.session().tokens());
    shown.debug(&store);
    shown.debug(&store.stored());
    let version = Version { login: 1, generation: 1 };
    let issued = std::time::SystemTime::now();
    shown.debug(&Stored::new(version, tokens, issued));
    let call = shop.order(1);
    shown.debug(&call);
    shown.debug(&call);
    shown.debug(&RefreshFailure::rejected("no"));
    shown.debug(&ShopClient::ENDPOINTS);
    for secret in secrets {
        shown.hides(secret);
    }
}

#[tokio::test]
async fn a_token_that_a_server_quotes_appears_in_no_error() {
    let server = Server::start(Protocol::article());
    let shown = Shown::default();
    let shop = client(&server, &shown);
    let issued = sign_in(&server, shop.session(), "ann").await;
    let quote = format!("the token {} is bad", issued.access);
    let says = |code: i64| json!({"code": code, "message": quote, "data": {}});
    server.on("/orders/1").response(Reply::json(&says(7)));
    server.on("/orders/2").response(Reply::rejection(403, &says(7)));
    server.on("/orders/3").response(Reply::rejection(500, &says(7)));
    server.on("/orders/4").response(Reply::json(&json!({"code": 0, "data": issued.access})));
    server.on("/orders/5").response(Reply::text("text/plain", issued.access.clone()));
    server
        .on("/orders/6")
        .response(Reply::json(&json!({"code": 0, "data": {"id": issued.access}})));
    for id in 1..=6 {
        shown.error(&shop.order(id).await.unwrap_err());
    }
    shown.hides_all(&issued);
}

#[tokio::test]
async fn a_token_that_a_refresh_quotes_appears_in_no_error() {
    let server = Server::start(Protocol::article());
    let shown = Shown::default();
    let shop = client(&server, &shown);
    let issued = sign_in(&server, shop.session(), "ann").await;
    let says = |code: i64, issued: &Issued| {
        let quote = format!("the token {} is bad", issued.access);
        Reply::json(&json!({"code": code, "message": quote}))
    };
    server.expire_all();
    server.on_refresh().nth(1).response(says(7, &issued));
    shown.error(&shop.order(1).await.unwrap_err());
    shown.error(&shop.session().refresh().await.unwrap_err());
    shown.error(&shop.refresh().await.unwrap_err());
    shown.hides_all(&issued);
    // The next one ends the session, and the hooks run.
    let issued = sign_in(&server, shop.session(), "ann").await;
    server.behave();
    server.on_refresh().response(says(1001, &issued));
    shown.error(&shop.refresh().await.unwrap_err());
    shown.error(&shop.order(1).await.unwrap_err());
    shown.hides_all(&issued);
}

#[tokio::test]
async fn a_call_that_ends_the_session_shows_no_token() {
    let server = Server::start(Protocol::article());
    let shown = Shown::default();
    let shop = client(&server, &shown);
    let issued = sign_in(&server, shop.session(), "ann").await;
    let quote = format!("{} was revoked", issued.access);
    server.on("/orders/1").response(Reply::json(&json!({"code": 1001, "message": quote})));
    shown.error(&shop.order(1).await.unwrap_err());
    shown.error(&shop.order(2).await.unwrap_err());
    shown.hides_all(&issued);
}

/// A login response of the user's own, declared wrongly.
#[derive(Debug, serde::Deserialize)]
pub struct Wrong {
    token: u64,
}

impl IntoTokens for Wrong {
    fn into_tokens(self) -> Tokens {
        Tokens::new(self.token.to_string())
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(query = "key", expired(code = 1234)),
    allow(token_in_query)
)]
pub trait Keyed {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Wrong>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<u64>;
}

fn keyed(server: &Server, shown: &Shown) -> KeyedClient {
    let events = shown.clone();
    KeyedClient::builder(server.origin())
        .http(reqwest::Client::builder().no_proxy())
        .on_event(move |event| events.debug(event))
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_token_in_the_address_is_in_no_error() {
    let protocol = Protocol { placement: Placement::Query("key"), ..Protocol::article() };
    let server = Server::start(protocol);
    let shown = Shown::default();
    let shop = keyed(&server, &shown);
    let issued = server.issue("ann");
    shop.session().login(tokens(&issued)).await.unwrap();
    server.on("/fast").nth(1).close();
    server.on("/fast").nth(2).response(Reply::broken("{", 100));
    server.on("/fast").nth(3).response(Reply::html());
    server.on("/fast").nth(4).redirect(302, &format!("http://127.0.0.1:1/?key={}", issued.access));
    server.on("/fast").nth(5).redirect(302, &format!("http://[{}", issued.access));
    server.on("/fast").nth(6).response(Reply::status(502));
    for _ in 0..6 {
        shown.error(&shop.fast().await.unwrap_err());
    }
    server.expire_all();
    server.on_refresh().close();
    shown.error(&shop.fast().await.unwrap_err());
    server.shut().await;
    shown.error(&shop.fast().await.unwrap_err());
    shop.session().login(tokens(&issued)).await.unwrap();
    shown.error(&shop.fast().await.unwrap_err());
    shown.error(&shop.refresh().await.unwrap_err());
    shown.hides_all(&issued);
}

#[tokio::test]
async fn a_login_that_cannot_be_decoded_shows_no_token() {
    let server = Server::start(Protocol::article());
    let shown = Shown::default();
    let shop = keyed(&server, &shown);
    let error = shop.login(&Who::named("ann")).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
    shown.error(&error);
    // The serial number says which token it was: the first.
    let secret = server.issue("ann");
    assert_eq!(server.logins(), 1);
    shown.hides(&secret.access);
    let body = String::from_utf8_lossy(error.bytes()).into_owned();
    let granted: serde_json::Value = serde_json::from_str(&body).unwrap_or_default();
    if let Some(token) = granted["data"]["token"].as_str() {
        shown.hides(token);
    }
}

#[tokio::test]
async fn nothing_that_is_traced_shows_a_token() {
    let shown = Shown::default();
    let _guard = tracing::subscriber::set_default(Listener(shown.clone()));
    let server = Server::start(Protocol::article());
    let shop = client(&server, &shown);
    let issued = sign_in(&server, shop.session(), "ann").await;
    server.expire_all();
    shop.order(1).await.unwrap();
    let renewed = shop.session().tokens().unwrap();
    server.expire_all();
    let quote = format!("{} is not good", renewed.access());
    server.on_refresh().response(Reply::json(&json!({"code": 1001, "message": quote})));
    shop.order(2).await.unwrap_err();
    shop.logout().await.unwrap_err();
    shop.login(&Who::named("ann")).await.unwrap();
    let third = shop.session().tokens().unwrap();
    shop.session().logout().await.unwrap();
    for token in [issued.access.as_str(), renewed.access(), third.access()] {
        shown.hides(token);
    }
    assert!(shown.0.lock().unwrap().contains("refresh"), "something was traced");
}

/// Writes everything down that is traced.
struct Listener(Shown);

struct Writer<'a>(&'a mut String);

impl Visit for Writer<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl tracing::Subscriber for Listener {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut line = span.metadata().name().to_owned();
        span.record(&mut Writer(&mut line));
        self.0.add(&line);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut line = String::new();
        values.record(&mut Writer(&mut line));
        self.0.add(&line);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut line = event.metadata().name().to_owned();
        event.record(&mut Writer(&mut line));
        self.0.add(&line);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}
