//! The backends that people meet, each as a declaration, run against its server.

use std::fmt;

use perennial::{Error, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde::Serialize;
use serde_json::{Value, json};

use crate::world::{cases, tokens};

/// A body of a refresh, with the field spelt in the two usual ways.
#[derive(Debug, Serialize)]
pub struct Camel {
    #[serde(rename = "refreshToken")]
    token: String,
}

#[derive(Debug, Serialize)]
pub struct Snake {
    refresh_token: String,
}

/// The form of OAuth 2.
#[derive(Debug, Serialize)]
pub struct RefreshGrant {
    grant_type: &'static str,
    refresh_token: String,
}

/// A refresh token that stands in a query.
pub struct InQuery(String);

fn refresh_of(tokens: &Tokens) -> String {
    tokens.refresh().unwrap_or_default().to_owned()
}

impl From<&Tokens> for Camel {
    fn from(tokens: &Tokens) -> Self {
        Self { token: refresh_of(tokens) }
    }
}

impl From<&Tokens> for Snake {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: refresh_of(tokens) }
    }
}

impl From<&Tokens> for RefreshGrant {
    fn from(tokens: &Tokens) -> Self {
        Self { grant_type: "refresh_token", refresh_token: refresh_of(tokens) }
    }
}

impl From<&Tokens> for InQuery {
    fn from(tokens: &Tokens) -> Self {
        Self(refresh_of(tokens))
    }
}

