//! Values that calls take from the tokens: a tenant in a header, and the token that a logout revokes.

use std::sync::Arc;

use axum::routing::{any, post};
use perennial::{ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde_json::{Value, json};

/// The revocation of RFC 7009, at the host of the accounts.
#[api_client(
    auth(bearer, expired(status = 401)),
    headers("X-Tenant" = tokens("tenant")),
    tokens(extra("tenant")),
    allow(unknown_extra)
)]
pub trait Office {
    #[post("/token", refresh, host = "accounts", fields("grant_type" = "refresh_token"))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post(
        "/revoke",
        logout,
        host = "accounts",
        fields("token" = tokens(refresh), "token_type_hint" = "refresh_token")
    )]
    async fn logout(&self, #[field] client_id: &str) -> Result<()>;
    #[get("/mirror", queries("region" = tokens("region")))]
    async fn mirror(&self) -> Result<Value>;
    #[get("/mirror", headers("X-Tenant" = off))]
    async fn without_tenant(&self) -> Result<Value>;
    #[get("/health", public)]
    async fn health(&self) -> Result<Value>;
    #[get(url)]
    async fn at(&self, #[url] at: &str) -> Result<Value>;
    #[get(url, queries("region" = tokens("region")))]
    async fn mirror_at(&self, #[url] at: &str) -> Result<Value>;
}

struct World {
    api: Arc<Server>,
    accounts: Server,
    office: OfficeClient,
}

async fn world() -> World {
    let api = Arc::new(Server::start(Protocol::pairs()));
    let accounts = Server::start(Protocol::pairs());
    let issuer = Arc::clone(&api);
    let grant = move || {
        let access = issuer.issue("ann").access;
        async move { Payload(json!({"access_token": access, "refresh_token": "r-2", "tenant": "t-2"})) }
    };
    accounts.open("/token");
    accounts.route("/token", post(grant));
    accounts.open("/revoke");
    accounts.route("/revoke", post(|| async {}));
    api.route("/mirror", any(|| async { Payload(json!(1)) }));
    let builder = OfficeClient::builder(api.origin()).host("accounts", accounts.origin());
    let office = builder.build().unwrap();
    let tokens = Tokens::new(api.issue("ann").access).with_refresh("r-1");
    let tokens = tokens.with_extra("tenant", "t-1").with_extra("region", "eu 5");
    office.session().login(tokens).await.unwrap();
    World { api, accounts, office }
}

#[tokio::test]
async fn a_call_carries_the_values_of_its_token_and_a_replay_those_of_the_next() {
    let World { api, accounts: _accounts, office } = world().await;
    api.expire_all();
    office.mirror().await.unwrap();
    let sent = api.recorded_on("/mirror");
    let tenants: Vec<_> = sent.iter().map(|it| it.header("x-tenant").unwrap()).collect();
    assert_eq!(tenants, ["t-1", "t-2"]);
    assert_eq!(sent[0].target, "/mirror?region=eu+5");

    office.without_tenant().await.unwrap();
    office.health().await.unwrap();
    let other = Server::start(Protocol::pairs());
    other.open("/health");
    office.at(&other.url("/health")).await.unwrap();
    for sent in [&api.recorded()[2..], &other.recorded()].concat() {
        assert_eq!(sent.header("x-tenant"), None, "{}", sent.target);
    }
    let curl = office.mirror().to_curl();
    assert!(curl.contains("-H 'x-tenant: ***'") && curl.contains("region=***"), "{curl}");
}

#[tokio::test]
async fn a_link_that_repeats_the_value_of_a_token_gets_the_one_of_the_present_token() {
    let World { api, accounts: _accounts, office } = world().await;
    office.mirror_at(&api.url("/mirror?region=us+1&page=2&region=us")).await.unwrap();
    assert_eq!(api.recorded()[0].target, "/mirror?page=2&region=eu+5");
}

#[tokio::test]
async fn a_value_that_the_tokens_do_not_have_is_left_out() {
    let World { api, accounts: _accounts, office } = world().await;
    office.session().login(Tokens::new(api.issue("bob").access)).await.unwrap();
    office.mirror().await.unwrap();
    let sent = &api.recorded()[0];
    assert_eq!((sent.header("x-tenant"), &*sent.target), (None, "/mirror"));
}

#[tokio::test]
async fn a_logout_revokes_the_refresh_token_that_the_session_has_by_then() {
    let World { api, accounts, office } = world().await;
    api.expire_all();
    // Made before the token rotates.
    let logout = office.logout("app");
    assert!(logout.to_curl().contains("token=***"), "{}", logout.to_curl());
    office.mirror().await.unwrap();
    logout.await.unwrap();
    assert!(!office.session().is_signed_in());
    let revoked = &accounts.recorded()[1];
    assert_eq!(
        std::str::from_utf8(&revoked.body).unwrap(),
        "client_id=app&token_type_hint=refresh_token&token=r-2"
    );
    assert_eq!((revoked.header("authorization"), revoked.header("x-tenant")), (None, Some("t-2")));

    let error = office.logout("app").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SignedOut);
    assert_eq!(accounts.recorded().len(), 2);
}

#[tokio::test]
async fn a_logout_for_a_user_who_is_gone_revokes_nothing() {
    let World { api, accounts, office } = world().await;
    let logout = office.logout("app");
    office.session().login(Tokens::new(api.issue("bob").access).with_refresh("r-9")).await.unwrap();
    assert_eq!(logout.await.unwrap_err().kind(), ErrorKind::SessionChanged);
    assert_eq!(accounts.recorded().len(), 0);
    assert_eq!(office.session().tokens().unwrap().refresh(), Some("r-9"));
}

/// A logout that takes the refresh token in a JSON object beside the bearer token.
#[api_client(auth(bearer, expired(status = 401)))]
pub trait Cms {
    #[post("/renew", refresh, public)]
    async fn renew(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;
    #[post("/mirror", logout, fields("refresh_token" = tokens(refresh)))]
    async fn logout(&self, #[json] options: &Value) -> Result<()>;
    #[delete("/mirror", fields("token" = tokens(access)), allow(duplicate_endpoint))]
    async fn delete(&self) -> Result<()>;
}

#[tokio::test]
async fn a_logout_that_is_replayed_revokes_the_rotated_token() {
    let server = Arc::new(Server::start(Protocol::pairs()));
    server.open("/renew");
    let issuer = Arc::clone(&server);
    let grant = move || {
        let access = issuer.issue("ann").access;
        async move { Payload(json!({"access_token": access, "refresh_token": "r-2"})) }
    };
    server.route("/renew", post(grant));
    server.route("/mirror", any(|| async {}));
    let cms = CmsClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new(server.issue("ann").access).with_refresh("r-1");
    cms.session().login(tokens).await.unwrap();
    cms.delete().await.unwrap();
    let access = cms.session().tokens().unwrap().access().to_owned();
    let sent = &server.recorded()[0];
    assert_eq!(std::str::from_utf8(&sent.body).unwrap(), format!("token={access}"));
    let media_type = sent.header("content-type");
    assert_eq!(media_type, Some("application/x-www-form-urlencoded"));

    server.expire_all();
    cms.logout(&json!({"mode": "json"})).await.unwrap();
    let sent = server.recorded_on("POST /mirror");
    let bodies: Vec<Value> =
        sent.iter().map(|it| serde_json::from_slice(&it.body).unwrap()).collect();
    assert_eq!(bodies[0], json!({"mode": "json", "refresh_token": "r-1"}));
    assert_eq!(bodies[1], json!({"mode": "json", "refresh_token": "r-2"}));
    assert!(!cms.session().is_signed_in());
}

#[tokio::test]
async fn a_value_from_the_tokens_with_the_name_of_a_secret_is_hidden_where_the_server_quotes_it() {
    #[api_client(
        envelope(code = "code", message = "error", ok = absent),
        auth(bearer, expired(status = 401)),
        headers("X-Tenant" = tokens("tenant"), "X-Client-Secret" = tokens("client_secret")),
        allow(expiry_without_refresh)
    )]
    trait Office {
        #[get("/fast")]
        async fn fast(&self) -> Result<Value>;
    }
    let server = Server::start(Protocol::pairs());
    let office = OfficeClient::builder(server.origin()).build().unwrap();
    let tokens = Tokens::new(server.issue("ann").access).with_extra("tenant", "tenant-seven");
    office.session().login(tokens.with_extra("client_secret", "hush-hush")).await.unwrap();
    let quoted = json!({"error": "no tenant-seven for hush-hush"});
    server.on("/fast").response(Reply::rejection(403, &quoted));
    let error = office.fast().await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("tenant-seven") && !text.contains("hush-hush"), "{text}");
}
