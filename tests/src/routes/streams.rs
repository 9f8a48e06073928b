//! Responses that come in pieces.

use std::convert::Infallible;
use std::io;

use axum::body::Body;
use axum::extract::Query;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;

const CHUNK: u64 = 64 * 1024;

#[derive(Deserialize)]
pub(super) struct Size {
    #[serde(default = "kilobyte")]
    bytes: u64,
}

fn kilobyte() -> u64 {
    1024
}

/// The bytes 0, 1, 2, … 250, 0, 1, …, whole or the asked range (`Range: bytes=5-9`, `bytes=5-`).
pub(super) async fn download(Query(Size { bytes }): Query<Size>, headers: HeaderMap) -> Response {
    let range = headers.get(header::RANGE).and_then(|value| range(value.to_str().ok()?, bytes));
    let (first, end) = range.unwrap_or((0, bytes));
    let pieces = stream::unfold(first, move |at| async move {
        let next = end.min(at + CHUNK);
        // 251 is prime, so that no piece looks like its neighbor.
        (at < end).then(|| ((at..next).map(|at| (at % 251) as u8).collect::<Bytes>(), next))
    });
    let body = Body::from_stream(pieces.map(Ok::<_, Infallible>));
    let mut response = Response::new(body);
    let fields = response.headers_mut();
    fields
        .insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/octet-stream"));
    fields.insert(header::CONTENT_LENGTH, (end - first).into());
    if range.is_some() {
        let range = format!("bytes {first}-{}/{bytes}", end - 1);
        fields.extend(range.try_into().ok().map(|range| (header::CONTENT_RANGE, range)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

#[derive(Deserialize)]
pub(super) struct Flow {
    #[serde(default = "five")]
    count: u64,
    /// Break the connection after this one, unless the stream is resumed.
    cut: Option<u64>,
    /// Keep the stream open after the last one.
    #[serde(default)]
    open: bool,
}

fn five() -> u64 {
    5
}

/// Server-sent events with the ids 1, 2, … and data `{"n":1}`, …, after `Last-Event-ID` if it is there.
pub(super) async fn events(Query(flow): Query<Flow>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let last: u64 = last.unwrap_or(0);
    let event = |n: u64| format!("id: {n}\ndata: {{\"n\":{n}}}\n\n");
    flowing("text/event-stream", last, &flow, event)
}

/// `{"n":1}`, … one on a line.
pub(super) async fn lines(Query(flow): Query<Flow>) -> Response {
    flowing("application/x-ndjson", 0, &flow, |n| format!("{{\"n\":{n}}}\n"))
}

fn flowing(mime: &'static str, last: u64, flow: &Flow, piece: fn(u64) -> String) -> Response {
    let cut = flow.cut.filter(|cut| last < *cut);
    let end = cut.unwrap_or(flow.count);
    let pieces = (last + 1..=end).map(move |n| Ok(Bytes::from(piece(n))));
    let pieces = stream::iter(pieces);
    let body = if cut.is_some() {
        let broken = stream::once(async {
            tokio::task::yield_now().await;
            Err(io::Error::other("the test breaks the connection here"))
        });
        Body::from_stream(pieces.chain(broken))
    } else if flow.open {
        Body::from_stream(pieces.chain(stream::pending()))
    } else {
        Body::from_stream(pieces)
    };
    ([(header::CONTENT_TYPE, mime)], body).into_response()
}

/// `bytes=5-9` as first and end, if it lies within.
fn range(text: &str, length: u64) -> Option<(u64, u64)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    let end = if last.is_empty() { length } else { last.parse::<u64>().ok()?.checked_add(1)? };
    (first < end && end <= length).then_some((first, end))
}
