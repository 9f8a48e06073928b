//! Servers that quote what they were sent, or know: no error shows it.

use perennial::oauth2::presets::Preset;
use perennial::oauth2::{OAuth2, Provider};
use perennial::{ErrorKind, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::world::ApiClient;

const SECRET: &str = "client-secret+/1";

/// As it is sent in a form, with `Basic`, and as others write it: `cli:client-secret+/1`, with and without the
/// encoding of forms.
const SECRETS: [&str; 7] = [
    SECRET,
    "client-secret%2B%2F1",
    "Y2xpOmNsaWVudC1zZWNyZXQrLzE=",
    "Y2xpOmNsaWVudC1zZWNyZXQlMkIlMkYx",
    "access+/1",
    "refresh+/1",
    "assertion+/1",
];

fn oauth(server: &Server) -> OAuth2 {
    let token: &'static str = server.url("/token").leak();
    let provider = Provider::from_preset(Preset::new("http://127.0.0.1", token)).unwrap();
    let at = |path: &str| Some(server.url(path).parse().unwrap());
    let provider = provider.with_metadata(|it| {
        (it.revocation_endpoint, it.introspection_endpoint) = (at("/revoke"), at("/introspect"));
    });
    OAuth2::confidential(provider, "cli", SECRET)
}

#[tokio::test]
async fn no_error_of_a_provider_shows_a_secret_that_it_quotes() {
    for secret in SECRETS {
        for reply in [
            Reply::json(&json!({"access_token": "access-2", "token_type": secret})),
            Reply::rejection(400, &json!({"error": secret})),
            Reply::rejection(400, &json!({"error": format!("Basic {secret}")})),
            Reply::rejection(400, &json!({"error": "no", "error_description": secret})),
        ] {
            let server = Server::start(Protocol::oauth2());
            for route in ["POST /token", "POST /revoke", "POST /introspect"] {
                server.open(route);
                server.on(route).response(reply.clone());
            }
            let oauth = oauth(&server);
            let old = Tokens::new("access+/1").with_refresh("refresh+/1");
            let mut texts = Vec::new();
            let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
            api.session().login(old.clone()).await.unwrap();
            let error = api.session().refresh().await.unwrap_err();
            texts.push(format!("{error} {error:?} {error:#?}"));
            let errors = [oauth.revoke(&old).await.err(), oauth.introspect(&old).await.err()];
            texts.extend(errors.iter().flatten().map(|it| format!("{it} {it:?} {:?}", it.code())));
            // A sign-in knows nothing of a session, and that nothing of the assertion.
            let is_of_session = ["access+/1", "refresh+/1"].contains(&secret);
            if secret == "assertion+/1" {
                texts.clear();
            }
            if !is_of_session {
                let error = oauth.sign_in_with_assertion("assertion+/1").await.unwrap_err();
                texts.push(format!("{error} {error:?} {:?}", error.code()));
            }
            assert!(!texts.is_empty());
            for text in &texts {
                assert!(!text.contains(secret), "{secret}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_new_token_in_the_wrong_field_is_not_shown() {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /token");
    let swapped = json!({"access_token": "Bearer", "token_type": "new-access-1"});
    server.on("POST /token").response(Reply::json(&swapped));
    let api = ApiClient::builder(server.origin()).oauth2(&oauth(&server)).build().unwrap();
    api.session().login(Tokens::new("a-1").with_refresh("r-1")).await.unwrap();
    let error = api.session().refresh().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
    let text = format!("{error} {error:?}");
    assert!(text.contains("***") && !text.contains("new-access-1"), "{text}");
}

#[tokio::test]
async fn a_password_in_the_address_of_an_issuer_is_not_shown() {
    let error = Provider::discover("http://user:password-1@127.0.0.1:1").await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(!text.contains("password-1"), "{text}");
}

#[tokio::test]
async fn no_error_of_a_provider_drives_a_terminal() {
    let odd = "\u{1b}[2J\u{7}gone\nfor good";
    for reply in [
        Reply::rejection(400, &json!({"error": "no", "error_description": odd})),
        Reply::rejection(400, &json!({"error": odd})),
        Reply::text("text/plain", odd).with_status(500),
        Reply::json(&json!({"access_token": "a", "token_type": odd})),
    ] {
        let server = Server::start(Protocol::oauth2());
        for route in ["POST /token", "POST /revoke", "POST /introspect"] {
            server.open(route);
            server.on(route).response(reply.clone());
        }
        let oauth = oauth(&server);
        let old = Tokens::new("access+/1").with_refresh("refresh+/1");
        let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
        api.session().login(old.clone()).await.unwrap();
        let error = api.session().refresh().await.unwrap_err();
        let mut texts = vec![error.to_string(), format!("{error:?}{error:#?}").replace('\n', "")];
        let errors = [oauth.revoke(&old).await.err(), oauth.introspect(&old).await.err()];
        texts.extend(errors.iter().flatten().map(|it| format!("{it}{it:?}")));
        for text in texts {
            assert!(!text.contains(char::is_control), "{text:?}");
        }
    }
}
