//! What goes wrong: each is a clear error, nothing is lost, and nothing left running.

use std::time::Duration;

use perennial::oauth2::presets::Preset;
use perennial::oauth2::{Browser, OAuth2, Provider};
use perennial::{ErrorKind, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::world::{ApiClient, World};

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
async fn denied_consent_is_an_error_of_its_own() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;
    let error = world.browser(&oauth, &["deny"]).await.unwrap_err();
    assert!(error.is_denied(), "{error}");
}

#[tokio::test]
async fn a_response_with_a_guessed_state_brings_no_token() {
    let Some(world) = World::or_skip() else { return };
    let oauth = world.client("cli").await;
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
    let oauth = world.client("cli").await.sign_in_timeout(Duration::from_millis(50));
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
    let preset = Preset::new("http://127.0.0.1", "http://127.0.0.1:9/token");
    let oauth = OAuth2::public(Provider::from_preset(&preset).unwrap(), "cli");
    let api = world.api(&oauth);
    api.session().login(Tokens::new("unknown").with_refresh("r-1")).await.unwrap();
    let error = api.me().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    assert!(api.session().is_signed_in());
    assert_eq!(api.session().tokens().unwrap().refresh(), Some("r-1"));
}
