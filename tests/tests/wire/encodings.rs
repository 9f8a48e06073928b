//! Responses that are compressed on the way: each is judged, decoded and limited as what it holds.

use std::io::Write;

use crate::support::SignedIn;
use perennial::{
    Bytes, Download, ErrorKind, FromResponse, Pages, Response, Result, Tokens, api_client,
};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

/// A type of the user's own, of a whole body.
#[derive(Debug)]
pub struct Length(usize);

impl FromResponse for Length {
    type Error = String;

    fn from_response(response: Response<Bytes>) -> Result<Self, String> {
        Ok(Self(response.value().len()))
    }
}

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/orders/{id}")]
    async fn order(&self, id: u64) -> Result<Value>;
    #[get("/orders/{id}")]
    async fn raw(&self, id: u64) -> Result<Bytes>;
    #[get("/orders/{id}")]
    async fn text(&self, id: u64) -> Result<String>;
    #[get("/orders/{id}")]
    async fn length(&self, id: u64) -> Result<Length>;
    #[get("/orders/{id}")]
    async fn text_with_head(&self, id: u64) -> Result<Response<String>>;
    #[get("/orders/{id}")]
    async fn download(&self, id: u64) -> Result<Download>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "data.items"))]
    fn numbers(&self) -> Pages<u64>;
}

const ENCODINGS: [&str; 3] = ["gzip", "br", "zstd"];
/// The longest response that the client of these tests reads.
const LIMIT: usize = 64 * 1024;

fn packed(encoding: &str, plain: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(plain).unwrap();
            packer.finish().unwrap()
        }
        "br" => {
            let mut packer = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 20);
            packer.write_all(plain).unwrap();
            packer.into_inner()
        }
        "zstd" => zstd::encode_all(plain, 3).unwrap(),
        other => panic!("{other} is not an encoding of these tests"),
    }
}

fn reply(encoding: &str, value: &Value) -> Reply {
    Reply::text("application/json", packed(encoding, value.to_string().as_bytes()))
        .header("content-encoding", encoding)
}

fn over() -> Value {
    json!({"code": 1234, "message": "token expired", "data": {}})
}

async fn signed_in(server: &Server) -> ShopClient {
    ShopClient::signed_in_with(server, |it| it.body_limit(LIMIT)).await
}

#[tokio::test]
async fn an_expired_response_is_judged_in_every_encoding_and_so_is_the_good_one() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        server.on("GET /orders/1").nth(1).response(reply(encoding, &over()));
        let good = json!({"code": 0, "data": {"id": 9}});
        server.on("GET /orders/1").nth(2).response(reply(encoding, &good));
        assert_eq!(shop.order(1).await.unwrap(), json!({"id": 9}), "{encoding}");
        assert_eq!((server.refreshes(), server.count("GET /orders/1")), (1, 2), "{encoding}");
        let asked = &server.recorded_on("GET /orders/1")[0];
        let accepted = asked.header("accept-encoding").unwrap().to_owned();
        assert!(accepted.split(',').any(|it| it.trim() == encoding), "{accepted}");
    }
}

#[tokio::test]
async fn a_rejection_with_a_status_is_judged_in_every_encoding() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let refusal = json!({"code": 2001, "message": "quota exceeded"});
        let packed = packed(encoding, refusal.to_string().as_bytes());
        let refused = Reply::status(403).header("content-encoding", encoding);
        server.on("GET /orders/1").response(refused.body("application/json", packed));
        let error = shop.order(1).await.unwrap_err();
        assert!(error.has_code(2001), "{encoding}: {error}");
        assert_eq!(error.message(), Some("quota exceeded"));
        assert_eq!(error.body::<Value>().unwrap(), refusal);
    }
}

