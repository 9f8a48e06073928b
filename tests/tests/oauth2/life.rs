//! The life of a login: signed in, renewed, shared, revoked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::join_all;
use perennial::oauth2::presets::Preset;
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial::store::FileStore;
use perennial::system::{Spawn, TokioSpawner};
use perennial::{BoxFuture, ErrorKind, Event, EventKind, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;
use tokio::sync::Notify;

use crate::world::{ApiClient, Me, World, survives_expiries};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in_survives_expiries_and_signs_out() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;

    // Nobody is signed in, and a client that needs a person sends nothing.
    let api = world.api(&oauth);
    assert!(api.me().await.unwrap_err().is_signed_out());

    // In a browser, from the printed address to the first call.
    let tokens = world.browser(&oauth, &[]).await.unwrap();
    api.session().login(tokens).await.unwrap();
    assert_eq!(api.me().await.unwrap(), Me { sub: "ann".to_owned() });
    survives_expiries(&world, "cli", &api).await;

    // Signing out revokes: the refresh token is of no use afterwards.
    let tokens = api.session().tokens().unwrap();
    let before = world.control.counts("cli").await.unwrap().revocations;
    oauth.sign_out(api.session()).await.unwrap();
    assert!(!api.session().is_signed_in());
    assert_eq!(world.control.counts("cli").await.unwrap().revocations, before + 1);
    world.control.expire("cli").await.unwrap();
    api.session().login(tokens).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");

    // On another device, and the tokens in a file, where the next process finds them.
    let tokens = world.device(&oauth, "ann").await;
    // Its ID token is checked as well.
    assert_eq!(tokens.extra("sub"), Some("ann"));
    let folder = std::env::temp_dir().join(format!("perennial-oauth2-{}", std::process::id()));
    let file = folder.join("tokens.json");
    let store = || FileStore::at(&file);
    let build = || ApiClient::builder(&world.issuer).oauth2(&oauth).store(store()).build().unwrap();
    let first = build();
    first.session().login(tokens).await.unwrap();
    survives_expiries(&world, "cli", &first).await;
    drop(first);
    assert_eq!(build().me().await.unwrap(), Me { sub: "ann".to_owned() });
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn client_credentials_need_no_login_and_the_first_call_fetches_the_token() {
    let Some(world) = World::or_skip() else { return };
    let provider = world.provider().await;
    let oauth = OAuth2::confidential(provider, "service", "service-secret").client_credentials();
    let api = world.api(&oauth);
    for me in join_all((0..20).map(|_| api.me().into_future())).await {
        assert_eq!(me.unwrap(), Me { sub: "service".to_owned() });
    }
    assert_eq!(api.session().stats().refreshes, 1);
}

#[tokio::test]
async fn tokens_that_come_too_late_for_their_user_are_revoked() {
    let server = Server::start(Protocol::oauth2());
    for route in ["POST /tokens", "POST /gone"] {
        server.open(route);
    }
    let (renewed, revoked) = (server.hold("POST /tokens"), server.hold("POST /gone"));
    server.on("POST /tokens").response_after(Reply::json(&json!({
        "access_token": "a-2", "token_type": "Bearer", "refresh_token": "r-2"
    })));
    server.on("POST /gone").response_after(Reply::status(200));
    let at = |path: &str| -> &'static str { server.url(path).leak() };
    let preset = Preset::new("http://127.0.0.1", at("/tokens")).revocation(at("/gone"));
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    api.session().login(Tokens::new("a-1").with_refresh("r-1")).await.unwrap();

    // Another user signs in while the tokens of the first are renewed.
    let session = api.session().clone();
    let refresh = tokio::spawn(async move { session.refresh().await });
    renewed.arrived(1).await;
    api.session().login(Tokens::new("b-1").with_refresh("s-1")).await.unwrap();
    renewed.release();
    assert_eq!(refresh.await.unwrap().unwrap_err().kind(), ErrorKind::SessionChanged);
    revoked.arrived(1).await;
    revoked.release();
    let form = String::from_utf8(server.recorded_on("POST /gone")[0].body.to_vec()).unwrap();
    assert!(form.contains("token=r-2"), "{form}");
    assert_eq!(api.session().tokens().unwrap().access(), "b-1");
}

/// Tokio's, with a count.
#[derive(Clone, Default)]
struct Counting(Arc<AtomicUsize>);

impl Spawn for Counting {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<(), BoxFuture<'static, ()>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        TokioSpawner.spawn(task)
    }
}

