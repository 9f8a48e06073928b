//! The numbers from 1 to 5, two on a page, in three manners.

use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use serde::Deserialize;
use serde_json::json;

use super::Payload;

const TOTAL: u64 = 5;
const PER_PAGE: u64 = 2;

#[derive(Deserialize)]
pub(super) struct From {
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    offset: u64,
    #[serde(default)]
    page: u64,
}

/// `{items, next}`, where `next` is null on the last page.
pub(super) async fn cursor(Query(from): Query<From>) -> Payload {
    let passed = from.cursor.and_then(|cursor| cursor.strip_prefix('c')?.parse().ok()).unwrap_or(0);
    let next = passed + PER_PAGE;
    let next = (next < TOTAL).then(|| format!("c{next}"));
    Payload(json!({"items": numbers(passed), "next": next}))
}

/// `{items, total}`.
pub(super) async fn offset(Query(from): Query<From>) -> Payload {
    Payload(json!({"items": numbers(from.offset), "total": TOTAL}))
}

/// The list itself; the `Link` header names the next page relative to this one.
pub(super) async fn link(Query(from): Query<From>) -> Response {
    let passed = from.page * PER_PAGE;
    let mut response = Payload(numbers(passed).into()).into_response();
    if passed + PER_PAGE < TOTAL {
        let next = format!("<?page={}>; rel=\"next\", </>; rel=\"start\"", from.page + 1);
        response
            .headers_mut()
            .extend(HeaderValue::try_from(next).ok().map(|v| (http::header::LINK, v)));
    }
    response
}

fn numbers(passed: u64) -> Vec<u64> {
    (passed + 1..=TOTAL.min(passed + PER_PAGE)).collect()
}
