//! Clients that prove themselves with a key, and tokens for assertions and for other tokens. The provider verifies
//! each signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use perennial::oauth2::huskarl::core::crypto::signer::JwsSignerSelector;
use perennial::oauth2::huskarl::core::jwt::Jwt;
use perennial::oauth2::huskarl::grant::token_exchange::{SecurityToken, SecurityTokenType};
use perennial::oauth2::presets::Preset;
use perennial::oauth2::signer::GenerateAlgorithm;
use perennial::oauth2::{OAuth2, PrivateKey, Provider};
use perennial::{ErrorKind, RefreshFailure, Tokens};
use perennial_tests::{Protocol, Reply, Server, TestClock};
use serde_json::json;

use crate::world::{ApiClient, World};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

fn key() -> PrivateKey {
    PrivateKey::generate(GenerateAlgorithm::Es256, Some("key-1".to_owned())).unwrap()
}

/// An assertion of `client` about `subject`.
async fn assertion(world: &World, key: &PrivateKey, client: &str, subject: &str) -> String {
    let jwt = Jwt::builder()
        .iss(client)
        .sub(subject)
        .audience(&world.issuer)
        .issued_now_expires_after(Duration::from_secs(60))
        .claims(())
        .build();
    let signed = jwt.to_jws_compact(&*key.select_signer().await).await.unwrap();
    signed.expose_secret().to_owned()
}

/// A service account that vouches for `subject`, with a switch that takes another key than the registered one.
struct Account {
    oauth: OAuth2,
    client: String,
    is_wrong: Arc<AtomicBool>,
}

impl Account {
    async fn new(world: &Arc<World>, subject: &'static str) -> Self {
        let (right, wrong) = (key(), key());
        let client = world.register(&right, JWT_BEARER).await;
        let is_wrong = Arc::new(AtomicBool::new(false));
        let (world, own, switch) = (Arc::clone(world), client.clone(), Arc::clone(&is_wrong));
        let base = OAuth2::with_key(world.provider().await, &client, right.clone());
        let oauth = base.jwt_bearer(move || {
            let (world, client) = (Arc::clone(&world), own.clone());
            let key = if switch.load(Ordering::Relaxed) { wrong.clone() } else { right.clone() };
            async move { Ok(assertion(&world, &key, &client, subject).await) }
        });
        Self { oauth, client, is_wrong }
    }
}

async fn all_are(api: &ApiClient, subject: &str) {
    for me in join_all((0..64).map(|_| api.me().into_future())).await {
        assert_eq!(me.unwrap().sub, subject);
    }
}

