//! A token that is a cookie, beside a cookie store of the client.

use std::sync::Arc;

use axum::response::IntoResponse;
use axum::routing::post;
use perennial::reqwest::cookie::Jar;
use perennial::{ErrorKind, Result, api_client, reqwest};
use perennial_tests::{Payload, Placement, Protocol, Server};
use serde_json::{Value, json};

#[api_client(auth(cookie = "sid", expired(status = 401)), tokens(access = cookie("sid")))]
pub trait Site {
    #[post("/sign-in", login)]
    async fn sign_in(&self, #[field] user: &str) -> Result<()>;
    #[post("/renew", refresh, public)]
    async fn renew(&self) -> Result<()>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/open", public)]
    async fn public(&self) -> Result<Value>;
    #[get("/open", optional, allow(duplicate_endpoint))]
    async fn optional(&self) -> Result<Value>;
}

/// A server that sets a cookie for the session, and others for the browser.
fn server() -> Arc<Server> {
    let protocol = Protocol { placement: Placement::Cookie("sid"), ..Protocol::pairs() };
    let server = Arc::new(Server::start(protocol));
    for path in ["/sign-in", "/renew"] {
        server.open(path);
        let issuer = Arc::clone(&server);
        let set = move || {
            let access = issuer.issue("ann").access;
            let cookies = [
                ("set-cookie", "renewal=long; Path=/; HttpOnly".to_owned()),
                ("set-cookie", format!("sid={access}; Path=/; HttpOnly")),
            ];
            std::future::ready(axum::response::AppendHeaders(cookies).into_response())
        };
        server.route(path, post(set));
    }
    server.open("/open");
    server.route("/open", axum::routing::get(|| async { Payload(json!("open")) }));
    server
}

#[tokio::test]
async fn the_cookie_of_the_session_is_not_in_the_cookie_store() {
    let server = server();
    let site = SiteClient::builder(server.origin()).cookie_provider(Arc::new(Jar::default()));
    let site = site.build().unwrap();
    let another = site.in_session(&site.session().sibling());
    site.sign_in("ann").await.unwrap();
    site.public().await.unwrap();
    another.optional().await.unwrap();
    site.fast().await.unwrap();
    server.expire_all();
    site.fast().await.unwrap();
    site.session().logout().await.unwrap();
    site.public().await.unwrap();
    site.optional().await.unwrap();
    site.sign_in("ann").await.unwrap();

    let sent: Vec<_> = server
        .recorded()
        .into_iter()
        .map(|it| {
            let cookie = it.header("cookie").map(|it| it.split('=').next().unwrap().to_owned());
            (it.target.clone(), cookie.unwrap_or_default())
        })
        .collect();
    let sent: Vec<_> = sent.iter().map(|(to, cookie)| (&**to, &**cookie)).collect();
    assert_eq!(
        sent,
        [
            ("/sign-in", ""),
            ("/open", "renewal"),
            ("/open", "renewal"),
            ("/fast", "sid"),
            ("/fast", "sid"),
            // The refresh token is in the store, which the refresh shares with the calls.
            ("/renew", "renewal"),
            ("/fast", "sid"),
            ("/open", "renewal"),
            ("/open", "renewal"),
            ("/sign-in", "renewal"),
        ]
    );
}

#[tokio::test]
async fn a_cookie_store_of_reqwest_beside_a_cookie_that_is_the_token_is_refused() {
    let builder = || SiteClient::builder("http://127.0.0.1:1");
    let stores = [
        builder().http_with(|http| http.cookie_store(true)).build(),
        builder().http_with(|http| http.cookie_provider(Arc::new(Jar::default()))).build(),
        builder().http(reqwest::Client::builder().user_agent("x").cookie_store(true)).build(),
    ];
    for built in stores {
        let error = built.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Build);
        let message = error.to_string();
        assert!(message.contains("`sid`") && message.contains("`cookie_provider`"), "{message}");
    }
    builder().http_with(|http| http.user_agent("x")).build().unwrap();
    builder()
        .http_with(|http| http.cookie_store(true))
        .cookie_provider(Arc::new(Jar::default()))
        .build()
        .unwrap();
}
