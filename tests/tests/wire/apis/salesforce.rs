//! Salesforce: tokens from a login host that say where the organization is, queries in batches, errors in a list.

use std::sync::Arc;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::routing::{get, patch, post};
use axum::{Json, response::IntoResponse};
use futures::TryStreamExt;
use perennial::{Pages, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Reply, Server};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase")]
pub struct Account {
    name: String,
}

#[api_client(
    base = "/services/data/v59.0",
    // Errors are a list; what is a list of something else has no code.
    envelope(code = "0.errorCode", message = "0.message", ok = absent),
    auth(bearer, expired(status = 401, code = "INVALID_SESSION_ID"))
)]
pub trait Salesforce {
    #[post(
        "/services/oauth2/token",
        refresh,
        host = "login",
        tokens(base = "instance_url"),
        fields("grant_type" = "refresh_token", "client_id" = "app")
    )]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    #[get("/query", page(link = "nextRecordsUrl", items = "records"))]
    fn query(&self, #[query] q: &str) -> Pages<Account>;

    #[patch("/sobjects/Account/{field}/{value}")]
    async fn upsert(&self, field: &str, value: &str, #[json] account: &Value) -> Result<()>;
}

const BASE: &str = "/services/data/v59.0";

fn organization() -> Server {
    let expired =
        json!([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}]);
    let protocol =
        Protocol { unknown: Reply::rejection(401, &expired), ..super::bearer("", 401, &expired) };
    let server = Server::start(Protocol { base: BASE, ..protocol });
    let accounts = |names: [&str; 2]| names.map(|name| json!({"Name": name}));
    let first = json!({
        "totalSize": 4, "done": false, "records": accounts(["Acme", "Bolt"]),
        "nextRecordsUrl": format!("{BASE}/query/01g-2")
    });
    let second = json!({"totalSize": 4, "done": true, "records": accounts(["Cog", "Dyn"])});
    server.route("/query", get(async move || Json(first)));
    let rest = async move |Path(cursor): Path<String>| match &*cursor {
        "01g-2" => Json(second).into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    };
    server.route("/query/{cursor}", get(rest));
    server.route("/sobjects/Account/{field}/{value}", patch(async || StatusCode::NO_CONTENT));
    server
}

#[tokio::test]
async fn a_query_of_salesforce_continues_at_the_instance_that_the_tokens_name() {
    let (old, new) = (organization(), Arc::new(organization()));
    let login = Server::start(Protocol::pairs());
    login.open("/services/oauth2/token");
    let issuer = Arc::clone(&new);
    let grant = move || {
        let grant = json!({
            "access_token": issuer.issue("ann").access, "instance_url": issuer.origin()
        });
        std::future::ready(Payload(grant))
    };
    login.route("/services/oauth2/token", post(grant));
    let salesforce =
        SalesforceClient::builder(old.origin()).host("login", login.origin()).build().unwrap();
    let tokens = Tokens::new(old.issue("ann").access).with_refresh("r-1");
    salesforce.session().login(tokens).await.unwrap();
    old.expire_all();

    let soql = "SELECT Name FROM Account";
    let mut accounts = salesforce.query(soql).map_ok(|account| account.name);
    assert_eq!(accounts.try_next().await.unwrap().as_deref(), Some("Acme"));
    new.expire_all();
    assert_eq!(accounts.try_collect::<Vec<_>>().await.unwrap(), ["Bolt", "Cog", "Dyn"]);
    assert_eq!((old.requests(), login.requests()), (1, 2));
    assert_eq!(new.recorded()[0].target, format!("{BASE}/query?q=SELECT%20Name%20FROM%20Account"));

    salesforce.upsert("Key__c", "7", &json!({"Name": "Acme"})).await.unwrap();
    let refused = json!([{"errorCode": "REQUIRED_FIELD_MISSING", "message": "Name is missing"}]);
    new.on("PATCH /sobjects/Account/Key__c/7").response(Reply::rejection(400, &refused));
    let error = salesforce.upsert("Key__c", "7", &json!({})).await.unwrap_err();
    assert!(error.has_code("REQUIRED_FIELD_MISSING"), "{error}");
    assert_eq!(error.message(), Some("Name is missing"));
}
