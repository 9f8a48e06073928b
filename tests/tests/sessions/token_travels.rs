//! Where a token travels besides headers: in a cookie, as a field of the body, as a name and a password.

use std::sync::Arc;
use std::time::Duration;

use axum::response::IntoResponse;
use axum::routing::{any, post};
use perennial::{BasicAuth, ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Placement, Protocol, Reply, Server};
use serde::Serialize;
use serde_json::{Value, json};

/// The session is a cookie: the login sets it, and calls carry it.
#[api_client(
    auth(cookie = "session", expired(status = 401)),
    tokens(access = cookie("session"))
)]
pub trait Site {
    #[post("/sign-in", login)]
    async fn sign_in(&self, #[field] user: &str) -> Result<()>;
    #[post("/renew", refresh, public)]
    async fn renew(&self) -> Result<()>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/fast")]
    async fn with_cookies(
        &self,
        #[header("Cookie")] cookies: &str,
        #[query] n: u8,
    ) -> Result<Value>;
}

fn site() -> (Arc<Server>, SiteClient) {
    let protocol = Protocol { placement: Placement::Cookie("session"), ..Protocol::pairs() };
    let server = Arc::new(Server::start(protocol));
    for path in ["/sign-in", "/renew"] {
        server.open(path);
        let issuer = Arc::clone(&server);
        server.route(
            path,
            post(move || {
                let access = issuer.issue("ann").access;
                let cookies = [
                    ("set-cookie", "theme=dark; Path=/".to_owned()),
                    ("set-cookie", format!("session={access}; Path=/; HttpOnly; Secure")),
                ];
                let headers = axum::response::AppendHeaders(cookies);
                std::future::ready((headers, "signed in").into_response())
            }),
        );
    }
    let client = SiteClient::builder(server.origin()).build().unwrap();
    (server, client)
}

#[tokio::test]
async fn a_session_cookie_is_taken_from_the_login_renewed_and_carried() {
    let (server, client) = site();
    client.sign_in("ann").await.unwrap();
    client.fast().await.unwrap();
    server.expire_all();
    let (a, b) = tokio::join!(client.fast(), client.with_cookies("theme=dark; session=old", 1));
    assert!(a.is_ok() && b.is_ok(), "{a:?} {b:?}");

    let access = client.session().tokens().unwrap();
    let sent = server.recorded();
    let last = sent.iter().rfind(|it| it.target == "/fast?n=1").unwrap();
    let expected = format!("theme=dark; session={}", access.access());
    assert_eq!(last.header("cookie"), Some(&*expected));
    let renewals: Vec<_> = sent.iter().filter(|it| it.target == "/renew").collect();
    assert_eq!(renewals.len(), 1);
    assert_eq!(renewals[0].header("cookie"), None); // it is public

    let curl = client.fast().to_curl();
    assert!(curl.contains("'cookie: session=***'"), "{curl}");
    let curl = client.with_cookies("theme=dark", 1).to_curl();
    assert!(curl.contains("'cookie: ***; session=***'") && !curl.contains("dark"), "{curl}");
}

#[tokio::test]
async fn a_session_cookie_stays_single_through_a_redirect() {
    let (server, client) = site();
    client.sign_in("ann").await.unwrap();
    let moved = Reply::status(307).header("location", "/fast?moved=1");
    server.on("/fast").nth(1).response(moved);
    client.fast().await.unwrap();
    let moved = server.recorded().into_iter().find(|it| it.target == "/fast?moved=1").unwrap();
    assert_eq!(moved.header("cookie").unwrap().matches("session=").count(), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_a_cookie_signs_nobody_in_and_replaces_no_other() {
    let (server, client) = site();
    let error = client.session().login(Tokens::new("a; theme=dark")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument), "{error}");
    assert!(!error.to_string().contains("dark"), "{error}");
    assert!(!client.session().is_signed_in());
    let bad = Reply::status(200).header("set-cookie", "session=a b; Path=/");
    server.on("/sign-in").nth(1).response(bad.clone());
    let error = client.sign_in("ann").await.unwrap_err();
    assert!(error.is_decode() && !client.session().is_signed_in(), "{error}");

    client.sign_in("ann").await.unwrap();
    let good = client.session().tokens();
    server.expire_all();
    server.on("/renew").response(bad);
    let error = client.fast().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::RefreshFailed), "{error}");
    assert_eq!(client.session().tokens(), good);
}

