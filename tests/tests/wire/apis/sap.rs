//! SAP OData: a user and a password, a CSRF token that belongs to a session cookie, lists in `d.results`.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use futures::TryStreamExt;
use http::{Method, StatusCode};
use perennial::{Pages, Result, Tokens, api_client};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Product {
    #[serde(rename = "Product")]
    id: String,
}

#[api_client(
    base = "/sap/opu/odata/sap/API_PRODUCT_SRV",
    envelope(code = "error.code", message = "error.message.value", data = "d", ok = absent),
    auth(name = "user", basic, logout(status = 401)),
    auth(
        name = "csrf",
        header = "X-CSRF-Token",
        expired(status = 403, header("X-CSRF-Token" = "Required"))
    ),
    headers("Accept" = "application/json"),
    queries("sap-client" = "100")
)]
pub trait ProductService {
    /// The token is in a header of the service document.
    #[get(
        "/",
        refresh("csrf", with = "user"),
        public,
        envelope = off,
        headers("X-CSRF-Token" = "Fetch"),
        tokens(access = header("X-CSRF-Token"))
    )]
    async fn fetch_csrf(&self) -> Result<()>;

    #[get(
        "/A_Product?$format=json",
        auth("csrf" = off),
        page(link = "d.__next", items = "d.results")
    )]
    fn products(&self, #[query("$top")] top: u32) -> Pages<Product>;

    #[get("/A_Product('{id}')", auth("csrf" = off))]
    async fn product(&self, id: &str) -> Result<Product>;

    #[post("/A_Product")]
    async fn create(&self, #[json] product: &Product) -> Result<Product>;

    #[patch("/A_Product('{id}')")]
    async fn update(
        &self,
        id: &str,
        #[header("If-Match")] etag: &str,
        #[json] product: &Product,
    ) -> Result<()>;
}

/// The number of the CSRF token and the cookie that are good.
type Good = Arc<AtomicUsize>;

async fn service(State(good): State<Good>, request: Request) -> Response {
    let headers = request.headers();
    let sent = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if sent("authorization") != "Basic YW5uOnNlY3JldA==" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert!(request.uri().query().unwrap_or_default().contains("sap-client=100"));
    let number = good.load(Ordering::SeqCst);
    let (token, cookie) = (format!("csrf-{number}"), format!("SAP_SESSIONID=s-{number}"));
    if sent("x-csrf-token") == "Fetch" {
        let headers = [("x-csrf-token", token), ("set-cookie", format!("{cookie}; path=/"))];
        return (headers, "<service/>").into_response();
    }
    let path = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    if request.method() == Method::GET {
        return read(&path, request.uri().query().unwrap_or_default(), sent("host"));
    }
    // The token is good with its cookie alone.
    if sent("x-csrf-token") != token || !sent("cookie").contains(&cookie) {
        let required = [("x-csrf-token", "Required"), ("content-type", "text/plain")];
        return (StatusCode::FORBIDDEN, required, "CSRF token validation failed").into_response();
    }
    if request.method() == Method::PATCH {
        return match sent("if-match") {
            "W/\"1\"" => StatusCode::NO_CONTENT.into_response(),
            _ => failed(StatusCode::PRECONDITION_FAILED, "/IWBEP/CM_MGW_RT/022", "it has changed"),
        };
    }
    (StatusCode::CREATED, Json(json!({"d": {"Product": "TG11"}}))).into_response()
}

fn read(path: &str, query: &str, host: &str) -> Response {
    let page = |ids: [&str; 2], next: Option<String>| {
        let results = ids.map(|id| json!({"Product": id}));
        let mut d = json!({"results": results});
        if let Some(next) = next {
            d["__next"] = next.into();
        }
        Json(json!({"d": d})).into_response()
    };
    match path {
        "A_Product" if query.contains("skiptoken") => page(["C", "D"], None),
        "A_Product" => {
            let base = format!("http://{host}/sap/opu/odata/sap/API_PRODUCT_SRV");
            let next = format!("{base}/A_Product?$top=4&$format=json&sap-client=100&$skiptoken=2");
            page(["A", "B"], Some(next))
        }
        "A_Product('A%2FB')" => Json(json!({"d": {"Product": "A/B"}})).into_response(),
        _ => failed(StatusCode::NOT_FOUND, "SY/530", "Product not found"),
    }
}

fn failed(status: StatusCode, code: &str, text: &str) -> Response {
    let error = json!({"error": {"code": code, "message": {"lang": "en", "value": text}}});
    (status, Json(error)).into_response()
}

async fn started() -> (Good, ProductServiceClient) {
    let good = Good::new(AtomicUsize::new(1));
    let router = Router::new().fallback(any(service)).with_state(Arc::clone(&good));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let client = ProductServiceClient::builder(&origin)
        .http(reqwest::Client::builder().cookie_store(true))
        .build()
        .unwrap();
    let user = client.session().credential("user").unwrap();
    user.login(Tokens::basic("ann", "secret")).await.unwrap();
    (good, client)
}

fn product(id: &str) -> Product {
    Product { id: id.to_owned() }
}

#[tokio::test]
async fn sap_wants_a_csrf_token_for_changes_and_none_for_reading() {
    let (good, sap) = started().await;
    let ids: Vec<_> = sap.products(4).map_ok(|it| it.id).try_collect().await.unwrap();
    assert_eq!(ids, ["A", "B", "C", "D"]);
    assert_eq!(sap.product("A/B").await.unwrap(), product("A/B"));
    assert_eq!(sap.session().stats().refreshes, 0);

    let (new, other) = (product("TG11"), product("TG12"));
    let (a, b) = tokio::join!(sap.create(&new), sap.create(&other));
    assert_eq!((a.unwrap().id, b.unwrap().id), ("TG11".to_owned(), "TG11".to_owned()));
    assert_eq!(sap.session().stats().refreshes, 1);

    // The session of the server ends, and with it the token and the cookie.
    good.store(2, Ordering::SeqCst);
    sap.update("TG11", "W/\"1\"", &new).await.unwrap();
    assert_eq!(sap.session().stats().refreshes, 2);
    let error = sap.update("TG11", "W/\"0\"", &new).await.unwrap_err();
    assert!(error.has_code("/IWBEP/CM_MGW_RT/022"), "{error}");
    assert_eq!(error.message(), Some("it has changed"));
    let error = sap.product("none").await.unwrap_err();
    assert!(error.has_code("SY/530"), "{error}");
}
