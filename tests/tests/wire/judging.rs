//! Every return type judges every kind of response alike: a type decides what is decoded, and never whether a
//! response is good.

use crate::support::SignedIn;
use perennial::{Bytes, Download, ErrorKind, FromResponse, Response, Result, Tokens, api_client};
use perennial_tests::Reply;
use serde_json::{Value, json};

/// A type of the user's own, which takes everything.
#[derive(Debug)]
pub struct Anything;

impl FromResponse for Anything {
    type Error = std::convert::Infallible;

    fn from_response(_: Response<Bytes>) -> Result<Self, Self::Error> {
        Ok(Self)
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
    #[get("/fast")]
    async fn nothing(&self) -> Result<()>;
    #[get("/fast")]
    async fn nothing_with_head(&self) -> Result<Response<()>>;
    #[get("/fast")]
    async fn value(&self) -> Result<Value>;
    #[get("/fast")]
    async fn optional(&self) -> Result<Option<String>>;
    #[get("/fast")]
    async fn text(&self) -> Result<String>;
    #[get("/fast")]
    async fn text_with_head(&self) -> Result<Response<String>>;
    #[get("/fast")]
    async fn bytes(&self) -> Result<Bytes>;
    #[get("/fast")]
    async fn own(&self) -> Result<Anything>;
    #[get("/fast")]
    async fn download(&self) -> Result<Download>;
    #[get("/fast", envelope = off)]
    async fn plain_text(&self) -> Result<String>;
    #[post("/fast")]
    async fn post(&self) -> Result<()>;
    #[put("/fast")]
    async fn put(&self) -> Result<()>;
    #[put("/fast")]
    async fn put_text(&self, #[body] text: String) -> Result<()>;
    #[delete("/fast")]
    async fn delete(&self) -> Result<()>;
}

/// The outcome of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// It is a value.
    Good,
    /// The token was renewed, and the call replayed.
    Replayed,
    /// It is an error of this kind.
    Error(ErrorKind),
}

use Outcome::{Error, Good, Replayed};

const API: Outcome = Error(ErrorKind::Api);
const STATUS: Outcome = Error(ErrorKind::Status);
const DECODE: Outcome = Error(ErrorKind::Decode);

/// The kinds of response, each with what becomes of it where a value is asked for, and where its content is taken
/// as it is.
fn responses() -> Vec<(&'static str, Reply, Outcome, Outcome)> {
    let good = json!({"code": 0, "data": "hello"}).to_string();
    let expired = json!({"code": 1234, "message": "token expired"}).to_string();
    let refused = json!({"code": 7, "message": "no"}).to_string();
    let json = |body: &str| Reply::text("application/json", body.to_owned());
    let html = |body: &str| Reply::text("text/html", body.to_owned());
    vec![
        ("good", json(&good), Good, Good),
        ("good, as text/html", html(&good), Good, Good),
        ("expired", json(&expired), Replayed, Replayed),
        ("expired, as text/html", html(&expired), Replayed, Good),
        ("expired, with a status", json(&expired).with_status(400), Replayed, Replayed),
        (
            "expired, with a status, as text/html",
            html(&expired).with_status(401),
            Replayed,
            Replayed,
        ),
        ("refused", json(&refused), API, API),
        ("refused, as text/html", html(&refused), API, Good),
        ("refused, with a status", json(&refused).with_status(409), API, API),
        ("an empty object", json("{}"), API, Good),
        ("an empty list", json("[]"), API, Good),
        ("null", json("null"), API, Good),
        ("a code that is null", json("{\"code\":null,\"data\":\"hello\"}"), API, Good),
        ("a code that is an empty list", json("{\"code\":[],\"data\":\"hello\"}"), API, Good),
        ("a code that is an empty object", json("{\"code\":{},\"data\":\"hello\"}"), API, Good),
        ("refused with a list", json("{\"code\":[7],\"data\":\"hello\"}"), API, API),
        ("an HTML page", html("<html>hello</html>"), DECODE, Good),
        ("an empty body", json(""), API, Good),
        ("a page of an error", html("<html>no</html>").with_status(500), STATUS, STATUS),
        ("broken JSON", json("{\"code\":0,\"data\":\"hel"), DECODE, Good),
    ]
}

/// Whether a return type takes the content of a response as it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Value,
    Content,
    /// The content, which is judged whatever its type is.
    JudgedContent,
}

async fn outcome(reply: Reply, call: impl AsyncFn(&ShopClient) -> Result<()>) -> Outcome {
    let (server, shop) = ShopClient::with_server().await;
    server.on("/fast").first(1).response(reply);
    let good = json!({"code": 0, "data": "again"});
    server.on("/fast").after(1).response(Reply::json(&good));
    match call(&shop).await {
        Ok(()) if server.refreshes() == 1 => Replayed,
        Ok(()) => Good,
        Err(error) => Error(error.kind()),
    }
}

macro_rules! every_type {
    ($($call:ident: $takes:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $call() {
            for (name, reply, value, content) in responses() {
                let wanted = match Takes::$takes {
                    Takes::Value => value,
                    Takes::Content => content,
                    // Only what bears a code is judged beyond its status.
                    Takes::JudgedContent if matches!(value, Replayed) || name.starts_with("refused") => value,
                    Takes::JudgedContent => content,
                };
                let found = outcome(reply, async |shop| shop.$call().await.map(drop)).await;
                assert_eq!(found, wanted, "{name}");
            }
        }
    )*};
}

every_type! {
    nothing: Value,
    nothing_with_head: Value,
    value: Value,
    optional: Value,
    text: Value,
    text_with_head: Value,
    bytes: Content,
    download: Content,
    own: JudgedContent,
}

#[tokio::test]
async fn no_content_is_good_where_no_value_is_declared() {
    assert_eq!(outcome(Reply::status(204), async |shop| shop.nothing().await).await, Good);
    assert_eq!(
        outcome(Reply::status(204), async |shop| shop.optional().await.map(drop)).await,
        Good
    );
    assert_eq!(outcome(Reply::status(204), async |shop| shop.value().await.map(drop)).await, API);
}

#[tokio::test]
async fn text_under_an_envelope_is_its_data() {
    let (server, shop) = ShopClient::with_server().await;
    let body = r#"{"code":0,"data":"hello"}"#;
    server.on("/fast").response(Reply::text("application/json", body));
    assert_eq!(shop.text().await.unwrap(), "hello");
    assert_eq!(shop.text_with_head().await.unwrap().into_value(), "hello");
    assert_eq!(shop.plain_text().await.unwrap(), body);
}

#[tokio::test]
async fn a_request_without_a_body_or_with_an_empty_one_says_so_where_servers_require_a_length() {
    let (server, shop) = ShopClient::with_server().await;
    server.on("/fast").response(Reply::json(&json!({"code": 0})));
    let length = || {
        let last = server.recorded_on("/fast").pop().unwrap();
        last.header("content-length").map(str::to_owned)
    };
    shop.post().await.unwrap();
    assert_eq!(length().as_deref(), Some("0"));
    shop.put().await.unwrap();
    assert_eq!(length().as_deref(), Some("0"));
    shop.put_text(String::new()).await.unwrap();
    assert_eq!(length().as_deref(), Some("0"));
    shop.put_text("hello".to_owned()).await.unwrap();
    assert_eq!(length().as_deref(), Some("5"));
    shop.delete().await.unwrap();
    assert_eq!(length(), None);
}