#[tokio::test]
async fn the_limit_of_a_judged_response_counts_its_decompressed_length() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let long = json!({"code": 0, "data": "a".repeat(4 * LIMIT)});
        let small = packed(encoding, long.to_string().as_bytes());
        assert!(small.len() < LIMIT / 8, "{encoding}: {} bytes", small.len());
        server.on("GET /orders/1").response(reply(encoding, &long));
        let error = shop.order(1).await.unwrap_err();
        assert!(error.is_decode() && error.to_string().contains("65536 bytes"), "{error}");
        let fits = json!({"code": 0, "data": "a".repeat(LIMIT / 2)});
        server.on("GET /orders/2").response(reply(encoding, &fits));
        assert_eq!(shop.order(2).await.unwrap(), fits["data"], "{encoding}");
    }
}

#[tokio::test]
async fn text_and_custom_types_are_bounded_too_and_only_bytes_are_not() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let long = json!({"code": 0, "data": "a".repeat(4 * LIMIT)});
        server.on("GET /orders/1").response(reply(encoding, &long));
        for error in [
            shop.text(1).await.unwrap_err(),
            shop.text_with_head(1).await.unwrap_err(),
            shop.length(1).await.unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{encoding}: {error}");
            let shown = error.to_string();
            assert!(shown.contains("raise `body_limit`, or return a `Download`"), "{shown}");
        }
        let whole = long.to_string();
        assert_eq!(shop.raw(1).await.unwrap(), whole, "{encoding}");
        assert_eq!(shop.download(1).await.unwrap().bytes().await.unwrap(), whole, "{encoding}");
        let fits = json!({"code": 0, "data": "a".repeat(LIMIT / 2)}).to_string();
        let packed = packed(encoding, fits.as_bytes());
        let reply = Reply::text("application/json", packed).header("content-encoding", encoding);
        server.on("GET /orders/2").response(reply);
        assert_eq!(shop.text(2).await.unwrap(), "a".repeat(LIMIT / 2), "{encoding}");
        assert_eq!(shop.length(2).await.unwrap().0, fits.len(), "{encoding}");
    }
}

#[tokio::test]
async fn a_response_that_is_not_in_its_stated_encoding_is_an_error_of_the_response() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let plain = Reply::json(&json!({"code": 0, "data": 1}));
        server.on("GET /orders/1").response(plain.header("content-encoding", encoding));
        let error = shop.order(1).await.unwrap_err();
        assert!(error.is_decode() || error.kind() == ErrorKind::Transport, "{encoding}: {error}");
        assert_eq!((server.refreshes(), server.count("GET /orders/1")), (0, 1), "{encoding}");
    }
}

#[tokio::test]
async fn a_download_requests_no_compression_and_is_judged_even_if_it_is_compressed() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        server.on("GET /orders/1").nth(1).response(reply(encoding, &over()));
        let content = json!({"code": 0, "data": "x".repeat(300_000)});
        server.on("GET /orders/1").nth(2).response(reply(encoding, &content));
        let all = shop.download(1).await.unwrap().bytes().await.unwrap();
        assert_eq!(all, content.to_string(), "{encoding}");
        assert_eq!((server.refreshes(), server.count("GET /orders/1")), (1, 2), "{encoding}");
        let asked = server.recorded_on("GET /orders/1");
        assert!(asked.iter().all(|it| it.header("accept-encoding") == Some("identity")));
    }
}

#[tokio::test]
async fn a_walk_over_compressed_pages_survives_an_expiry_that_is_compressed_too() {
    for encoding in ENCODINGS {
        let server = Server::start(Protocol::article());
        let shop = signed_in(&server).await;
        let page = |items: &[u64], next: Option<&str>| {
            reply(encoding, &json!({"code": 0, "data": {"items": items, "next": next}}))
        };
        let answers = [
            page(&[1, 2], Some("c2")),
            reply(encoding, &over()),
            page(&[3, 4], Some("c4")),
            page(&[5], None),
        ];
        for (at, response) in answers.into_iter().enumerate() {
            server.on("GET /pages/cursor").nth(at + 1).response(response);
        }
        let numbers = shop.numbers().try_collect::<Vec<_>>().await.unwrap();
        assert_eq!(numbers, [1, 2, 3, 4, 5], "{encoding}");
        assert_eq!((server.refreshes(), server.count("GET /pages/cursor")), (1, 4), "{encoding}");
    }
}