impl fmt::Display for InQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A plain pair of tokens.
#[api_client(auth(expired(status = 401, body("code" = "TOKEN_EXPIRED")), logout(status = 401)))]
pub trait Pairs {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/vue-element-admin",
    envelope(code = "code", message = "message", data = "data", ok = 20000),
    auth(header = "X-Token", logout(code = [50008, 50012, 50014])),
)]
pub trait VueElementAdmin {
    #[post("/user/login", login)]
    async fn login(&self, #[json] who: &Value) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    envelope(code = "code", message = "msg", data = "data", ok = "0000"),
    auth(
        expired(code = ["9999", "9998", "3333"]),
        logout(code = ["8888", "8889"]),
    ),
)]
pub trait Soybean {
    #[post("/auth/refreshToken", refresh, public)]
    async fn refresh(&self, #[json] with: Camel) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(expired(status = 401), logout(status = 403))
)]
pub trait Vben {
    #[post("/auth/login", login)]
    async fn login(&self, #[json] who: &Value) -> Result<Tokens>;
    /// The cookie pays, and the answer is the token alone.
    #[post("/auth/refresh", refresh, public, envelope = off)]
    async fn refresh(&self) -> Result<String>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/admin-api",
    envelope(code = "code", message = "msg", data = "data", ok = [0, 200, absent]),
    auth(expired(code = 401), logout(code = 400)),
    headers("tenant-id" = "1"),
)]
pub trait Yudao {
    #[post("/system/auth/refresh-token", refresh, public)]
    async fn refresh(&self, #[query("refreshToken")] with: InQuery) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/cgi-bin",
    envelope(code = "errcode", message = "errmsg", ok = [0, absent]),
    auth(query = "access_token", expired(code = [40001, 40014, 42001])),
    allow(token_in_query),
)]
pub trait WeChat {
    #[get("/token?grant_type=client_credential&appid=a&secret=s", refresh, public)]
    async fn token(&self) -> Result<Tokens>;
    #[get("/user/info")]
    async fn info(&self, #[query] openid: &str) -> Result<Value>;
}

#[api_client(
    base = "/open-apis",
    envelope(code = "code", message = "msg", data = "data", ok = 0),
    auth(expired(code = [99991671, 99991664, 99991663]), logout(code = 10012)),
)]
pub trait Lark {
    #[post(
        "/authen/v1/refresh_access_token",
        refresh,
        public,
        envelope(code = "code", message = "msg", ok = 0)
    )]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    envelope(code = "errors.0.extensions.code", message = "errors.0.message", data = "data", ok = absent),
    auth(
        expired(status = 401, code = "TOKEN_EXPIRED"),
        logout(status = 401, code = "INVALID_CREDENTIALS"),
    ),
)]
pub trait Directus {
    #[post("/auth/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(
    base = "/_matrix/client/v3",
    envelope(code = "errcode", message = "error", ok = absent),
    auth(
        expired(status = 401, code = "M_UNKNOWN_TOKEN", body("soft_logout" = true)),
        logout(status = 401, code = "M_UNKNOWN_TOKEN"),
    ),
)]
pub trait Matrix {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[api_client(auth(
    expired(status = 401, header("WWW-Authenticate", contains = "invalid_token")),
    logout(status = 400, body("error" = "invalid_grant")),
))]
pub trait OAuth {
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[form] with: RefreshGrant) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

/// Calls once with a good token, once with one that is over, and once when the session is gone: what
/// every backend with a refresh token must let a client live through.
macro_rules! lives_through {
    ($client:ident, $server:ident) => {{
        let shop = $client::builder($server.origin()).build().unwrap();
        shop.session().login(tokens(&$server.issue("ann"))).await.unwrap();
        assert_eq!(shop.fast().await.unwrap(), "ok");
        assert_eq!($server.refreshes(), 0);
        $server.expire_all();
        assert_eq!(shop.fast().await.unwrap(), "ok");
        assert_eq!(($server.refreshes(), $server.sends()), (1, 3));
        $server.expire_all();
        assert_eq!(shop.fast().await.unwrap(), "ok");
        assert_eq!($server.generations("/fast").last(), Some(&Some(3)));
        $server.expire_all();
        $server.on_refresh().answer($server.protocol().refresh_refused.clone());
        let error: Error = shop.fast().await.unwrap_err();
        assert!(error.is_session_lost(), "{error}");
        assert!(shop.fast().await.unwrap_err().is_session_lost());
        assert_eq!(($server.refreshes(), $server.sends()), (3, 6));
    }};
}

cases! {
    async fn a_plain_pair_of_tokens() {
        let server = Server::start(Protocol::pairs());
        lives_through!(PairsClient, server);
    }

    async fn vue_element_admin() {
        let server = Server::start(Protocol::vue_element_admin());
        let shop = VueElementAdminClient::builder(server.origin()).build().unwrap();
        shop.login(&json!({"username": "admin"})).await.unwrap();
        assert_eq!(shop.fast().await.unwrap(), "ok");
        server.expire_all();
        // There is nothing that could renew it.
        let error = shop.fast().await.unwrap_err();
        assert!(error.is_session_lost(), "{error}");
        assert_eq!(server.sends(), 2);
        shop.login(&json!({"username": "admin"})).await.unwrap();
        server.revoke_all();
        assert!(shop.fast().await.unwrap_err().is_session_lost());
    }

    async fn soybean_admin() {
        let server = Server::start(Protocol::soybean_admin());
        lives_through!(SoybeanClient, server);
    }

    async fn each_expired_code_of_soybean_admin_leads_to_a_refresh() {
        for (code, refreshes) in [("9999", 1), ("9998", 1), ("3333", 1), ("7777", 0), ("8888", 0)] {
            let server = Server::start(Protocol::soybean_admin());
            let shop = SoybeanClient::builder(server.origin()).build().unwrap();
            shop.session().login(tokens(&server.issue("ann"))).await.unwrap();
            let says = json!({"code": code, "msg": "no", "data": null});
            server.on("/fast").first(1).answer(Reply::json(&says));
            let answer = shop.fast().await;
            assert_eq!(answer.is_ok(), refreshes == 1, "{code}");
            assert_eq!(server.refreshes(), refreshes, "{code}");
        }
    }

    async fn vben() {
        let server = Server::start(Protocol::vben());
        let http = reqwest::Client::builder().cookie_store(true);
        let shop = VbenClient::builder(server.origin()).http(http).build().unwrap();
        shop.login(&json!({"username": "vben"})).await.unwrap();
        for refreshes in 1..3 {
            server.expire_all();
            assert_eq!(shop.fast().await.unwrap(), "ok");
            assert_eq!(server.refreshes(), refreshes);
        }
        server.revoke_all();
        assert!(shop.fast().await.unwrap_err().is_session_lost());
    }

    async fn a_status_alone_is_enough_whatever_the_body_is() {
        for reply in [Reply::status(401), Reply::refusal(401, &json!({"code": 0, "data": 1}))] {
            let server = Server::start(Protocol::vben());
            let http = reqwest::Client::builder().cookie_store(true);
            let shop = VbenClient::builder(server.origin()).http(http).build().unwrap();
            shop.login(&json!({"username": "vben"})).await.unwrap();
            server.on("/fast").first(1).answer(reply);
            assert_eq!(shop.fast().await.unwrap(), "ok");
            assert_eq!(server.refreshes(), 1);
        }
    }

    async fn yudao() {
        let server = Server::start(Protocol::yudao());
        lives_through!(YudaoClient, server);
    }

    async fn wechat() {
        let server = Server::start(Protocol::wechat());
        server.offer("/user/info", json!({"openid": "o1"}));
        let shop = WeChatClient::builder(server.origin()).build().unwrap();
        // Nobody signs in: the client has a key of its own.
        assert_eq!(shop.info("o1").await.unwrap()["openid"], "o1");
        assert_eq!(server.refreshes(), 1);
        server.expire_all();
        shop.info("o1").await.unwrap();
        assert_eq!(server.refreshes(), 2);
        let last = server.recorded_on("/user/info").pop().unwrap();
        assert_eq!(last.target.matches("access_token=").count(), 1, "{}", last.target);
        assert!(last.target.contains("openid=o1"));
    }

    async fn lark() {
        let server = Server::start(Protocol::lark());
        lives_through!(LarkClient, server);
    }

    async fn directus() {
        let server = Server::start(Protocol::directus());
        lives_through!(DirectusClient, server);
    }

    async fn matrix() {
        let server = Server::start(Protocol::matrix());
        lives_through!(MatrixClient, server);
        let other = Server::start(Protocol::matrix());
        let shop = MatrixClient::builder(other.origin()).build().unwrap();
        shop.session().login(tokens(&other.issue("ann"))).await.unwrap();
        other.revoke_all();
        assert!(shop.fast().await.unwrap_err().is_session_lost());
        assert_eq!(other.refreshes(), 0);
    }

    async fn oauth() {
        let server = Server::start(Protocol::oauth2());
        lives_through!(OAuthClient, server);
    }
}
