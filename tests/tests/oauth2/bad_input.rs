//! Bad input: each case is a clear error, nothing is lost, and nothing left running.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use perennial::oauth2::presets::{GITHUB, Preset};
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial::{ErrorKind, Tokens};
use perennial_tests::{Protocol, Reply, Server, TestClock};
use serde_json::json;
use tokio::sync::oneshot;

use crate::world::{ApiClient, World};

/// A free port that no other program is given by chance: those are above 32,767.
fn quiet_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first = std::process::id();
    loop {
        let at = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let port = 10_000 + u16::try_from(at).unwrap();
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_is_an_error_that_names_the_code_and_hides_the_secret() {
    let Some(world) = World::or_skip() else { return };
    let provider = world.provider().await;
    let oauth = OAuth2::confidential(provider, "service", "wrong-secret").client_credentials();
    let error = world.api(&oauth).me().await.unwrap_err();
    let text = format!("{error} {error:?} {oauth:?}");
    assert!(text.contains("invalid_client"), "{text}");
    assert!(!text.contains("wrong-secret"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_consent_has_its_own_error() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;
    let error = world.browser(&oauth, &["deny"]).await.unwrap_err();
    assert!(error.is_denied(), "{error}");
}

#[tokio::test]
async fn a_response_with_a_guessed_state_is_refused_while_the_sign_in_waits() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;
    let port = quiet_port();
    let (sender, forged) = oneshot::channel();
    let mut sender = Some(sender);
    let signing = oauth.sign_in_with_browser(Browser::any_port().port(port), move |_| {
        let target = format!("http://127.0.0.1:{port}/?code=stolen&state=guessed");
        sender.take().unwrap().send(tokio::spawn(reqwest::get(target))).unwrap();
    });
    let response = async { forged.await.unwrap().await.unwrap().unwrap() };
    tokio::select! {
        ended = signing => panic!("{:?}", ended.map(drop)),
        response = response => assert_eq!(response.status(), 400),
    }
}

#[tokio::test]
async fn a_port_in_use_and_a_person_who_does_not_come_are_clear_errors() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await.sign_in_timeout(Duration::from_millis(50));
    let port = quiet_port();
    let taken = std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
    let browser = Browser::any_port().port(port);
    let error = oauth.sign_in_with_browser(browser, |_| ()).await.unwrap_err();
    assert!(error.to_string().contains(&format!("cannot listen on port {port}")), "{error}");

    drop(taken);
    let browser = Browser::any_port().port(port);
    let error = oauth.sign_in_with_browser(browser, |_| ()).await.unwrap_err();
    assert!(error.is_timeout() && error.to_string().contains("nobody signed in"), "{error}");
    // Nothing is left running: the port is free again.
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[tokio::test]
async fn another_issuer_is_rejected_at_discovery() {
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
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
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
        (Reply::rejection(400, &json!({"error": "invalid_client"})), false),
        (Reply::rejection(400, &json!({"error": "temporarily_unavailable"})), false),
        (Reply::rejection(503, &invalid_grant), true),
        (Reply::json(&json!({"error": "temporarily_unavailable"})), false),
        (Reply::json(&json!({"error": "bad_refresh_token"})), false),
        (Reply::json(&invalid_grant), true),
        (Reply::rejection(400, &invalid_grant), true),
        (Reply::rejection(401, &invalid_grant), true),
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
async fn the_error_of_a_provider_for_a_used_refresh_token_ends_the_session() {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /anywhere");
    server.on("POST /anywhere").response(Reply::json(&json!({
        "error": "bad_refresh_token",
        "error_description": "The refresh token passed is incorrect or expired.",
    })));
    let token: &'static str = server.url("/anywhere").leak();
    let preset = Preset::new("http://127.0.0.1", token).final_errors(GITHUB.final_errors);
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
    let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
    api.session().login(Tokens::new("unknown").with_refresh("r-1")).await.unwrap();
    let error = api.session().refresh().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
    assert!(error.to_string().contains("bad_refresh_token"), "{error}");
    // Asked for JSON, which GitHub sends to nobody else.
    assert_eq!(server.recorded_on("POST /anywhere")[0].header("accept"), Some("application/json"));
}

#[tokio::test]
async fn an_unreachable_token_endpoint_keeps_the_session() {
    let Some(world) = World::or_skip() else { return };
    let preset = Preset::new("http://127.0.0.1", "http://127.0.0.1:9/token");
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
    let api = world.api(&oauth);
    api.session().login(Tokens::new("unknown").with_refresh("r-1")).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert!(api.session().is_signed_in());
    assert_eq!(api.session().tokens().unwrap().refresh(), Some("r-1"));
}

/// The redirect of a browser to the loopback, with these parameters in place of the server's.
fn redirected(url: &str, parameters: &[(&str, &str)]) -> tokio::task::JoinHandle<u16> {
    let asked = url::Url::parse(url).unwrap();
    let of = |name: &str| asked.query_pairs().find(|(it, _)| it == name).unwrap().1.into_owned();
    let mut back = url::Url::parse(&of("redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("state", &of("state")).extend_pairs(parameters);
    tokio::spawn(async move { reqwest::get(back).await.unwrap().status().as_u16() })
}

#[tokio::test]
async fn a_response_of_another_issuer_or_of_none_yields_no_token() {
    // The provider says that it always names itself (RFC 9207).
    let server = Server::start(Protocol::oauth2());
    let document = "GET /.well-known/openid-configuration";
    server.open(document);
    server.on(document).response(Reply::json(&json!({
        "issuer": server.origin(),
        "authorization_endpoint": server.url("/authorize"),
        "token_endpoint": server.url("/token"),
        "response_types_supported": ["code"],
        "authorization_response_iss_parameter_supported": true,
    })));
    let oauth = OAuth2::public(Provider::discover(&server.origin()).await.unwrap(), "cli");
    for issuer in
        [&[("code", "stolen"), ("iss", "https://evil.example")][..], &[("code", "stolen")]]
    {
        let mut browser = None;
        let error = oauth
            .sign_in_with_browser(Browser::any_port(), |url| {
                browser = Some(redirected(url, issuer))
            })
            .await
            .unwrap_err();
        assert!(error.to_string().contains("iss"), "{error}");
        assert!(!error.to_string().contains("stolen"), "{error}");
        browser.unwrap().await.unwrap();
    }
    assert_eq!(server.count("POST /token"), 0);
}

#[tokio::test]
async fn a_page_of_html_in_place_of_tokens_is_an_error_and_frees_the_port() {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /anywhere");
    server.on("POST /anywhere").response(Reply::html());
    let token: &'static str = server.url("/anywhere").leak();
    let preset = Preset::new("http://127.0.0.1", token).authorization("http://127.0.0.1/authorize");
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli");
    let (mut browser, port) = (None, quiet_port());
    let error = oauth
        .sign_in_with_browser(Browser::any_port().port(port), |url| {
            browser = Some(redirected(url, &[("code", "c-1")]));
        })
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("signing in with the browser: "), "{error}");
    assert_eq!(error.code(), None);
    browser.unwrap().await.unwrap();
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[tokio::test]
async fn a_browser_that_was_closed_ends_in_time_and_a_dropped_sign_in_at_once() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await.sign_in_timeout(Duration::from_secs(2));
    let port = quiet_port();
    let browser = || Browser::any_port().port(port);
    // Closed as soon as it was opened.
    let closed = oauth.sign_in_with_browser(browser(), |url| drop(world.person(url, "ann", &[])));
    let error = closed.await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();

    let (opened, seen) = tokio::sync::oneshot::channel();
    tokio::select! {
        biased;
        seen = seen => seen.unwrap(),
        ended = oauth.sign_in_with_browser(browser(), |_| opened.send(()).unwrap()) => {
            panic!("{ended:?}")
        }
    }
    std::net::TcpListener::bind(("127.0.0.1", port)).unwrap();
}

#[tokio::test]
async fn an_expired_device_code_has_its_own_error() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("hasty").await;
    let error = oauth.sign_in_with_device(|_| ()).await.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"), "{error}");
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_device_has_its_own_error() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;
    let mut person = None;
    let error = oauth
        .sign_in_with_device(|prompt| {
            let more = [prompt.user_code.as_str(), "deny"];
            person = Some(world.person(&prompt.verification_uri, "ann", &more));
        })
        .await
        .unwrap_err();
    assert!(error.is_denied(), "{error}");
    person.unwrap().wait().await.unwrap();
}

#[tokio::test]
async fn a_clock_that_is_a_day_wrong_costs_one_refresh_at_most_and_no_login() {
    const DAY: i64 = 86_400;
    // Wrong by this, and then put right.
    for (wrong, fetched) in [(DAY, 1), (-DAY, 2)] {
        let server = Server::start(Protocol::oauth2());
        server.open("POST /tokens");
        server.on("POST /tokens").response(Reply::json(&json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 600
        })));
        server.on("GET /api/me").response(Reply::json(&json!({"sub": "service"})));
        let token: &'static str = server.url("/tokens").leak();
        let provider = Provider::from_preset(Preset::new("http://127.0.0.1", token)).unwrap();
        let oauth = OAuth2::confidential(provider, "service", "secret").client_credentials();
        let clock = TestClock::ahead(wrong);
        let builder = ApiClient::builder(server.origin()).oauth2(&oauth);
        let api = builder.clock(clock.clone()).build().unwrap();
        for _ in 0..5 {
            api.me().await.unwrap();
        }
        assert_eq!(server.count("POST /tokens"), 1, "wrong by {wrong}");
        clock.set_back_or_ahead(-wrong);
        for _ in 0..5 {
            api.me().await.unwrap();
        }
        assert_eq!(server.count("POST /tokens"), fetched, "wrong by {wrong}");
        assert!(api.session().is_signed_in());
    }
}