#[tokio::test]
async fn tokens_that_come_too_late_are_revoked_only_if_no_login_shares_their_refresh_token() {
    let rotated = json!({"access_token": "a-2", "token_type": "Bearer", "refresh_token": "r-2"});
    let kept = json!({"access_token": "a-2", "token_type": "Bearer"});
    let echoed = json!({"access_token": "a-2", "token_type": "Bearer", "refresh_token": "r-1"});
    for (response, refresh_token, is_revoked) in [
        (&rotated, "s-1", true),
        // A program that reads its refresh token from its configuration has signed in with it again.
        (&rotated, "r-1", false),
        (&rotated, "r-2", false),
        // The token that was sent goes on being good, perhaps in another process.
        (&kept, "r-1", false),
        (&kept, "s-1", false),
        (&echoed, "s-1", false),
    ] {
        let server = Server::start(Protocol::oauth2());
        for route in ["POST /tokens", "POST /gone"] {
            server.open(route);
        }
        let renewed = server.hold("POST /tokens");
        server.on("POST /tokens").response_after(Reply::json(response));
        server.on("POST /gone").response_after(Reply::status(200));
        let at = |path: &str| -> &'static str { server.url(path).leak() };
        let preset = Preset::new("http://127.0.0.1", at("/tokens")).revocation(at("/gone"));
        let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
        let (tasks, finished) = (Counting::default(), Arc::new(Notify::new()));
        let told = Arc::clone(&finished);
        let api = ApiClient::builder(server.origin())
            .oauth2(&oauth)
            .spawner(tasks.clone())
            .on_event(move |event: &Event| {
                if matches!(event.kind, EventKind::RefreshFinished { .. }) {
                    told.notify_one();
                }
            })
            .build()
            .unwrap();
        api.session().login(Tokens::new("a-1").with_refresh("r-1")).await.unwrap();
        let session = api.session().clone();
        let refresh = tokio::spawn(async move { session.refresh().await });
        renewed.arrived(1).await;
        api.session().login(Tokens::new("b-1").with_refresh(refresh_token)).await.unwrap();
        renewed.release();
        refresh.await.unwrap().unwrap_err();
        finished.notified().await;
        // The refresh is one task, and a revocation another.
        let revocations = tasks.0.load(Ordering::Relaxed) - 1;
        assert_eq!(revocations, usize::from(is_revoked), "{response} {refresh_token}");
    }
}

#[tokio::test]
async fn a_device_signs_in_where_errors_come_with_status_200() {
    let server = Server::start(Protocol::oauth2());
    for route in ["POST /device", "POST /tokens"] {
        server.open(route);
    }
    server.on("POST /device").response(Reply::json(&json!({
        "device_code": "d-1", "user_code": "WDJB-MJHT", "interval": 1, "expires_in": 900,
        "verification_uri": "https://github.com/login/device"
    })));
    let pending = json!({"error": "authorization_pending", "error_uri": "https://docs.github.com"});
    server.on("POST /tokens").first(1).response(Reply::json(&pending));
    server.on("POST /tokens").after(1).response(Reply::json(&json!({
        "access_token": "gho_1", "token_type": "bearer", "scope": "user"
    })));
    let at = |path: &str| -> &'static str { server.url(path).leak() };
    let preset = Preset::new("https://github.com", at("/tokens")).device(at("/device"));
    let oauth =
        OAuth2::public(Provider::from_preset(preset).unwrap(), "cli").audience("https://api");
    let tokens = oauth.sign_in_with_device(|_| ()).await.unwrap();
    assert_eq!((tokens.access(), tokens.refresh(), tokens.expiry()), ("gho_1", None, None));
    assert_eq!(server.count("POST /tokens"), 2);
    // The audience goes along with each request.
    for route in ["POST /device", "POST /tokens"] {
        let form = String::from_utf8(server.recorded_on(route)[0].body.to_vec()).unwrap();
        assert!(form.contains("&audience=https%3A%2F%2Fapi"), "{form}");
    }
}

#[tokio::test]
async fn the_address_where_a_user_signs_in_has_what_the_provider_wants() {
    let preset = Preset::new("http://127.0.0.1", "http://127.0.0.1/token")
        .authorization("http://127.0.0.1/authorize?tenant=eu");
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli")
        .audience("https://api.example")
        .resources(["https://one.example", "https://two.example"])
        .authorization_parameters([("access_type", "offline"), ("prompt", "consent")])
        .sign_in_timeout(std::time::Duration::from_millis(10));
    let mut address = String::new();
    let ended = oauth.sign_in_with_browser(Browser::any_port(), |url| address.push_str(url)).await;
    assert!(ended.unwrap_err().is_timeout());
    let asked: Vec<(String, String)> =
        url::Url::parse(&address).unwrap().query_pairs().into_owned().collect();
    for (name, value) in [
        ("tenant", "eu"),
        ("audience", "https://api.example"),
        ("resource", "https://one.example"),
        ("resource", "https://two.example"),
        ("access_type", "offline"),
        ("prompt", "consent"),
        ("code_challenge_method", "S256"),
    ] {
        let pair = (name.to_owned(), value.to_owned());
        assert_eq!(asked.iter().filter(|it| **it == pair).count(), 1, "{address}");
    }
}
