//! Each profile issues, expires and renews tokens as its backend does.

use perennial_tests::{Protocol, Server};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

async fn send(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    (response.status().as_u16(), json_of(response).await)
}

async fn json_of(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn vue_element_admin_ends_with_a_code_and_has_no_refresh() {
    let server = Server::start(Protocol::vue_element_admin());
    let login = client().post(server.url("/user/login")).json(&json!({"username": "admin"}));
    let (_, granted) = send(login).await;
    assert_eq!(granted["code"], 20000);
    server.expire_all();
    let call = client().get(server.url("/fast")).header("x-token", text(&granted["data"]["token"]));
    assert_eq!(send(call).await, (200, json!({"code": 50014, "message": "Token expired"})));
    let call = client().get(server.url("/fast")).header("x-token", "forged");
    assert_eq!(send(call).await.1["code"], 50008);
}

#[tokio::test]
async fn soybean_admin_speaks_in_strings() {
    let server = Server::start(Protocol::soybean_admin());
    let issued = server.issue("Soybean");
    let call = || client().get(server.url("/fast")).bearer_auth(&issued.access);
    assert_eq!(send(call()).await, (200, json!({"code": "0000", "msg": "ok", "data": "ok"})));
    server.expire_all();
    assert_eq!(send(call()).await.1["code"], "9999");
    let refresh = client().post(server.url("/auth/refreshToken"));
    let (_, renewed) = send(refresh.json(&json!({"refreshToken": issued.refresh}))).await;
    assert!(renewed["data"]["token"].is_string() && renewed["data"]["refreshToken"].is_string());
}

#[tokio::test]
async fn vben_refreshes_with_a_cookie_and_responds_with_the_token_alone() {
    let server = Server::start(Protocol::vben());
    let login = client().post(server.url("/auth/login")).json(&json!({"username": "vben"}));
    let login = login.send().await.unwrap();
    let cookie =
        login.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let granted = json_of(login).await;
    server.expire_all();
    let call = |token: &str| client().get(server.url("/fast")).bearer_auth(token);
    assert_eq!(send(call(text(&granted["data"]["accessToken"]))).await.0, 401);
    for _ in 0..2 {
        let refresh = client().post(server.url("/auth/refresh")).header("cookie", &cookie);
        let (status, token) = send(refresh).await;
        assert_eq!(status, 200);
        assert_eq!(send(call(text(&token))).await.1["data"], "ok");
    }
    assert_eq!(send(client().post(server.url("/auth/refresh"))).await.0, 403);
}

#[tokio::test]
async fn yudao_takes_the_refresh_token_from_the_query_and_wants_a_tenant() {
    let server = Server::start(Protocol::yudao());
    let issued = server.issue("admin");
    let call = client().get(server.url("/fast")).bearer_auth(&issued.access);
    assert_eq!(send(call).await.0, 400);
    let refresh = client().post(server.url("/system/auth/refresh-token"));
    let refresh = refresh.query(&[("refreshToken", issued.refresh.as_deref().unwrap())]);
    let (_, renewed) = send(refresh).await;
    assert!(renewed["data"]["expiresTime"].as_u64().unwrap() > 1_700_000_000_000);
    let call = client().get(server.url("/fast")).bearer_auth(&issued.access);
    let (status, late) = send(call.header("tenant-id", "1")).await;
    assert_eq!((status, &late["code"]), (200, &json!(401)));
    assert_eq!(server.late(), 1);
}

#[tokio::test]
async fn wechat_has_the_token_in_the_query_and_no_code_on_success() {
    let server = Server::start(Protocol::wechat());
    server.offer("/user/info", json!({"openid": "o1"}));
    let token = || client().get(server.url("/token?grant_type=client_credential&appid=a&secret=s"));
    let (_, granted) = send(token()).await;
    assert!(granted["errcode"].is_null());
    assert_eq!(granted["expires_in"], 7200);
    let info = server.url("/user/info");
    let info = || client().get(&info).query(&[("access_token", text(&granted["access_token"]))]);
    assert_eq!(send(info()).await.1, json!({"openid": "o1"}));
    server.expire_all();
    assert_eq!(send(info()).await.1["errcode"], 42001);
}

#[tokio::test]
async fn lark_puts_the_grant_beside_the_code() {
    let server = Server::start(Protocol::lark());
    let issued = server.issue("u1");
    server.expire_all();
    let call = client().get(server.url("/fast")).bearer_auth(&issued.access);
    assert_eq!(send(call).await, (400, json!({"code": 99_991_671, "msg": "token expired"})));
    let refresh = client().post(server.url("/authen/v1/refresh_access_token"));
    let (_, renewed) = send(refresh.json(&json!({"refresh_token": issued.refresh}))).await;
    assert_eq!((&renewed["code"], &renewed["expire"]), (&json!(0), &json!(7200)));
    assert!(renewed["access_token"].is_string() && renewed["refresh_token"].is_string());
}

#[tokio::test]
async fn directus_rejects_a_valid_refresh_with_an_expired_authorization() {
    let server = Server::start(Protocol::directus());
    let issued = server.issue("ann");
    server.expire_all();
    let call = client().get(server.url("/fast")).bearer_auth(&issued.access);
    let (status, expired) = send(call).await;
    assert_eq!(
        (status, &expired["errors"][0]["extensions"]["code"]),
        (401, &json!("TOKEN_EXPIRED"))
    );
    let refresh = client().post(server.url("/auth/refresh"));
    let refresh = || refresh.try_clone().unwrap().json(&json!({"refresh_token": issued.refresh}));
    assert_eq!(send(refresh().bearer_auth(&issued.access)).await.0, 401);
    let (_, renewed) = send(refresh()).await;
    assert_eq!(renewed["data"]["expires"], 7_200_000);
}

#[tokio::test]
async fn matrix_marks_an_expired_token_as_a_soft_logout() {
    let server = Server::start(Protocol::matrix());
    let issued = server.issue("@ann:shop.example");
    let call = || client().get(server.url("/fast")).bearer_auth(&issued.access);
    server.expire_all();
    assert_eq!(send(call()).await.1["soft_logout"], true);
    let refresh = client().post(server.url("/refresh"));
    let (_, renewed) = send(refresh.json(&json!({"refresh_token": issued.refresh}))).await;
    assert_eq!(renewed["expires_in_ms"], 7_200_000);
    server.revoke_all();
    let (status, gone) = send(call()).await;
    assert_eq!((status, &gone["errcode"]), (401, &json!("M_UNKNOWN_TOKEN")));
    assert!(gone.get("soft_logout").is_none());
}

#[tokio::test]
async fn oauth_says_it_in_a_header_and_has_one_endpoint_for_login_and_refresh() {
    let server = Server::start(Protocol::oauth2());
    let token = |form: &[(&str, &str)]| client().post(server.url("/token")).form(form);
    let login = [("grant_type", "password"), ("username", "ann"), ("password", "right")];
    let (_, granted) = send(token(&login)).await;
    assert_eq!(granted["token_type"], "Bearer");
    server.expire_all();
    let call = client().get(server.url("/fast")).bearer_auth(text(&granted["access_token"]));
    let response = call.send().await.unwrap();
    let challenges: Vec<_> = response.headers().get_all("www-authenticate").into_iter().collect();
    assert_eq!(
        challenges,
        ["Basic realm=\"shop\"", "Bearer realm=\"shop\", error=\"invalid_token\""]
    );
    let refresh = text(&granted["refresh_token"]);
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    assert_eq!(send(token(&refresh)).await.0, 200);
    assert_eq!((server.logins(), server.rotations()), (1, 1));
    let forged = [("grant_type", "refresh_token"), ("refresh_token", "forged")];
    assert_eq!(send(token(&forged)).await, (400, json!({"error": "invalid_grant"})));
}
