//! A language model: a stream of chunks that ends with `[DONE]`, an error in its middle, and waits in milliseconds.

use std::time::Duration;

use axum::routing::post;
use futures::StreamExt;
use perennial::{ErrorKind, Events, RefreshToken, Result, Tokens, api_client};
use perennial_tests::{Carrier, Protocol, Reply};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize)]
pub struct Prompt<'a> {
    model: &'a str,
    stream: bool,
    messages: Vec<Value>,
}

#[derive(Deserialize, Debug)]
pub struct Chunk {
    choices: Vec<Choice>,
}

#[derive(Deserialize, Debug)]
pub struct Choice {
    delta: Delta,
}

#[derive(Deserialize, Debug)]
pub struct Delta {
    content: String,
}

#[api_client(
    base = "/v1",
    envelope(code = "error.code", message = "error.message", ok = absent),
    auth(bearer, expired(status = 401, code = "token_expired")),
    retry(2, on = [429, 503], after = header("retry-after-ms"), unit = ms)
)]
pub trait Model {
    #[post("/token", refresh, public, fields("grant_type" = "refresh_token"))]
    async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;

    #[post("/chat/completions", events(end = "[DONE]"))]
    fn complete(&self, #[json] prompt: &Prompt<'_>) -> Events<Chunk>;
}

fn chunk(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"delta": {"content": text}}]}))
}

#[tokio::test(start_paused = true)]
async fn a_completion_is_a_stream_with_an_end_and_its_errors_are_those_of_the_server() {
    let expired = json!({"error": {"code": "token_expired", "message": "The token has expired"}});
    let server = super::server(Protocol {
        base: "/v1",
        renewal: Carrier::Form("refresh_token"),
        ..super::bearer("POST /token", 401, &expired)
    });
    let good = chunk("Hel") + &chunk("lo") + "data: [DONE]\n\n";
    let stream = async move || ([("content-type", "text/event-stream")], good);
    server.route("/chat/completions", post(stream));
    let model = ModelClient::builder(server.origin()).build().unwrap();
    super::sign_in(&server, model.session()).await;
    server.expire_all();

    let prompt = Prompt { model: "m", stream: true, messages: vec![json!({"role": "user"})] };
    let limited = json!({"error": {"code": "rate_limit_exceeded", "message": "slow down"}});
    let limited =
        Reply::rejection(429, &limited).header("retry-after-ms", "1500").header("retry-after", "2");
    server.on("POST /chat/completions").nth(1).response(limited);
    let events: Vec<_> = model.complete(&prompt).collect().await;
    let texts: Vec<_> =
        events.iter().map(|it| &*it.as_ref().unwrap().data.choices[0].delta.content).collect();
    assert_eq!(texts, ["Hel", "lo"]);
    let sent = server.recorded_on("POST /chat/completions");
    assert_eq!((sent.len(), server.refreshes()), (3, 1));
    let pause = sent[1].at - sent[0].at;
    assert!(pause >= Duration::from_millis(1_500) && pause < Duration::from_secs(2), "{pause:?}");

    let failure = json!({"error": {"code": "server_error", "message": "overloaded"}});
    let body = format!("{}data: {failure}\n\ndata: [DONE]\n\n", chunk("Hel"));
    server.on("POST /chat/completions").response(Reply::text("text/event-stream", body));
    let events: Vec<_> = model.complete(&prompt).collect().await;
    assert_eq!(events.len(), 2);
    let error = events[1].as_ref().unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.has_code("server_error"), "{error}");
    assert_eq!((error.message(), error.body::<Value>().unwrap()), (Some("overloaded"), failure));
}
