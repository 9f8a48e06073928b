//! Responses that reject a request: each error states what the server sent.

use std::error::Error as _;
use std::time::Duration;

use perennial::oauth2::presets::Preset;
use perennial::oauth2::{OAuth2, OAuth2Error, Provider};
use perennial::{Error, Tokens};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::json;

use crate::world::ApiClient;

fn server() -> (Server, OAuth2) {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /token");
    let token: &'static str = server.url("/token").leak();
    let provider = Provider::from_preset(Preset::new("http://127.0.0.1", token)).unwrap();
    (server, OAuth2::confidential(provider, "cli", "client-secret-1"))
}

#[tokio::test]
async fn an_error_states_the_status_and_the_code_that_the_server_sent() {
    for (status, shown, code, retry_after) in [
        (200, "HTTP 200 OK", "invalid_grant", None),
        (200, "HTTP 200 OK", "slow_down", None),
        (400, "HTTP 400 Bad Request", "invalid_grant", None),
        (403, "HTTP 403 Forbidden", "invalid_grant", None),
        (500, "HTTP 500 Internal Server Error", "invalid_grant", None),
        (503, "HTTP 503 Service Unavailable", "temporarily_unavailable", Some(7)),
        (429, "HTTP 429 Too Many Requests", "slow_down", Some(7)),
    ] {
        let (server, oauth) = server();
        let quoting = json!({"error": code, "error_description": "after 400 Bad Request"});
        let mut reply = Reply::rejection(status, &quoting);
        if let Some(seconds) = retry_after {
            reply = reply.header("Retry-After", &format!("{seconds}"));
        }
        server.on("POST /token").response(reply);
        let asked = retry_after.map(Duration::from_secs);
        let checked = |error: &OAuth2Error| {
            let text = error.to_string();
            assert!(text.contains(shown) && text.contains("after 400 Bad Request"), "{text}");
            assert_eq!(error.status().map(|it| it.as_u16()), Some(status), "{text}");
            assert_eq!((error.code(), error.retry_after()), (Some(code), asked), "{text}");
        };
        checked(&oauth.sign_in_with_assertion("assertion-1").await.unwrap_err());

        let api = ApiClient::builder(server.origin()).oauth2(&oauth).build().unwrap();
        api.session().login(Tokens::new("old-1").with_refresh("refresh-1")).await.unwrap();
        let error = api.session().refresh().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains(&format!("status {status}")) && text.contains(shown), "{text}");
        // They are not those of a call.
        assert_eq!((error.status(), error.code()), (None, None), "{text}");
        assert_eq!(error.retry_after(), asked, "{text}");
        let mut refresh = &error;
        while refresh.status().is_none() {
            refresh = refresh.cause().unwrap().downcast_ref::<Error>().unwrap();
        }
        assert_eq!(refresh.status().map(|it| it.as_u16()), Some(status), "{text}");
        assert_eq!(refresh.code().as_deref(), Some(code), "{text}");
        assert_eq!(refresh.retry_after(), asked, "{text}");
        checked(refresh.cause().unwrap().downcast_ref().unwrap());
        assert!(refresh.source().is_none(), "{text}");
    }
}
