//! Sessions at a real OpenID provider, with a person at a real browser.
//!
//! `eval "$(ci/oidc.sh start)"` starts both; without them these tests are skipped, but never with `CI=true`.

#![cfg(feature = "oauth2")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::process::Stdio;
use std::time::Duration;

use futures::future::join_all;
use perennial::oauth2::presets::Preset;
use perennial::oauth2::{Browser, OAuth2, OAuth2Error, Provider};
use perennial::store::FileStore;
use perennial::{ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::Deserialize;
use serde_json::json;
use tokio::process::{Child, Command};

#[derive(Debug, Deserialize, PartialEq)]
pub struct Me {
    sub: String,
}

#[api_client(base = "/api", auth(oauth2))]
pub trait Api {
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

/// What the test asks of the provider beside the protocol.
#[api_client(base = "/control")]
pub trait Control {
    #[get("/expire")]
    async fn expire(&self) -> Result<()>;
    #[get("/counts")]
    async fn counts(&self) -> Result<Counts>;
}

#[derive(Debug, Deserialize)]
pub struct Counts {
    refreshes: u64,
    revocations: u64,
}

struct World {
    issuer: String,
    sign_in: String,
    control: ControlClient,
}

impl World {
    fn or_skip() -> Option<Self> {
        let (Ok(issuer), Ok(sign_in)) = (std::env::var("OIDC"), std::env::var("SIGN_IN")) else {
            let missing = "skipped: no OpenID provider; start one with `ci/oidc.sh start`";
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{missing}");
            eprintln!("{missing}");
            return None;
        };
        let control = ControlClient::builder(&issuer).build().unwrap();
        Some(Self { issuer, sign_in, control })
    }

    async fn cli(&self) -> OAuth2 {
        let provider = Provider::discover(&self.issuer).await.unwrap();
        let oauth = OAuth2::public(provider, "cli").scopes(["openid", "offline_access"]);
        oauth.sign_in_timeout(Duration::from_secs(60))
    }

    fn api(&self, oauth: &OAuth2) -> ApiClient {
        ApiClient::builder(&self.issuer).oauth2(oauth).build().unwrap()
    }

    /// A person who signs in as `user`.
    fn person(&self, url: &str, user: &str, more: &[&str]) -> Child {
        let (program, script) = self.sign_in.split_once(' ').unwrap();
        Command::new(program)
            .args([script, url, user])
            .args(more)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    async fn browser(&self, oauth: &OAuth2, more: &[&str]) -> Result<Tokens, OAuth2Error> {
        let mut person = None;
        let browser = Browser::any_port();
        let tokens = oauth
            .sign_in_with_browser(browser, |url| person = Some(self.person(url, "ann", more)))
            .await;
        person.unwrap().wait().await.unwrap();
        tokens
    }
}

/// One refresh for many calls, and the session lives on.
async fn survives_expiries(world: &World, api: &ApiClient) {
    for round in 1..=3 {
        let before = world.control.counts().await.unwrap().refreshes;
        world.control.expire().await.unwrap();
        for me in join_all((0..64).map(|_| api.me().into_future())).await {
            assert_eq!(me.unwrap(), Me { sub: "ann".to_owned() });
        }
        let after = world.control.counts().await.unwrap().refreshes;
        assert_eq!(after - before, 1, "round {round}");
    }
    assert!(api.session().is_signed_in());
}

// One test, since it counts refreshes of the provider as a whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_signs_in_survives_expiries_and_signs_out() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.cli().await;

    // Nobody is signed in, and a client that needs a person sends nothing.
    let api = world.api(&oauth);
    assert!(api.me().await.unwrap_err().is_signed_out());

    // In a browser, from the printed address to the first call.
    let tokens = world.browser(&oauth, &[]).await.unwrap();
    api.session().login(tokens).await.unwrap();
    assert_eq!(api.me().await.unwrap(), Me { sub: "ann".to_owned() });
    survives_expiries(&world, &api).await;

    // Signing out revokes: the refresh token is of no use afterwards.
    let tokens = api.session().tokens().unwrap();
    let before = world.control.counts().await.unwrap().revocations;
    oauth.sign_out(api.session()).await.unwrap();
    assert!(!api.session().is_signed_in());
    assert_eq!(world.control.counts().await.unwrap().revocations, before + 1);
    world.control.expire().await.unwrap();
    api.session().login(tokens).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");

    // On another device, and the tokens in a file, where the next process finds them.
    let mut person = None;
    let tokens = oauth
        .sign_in_with_device(|prompt| {
            let more = [prompt.user_code.as_str()];
            person = Some(world.person(&prompt.verification_uri, "ann", &more));
        })
        .await
        .unwrap();
    person.unwrap().wait().await.unwrap();
    let folder = std::env::temp_dir().join(format!("perennial-oauth2-{}", std::process::id()));
    let file = folder.join("tokens.json");
    let store = || FileStore::at(&file);
    let build = || ApiClient::builder(&world.issuer).oauth2(&oauth).store(store()).build().unwrap();
    let first = build();
    first.session().login(tokens).await.unwrap();
    survives_expiries(&world, &first).await;
    drop(first);
    assert_eq!(build().me().await.unwrap(), Me { sub: "ann".to_owned() });
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn client_credentials_need_no_login_and_the_first_call_fetches_the_token() {
    let Some(world) = World::or_skip() else { return };
    let provider = Provider::discover(&world.issuer).await.unwrap();
    let oauth = OAuth2::confidential(provider, "service", "service-secret").client_credentials();
    let api = world.api(&oauth);
    for me in join_all((0..20).map(|_| api.me().into_future())).await {
        assert_eq!(me.unwrap(), Me { sub: "service".to_owned() });
    }
    assert_eq!(api.session().stats().refreshes, 1);
}

#[tokio::test]
async fn a_wrong_secret_is_an_error_that_names_the_code_and_hides_the_secret() {
    let Some(world) = World::or_skip() else { return };
    let provider = Provider::discover(&world.issuer).await.unwrap();
    let oauth = OAuth2::confidential(provider, "service", "wrong-secret").client_credentials();
    let error = world.api(&oauth).me().await.unwrap_err();
    let text = format!("{error} {error:?} {oauth:?}");
    assert!(text.contains("invalid_client"), "{text}");
    assert!(!text.contains("wrong-secret"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_consent_is_an_error_of_its_own() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.cli().await;
    let error = world.browser(&oauth, &["deny"]).await.unwrap_err();
    assert!(error.is_denied(), "{error}");
}

#[tokio::test]
async fn a_response_with_a_guessed_state_brings_no_token() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.cli().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut forged = None;
    let error = oauth
        .sign_in_with_browser(Browser::any_port().port(port), |_| {
            let target = format!("http://127.0.0.1:{port}/?code=stolen&state=guessed");
            forged = Some(tokio::spawn(reqwest::get(target)));
        })
        .await
        .unwrap_err();
    assert!(error.to_string().contains("state"), "{error}");
    forged.unwrap().await.unwrap().unwrap();
}

#[tokio::test]
async fn a_port_in_use_and_a_person_who_does_not_come_are_clear_errors() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.cli().await.sign_in_timeout(Duration::from_millis(50));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let browser = Browser::any_port().port(port);
    let error = oauth.sign_in_with_browser(browser, |_| ()).await.unwrap_err();
    assert!(error.to_string().contains(&format!("cannot listen on port {port}")), "{error}");

    let error = oauth.sign_in_with_browser(Browser::any_port(), |_| ()).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("nobody signed in"), "{error}");
    // Nothing is left running: the port is free again.
    drop(taken);
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[tokio::test]
async fn another_issuer_is_refused_at_discovery() {
    let Some(world) = World::or_skip() else { return };
    // The same server under another name: its metadata names another issuer.
    let other = world.issuer.replace("127.0.0.1", "localhost");
    let error = Provider::discover(&other).await.unwrap_err();
    assert!(error.to_string().starts_with("discovering the authorization server"), "{error}");
}

/// A session whose token endpoint is `path` of this server.
async fn session_at(server: &Server, path: &str) -> ApiClient {
    let token: &'static str = server.url(path).leak();
    let preset = Preset::new("http://127.0.0.1", token);
    let oauth = OAuth2::public(Provider::from_preset(&preset).unwrap(), "cli");
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    api.session().login(Tokens::new("unknown").with_refresh("r-1")).await.unwrap();
    api
}

#[tokio::test]
async fn only_invalid_grant_ends_the_session() {
    let invalid_grant = json!({"error": "invalid_grant", "error_description": "expired"});
    let cases = [
        (Reply::html(), false),
        (Reply::status(403), false),
        (Reply::status(200), false),
        (Reply::refusal(400, &json!({"error": "invalid_client"})), false),
        (Reply::refusal(400, &json!({"error": "temporarily_unavailable"})), false),
        (Reply::refusal(503, &invalid_grant), false),
        (Reply::refusal(400, &invalid_grant), true),
        (Reply::refusal(401, &invalid_grant), true),
    ];
    for (at, (reply, is_final)) in cases.into_iter().enumerate() {
        let server = Server::start(Protocol::oauth2());
        server.open("POST /anywhere");
        server.on("POST /anywhere").response(reply);
        let api = session_at(&server, "/anywhere").await;
        let error = api.session().refresh().await.unwrap_err();
        let kind = if is_final { ErrorKind::SessionLost } else { ErrorKind::RefreshFailed };
        assert_eq!(error.kind(), kind, "case {at}: {error}");
        assert_eq!(api.session().is_signed_in(), !is_final, "case {at}");
        assert!(!format!("{error:?}").contains("r-1"), "case {at}");
    }
}

#[tokio::test]
async fn an_unreachable_token_endpoint_keeps_the_session() {
    let Some(world) = World::or_skip() else { return };
    let preset =
        perennial::oauth2::presets::Preset::new("http://127.0.0.1", "http://127.0.0.1:9/token");
    let oauth = OAuth2::public(Provider::from_preset(&preset).unwrap(), "cli");
    let api = world.api(&oauth);
    api.session().login(Tokens::new("unknown").with_refresh("r-1")).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert!(api.session().is_signed_in());
    assert_eq!(api.session().tokens().unwrap().refresh(), Some("r-1"));
}
