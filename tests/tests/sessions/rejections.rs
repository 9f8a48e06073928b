//! Refreshes that are rejected temporarily, and rejections that are final.

use perennial::declared::RawResponse;
use perennial::store::{FileStore, MemoryStore, TokenStore};
use perennial::{ClientBuilder, Error, ErrorKind, EventKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

use crate::support::{SignedIn, Told, cases, secs, timed, tokens};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(status = 401))
)]
pub trait Moody {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(status = 401))
)]
pub trait Final {
    #[post("/refreshtoken", refresh, rejected(body("error" = "bad_refresh_token")))]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

/// Its rules take each body for that of an ordinary endpoint.
#[api_client(auth(bearer, expired(status = 401), expired(when = stale), expired(when = presumed)))]
pub trait Presuming {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Old) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[derive(serde::Serialize)]
pub struct Old {
    refresh_token: String,
}

impl From<&Tokens> for Old {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

fn renews(response: &RawResponse<'_>) -> bool {
    String::from_utf8_lossy(response.body).contains("refresh_token")
}

/// As ASP.NET Core, which marks each response to an expired token: also that to the refresh.
fn stale(response: &RawResponse<'_>) -> bool {
    renews(response)
}

fn presumed(response: &RawResponse<'_>) -> bool {
    assert!(!renews(response), "the body has no order");
    false
}

fn server() -> Server {
    let expired = Reply::rejection(401, &json!({"code": 1234, "message": "token expired"}));
    let server = Server::start(Protocol { expired, ..Protocol::article() });
    server.expect_reuse();
    server
}

fn error(status: u16, value: &Value) -> Reply {
    Reply::rejection(status, value)
}

/// Temporary rejections, and the text of each.
fn passing() -> Vec<(Reply, &'static [&'static str])> {
    let many = json!({"error": "Access Denied", "error_description": "too many requests"});
    let busy = json!({"code": 5003, "message": "system busy"});
    vec![
        (Reply::status(403).body("text/html", "<H1>403 ERROR</H1>"), &["status 403", "403 ERROR"]),
        (error(400, &many), &["status 400", "Access Denied: too many requests"]),
        (error(401, &json!({"error": "invalid_client"})), &["status 401", "invalid_client"]),
        (
            error(400, &json!({"error": "temporarily_unavailable"})),
            &["status 400", "temporarily_unavailable"],
        ),
        (Reply::status(200), &["status 200"]),
        (Reply::status(204), &["status 204"]),
        (Reply::json(&busy), &["status 200", "code 5003", "system busy"]),
        (Reply::status(404).body("text/html", "<p>not here"), &["status 404", "not here"]),
        (Reply::html(), &["status 200", "Please wait"]),
    ]
}

/// The server rejects refreshes for ten seconds, and works again after that.
async fn outlives(reply: Reply, said: &[&str], store: impl TokenStore + Clone) {
    let (server, told) = (server(), Told::default());
    let builder = MoodyClient::builder(server.origin()).store(store.clone());
    let shop = told.watch(builder).build().unwrap();
    shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
    let before = shop.session().tokens();
    server.expire_all();
    server.on_refresh().response(reply);
    for _ in 0..20 {
        let error = shop.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        let text = error.to_string();
        assert!(said.iter().all(|words| text.contains(words)), "{said:?}: {text}");
        assert!(text.contains("declare it with `rejected(..)`"), "{text}");
        assert_eq!(shop.session().tokens(), before);
        let stored = store.load().await.unwrap().unwrap();
        assert_eq!(stored.tokens.access(), before.as_ref().unwrap().access());
        tokio::time::sleep(secs(1) / 2).await;
    }
    server.behave();
    let mut failures = 0;
    while let Err(error) = shop.fast().await {
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        failures += 1;
        assert!(failures < 20, "the cooldown never ends: {error}");
        tokio::time::sleep(secs(1) / 2).await;
    }
    assert_eq!(told.logouts(), 0, "{said:?}");
}

timed! {
    async fn a_login_in_memory_survives_every_temporary_rejection() {
        for (reply, said) in passing() {
            outlives(reply, said, MemoryStore::new()).await;
        }
    }

    async fn a_login_in_a_file_survives_every_temporary_rejection() {
        for (at, (reply, said)) in passing().into_iter().enumerate() {
            let folder = format!("perennial-rejections-{}-{at}", std::process::id());
            let folder = std::env::temp_dir().join(folder);
            outlives(reply, said, FileStore::at(folder.join("tokens.json"))).await;
            std::fs::remove_dir_all(folder).unwrap();
        }
    }

    async fn a_call_half_a_second_after_one_rejection_succeeds() {
        let (server, shop) = signed_in(|builder| builder).await;
        server.on_refresh().first(1).response(Reply::status(403));
        shop.fast().await.unwrap_err();
        tokio::time::sleep(secs(1) / 2).await;
        shop.fast().await.unwrap();
    }

    async fn a_cooldown_is_as_long_as_it_was_set() {
        let (server, shop) = signed_in(|it| it.cooldown(secs(20), secs(20))).await;
        server.on_refresh().first(1).response(Reply::status(500));
        shop.fast().await.unwrap_err();
        tokio::time::sleep(secs(19)).await;
        assert_eq!(shop.fast().await.unwrap_err().kind(), ErrorKind::RefreshFailed);
        assert_eq!(server.refreshes(), 1);
        tokio::time::sleep(secs(2)).await;
        shop.fast().await.unwrap();
    }

    async fn a_client_gives_up_after_the_configured_number_of_rejections() {
        let (server, shop) = signed_in(|builder| builder.give_up_after(3)).await;
        server.on_refresh().response(bad_token());
        let mut failures = Vec::new();
        while shop.session().is_signed_in() {
            failures.push(shop.fast().await.unwrap_err().kind());
            tokio::time::sleep(secs(60)).await;
        }
        let failed = ErrorKind::RefreshFailed;
        assert_eq!(failures, [failed, failed, ErrorKind::SessionLost]);
    }
}

async fn signed_in(
    settings: impl FnOnce(ClientBuilder<MoodyClient>) -> ClientBuilder<MoodyClient>,
) -> (Server, MoodyClient) {
    let server = server();
    let shop = settings(MoodyClient::builder(server.origin())).build().unwrap();
    shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
    server.expire_all();
    (server, shop)
}

fn bad_token() -> Reply {
    Reply::json(&json!({"error": "bad_refresh_token"}))
}

cases! {
    async fn a_declared_rejection_ends_the_session_at_once() {
        let server = server();
        let shop = FinalClient::signed_in(&server).await;
        server.expire_all();
        server.on_refresh().response(bad_token());
        let error = shop.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::SessionLost, "{error}");
        assert!(error.to_string().contains("bad_refresh_token"), "{error}");
        assert!(!error.to_string().contains("declare it"), "{error}");
    }

