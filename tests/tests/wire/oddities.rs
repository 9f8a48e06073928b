//! Responses that are lawful and odd, or broken: an expired one is found in all of them.

use crate::support::SignedIn;
use perennial::{Bytes, ErrorKind, Response, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/fast")]
    async fn unit(&self) -> Result<()>;
    #[get("/fast")]
    async fn bytes(&self) -> Result<Bytes>;
    #[get("/fast")]
    async fn option(&self) -> Result<Option<Value>>;
    #[head("/fast")]
    async fn head(&self) -> Result<Response<()>>;
}

/// A server that responds with these bytes, one after the other, and with the last one from then on. A
/// connection ends with its response.
async fn saying(answers: Vec<Vec<u8>>) -> ShopClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let (mut head, mut piece) = (Vec::new(), [0; 4096]);
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                match stream.read(&mut piece).await {
                    Ok(length @ 1..) => head.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let response = answers.get(number).or(answers.last()).unwrap();
            number += 1;
            // A client that hangs up in the middle has seen enough.
            let _ = stream.write_all(response).await;
            let _ = stream.shutdown().await;
        }
    });
    let shop = ShopClient::builder(&origin).build().unwrap();
    shop.session().login(Tokens::new("the-first-token")).await.unwrap();
    shop
}

fn response(head: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").into()
}

fn json_response(body: &str) -> Vec<u8> {
    response("200 OK\r\ncontent-type: application/json", body)
}

