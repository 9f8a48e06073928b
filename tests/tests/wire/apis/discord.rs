//! Discord: a bot's token, rate limits in headers and bodies, messages before the last one, files beside JSON.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::extract::Query;
use axum::routing::get;
use futures::TryStreamExt;
use perennial::body::Part;
use perennial::{Pages, Result, Tokens, api_client};
use perennial_tests::{Placement, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Deserialize, Debug)]
pub struct Message {
    id: String,
}

#[derive(Serialize)]
pub struct NewMessage<'a> {
    content: &'a str,
}

#[api_client(
    base = "https://discord.com/api/v10",
    envelope(code = "code", message = "message", ok = absent),
    auth(scheme = "Bot"),
    retry(3, on = [429, 502, connect], after = body("retry_after"))
)]
pub trait Discord {
    /// Newest first.
    #[get("/channels/{channel}/messages", page(cursor = "before", last = "id"))]
    fn messages(&self, channel: &str, #[query] limit: u32) -> Pages<Message>;

    #[post("/channels/{channel}/messages")]
    async fn send(&self, channel: &str, #[json] message: &NewMessage<'_>) -> Result<Message>;

    #[post("/channels/{channel}/messages")]
    async fn send_file(
        &self,
        channel: &str,
        #[part("payload_json", json)] message: &NewMessage<'_>,
        #[part("files[0]")] file: Part,
    ) -> Result<Message>;
}

async fn messages(Query(query): Query<HashMap<String, String>>) -> Json<Value> {
    let before = query.get("before").map_or(6, |id| id.parse::<u64>().unwrap());
    let ids = (1..before).rev().take(2).map(|id| json!({"id": id.to_string()}));
    Json(ids.collect())
}

#[tokio::test(start_paused = true)]
async fn discord_is_waited_for_as_long_as_it_says() {
    let placement = Placement::Scheme("authorization", "Bot");
    let server = super::server(Protocol { base: "/api/v10", placement, ..Protocol::pairs() });
    let created = async || Json(json!({"id": "7"}));
    server.route("/channels/{channel}/messages", get(messages).post(created));
    let discord = DiscordClient::builder(server.origin()).build().unwrap();
    discord.session().login(Tokens::new(server.issue("bot").access)).await.unwrap();

    let ids = discord.messages("1", 2).map_ok(|message| message.id);
    assert_eq!(ids.try_collect::<Vec<_>>().await.unwrap(), ["5", "4", "3", "2", "1"]);

    // A `POST` is sent again as well, since the server says that nothing ran.
    let limited =
        json!({"message": "You are being rate limited.", "retry_after": 1.457, "global": false});
    let limited = Reply::rejection(429, &limited).header("retry-after", "2");
    server.on("POST /channels/1/messages").nth(1).response(limited);
    discord.send("1", &NewMessage { content: "hello" }).await.unwrap();
    let sent = server.recorded_on("POST /channels/1/messages");
    let pause = sent[1].at - sent[0].at;
    assert!(pause >= Duration::from_millis(1_457) && pause < Duration::from_secs(2), "{pause:?}");

    let file = Part::bytes("png").file_name("cat.png").media_type("image/png");
    discord.send_file("1", &NewMessage { content: "a cat" }, file).await.unwrap();
    let body = server.recorded_on("POST /channels/1/messages")[2].body.clone();
    let body = String::from_utf8_lossy(&body);
    assert!(
        body.contains("name=\"payload_json\"") && body.contains("filename=\"cat.png\""),
        "{body}"
    );

    let invalid = json!({"code": 50035, "message": "Invalid Form Body", "errors": {}});
    server.on("POST /channels/1/messages").response(Reply::rejection(400, &invalid));
    let error = discord.send("1", &NewMessage { content: "" }).await.unwrap_err();
    assert!(error.has_code(50035) && error.message() == Some("Invalid Form Body"), "{error}");
}
