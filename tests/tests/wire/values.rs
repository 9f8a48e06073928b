//! Values that are known to have led to another address in some program: each reaches exactly the declared endpoint,
//! unchanged, or is rejected before anything is sent. Now and then a token expires meanwhile, so that replays are
//! covered as well.

mod hostile;

use crate::support::SignedIn;
use axum::extract::{Form, Path, Query};
use axum::routing::{get, post};
use http::HeaderMap;
use perennial::body::{FileBody, Part};
use perennial::{ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Server};
use serde_json::{Value, json};

use hostile::{hostile, refused, walk};

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Shop {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/items/{id}/detail")]
    async fn segment(&self, id: &str) -> Result<Value>;
    #[get("/files/{*rest}")]
    async fn tail(&self, rest: &str) -> Result<Value>;
    #[get("/search?kind=all")]
    async fn query(&self, #[query] q: &str) -> Result<Value>;
    #[get("/search?kind=all")]
    async fn list(&self, #[query(style = csv)] q: &[&str]) -> Result<Value>;
    #[get("/search?kind=all")]
    async fn lists(
        &self,
        #[query] one: &[u32],
        #[query(style = csv)] two: &[u32],
        #[query(style = pipe)] three: &[u32],
        #[query] none: &[u32],
    ) -> Result<Value>;
    #[get("/search?kind=all")]
    async fn nested(&self, #[query(flatten)] fields: &Nested) -> Result<Value>;
    #[post("/form")]
    async fn nested_form(&self, #[form] fields: &Nested) -> Result<Value>;
    #[get("/search?kind=all")]
    async fn fields(&self, #[query(flatten)] fields: &Fields) -> Result<Value>;
    #[get("/headed")]
    async fn header(&self, #[header("X-Value")] value: &str) -> Result<Value>;
    #[post("/form")]
    async fn field(&self, #[field] q: &str) -> Result<Value>;
    #[post("/form")]
    async fn form(&self, #[form] fields: &Fields) -> Result<Value>;
    #[post("/upload")]
    async fn part(&self, #[part] text: &str) -> Result<Vec<Received>>;
    #[post("/upload")]
    async fn named(&self, #[part("file")] part: Part) -> Result<Vec<Received>>;
    #[post("/upload")]
    async fn file(&self, #[part] file: FileBody) -> Result<Vec<Received>>;
}

#[derive(serde::Serialize)]
pub struct Fields {
    q: String,
}

#[derive(serde::Serialize)]
pub struct Nested {
    q: String,
    inner: Fields,
}

#[derive(serde::Deserialize)]
pub struct Received {
    name: Option<String>,
    file: Option<String>,
    text: Option<String>,
}

type Pairs = Vec<(String, String)>;

/// A server whose routes say where a value arrived, and what it was.
async fn world() -> (Server, ShopClient) {
    let server = Server::start(Protocol::article());
    let said = |at: &str, value: Value| Payload(json!({ at: value }));
    server.route(
        "/items/{id}/detail",
        get(move |Path(id): Path<String>| async move { said("segment", id.into()) }),
    );
    server.route(
        "/files/{*rest}",
        get(move |Path(rest): Path<String>| async move { said("tail", rest.into()) }),
    );
    server.route(
        "/search",
        get(move |Query(pairs): Query<Pairs>| async move { said("query", json!(pairs)) }),
    );
    server.route(
        "/headed",
        get(move |headers: HeaderMap| async move {
            let values = headers.get_all("x-value").iter();
            said("header", values.map(|it| String::from_utf8_lossy(it.as_bytes())).collect())
        }),
    );
    server.route(
        "/form",
        post(move |Form(pairs): Form<Pairs>| async move { said("form", json!(pairs)) }),
    );
    let shop = ShopClient::signed_in(&server).await;
    (server, shop)
}

#[tokio::test]
async fn a_segment_arrives_unchanged_or_is_rejected() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let call = shop.segment(value);
        Box::pin(async move {
            assert_eq!(call.await?, json!({ "segment": value }));
            Ok(())
        })
    });
    // Each dot doubled is two dots.
    assert_eq!(refused(&told.await), ["", ".", "..", ".", ".."]);
}

#[tokio::test]
async fn a_tail_arrives_unchanged_or_is_rejected() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let call = shop.tail(value);
        Box::pin(async move {
            assert_eq!(call.await?, json!({ "tail": value }));
            Ok(())
        })
    });
    for (value, accepted) in told.await {
        let parts = value.strip_suffix('/').unwrap_or(value).split('/');
        let leads_elsewhere = parts.into_iter().any(|part| matches!(part, "" | "." | ".."));
        assert_eq!(accepted, !leads_elsewhere, "{value:?}");
    }
}

#[tokio::test]
async fn a_query_value_arrives_unchanged() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let (one, all) = (shop.query(value), shop.fields(&Fields { q: value.to_owned() }));
        Box::pin(async move {
            let expected = json!({"query": [["kind", "all"], ["q", value]]});
            assert_eq!(one.await?, expected);
            assert_eq!(all.await?, expected);
            Ok(())
        })
    });
    assert!(refused(&told.await).is_empty());
    let joined = shop.list(&["a,b", "c&d=e", "ü"]).await.unwrap();
    assert_eq!(joined, json!({"query": [["kind", "all"], ["q", "a,b,c&d=e,ü"]]}));
    let target = &server.recorded_on("GET /search").pop().unwrap().target;
    assert!(target.ends_with("q=a%2Cb,c%26d%3De,%C3%BC"), "{target}");
}

#[tokio::test]
async fn a_list_is_sent_as_repeated_values_or_joined_as_declared() {
    let (server, shop) = world().await;
    server.expire_all();
    let told = shop.lists(&[1, 2], &[3, 4], &[5, 6], &[]).await.unwrap();
    let expected = json!({"query":
        [["kind", "all"], ["one", "1"], ["one", "2"], ["two", "3,4"], ["three", "5|6"]]});
    assert_eq!(told, expected);
    let targets: Vec<_> =
        server.recorded_on("GET /search").into_iter().map(|it| it.target).collect();
    let expected = "/api/search?kind=all&one=1&one=2&two=3,4&three=5%7C6";
    assert_eq!(targets, [expected, expected]);
}

#[tokio::test]
async fn a_struct_within_a_struct_is_rejected_and_not_left_out() {
    let (server, shop) = world().await;
    let nested = Nested { q: "a".to_owned(), inner: Fields { q: "b".to_owned() } };
    for call in [shop.nested(&nested), shop.nested_form(&nested)] {
        let error = call.await.unwrap_err();
        assert!(error.kind() == ErrorKind::Argument, "{error}");
        let told = error.to_string();
        assert!(told.contains("takes a struct of single values and lists"), "{told}");
    }
    assert_eq!(server.sends(), 0);
}

#[tokio::test]
async fn a_form_field_arrives_unchanged() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let (one, all) = (shop.field(value), shop.form(&Fields { q: value.to_owned() }));
        Box::pin(async move {
            assert_eq!(one.await?, json!({"form": [["q", value]]}));
            assert_eq!(all.await?, json!({"form": [["q", value]]}));
            Ok(())
        })
    });
    assert!(refused(&told.await).is_empty());
}

