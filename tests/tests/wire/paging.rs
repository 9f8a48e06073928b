//! Lists of every common kind, each declared as a user would, with an expiry between two pages.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::Grant;
use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use http::HeaderMap;
use perennial::{Error, Pages, Result, Tokens, api_client};
use perennial_tests::{Protocol, Server};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Debug, PartialEq, Eq)]
pub struct Charge {
    id: String,
}

#[derive(Serialize)]
pub struct Search {
    text: &'static str,
    page_size: u32,
}

#[api_client(auth(bearer, expired(status = 401)), allow(duplicate_endpoint))]
pub trait Api {
    #[post("/token", refresh, public)]
    async fn refresh(&self, #[form] renewal: Grant) -> Result<Tokens>;

    #[get("/items", page(link = "next", items = "results"))]
    fn by_address(&self) -> Pages<u64>;
    #[get("/users", page(link = ["@odata.nextLink"], items = "value"))]
    fn by_odata(&self) -> Pages<u64>;
    #[get("/behind-proxy", page(link, host = keep))]
    fn through_proxy(&self) -> Pages<u64>;
    #[get("/behind-proxy", page(link))]
    fn to_the_proxy(&self) -> Pages<u64>;

    #[get(
        "/numbered",
        page(
            number = "page",
            start = 1,
            size = "per_page",
            items = "data",
            last_page = "last_page"
        )
    )]
    fn by_last_page(&self, #[query] per_page: u32) -> Pages<u64>;
    #[get("/numbered", page(number = "page", start = 1, size = "per_page", items = "data"))]
    fn by_short_page(
        &self,
        #[query] per_page: Option<u32>,
        #[query] page: Option<u32>,
    ) -> Pages<u64>;
    #[get("/numbered", page(number = "page", start = 1, items = "data", more = "has_more"))]
    fn by_more(&self, #[query] per_page: u32) -> Pages<u64>;
    #[get("/numbered", page(number = "pge", start = 1, items = "data"))]
    fn by_a_misspelt_number(&self, #[query] per_page: u32) -> Pages<u64>;
    #[get("/numbered", page(number = "page", start = 1, size = "per_page"))]
    fn without_the_place_of_items(&self, #[query] per_page: u32) -> Pages<u64>;

    #[get(
        "/charges",
        page(cursor = "starting_after", last = "id", more = "has_more", items = "data")
    )]
    fn by_last_item(&self) -> Pages<Charge>;
    #[get("/charges", page(cursor = "starting_after", next = "unfinished", items = "data"))]
    fn by_a_boolean(&self) -> Pages<Charge>;

    #[post("/search", page(cursor = body("start_cursor"), next = "next_cursor", more = "has_more", items = "results"))]
    fn by_body(&self, #[json] search: &Search) -> Pages<u64>;
    #[get("/continued", page(cursor = header("X-Continuation"), next = header("X-Continuation")))]
    fn by_header(&self) -> Pages<u64>;
}

async fn signed_in(server: &Server) -> ApiClient {
    let api = ApiClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    api.session()
        .login(Tokens::new(issued.access).with_refresh(issued.refresh.unwrap()))
        .await
        .unwrap();
    api
}

fn started(path: &str, handler: MethodRouter) -> Server {
    let server = Server::start(Protocol::oauth2());
    server.route(path, handler);
    server
}

type Parameters = Query<HashMap<String, String>>;

fn number(parameters: &Parameters, name: &str, default: u64) -> u64 {
    parameters.get(name).map_or(default, |text| text.parse().unwrap())
}

/// Walks to the end, with an expiry after the first page.
async fn walked<T: Send + 'static>(server: &Server, pages: Pages<T>) -> Result<Vec<T>> {
    let mut pages = pages.pages();
    let mut items = pages.next().await.unwrap()?;
    server.expire_all();
    while let Some(page) = pages.next().await {
        items.extend(page?);
    }
    Ok(items)
}

/// The error of a walk that must not end with `Ok`.
async fn refused<T: Send + 'static>(pages: Pages<T>) -> (usize, Error) {
    let (mut pages, mut items) = (pages.pages(), 0);
    loop {
        match pages.next().await.expect("a walk that cannot be right ended as if it were") {
            Ok(page) => items += page.len(),
            Err(error) => return (items, error),
        }
    }
}

#[tokio::test]
async fn the_next_address_may_be_in_the_body() {
    let server = started(
        "/items",
        get(async |headers: HeaderMap, from: Parameters| {
            let host = headers["host"].to_str().unwrap().to_owned();
            let page = number(&from, "page", 1);
            let next = (page < 3).then(|| format!("http://{host}/items?page={}", page + 1));
            Json(
                json!({"count": 6, "next": next, "previous": null, "results": [page * 2 - 1, page * 2]}),
            )
        }),
    );
    let api = signed_in(&server).await;
    assert_eq!(walked(&server, api.by_address()).await.unwrap(), [1, 2, 3, 4, 5, 6]);
    assert_eq!((server.refreshes(), server.sends()), (1, 4));
}

