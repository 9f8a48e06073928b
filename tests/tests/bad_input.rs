//! Responses that no server should send: each is a clear error in bounded memory, and does not affect the session.

#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use std::io::Write;

use perennial::{ErrorKind, Tokens};
use perennial_tests::Reply;
use serde_json::json;
use support::{Who, World, secs};

/// The longest response that is judged, and more than any response of the corpus unpacks to.
const LIMIT: usize = 16 * 1024 * 1024;

fn json_text(body: impl Into<bytes::Bytes>) -> Reply {
    Reply::text("application/json", body)
}

fn pack(plain: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(plain).unwrap();
    packer.finish().unwrap()
}

fn zipped(plain: &[u8]) -> Reply {
    json_text(pack(plain)).header("content-encoding", "gzip")
}

/// A small response that unpacks to 1 GiB: one packed block, which does not look back, again and again. The
/// sum at its end is missing, which is the same to those who stop before.
fn bomb() -> Reply {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    packed.extend(deflated(b"{\"code\":0,\"data\":\""));
    let block = deflated(&vec![b'a'; 16 * 1024 * 1024]);
    for _ in 0..64 {
        packed.extend_from_slice(&block);
    }
    assert!(packed.len() < 8 * 1024 * 1024, "{} bytes are too many for a small bomb", packed.len());
    json_text(packed).header("content-encoding", "gzip")
}

/// A stored block of a compressed stream.
fn deflated(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(1024 * 1024);
    let mut packer = flate2::Compress::new(flate2::Compression::fast(), false);
    packer.compress_vec(plain, &mut packed, flate2::FlushCompress::Full).unwrap();
    assert_eq!(packer.total_in(), plain.len() as u64);
    packed
}

/// Lists in lists, all of them closed.
fn nested(depth: usize) -> String {
    "[".repeat(depth) + &"]".repeat(depth)
}

/// Responses that are wrong for any request.
fn corpus() -> Vec<(&'static str, Reply)> {
    let deep_lists = "[".repeat(200_000);
    let deep_objects = "{\"data\":".repeat(200_000);
    let deep_data = format!("{{\"code\":0,\"data\":{}", "[".repeat(200_000));
    let long_key = format!("{{\"{}\":1", "k".repeat(2_000_000));
    let mut bad_text = b"{\"code\":0,\"data\":{\"token\":\"".to_vec();
    bad_text.extend([0xff, 0xfe, 0x80, b'"', b'}', b'}']);
    vec![
        ("empty", json_text("")),
        ("blank", json_text(" \n\t ")),
        ("cut in the token", json_text("{\"code\":0,\"data\":{\"token\":\"abc")),
        ("cut after the code", json_text("{\"code\":0")),
        ("cut in an escape", json_text("{\"code\":0,\"data\":{\"token\":\"\\u12")),
        ("not JSON", json_text("token=abc")),
        ("null", json_text("null")),
        ("a list", json_text("[]")),
        ("a number", json_text("1e999999")),
        ("null data", json_text("{\"code\":0,\"data\":null}")),
        ("no data", json_text("{\"code\":0}")),
        ("an empty object", json_text("{\"code\":0,\"data\":{}}")),
        ("a list of data", json_text("{\"code\":0,\"data\":[[],{}]}")),
        ("a huge number", json_text(format!("{{\"code\":0,\"data\":{}}}", "9".repeat(5_000)))),
        ("code of a wrong type", json_text("{\"code\":{\"x\":[]},\"data\":{}}")),
        ("code twice", json_text("{\"code\":0,\"code\":7,\"data\":{}}")),
        ("code twice, the first is bad", json_text("{\"code\":7,\"code\":0,\"data\":{}}")),
        ("data twice", json_text("{\"code\":0,\"data\":{},\"data\":[]}")),
        ("not a number", json_text("{\"code\":0,\"data\":NaN}")),
        ("a code that is not a number", json_text("{\"code\":NaN,\"data\":{}}")),
        ("a code beyond all integers", json_text(format!("{{\"code\":{}}}", "9".repeat(400)))),
        ("a code with an exponent", json_text("{\"code\":1e400,\"data\":{}}")),
        ("a code as a list", json_text("{\"code\":[0],\"data\":{}}")),
        ("a code as truth", json_text("{\"code\":true,\"data\":{}}")),
        ("two values", json_text("{\"code\":0,\"data\":null}{\"code\":0}")),
        ("a mark of order and nothing", json_text("\u{feff}")),
        ("a mark of order twice", json_text("\u{feff}\u{feff}{\"code\":0,\"data\":{}}")),
        ("UTF-16", json_text("{\"code\":0}".bytes().flat_map(|it| [it, 0]).collect::<Vec<_>>())),
        ("half a surrogate", json_text("{\"code\":0,\"data\":{\"token\":\"\\ud800\"}}")),
        (
            "deep data beside the code",
            json_text(format!("{{\"data\":{},\"code\":0}}", nested(100_000))),
        ),
        (
            "a long message",
            json_text(format!("{{\"code\":7,\"message\":\"{}\"}}", "m".repeat(3_000_000))),
        ),
        ("deep lists", json_text(deep_lists)),
        ("deep objects", json_text(deep_objects)),
        ("deep data", json_text(deep_data)),
        ("a long name", json_text(long_key)),
        ("invalid UTF-8", json_text(bad_text)),
        ("zero bytes", json_text(vec![0; 1000])),
        ("a page with 200", Reply::html()),
        ("a page that calls itself JSON", json_text("<!doctype html><title>Please wait</title>")),
        ("1 GiB announced and sent", Reply::zeros(1 << 30)),
        ("more than is judged", json_text(vec![b' '; LIMIT + 1])),
        ("announced and broken off", Reply::broken("{\"code\":0,", 1 << 40)),
        ("a bomb", bomb()),
        ("broken gzip", json_text("no gzip").header("content-encoding", "gzip")),
        ("gzip of nothing", zipped(b"")),
    ]
}

