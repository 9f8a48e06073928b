//! Values in ordinary responses whose names denote a secret.

use perennial::{Bytes, Lines, Pages, Result, Tokens, api_client};
use perennial_test::{Cassette, Reply, Server};
use serde::Deserialize;
use serde_json::json;

use super::Scratch;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Active,
}

#[derive(Debug, Deserialize)]
pub struct Key {
    api_key: String,
    token_state: State,
    client_secret: u64,
    session: Session,
    tokens: Vec<Issued>,
}

#[derive(Debug, Deserialize)]
pub struct Session {
    id: String,
    title: String,
}

#[derive(Debug, Deserialize)]
pub struct Issued {
    state: State,
    value: String,
}

#[api_client(auth(bearer, logout(status = 401)))]
pub trait Keys {
    #[post("/login", login)]
    async fn login(&self) -> Result<Tokens>;
    #[get("/key")]
    async fn key(&self) -> Result<Key>;
    #[get("/keys/{id}/use")]
    async fn used(&self, id: &str) -> Result<u64>;
    #[get("/any/{name}")]
    async fn any(&self, name: &str) -> Result<Bytes>;
    #[get("/events")]
    fn lines(&self) -> Lines<serde_json::Value>;
    #[get("/list", page(cursor = "after", next = "next_token", items = "tokens"))]
    fn list(&self) -> Pages<u64>;
}

#[tokio::test]
async fn a_value_whose_name_denotes_a_secret_is_masked_and_is_still_of_its_type() {
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let key = json!({
        "api_key": "SECRET-KEY", "token_state": "active", "client_secret": 918273645,
        "session": {"id": "SECRET-ID", "title": "Two days"},
        "tokens": [{"state": "active", "value": "SECRET-OF-A-LIST"}],
    });
    server.on("/key").response(Reply::json(&key));
    let lines = "{\"password\":\"SECRET2\",\"n\":1}\n{\"password\":\"SECRET3\",\"n\":2}\n";
    server.on("/events").response(Reply::text("application/x-ndjson", lines));
    let page = json!({"tokens": [123_456_789, 2], "next_token": "page-2"});
    server.on("/list").response(Reply::json(&json!({"tokens": [3], "next_token": null})));
    server.on("/list").nth(1).response(Reply::json(&page));
    recorded_and_played!(KeysClient, server, "named", |api| {
        api.login().await.unwrap();
        let key = api.key().await.unwrap();
        assert_eq!(key.client_secret.to_string().len(), 9);
        let lines: Vec<_> = api.lines().try_collect().await.unwrap();
        let numbers: Vec<_> = lines.iter().map(|line| line["n"].clone()).collect();
        let listed: Vec<_> = api.list().try_collect().await.unwrap();
        assert!(!key.api_key.is_empty() && !key.session.id.is_empty());
        assert!(!key.tokens[0].value.is_empty() && key.tokens[0].state == State::Active);
        (key.token_state, key.session.title, key.tokens.len(), numbers, listed)
    });
}

#[tokio::test]
async fn a_placeholder_in_the_address_of_a_later_call_plays_its_response() {
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let token = json!({"token": "invite-1"});
    server.on("/any/invite").response(Reply::json(&token));
    server.on("/keys/invite-1/use").response(Reply::json(&json!(7)));
    recorded_and_played!(KeysClient, server, "invite", |api| {
        api.login().await.unwrap();
        let invite: serde_json::Value =
            serde_json::from_slice(&api.any("invite").await.unwrap()).unwrap();
        api.used(invite["token"].as_str().unwrap()).await.unwrap()
    });
}

#[tokio::test]
async fn no_format_with_names_keeps_a_secret() {
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let bodies = [
        ("json", "application/json", r#"{"password": "SECRET", "nested": {"api_key": "SECRET"}}"#),
        ("cut", "application/json", r#"{"password":"SECRET","#),
        ("problem", "application/problem+json", "\u{feff}{\"sid\":\"SECRET\",\"n\":1}"),
        ("form", "application/x-www-form-urlencoded", "access_token=SECRET&sid=SECRET&x=1"),
        ("xml", "text/xml", "<r><password>SECRET</password><a token=\"SECRET\"/></r>"),
        ("ndjson", "application/x-ndjson", "{\"token\":\"SECRET\"}\n{\"password\":\"SECRET\"}\n"),
        ("sse", "text/event-stream", "event: a\ndata: {\"password\":\"SECRET\"}\n\n"),
        ("html", "text/html", "<script>let it = {\"token\": \"SECRET\"}</script>"),
        (
            "parts",
            "multipart/mixed; boundary=x",
            "--x\r\nContent-Type: application/json\r\n\r\n{\"password\":\"SECRET\"}\r\n--x--",
        ),
    ];
    for (name, media_type, body) in bodies {
        server.on(&*format!("/any/{name}")).response(Reply::text(media_type, body));
    }
    recorded_and_played!(KeysClient, server, "formats", |api| {
        api.login().await.unwrap();
        let mut lengths = Vec::new();
        for (name, _, body) in bodies {
            let received = api.any(name).await.unwrap();
            let received = std::str::from_utf8(&received).unwrap();
            lengths.push(received.replace("SECRET", "masked").len());
            assert_eq!(received.matches('{').count(), body.matches('{').count(), "{received}");
        }
        lengths
    });
}
