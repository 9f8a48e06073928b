//! A refresh that knows what it is for: the endpoint, the session, and the response that said expired.

use std::sync::{Arc, Mutex};

use axum::routing::post;
use perennial::{
    Refresh, RefreshCause, RefreshFailure, RefreshToken, RefreshTrigger, Result, Tokens, api_client,
};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde_json::{Value, json};

/// The scope that the server asks for.
#[derive(serde::Serialize)]
pub struct WantedScope(Option<String>);

impl From<&RefreshCause> for WantedScope {
    fn from(cause: &RefreshCause) -> Self {
        Self(cause.challenge("scope"))
    }
}

/// The endpoint that needs the token, and how it was refused.
pub struct Needs(String);

impl From<&RefreshCause> for Needs {
    fn from(cause: &RefreshCause) -> Self {
        let (endpoint, status) = (cause.endpoint().map(|it| it.name), cause.status());
        Self(format!("{endpoint:?} {:?} {:?}", status.map(|it| it.as_u16()), cause.trigger()))
    }
}

impl std::fmt::Display for Needs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Shop {
    #[post("/renew", refresh, public)]
    async fn renew(
        &self,
        #[field] refresh_token: RefreshToken,
        #[field] scope: WantedScope,
        #[header("X-Needs")] needs: Needs,
    ) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn a_declared_refresh_knows_the_endpoint_and_the_response_that_said_expired() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/renew");
    let issuer = Arc::clone(&server);
    server.route(
        "/renew",
        post(move || {
            std::future::ready(Payload(json!({"access_token": issuer.issue("ann").access})))
        }),
    );
    let shop = ShopClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new(server.issue("ann").access).with_refresh("r-1");
    shop.session().login(tokens).await.unwrap();
    let challenge = r#"Bearer error="insufficient_user_authentication", scope="orders:write""#;
    let refused = Reply::status(401).header("www-authenticate", challenge);
    server.on("/fast").nth(1).response(refused);
    shop.fast().await.unwrap();
    shop.session().refresh().await.unwrap();
    shop.session().expire_now();
    shop.fast().await.unwrap();

    let sent = server.recorded_on("/renew");
    let needs: Vec<_> = sent.iter().map(|it| it.header("x-needs").unwrap()).collect();
    assert_eq!(
        needs,
        [r#"Some("fast") Some(401) Expired"#, "None None Manual", r#"Some("fast") None Expired"#]
    );
    let forms: Vec<_> = sent.iter().map(|it| std::str::from_utf8(&it.body).unwrap()).collect();
    let plain = "refresh_token=r-1";
    assert_eq!(forms, ["refresh_token=r-1&scope=orders%3Awrite", plain, plain]);
}

/// Code of the program that is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<RefreshCause>>>);

impl Refresh for Told {
    async fn refresh(&self, _: Option<Tokens>) -> Result<Tokens, RefreshFailure> {
        Err(RefreshFailure::unavailable("it asks for the cause"))
    }

    async fn refresh_for(&self, cause: RefreshCause) -> Result<Tokens, RefreshFailure> {
        let number = self.0.lock().unwrap().len();
        self.0.lock().unwrap().push(cause);
        Ok(Tokens::new(format!("made-{number}")))
    }
}

#[api_client(auth(bearer, expired(status = 401)), allow(expiry_without_refresh))]
pub trait Elsewhere {
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn the_programs_own_refresh_gets_the_cause_and_shows_no_secret() {
    let server = Server::start(Protocol::pairs());
    let told = Told::default();
    let client = ElsewhereClient::builder(server.origin()).refresh(told.clone()).build().unwrap();
    let other = client.session().sibling();
    let secret = Reply::status(401).header("www-authenticate", "Bearer scope=\"secret-scope\"");
    client.session().login(Tokens::new("first")).await.unwrap();
    server.on("/fast").response(secret);
    client.fast().await.unwrap_err();
    client.in_session(&other).fast().await.unwrap_err();

    let causes = told.0.lock().unwrap();
    let expired = &causes[0];
    assert_eq!((expired.trigger(), expired.key()), (RefreshTrigger::Expired, ""));
    assert_eq!(
        (expired.session(), expired.endpoint().unwrap().name),
        (client.session().id(), "fast")
    );
    assert_eq!(expired.tokens().unwrap().access(), "first");
    assert_eq!(expired.challenge("scope").as_deref(), Some("secret-scope"));
    let first = &causes[1];
    assert_eq!((first.trigger(), first.session()), (RefreshTrigger::First, other.id()));
    assert_eq!((first.tokens(), first.status()), (None, None));
    let shown = format!("{causes:?}");
    assert!(!shown.contains("\"first") && !shown.contains("secret-scope"), "{shown}");
}
