//! `secret(..)`: values that are shown nowhere, wherever they are sent.

use crate::support::SignedIn;
use perennial::{Pages, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

const TOKEN: &str = "110201543:AAHd/q Tcv";

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    secret(token)
)]
pub trait Bot {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/bot{token}/me")]
    async fn me(&self, token: &str) -> Result<Value>;
    #[get("/orders/{id}", secret(pin, code))]
    async fn order(
        &self,
        id: u64,
        #[query] pin: &[u16],
        #[query] page: u32,
        #[header("X-Code")] code: &str,
    ) -> Result<Value>;
    #[get("/bot{token}/updates", page(cursor = "after", next = "data.next", items = "data.items"))]
    fn updates(&self, token: &str) -> Pages<u64>;
}

/// One secret in each place where a value may be.
#[api_client(envelope(code = "code", message = "message", ok = 0), secret(pin))]
pub trait Pins {
    #[get("/pins", secret(pins))]
    async fn list(&self, #[query(style = csv)] pins: &[&str]) -> Result<Value>;
    #[post("/pins")]
    async fn field(&self, #[field] pin: &str, #[field] count: u8) -> Result<Value>;
    #[post("/pins")]
    async fn part(&self, #[part] pin: &str, #[part] count: &str) -> Result<Value>;
    #[post("/pins")]
    async fn json(&self, #[json] pin: &Value) -> Result<Value>;
    #[post("/pins")]
    async fn body(&self, #[body] pin: &'static str) -> Result<Value>;
}

#[tokio::test]
async fn a_secret_is_shown_nowhere_wherever_it_is_sent() {
    let server = Server::start(Protocol::pairs());
    server.open("/pins");
    let quoted = json!({"code": 5, "message": "the PIN S3cretPin99 is wrong"});
    server.on("/pins").response(Reply::rejection(403, &quoted));
    let pins = PinsClient::builder(server.origin()).build().unwrap();
    let json = json!({"old": ["S3cretPin99"]});
    let calls = || {
        [
            pins.list(&["S3cretPin99", "x"]),
            pins.field("S3cretPin99", 2),
            pins.part("S3cretPin99", "2"),
            pins.json(&json),
            pins.body("S3cretPin99"),
        ]
    };
    for call in calls() {
        let curl = call.to_curl();
        assert!(curl.contains("***") && !curl.contains("S3cretPin99"), "{curl}");
        let error = call.await.unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(
            shown.contains("the PIN *** is wrong") && !shown.contains("S3cretPin99"),
            "{shown}"
        );
    }
}

/// Nothing of a secret, in no spelling.
fn shows_nothing(text: &str) {
    for secret in [TOKEN, "AAHd", "Tcv", "110201543", "4711", "0815", "c0de"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[tokio::test]
async fn a_secret_in_a_path_is_sent_after_an_expiry_as_well_and_shown_nowhere() {
    let server = Server::start(Protocol::article());
    server.offer("/bot{token}/me", json!({"id": 7}));
    let bot = BotClient::signed_in(&server).await;
    server.expire_all();
    assert_eq!(bot.me(TOKEN).await.unwrap()["id"], 7);
    let sent = server.recorded_on("/bot{token}/me");
    assert_eq!((sent.len(), server.refreshes()), (2, 1));
    assert!(sent.iter().all(|it| it.target == "/api/bot110201543%3AAAHd%2Fq%20Tcv/me"), "{sent:?}");

    let curl = bot.me(TOKEN).to_curl();
    shows_nothing(&curl);
    assert!(curl.contains("/api/bot***/me'"), "{curl}");
    // A server may quote it, decoded or as it was sent.
    let quoted = format!("no bot {TOKEN}, at /bot110201543:AAHd%2Fq%20Tcv/me");
    let refused = Reply::rejection(404, &json!({"code": 5, "message": quoted}));
    server.on("/bot{token}/me").response(refused);
    let error = bot.me(TOKEN).await.unwrap_err();
    shows_nothing(&format!("{error} {error:?} {error:#?}"));
    assert!(error.to_string().contains("/api/bot***/me"), "{error}");
    assert_eq!(error.message(), Some("no bot ***, at /bot***/me"));
}

#[tokio::test]
async fn secrets_in_queries_and_headers_are_masked_by_their_parameters() {
    let server = Server::start(Protocol::article());
    let bot = BotClient::signed_in(&server).await;
    let curl = bot.order(7, &[4711, 4712], 2, "c0de").to_curl();
    shows_nothing(&curl);
    assert!(curl.contains("/orders/7?pin=***&pin=***&page=2'"), "{curl}");
    assert!(curl.contains("-H 'x-code: ***'"), "{curl}");
    server.on("/orders/7").response(Reply::status(500));
    let error = bot.order(7, &[4711], 2, "c0de").await.unwrap_err();
    shows_nothing(&format!("{error} {error:?} {error:#?}"));
    assert!(error.to_string().contains("/orders/7?pin=***&page=2"), "{error}");
    let sent = &server.recorded_on("/orders/7")[0];
    assert_eq!(
        (&*sent.target, sent.header("x-code")),
        ("/api/orders/7?pin=4711&page=2", Some("c0de"))
    );
}

#[tokio::test]
async fn a_walk_over_pages_shows_no_secret_of_any_of_them() {
    let server = Server::start(Protocol::article());
    server.offer("/bot{token}/updates", json!({"next": "u2", "items": [1]}));
    let bot = BotClient::signed_in(&server).await;
    let mut updates = bot.updates(TOKEN);
    updates.next().await.unwrap().unwrap();
    server.on("/bot{token}/updates").response(Reply::status(500));
    let error = updates.next().await.unwrap().unwrap_err();
    shows_nothing(&format!("{error} {error:?} {error:#?}"));
    assert!(error.to_string().contains("/bot***/updates?after=u2"), "{error}");
}

/// Values with the name of a secret, which nothing declares.
#[api_client(allow(duplicate_endpoint))]
pub trait Named {
    #[post("/named")]
    async fn fields(&self, #[field] user: &str, #[field] client_secret: &str) -> Result<Value>;
    #[post("/named")]
    async fn json(&self, #[json] body: &Value) -> Result<Value>;
    #[post("/named")]
    async fn parts(&self, #[part] user: &str, #[part] password: &str) -> Result<Value>;
    #[post("/named")]
    async fn json_part(&self, #[part(json)] about: &Value) -> Result<Value>;
    #[post("/named")]
    async fn json_field(&self, #[field(json)] about: &Value) -> Result<Value>;
    #[patch("/named")]
    async fn patch(&self, #[json("application/merge-patch+json")] about: &Value) -> Result<Value>;
    #[get("/named")]
    async fn filtered(&self, #[query("filter", json)] about: &Value) -> Result<Value>;
    #[get("/named/{user}/{api_key}")]
    async fn in_path(&self, user: &str, api_key: &str) -> Result<Value>;
    #[get("/named/{user}/{session_id?}")]
    async fn at_end(&self, user: &str, session_id: Option<&str>) -> Result<Value>;
    #[get("/named/ann/{*token}", secret(token))]
    async fn rest(&self, token: &str) -> Result<Value>;
    #[get("/named?user=ann&token=S3cretPin99")]
    async fn constant(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_value_with_the_name_of_a_secret_is_shown_in_no_body() {
    let server = Server::start(Protocol::pairs());
    let quoted = json!({"message": "S3cretPin99 of ann is wrong"});
    for path in ["/named", "/named/ann/S3cretPin99"] {
        server.open(path);
        server.on(path).response(Reply::rejection(403, &quoted));
    }
    let named = NamedClient::builder(server.origin()).build().unwrap();
    let body = json!({"user": "ann", "old": [{"password": "S3cretPin99"}]});
    let calls = || {
        [
            named.fields("ann", "S3cretPin99"),
            named.json(&body),
            named.parts("ann", "S3cretPin99"),
            named.json_part(&body),
            named.json_field(&body),
            named.patch(&body),
            named.filtered(&body),
            named.in_path("ann", "S3cretPin99"),
            named.at_end("ann", Some("S3cretPin99")),
            named.rest("S3cretPin99"),
            named.constant(),
        ]
    };
    for call in calls() {
        let debug = format!("{call:?}");
        assert!(!debug.contains("S3cretPin99"), "{debug}");
        let curl = call.to_curl();
        assert!(curl.contains("***") && curl.contains("ann"), "{curl}");
        assert!(!curl.contains("S3cretPin99"), "{curl}");
        let error = call.await.unwrap_err();
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(shown.contains("*** of ann is wrong"), "{shown}");
        assert!(!shown.contains("S3cretPin99"), "{shown}");
    }
    // A short one is masked in its own place alone.
    let curl = named.rest("1").to_curl();
    assert!(curl.contains(&format!("{}/named/ann/***'", server.origin())), "{curl}");
    // A body without such a name is shown as it is.
    let body: Value = serde_json::from_str("{\"b\": 1, \"a\": [2]}").unwrap();
    assert!(named.json(&body).to_curl().contains("--data-raw '{"));
}
