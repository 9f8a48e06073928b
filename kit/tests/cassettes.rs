//! Cassettes of every kind of login are played back without a server, and show no secret.

#![allow(missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::path::PathBuf;
use std::time::Duration;

use axum::routing::get;
use http::HeaderMap;
use perennial::codec::Codec;
use perennial::{IntoTokens, Lines, RefreshToken, Result, Tokens, api_client};
use perennial_test::{Cassette, Reply, Server, TestClock};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A file for one test, removed afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let name = format!("perennial-cassettes-{name}-{}.json", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.0).unwrap()
    }

    fn assert_hides_secrets(&self) {
        let text = self.text();
        for secret in ["SECRET", "918273645"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Records the calls at a server, and plays them back at another base without one; both must have the same result.
macro_rules! recorded_and_played {
    ($client:ident, $server:expr, $name:literal, |$api:ident| $calls:expr) => {{
        let scratch = Scratch::new($name);
        let mut results = Vec::new();
        for origin in [$server.origin(), "http://nowhere.test".to_owned()] {
            let $api = $client::builder(origin).layer(Cassette::at(&scratch.0)).build().unwrap();
            results.push($calls);
            scratch.assert_hides_secrets();
        }
        assert_eq!(results[0], results[1], "{}", scratch.text());
        scratch.text()
    }};
}

#[path = "cassettes/handed_out.rs"]
mod handed_out;
#[path = "cassettes/named.rs"]
mod named;

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Numbers {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
    #[get("/lines")]
    fn lines(&self) -> Lines<u64>;
}

#[derive(Debug, Deserialize)]
pub struct Me {
    number: u64,
    text: String,
    small: u8,
}

#[tokio::test]
async fn a_refresh_token_that_is_a_number_stays_one() {
    let server = Server::declared::<NumbersClient>();
    let grant =
        |access| json!({"access_token": access, "refresh_token": 918273645, "expires_in": 3600});
    server.on_login().response(Reply::json(&grant("SECRET1")));
    server.on_refresh().response(Reply::json(&grant("SECRET2")));
    let me = json!({"number": 918273645, "text": "you are 918273645", "small": 7});
    server.on("/me").response(Reply::json(&me));
    server.on("/me").nth(1).response(Reply::status(401));
    server.on("/lines").response(Reply::text("application/x-ndjson", "918273645\n918273645\n"));
    recorded_and_played!(NumbersClient, server, "numbers", |api| {
        api.login().await.unwrap();
        let me = api.me().await.unwrap();
        assert_eq!(me.number.to_string().len(), 9);
        assert!(me.text.starts_with("you are "));
        let lines: Vec<_> = api.lines().try_collect().await.unwrap();
        (me.small, lines.len(), api.session().tokens().unwrap().refresh().map(str::len))
    });
}

#[api_client(
    auth(header = "X-Token", expired(status = 401), renewed(header = "X-Next")),
    tokens(access = header("X-Token-Of"), refresh = cookie("rt"), base = header("X-Base"), extra("tenant")),
)]
pub trait InHeaders {
    #[post("/login", login)]
    async fn login(&self) -> Result<Value>;
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<()>;
    #[get("/me", headers("X-Tenant" = tokens("tenant")))]
    async fn me(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_session_signs_in_with_tokens_from_headers() {
    let server = Server::declared::<InHeadersClient>();
    let base = format!("{}/eu", server.origin());
    let grant = Reply::json(&json!({"tenant": "SECRET-TENANT", "id": 5}))
        .header("X-Token-Of", "Bearer SECRET1")
        .header("Set-Cookie", "rt=SECRET2; Path=/; HttpOnly")
        .header("Set-Cookie", "other=SECRET3")
        .header("X-Base", &base)
        .header("X-Extra", "SECRET4");
    server.on_login().response(grant.clone());
    server.on_refresh().response(grant);
    let me = Reply::json(&json!(1)).header("X-Next", "SECRET5").header("X-Echo", "SECRET1");
    server.on("/eu/me").response(me);
    server.on("/eu/me").nth(1).response(Reply::status(401));
    let text = recorded_and_played!(InHeadersClient, server, "headers", |api| {
        let id = api.login().await.unwrap()["id"].clone();
        let me = (api.me().await.unwrap(), api.me().await.unwrap());
        let tokens = api.session().tokens().unwrap();
        (id, me, tokens.refresh().is_some(), tokens.base().unwrap().ends_with("/eu"))
    });
    assert!(
        text.contains("Bearer masked") && text.contains("rt=masked; Path=/; HttpOnly"),
        "{text}"
    );
}

#[api_client(auth(cookie = "sid", logout(status = 401), renewed(cookie = "sid")), tokens(access = cookie("sid")))]
pub trait InCookies {
    #[post("/login", login)]
    async fn login(&self) -> Result<()>;
    #[get("/me")]
    async fn me(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_session_signs_in_with_a_cookie() {
    let server = Server::declared::<InCookiesClient>();
    let set = |value: &str| Reply::json(&json!(1)).header("Set-Cookie", &format!("sid={value}"));
    server.on_login().response(set("SECRET1; Path=/; Expires=Sun, 04 Jul 2027 10:00:00 GMT"));
    server.on("/me").response(set("SECRET2; Path=/"));
    server.on("/me").nth(1).response(set("deleted; Max-Age=0"));
    let text = recorded_and_played!(InCookiesClient, server, "cookies", |api| {
        api.login().await.unwrap();
        (api.me().await.unwrap(), api.me().await.unwrap())
    });
    assert!(text.contains("sid=deleted; Max-Age=0"), "{text}");
}

#[api_client(
    envelope(code = "status", data = "data", ok = "success"),
    auth(bearer, logout(code = "signed_out")),
    tokens(access = "data.jwt", base = "data.instance_url", expires_at = "data.until", extra("data.tenant")),
    queries("tenant" = tokens("data.tenant")),
)]
pub trait Placed {
    #[post("/login/{code}", login)]
    async fn login(&self, code: &str) -> Result<Profile>;
    #[get("/users/{id}")]
    async fn user(&self, id: &str) -> Result<u64>;
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Profile {
    user_id: String,
    born: String,
    count: u64,
}

#[tokio::test]
async fn a_login_that_says_more_than_its_tokens_is_played_back_much_later() {
    let server = Server::declared::<PlacedClient>();
    let until = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let login = json!({"status": "success", "data": {
        "jwt": "SECRET1", "instance_url": format!("{}/eu", server.origin()), "until": until.as_secs() + 3600,
        "tenant": "SECRET-EU", "user_id": "u-17", "born": "2001-02-03", "count": 3,
    }});
    server.on("POST /login/{code}").response(Reply::json(&login));
    server.on("/eu/users/u-17").response(Reply::json(&json!({"status": "success", "data": 5})));
    let scratch = Scratch::new("placed");
    for (origin, later) in [(server.origin(), 0), ("http://nowhere.test".to_owned(), 9)] {
        let clock = TestClock::new();
        clock.advance(Duration::from_secs(later * 365 * 24 * 3600));
        let api = PlacedClient::builder(origin).clock(clock).layer(Cassette::at(&scratch.0));
        let api = api.build().unwrap();
        let profile = api.login("SECRET").await.unwrap();
        assert_eq!((profile.count, profile.born.len()), (3, 10));
        assert_eq!(api.user(&profile.user_id).await.unwrap(), 5, "{}", scratch.text());
        scratch.assert_hides_secrets();
    }
    assert!(scratch.text().contains("POST /login/***"), "{}", scratch.text());
}

/// JSON behind a mark.
pub struct Marked;

impl Codec for Marked {
    const MEDIA_TYPE: &'static str = "application/x-marked";
    type Error = serde_json::Error;

    fn encode<T: Serialize + ?Sized>(value: &T) -> serde_json::Result<Vec<u8>> {
        Ok([b">", &*serde_json::to_vec(value)?].concat())
    }

    fn decode<T: DeserializeOwned>(body: &[u8], at: &[&str]) -> serde_json::Result<T> {
        let mut value = Self::view(body)?;
        let found = at.iter().fold(&mut value, |value, name| &mut value[*name]);
        serde_json::from_value(found.take())
    }

    fn view(body: &[u8]) -> serde_json::Result<Value> {
        serde_json::from_slice(body.strip_prefix(b">").unwrap_or(b"?"))
    }
}

#[api_client(codec = Marked, auth(bearer, logout(status = 401)))]
pub trait InAnotherFormat {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_login_in_another_format_than_json_is_played_back() {
    let server = Server::declared::<InAnotherFormatClient>();
    let grant = r#">{"access_token": "SECRET1", "refresh_token": "SECRET2"}"#;
    server.on_login().response(Reply::text("application/x-marked", grant));
    server.on("/me").response(Reply::text("application/x-marked", ">7"));
    recorded_and_played!(InAnotherFormatClient, server, "format", |api| {
        api.login().await.unwrap();
        api.me().await.unwrap()
    });
}

#[tokio::test]
async fn nothing_is_lost_of_two_clients_that_record_into_one_file() {
    let scratch = Scratch::new("two");
    let server = Server::declared::<NumbersClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    server.open("/lines");
    let echo = async |headers: HeaderMap| format!("{}\n", headers["x-number"].to_str().unwrap());
    server.route("/lines", get(echo));
    let client = || {
        let cassette = Cassette::at(&scratch.0);
        NumbersClient::builder(server.origin()).layer(cassette).build().unwrap()
    };
    let clients = [client(), client()];
    for number in 0..4 {
        for (which, client) in clients.iter().enumerate() {
            client.login().await.unwrap();
            let call = client.lines().header("x-number", format!("1{which}{number}"));
            let _: Vec<u64> = call.try_collect().await.unwrap();
        }
    }
    let recorded: Vec<Value> = serde_json::from_str(&scratch.text()).unwrap();
    let lines = recorded.iter().filter(|it| it["request"] == "GET /lines").map(|it| &it["body"]);
    let lines: Vec<_> = lines.map(|body| body.to_string()).collect();
    assert_eq!(recorded.len(), 16);
    assert_eq!(lines.len(), 8, "{lines:?}");
}

#[api_client(
    auth(cookie = "sid", expired(status = 401), renewed(cookie = "sid")),
    tokens(access = cookie("sid")),
    allow(expiry_without_refresh)
)]
pub trait Form {
    #[post("/login", login, redirect = same)]
    async fn login(&self, #[field] user: &str, #[field] password: &str) -> Result<String>;
    #[get("/me")]
    async fn me(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_login_that_redirects_is_played_back() {
    let server = Server::declared::<FormClient>();
    let location =
        format!("{}/landed/SECRETSECRETSECRET1234?code=SECRET2&page=1#SECRET3", server.origin());
    let moved =
        Reply::status(302).header("Set-Cookie", "sid=SECRET1").header("Location", &location);
    server.on_login().response(moved);
    server.on("/landed/SECRETSECRETSECRET1234").response(Reply::text("text/html", "<p>SECRET4"));
    server.on("/me").response(Reply::json(&json!(1)));
    recorded_and_played!(FormClient, server, "form", |api| {
        api.login("ann", "SECRET").await.unwrap();
        api.me().await.unwrap()
    });
}

#[api_client(
    auth(header = "X-Token", expired(status = 401), renewed(header = "X-Next")),
    allow(expiry_without_refresh)
)]
pub trait Anonymous {
    #[get("/first", optional)]
    async fn first(&self) -> Result<u64>;
}

#[tokio::test]
async fn a_session_that_begins_with_a_call_is_played_back() {
    let server = Server::declared::<AnonymousClient>();
    server.on("/first").response(Reply::json(&json!(2)));
    let first = Reply::rejection(401, &json!({})).header("X-Next", "SECRET1");
    server.on("/first").nth(1).response(first);
    recorded_and_played!(AnonymousClient, server, "first", |api| {
        assert_eq!(api.first().await.unwrap(), 2);
        api.session().is_signed_in()
    });
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Rejected {
    #[post("/login", login)]
    async fn login(&self) -> Result<Nested>;
    #[post("/refresh", refresh, public, rejected(body("reason" = "was_used"), header("X-Reason" = "gone")))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<u64>;
}

/// A grant in JSON within a text.
#[derive(Debug, Deserialize)]
pub struct Nested {
    payload: String,
}

impl IntoTokens for Nested {
    fn into_tokens(self) -> Tokens {
        let pair: Value = serde_json::from_str(&self.payload).unwrap();
        Tokens::new(pair["jwt"].as_str().unwrap()).with_refresh(pair["renewal"].as_str().unwrap())
    }
}

#[tokio::test]
async fn a_refresh_that_is_rejected_as_declared_ends_the_session_that_is_played_back() {
    let server = Server::declared::<RejectedClient>();
    let payload = json!({"jwt": "SECRET1", "renewal": "SECRET2"}).to_string();
    server.on_login().response(Reply::json(&json!({"payload": payload})));
    server.on("/me").response(Reply::status(401));
    let rejected = json!({"reason": "was_used", "message": "SECRET2 was used"});
    server.on_refresh().response(Reply::rejection(409, &rejected).header("X-Reason", "gone"));
    recorded_and_played!(RejectedClient, server, "rejected", |api| {
        api.login().await.unwrap();
        assert!(api.me().await.is_err());
        assert!(!api.session().is_signed_in());
    });
}