#[tokio::test]
async fn the_name_of_an_address_may_hold_dots() {
    let server = started(
        "/users",
        get(async |from: Parameters| {
            Json(match from.get("$skiptoken") {
                None => json!({"@odata.nextLink": "users?$skiptoken=a%2Fb", "value": [1, 2]}),
                Some(token) => json!({"value": [token.len()]}),
            })
        }),
    );
    let api = signed_in(&server).await;
    assert_eq!(walked(&server, api.by_odata()).await.unwrap(), [1, 2, 3]);
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn a_link_through_a_proxy_keeps_the_host_only_if_declared() {
    let server = started(
        "/behind-proxy",
        get(async |from: Parameters| -> Response {
            let page = number(&from, "page", 1);
            let link =
                format!("<https://internal.example/behind-proxy?page={}>; rel=next", page + 1);
            let items = Json(json!([page]));
            if page < 3 { ([("link", link)], items).into_response() } else { items.into_response() }
        }),
    );
    let api = signed_in(&server).await;
    assert_eq!(walked(&server, api.through_proxy()).await.unwrap(), [1, 2, 3]);
    assert_eq!(server.refreshes(), 1);
    let (items, error) = refused(api.to_the_proxy()).await;
    assert_eq!(items, 1);
    assert!(error.to_string().contains("`host = keep`"), "{error}");
}

/// Seven numbers. At most `allowed` of them are on a page.
fn numbered(allowed: u64) -> MethodRouter {
    get(async move |from: Parameters| {
        let size = number(&from, "per_page", 3).min(allowed);
        let page = number(&from, "page", 1);
        let items: Vec<_> = ((page - 1) * size + 1..=7.min(page * size)).collect();
        let last_page = 7_u64.div_ceil(size);
        Json(json!({"data": items, "last_page": last_page, "has_more": page < last_page}))
    })
}

#[tokio::test]
async fn numbered_pages_end_where_the_server_says_or_at_a_short_or_an_empty_page() {
    let server = started("/numbered", numbered(5));
    let api = signed_in(&server).await;
    let all = [1, 2, 3, 4, 5, 6, 7];
    let targets = |since: usize| {
        let asked = server.recorded_on("GET /numbered").split_off(since);
        asked.into_iter().map(|it| it.target.replace("/numbered", "")).collect::<Vec<_>>()
    };
    assert_eq!(walked(&server, api.by_last_page(3)).await.unwrap(), all);
    let expected =
        ["?per_page=3&page=1", "?per_page=3&page=2", "?per_page=3&page=2", "?per_page=3&page=3"];
    assert_eq!(targets(0), expected);
    assert_eq!(walked(&server, api.by_more(7)).await.unwrap(), all);
    assert_eq!(targets(4).len(), 3);
    assert_eq!(walked(&server, api.by_short_page(Some(3), None)).await.unwrap(), all);
    assert_eq!(targets(7).len(), 4);
    // Without a size nothing is short, so that an empty page is the end.
    assert_eq!(walked(&server, api.by_short_page(None, Some(2))).await.unwrap(), [4, 5, 6, 7]);
    assert_eq!(targets(11), ["?page=2", "?page=3", "?page=3", "?page=4"]);
    // The server allows no more than 5: the first page is short, and not the last.
    assert_eq!(walked(&server, api.by_short_page(Some(100), None)).await.unwrap(), all);
}

#[tokio::test]
async fn a_page_past_a_short_one_may_be_missing() {
    let server = started(
        "/numbered",
        get(async |from: Parameters| -> Response {
            match number(&from, "page", 1) {
                1 => Json(json!({"data": [1, 2]})).into_response(),
                _ => (http::StatusCode::NOT_FOUND, "invalid page").into_response(),
            }
        }),
    );
    let api = signed_in(&server).await;
    let short = api.by_short_page(Some(3), None).try_collect::<Vec<_>>().await;
    assert_eq!(short.unwrap(), [1, 2]);
    // After a full page a 404 does not say that the list has ended.
    let (items, error) = refused(api.by_short_page(Some(2), None)).await;
    assert_eq!((items, error.status().map(|it| it.as_u16())), (2, Some(404)));
}

#[tokio::test]
async fn a_server_that_does_not_know_the_number_is_noticed() {
    let server = started("/numbered", numbered(5));
    let api = signed_in(&server).await;
    let (items, error) = refused(api.by_a_misspelt_number(3)).await;
    assert_eq!(items, 3);
    assert!(error.to_string().contains("the same page again"), "{error}");
    let (_, error) = refused(api.without_the_place_of_items(3)).await;
    assert!(error.is_decode(), "{error}");
}

#[tokio::test]
async fn a_repeated_page_is_detected_whatever_else_is_in_its_body() {
    let requests = Arc::new(AtomicUsize::new(0));
    let number = Arc::clone(&requests);
    let last_page_for_ever = get(async move || {
        let time = number.fetch_add(1, Ordering::SeqCst);
        Json(json!({"timestamp": time, "data": [4, 5, 6]}))
    });
    let server = started("/numbered", last_page_for_ever);
    let api = signed_in(&server).await;
    let (items, error) = refused(api.by_short_page(Some(3), None)).await;
    assert_eq!(items, 3);
    assert!(error.to_string().contains("the same page again"), "{error}");
    assert_eq!(requests.load(Ordering::SeqCst), 2);
}

/// Pages of these items, whatever number is asked for, and the first again after the last.
fn round_and_round(pages: &'static [&'static [u64]]) -> (MethodRouter, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let number = Arc::clone(&requests);
    let route = get(async move || {
        let at = number.fetch_add(1, Ordering::SeqCst);
        Json(json!({"time": at, "data": pages[at % pages.len()], "has_more": true}))
    });
    (route, requests)
}

