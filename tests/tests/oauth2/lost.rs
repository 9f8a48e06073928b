//! Refreshes whose response is lost, refused or odd: the session says the same as for a declared refresh.

use std::time::Duration;

use futures::future::join_all;
use perennial::oauth2::presets::Preset;
use perennial::oauth2::{OAuth2, Provider};
use perennial::{ErrorKind, EventKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server, TestClock};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::told::Told;
use crate::world::{ApiClient, Me};

const SECRET: &str = "client-secret-1";

/// An API whose provider takes a used refresh token for a while.
#[api_client(base = "/api", auth(oauth2, grace = "30s"))]
pub trait Graceful {
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

fn provider(token: &str) -> Provider {
    Provider::from_preset(Preset::new("http://127.0.0.1", token.to_owned().leak())).unwrap()
}

fn server() -> Server {
    let server = Server::start(Protocol::oauth2());
    server.open("POST /tokens");
    server.open("GET /api/me");
    server.offer("/api/me", json!({"sub": "ann"}));
    server
}

fn oauth(server: &Server) -> OAuth2 {
    OAuth2::confidential(provider(&server.url("/tokens")), "cli", SECRET)
}

fn old() -> Tokens {
    Tokens::new("access-1").with_refresh("refresh-1")
}

async fn session(server: &Server) -> (ApiClient, Told) {
    let told = Told::default();
    let builder = ApiClient::builder(server.origin()).oauth2(&oauth(server));
    let api = told.watch(builder).build().unwrap();
    api.session().login(old()).await.unwrap();
    (api, told)
}

fn ambiguous(told: &Told) -> usize {
    told.count(|event| matches!(event, EventKind::RotationAmbiguous { .. }))
}

fn new_tokens() -> Value {
    json!({"access_token": "access-2", "token_type": "Bearer", "refresh_token": "refresh-2"})
}

#[tokio::test]
async fn a_refresh_that_may_have_been_used_is_ambiguous_and_not_sent_again() {
    let server = server();
    let lost: [fn(&Server); 4] = [
        |server| server.on("POST /tokens").close(),
        |server| server.on("POST /tokens").response(Reply::broken(r#"{"access_token""#, 90)),
        |server| server.on("POST /tokens").response(Reply::text("application/json", r#"{"acc"#)),
        |server| server.on("POST /tokens").response(Reply::zeros(4 << 20)),
    ];
    let unusable = [
        Reply::status(204),
        Reply::html(),
        Reply::json(&json!({})),
        Reply::json(&json!({"access_token": "", "token_type": "Bearer"})),
        Reply::json(&json!({"access_token": 7_777_777_777_u64, "token_type": "Bearer"})),
        Reply::json(&json!({"access_token": "access-2", "token_type": "mac"})),
        Reply::json(&json!({"access_token": "a\nb", "token_type": "Bearer"})),
    ];
    let mut sent = 0;
    let mut checked = async |at: String| {
        let (api, told) = session(&server).await;
        let error = api.session().refresh().await.unwrap_err();
        sent += 1;
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{at}: {error}");
        assert_eq!((ambiguous(&told), server.count("POST /tokens")), (1, sent), "{at}: {error}");
        assert_eq!(api.session().tokens(), Some(old()), "{at}");
        // Within the cooldown nothing is sent.
        api.session().refresh().await.unwrap_err();
        assert_eq!(server.count("POST /tokens"), sent, "{at}");
        let text = format!("{error} {error:?}");
        for secret in ["refresh-1", "access-2", "7777777777", SECRET] {
            assert!(!text.contains(secret), "{at}: {text}");
        }
    };
    for (at, script) in lost.into_iter().enumerate() {
        script(&server);
        checked(format!("lost {at}")).await;
        server.behave();
    }
    for (at, reply) in unusable.into_iter().enumerate() {
        server.on("POST /tokens").response(reply);
        checked(format!("unusable {at}")).await;
        server.behave();
    }
}

#[tokio::test]
async fn within_the_grace_of_the_provider_a_lost_refresh_is_sent_once_more() {
    let server = server();
    for (closed, count) in [(1, 2), (2, 2)] {
        server.behave();
        let before = server.count("POST /tokens");
        server.on("POST /tokens").first(closed).close();
        server.on("POST /tokens").after(closed).response(Reply::json(&new_tokens()));
        let api = GracefulClient::builder(server.origin()).oauth2(&oauth(&server)).build().unwrap();
        api.session().login(old()).await.unwrap();
        let renewed = api.session().refresh().await;
        assert_eq!(renewed.is_ok(), closed == 1, "{renewed:?}");
        assert_eq!(server.count("POST /tokens") - before, count);
    }
}

#[tokio::test]
async fn a_refresh_that_was_not_sent_or_was_rejected_is_not_ambiguous() {
    let server = server();
    for reply in [Reply::status(503), Reply::status(429), Reply::status(403), Reply::status(302)] {
        server.on("POST /tokens").response(reply);
        let (api, told) = session(&server).await;
        let error = api.session().refresh().await.unwrap_err();
        assert_eq!((error.kind(), ambiguous(&told)), (ErrorKind::RefreshFailed, 0), "{error}");
        server.behave();
    }
    server.shut().await;
    let (api, told) = session(&server).await;
    let error = api.session().refresh().await.unwrap_err();
    assert_eq!((error.kind(), ambiguous(&told)), (ErrorKind::RefreshFailed, 0), "{error}");
}

#[tokio::test]
async fn repeated_rejections_of_a_provider_end_the_session_if_the_program_says_so() {
    let server = server();
    let refusal = json!({"error": "invalid_client", "error_description": "not now"});
    server.on("POST /tokens").response(Reply::rejection(401, &refusal));
    let clock = TestClock::new();
    let builder = ApiClient::builder(server.origin()).oauth2(&oauth(&server));
    let api = builder.clock(clock.clone()).give_up_after(3).build().unwrap();
    api.session().login(old()).await.unwrap();
    for attempt in 1..=3 {
        let error = api.session().refresh().await.unwrap_err();
        let kind = if attempt < 3 { ErrorKind::RefreshFailed } else { ErrorKind::SessionLost };
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.to_string().contains("not now"), "{error}");
        clock.advance(Duration::from_secs(300));
    }
    assert!(!api.session().is_signed_in());
}

#[tokio::test]
async fn the_delay_that_a_busy_provider_states_is_honored() {
    let server = server();
    server.on("POST /tokens").first(1).response(Reply::status(503).header("retry-after", "120"));
    server.on("POST /tokens").after(1).response(Reply::json(&new_tokens()));
    let clock = TestClock::new();
    let builder = ApiClient::builder(server.origin()).oauth2(&oauth(&server));
    let api = builder.clock(clock.clone()).build().unwrap();
    api.session().login(old()).await.unwrap();
    let error = api.session().refresh().await.unwrap_err();
    assert!(error.to_string().contains("status 503"), "{error}");
    clock.advance(Duration::from_secs(110));
    api.session().refresh().await.unwrap_err();
    assert_eq!(server.count("POST /tokens"), 1);
    clock.advance(Duration::from_secs(20));
    api.session().refresh().await.unwrap();
    assert_eq!(api.session().tokens().unwrap().access(), "access-2");
}

#[tokio::test]
async fn secrets_that_a_provider_quotes_appear_in_no_error() {
    let server = server();
    let basic = "Y2xpOmNsaWVudC1zZWNyZXQtMQ==";
    let quoted = format!("refresh-1 of {SECRET} or {basic} or refresh%2D1");
    let replies = [
        Reply::status(403).body("text/html", format!("<p>{quoted}</p>")),
        Reply::rejection(400, &json!({"error": "invalid_request", "error_description": quoted})),
        Reply::rejection(400, &json!({"error": "invalid_grant", "error_uri": quoted})),
        Reply::rejection(400, &json!({"error": quoted})),
    ];
    for reply in replies {
        server.on("POST /tokens").response(reply);
        let (api, _) = session(&server).await;
        let error = api.session().refresh().await.unwrap_err();
        let text = format!("{error} {error:?} {:?}", error.body::<Value>());
        for secret in ["refresh-1", "refresh%2D1", SECRET, basic] {
            assert!(!text.contains(secret), "{text}");
        }
        server.behave();
    }
}

#[tokio::test]
async fn tokens_are_not_lost_to_an_odd_field_beside_them() {
    let odd = [
        json!({"expires_in": "soon"}),
        json!({"expires_in": -1}),
        json!({"expires_in": u64::MAX}),
        json!({"expires_in": 1e300}),
        json!({"expires_in": null, "scope": ["read"], "id_token": null}),
        json!({"token_type": null, "scope": {"read": true}}),
    ];
    let server = server();
    for mut fields in odd {
        let (api, told) = session(&server).await;
        let mut whole = new_tokens();
        let changed = fields.as_object_mut().unwrap();
        whole.as_object_mut().unwrap().append(changed);
        server.on("POST /tokens").response(Reply::json(&whole));
        api.session().refresh().await.unwrap();
        let tokens = api.session().tokens().unwrap();
        assert_eq!((tokens.access(), tokens.refresh()), ("access-2", Some("refresh-2")), "{whole}");
        assert_eq!(api.me().await.unwrap().sub, "ann", "{whole}");
        let is_told =
            told.count(|event| matches!(event, EventKind::LifetimeUnreadable { .. })) == 1;
        let is_unreadable = [json!("soon"), json!(-1)].contains(&whole["expires_in"]);
        assert_eq!(is_told, is_unreadable, "{whole}");
        server.behave();
    }
}

/// Responds to each request for tokens that arrives on a connection, and returns how many there were.
async fn keep_alive(mut stream: TcpStream) -> usize {
    let mut request = Vec::new();
    for responses in 0.. {
        while !request.ends_with(b"client_id=cli") {
            match stream.read_buf(&mut request).await {
                Ok(0) | Err(_) => return responses,
                Ok(_) => {}
            }
        }
        request.clear();
        let body = new_tokens().to_string();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ";
        let response = format!("{head}{}\r\n\r\n{body}", body.len());
        stream.write_all(response.as_bytes()).await.unwrap();
    }
    unreachable!("a connection ends")
}

#[tokio::test]
async fn a_refresh_uses_no_idle_connection_which_the_provider_may_be_closing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let oauth = OAuth2::public(provider(&format!("{origin}/tokens")), "cli");
    let api = ApiClient::builder(&origin).oauth2(&oauth).build().unwrap();
    api.session().login(old()).await.unwrap();
    let mut connections = Vec::new();
    for _ in 0..3 {
        let session = api.session().clone();
        let mut refresh = tokio::spawn(async move { session.refresh().await });
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            ended = &mut refresh => panic!("it took an idle connection: {ended:?}"),
        };
        connections.push(tokio::spawn(keep_alive(stream)));
        refresh.await.unwrap().unwrap();
    }
    drop((api, oauth));
    for responses in join_all(connections).await {
        assert_eq!(responses.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_provider_that_never_responds_delays_a_sign_in_up_to_its_timeout() {
    let server = server();
    server.open("POST /device");
    server.on("POST /device").never();
    let (device, token): (&str, &str) =
        (server.url("/device").leak(), server.url("/tokens").leak());
    let preset = Preset::new("http://127.0.0.1", token).device(device);
    let oauth = OAuth2::public(Provider::from_preset(preset).unwrap(), "cli")
        .sign_in_timeout(Duration::from_millis(100));
    let error = oauth.sign_in_with_device(|prompt| panic!("{prompt}")).await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
}