#[tokio::test]
async fn a_header_arrives_unchanged_or_is_rejected() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let call = shop.header(value);
        Box::pin(async move {
            assert_eq!(call.await?, json!({"header": [value]}));
            Ok(())
        })
    });
    for (value, accepted) in told.await {
        let is_visible = |c: char| matches!(c, ' '..='~' | '\t');
        let is_whole = value.trim_matches([' ', '\t']) == value;
        assert_eq!(accepted, is_whole && value.chars().all(is_visible), "{value:?}");
    }
    let told = shop.header("ü").await.unwrap_err().to_string();
    assert!(told.contains("the header `x-value` takes visible ASCII"), "{told}");
}

#[tokio::test]
async fn the_text_of_a_part_arrives_unchanged() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let call = shop.part(value);
        Box::pin(async move {
            let parts = call.await?;
            assert_eq!((parts.len(), parts[0].text.as_deref()), (1, Some(value)));
            Ok(())
        })
    });
    assert!(refused(&told.await).is_empty());
}

#[tokio::test]
async fn the_name_of_a_file_arrives_as_browsers_send_it_or_is_rejected() {
    let (server, shop) = world().await;
    let values = hostile();
    let told = walk(&server, &values, |value| {
        let call = shop.named(Part::text("content").file_name(value));
        Box::pin(async move {
            let parts = call.await?;
            // What could end the name is percent-encoded, and no server takes that back.
            let sent = value.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
            assert_eq!((parts.len(), parts[0].name.as_deref()), (1, Some("file")), "{value:?}");
            assert_eq!(parts[0].file.as_deref(), Some(&*sent), "{value:?}");
            assert_eq!(parts[0].text.as_deref(), Some("content"), "{value:?}");
            Ok(())
        })
    });
    for (value, accepted) in told.await {
        let is_read_otherwise =
            |c: char| c == '\\' || (c.is_ascii_control() && !matches!(c, '\r' | '\n'));
        assert_eq!(accepted, !value.contains(is_read_otherwise), "{value:?}");
    }
}

#[tokio::test]
async fn the_name_of_a_file_on_disk_is_treated_alike() {
    let (server, shop) = world().await;
    let folder = std::env::temp_dir().join(format!("perennial-{}-named", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let names = ["a \"b\".txt", "日本語.txt", "a;b=c.txt", "a%22.txt"];
    for name in names {
        std::fs::write(folder.join(name), name).unwrap();
        server.expire_all();
        let parts = shop.file(FileBody::at(folder.join(name))).await.unwrap();
        assert_eq!(parts[0].file.as_deref(), Some(&*name.replace('"', "%22")));
        assert_eq!(parts[0].text.as_deref(), Some(name));
    }
    assert_eq!(server.refreshes(), names.len());
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_very_long_value_arrives_whole_or_is_rejected_by_its_length() {
    let (server, shop) = world().await;
    let (long, longer) = ("ä€".repeat(4_000), "x".repeat(100 * 1024));
    server.expire_all();
    assert_eq!(shop.segment(&long).await.unwrap(), json!({ "segment": long }));
    assert_eq!(shop.tail(&long).await.unwrap(), json!({ "tail": long }));
    let expected = json!({"query": [["kind", "all"], ["q", long]]});
    assert_eq!(shop.query(&long).await.unwrap(), expected);
    assert_eq!(shop.header(&longer).await.unwrap(), json!({"header": [longer]}));
    assert_eq!(shop.field(&longer).await.unwrap(), json!({"form": [["q", longer]]}));
    assert_eq!(shop.part(&longer).await.unwrap()[0].text.as_ref(), Some(&longer));
    assert_eq!(server.refreshes(), 1);
    let before = server.sends();
    for call in [shop.segment(&longer), shop.tail(&longer), shop.query(&longer)] {
        let error = call.retry(3).await.unwrap_err();
        assert!(error.kind() == ErrorKind::Argument && error.attempts() == 0, "{error}");
        assert!(error.to_string().contains("HTTP allows at most 65534"), "{error}");
    }
    assert_eq!(server.sends(), before);
}
