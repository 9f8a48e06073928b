//! Options at each level of a declaration, and their effect on the wire, with an expiry in the middle.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::SignedIn;
use perennial::{Error, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Carrier, Placement, Protocol, Reply, Server};
use serde_json::{Value, json};

static STAMPS: AtomicUsize = AtomicUsize::new(0);

fn version() -> String {
    STAMPS.fetch_add(1, Ordering::SeqCst).to_string()
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), logout(code = 1001)),
    headers("X-Level" = "trait", "X-Fixed" = "yes", "X-Version" = version),
    rename_all = "camelCase",
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/echo/v")]
    async fn get(&self) -> Result<Value>;
    #[post("/echo/v")]
    async fn post(&self) -> Result<Value>;
    #[put("/echo/v")]
    async fn put(&self) -> Result<Value>;
    #[patch("/echo/v")]
    async fn patch(&self) -> Result<Value>;
    #[delete("/echo/v")]
    async fn delete(&self, #[json] body: &Value) -> Result<Value>;
    #[options("/echo/v")]
    async fn options(&self) -> Result<Value>;
    #[http("PROPFIND", "/echo/v")]
    async fn propfind(&self) -> Result<Value>;
    #[get("/echo/v", headers("X-Level" = "method", "X-Fixed" = off))]
    async fn of_method(&self) -> Result<Value>;
    #[get("/echo/v", headers("X-Level" = "method"))]
    async fn of_parameter(&self, #[header("X-Level")] level: Option<&str>) -> Result<Value>;
    #[get("/echo/v", headers = off)]
    async fn of_none(&self) -> Result<Value>;
    #[get("/health", public, headers("X-Level" = "public"))]
    async fn health(&self) -> Result<Value>;
    #[get("/echo/{sub_path?}")]
    async fn renamed(&self, sub_path: Option<&str>, #[query] page_size: u32) -> Result<Value>;
    #[get("/echo/v", rename_all = off)]
    async fn plain(&self, #[query] page_size: u32) -> Result<Value>;
    #[get("/echo/v", envelope(data = "data.query"))]
    async fn inner(&self, #[query] color: &str) -> Result<Value>;
    #[get("/echo/v", envelope(data = off))]
    async fn whole(&self) -> Result<Value>;
    #[get("/fast")]
    #[errors(404 => Missing, code 2001 => Quota, 4xx => Client)]
    async fn mapped(&self) -> Result<Value, Failure>;
    #[get(url)]
    async fn at(&self, #[url] url: &str) -> Result<Value>;
}

#[derive(Debug)]
pub enum Failure {
    Missing,
    Quota,
    Client,
    #[expect(dead_code, reason = "for the message of a test that fails")]
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[tokio::test]
async fn a_call_of_every_verb_is_replayed_unchanged() {
    let (server, shop) = ShopClient::with_server().await;
    let body = json!({"a": 1});
    let calls = [
        (shop.get(), "GET"),
        (shop.post(), "POST"),
        (shop.put(), "PUT"),
        (shop.patch(), "PATCH"),
        (shop.delete(&body), "DELETE"),
        (shop.options(), "OPTIONS"),
        (shop.propfind(), "PROPFIND"),
    ];
    for (call, method) in calls {
        server.expire_all();
        let told = call.await.unwrap();
        let body = if method == "DELETE" { "{\"a\":1}" } else { "" };
        assert_eq!((told["method"].as_str(), told["body"].as_str()), (Some(method), Some(body)));
    }
    assert_eq!((server.refreshes(), server.sends()), (7, 14));
}

#[tokio::test]
async fn a_header_is_that_of_the_nearest_level() {
    let (_server, shop) = ShopClient::with_server().await;
    let calls = [
        (shop.get(), [Some("trait"), Some("yes")]),
        (shop.of_method(), [Some("method"), None]),
        (shop.of_parameter(Some("parameter")), [Some("parameter"), Some("yes")]),
        (shop.of_parameter(None), [None, Some("yes")]),
        (shop.of_parameter(None).header("X-Level", "call"), [Some("call"), Some("yes")]),
        (shop.get().header("X-Fixed", "call"), [Some("trait"), Some("call")]),
        (shop.of_none(), [None, None]),
    ];
    for (call, expected) in calls {
        let told = call.await.unwrap();
        let headers = &told["headers"];
        assert_eq!([headers["x-level"].as_str(), headers["x-fixed"].as_str()], expected);
    }
}

#[tokio::test]
async fn a_computed_header_is_that_of_the_call_and_not_of_the_attempt() {
    let (server, shop) = ShopClient::with_server().await;
    server.expire_all();
    shop.get().await.unwrap();
    shop.get().await.unwrap();
    let sent = server.recorded_on("/echo/v");
    let stamps: Vec<_> = sent.iter().map(|it| it.header("x-version").unwrap()).collect();
    assert_eq!(stamps[0], stamps[1]);
    assert_ne!(stamps[1], stamps[2]);
}

#[tokio::test]
async fn a_public_call_has_its_headers_and_no_token() {
    let (server, shop) = ShopClient::with_server().await;
    shop.health().await.unwrap();
    let sent = &server.recorded_on("/health")[0];
    assert_eq!((sent.header("x-level"), sent.header("x-token")), (Some("public"), None));
}

#[tokio::test]
async fn the_header_of_the_token_is_the_sessions_whatever_the_call_says() {
    let (server, shop) = ShopClient::with_server().await;
    assert_eq!(shop.get().header("X-Token", "mine").await.unwrap()["user"], "ann");
    assert_eq!(server.recorded_on("/echo/v")[0].headers.get_all("x-token").iter().count(), 1);
}

#[tokio::test]
async fn names_are_those_of_the_nearest_level() {
    let (server, shop) = ShopClient::with_server().await;
    shop.renamed(Some("a/b"), 3).await.unwrap();
    shop.renamed(None, 3).await.unwrap();
    shop.plain(3).await.unwrap();
    let sent = server.recorded();
    let sent: Vec<_> = sent.iter().map(|it| &*it.target).collect();
    assert_eq!(
        sent,
        ["/api/echo/a%2Fb?pageSize=3", "/api/echo?pageSize=3", "/api/echo/v?page_size=3",]
    );
}

#[tokio::test]
async fn the_first_arm_that_fits_names_the_failure() {
    for (reply, expected) in [
        (Reply::status(404), "Missing"),
        (Reply::rejection(404, &json!({"code": 2001})), "Missing"),
        (Reply::rejection(400, &json!({"code": "2001"})), "Quota"),
        (Reply::json(&json!({"code": 2001})), "Quota"),
        (Reply::status(499), "Client"),
        (Reply::status(500), "Other"),
    ] {
        let (server, shop) = ShopClient::with_server().await;
        server.on("/fast").response(reply.clone());
        let failure = format!("{:?}", shop.mapped().await.unwrap_err());
        assert!(failure.starts_with(expected), "{reply:?}: {failure}");
    }
}

#[tokio::test]
async fn an_address_gets_the_token_only_at_the_clients_own_origin() {
    let (server, shop) = ShopClient::with_server().await;
    let other = Server::start(Protocol::article());
    other.open("/fast");
    let host = |server: &Server| server.origin().replace("http://", "");
    let (own, foreign) = (host(&server), host(&other));
    let port = own.rsplit(':').next().unwrap().to_owned();
    let base = server.url("");
    for address in [
        format!("{base}/fast"),
        format!(" {base}/fast"),
        format!("HTTP://{own}/api/../api/./fast"),
        format!("http://0x7f.1:{port}/api/fast"),
        format!("http://{own}#@{foreign}/api/fast"),
        format!("http://{own}\\@{foreign}/api/fast"),
    ] {
        let before = server.requests();
        let _ = shop.at(&address).await;
        let sent = server.recorded();
        assert!(sent.len() == before + 1 && sent[before].token.is_some(), "{address}");
    }
    let before = server.requests();
    assert!(shop.at(&format!("http://localhost:{port}/api/fast")).await.is_err());
    assert_eq!(server.recorded()[before].token, None);
    shop.at(&other.url("/fast")).await.unwrap();
    assert!(other.recorded().iter().all(|it| it.token.is_none()));
    // An address without a host is below the own base, and one without a scheme may name another host.
    shop.at("fast").await.unwrap();
    shop.at(&format!("//{foreign}/api/fast")).await.unwrap();
    assert!(other.recorded().iter().all(|it| it.token.is_none()));
    for address in [
        &format!("http://{own}@{foreign}/api/fast"),
        &format!("http://user:password@{own}/api/fast"),
        "file:///etc/passwd",
        "data:text/plain,x",
    ] {
        let error = shop.at(address).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Argument && error.attempts() == 0, "{address}: {error}");
    }
}

#[tokio::test]
async fn the_response_of_another_origin_affects_no_session() {
    let (server, shop) = ShopClient::with_server().await;
    let other = Server::start(Protocol::article());
    for code in [1234, 1001] {
        other.behave();
        other.on("/fast").response(Reply::json(&json!({"code": code})));
        assert!(shop.at(&other.url("/fast")).await.unwrap_err().kind() == ErrorKind::Api);
    }
    // Nor does the way back from there take the token along.
    other.on("/away").redirect(302, &server.url("/fast"));
    assert!(shop.at(&other.url("/away")).await.is_err());
    assert_eq!(server.recorded_on("/fast")[0].token, None);
    assert!(shop.session().is_signed_in());
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test]
async fn a_base_without_a_host_does_not_take_the_prefix_for_one() {
    for base in ["http://", "https://", "http:///", "", "shop.example", "ftp://shop.example"] {
        let error = ShopClient::builder(base).build().map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build, "{base}: {error}");
    }
}

/// The host is only the default.
#[api_client(base = "https://weather.example/v1")]
pub trait Weather {
    #[get("/days")]
    async fn days(&self) -> Result<Value>;
}

#[test]
fn a_declared_host_is_replaced_and_its_path_kept_unless_the_other_one_has_a_path() {
    for (base, sent) in [
        ("", "https://weather.example/v1/days"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1/days"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1/days"),
        ("http://gateway.example/weather", "http://gateway.example/weather/days"),
        ("http://gateway.example/v2/", "http://gateway.example/v2/days"),
    ] {
        let weather = WeatherClient::builder(base).build().unwrap();
        assert_eq!(weather.days().to_curl(), format!("curl -X GET '{sent}'"), "{base}");
    }
    for base in ["http://host?x=1", "http://host/#top", "http://ann:pw@host", "host.example"] {
        let error = WeatherClient::builder(base).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Build, "{base}: {error}");
    }
}

#[tokio::test]
async fn the_test_server_of_a_declared_host_is_reached_at_its_origin() {
    let server = perennial_test::Server::declared::<WeatherClient>();
    server.offer("/days", json!([21]));
    let weather = WeatherClient::builder(server.origin()).build().unwrap();
    assert_eq!(weather.days().await.unwrap(), json!([21]));
}

/// Two credentials, of which a response does not say which one has expired.
#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    auth(name = "device", header = "X-Device", expired(code = 1234))
)]
pub trait Twins {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/device/refresh", refresh("device"))]
    async fn refresh_device(&self) -> Result<Tokens>;
    #[get("/both")]
    async fn both(&self) -> Result<Value>;
}

#[tokio::test]
async fn if_one_code_means_two_tokens_the_second_is_renewed_if_the_first_did_not_help() {
    let device = Protocol {
        placement: Placement::Header("x-device"),
        renewal: Carrier::Access,
        refresh: "POST /device/refresh",
        login: "",
        logout: "",
        ..Protocol::article()
    };
    let server = Server::with_credentials([Protocol::article(), device]);
    server.offer("/both", json!("ok"));
    server.ask("/both", &[0, 1]);
    let shop = TwinsClient::builder(server.origin()).build().unwrap();
    let (user, device) = (server.credential(0), server.credential(1));
    shop.session().login(Tokens::new(user.issue("ann").access)).await.unwrap();
    shop.session()
        .credential("device")
        .unwrap()
        .login(Tokens::new(device.issue("ann").access))
        .await
        .unwrap();
    device.expire_all();
    shop.both().await.unwrap();
    assert_eq!((user.refreshes(), device.refreshes(), server.sends()), (1, 1, 3));
    user.expire_all();
    shop.both().await.unwrap();
    assert_eq!((user.refreshes(), device.refreshes(), server.sends()), (2, 1, 5));
    user.expire_all();
    device.expire_all();
    shop.both().await.unwrap();
    assert_eq!((user.refreshes(), device.refreshes(), server.sends()), (3, 2, 8));
    // Neither is ever good: once for each, and no circle.
    user.always_expired(true);
    assert_eq!(shop.both().await.unwrap_err().attempts(), 3);
}

/// A refresh by GET, under retries that are declared for all.
#[api_client(
    auth(query = "access_token", expired(status = 401)),
    retry(3, on = [401, 503, connect], backoff = "1ms..2ms"),
    allow(token_in_query)
)]
pub trait Got {
    #[get("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
}

