//! Token endpoints at another host, values that are known at run time, and sessions that nobody signs in.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::routing::{get, post};
use perennial::{ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde_json::{Value, json};

/// `Basic ..` of a client id and a secret.
#[derive(Clone)]
pub struct ClientAuth(&'static str);

impl fmt::Display for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Music {
    #[post("/api/token", refresh, host = "accounts", fields("grant_type" = "refresh_token"))]
    async fn refresh(
        &self,
        #[header("Authorization")] client: ClientAuth,
        #[field] refresh_token: RefreshToken,
    ) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/terms", public, host = "accounts")]
    async fn terms(&self) -> Result<Value>;
}

/// An API and its token endpoint, which returns no refresh token.
fn started() -> (Arc<Server>, Server) {
    let api = Arc::new(Server::start(Protocol::pairs()));
    let accounts = Server::start(Protocol::pairs());
    let issuer = Arc::clone(&api);
    accounts.open("/api/token");
    accounts.route(
        "/api/token",
        post(move || {
            let access = issuer.issue("ann").access;
            async move { Payload(json!({"access_token": access, "expires_in": 3600})) }
        }),
    );
    accounts.open("/terms");
    accounts.route("/terms", get(|| async { Payload(json!("terms")) }));
    (api, accounts)
}

#[tokio::test]
async fn a_token_endpoint_at_another_host_gets_its_own_secret_and_no_token() {
    let (api, accounts) = started();
    let music = MusicClient::builder(api.origin())
        .host("accounts", accounts.origin())
        .value(ClientAuth("Basic YXBwOnNlY3JldA=="))
        .build()
        .unwrap();
    let old = api.issue("ann").access;
    music.session().login(Tokens::new(old.clone()).with_refresh("r-1")).await.unwrap();
    api.expire_all();
    music.fast().await.unwrap();
    api.expire_all();
    music.fast().await.unwrap();
    assert_eq!(music.terms().await.unwrap(), json!("terms"));

    let recorded = accounts.recorded();
    assert_eq!(recorded.len(), 3);
    for refresh in &recorded[..2] {
        assert_eq!(refresh.header("authorization"), Some("Basic YXBwOnNlY3JldA=="));
        let form = std::str::from_utf8(&refresh.body).unwrap();
        assert!(form.contains("grant_type=refresh_token"), "{form}");
        assert!(form.contains("refresh_token=r-1"), "{form}");
        assert!(!form.contains(&old), "{form}");
    }
    assert_eq!(recorded[2].header("authorization"), None);
    for call in api.recorded() {
        assert!(call.header("authorization").is_some_and(|it| it.starts_with("Bearer ")));
    }
}

#[tokio::test]
async fn a_host_or_a_value_that_is_missing_is_an_error_of_the_builder() {
    let builder = || MusicClient::builder("http://127.0.0.1:9");
    let without_host = builder().value(ClientAuth("Basic x")).build().unwrap_err();
    assert!(matches!(without_host.kind(), ErrorKind::Build));
    assert!(without_host.to_string().contains("`accounts`"), "{without_host}");
    let without_value = builder().host("accounts", "http://127.0.0.1:9").build().unwrap_err();
    assert!(without_value.to_string().contains("ClientAuth"), "{without_value}");
    let unknown = builder()
        .value(ClientAuth("Basic x"))
        .host("accounts", "http://127.0.0.1:9")
        .host("acounts", "http://127.0.0.1:9")
        .build()
        .unwrap_err();
    assert!(unknown.to_string().contains("`acounts`"), "{unknown}");
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Accounts {
    #[post("https://accounts.music.example/api/token", refresh)]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[get("https://status.music.example/v1/{part}", public)]
    async fn status(&self, part: &str) -> Result<Value>;
}

#[tokio::test]
async fn an_absolute_url_is_called_at_its_host_without_a_token() {
    let accounts = AccountsClient::builder("https://api.music.example").build().unwrap();
    accounts.session().login(Tokens::new("secret-token")).await.unwrap();
    let curl = accounts.status("a b").to_curl();
    assert!(curl.contains("https://status.music.example/v1/a%20b"), "{curl}");
    assert!(!curl.contains("authorization"), "{curl}");
    let refused = accounts.status("..").await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Argument), "{refused}");
}

#[derive(Clone)]
pub struct AppId(&'static str);

impl fmt::Display for AppId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Nobody signs in: the first call fetches a token.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Robot {
    #[get("/cgi-bin/token", refresh, public, queries("grant_type" = "client_credential"))]
    async fn fetch(&self, #[query] appid: AppId) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn the_first_calls_of_a_robot_fetch_one_token() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/cgi-bin/token");
    let issuer = Arc::clone(&server);
    server.route(
        "/cgi-bin/token",
        get(move || {
            let access = issuer.issue("robot").access;
            async move { Payload(json!({"access_token": access, "expires_in": 7200})) }
        }),
    );
    let robot = RobotClient::builder(server.origin()).value(AppId("wx1")).build().unwrap();
    let calls = futures::future::join_all((0..20).map(|_| robot.fast())).await;
    assert!(calls.iter().all(std::result::Result::is_ok), "{calls:?}");
    server.expire_all();
    robot.fast().await.unwrap();
    let fetches: Vec<_> =
        server.recorded().into_iter().filter(|it| it.target.starts_with("/cgi-bin")).collect();
    assert_eq!(fetches.len(), 2);
    for fetch in &fetches {
        assert!(fetch.target.contains("grant_type=client_credential"), "{}", fetch.target);
        assert!(fetch.target.contains("appid=wx1"), "{}", fetch.target);
        assert_eq!(fetch.header("authorization"), None);
    }
}

/// The secret of the application.
#[derive(Clone, serde::Serialize)]
pub struct Secret(&'static str);

/// Client credentials, with the token in the query of each call.
#[api_client(
    base = "/cgi-bin",
    envelope(code = "errcode", message = "errmsg", ok = [0, absent]),
    auth(query = "access_token", expired(code = [40001, 42001])),
    allow(token_in_query)
)]
pub trait Messenger {
    #[get("/token", refresh, public, queries("grant_type" = "client_credential"))]
    async fn token(&self, #[query] appid: AppId, #[query] secret: Secret) -> Result<Tokens>;
    #[get("/user/info")]
    async fn user(&self) -> Result<Value>;
}

#[tokio::test]
async fn rejected_client_credentials_are_an_error_with_its_code_and_without_the_secret() {
    let server = Server::start(Protocol::pairs());
    server.open("/cgi-bin/token");
    server.route(
        "/cgi-bin/token",
        get(|| {
            let text = "invalid credential, secret s3cr3t-of-wx1 is not of wx1";
            std::future::ready(Payload(json!({"errcode": 40001, "errmsg": text})))
        }),
    );
    let messenger = MessengerClient::builder(server.origin())
        .value(AppId("wx1"))
        .value(Secret("s3cr3t-of-wx1"))
        .build()
        .unwrap();
    let calls = futures::future::join_all((0..20).map(|_| messenger.user())).await;
    for call in calls {
        let error = call.unwrap_err();
        // Nobody signs in, so nobody is signed out: the next call tries again.
        assert!(matches!(error.kind(), ErrorKind::RefreshFailed), "{error}");
        for shown in [error.to_string(), format!("{error:?}"), format!("{:?}", error.cause())] {
            assert!(shown.contains("code 40001: invalid credential"), "{shown}");
            assert!(!shown.contains("s3cr3t-of-wx1"), "{shown}");
        }
    }
    assert_eq!(server.recorded().len(), 1); // one fetch, and no call without a token
}

/// Nobody signs in here, and a response may say that the token is of no more use.
#[api_client(auth(bearer, expired(status = 401), logout(status = 418)))]
pub trait Daemon {
    #[post("/token", refresh, public, fields("grant_type" = "client_credentials"))]
    async fn token(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

fn daemon() -> (Arc<Server>, DaemonClient, Arc<AtomicUsize>) {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/token");
    let issuer = Arc::clone(&server);
    let fetch = move || {
        let access = issuer.issue("daemon").access;
        async move { Payload(json!({"access_token": access})) }
    };
    server.route("/token", post(fetch));
    let ended = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&ended);
    let daemon = DaemonClient::builder(server.origin())
        .cooldown(Duration::ZERO, Duration::ZERO)
        .on_logout(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .build()
        .unwrap();
    (server, daemon, ended)
}

#[tokio::test]
async fn no_rejection_of_a_fetch_is_final_without_a_login() {
    for rejection in [
        Reply::rejection(400, &json!({"error": "invalid_grant"})),
        Reply::status(418),
        Reply::status(401),
    ] {
        let (server, daemon, ended) = daemon();
        server.on("/token").first(1).response(rejection);
        let error = daemon.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        daemon.fast().await.unwrap();
        assert_eq!(ended.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn a_rejected_fetch_is_not_repeated_before_the_cooldown_has_passed() {
    let (server, _, _) = daemon();
    server.on("/token").response(Reply::rejection(400, &json!({"error": "invalid_grant"})));
    let daemon = DaemonClient::builder(server.origin())
        .cooldown(Duration::from_secs(3600), Duration::from_secs(3600))
        .build()
        .unwrap();
    for _ in 0..20 {
        assert_eq!(daemon.fast().await.unwrap_err().kind(), ErrorKind::RefreshFailed);
    }
    assert_eq!(server.count("/token"), 1);
}

#[tokio::test]
async fn a_token_without_a_login_that_is_ended_by_the_server_is_followed_by_the_next() {
    let (server, daemon, ended) = daemon();
    daemon.fast().await.unwrap();
    server.on("/fast").first(1).response(Reply::status(418));
    let error = daemon.fast().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    daemon.fast().await.unwrap();
    assert_eq!((server.count("/token"), ended.load(Ordering::SeqCst)), (2, 1));
}

#[tokio::test]
async fn after_a_logout_that_has_no_login_the_next_call_fetches_a_token() {
    let (server, daemon, _) = daemon();
    daemon.fast().await.unwrap();
    daemon.session().logout().await.unwrap();
    assert!(!daemon.session().is_signed_in());
    daemon.fast().await.unwrap();
    daemon.session().logout().await.unwrap();
    daemon.session().refresh().await.unwrap();
    assert_eq!(server.count("/token"), 3);
}
