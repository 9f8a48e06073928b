//! A redirect is a response: what it says of the token is heard before it is followed.

use crate::support::SignedIn;
use perennial::{Bytes, Download, ErrorKind, Lines, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[api_client(
    base = "/api",
    auth(
        header = "X-Token",
        expired(status = 302, header("Location", contains = "/login")),
        logout(status = 302, header("Location", contains = "/goodbye")),
        renewed(header = "X-Next")
    ),
    tokens(access = "data.token"),
    allow(duplicate_endpoint)
)]
pub trait Pages {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn value(&self, id: u64) -> Result<Value>;
    #[get("/orders/{id}")]
    async fn text(&self, id: u64) -> Result<String>;
    #[get("/orders/{id}")]
    async fn bytes(&self, id: u64) -> Result<Bytes>;
    #[get("/orders/{id}")]
    async fn file(&self, id: u64) -> Result<Download>;
    #[get("/orders/{id}")]
    fn lines(&self, id: u64) -> Lines<String>;
    #[get("/orders/{id}")]
    async fn nothing(&self, id: u64) -> Result<()>;
    #[post("/orders")]
    async fn place(&self, #[json] order: &Value) -> Result<()>;
}

/// The session is a cookie, which the server may change with any response.
#[api_client(
    base = "/api",
    auth(cookie = "sid", logout(status = 401), renewed(cookie = "sid")),
    allow(duplicate_endpoint)
)]
pub trait Site {
    #[get("/orders/{id}")]
    async fn value(&self, id: u64) -> Result<String>;
    #[get("/orders/{id}")]
    async fn file(&self, id: u64) -> Result<Download>;
}

async fn signed_in() -> (Server, PagesClient) {
    let (server, client) = PagesClient::with_server().await;
    server.open("/login");
    server.on("/login").response(Reply::text("text/html", "<html>please sign in</html>"));
    (server, client)
}

#[tokio::test]
async fn a_redirect_that_means_expired_is_not_followed_whatever_the_method_returns() {
    for each in 0..7 {
        let (server, client) = signed_in().await;
        let other = Server::start(Protocol::article());
        for to in ["/login?back=x", &other.url("/login")] {
            server.behave();
            server.on("/login").response(Reply::text("text/html", "<html>please sign in</html>"));
            server.on("/orders/1").nth(1).redirect(302, to);
            server.on("POST /orders").nth(1).redirect(302, to);
            match each {
                0 => drop(client.value(1).await.unwrap()),
                1 => assert!(client.text(1).await.unwrap().starts_with('{')),
                2 => assert!(client.bytes(1).await.unwrap().starts_with(b"{")),
                3 => {
                    let bytes = client.file(1).await.unwrap().bytes().await.unwrap();
                    assert!(bytes.starts_with(b"{"));
                }
                4 => assert!(client.lines(1).next().await.unwrap().unwrap().starts_with('{')),
                5 => client.nothing(1).await.unwrap(),
                _ => client.place(&json!({"id": 9, "title": "tea"})).await.unwrap(),
            }
        }
        assert_eq!((server.refreshes(), server.count("/login")), (2, 0), "{each}");
        assert_eq!(other.requests(), 0);
        // The call itself was sent again, since the server led away from it.
        let sent = server.count("/orders/1") + server.count("POST /orders");
        assert_eq!(sent, 4, "{each}");
    }
}

#[tokio::test]
async fn a_redirect_that_means_expired_behind_another_one_is_not_followed_either() {
    let (server, client) = signed_in().await;
    server.on("/orders/1").redirect(307, "/api/orders/2");
    server.on("/orders/2").nth(1).redirect(302, "/login");
    assert_eq!(client.value(1).await.unwrap()["data"]["id"], 2);
    assert_eq!((server.refreshes(), server.count("/login")), (1, 0));
}

