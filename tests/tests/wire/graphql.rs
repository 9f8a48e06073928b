//! Envelopes whose success is the absence of errors, as in GraphQL, with an expiry in the middle.

use axum::Json;
use axum::routing::post;
use perennial::{Bytes, Error, ErrorKind, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::{Value, json};

#[derive(serde::Deserialize, serde::Serialize, Debug, PartialEq)]
pub struct Viewer {
    viewer: String,
}

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Part {
    data: Viewer,
}

#[api_client(
    envelope(
        code = "errors.0.extensions.code",
        message = "errors.0.message",
        data = "data",
        ok = absent("errors")
    ),
    auth(bearer, expired(code = "UNAUTHENTICATED")),
    allow(duplicate_endpoint)
)]
pub trait GraphQl {
    #[post("/refresh", refresh, public, envelope = off)]
    async fn refresh(&self, #[json] with: perennial_tests::guide::RefreshRequest)
    -> Result<Tokens>;
    #[post("/graphql")]
    async fn viewer(&self, #[json] query: &Value) -> Result<Option<Viewer>>;
    #[post("/graphql")]
    async fn raw(&self, #[json] query: &Value) -> Result<Bytes>;
    #[post("/graphql")]
    async fn nothing(&self, #[json] query: &Value) -> Result<()>;
    #[post("/graphql", envelope(data = off))]
    async fn batch(&self, #[json] queries: &[Value]) -> Result<Vec<Part>>;
}

/// A server that says by an error in a 200 that the token has expired.
async fn signed_in() -> (GraphQlClient, Server) {
    let expired = Reply::json(&json!({"errors": [
        {"message": "please sign in", "extensions": {"code": "UNAUTHENTICATED"}}
    ]}));
    let server = Server::start(Protocol { expired, ..Protocol::pairs() });
    let handler = async |Json(query): Json<Value>| {
        let data = json!({"data": {"viewer": "ann"}});
        Json(if query.is_array() { json!([data, data]) } else { data })
    };
    server.route("/graphql", post(handler));
    let client = GraphQlClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    client.session().login(tokens).await.unwrap();
    (client, server)
}

fn ann() -> Viewer {
    Viewer { viewer: "ann".to_owned() }
}

#[tokio::test]
async fn an_error_without_a_code_is_an_error_with_its_message() {
    let (client, server) = signed_in().await;
    server.expire_all();
    assert_eq!(client.viewer(&json!({})).await.unwrap(), Some(ann()));
    assert_eq!((server.refreshes(), server.count("/graphql")), (1, 2));
    let refused = json!({"errors": [{"message": "Cannot query field \"x\""}]});
    server.on("/graphql").response(Reply::json(&refused));
    let message = Some("Cannot query field \"x\"");
    let error = client.viewer(&json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, message), "{error}");
    let error = client.nothing(&json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, message), "{error}");
    let error = client.raw(&json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, message), "{error}");
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn data_beside_errors_is_an_error_that_keeps_both() {
    let (client, server) = signed_in().await;
    let partial = json!({
        "data": {"viewer": "ann"},
        "errors": [{"message": "no rights", "path": ["orders"], "extensions": {"code": "FORBIDDEN"}}]
    });
    server.on("/graphql").response(Reply::json(&partial));
    let error = client.viewer(&json!({})).await.unwrap_err();
    assert!(error.has_code("FORBIDDEN") && error.message() == Some("no rights"), "{error}");
    assert_eq!(error.body::<Part>().unwrap().data, ann());
    assert_eq!(error.body::<Value>().unwrap(), partial);
}

#[tokio::test]
async fn null_or_empty_errors_count_as_absent() {
    let (client, server) = signed_in().await;
    for errors in [json!(null), json!([])] {
        server.behave();
        let good = json!({"errors": errors, "data": {"viewer": "ann"}});
        server.on("/graphql").response(Reply::json(&good));
        assert_eq!(client.viewer(&json!({})).await.unwrap(), Some(ann()), "{errors}");
    }
    server.behave();
    server.on("/graphql").response(Reply::json(&json!({"data": null})));
    assert_eq!(client.viewer(&json!({})).await.unwrap(), None);
}

#[tokio::test]
async fn a_batch_whose_token_has_expired_is_refreshed_and_replayed() {
    let (client, server) = signed_in().await;
    let expired = json!({"errors": [{"message": "x", "extensions": {"code": "UNAUTHENTICATED"}}]});
    server.on("/graphql").nth(1).response(Reply::json(&json!([expired, expired])));
    let parts = client.batch(&[json!({}), json!({})]).await.unwrap();
    assert_eq!(parts, [Part { data: ann() }, Part { data: ann() }]);
    assert_eq!((server.refreshes(), server.count("/graphql")), (1, 2));
    // The server may also reject the batch as a whole.
    server.expire_all();
    assert_eq!(client.batch(&[json!({})]).await.unwrap().len(), 2);
    assert_eq!(server.refreshes(), 2);

    let good = json!({"data": {"viewer": "ann"}});
    let bad = json!({"errors": [{"message": "no such field"}]});
    server.on("/graphql").response(Reply::json(&json!([good, bad])));
    let error = client.batch(&[json!({}), json!({})]).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Api, Some("no such field")));
    assert_eq!(error.body::<Vec<Value>>().unwrap(), [good, bad]);
    assert_eq!(server.refreshes(), 2);
}

#[api_client(
    envelope(
        code = "errors.0.extensions.code",
        message = "errors.0.message",
        data = "data",
        ok = absent("errors")
    ),
    auth(bearer, expired(code = "UNAUTHENTICATED")),
    serve
)]
pub trait Served {
    #[post("/login", login, envelope = off)]
    async fn login(&self) -> Result<Tokens>;
    #[post("/refresh", refresh, envelope = off)]
    async fn refresh(&self) -> Result<Tokens>;
    #[get("/viewer")]
    async fn viewer(&self, #[query] name: &str) -> Result<Viewer>;
}

struct Fake;

impl Served for Fake {
    async fn login(&self) -> Result<Tokens> {
        Ok(Tokens::new("the server issues its own"))
    }
    async fn refresh(&self) -> Result<Tokens> {
        Ok(Tokens::new("the server issues its own"))
    }
    async fn viewer(&self, name: &str) -> Result<Viewer> {
        match name {
            "ben" => Err(Error::of_code("FORBIDDEN").with_message("no rights")),
            _ => Ok(Viewer { viewer: name.to_owned() }),
        }
    }
}

#[tokio::test]
async fn a_served_fake_reports_success_by_the_absence_of_errors() {
    let server = perennial_test::Server::serve::<ServedClient, _>(Fake);
    let client = ServedClient::builder(server.origin()).build().unwrap();
    client.login().await.unwrap();
    server.expire_all();
    assert_eq!(client.viewer("ann").await.unwrap(), ann());
    let error = client.viewer("ben").await.unwrap_err();
    assert!(error.has_code("FORBIDDEN") && error.message() == Some("no rights"), "{error}");
    assert_eq!(server.refreshes(), 1);
}
