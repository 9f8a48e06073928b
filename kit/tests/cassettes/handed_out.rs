//! Addresses, secrets and headers that a server hands out.

use axum::routing::get;
use http::HeaderValue;
use perennial::{Pages, Response, Result, Tokens, api_client};
use perennial_test::{Cassette, Reply, Server};
use serde_json::{Value, json};

use super::Scratch;

#[api_client(auth(bearer, logout(status = 401)))]
pub trait Lists {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[get("/body", page(link = "next", items = "items"))]
    fn in_body(&self) -> Pages<u64>;
    #[get("/header", page(link))]
    fn in_header(&self) -> Pages<u64>;
    #[get("/moved")]
    async fn moved(&self) -> Result<u64>;
    #[get("/files")]
    async fn files(&self) -> Result<Response<Value>>;
    #[get("/limits", retry(1, on = [429], after = header("X-Token-Reset")))]
    async fn limits(&self) -> Result<Response<u64>>;
}

#[tokio::test]
async fn addresses_of_the_server_are_followed_at_another_base() {
    let server = Server::declared::<ListsClient>();
    let origin = server.origin();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let next = format!("{origin}/body?p=2&access_token=SECRET7");
    server.on("/body").response(Reply::json(&json!({"items": [3], "next": null})));
    server.on("/body").nth(1).response(Reply::json(&json!({"items": [1, 2], "next": next})));
    let link = format!("<{origin}/header?p=2&sig=SECRET8>; rel=\"next\"");
    server.on("/header").response(Reply::json(&json!([5])));
    server.on("/header").nth(1).response(Reply::json(&json!([4])).header("Link", &link));
    let location = format!("{origin}/there?p=1");
    server.on("/moved").response(Reply::status(302).header("Location", &location));
    server.on("/there").response(Reply::json(&json!(6)));
    recorded_and_played!(ListsClient, server, "lists", |api| {
        api.login().await.unwrap();
        let body: Vec<_> = api.in_body().try_collect().await.unwrap();
        let header: Vec<_> = api.in_header().try_collect().await.unwrap();
        (body, header, api.moved().await.unwrap())
    });
}

#[tokio::test]
async fn a_secret_that_a_server_hands_out_in_a_header_or_an_address_is_masked() {
    let server = Server::declared::<ListsClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let address = "https://user:SECRET2@files.test/a?X-Amz-Signature=SECRET3&p=1&sig=SECRET4";
    let files =
        json!({"url": address, "html": "<a href='/a?p=1&amp;api_key=SECRET5'>", "plain": 1.50});
    let files = Reply::json(&files)
        .header("Link", "</n?access_token=SECRET6>; rel=last")
        .header("X-Next-Url", address)
        .header("X-Api-Key", "SECRET7")
        .header("X-Session-Number", "918273645")
        .header("WWW-Authenticate", "Bearer error=\"invalid_token\"")
        .header("X-Plain", "as it is");
    server.on("/files").response(files);
    let limits = Reply::status(429).header("X-Token-Reset", "0.001");
    server.on("/limits").response(Reply::json(&json!(1)).header("X-Ratelimit-Tokens", "8000"));
    server.on("/limits").nth(1).response(limits);
    let text = recorded_and_played!(ListsClient, server, "handed", |api| {
        api.login().await.unwrap();
        let files = api.files().await.unwrap();
        let header = |name| files.headers()[name].to_str().unwrap().to_owned();
        let limit = api.limits().await.unwrap().headers()["x-ratelimit-tokens"].len();
        let plain = (files.value()["plain"].clone(), header("x-plain"), header("www-authenticate"));
        (plain, header("x-session-number").len(), limit)
    });
    for shown in
        ["https://***@files.test/a?X-Amz-Signature=***&p=1&sig=***", "?p=1&amp;api_key=***'"]
    {
        assert!(text.contains(shown), "{shown} in {text}");
    }
}

#[tokio::test]
async fn a_header_that_is_not_in_ascii_is_played_back_unchanged() {
    let server = Server::declared::<ListsClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let latin1 = HeaderValue::from_bytes(b"caf\xe9 SECRET1").unwrap();
    let secret = HeaderValue::from_bytes(b"SECRET2 \xe9").unwrap();
    let utf8 = "attachment; filename=\"café SECRET1.txt\"";
    let headers = [
        ("content-disposition", HeaderValue::from_bytes(utf8.as_bytes()).unwrap()),
        ("x-latin", latin1),
        ("x-api-key", secret),
    ];
    server.open("/files");
    server.route("/files", get(async move || (headers, "{}")));
    let text = recorded_and_played!(ListsClient, server, "not-ascii", |api| {
        api.login().await.unwrap();
        let files = api.files().await.unwrap();
        let header = |name: &str| files.headers()[name].as_bytes().to_vec();
        let shown = |name| String::from_utf8_lossy(&header(name)).replace("SECRET1", "***");
        assert_eq!(shown("content-disposition"), "attachment; filename=\"café ***.txt\"");
        let latin1 = header("x-latin");
        assert_eq!(latin1[..5], *b"caf\xe9 ");
        shown("x-latin")
    });
    assert!(text.contains("filename=\\\"café ***.txt"), "{text}");
}