/// This response, one to a refresh, and a good one.
async fn renewing(expired: Vec<u8>) -> ShopClient {
    let refreshed = json_response(r#"{"code":0,"data":{"token":"the-second-token"}}"#);
    saying(vec![expired, refreshed, json_response(r#"{"code":0,"data":"good"}"#)]).await
}

const OVER: &str = r#"{"code":1234}"#;

#[tokio::test]
async fn a_code_is_found_in_every_spelling_of_json() {
    for body in [
        OVER,
        r#"{"code":"1234"}"#,
        r#"{"code":1.234e3}"#,
        r#"{"c\u006fde":1234}"#,
        r#"{"code":"\u0031234"}"#,
        r#" {"data" : {"code":0, "deep":[[[1]]]} , "code" : 1234 } "#,
        "\u{feff}{\"code\":1234}",
        r#"{"code":1234,"data":"unterminated"#,
        r#"{"code":1234} and more"#,
        r#"{"code":1234,"data":1e999}"#,
        "{\"code\":1234,\"data\":\"\u{1}\"}",
    ] {
        let shop = renewing(json_response(body)).await;
        assert_eq!(shop.fast().await.unwrap(), "good", "{body}");
    }
    for body in [
        r#"{"code":" 1234"}"#,
        r#"{"code":true}"#,
        r#"{"code":null,"data":1}"#,
        r#"{"code":[1234]}"#,
        r#"{"code":-1234}"#,
        r#"{"code":99999999999999999999}"#,
        r#"[{"code":1234}]"#,
        r#"{"code":""}"#,
        r#"{"data":{"code":1234}}"#,
    ] {
        let shop = renewing(json_response(body)).await;
        let error = shop.fast().await.unwrap_err();
        assert!(error.kind() == ErrorKind::Api && error.attempts() == 1, "{body}: {error}");
    }
}

#[tokio::test]
async fn a_response_without_a_code_says_what_is_missing() {
    for body in ["{}", r#"{"data":1}"#, r#"{"code":null}"#] {
        let error = renewing(json_response(body)).await.fast().await.unwrap_err();
        let missing = "there is no code at `code`, and `ok` does not list `absent`";
        assert_eq!((error.code(), error.message()), (None, Some(missing)), "{body}");
    }
}

#[tokio::test]
async fn a_code_is_found_whatever_the_media_type_if_a_value_is_expected() {
    let kinds = ["application/json", "text/json", "application/problem+json; charset=utf-8"];
    let others = ["text/html", "text/plain", "*/*", "json", "application/octet-stream"];
    for kind in kinds.into_iter().chain(others) {
        let over = response(&format!("200 OK\r\ncontent-type: {kind}"), OVER);
        assert_eq!(renewing(over.clone()).await.fast().await.unwrap(), "good", "{kind}");
        // Bytes of another type are what they say they are.
        let bytes = renewing(over).await.bytes().await.unwrap();
        assert_eq!(bytes == OVER, others.contains(&kind), "{kind}");
    }
    assert_ne!(renewing(response("200 OK", OVER)).await.bytes().await.unwrap(), OVER);
}

#[tokio::test]
async fn an_expired_response_is_found_in_whatever_http_allows() {
    let head = "content-type: application/json\r\nconnection: close";
    let with = |first: &str, rest: &str| format!("HTTP/1.1 {first}\r\n{head}\r\n{rest}");
    let plain = format!("content-length: {}\r\n\r\n{OVER}", OVER.len());
    let fields: String = (0..90).map(|n| format!("x-{n}: 1\r\n")).collect();
    let long = "x".repeat(60_000);
    for response in [
        with(
            "200 OK",
            "transfer-encoding: chunked\r\ntrailer: x-sum\r\n\r\nd\r\n{\"code\":1234}\r\n0\r\nx-sum: 1\r\n\r\n",
        ),
        with("200 OK", "transfer-encoding: chunked\r\n\r\nd;a=b\r\n{\"code\":1234}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{}", with("200 OK", &plain)),
        format!("HTTP/1.1 100 Continue\r\n\r\n{}", with("200 OK", &plain)),
        with("200 OK", &format!("\r\n{OVER}")),
        format!("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n{OVER}"),
        with("200 OK", &format!("x-long: {long}\r\n{plain}")),
        with("200 OK", &format!("{fields}{plain}")),
        with("200 \u{fc}ber gut", &format!("x-latin: \u{e9}\r\n{plain}")),
        with("200 ", &plain),
        with("299 Odd", &plain),
        with("403 Forbidden", &plain),
        with("500 Odd", &plain),
        with("999 Odd", &plain),
    ] {
        let shop = renewing(response.clone().into_bytes()).await;
        let shown: String = response.chars().take(200).collect();
        assert_eq!(shop.fast().await.unwrap(), "good", "{shown}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_http_is_a_transport_error_and_renews_nothing() {
    let head = "content-type: application/json\r\nconnection: close";
    for response in [
        String::new(),
        "hello\r\n\r\n".to_owned(),
        format!("HTTP/1.1 99 Odd\r\n{head}\r\n\r\n{OVER}"),
        format!(
            "HTTP/1.1 200 OK\r\n{head}\r\ncontent-length: 13\r\ncontent-length: 14\r\n\r\n{OVER}"
        ),
        format!("HTTP/1.1 200 OK\r\n{head}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{OVER}"),
    ] {
        let shop = renewing(response.clone().into_bytes()).await;
        let error = shop.fast().await.unwrap_err();
        assert!(
            error.kind() == ErrorKind::Transport && error.attempts() == 1,
            "{response:?}: {error}"
        );
        assert_eq!(shop.session().tokens().unwrap().access(), "the-first-token");
    }
}

#[api_client(auth(bearer, expired(status = 401)), allow(duplicate_endpoint))]
pub trait Plain {
    #[post("/refresh", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/fast")]
    async fn fast(&self) -> Result<Value>;
    #[get("/fast")]
    async fn bytes(&self) -> Result<Bytes>;
    #[head("/fast")]
    async fn head(&self) -> Result<Response<()>>;
}

#[tokio::test]
async fn a_status_is_enough_though_its_body_breaks_off_is_endless_or_is_no_gzip() {
    let odd = [
        Reply::broken("{", 100),
        Reply::zeros(40 << 20),
        Reply::text("text/plain", "no gzip").header("content-encoding", "gzip"),
        Reply::text("text/html", "<html>"),
        Reply::text("application/json", "[".repeat(100_000)),
        Reply::status(401),
    ];
    for reply in odd {
        let server = Server::start(Protocol {
            renewal: perennial_tests::Carrier::Access,
            ..Protocol::pairs()
        });
        let shop = PlainClient::builder(server.origin()).build().unwrap();
        let issued = server.issue("ann");
        shop.session().login(Tokens::new(issued.access)).await.unwrap();
        let over = reply.with_status(401);
        server.on("/fast").first(1).response(over.clone());
        assert!(shop.fast().await.is_ok(), "{over:?}");
        server.behave();
        server.on("/fast").first(1).response(over.clone());
        assert!(shop.bytes().await.is_ok(), "{over:?}");
        assert_eq!(server.refreshes(), 2);
    }
}

#[tokio::test]
async fn a_rejection_whose_body_breaks_off_is_reported_by_its_status() {
    let (server, shop) = ShopClient::with_server().await;
    server.on("/fast").response(Reply::broken("<html>", 100).with_status(503));
    let error = shop.fast().await.unwrap_err();
    assert!(
        error.kind() == ErrorKind::Status && error.status().is_some_and(|it| it.as_u16() == 503),
        "{error}"
    );
    assert_eq!(error.bytes(), b"<html>");
}

#[tokio::test]
async fn a_response_without_a_body_is_read_though_it_calls_itself_compressed() {
    for head in [
        "200 OK\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 0",
        "204 No Content\r\ncontent-encoding: gzip",
        "200 OK\r\ncontent-encoding: identity\r\ncontent-length: 0",
    ] {
        let empty = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes();
        let shop = saying(vec![empty]).await;
        assert_eq!(shop.unit().await.is_ok(), head.starts_with("204"));
        assert_eq!(shop.bytes().await.unwrap(), "");
        assert_eq!(shop.head().await.unwrap().headers()["connection"], "close");
        assert_eq!(shop.option().await.is_ok(), head.starts_with("204"));
    }
    let long = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 100\r\nconnection: close\r\n\r\n";
    assert_eq!(saying(vec![long.into()]).await.head().await.unwrap().status(), 200);
}

#[tokio::test]
async fn statuses_without_a_body_are_values_or_rejections() {
    for (status, is_unit, is_option) in [
        (200, false, false),
        (201, false, false),
        (204, true, true),
        (205, true, false),
        (300, false, false),
        (304, false, false),
        (404, false, true),
    ] {
        let (server, shop) = ShopClient::with_server().await;
        server.on("/fast").response(Reply::status(status));
        assert_eq!(shop.unit().await.is_ok(), is_unit, "{status}");
        assert_eq!(shop.option().await.is_ok(), is_option, "{status}");
    }
    let (server, shop) = ShopClient::with_server().await;
    server.on("/fast").response(Reply::json(&json!({"code": 0})));
    assert_eq!((shop.option().await.unwrap(), shop.fast().await.unwrap()), (None, Value::Null));
}
