//! Real backends as declarations, each at work against a server that speaks as it does: sign in, call,
//! find the token over, renew it once for all, and go on.

use std::fmt;

use crate::support::Who;
use futures::future::join_all;
use perennial::{ErrorKind, Result, Session, Tokens, api_client};
use perennial_tests::{Protocol, Server};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, Deserialize, PartialEq)]
pub struct Me {
    name: String,
}

/// The token that pays, under the names that servers give it.
#[derive(Serialize)]
pub struct Snake {
    refresh_token: String,
}

impl From<&Tokens> for Snake {
    fn from(tokens: &Tokens) -> Self {
        Self { refresh_token: tokens.refresh().unwrap_or_default().to_owned() }
    }
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

/// The token that pays, alone.
pub struct Bare(String);

impl From<&Tokens> for Bare {
    fn from(tokens: &Tokens) -> Self {
        Self(tokens.refresh().unwrap_or_default().to_owned())
    }
}

impl fmt::Display for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

/// What every backend with a login and a refresh must live through.
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
    // One refusal is enough.
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

#[api_client(
    base = "/vue-element-admin",
    envelope(code = "code", message = "message", data = "data", ok = 20000),
    auth(header = "X-Token", logout(code = [50008, 50012, 50014]))
)]
pub trait VueElementAdmin {
    #[post("/user/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn vue_element_admin_sends_to_the_login_page() {
    let server = serve(Protocol::vue_element_admin());
    let api = VueElementAdminClient::builder(server.origin()).http(http()).build().unwrap();
    assert!(api.login(&WRONG).await.unwrap_err().has_code(60204));
    api.login(&RIGHT).await.unwrap();
    assert_eq!(api.me().await.unwrap().name, "Ann");
    server.expire_all();
    let errors = join_all((0..5).map(|_| api.me())).await;
    for error in errors {
        assert!(error.unwrap_err().kind() == ErrorKind::SessionLost);
    }
    let sent = server.requests();
    assert!(api.me().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert_eq!((server.requests(), server.refreshes()), (sent, 0));
    api.login(&RIGHT).await.unwrap();
    assert_eq!(api.me().await.unwrap().name, "Ann");
}

#[api_client(
    envelope(code = "code", message = "msg", data = "data", ok = "0000"),
    auth(bearer, expired(code = ["9999", "9998", "3333"]), logout(code = ["8888", "8889"]))
)]
pub trait SoybeanAdmin {
    #[post("/auth/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post("/auth/refreshToken", refresh, public)]
    async fn refresh(&self, #[json] with: Camel) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn soybean_admin() {
    let server = serve(Protocol::soybean_admin());
    let api = SoybeanAdminClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(bearer, expired(status = 401))
)]
pub trait Vben {
    #[post("/auth/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    /// The cookie pays, and the response is the token alone.
    #[post("/auth/refresh", refresh, public, rejected(status = 403), envelope = off)]
    async fn refresh(&self) -> Result<String>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn vben_renews_with_a_cookie() {
    let server = serve(Protocol::vben());
    let http = http().cookie_store(true);
    let api = VbenClient::builder(server.origin()).http(http).build().unwrap();
    let call = async || api.me().await;
    // The cookie may be there from an earlier visit, so the refresh is tried without a login.
    // Its rejection ends the session: nothing more is sent before a user signs in.
    for _ in 0..2 {
        assert!(call().await.unwrap_err().kind() == ErrorKind::SessionLost);
        assert_eq!(server.requests(), 1);
    }
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[api_client(
    base = "/admin-api",
    envelope(code = "code", message = "msg", data = "data", ok = [0, 200, absent]),
    auth(bearer, expired(code = 401)),
    headers("tenant-id" = "1")
)]
pub trait Yudao {
    #[post("/system/auth/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    /// 401 for a call means an expired token, for a refresh an ended session.
    #[post("/system/auth/refresh-token", refresh, public, rejected(code = [400, 401]))]
    async fn refresh(&self, #[query("refreshToken")] token: Bare) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn yudao_voids_the_old_token_with_each_refresh() {
    let server = serve(Protocol::yudao());
    let api = YudaoClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[api_client(
    base = "/cgi-bin",
    envelope(code = "errcode", message = "errmsg", ok = [0, absent]),
    auth(query = "access_token", expired(code = [40001, 40014, 42001])),
    allow(token_in_query)
)]
pub trait WeChat {
    #[get("/token?grant_type=client_credential&appid=a&secret=s", refresh, public)]
    async fn token(&self) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self, #[query] lang: &str) -> Result<Me>;
}

#[tokio::test]
async fn wechat_has_no_login_and_its_token_in_the_query() {
    let server = serve(Protocol::wechat());
    let api = WeChatClient::builder(server.origin()).http(http()).build().unwrap();
    for round in 1..=3 {
        for response in join_all((0..5).map(|_| api.me("en"))).await {
            assert_eq!(response.unwrap().name, "Ann");
        }
        assert_eq!(server.refreshes(), round);
        server.expire_all();
    }
    for request in server.recorded_on("/me") {
        assert_eq!(request.target.matches("access_token=").count(), 1, "{request:?}");
        assert!(request.target.contains("lang=en"), "{request:?}");
    }
    // 5 with the first token, and twice 5 that came back expired.
    assert_eq!(server.count("/me"), 5 + 2 * 10);
}

#[api_client(
    base = "/open-apis",
    envelope(code = "code", message = "msg", data = "data", ok = 0),
    auth(
        bearer,
        expired(code = [99_991_671, 99_991_664, 99_991_663]),
        logout(code = 10_012)
    )
)]
pub trait Lark {
    /// The tokens are beside the code.
    #[post("/authen/v1/access_token", login, envelope(data = off))]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post(
        "/authen/v1/refresh_access_token",
        refresh,
        public,
        envelope(data = off)
    )]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn lark() {
    let server = serve(Protocol::lark());
    let api = LarkClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[api_client(
    envelope(
        code = "errors.0.extensions.code",
        message = "errors.0.message",
        data = "data",
        ok = absent("errors")
    ),
    auth(bearer, expired(status = 401, code = "TOKEN_EXPIRED"))
)]
pub trait Directus {
    #[post("/auth/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    /// A good refresh with an expired `Authorization` is refused.
    #[post("/auth/refresh", refresh, public, rejected(status = 401, code = "INVALID_CREDENTIALS"))]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn directus() {
    let server = serve(Protocol::directus());
    let api = DirectusClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[api_client(
    base = "/_matrix/client/v3",
    // One code means two things, and the rule that says more decides.
    envelope(code = "errcode", message = "error", ok = absent),
    auth(
        bearer,
        expired(status = 401, code = "M_UNKNOWN_TOKEN", body("soft_logout" = true)),
        logout(status = 401, code = "M_UNKNOWN_TOKEN")
    )
)]
pub trait Matrix {
    #[post("/login", login)]
    async fn login(&self, #[json] who: &Who) -> Result<Tokens>;
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: Snake) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn matrix() {
    let server = serve(Protocol::matrix());
    let api = MatrixClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}

#[derive(Serialize)]
pub struct Password<'a> {
    grant_type: &'static str,
    username: &'a str,
    password: &'a str,
}

#[derive(Serialize)]
pub struct Renewal {
    grant_type: &'static str,
    refresh_token: String,
}

impl From<&Tokens> for Renewal {
    fn from(tokens: &Tokens) -> Self {
        let refresh_token = tokens.refresh().unwrap_or_default().to_owned();
        Self { grant_type: "refresh_token", refresh_token }
    }
}

#[api_client(
    auth(bearer, expired(status = 401, header("WWW-Authenticate", contains = "invalid_token"))),
    allow(duplicate_endpoint)
)]
pub trait OAuth2 {
    #[post("/token", login)]
    async fn login(&self, #[form] grant: &Password<'_>) -> Result<Tokens>;
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[form] grant: Renewal) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn oauth_2_says_it_in_one_of_two_challenges() {
    let server = serve(Protocol::oauth2());
    let api = OAuth2Client::builder(server.origin()).http(http()).build().unwrap();
    let sign_in = async |who: &Who| {
        let grant = Password { grant_type: "password", username: who.user, password: who.password };
        api.login(&grant).await.map(drop)
    };
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), sign_in, call).await;
    // A challenge without `invalid_token` is an ordinary refusal; `invalid_grant` ends the session.
    server.revoke_all();
    assert_eq!(call().await.unwrap_err().status().unwrap(), 401);
    assert!(api.session().is_signed_in());
    assert!(api.session().refresh().await.unwrap_err().kind() == ErrorKind::SessionLost);
    assert!(call().await.unwrap_err().kind() == ErrorKind::SessionLost);
}