#[tokio::test]
async fn a_meaningless_refresh_response_does_not_change_the_session() {
    let memory = peak();
    let mut corpus = corpus();
    let tokens = |value| json_text(json!({"code": 0, "data": {"token": value}}).to_string());
    corpus.extend([
        ("an empty token", tokens(json!(""))),
        ("a blank token", tokens(json!("  "))),
        ("a number for a token", tokens(json!(5))),
        ("null for a token", tokens(json!(null))),
        ("a list for a token", tokens(json!(["t"]))),
        ("an object for a token", tokens(json!({"t": 1}))),
        ("a token that no header can carry", tokens(json!("a\r\nX-Admin: 1"))),
        ("a token that is not text", tokens(json!("a\u{0}b"))),
    ]);
    for (name, reply) in corpus {
        let world = World::new().await;
        world.server.expire_all();
        let before = world.session().tokens();
        world.server.on_refresh().nth(1).response(reply);
        let error = world.shop.order(1).await.expect_err(name);
        assert_eq!(error.kind(), ErrorKind::RefreshFailed, "{name}: {error}");
        assert!(error.cause().is_some(), "{name}: {error:?}");
        assert!(error.to_string().len() < 1_000, "{name}: the message is a novel");
        assert_eq!(world.session().tokens(), before, "{name}");
        assert_eq!(world.session().stats().waiting, 0, "{name}");
        world.clock.pass(secs(120));
        assert_eq!(world.shop.order(1).await.expect(name).id, 1);
        assert_eq!((world.server.refreshes(), world.server.rotations()), (2, 1), "{name}");
    }
    assert_bounded(memory);
}

#[tokio::test]
async fn a_meaningless_response_to_a_call_is_the_error_of_that_call() {
    let memory = peak();
    for (name, reply) in corpus() {
        let world = World::new().await;
        world.server.on("/orders/1").nth(1).response(reply);
        let error = world.shop.order(1).await.expect_err(name);
        let expected = error.is_decode()
            || error.kind() == ErrorKind::Transport
            || error.kind() == ErrorKind::Api;
        assert!(expected, "{name}: {error}");
        assert!(error.to_string().len() < 1_000, "{name}: the message is a novel");
        assert_eq!(error.attempts(), 1, "{name}");
        assert_eq!(world.shop.order(1).await.expect(name).id, 1);
        assert_eq!(world.server.refreshes(), 0, "{name}");
    }
    assert_bounded(memory);
}

#[tokio::test]
async fn a_meaningless_rejection_is_the_error_of_that_call() {
    for status in [400, 401, 403, 404, 500, 503] {
        for body in ["", "null", "{\"code\":", "<html>", "[[[[", "{\"code\":[1234]}"] {
            let world = World::new().await;
            let reply = Reply::status(status).header("content-type", "application/json");
            world.server.on("/orders/1").nth(1).response(reply);
            world.server.on("/orders/2").nth(1).response(json_text(body));
            let error = world.shop.order(1).await.unwrap_err();
            assert!(error.kind() == ErrorKind::Status, "{status}: {error}");
            world.shop.order(2).await.unwrap_err();
            assert_eq!(world.shop.order(1).await.unwrap().id, 1);
            assert_eq!(world.server.refreshes(), 0);
        }
    }
}

