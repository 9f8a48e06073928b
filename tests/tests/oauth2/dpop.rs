//! Tokens that are bound to a key (RFC 9449), at a provider and an API that verify each proof.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::join_all;
use perennial::oauth2::presets::Preset;
use perennial::oauth2::{OAuth2, Provider};
use perennial::store::FileStore;
use perennial::{ErrorKind, Tokens};
use perennial_tests::{Protocol, Recorded, Reply, Server};
use serde_json::{Value, json};

use crate::world::{ApiClient, Me, World, survives_expiries};

const CLIENT: &str = "bound";

fn ann() -> Me {
    Me { sub: "ann".to_owned() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_attempt_proves_the_key_which_is_stored_with_the_tokens() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client(CLIENT).await.dpop();
    let tokens = world.browser(&oauth, &[]).await.unwrap();
    let key = tokens.extra("dpop_key").unwrap().to_owned();
    assert!(key.contains("\"d\":\"") && !format!("{tokens:?}{oauth:?}").contains(&key));

    // The first request has no nonce, its response names one, and it is sent once more.
    let api = world.api(&oauth);
    api.session().login(tokens).await.unwrap();
    let before = world.control.counts(CLIENT).await.unwrap();
    assert_eq!(api.me().await.unwrap(), ann());
    let challenges = world.control.counts(CLIENT).await.unwrap().challenges;
    assert_eq!(challenges, before.challenges + 1);
    assert_eq!(api.session().stats().refreshes, 0);

    // A nonce that is good no more costs the calls that carried it one replay each, and no refresh.
    for _ in 0..3 {
        world.control.turn(CLIENT).await.unwrap();
        for me in join_all((0..20).map(|_| api.me().into_future())).await {
            assert_eq!(me.unwrap(), ann());
        }
    }
    api.note("as it was").await.unwrap();
    world.control.turn(CLIENT).await.unwrap();
    api.note("and once more").await.unwrap();
    let notes = world.control.counts(CLIENT).await.unwrap().notes;
    assert_eq!(notes[before.notes.len()..], ["as it was", "and once more"]);
    assert_eq!(api.session().stats().refreshes, 0);

    // A method that is never replayed is left as it is, and the next call knows the nonce.
    world.control.turn(CLIENT).await.unwrap();
    let error = api.note_once("lost").await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Status, 1), "{error}");
    api.note_once("kept").await.unwrap();
    assert_eq!(world.control.counts(CLIENT).await.unwrap().notes.last().unwrap(), "kept");

    survives_expiries(&world, CLIENT, &api).await;
    assert_eq!(api.session().tokens().unwrap().extra("dpop_key"), Some(&*key));
    assert_eq!(oauth.user_info(api.session(), "ann").await.unwrap().sub, "ann");
    oauth.sign_out(api.session()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_finds_the_key_and_a_thief_does_not() {
    let Some(world) = World::or_skip() else { return };
    let folder = std::env::temp_dir().join(format!("perennial-dpop-{}", std::process::id()));
    let file = folder.join("tokens.json");
    let build = |oauth: &OAuth2| {
        let builder = ApiClient::builder(&world.issuer).oauth2(oauth);
        builder.store(FileStore::at(&file)).build().unwrap()
    };
    let oauth = world.client("bound-device").await.dpop();
    let tokens = world.device(&oauth, "ann").await;
    let first = build(&oauth);
    first.session().login(tokens).await.unwrap();
    assert_eq!(first.me().await.unwrap(), ann());
    drop(first);

    // The next process has nothing but the file, and renews as well.
    let next = build(&world.client("bound-device").await.dpop());
    assert_eq!(next.me().await.unwrap(), ann());
    world.control.expire("bound-device").await.unwrap();
    assert_eq!(next.me().await.unwrap(), ann());
    assert_eq!(next.session().stats().refreshes, 1);

    // Without the key a token is of no use, and neither is its refresh token.
    let present = next.session().tokens().unwrap();
    let stolen = Tokens::new(present.access()).with_refresh(present.refresh().unwrap());
    let thief = world.api(&world.client("bound-device").await.dpop());
    thief.session().login(stolen).await.unwrap();
    assert!(thief.me().await.is_err());
    assert_eq!(next.me().await.unwrap(), ann());
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_service_binds_its_tokens_and_keeps_its_key() {
    let Some(world) = World::or_skip() else { return };
    let oauth =
        OAuth2::confidential(world.provider().await, "bound-service", "bound-service-secret");
    let api = world.api(&oauth.client_credentials().dpop());
    let me = || api.me().into_future();
    for me in join_all((0..20).map(|_| me())).await {
        assert_eq!(me.unwrap().sub, "bound-service");
    }
    let key = api.session().tokens().unwrap().extra("dpop_key").unwrap().to_owned();
    world.control.expire("bound-service").await.unwrap();
    assert_eq!(me().await.unwrap().sub, "bound-service");
    assert_eq!(api.session().stats().refreshes, 2);
    assert_eq!(api.session().tokens().unwrap().extra("dpop_key"), Some(&*key));
}

#[tokio::test]
async fn a_server_that_binds_nothing_gets_plain_bearer_tokens() {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /plain");
    server.on("POST /plain").response(Reply::json(&json!({
        "access_token": "plain", "token_type": "Bearer", "expires_in": 600
    })));
    server.on("GET /api/me").response(Reply::json(&json!({"sub": "it"})));
    let token: &'static str = server.url("/plain").leak();
    let provider = Provider::from_preset(Preset::new("http://127.0.0.1", token)).unwrap();
    let oauth = OAuth2::confidential(provider, "id", "secret").client_credentials().dpop();
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    assert_eq!(api.me().await.unwrap().sub, "it");
    // The token endpoint was offered a key, and the API is sent no proof.
    assert!(server.recorded_on("POST /plain")[0].header("dpop").is_some());
    let sent = &server.recorded_on("GET /api/me")[0];
    assert_eq!(sent.header("authorization"), Some("Bearer plain"));
    assert_eq!(sent.header("dpop"), None);
}

/// A client that binds its tokens, at an API and a token endpoint that this server scripts.
fn scripted() -> (Server, OAuth2) {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /tokens");
    let token: &'static str = server.url("/tokens").leak();
    let provider = Provider::from_preset(Preset::new("http://127.0.0.1", token)).unwrap();
    (server, OAuth2::public(provider, "cli").dpop())
}

/// A part of the proof that a request carries: its header, or its claims.
fn part_of_proof(request: &Recorded, at: usize) -> Value {
    let part = request.header("dpop").unwrap().split('.').nth(at).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn issued(kind: &str, n: u32) -> Reply {
    let (access, refresh) = (format!("a-{n}"), format!("r-{n}"));
    Reply::json(&json!({"access_token": access, "refresh_token": refresh, "token_type": kind}))
}

#[tokio::test]
async fn a_nonce_that_comes_with_a_redirect_is_in_the_proof_for_its_target() {
    let (server, oauth) = scripted();
    server.on("POST /tokens").response(issued("DPoP", 1));
    let there = Reply::status(302).header("location", "/api/there").header("dpop-nonce", "n-1");
    server.on("GET /api/me").response(there);
    server.on("GET /api/there").response(Reply::json(&json!({"sub": "ann"})));
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    api.session().login(Tokens::new("a").with_refresh("r")).await.unwrap();
    api.session().refresh().await.unwrap();
    assert_eq!(api.me().await.unwrap(), ann());
    assert_eq!(part_of_proof(&server.recorded_on("GET /api/me")[0], 1).get("nonce"), None);
    let claims = part_of_proof(&server.recorded_on("GET /api/there")[0], 1);
    assert_eq!(claims["nonce"], "n-1");
}

#[tokio::test]
async fn a_session_keeps_its_key_although_a_provider_once_binds_nothing() {
    let (server, oauth) = scripted();
    for (n, kind) in [(1, "Bearer"), (2, "DPoP"), (3, "Bearer"), (4, "DPoP")] {
        server.on("POST /tokens").nth(n).response(issued(kind, u32::try_from(n).unwrap()));
    }
    server.on("GET /api/me").response(Reply::json(&json!({"sub": "ann"})));
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    api.session().login(Tokens::new("a").with_refresh("r")).await.unwrap();
    for _ in 0..4 {
        api.session().refresh().await.unwrap();
        assert_eq!(api.me().await.unwrap(), ann());
    }
    let calls = server.recorded_on("GET /api/me");
    let sent = calls.iter().map(|it| (it.header("authorization").unwrap(), it.header("dpop")));
    let sent: Vec<_> = sent.map(|(token, proof)| (token, proof.is_some())).collect();
    let expected =
        [("Bearer a-1", false), ("DPoP a-2", true), ("Bearer a-3", false), ("DPoP a-4", true)];
    assert_eq!(sent, expected);
    // A refresh token that was bound to a key is accepted with that key alone.
    let refreshes = server.recorded_on("POST /tokens");
    let keys: Vec<_> = refreshes.iter().map(|it| part_of_proof(it, 0)["jwk"].clone()).collect();
    assert_eq!(keys, vec![keys[0].clone(); 4]);
    assert_eq!(part_of_proof(&calls[1], 0)["jwk"], keys[0]);
}
