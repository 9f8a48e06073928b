//! Templates of admin consoles, each with the protocol of its own backend.

use perennial::{RefreshToken, Result, Tokens, api_client};
use perennial_tests::Protocol;

use super::*;

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
    async fn refresh(&self, #[query("refreshToken")] token: RefreshToken) -> Result<Tokens>;
    #[get("/me")]
    async fn me(&self) -> Result<Me>;
}

#[tokio::test]
async fn yudao_revokes_the_old_token_with_each_refresh() {
    let server = serve(Protocol::yudao());
    let api = YudaoClient::builder(server.origin()).http(http()).build().unwrap();
    let call = async || api.me().await;
    asks_for_a_login(&server, call).await;
    lives(&server, api.session(), async |who| api.login(who).await.map(drop), call).await;
    ends(&server, api.session(), call).await;
}
