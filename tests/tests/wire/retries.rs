//! Time and retries: a retry and a refresh do not multiply each other, a broken server is not stormed,
//! and no call exceeds its timeout. All of it is counted on the server, on paused time.

use std::time::Duration;

use crate::support::SignedIn;
use futures::future::join_all;
use futures::stream;
use perennial::body::StreamBody;
use perennial::{ErrorKind, Phase, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tokio::time::Instant;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), early = off),
    timeout(total = "1h", connect = "3s"),
    retry(3, on = [429, 502, 503, connect, timeout], backoff = "100ms..1s"),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/fast", timeout = "10s")]
    async fn hurried(&self) -> Result<Value>;
    #[get("/fast", timeout(attempt = "5s"))]
    async fn patient(&self) -> Result<Value>;
    #[get("/fast", retry = off, timeout = off)]
    async fn once(&self) -> Result<Value>;
    #[post("/orders", retry = off)]
    async fn place(&self, #[json] order: &Value) -> Result<Value>;
    #[post("/orders", idempotent("Idempotency-Key"))]
    async fn place_safely(&self, #[json] order: &Value) -> Result<Value>;
    #[put("/echo", replay = off)]
    async fn record(&self, #[body] content: StreamBody) -> Result<Value>;
}

async fn signed_in(server: &Server) -> ShopClient {
    ShopClient::signed_in_with(server, |it| it.refresh_timeout(secs(15))).await
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The pauses between the requests of a route.
fn pauses(server: &Server, route: &str) -> Vec<Duration> {
    let at: Vec<_> = server.recorded_on(route).iter().map(|it| it.at).collect();
    at.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test(start_paused = true)]
async fn an_expiry_between_two_retries_costs_one_refresh_and_one_send() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("/fast").nth(1).response(Reply::status(503));
    let hold = server.on("/fast").nth(2).hold_back();
    let call = tokio::spawn(shop.fast());
    hold.arrived(1).await;
    server.expire_all();
    server.on("/fast").nth(1).response(Reply::status(503));
    hold.release();
    call.await.unwrap().unwrap();
    // 503, expired, the repeat with 503, and a good one.
    assert_eq!((server.count("/fast"), server.refreshes()), (4, 1));
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_replay_is_retried_and_counts_toward_the_same_limit() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.expire_all();
    server.on("/fast").after(1).response(Reply::status(503));
    let error = shop.fast().await.unwrap_err();
    // Expired, the repeat, and three retries: the most that a call of three retries is ever sent.
    assert_eq!((error.attempts(), error.status().unwrap().as_u16()), (5, 503));
    assert_eq!((server.count("/fast"), server.refreshes()), (5, 1));
    let sent = server.recorded_on("/fast");
    let tokens: Vec<_> = sent.iter().map(|it| it.header("x-token").unwrap()).collect();
    assert!(tokens[0] != tokens[1] && tokens[1..].iter().all(|token| *token == tokens[1]));
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_token_expires_twice_is_replayed_once_whatever_its_retries() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.expire_all();
    // The replay fails temporarily, and at its retry the second token has expired as well.
    server.on("/fast").nth(2).response(Reply::status(502));
    let over = json!({"code": 1234, "message": "token expired", "data": {}});
    server.on("/fast").nth(3).response(Reply::json(&over));
    let error = shop.fast().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Expired, "{error}");
    assert_eq!(server.count("/fast"), 3);
    assert!(server.refreshes() <= 2, "{}", server.refreshes());
    shop.fast().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_broken_server_does_not_multiply_a_storm_of_expired_calls() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.expire_all();
    let hold = server.on("/fast").first(50).hold();
    let calls = join_all((0..50).map(|_| shop.fast()));
    let script = async {
        hold.arrived(50).await;
        server.on("/fast").response(Reply::status(503));
        hold.release();
    };
    let (answers, ()) = tokio::join!(calls, script);
    assert!(answers.iter().all(|it| it.as_ref().is_err_and(|it| it.kind() == ErrorKind::Status)));
    // Fifty that were expired, fifty repeats, and the ten retries that the client has to spend.
    assert_eq!((server.count("/fast"), server.refreshes()), (110, 1));
}

#[tokio::test(start_paused = true)]
async fn a_client_has_ten_retries_at_once_and_earns_one_with_ten_good_responses() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("/fast").response(Reply::status(503));
    for _ in 0..20 {
        assert!(shop.fast().await.unwrap_err().kind() == ErrorKind::Status);
    }
    assert_eq!(server.count("/fast"), 20 + 10);
    server.behave();
    for _ in 0..10 {
        shop.fast().await.unwrap();
    }
    server.on("/fast").response(Reply::status(503));
    assert_eq!(shop.fast().await.unwrap_err().attempts(), 2);
    assert_eq!(shop.fast().await.unwrap_err().attempts(), 1);
    // Another client has a budget of its own.
    let other = signed_in(&server).await;
    assert_eq!(other.fast().await.unwrap_err().attempts(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_pauses_double_and_are_spread_up_to_the_longest() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("/fast").response(Reply::status(503));
    shop.fast().retry(6).await.unwrap_err();
    let shortest = [100, 200, 400, 666, 666, 666].map(Duration::from_millis);
    let pauses = pauses(&server, "/fast");
    assert_eq!(pauses.len(), shortest.len());
    for (pause, shortest) in pauses.iter().zip(shortest) {
        // A timer of tokio is a millisecond late at most.
        let bounds = shortest..=shortest * 3 / 2 + Duration::from_millis(3);
        assert!(bounds.contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_in_seconds_and_as_a_date_on_the_servers_clock() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let later = "Sun, 06 Nov 1994 08:49:57 GMT";
    let replies = [
        Reply::status(429).header("retry-after", "20"),
        Reply::status(503).header("retry-after", "20"),
        Reply::status(503).header("retry-after", later).header("date", date),
    ];
    for reply in replies {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        server.on("/fast").first(1).response(reply);
        let hold = server.on("/fast").nth(2).hold_back();
        let call = tokio::spawn(shop.fast());
        hold.arrived(1).await;
        // The token ends while the call is about to be retried.
        server.expire_all();
        hold.release();
        call.await.unwrap().unwrap();
        let waited = pauses(&server, "/fast")[0];
        assert!((secs(20)..secs(21)).contains(&waited), "{waited:?}");
        assert_eq!((server.count("/fast"), server.refreshes()), (3, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_requests_more_than_a_minute_gets_no_retry() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("/fast").first(1).response(Reply::status(429).header("retry-after", "3600"));
    let begun = Instant::now();
    let error = shop.fast().await.unwrap_err();
    assert_eq!((error.attempts(), error.retry_after()), (1, Some(secs(3600))));
    assert!(begun.elapsed() < secs(1));
    // Not even by a number that nothing can hold.
    server.on("/fast").first(1).response(Reply::status(503).header("retry-after", &"9".repeat(30)));
    assert_eq!(shop.fast().await.unwrap_err().attempts(), 1);
    // A date in the past asks for no delay, and a date that cannot be read is ignored.
    let past = Reply::status(503).header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT");
    server.on("/fast").first(1).response(past);
    server.on("/fast").nth(2).response(Reply::status(503).header("retry-after", "soon"));
    shop.fast().await.unwrap();
    assert_eq!(server.count("/fast"), 5);
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_is_retried() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("POST /orders").response(Reply::status(503));
    assert_eq!(shop.place(&json!({})).retry(3).await.unwrap_err().attempts(), 1);
    assert_eq!(shop.place_safely(&json!({})).await.unwrap_err().attempts(), 4);
    let sent = server.recorded_on("POST /orders");
    let keys: Vec<_> = sent.iter().filter_map(|it| it.header("idempotency-key")).collect();
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    server.on("PUT /echo").response(Reply::status(503));
    let once = StreamBody::new(stream::iter([Ok::<_, std::io::Error>("once")]));
    assert_eq!(shop.record(once).await.unwrap_err().attempts(), 1);
    // A response that is not a failure of the transport is not retried.
    server.on("/fast").response(Reply::status(500));
    assert_eq!(shop.fast().await.unwrap_err().attempts(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_retried_where_it_is_safe_without_a_refresh() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.expire_all();
    server.on("/fast").nth(2).close();
    server.on("/fast").nth(3).close_after();
    shop.fast().await.unwrap();
    assert_eq!((server.count("/fast"), server.refreshes()), (4, 1));
    server.expire_all();
    // A refresh whose connection broke is not sent again, since its token may have been used.
    server.on_refresh().first(1).close();
    let error = shop.fast().await.unwrap_err();
    assert!(error.kind() == ErrorKind::RefreshFailed, "{error}");
    assert_eq!(server.refreshes(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_call_is_that_of_its_level() {
    let server = Server::start(Protocol::article());
    let shop = signed_in(&server).await;
    server.on("/fast").never();
    let took = async |call: perennial::Call<Value>| {
        let begun = Instant::now();
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Attempt), "{error}");
        (begun.elapsed().as_secs(), error.attempts())
    };
    // Of the trait, of the method, of the call; then of each attempt, of which there are four.
    assert_eq!(took(shop.fast()).await, (3600, 1));
    assert_eq!(took(shop.hurried()).await, (10, 1));
    assert_eq!(took(shop.hurried().timeout(secs(2))).await, (2, 1));
    let (seconds, attempts) = took(shop.patient()).await;
    assert!((20..23).contains(&seconds) && attempts == 4, "{seconds} s, {attempts} times");
    assert_eq!(took(shop.patient().without_retry()).await, (5, 1));
    assert_eq!(took(shop.patient().timeout(secs(2))).await, (2, 1));
    // Without a limit the call is still there after a day.
    let endless = tokio::time::timeout(secs(86_400), shop.once()).await;
    assert!(endless.is_err());
    let endless = shop.hurried().without_timeout();
    assert!(tokio::time::timeout(secs(86_400), endless).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_call_includes_its_pauses_and_the_wait_for_a_refresh() {
    let server = Server::start(Protocol::article());
    let shop = ShopClient::signed_in_with(&server, |it| it.refresh_timeout(secs(60))).await;
    server.on("/fast").first(1).response(Reply::status(503).header("retry-after", "30"));
    let begun = Instant::now();
    assert!(shop.hurried().await.unwrap_err().is_timeout());
    assert_eq!(begun.elapsed().as_secs(), 10);
    server.expire_all();
    let hold = server.hold_refresh();
    let error = shop.hurried().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout(Phase::Refresh), "{error}");
    hold.release();
    shop.hurried().await.unwrap();
    assert_eq!(server.refreshes(), 1);
}

/// Finds no address, and goes on looking.
struct Lost;

impl reqwest::dns::Resolve for Lost {
    fn resolve(&self, _: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_cannot_be_made_is_given_up_and_tried_again_as_declared() {
    let http = reqwest::Client::builder().no_proxy().dns_resolver(std::sync::Arc::new(Lost));
    let shop = ShopClient::builder("http://shop.example").http(http).build().unwrap();
    shop.session().login(Tokens::new("token")).await.unwrap();
    let begun = Instant::now();
    let error = shop.once().await.unwrap_err();
    assert!(error.is_timeout() && error.attempts() == 1, "{error}");
    assert_eq!(begun.elapsed().as_secs(), 3);
    assert_eq!(shop.fast().await.unwrap_err().attempts(), 4);
}

#[tokio::test]
async fn a_call_is_retried_when_the_server_says_so_whatever_its_verb() {
    #[api_client(retry(2), allow(duplicate_endpoint))]
    trait Busy {
        #[get("/fast")]
        async fn read(&self) -> Result<()>;
        #[post("/fast")]
        async fn write(&self) -> Result<()>;
    }
    let server = Server::start(Protocol::article());
    server.open("/fast");
    let busy = BusyClient::builder(format!("{}/api", server.origin())).build().unwrap();
    for (wait, status) in [("0.4", 429), ("0.01", 503)] {
        server.behave();
        server.on("/fast").first(1).response(Reply::status(status).header("retry-after", wait));
        server.on("/fast").after(1).response(Reply::status(204));
        let before = std::time::Instant::now();
        busy.write().await.unwrap();
        assert!(before.elapsed().as_secs_f64() >= wait.parse().unwrap());
        server.behave();
        server.on("/fast").first(1).response(Reply::status(status).header("retry-after", wait));
        server.on("/fast").after(1).response(Reply::status(204));
        busy.read().await.unwrap();
    }
    // Without a stated wait a server may have run the call.
    server.behave();
    server.on("/fast").response(Reply::status(503));
    let error = busy.write().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Status, 1));
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234), early = off),
    retry(30, on = [202, 503], backoff = "1ms..1ms"),
    allow(duplicate_endpoint)
)]
pub trait Jobs {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn result(&self) -> Result<Value>;
}

#[tokio::test(start_paused = true)]
async fn polling_for_a_result_until_it_is_ready_costs_no_retries() {
    let (server, jobs) = JobsClient::with_server().await;
    server.on("/fast").first(30).response(Reply::status(202));
    jobs.result().await.unwrap();
    assert_eq!(server.count("/fast"), 31);
    // And no more than is declared.
    server.behave();
    server.on("/fast").response(Reply::status(202));
    assert_eq!(jobs.result().await.unwrap_err().attempts(), 31);
    server.behave();
    server.on("/fast").first(10).response(Reply::status(503));
    jobs.result().await.unwrap();
}
