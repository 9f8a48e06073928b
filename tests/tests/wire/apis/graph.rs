//! Microsoft Graph: a token for the application from another host, `@odata.nextLink`, downloads at another host.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::routing::{get, patch, post};
use axum::{Json, extract::RawQuery};
use futures::TryStreamExt;
use perennial::{Bytes, Pages, Result, Tokens, api_client};
use perennial_tests::{Carrier, Payload, Protocol, Reply, Server};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The id of the application, and its secret.
#[derive(Clone, Serialize)]
pub struct App {
    client_id: &'static str,
    client_secret: &'static str,
    scope: &'static str,
}

#[derive(Deserialize, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct User {
    display_name: String,
}

#[api_client(
    base = "/v1.0",
    envelope(code = "error.code", message = "error.message", ok = absent),
    auth(bearer, expired(status = 401, code = "InvalidAuthenticationToken")),
    retry(2, on = [429, 503, 504, connect])
)]
pub trait Graph {
    /// Client credentials: nobody signs in, and the first call fetches the token.
    #[post(
        "/contoso/oauth2/v2.0/token",
        refresh,
        host = "login",
        envelope = off,
        fields("grant_type" = "client_credentials")
    )]
    async fn token(&self, #[form] app: App) -> Result<Tokens>;

    #[get("/users", page(link = ["@odata.nextLink"], items = "value"))]
    fn users(
        &self,
        #[query("$select", style = csv)] select: &[&str],
        #[query("$top")] top: u32,
    ) -> Pages<User>;

    #[patch("/users/{id}")]
    async fn change(&self, id: &str, #[json] user: &Value) -> Result<()>;

    /// Leads to an address at another host that is signed by itself.
    #[get("/drive/items/{id}/content")]
    async fn content(&self, id: &str) -> Result<Bytes>;
}

fn started() -> (Arc<Server>, Server) {
    let refused = json!({"error": {"code": "InvalidAuthenticationToken", "message": "expired"}});
    let protocol = Protocol {
        renewal: Carrier::Free,
        unknown: Reply::rejection(401, &refused),
        ..super::bearer("", 401, &refused)
    };
    let api = Arc::new(Server::start(Protocol { base: "/v1.0", ..protocol }));
    let login = Server::start(Protocol::pairs());
    let issuer = Arc::clone(&api);
    login.open("/contoso/oauth2/v2.0/token");
    login.route(
        "/contoso/oauth2/v2.0/token",
        post(move || {
            let access = issuer.issue("app").access;
            async move { Payload(json!({"access_token": access, "expires_in": 3599})) }
        }),
    );
    let origin = api.origin();
    let users = async move |RawQuery(query): RawQuery| {
        let page = |names: [&str; 2]| names.map(|name| json!({"displayName": name}));
        Json(match query.unwrap_or_default().contains("$skiptoken=2") {
            true => json!({"value": page(["Cleo", "Dan"])}),
            false => json!({
                "@odata.nextLink": format!("{origin}/v1.0/users?$select=displayName&$top=2&$skiptoken=2"),
                "value": page(["Ann", "Ben"])
            }),
        })
    };
    api.route("/users", get(users));
    api.route("/users/{id}", patch(async || StatusCode::NO_CONTENT));
    (api, login)
}

#[tokio::test]
async fn microsoft_graph_is_called_by_an_application() {
    let (api, login) = started();
    let app = App { client_id: "app", client_secret: "s3cr3t-of-app", scope: ".default" };
    let graph = GraphClient::builder(api.origin())
        .host("login", login.origin())
        .value(app)
        .build()
        .unwrap();

    let mut users = graph.users(&["displayName"], 2).pages();
    let first = users.next().await.unwrap().unwrap();
    assert_eq!(first.len(), 2);
    api.expire_all();
    let rest: Vec<_> = users.try_concat().await.unwrap();
    let names: Vec<_> = first.into_iter().chain(rest).map(|user| user.display_name).collect();
    assert_eq!(names, ["Ann", "Ben", "Cleo", "Dan"]);
    assert_eq!(login.requests(), 2);
    let form = login.recorded()[0].body.clone();
    let form = std::str::from_utf8(&form).unwrap();
    assert!(
        form.contains("grant_type=client_credentials") && form.contains("client_id=app"),
        "{form}"
    );
    assert_eq!(api.recorded()[0].target, "/v1.0/users?%24select=displayName&%24top=2");
    graph.change("7", &json!({"displayName": "Ann"})).await.unwrap();

    let files = Server::start(Protocol::pairs());
    files.open("/file");
    files.route("/file", get(async || ([(header::CONTENT_TYPE, "text/plain")], "content")));
    api.on("/drive/items/7/content").redirect(302, &files.url("/file?tempauth=x"));
    assert_eq!(graph.content("7").await.unwrap(), "content");
    assert_eq!(files.recorded()[0].header("authorization"), None);

    let refused = json!({"error": {"code": "Authorization_RequestDenied", "message": "no rights"}});
    api.on("PATCH /users/7").response(Reply::rejection(403, &refused));
    let error = graph.change("7", &json!({})).await.unwrap_err();
    assert!(error.has_code("Authorization_RequestDenied"), "{error}");
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}
