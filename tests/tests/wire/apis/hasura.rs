//! Hasura: GraphQL whose JWT expires, with the refresh at an authentication service.

use axum::Json;
use axum::routing::post;
use perennial::{ErrorKind, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Carrier, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
pub struct Query<'a> {
    query: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<Value>,
}

#[derive(Deserialize, Debug, PartialEq)]
pub struct Todos {
    todos: Vec<String>,
}

#[api_client(
    envelope(
        code = "errors.0.extensions.code",
        message = "errors.0.message",
        data = "data",
        ok = absent("errors")
    ),
    auth(bearer, expired(code = "invalid-jwt"))
)]
pub trait Hasura {
    #[post("/v1/token", refresh, public, envelope = off)]
    async fn refresh(&self, #[field("refreshToken")] token: RefreshToken) -> Result<Tokens>;

    #[post("/v1/graphql")]
    async fn todos(&self, #[json] query: &Query<'_>) -> Result<Todos>;
}

#[tokio::test]
async fn an_error_of_hasura_has_its_code_and_an_expired_jwt_is_renewed() {
    let expired = json!({"errors": [{
        "extensions": {"path": "$", "code": "invalid-jwt"},
        "message": "Could not verify JWT: JWTExpired"
    }]});
    let server = super::server(Protocol {
        renewal: Carrier::Form("refreshToken"),
        // With status 200, as always.
        ..super::bearer("POST /v1/token", 200, &expired)
    });
    let todos = async || Json(json!({"data": {"todos": ["milk"]}}));
    server.route("/v1/graphql", post(todos));
    let hasura = HasuraClient::builder(server.origin()).build().unwrap();
    super::sign_in(&server, hasura.session()).await;

    let query = Query { query: "{ todos }", variables: None };
    assert_eq!(hasura.todos(&query).await.unwrap().todos, ["milk"]);
    server.expire_all();
    assert_eq!(hasura.todos(&query).await.unwrap().todos, ["milk"]);
    assert_eq!(server.refreshes(), 1);

    let refused = json!({"errors": [{
        "extensions": {"path": "$.selectionSet.todo", "code": "validation-failed"},
        "message": "field 'todo' not found in type: 'query_root'"
    }]});
    server.on("/v1/graphql").response(Reply::json(&refused));
    let error = hasura.todos(&query).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code("validation-failed"), "{error}");
    assert_eq!(error.message(), Some("field 'todo' not found in type: 'query_root'"));
}