#[tokio::test]
async fn an_unusable_login_response_signs_no_user_in_or_out() {
    for (name, reply) in corpus() {
        let world = World::new().await;
        let before = world.session().tokens();
        world.server.on_login().response(reply);
        let who = Who::named("bob");
        world.shop.login(&who).await.expect_err(name);
        assert_eq!(world.session().tokens(), before, "{name}");
        assert_eq!(world.shop.order(1).await.expect(name).id, 1);
    }
}

#[tokio::test]
async fn a_lifetime_that_makes_no_sense_does_not_cost_the_token() {
    let lifetimes = [
        json!(0),
        json!(-5),
        json!(null),
        json!("soon"),
        json!("7200"),
        json!(1e300),
        json!(u64::MAX),
        json!([]),
        json!({"seconds": 5}),
        json!(true),
        json!("2030/10/30 23:59:59"),
        json!(1_919_635_199_000_u64),
    ];
    for lifetime in lifetimes {
        let world = World::new().await;
        world.server.expire_all();
        let told = lifetime.clone();
        world.server.on_refresh().edit(move |body| body["data"]["tokenExprieIn"] = told.clone());
        assert_eq!(world.shop.order(1).await.unwrap().id, 1, "{lifetime}");
        assert_eq!(world.shop.order(2).await.unwrap().id, 2, "{lifetime}");
        assert_eq!(world.server.refreshes(), 1, "{lifetime}");
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_sent_are_rejected_before_they_are_installed() {
    let world = World::new().await;
    let before = world.session().tokens();
    for token in ["", " ", "a\nb", "a\r\nX-Admin: 1", "\u{7f}", "a\u{0}b"] {
        let error = world.session().login(Tokens::new(token)).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Argument, "{token:?}: {error}");
        assert_eq!(world.session().tokens(), before);
    }
    world.shop.order(1).await.unwrap();
}

#[tokio::test]
async fn the_decompressed_length_of_a_response_counts() {
    let world = World::with(|builder| builder.body_limit(1_000_000)).await;
    for (length, reads) in [(900_000, true), (1_100_000, false), (900_000_000, false)] {
        let order =
            json!({"code": 0, "data": {"id": 5, "title": "x".repeat(length.min(1_100_000))}});
        let reply = if length > 2_000_000 { bomb() } else { zipped(order.to_string().as_bytes()) };
        world.server.behave();
        world.server.on("/orders/5").response(reply.clone());
        let response = world.shop.order(5).await;
        assert_eq!(response.is_ok(), reads, "{length}");
        if let Err(error) = response {
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{length}: {error}");
        }
    }
    world.server.behave();
    world.server.expire_all();
    world.server.on_refresh().response(bomb());
    let error = world.shop.order(1).await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::RefreshFailed && error.to_string().contains("1000000 bytes"),
        "{error}"
    );
}

#[tokio::test]
async fn a_byte_order_mark_before_the_response_is_skipped() {
    let world = World::new().await;
    world
        .server
        .on("/orders/5")
        .response(json_text("\u{feff}{\"code\":0,\"data\":{\"id\":5,\"title\":\"t\"}}"));
    assert_eq!(world.shop.order(5).await.unwrap().id, 5);
    world.server.on("/orders/6").nth(1).response(json_text("\u{feff}{\"code\":1234}"));
    assert_eq!(world.shop.order(6).await.unwrap().id, 6);
    assert_eq!(world.server.refreshes(), 1);
}

#[tokio::test]
async fn a_good_response_may_be_compressed() {
    let world = World::new().await;
    let order = json!({"code": 0, "data": {"id": 5, "title": "packed"}}).to_string();
    world.server.on("/orders/5").response(zipped(order.as_bytes()));
    assert_eq!(world.shop.order(5).await.unwrap().title, "packed");
    let over = json!({"code": 1234}).to_string();
    world.server.on("/orders/6").nth(1).response(zipped(over.as_bytes()));
    assert_eq!(world.shop.order(6).await.unwrap().id, 6);
    assert_eq!(world.server.refreshes(), 1);
}

/// The most memory that this process has ever had, where the system tells it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Two tests may run at once, each with one response of at most twice the limit in its hands, and with
/// the corpus itself.
fn assert_bounded(before: Option<u64>) {
    if let (Some(before), Some(after)) = (before, peak()) {
        let grown = (after - before) / 1024;
        assert!(grown < 300, "{grown} MiB more than before");
    }
}
