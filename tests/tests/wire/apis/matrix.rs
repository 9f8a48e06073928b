//! Matrix: a soft logout is a refresh, limits in milliseconds, rooms that are walked back by tokens.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::Query;
use axum::routing::{get, put};
use futures::TryStreamExt;
use perennial::{Error, Pages, Result, Tokens, api_client};
use perennial_tests::guide::RefreshRequest;
use perennial_tests::{Protocol, Reply};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize, Debug)]
pub struct Event {
    event_id: String,
}

#[derive(Debug)]
pub enum Failure {
    Forbidden,
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

#[api_client(
    base = "/_matrix/client/v3",
    envelope(code = "errcode", message = "error", ok = absent),
    auth(
        bearer,
        expired(status = 401, code = "M_UNKNOWN_TOKEN", body("soft_logout" = true)),
        logout(status = 401, code = "M_UNKNOWN_TOKEN")
    ),
    retry(3, on = [429, 502, connect], after = body("retry_after_ms"), unit = ms)
)]
pub trait Matrix {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] with: RefreshRequest) -> Result<Tokens>;

    /// Backwards from the newest.
    #[get("/rooms/{room}/messages?dir=b", page(cursor = "from", next = "end", items = "chunk"))]
    fn messages(&self, room: &str, #[query] limit: u32) -> Pages<Event>;

    /// The transaction makes it one message, however often it is sent.
    #[put("/rooms/{room}/send/m.room.message/{transaction}")]
    #[errors(code "M_FORBIDDEN" => Forbidden)]
    async fn send(
        &self,
        room: &str,
        transaction: &str,
        #[json] content: &Value,
    ) -> Result<Event, Failure>;
}

async fn messages(Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let from = query.get("from").map_or(4, |from| from[1..].parse::<u64>().unwrap());
    let ids: Vec<_> = [from, from - 1].map(|id| json!({"event_id": format!("${id}")})).into();
    let mut page = json!({"start": "t", "chunk": ids});
    if from > 2 {
        page["end"] = json!(format!("t{}", from - 2));
    }
    Json(page)
}

#[tokio::test(start_paused = true)]
async fn a_room_of_matrix_is_walked_back_through_a_soft_logout() {
    let expired = json!({"errcode": "M_UNKNOWN_TOKEN", "error": "expired", "soft_logout": true});
    let server = super::server(Protocol {
        base: "/_matrix/client/v3",
        ..super::bearer("POST /refresh", 401, &expired)
    });
    server.route("/rooms/{room}/messages", get(messages));
    let sent = async || Json(json!({"event_id": "$5"}));
    server.route("/rooms/{room}/send/m.room.message/{transaction}", put(sent));
    let matrix = MatrixClient::builder(server.origin()).build().unwrap();
    super::sign_in(&server, matrix.session()).await;

    let mut events = matrix.messages("!room:example.org", 2).map_ok(|event| event.event_id);
    assert_eq!(events.try_next().await.unwrap().as_deref(), Some("$4"));
    server.expire_all();
    assert_eq!(events.try_collect::<Vec<_>>().await.unwrap(), ["$3", "$2", "$1"]);
    assert_eq!(server.refreshes(), 1);

    let route = "PUT /rooms/{room}/send/m.room.message/1";
    let limited =
        json!({"errcode": "M_LIMIT_EXCEEDED", "error": "slow down", "retry_after_ms": 2500});
    server.on(route).nth(1).response(Reply::rejection(429, &limited));
    let text = json!({"msgtype": "m.text", "body": "hello"});
    let event = matrix.send("!room:example.org", "1", &text).await.unwrap();
    assert_eq!(event.event_id, "$5");
    let sent = server.recorded_on(route);
    assert!(sent[1].at - sent[0].at >= Duration::from_millis(2_500));

    let refused = json!({"errcode": "M_FORBIDDEN", "error": "not in the room"});
    server.on(route).nth(1).response(Reply::rejection(403, &refused));
    assert!(matches!(matrix.send("!room:example.org", "1", &text).await, Err(Failure::Forbidden)));

    // Without `soft_logout` the session has ended.
    let ended = json!({"errcode": "M_UNKNOWN_TOKEN", "error": "signed out"});
    server.on(route).nth(1).response(Reply::rejection(401, &ended));
    match matrix.send("!room:example.org", "1", &text).await {
        Err(Failure::Other(error)) => assert!(error.is_signed_out(), "{error}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.refreshes(), 1);
}
