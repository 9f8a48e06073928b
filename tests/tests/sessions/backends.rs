//! Real backends as declarations, each at work against a server that speaks as it does: sign in, call,
//! find that the token has expired, renew it once for all, and continue.

mod admin;
mod platforms;

use crate::support::{Renewal, Who};
use futures::future::join_all;
use perennial::{ErrorKind, Result, Session, Tokens, api_client};
use perennial_tests::{Protocol, Server};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Deserialize, PartialEq)]
pub struct Me {
    name: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Camel {
    refresh_token: String,
}

impl From<&Tokens> for Camel {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
}

const RIGHT: Who = Who { user: "ann", password: "right" };
const WRONG: Who = Who { user: "ann", password: "wrong" };

fn http() -> reqwest::ClientBuilder {
    reqwest::Client::builder().no_proxy()
}

/// A server with something to ask for.
fn serve(protocol: Protocol) -> Server {
    let server = Server::start(protocol);
    server.offer("/me", json!({"name": "Ann"}));
    server
}

/// Without a login nothing is sent.
async fn asks_for_a_login(server: &Server, call: impl AsyncFn() -> Result<Me>) {
    assert!(call().await.unwrap_err().is_signed_out());
    assert_eq!(server.requests(), 0);
}

/// The scenario that every backend with a login and a refresh must pass.
async fn lives(
    server: &Server,
    session: &Session,
    sign_in: impl AsyncFn(&Who) -> Result<()>,
    call: impl AsyncFn() -> Result<Me>,
) {
    let before = server.refreshes();
    let refused = sign_in(&WRONG).await.unwrap_err();
    assert!(refused.kind() == ErrorKind::Api || refused.kind() == ErrorKind::Status, "{refused}");
    assert!(!session.is_signed_in());
    sign_in(&RIGHT).await.unwrap();
    assert_eq!(call().await.unwrap().name, "Ann");
    // A wrong password says nothing about the session that there is.
    sign_in(&WRONG).await.unwrap_err();
    assert_eq!(call().await.unwrap().name, "Ann");
    assert_eq!(server.refreshes(), before);
    for round in 1..=3 {
        server.expire_all();
        for response in join_all((0..5).map(|_| call())).await {
            assert_eq!(response.unwrap().name, "Ann");
        }
        assert_eq!((server.refreshes(), server.rotations()), (before + round, round));
    }
    let stats = session.stats();
    assert_eq!((stats.refreshes, stats.waiting), (server.refreshes() as u64, 0));
    assert_eq!(server.expiries() as u64, stats.replays);
}

/// After the server has revoked all tokens, the session ends, and nothing more is sent.
async fn ends(server: &Server, session: &Session, call: impl AsyncFn() -> Result<Me>) {
    server.revoke_all();
    let refreshes = server.refreshes();
    let error = call().await.unwrap_err();
    assert!(error.kind() == ErrorKind::SessionLost, "{error}");
    assert!(!session.is_signed_in());
    // One rejection is enough.
    assert!(server.refreshes() <= refreshes + 1);
    let sent = server.requests();
    assert!(call().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert_eq!(server.requests(), sent);
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001))
)]
pub trait Article {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn the_article() {
    let server = serve(Protocol::article());
    let api = ArticleClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}
