//! A pair of tokens, of which the refresh token pays, and statuses beside codes.

use perennial::{Error, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::Serialize;
use serde_json::{Value, json};

use crate::support::{SignedIn, Who, cases};

/// The body of a refresh.
#[derive(Serialize)]
pub struct Payment {
    refresh_token: String,
}

impl From<&Tokens> for Payment {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

/// A server that says it with HTTP 401, and says with a code what it means.
#[api_client(
    envelope(code = "code", ok = absent),
    auth(expired(status = 401), logout(status = 401, code = "TOKEN_UNKNOWN"))
)]
pub trait Pairs {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Payment) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[http("QUERY", "/fast", replay = idempotent)]
    async fn query(&self) -> Result<Value>;
}

/// The same, with an error of its own for a wrong password.
#[api_client(envelope(code = "code", ok = absent), auth(expired(status = 401)))]
pub trait Polite {
    #[post("/login", login)]
    #[errors(code "WRONG_PASSWORD" => WrongPassword)]
    async fn login(&self, #[json] who: &Who) -> std::result::Result<Tokens, LoginError>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Payment) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

/// Why a user could not sign in.
#[derive(Debug)]
pub enum LoginError {
    /// Because of this.
    WrongPassword,
    /// Because of something else.
    Other,
}

impl From<Error> for LoginError {
    fn from(_: Error) -> Self {
        Self::Other
    }
}

async fn pairs(protocol: Protocol) -> (Server, PairsClient) {
    let server = Server::start(protocol);
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    let client = PairsClient::signed_in_with(&server, |it| it.http(http)).await;
    (server, client)
}

cases! {
    async fn each_refresh_presents_the_token_that_the_last_one_returned() {
        let (server, client) = pairs(Protocol::pairs()).await;
        for refreshes in 1..=3 {
            server.expire_all();
            client.fast().await.unwrap();
            assert_eq!(server.rotations(), refreshes);
        }
        let paid: Vec<_> = server.recorded_on("/refresh").iter().map(|one| one.json()).collect();
        assert!(paid[0] != paid[1] && paid[1] != paid[2], "a refresh token was used twice");
    }

    async fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
        let (server, client) = pairs(Protocol { rotates: false, ..Protocol::pairs() }).await;
        let before = client.session().tokens().unwrap();
        for refreshes in 1..=3 {
            server.expire_all();
            client.fast().await.unwrap();
            assert_eq!(server.rotations(), refreshes);
        }
        let after = client.session().tokens().unwrap();
        assert_ne!(after.access(), before.access());
        assert_eq!((after.refresh(), before.refresh().is_some()), (before.refresh(), true));
    }

    async fn a_status_is_enough_whatever_the_body_looks_like() {
        for reply in [
            Reply::status(401),
            Reply::rejection(401, &json!({"code": "TOKEN_EXPIRED"})),
            Reply::rejection(401, &json!([1, 2])),
            Reply::status(401).header("content-type", "application/json"),
            Reply::status(401).header("content-type", "text/html"),
        ] {
            let (server, client) = pairs(Protocol::pairs()).await;
            server.on("/fast").nth(1).response(reply.clone());
            client.fast().await.unwrap_or_else(|error| panic!("{reply:?}: {error}"));
            assert_eq!((server.refreshes(), server.count("/fast")), (1, 2), "{reply:?}");
        }
    }

    async fn a_status_and_a_code_together_say_more_than_the_status() {
        let (server, client) = pairs(Protocol::pairs()).await;
        server.on("/fast").nth(1).response(Reply::rejection(401, &json!({"code": "TOKEN_UNKNOWN"})));
        assert!(client.fast().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!((server.refreshes(), server.count("/fast")), (0, 1));
    }

    async fn a_status_that_was_not_declared_is_no_reason_for_a_refresh() {
        for status in [400, 402, 403, 407, 419, 500] {
            let (server, client) = pairs(Protocol::pairs()).await;
            let code = json!({"code": "TOKEN_EXPIRED"});
            server.on("/fast").nth(1).response(Reply::rejection(status, &code));
            assert!(client.fast().await.unwrap_err().kind() == ErrorKind::Api, "{status}");
            client.fast().await.unwrap();
            assert_eq!(server.refreshes(), 0, "{status}");
        }
    }

    async fn a_login_with_errors_of_its_own_signs_in() {
        let server = Server::start(Protocol::pairs());
        let client = PoliteClient::builder(server.origin()).build().unwrap();
        let wrong = Who { password: "wrong", ..Who::named("ann") };
        assert!(matches!(client.login(&wrong).await, Err(LoginError::WrongPassword)));
        assert!(!client.session().is_signed_in());
        client.login(&Who::named("ann")).await.unwrap();
        assert!(client.session().is_signed_in());
        server.expire_all();
        client.fast().await.unwrap();
        assert_eq!(server.refreshes(), 1);
    }

    async fn a_query_method_is_replayed_where_only_idempotent_methods_are() {
        let (server, client) = pairs(Protocol::pairs()).await;
        server.expire_all();
        // The server knows no such method, and says so to the repeat.
        assert_eq!(client.query().await.unwrap_err().status().map(|it| it.as_u16()), Some(405));
        assert_eq!(server.refreshes(), 1);
    }

    async fn a_login_with_a_401_is_a_wrong_password() {
        let (server, client) = pairs(Protocol::pairs()).await;
        let wrong = Who { password: "wrong", ..Who::named("ann") };
        assert!(client.login(&wrong).await.unwrap_err().has_code("WRONG_PASSWORD"));
        assert!(client.session().is_signed_in());
        client.fast().await.unwrap();
        assert_eq!(server.refreshes(), 0);
    }
}