#[tokio::test]
async fn a_redirect_that_means_the_end_of_the_session_ends_it() {
    let (server, client) = signed_in().await;
    server.on("/orders/1").redirect(302, "/goodbye");
    let error = client.value(1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    assert!(client.session().tokens().is_none());
}

#[tokio::test]
async fn the_next_token_in_a_redirect_is_sent_to_its_target_and_kept() {
    let (server, client) = signed_in().await;
    let next = server.issue("ann").access;
    let moved = Reply::status(302).header("location", "/api/orders/2").header("x-next", &next);
    server.on("/orders/1").response(moved);
    client.value(1).await.unwrap();
    assert_eq!(server.recorded_on("/orders/2")[0].header("x-token"), Some(&*next));
    assert_eq!(client.session().tokens().unwrap().access(), next);
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test]
async fn a_cookie_in_a_redirect_is_sent_to_its_target_and_kept_if_accepted_there() {
    let server = Server::start(Protocol::article());
    server.open("/orders/1");
    server.open("/orders/2");
    let site = SiteClient::builder(server.origin()).build().unwrap();
    let moved = Reply::status(302)
        .header("location", "/api/orders/2")
        .header("set-cookie", "sid=R1; Path=/; HttpOnly");
    for is_good in [true, false] {
        site.session().login(Tokens::new("S1")).await.unwrap();
        server.behave();
        server.on("/orders/1").response(moved.clone());
        let status = if is_good { 200 } else { 401 };
        server.on("/orders/2").response(Reply::text("text/plain", "here").with_status(status));
        assert_eq!(site.value(1).await.is_ok(), is_good);
        let arrived = server.recorded_on("/orders/2").pop().unwrap();
        assert_eq!(arrived.header("cookie"), Some("sid=R1"));
        let tokens = site.session().tokens();
        // A pushed value that the server rejects as well is not adopted.
        assert_eq!(tokens.as_ref().map(Tokens::access), is_good.then_some("R1"));
    }
}

#[tokio::test]
async fn the_next_token_in_a_redirect_to_another_host_is_kept_and_not_sent_there() {
    let server = Server::start(Protocol::article());
    let other = Server::start(Protocol::article());
    server.open("/orders/1");
    other.open("/file");
    other.on("/file").response(Reply::text("text/plain", "content"));
    let site = SiteClient::builder(server.origin()).build().unwrap();
    site.session().login(Tokens::new("S1")).await.unwrap();
    let moved = Reply::status(302).header("location", &other.url("/file"));
    server.on("/orders/1").response(moved.header("set-cookie", "sid=R1"));
    assert_eq!(site.file(1).await.unwrap().bytes().await.unwrap(), "content");
    assert_eq!(other.recorded_on("/file")[0].header("cookie"), None);
    assert_eq!(site.session().tokens().unwrap().access(), "R1");
}

/// A login by form: the session is a cookie that comes with the redirect to the first page.
#[api_client(
    envelope(code = "code", ok = 0),
    auth(
        cookie = "sid",
        logout(status = 401),
        logout(status = 303, header("Location", contains = "/signin"))
    ),
    tokens(access = cookie("sid")),
    allow(duplicate_endpoint)
)]
pub trait Form {
    #[post("/signin", login)]
    async fn nothing(&self, #[field] user: &str) -> Result<()>;
    #[post("/signin", login)]
    async fn tokens(&self, #[field] user: &str) -> Result<Tokens>;
    #[post("/signin", login, redirect = off)]
    async fn off(&self, #[field] user: &str) -> Result<()>;
}

#[tokio::test]
async fn the_tokens_of_a_login_by_form_come_with_its_redirect() {
    for each in 0..3 {
        let server = Server::start(Protocol::pairs());
        server.open("/signin");
        server.open("/home");
        let home = |to: &str| {
            Reply::status(303).header("location", to).header("set-cookie", "sid=S1; HttpOnly")
        };
        let form = FormClient::builder(server.origin()).build().unwrap();
        for (to, is_good) in [("/signin?wrong=1", false), ("/home", true)] {
            server.behave();
            server.on("POST /signin").response(home(to));
            let outcome = match each {
                0 => form.nothing("ann").await,
                1 => form.tokens("ann").await.map(|it| assert_eq!(it.access(), "S1")),
                _ => form.off("ann").await,
            };
            assert_eq!(outcome.is_ok(), is_good, "{each}: {outcome:?}");
            let tokens = form.session().tokens();
            assert_eq!(tokens.as_ref().map(Tokens::access), is_good.then_some("S1"), "{each}");
        }
        assert_eq!(server.count("/home"), 0);
    }
}
