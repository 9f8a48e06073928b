//! Platforms and standards: WeChat, Lark, Directus, Matrix, OAuth 2.

use super::*;
use crate::support::Grant;

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
    async fn refresh(&self, #[json] with: Renewal) -> Result<Tokens>;
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
    async fn refresh(&self, #[json] with: Renewal) -> Result<Tokens>;
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
    async fn refresh(&self, #[json] with: Renewal) -> Result<Tokens>;
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

#[api_client(
    auth(bearer, expired(status = 401, header("WWW-Authenticate", contains = "invalid_token"))),
    allow(duplicate_endpoint)
)]
pub trait OAuth2 {
    #[post("/token", login)]
    async fn login(&self, #[form] grant: &Password<'_>) -> Result<Tokens>;
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[form] grant: Grant) -> Result<Tokens>;
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