    async fn tokens_that_a_refresh_returns_are_installed_whatever_an_expired_rule_finds_in_it() {
        let server = Server::start(Protocol::pairs());
        let shop = PresumingClient::signed_in(&server).await;
        for renewed in 1..4 {
            server.expire_all();
            shop.fast().await.unwrap();
            assert_eq!(server.refreshes(), renewed);
        }
    }

    async fn an_undeclared_rejection_says_how_to_declare_it() {
        let (server, shop) = signed_in(|builder| builder).await;
        server.on_refresh().response(bad_token());
        let error = shop.fast().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
        let text = error.to_string();
        assert!(text.contains("bad_refresh_token") && text.contains("`rejected(..)`"), "{text}");
        assert!(shop.session().is_signed_in());
    }

    async fn an_invalid_grant_ends_the_session_whatever_the_status() {
        for status in [200, 400, 401, 403, 500] {
            let (server, shop) = signed_in(|builder| builder).await;
            server.on_refresh().response(error(status, &json!({"error": "invalid_grant"})));
            let error = shop.fast().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::SessionLost, "{status}: {error}");
        }
    }

    async fn a_success_without_a_usable_token_is_ambiguous() {
        let replies = [
            Reply::status(204),
            Reply::html(),
            Reply::json(&json!({"code": 0, "data": {"token": ""}})),
            Reply::json(&json!({"code": 0, "data": {"token": 7}})),
        ];
        for reply in replies {
            let (server, told) = (server(), Told::default());
            let shop = told.watch(MoodyClient::builder(server.origin())).build().unwrap();
            shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
            server.expire_all();
            server.on_refresh().response(reply);
            let error = shop.fast().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{error}");
            let ambiguous = |kind: &EventKind| matches!(kind, EventKind::RotationAmbiguous { .. });
            assert_eq!((told.count(ambiguous), server.refreshes()), (1, 1), "{error}");
        }
    }

    async fn the_text_of_a_rejection_hides_the_presented_token() {
        let (server, shop) = signed_in(|builder| builder).await;
        let presented = shop.session().tokens().unwrap();
        let page = format!("<p>{} is not known {}", presented.access(), "x ".repeat(300));
        server.on_refresh().response(Reply::status(403).body("text/html", page));
        let error: Error = shop.fast().await.unwrap_err();
        let text = error.to_string();
        assert!(text.contains("is not known") && !text.contains(presented.access()), "{text}");
    }
}
