//! A `POST` that a redirect has turned into a `GET` may have been processed: whatever happens then, it is not sent again.

use crate::support::SignedIn;
use futures::stream;
use perennial::body::StreamBody;
use perennial::{ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    retry(2, on = [202, 502, connect], backoff = "1ms..1ms"),
    allow(duplicate_endpoint)
)]
pub trait Orders {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/orders")]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", replay = idempotent)]
    async fn place_carefully(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", idempotent("Idempotency-Key"))]
    async fn place_by_key(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", replay = off)]
    async fn place_once(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", public)]
    async fn place_openly(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", replay = off, retry = off)]
    async fn upload(&self, #[body] content: StreamBody) -> Result<Value>;
}

const TURNING: [u16; 3] = [301, 302, 303];

fn order() -> Value {
    json!({"id": 9, "title": "tea"})
}

fn later(status: u16) -> Reply {
    Reply::status(status).header("retry-after", "0")
}

/// How many `POST`s and `GET`s arrived.
fn sent(server: &Server) -> (usize, usize) {
    (server.count("POST /orders"), server.count("GET /orders/9"))
}

#[tokio::test(start_paused = true)]
async fn a_failure_behind_a_redirect_repeats_only_the_get() {
    for status in TURNING {
        for failure in [Some(later(429)), Some(later(503)), Some(Reply::status(502)), None] {
            let (server, client) = OrdersClient::with_server().await;
            server.on("POST /orders").redirect(status, "/api/orders/9");
            match failure {
                Some(failure) => server.on("GET /orders/9").nth(1).response(failure),
                None => server.on("GET /orders/9").nth(1).close(),
            }
            assert_eq!(client.place(&order()).await.unwrap()["id"], 9, "{status}");
            assert_eq!(sent(&server), (1, 2), "{status}");
            let again = &server.recorded_on("GET /orders/9")[1];
            assert!(again.body.is_empty() && again.header("content-type").is_none());
            assert!(again.header("x-token").is_some());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_not_ready_is_requested_again_only_by_the_get() {
    let (server, client) = OrdersClient::with_server().await;
    server.on("POST /orders").redirect(303, "/api/orders/9");
    server.on("GET /orders/9").first(2).response(Reply::status(202));
    assert_eq!(client.place(&order()).await.unwrap()["id"], 9);
    assert_eq!(sent(&server), (1, 3));
}

#[tokio::test(start_paused = true)]
async fn a_failure_behind_two_redirects_does_not_repeat_the_first_request() {
    let (server, client) = OrdersClient::with_server().await;
    server.on("POST /orders").nth(1).redirect(307, "/api/orders?moved=1");
    server.on("POST /orders").nth(2).redirect(303, "/api/orders/9");
    server.on("GET /orders/9").nth(1).response(later(503));
    assert_eq!(client.place(&order()).await.unwrap()["id"], 9);
    assert_eq!(sent(&server), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_another_origin_repeats_only_the_get() {
    for status in TURNING {
        let (server, client) = OrdersClient::with_server().await;
        let other = Server::start(Protocol::article());
        other.open("/orders/9");
        server.open("/orders");
        server.on("POST /orders").redirect(status, &other.url("/orders/9"));
        other.on("/orders/9").nth(1).response(later(503));
        let found = json!({"code": 0, "data": {"id": 9}});
        other.on("/orders/9").nth(2).response(Reply::json(&found));
        assert_eq!(client.place_openly(&order()).await.unwrap()["id"], 9, "{status}");
        assert_eq!((server.count("POST /orders"), other.count("GET /orders/9")), (1, 2));
    }
}

#[tokio::test]
async fn a_token_that_expires_behind_a_303_replays_only_the_get() {
    let (server, client) = OrdersClient::with_server().await;
    for round in 1..=3 {
        server.behave();
        server.on("POST /orders").redirect(303, "/api/orders/9");
        server.on("GET /orders/9").nth(1).response(server.protocol().expired.clone());
        let place = match round {
            1 => client.place(&order()),
            2 => client.place_carefully(&order()),
            _ => client.place_by_key(&order()),
        };
        assert_eq!(place.await.unwrap()["id"], 9);
        assert_eq!((sent(&server), server.refreshes()), ((round, 2 * round), round));
        let tokens = server.generations("/orders/9");
        assert_ne!(tokens[2 * round - 2], tokens[2 * round - 1]);
    }
}

#[tokio::test]
async fn a_token_that_expires_behind_a_301_or_302_is_an_error_that_says_why_nothing_is_sent_again()
{
    for status in [301, 302] {
        let (server, client) = OrdersClient::with_server().await;
        server.on("POST /orders").redirect(status, "/api/orders/9");
        server.on("GET /orders/9").nth(1).response(server.protocol().expired.clone());
        let error = client.place(&order()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Expired, "{error}");
        assert!(error.to_string().contains("may have been processed"), "{error}");
        assert_eq!(sent(&server), (1, 1), "{status}");
        // The next call is another one.
        assert_eq!(client.place(&order()).await.unwrap()["id"], 9);
        assert_eq!(sent(&server).0, 2);
    }
}

#[tokio::test]
async fn a_call_that_is_not_replayed_is_not_replayed_behind_a_redirect_either() {
    let (server, client) = OrdersClient::with_server().await;
    server.on("POST /orders").redirect(303, "/api/orders/9");
    server.on("GET /orders/9").nth(1).response(server.protocol().expired.clone());
    assert_eq!(client.place_once(&order()).await.unwrap_err().kind(), ErrorKind::Expired);
    assert_eq!(sent(&server), (1, 1));
}

#[tokio::test]
async fn a_body_that_can_be_sent_once_follows_no_redirect_that_sends_it_again() {
    let (server, client) = OrdersClient::with_server().await;
    let body = || StreamBody::new(stream::iter([Ok::<_, std::io::Error>("{}")]));
    for status in [307, 308] {
        server.behave();
        server.on("POST /orders").redirect(status, "/api/orders?moved=1");
        let error = client.upload(body()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
        assert_eq!(error.location(), Some("/api/orders?moved=1"));
        assert_eq!(error.status().unwrap().as_u16(), status);
        let said = error.to_string();
        assert!(said.contains("can be sent only once") && !said.contains("renewed"), "{said}");
    }
    assert_eq!(server.count("POST /orders"), 2);
    // One that leaves the body behind is followed.
    server.behave();
    server.on("POST /orders").redirect(303, "/api/orders/9");
    assert_eq!(client.upload(body()).await.unwrap()["id"], 9);
}

#[tokio::test]
async fn two_places_that_differ_lead_nowhere() {
    let (server, client) = OrdersClient::with_server().await;
    let found =
        |to: &str| Reply::status(302).header("location", "/api/orders/9").header("location", to);
    server.on("POST /orders").nth(1).response(found("/api/orders/8"));
    let error = client.place(&order()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Redirect, "{error}");
    assert!(error.to_string().contains("two headers `Location`"), "{error}");
    server.on("POST /orders").nth(1).response(found("/api/orders/9"));
    assert_eq!(client.place(&order()).await.unwrap()["id"], 9);
}
