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
    let token = json!({"token": "SECRET-INVITE-1"});
    server.on("/any/invite").response(Reply::json(&token));
    server.on("/keys/SECRET-INVITE-1/use").response(Reply::json(&json!(7)));
    recorded_and_played!(KeysClient, server, "invite", |api| {
        api.login().await.unwrap();
        let invite: serde_json::Value =
            serde_json::from_slice(&api.any("invite").await.unwrap()).unwrap();
        api.used(invite["token"].as_str().unwrap()).await.unwrap()
    });
}

#[tokio::test]
async fn a_number_in_the_address_of_a_later_call_plays_its_response() {
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let created = json!({"session_id": 7_654_321, "secret": 918_273_645, "otp_token": 345_678});
    server.on("/any/new").response(Reply::json(&created));
    server.on("/keys/7654321/use").response(Reply::json(&json!(7)));
    server.on("/keys/918273645/use").response(Reply::json(&json!(8)));
    server.on("/keys/345678/use").response(Reply::json(&json!(9)));
    let text = recorded_and_played!(KeysClient, server, "number", |api| {
        api.login().await.unwrap();
        let created: serde_json::Value =
            serde_json::from_slice(&api.any("new").await.unwrap()).unwrap();
        let mut used = Vec::new();
        for name in ["session_id", "secret", "otp_token"] {
            let id: u64 = created[name].as_u64().unwrap();
            used.push(api.used(&id.to_string()).await.unwrap());
        }
        used
    });
    assert!(text.contains("7654321"), "{text}");
}

#[tokio::test]
async fn a_line_of_a_stream_names_what_a_later_call_asks_for() {
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let lines = "{\"token\":\"SECRET-LINE-1\"}\n{\"token\":918273645}\n";
    server.on("/events").response(Reply::text("application/x-ndjson", lines));
    server.on("/keys/SECRET-LINE-1/use").response(Reply::json(&json!(7)));
    server.on("/keys/918273645/use").response(Reply::json(&json!(8)));
    recorded_and_played!(KeysClient, server, "line", |api| {
        api.login().await.unwrap();
        let lines: Vec<_> = api.lines().try_collect().await.unwrap();
        let text = api.used(lines[0]["token"].as_str().unwrap()).await.unwrap();
        (text, api.used(&lines[1]["token"].to_string()).await.unwrap())
    });
}

/// Without a login, the response to which has the same placeholder.
#[api_client]
pub trait Open {
    #[get("/any/{name}")]
    async fn any(&self, name: &str) -> Result<Bytes>;
    #[get("/keys/{id}/use")]
    async fn used(&self, id: &str) -> Result<u64>;
}

#[tokio::test]
async fn a_word_that_stays_in_an_address_is_found_by_its_placeholder_from_any_format() {
    let server = Server::declared::<OpenClient>();
    let bodies = [
        ("application/x-ndjson", "{\"token\":\"alpha\"}\n{\"n\":1}\n"),
        ("text/event-stream", "data: {\"token\":\"alpha\"}\n\n"),
        ("application/x-www-form-urlencoded", "token=alpha&x=1"),
        ("text/xml", "<r><token>alpha</token></r>"),
        ("application/json", "{\"text\":\"{\\\"token\\\":\\\"alpha\\\"}\"}"),
    ];
    server.on("/keys/alpha/use").response(Reply::json(&json!(7)));
    for (media_type, body) in bodies {
        server.on("/any/one").response(Reply::text(media_type, body));
        recorded_and_played!(OpenClient, server, "word", |api| {
            let one = api.any("one").await.unwrap();
            let is_masked = std::str::from_utf8(&one).unwrap().contains("masked");
            api.used(if is_masked { "masked" } else { "alpha" }).await.unwrap()
        });
    }
}

#[tokio::test]
async fn a_value_that_its_name_shows_to_be_secret_is_hidden_everywhere_with_one_placeholder() {
    let id = "c0ffee00-5ec4-4e7a-9f00-0123456789ab";
    let server = Server::declared::<KeysClient>();
    server.on_login().response(Reply::json(&json!({"access_token": "SECRET1"})));
    let before = json!({"label": "SECRET-INVITE-1", "owner": "ann"});
    server.on("/any/before").response(Reply::json(&before));
    let named =
        json!({"token": "SECRET-INVITE-1", "session_id": id, "settlement_token": "SECRET-2"});
    server.on("/any/named").response(Reply::json(&named));
    let after = json!({"id": id, "text": "SECRET-2 is for SECRET-INVITE-1, not for you"});
    server.on(&*format!("/any/{id}")).response(Reply::json(&after));
    let text = recorded_and_played!(KeysClient, server, "everywhere", |api| {
        api.login().await.unwrap();
        let mut received = Vec::new();
        for name in ["before", "named"] {
            let bytes = api.any(name).await.unwrap();
            received.push(serde_json::from_slice::<serde_json::Value>(&bytes).unwrap());
        }
        let [before, named] = &received[..] else { unreachable!() };
        let id = named["session_id"].as_str().unwrap();
        let after: serde_json::Value = serde_json::from_slice(&api.any(id).await.unwrap()).unwrap();
        assert_eq!(before["label"], named["token"]);
        assert_eq!(after["id"], named["session_id"]);
        before["owner"].clone()
    });
    assert!(!text.contains(id), "{text}");
}

#[derive(Debug, Deserialize, PartialEq)]
pub struct Usage {
    total_tokens: u64,
    prompt_tokens: u64,
    max_tokens: u64,
    auth_time: u64,
    session_duration_ms: u64,
    signature_algorithm: String,
    password_strength: String,
}

#[tokio::test]
async fn amounts_times_and_kinds_with_the_name_of_a_secret_stay() {
    let server = Server::declared::<KeysClient>();
    let grant = json!({"access_token": "SECRET1", "settlement_token": 918_273_645});
    server.on_login().response(Reply::json(&grant));
    let usage = json!({
        "total_tokens": 1_234_567, "prompt_tokens": 1_200_000, "max_tokens": 2_000_000,
        "auth_time": 1_767_225_600, "session_duration_ms": 3_600_000,
        "signature_algorithm": "RS256", "password_strength": "weak",
    });
    server.on("/any/usage").response(Reply::json(&usage));
    recorded_and_played!(KeysClient, server, "usage", |api| {
        api.login().await.unwrap();
        serde_json::from_slice::<Usage>(&api.any("usage").await.unwrap()).unwrap()
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