#[tokio::test]
async fn the_retries_of_the_trait_retry_no_refresh_though_its_verb_is_safe() {
    for lost in [true, false] {
        let server = Server::start(Protocol {
            refresh: "GET /refresh",
            placement: Placement::Query("access_token"),
            renewal: Carrier::Access,
            ..Protocol::pairs()
        });
        let shop = GotClient::signed_in(&server).await;
        server.expire_all();
        if lost {
            server.on_refresh().close_after();
        } else {
            server.on_refresh().response(Reply::status(503));
        }
        assert!(shop.fast().await.unwrap_err().kind() == ErrorKind::RefreshFailed);
        assert_eq!((server.refreshes(), server.reuses(), server.sends()), (1, 0, 1));
    }
}

#[tokio::test]
async fn a_token_in_the_query_is_there_once_after_every_redirect() {
    let server = Server::start(Protocol {
        placement: Placement::Query("access_token"),
        renewal: Carrier::Access,
        ..Protocol::pairs()
    });
    let shop = GotClient::builder(server.origin()).build().unwrap();
    let token = server.issue("ann").access;
    shop.session().login(Tokens::new(&*token)).await.unwrap();
    for location in ["/echo/v".to_owned(), format!("/echo/v?access_token={token}&a=1")] {
        server.behave();
        server.on("/fast").redirect(302, &location);
        shop.fast().await.unwrap();
        let sent = server.recorded().pop().unwrap();
        assert_eq!(sent.target.matches(&*token).count(), 1, "{location}");
        assert_eq!(sent.header("referer"), None);
    }
}

#[tokio::test]
async fn a_method_changes_one_option_of_the_envelope_and_inherits_the_others() {
    let (server, shop) = ShopClient::with_server().await;
    server.expire_all();
    // The inherited code still means that the token has expired.
    assert_eq!(shop.inner("red").await.unwrap(), json!("color=red"));
    assert_eq!(server.refreshes(), 1);
    let whole = shop.whole().await.unwrap();
    assert_eq!((&whole["code"], &whole["message"]), (&json!(0), &json!("ok")));
    server.on("/echo/v").response(Reply::json(&json!({"code": 7, "message": "no"})));
    let refused = shop.inner("red").await.unwrap_err();
    assert!(refused.to_string().contains("no"), "{refused}");
}
