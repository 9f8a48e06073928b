//! Lists that end, begin and are left out in ways of their own, with an expiry between two pages; and values whose
//! presence is all that they say.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Json;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, head, post};
use http::StatusCode;
use perennial::{Pages, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Protocol, Server};
use serde_json::{Value, json};

#[api_client(auth(bearer, expired(status = 401)), allow(duplicate_endpoint))]
pub trait Api {
    #[post("/token", refresh, public, fields("grant_type" = "refresh_token"))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    #[get("/export", page(cursor = "cursor", next = "after_cursor", more = not("end_of_stream"), items = "users"))]
    fn by_the_end_of_a_stream(&self) -> Pages<u64>;
    #[get("/pages", page(number = "page", start = 0, more = not("last"), items = "content"))]
    fn by_the_last_page(&self) -> Pages<u64>;
    #[get("/scim", page(offset = "startIndex", start = 1, items = "Resources"))]
    fn from_the_first(&self) -> Pages<u64>;
    #[get("/scim", page(offset = "startIndex", start = 1, items = "Resources"))]
    fn from_any(&self, #[query("startIndex")] start: u64) -> Pages<u64>;
    #[get("/followers", page(cursor = "cursor", next = "next_cursor", end = [0, "none"], items = "ids"))]
    fn to_a_value(&self) -> Pages<u64>;
    #[get("/posts", page(number = "page", start = 1, last_page = header("X-WP-TotalPages")))]
    fn by_a_header(&self) -> Pages<u64>;
    #[get("/bare", page(number = "page", start = 1))]
    fn bare_by_number(&self) -> Pages<u64>;
    #[get("/bare", page(offset = "skip"))]
    fn bare_by_offset(&self) -> Pages<u64>;
    #[get("/bare", page(link))]
    fn bare_by_link(&self) -> Pages<u64>;
    #[get("/bare", page(cursor = "c", next = header("X-Next")))]
    fn bare_by_header(&self) -> Pages<u64>;
    #[get("/bare", page(number = "page", start = 1, last_page = header("X-Last")))]
    fn bare_by_count(&self) -> Pages<u64>;
    #[get("/bare", page(link, empty = absent))]
    fn bare_or_absent(&self) -> Pages<u64>;
    #[get("/messages", page(cursor = "pageToken", next = "nextPageToken", items = "messages", empty = absent))]
    fn left_out(&self) -> Pages<u64>;
    #[get("/messages", page(cursor = "pageToken", next = "nextPageToken", items = "messages"))]
    fn never_left_out(&self) -> Pages<u64>;
    #[get("/deals", page(number = "page", start = 1, items = "data", empty = absent))]
    fn without_a_body(&self) -> Pages<u64>;

    #[head("/objects/{id}")]
    async fn exists(&self, id: u64) -> Result<Option<()>>;
    #[get("/following/{id}")]
    async fn follows(&self, id: u64) -> Result<Option<()>>;
    #[post("/exchange", fields("grant_type" = "password", "client_id" = "app"))]
    async fn exchange(&self, #[json] who: &Value) -> Result<Value>;
    #[get(
        "/coded",
        envelope(code = "code", data = "data", ok = [0, absent]),
        auth(bearer, expired(status = 401), expired(body(["error", ".tag"] = "expired_access_token")))
    )]
    async fn coded(&self, #[query] code: &str) -> Result<Option<u64>>;
    #[get("/coded", envelope(code = "code", data = "data", ok = [0, absent]))]
    async fn ignored(&self, #[query] code: &str) -> Result<()>;
}

async fn started(path: &str, handler: MethodRouter) -> (Server, ApiClient) {
    let server = Server::start(Protocol::oauth2());
    server.route(path, handler);
    let api = ApiClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    api.session().login(tokens).await.unwrap();
    (server, api)
}

type Parameters = Query<HashMap<String, String>>;

fn number(parameters: &Parameters, name: &str, default: usize) -> usize {
    parameters.get(name).map_or(default, |text| text.parse().unwrap())
}

/// Walks to the end, with an expiry after the first page.
async fn walked(server: &Server, pages: Pages<u64>) -> Result<Vec<u64>> {
    let mut pages = pages.pages();
    let mut items = pages.next().await.unwrap()?;
    server.expire_all();
    while let Some(page) = pages.next().await {
        items.extend(page?);
    }
    Ok(items)
}

#[tokio::test]
async fn a_flag_that_is_true_at_the_end_ends_a_walk_by_a_cursor_that_never_goes_away() {
    let export = get(async |from: Parameters| {
        let at = number(&from, "cursor", 1);
        Json(
            json!({"users": [at], "after_cursor": (at + 1).min(3).to_string(), "end_of_stream": at == 3}),
        )
    });
    let (server, api) = started("/export", export).await;
    assert_eq!(walked(&server, api.by_the_end_of_a_stream()).await.unwrap(), [1, 2, 3]);
    assert_eq!((server.refreshes(), server.count("GET /export")), (1, 4));
}

#[tokio::test]
async fn a_flag_that_is_true_at_the_end_ends_a_walk_by_numbers() {
    let pages = get(async |from: Parameters| {
        let at = number(&from, "page", 9);
        Json(json!({"content": [at], "last": at == 2}))
    });
    let (server, api) = started("/pages", pages).await;
    assert_eq!(walked(&server, api.by_the_last_page()).await.unwrap(), [0, 1, 2]);
    assert_eq!((server.refreshes(), server.count("GET /pages")), (1, 4));
}

#[tokio::test]
async fn an_offset_may_count_from_one() {
    let scim = get(async |from: Parameters| {
        let all = [1, 2, 3, 4, 5];
        let at = number(&from, "startIndex", 1) - 1;
        Json(json!({"Resources": all.iter().skip(at).take(2).collect::<Vec<_>>()}))
    });
    let (server, api) = started("/scim", scim).await;
    assert_eq!(walked(&server, api.from_the_first()).await.unwrap(), [1, 2, 3, 4, 5]);
    assert_eq!(server.refreshes(), 1);
    assert_eq!(server.recorded_on("GET /scim")[0].target, "/scim?startIndex=1");
    assert_eq!(walked(&server, api.from_any(4)).await.unwrap(), [4, 5]);
}

#[tokio::test]
async fn a_cursor_may_end_with_a_value() {
    let followers = get(async |from: Parameters| {
        let at = number(&from, "cursor", 1);
        let next = if at < 3 { json!(at + 1) } else { json!(0) };
        Json(json!({"ids": [at], "next_cursor": next}))
    });
    let (server, api) = started("/followers", followers).await;
    assert_eq!(walked(&server, api.to_a_value()).await.unwrap(), [1, 2, 3]);
    assert_eq!((server.refreshes(), server.count("GET /followers")), (1, 4));
}

#[tokio::test]
async fn the_number_of_pages_may_be_in_a_header() {
    let posts = get(async |from: Parameters| -> Response {
        match number(&from, "page", 1) {
            page @ 1..=2 => ([("x-wp-totalpages", "2")], Json(json!([page]))).into_response(),
            _ => StatusCode::BAD_REQUEST.into_response(),
        }
    });
    let (server, api) = started("/posts", posts).await;
    assert_eq!(walked(&server, api.by_a_header()).await.unwrap(), [1, 2]);
    assert_eq!((server.refreshes(), server.count("GET /posts")), (1, 3));
}

#[tokio::test]
async fn a_list_that_is_left_out_is_empty_if_declared_and_an_error_if_not() {
    let messages = get(async |from: Parameters| {
        Json(match from.get("pageToken") {
            None => json!({"messages": [1], "nextPageToken": "b"}),
            Some(token) if token == "b" => json!({"resultSizeEstimate": 0, "nextPageToken": "c"}),
            Some(_) => json!({"messages": [2]}),
        })
    });
    let (server, api) = started("/messages", messages).await;
    assert_eq!(walked(&server, api.left_out()).await.unwrap(), [1, 2]);
    assert_eq!(server.refreshes(), 1);
    let error = walked(&server, api.never_left_out()).await.unwrap_err();
    assert!(error.is_decode(), "{error}");
}

#[tokio::test]
async fn a_page_without_a_body_is_empty_if_declared() {
    let deals = get(async |from: Parameters| -> Response {
        match number(&from, "page", 1) {
            1 => Json(json!({"data": [1, 2]})).into_response(),
            _ => StatusCode::NO_CONTENT.into_response(),
        }
    });
    let (server, api) = started("/deals", deals).await;
    assert_eq!(walked(&server, api.without_a_body()).await.unwrap(), [1, 2]);
    assert_eq!((server.refreshes(), server.count("GET /deals")), (1, 3));
}

/// Three pages whose bodies are lists; the one with this number is another response.
fn bare(at: usize, status: u16, body: &'static str) -> MethodRouter {
    let sent = Arc::new(AtomicUsize::new(0));
    get(move || {
        let page = sent.fetch_add(1, Ordering::SeqCst) % 3 + 1;
        async move {
            let (status, body) = match page {
                _ if page == at => (StatusCode::from_u16(status).unwrap(), body.to_owned()),
                _ => (StatusCode::OK, format!("[{page}]")),
            };
            let link = format!("</bare?at={page}>; rel=next");
            let head = [
                ("content-type", "application/json"),
                ("link", if page < 3 { &link } else { "" }),
                ("x-next", ["b", "c", ""][page - 1]),
                ("x-last", "3"),
            ];
            (status, head.map(|(name, value)| (name, value.to_owned())), body).into_response()
        }
    })
}

#[tokio::test]
async fn a_response_without_a_list_is_neither_an_empty_page_nor_the_end() {
    for (status, body) in [(204, ""), (205, ""), (202, ""), (200, ""), (200, " \n"), (200, "null")]
    {
        for at in [1, 2] {
            for walk in [
                ApiClient::bare_by_number,
                ApiClient::bare_by_offset,
                ApiClient::bare_by_link,
                ApiClient::bare_by_header,
                ApiClient::bare_by_count,
            ] {
                let (_server, api) = started("/bare", bare(at, status, body)).await;
                let error = walk(&api).try_collect::<Vec<_>>().await.unwrap_err();
                assert!(error.is_decode(), "{status} {body:?}: {error}");
                assert!(error.to_string().contains("add `empty = absent`"), "{error}");
            }
        }
        let (_server, api) = started("/bare", bare(2, status, body)).await;
        let found: Vec<_> = api.bare_or_absent().try_collect().await.unwrap();
        assert_eq!(found, [1, 3], "{status} {body:?}");
    }
}

#[tokio::test]
async fn an_existing_resource_is_some_whatever_the_response_looks_like() {
    let objects = head(async |path: axum::extract::Path<u64>| match path.0 {
        1 => StatusCode::OK,
        _ => StatusCode::NOT_FOUND,
    });
    let (server, api) = started("/objects/{id}", objects).await;
    server.expire_all();
    assert_eq!(api.exists(1).await.unwrap(), Some(()));
    assert_eq!(api.exists(2).await.unwrap(), None);
    assert_eq!(server.refreshes(), 1);
    let following = get(async |path: axum::extract::Path<u64>| -> Response {
        match path.0 {
            1 => StatusCode::NO_CONTENT.into_response(),
            2 => "{\"since\": 2020}".into_response(),
            3 => "null".into_response(),
            4 => "".into_response(),
            5 => StatusCode::NOT_FOUND.into_response(),
            _ => StatusCode::CONFLICT.into_response(),
        }
    });
    let (_server, api) = started("/following/{id}", following).await;
    for id in 1..5 {
        assert_eq!(api.follows(id).await.unwrap(), Some(()), "{id}");
    }
    assert_eq!(api.follows(5).await.unwrap(), None);
    assert_eq!(api.follows(6).await.unwrap_err().status(), Some(StatusCode::CONFLICT));
}

#[tokio::test]
async fn constants_are_members_of_an_object_in_json() {
    let exchange = post(async |body: Json<Value>| body);
    let (server, api) = started("/exchange", exchange).await;
    server.expire_all();
    let sent = api.exchange(&json!({"user": "ann", "client_id": "old"})).await.unwrap();
    assert_eq!(sent, json!({"user": "ann", "client_id": "app", "grant_type": "password"}));
    let error = api.exchange(&json!([1])).await.unwrap_err();
    assert!(error.to_string().contains("expected an object that can take `grant_type`"), "{error}");
    assert_eq!(server.refreshes(), 1);
}

fn coded() -> MethodRouter {
    get(async |from: Parameters| {
        let head = [("content-type", "application/json")];
        (head, from["code"].clone())
    })
}

#[tokio::test]
async fn a_code_of_any_other_kind_is_not_a_success_where_a_missing_code_is_one() {
    let (_server, api) = started("/coded", coded()).await;
    for code in [
        "1.5",
        "100000000000000000000",
        "18446744073709551616",
        "1e999",
        r#""\ud800""#,
        "[5]",
        r#"{"a":5}"#,
    ] {
        let body = format!(r#"{{"code":{code},"data":7}}"#);
        let error = api.coded(&body).await.unwrap_err();
        assert!(error.is_rejected(), "{code}: {error}");
        let error = api.ignored(&body).await.unwrap_err();
        assert!(error.is_rejected(), "{code}: {error}");
    }
    for code in ["0", "0.0", "null", "[]", "{}"] {
        let body = format!(r#"{{"code":{code},"data":7}}"#);
        assert_eq!(api.coded(&body).await.unwrap(), Some(7), "{code}");
        api.ignored(&body).await.unwrap();
    }
}

#[tokio::test]
async fn a_name_with_a_dot_may_be_looked_for_by_a_rule() {
    let (server, api) = started("/coded", coded()).await;
    let expired = api.coded(r#"{"error":{".tag":"expired_access_token"}}"#).await.unwrap_err();
    // The server says it again after the refresh.
    assert_eq!(server.refreshes(), 1);
    assert!(!expired.is_decode(), "{expired}");
    assert_eq!(api.coded(r#"{"error":{"tag":"x"},"data":1}"#).await.unwrap(), Some(1));
    assert_eq!(server.refreshes(), 1);
}