#[tokio::test]
async fn a_client_authenticates_with_its_key_at_every_endpoint() {
    let Some(world) = World::or_skip() else { return };
    let own = key();
    let client = world.register(&own, "client_credentials").await;
    let oauth = OAuth2::with_key(world.provider().await, &client, own).client_credentials();
    let api = world.api(&oauth);
    all_are(&api, &client).await;
    world.control.expire(&client).await.unwrap();
    all_are(&api, &client).await;
    assert_eq!(world.control.counts(&client).await.unwrap().granted, 2);

    let tokens = api.session().tokens().unwrap();
    assert!(oauth.introspect(&tokens).await.unwrap().active);
    oauth.revoke(&tokens).await.unwrap();
    assert!(!oauth.introspect(&tokens).await.unwrap().active);

    // Another key under the same name is not taken, and a later one may be.
    let other = OAuth2::with_key(world.provider().await, &client, key()).client_credentials();
    let error = world.api(&other).me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert!(error.to_string().contains("invalid_client"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn assertions_need_no_login_and_are_exchanged_once_for_all_calls() {
    let Some(world) = World::or_skip().map(Arc::new) else { return };
    let account = Account::new(&world, "ann").await;
    let api = world.api(&account.oauth);
    for round in 1..=3 {
        all_are(&api, "ann").await;
        assert_eq!(world.control.counts(&account.client).await.unwrap().granted, round);
        world.control.expire(&account.client).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_assertion_that_is_not_accepted_ends_no_session() {
    let Some(world) = World::or_skip().map(Arc::new) else { return };
    let account = Account::new(&world, "ann").await;
    account.is_wrong.store(true, Ordering::Relaxed);
    let clock = TestClock::new();
    let builder = ApiClient::builder(&world.issuer).oauth2(&account.oauth);
    let api = builder.clock(clock.clone()).build().unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert!(error.to_string().contains("invalid_grant"), "{error}");
    // A service goes on as soon as its key is right.
    account.is_wrong.store(false, Ordering::Relaxed);
    clock.advance(Duration::from_secs(60));
    all_are(&api, "ann").await;
}

#[tokio::test]
async fn an_assertion_signs_in_once() {
    let Some(world) = World::or_skip() else { return };
    let own = key();
    let client = world.register(&own, JWT_BEARER).await;
    let oauth = OAuth2::with_key(world.provider().await, &client, own.clone());
    let signed = assertion(&world, &own, &client, "ben").await;
    let tokens = oauth.sign_in_with_assertion(&signed).await.unwrap();
    let api = world.api(&oauth);
    api.session().login(tokens).await.unwrap();
    assert_eq!(api.me().await.unwrap().sub, "ben");

    let error = oauth.sign_in_with_assertion(&signed).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_grant"), "{error}");
    assert!(!format!("{error} {error:?}").contains(&signed), "{error}");
}

#[tokio::test]
async fn a_service_account_without_an_id_of_a_client_sends_none() {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /tokens");
    server.open("GET /api/me");
    server.offer("/api/me", json!({"sub": "robot"}));
    server.on("POST /tokens").response(Reply::json(&json!({
        "access_token": "a", "token_type": "Bearer", "expires_in": 3600
    })));
    let preset = Preset::new("http://127.0.0.1", server.url("/tokens").leak());
    let provider = Provider::from_preset(preset).unwrap();
    let oauth = OAuth2::public(provider, "").scopes(["read"]);
    let oauth = oauth.jwt_bearer(async || Ok("signed".to_owned()));
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    assert_eq!(api.me().await.unwrap().sub, "robot");
    let form = &server.recorded_on("POST /tokens")[0];
    let form: std::collections::BTreeMap<String, String> = form.form_as();
    let expected = [("assertion", "signed"), ("grant_type", JWT_BEARER), ("scope", "read")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(form, expected.into());
}

fn access(tokens: &Tokens) -> SecurityToken {
    SecurityToken::builder()
        .token(tokens.access())
        .token_type(SecurityTokenType::AccessToken)
        .build()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_token_of_another_session_is_exchanged_whenever_one_has_expired() {
    let Some(world) = World::or_skip().map(Arc::new) else { return };
    let account = Account::new(&world, "ann").await;
    let front = world.api(&account.oauth);
    all_are(&front, "ann").await;

    let own = key();
    let client = world.register(&own, TOKEN_EXCHANGE).await;
    let session = front.session().clone();
    let base = OAuth2::with_key(world.provider().await, &client, own);
    let oauth = base.clone().audience("https://billing.example").token_exchange(move || {
        let subject = session.tokens().map(|tokens| access(&tokens));
        async move { subject.ok_or_else(|| RefreshFailure::rejected("nobody is signed in")) }
    });
    let behind = world.api(&oauth);
    for round in 1..=3 {
        all_are(&behind, "ann").await;
        assert_eq!(world.control.counts(&client).await.unwrap().granted, round);
        world.control.expire(&client).await.unwrap();
    }
    assert_eq!(behind.audience().await.unwrap().aud.as_deref(), Some("https://billing.example"));

    // Once, by hand.
    let subject = front.session().tokens().unwrap();
    let tokens = base.sign_in_with_token(access(&subject)).await.unwrap();
    behind.session().login(tokens).await.unwrap();
    assert_eq!(behind.me().await.unwrap().sub, "ann");
    let error = base.sign_in_with_token(access(&Tokens::new("made-up-token"))).await.unwrap_err();
    assert_eq!(error.code(), Some("invalid_grant"), "{error}");

    // The exchange needs the token of a user, and the error says so.
    front.session().logout().await.unwrap();
    world.control.expire(&client).await.unwrap();
    let error = behind.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    assert!(error.to_string().contains("nobody is signed in"), "{error}");
}