#[derive(Serialize)]
pub struct Order {
    item: u32,
}

#[api_client(auth(field = "api_token", expired(status = 401)), allow(token_in_query))]
pub trait Forms {
    #[post("/renew", refresh, public)]
    async fn renew(&self) -> Result<Tokens>;
    #[post("/mirror")]
    async fn form(&self, #[field] q: &str) -> Result<Value>;
    #[post("/mirror")]
    async fn json(&self, #[json] order: &Order) -> Result<Value>;
    #[post("/mirror", allow(duplicate_endpoint))]
    async fn list(&self, #[json] orders: &[Order]) -> Result<Value>;
    #[put("/mirror")]
    async fn bare(&self) -> Result<Value>;
    #[post("/mirror")]
    async fn part(&self, #[part] title: &str) -> Result<Value>;
    #[get("/mirror")]
    async fn get(&self, #[query] q: &str) -> Result<Value>;
}

fn forms() -> (Arc<Server>, FormsClient) {
    let protocol = Protocol { placement: Placement::Field("api_token"), ..Protocol::pairs() };
    let server = Arc::new(Server::start(protocol));
    server.open("/renew");
    let issuer = Arc::clone(&server);
    server.route(
        "/renew",
        post(move || std::future::ready(Payload(json!({"token": issuer.issue("ann").access})))),
    );
    server.route("/mirror", any(|| async { Payload(json!("good")) }));
    let client = FormsClient::builder(server.origin()).build().unwrap();
    (server, client)
}

#[tokio::test]
async fn a_token_is_a_field_of_whatever_body_there_is_and_is_replaced_in_a_replay() {
    let (server, client) = forms();
    client.session().login(Tokens::new(server.issue("ann").access)).await.unwrap();
    let old = client.session().tokens().unwrap();
    server.expire_all();
    client.form("a b").await.unwrap();
    client.json(&Order { item: 7 }).await.unwrap();
    client.bare().await.unwrap();
    client.get("x").await.unwrap();
    client.part("title").await.unwrap();

    let token = client.session().tokens().unwrap().access().to_owned();
    let sent: Vec<_> =
        server.recorded().into_iter().filter(|it| it.target.starts_with("/mirror")).collect();
    let body = |at: usize| String::from_utf8(sent[at].body.to_vec()).unwrap();
    assert_eq!(body(0), format!("q=a%20b&api_token={}", old.access()));
    assert_eq!(body(1), format!("q=a%20b&api_token={token}"));
    assert_eq!(body(2), format!(r#"{{"item":7,"api_token":"{token}"}}"#));
    assert_eq!(body(3), format!("api_token={token}"));
    assert_eq!(sent[3].header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(sent[4].target, format!("/mirror?q=x&api_token={token}"));
    assert_eq!(sent[5].target, format!("/mirror?api_token={token}"));
}

#[tokio::test]
async fn a_token_cannot_be_a_field_of_a_list() {
    let (server, client) = forms();
    client.session().login(Tokens::new("secret-token")).await.unwrap();
    let error = client.list(&[Order { item: 7 }]).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument), "{error}");
    assert!(error.to_string().contains("`api_token`"), "{error}");
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn a_command_line_shows_no_token_in_a_body() {
    let (_server, client) = forms();
    for (curl, body) in [
        (client.form("x").to_curl(), "--data-raw 'q=x&api_token=***'"),
        (client.json(&Order { item: 7 }).to_curl(), r#"'{"item":7,"api_token":"***"}'"#),
        (client.bare().to_curl(), "--data-raw 'api_token=***'"),
        (client.get("x").to_curl(), "/mirror?q=x&api_token=***'"),
    ] {
        assert!(curl.contains(body), "{curl}");
    }
}

/// A name and a password instead of a token. Nothing renews them.
#[api_client(auth(basic, logout(status = 401)))]
pub trait Printer {
    #[get("/fast")]
    async fn jobs(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_name_and_a_password_are_sent_until_the_server_rejects_them() {
    let protocol =
        Protocol { placement: Placement::Scheme("authorization", "Basic"), ..Protocol::pairs() };
    let server = Server::start(protocol);
    let client = PrinterClient::builder(server.origin()).build().unwrap();
    client.session().login(Tokens::basic("Aladdin", "open sesame")).await.unwrap();
    let error = client.jobs().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::SessionLost), "{error}");
    let sent = server.recorded();
    assert_eq!(sent[0].header("authorization"), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
    assert_eq!(sent.len(), 1);
    assert!(!client.session().is_signed_in());
    let curl = client.jobs().to_curl();
    assert!(curl.contains("authorization: Basic ***"), "{curl}");
}

#[tokio::test]
async fn a_name_and_a_password_as_a_token_are_an_error_of_the_login_that_shows_neither() {
    let client = PrinterClient::builder("https://printer.example").build().unwrap();
    let error = client.session().login(Tokens::new("ann:open sesame")).await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Argument), "{error}");
    let shown = format!("{error:#} {error:?}");
    assert!(shown.contains("`Tokens::basic(user, password)`"), "{shown}");
    assert!(!shown.contains("ann:") && !shown.contains("sesame"), "{shown}");
    assert!(!client.session().is_signed_in());
}

#[tokio::test]
async fn a_scheme_that_the_program_gives_with_the_token_is_sent_once() {
    let server = Server::start(Protocol::pairs());
    server.open("/fast");
    let printer = PrinterClient::builder(server.origin()).build().unwrap();
    printer.session().login(Tokens::new("Basic YTpi")).await.unwrap();
    printer.jobs().await.unwrap();
    let robot = RobotClient::builder(server.origin()).value(BasicAuth::new("id", "secret"));
    let robot = robot.build().unwrap();
    robot.session().login(Tokens::new("Bearer abc")).await.unwrap();
    robot.fast().await.unwrap();
    let sent = server.recorded();
    assert_eq!(sent[0].header("authorization"), Some("Basic YTpi"));
    assert_eq!(sent[1].header("authorization"), Some("Bearer abc"));
}

/// The name and the secret of the client are known at run time.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Robot {
    #[post("/token", refresh, public, fields("grant_type" = "client_credentials"))]
    async fn token(&self, #[header("Authorization")] client: BasicAuth) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_client_identifies_itself_to_a_token_endpoint_by_name_and_secret() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/token");
    let issuer = Arc::clone(&server);
    server.route(
        "/token",
        post(move || {
            let body = json!({"access_token": issuer.issue("robot").access, "expires_in": 60});
            std::future::ready(Payload(body))
        }),
    );
    let client = BasicAuth::new("id", "secret");
    assert!(!format!("{client:?}").contains("aWQ6c2VjcmV0"), "{client:?}");
    let robot = RobotClient::builder(server.origin()).value(client).build().unwrap();
    let calls = futures::future::join_all((0..20).map(|_| robot.fast())).await;
    assert!(calls.iter().all(std::result::Result::is_ok), "{calls:?}");
    server.expire_all();
    robot.fast().await.unwrap();
    let fetches: Vec<_> =
        server.recorded().into_iter().filter(|it| it.target == "/token").collect();
    assert_eq!(fetches.len(), 2);
    for fetch in fetches {
        assert_eq!(fetch.header("authorization"), Some("Basic aWQ6c2VjcmV0"));
        assert_eq!(std::str::from_utf8(&fetch.body).unwrap(), "grant_type=client_credentials");
    }
}

/// The server issues refresh tokens to some users only.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Library {
    #[post("/token", refresh, public, fields("grant_type" = "renewal"))]
    async fn token(&self, #[field] refresh_token: Option<RefreshToken>) -> Result<Tokens>;
    #[get("/fast")]
    async fn books(&self) -> Result<Value>;
}

#[tokio::test]
async fn an_optional_refresh_token_is_left_out_if_the_session_has_none() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/token");
    let issuer = Arc::clone(&server);
    let renewed = move || {
        let tokens = json!({"access_token": issuer.issue("ann").access, "refresh_token": "r-2"});
        std::future::ready(Payload(tokens))
    };
    server.route("/token", post(renewed));
    let library = LibraryClient::builder(server.origin()).build().unwrap();
    library.session().login(Tokens::new("old")).await.unwrap();
    library.books().await.unwrap();
    server.expire_all();
    library.books().await.unwrap();
    let sent = server.recorded_on("/token");
    let bodies: Vec<_> = sent.iter().map(|it| String::from_utf8_lossy(&it.body)).collect();
    assert_eq!(bodies, ["grant_type=renewal", "refresh_token=r-2&grant_type=renewal"]);
}

/// The refresh token in each place where a refresh can have it.
#[derive(Serialize)]
pub struct Renewal {
    refresh_token: RefreshToken,
}

impl From<&Tokens> for Renewal {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.into() }
    }
}

macro_rules! renewed_by {
    ($($trait:ident: $role:meta, $type:ty;)*) => {$(
        #[api_client(auth(bearer, expired(status = 401)))]
        pub trait $trait {
            #[post("/renew", refresh, public)]
            async fn renew(&self, #[$role] refresh_token: $type) -> Result<Tokens>;
            #[get("/fast")]
            async fn fast(&self) -> Result<Value>;
        }
    )*};
}

renewed_by! {
    ByField: field, RefreshToken;
    ByQuery: query, RefreshToken;
    ByHeader: header("X-Refresh"), RefreshToken;
    ByJson: json, Renewal;
    ByForm: form, Renewal;
}

#[tokio::test]
async fn a_refresh_without_a_refresh_token_is_not_sent_and_says_what_is_missing() {
    let server = Server::start(Protocol { placement: Placement::Bearer, ..Protocol::pairs() });
    macro_rules! try_each {
        ($($client:ident)*) => {$({
            let client = $client::builder(server.origin()).build().unwrap();
            client.session().login(Tokens::new("unknown")).await.unwrap();
            let error = client.fast().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
            let expected = "the tokens of the session have no refresh token; if the server sends one under another name, \
                            declare it with `tokens(refresh = \"..\")`; if the refresh works without one, take an \
                            `Option<RefreshToken>`; sign in again";
            assert!(error.to_string().ends_with(expected), "{error}");
        })*};
    }
    try_each!(ByFieldClient ByQueryClient ByHeaderClient ByJsonClient ByFormClient);
    assert_eq!(server.recorded_on("/renew").len(), 0);
}

#[tokio::test]
async fn a_session_without_a_refresh_token_lasts_as_long_as_its_access_token() {
    let server = Server::start(Protocol { placement: Placement::Bearer, ..Protocol::pairs() });
    let client = ByFieldClient::builder(server.origin()).build().unwrap();
    // It is about to expire, which asks for a refresh ahead of time.
    let tokens = Tokens::new(server.issue("ann").access).expires_in(Duration::from_secs(3_600));
    client.session().login(tokens).await.unwrap();
    let error = client.session().refresh().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    client.fast().await.unwrap();
    assert!(client.session().is_signed_in());
}
