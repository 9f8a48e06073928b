//! When a server says to try again, in its own words: declared places of the wait, and rules for what is retried.

use std::time::Duration;

use crate::support::SignedIn;
use perennial::{ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Reply, Server};
use serde_json::{Value, json};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = [0, absent]),
    auth(header = "X-Token", expired(code = 1234), early = off),
    retry(
        3,
        on = [202, 502],
        on(code = [5003, "BUSY"]),
        on(status = 400, body("error.type" = "overloaded")),
        backoff = "1ms..2ms"
    ),
    allow(duplicate_endpoint)
)]
pub trait Limited {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[post("/orders")]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
    #[get("/fast", retry(2, after = header("X-RateLimit-Reset-After"), on = [429], backoff = "1ms..2ms"))]
    async fn by_header(&self) -> Result<Value>;
    #[post("/orders", idempotent, retry(2, after = body("retry_after"), backoff = "1ms..2ms"))]
    async fn by_body(&self, #[json] order: &Value) -> Result<Value>;
    #[get("/fast", retry(2, after = body("retry_after_ms"), unit = ms, backoff = "1ms..2ms"))]
    async fn by_millis(&self) -> Result<Value>;
    #[get("/fast", retry(2, after = header("X-RateLimit-Reset"), unit = epoch, backoff = "1ms..2ms"))]
    async fn by_epoch(&self) -> Result<Value>;
    #[get("/fast", retry = off)]
    async fn once(&self) -> Result<Value>;
}

async fn signed_in() -> (LimitedClient, Server) {
    let (server, client) = LimitedClient::with_server().await;
    (client, server)
}

/// The pause before the second request of a route, in milliseconds.
fn pause(server: &Server, route: &str) -> u128 {
    let at: Vec<_> = server.recorded_on(route).iter().map(|it| it.at).collect();
    (at[1] - at[0]).as_millis()
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_read_where_it_is_declared_and_a_refresh_in_between_costs_no_retry() {
    let (client, server) = signed_in().await;
    // Discord's: a header with a fraction, while `Retry-After` is rounded.
    let limited =
        Reply::status(429).header("x-ratelimit-reset-after", "0.457").header("retry-after", "1");
    server.on("/fast").nth(1).response(limited);
    server.on("/fast").nth(2).response(server.protocol().expired.clone());
    client.by_header().await.unwrap();
    assert_eq!((server.count("/fast"), server.refreshes()), (3, 1));
    assert!((457..1_000).contains(&pause(&server, "/fast")), "{}", pause(&server, "/fast"));

    // A body, for a `POST` that did not run.
    let limited = json!({"message": "slow down", "retry_after": 64.57, "global": false});
    server.on("/orders").nth(1).response(Reply::rejection(429, &limited));
    let error = client.by_body(&json!({})).await.unwrap_err();
    assert_eq!(
        error.retry_after(),
        Some(Duration::from_secs_f64(64.57)),
        "more than a minute is not waited"
    );
    assert_eq!(server.count("/orders"), 1);
    server.on("/orders").nth(1).response(Reply::rejection(429, &json!({"retry_after": "2"})));
    client.by_body(&json!({"id": 1, "title": "t"})).await.unwrap();
    let sent = server.recorded_on("/orders");
    assert!(sent[2].at - sent[1].at >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_wait_may_be_in_milliseconds_or_a_point_in_time() {
    let (client, server) = signed_in().await;
    let limited = json!({"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 1_500});
    server.on("/fast").nth(1).response(Reply::rejection(429, &limited));
    client.by_millis().await.unwrap();
    assert!((1_500..2_000).contains(&pause(&server, "/fast")));

    let (client, server) = signed_in().await;
    let limited = Reply::status(429)
        .header("x-ratelimit-reset", "784111787.5")
        .header("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    server.on("/fast").nth(1).response(limited);
    client.by_epoch().await.unwrap();
    assert!((10_500..11_000).contains(&pause(&server, "/fast")));
    // A point in time in the past asks for no wait.
    let over = Reply::status(429).header("x-ratelimit-reset", "1");
    server.on("/fast").nth(1).response(over);
    client.by_epoch().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn codes_and_fields_of_the_body_say_what_is_retried() {
    let (client, server) = signed_in().await;
    for (at, refused) in [
        Reply::json(&json!({"code": 5003, "message": "system busy"})),
        Reply::json(&json!({"code": "BUSY"})),
        Reply::rejection(400, &json!({"error": {"type": "overloaded"}})),
        Reply::status(202),
        Reply::status(502),
    ]
    .into_iter()
    .enumerate()
    {
        let before = server.count("/fast");
        server.behave();
        server.on("/fast").nth(1).response(refused.clone());
        client.fast().await.unwrap();
        assert_eq!(server.count("/fast") - before, 2, "{at}");
        // What is retried may have run: a `POST` is not sent again.
        server.behave();
        server.on("/orders").response(refused);
        let before = server.count("/orders");
        let is_accepted = client.place(&json!({})).await.is_ok();
        assert_eq!(is_accepted, at == 3, "a 202 is a success of a `POST`");
        assert_eq!(server.count("/orders") - before, 1, "{at}");
    }
    server.behave();
    let other = json!({"error": {"type": "invalid"}});
    server.on("/fast").nth(1).response(Reply::rejection(400, &other));
    assert_eq!(client.fast().await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_accepted_call_that_is_never_ready_is_an_error_and_a_value_where_nothing_is_retried() {
    let (client, server) = signed_in().await;
    server.on("/fast").response(Reply::rejection(202, &json!({"data": "pending"})));
    let error = client.fast().await.unwrap_err();
    assert_eq!((error.kind(), error.status().unwrap().as_u16()), (ErrorKind::Status, 202));
    assert_eq!(error.attempts(), 4);
    assert_eq!(client.once().await.unwrap(), "pending");
}