#[tokio::test]
async fn a_walk_that_goes_in_a_circle_ends_with_an_error_however_long_the_circle_is() {
    const PAGES: [&[u64]; 7] = [&[1, 2], &[3, 4], &[5, 6], &[7, 8], &[9], &[10, 11], &[12]];
    for length in 1..=PAGES.len() {
        let (route, requests) = round_and_round(&PAGES[..length]);
        let server = started("/numbered", route);
        let api = signed_in(&server).await;
        let items: usize = PAGES[..length].iter().map(|page| page.len()).sum();
        let (found, error) = refused(api.by_more(2)).await;
        assert_eq!(found, items, "{length}");
        assert!(error.to_string().contains("the same page again"), "{error}");
        // What was seen comes to no item a second time.
        assert_eq!(requests.load(Ordering::SeqCst), length + 1);
    }
}

#[tokio::test]
async fn empty_pages_between_others_are_not_a_circle() {
    let number = Arc::new(AtomicUsize::new(0));
    let pages: [&[u64]; 6] = [&[1], &[], &[2], &[], &[3], &[4]];
    let route = get(async move || {
        let at = number.fetch_add(1, Ordering::SeqCst);
        Json(json!({"data": pages[at], "has_more": at + 1 < pages.len()}))
    });
    let server = started("/numbered", route);
    let api = signed_in(&server).await;
    assert_eq!(api.by_more(2).try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3, 4]);
}

fn charges() -> MethodRouter {
    get(async |from: Parameters| {
        let charge = |id: u64| json!({"id": format!("ch_{id}")});
        let after = from.get("starting_after").map_or(0, |id| id[3..].parse().unwrap());
        Json(
            json!({"has_more": after + 2 < 4, "unfinished": true, "data": [charge(after + 1), charge(after + 2)]}),
        )
    })
}

#[tokio::test]
async fn the_last_item_may_be_the_cursor() {
    let server = started("/charges", charges());
    let api = signed_in(&server).await;
    let charges = walked(&server, api.by_last_item()).await.unwrap();
    let ids: Vec<_> = charges.iter().map(|charge| &*charge.id).collect();
    assert_eq!(ids, ["ch_1", "ch_2", "ch_3", "ch_4"]);
    assert_eq!(server.refreshes(), 1);
    let asked = server.recorded_on("GET /charges");
    assert_eq!(asked.last().unwrap().target, "/charges?starting_after=ch_2");
}

#[tokio::test]
async fn an_impossible_cursor_is_an_error_and_not_the_end() {
    let server = started("/charges", charges());
    let api = signed_in(&server).await;
    let (_, error) = refused(api.by_a_boolean()).await;
    assert!(error.is_decode() && error.to_string().contains("a boolean"), "{error}");
    assert!(error.to_string().contains("`more = \"unfinished\"`"), "{error}");
}

#[tokio::test]
async fn a_cursor_may_travel_in_the_body_of_a_post() {
    let server = started(
        "/search",
        post(async |body: Bytes| {
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert_eq!((&body["text"], &body["page_size"]), (&json!("a"), &json!(2)));
            Json(match body.get("start_cursor").and_then(Value::as_str) {
                None => json!({"results": [1, 2], "has_more": true, "next_cursor": "c2"}),
                Some("c2") => json!({"results": [3], "has_more": false, "next_cursor": null}),
                Some(other) => panic!("{other}"),
            })
        }),
    );
    let api = signed_in(&server).await;
    let search = Search { text: "a", page_size: 2 };
    assert_eq!(walked(&server, api.by_body(&search)).await.unwrap(), [1, 2, 3]);
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn a_cursor_may_travel_in_headers_both_ways() {
    let server = started(
        "/continued",
        get(async |headers: HeaderMap| -> Response {
            let at = headers.get("x-continuation").map_or("", |it| it.to_str().unwrap());
            match at {
                "" => ([("x-continuation", "two")], Json(json!([1]))).into_response(),
                "two" => ([("x-continuation", "three")], Json(json!([]))).into_response(),
                _ => Json(json!([3])).into_response(),
            }
        }),
    );
    let api = signed_in(&server).await;
    // A page without items is not the end: the cursor says whether there are more.
    assert_eq!(walked(&server, api.by_header()).await.unwrap(), [1, 3]);
    assert_eq!(server.refreshes(), 1);
}
