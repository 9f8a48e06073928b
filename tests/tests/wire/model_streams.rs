//! Streams as the APIs of language models have them: with an end marker, as text, and in pieces that come slowly.

use crate::support::Renewal;
use axum::body::Body;
use axum::routing::{MethodRouter, get};
use futures::{StreamExt, stream};
use perennial::{Download, ErrorKind, Events, Lines, Result, Tokens, api_client};
use perennial_tests::{Protocol, Reply, Server};
use serde_json::Value;

#[derive(serde::Deserialize, Debug, PartialEq)]
pub struct Chunk {
    choices: Vec<String>,
}

#[api_client(auth(bearer, expired(status = 401)))]
pub trait Model {
    #[post("/refresh", refresh, public)]
    async fn refresh(&self, #[json] renewal: Renewal) -> Result<Tokens>;
    #[post("/complete", events(end = "[DONE]"))]
    fn complete(&self, #[json] prompt: &str) -> Events<Chunk>;
    #[get("/answer", events(end = "[DONE]"))]
    fn answer(&self) -> Events<String>;
    #[get("/log")]
    fn log(&self) -> Lines<String>;
    #[get("/slow.json", envelope = off)]
    async fn slow(&self) -> Result<Download>;
}

async fn model(server: &Server) -> ModelClient {
    let model = ModelClient::builder(server.origin()).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    model.session().login(tokens).await.unwrap();
    model
}

#[tokio::test]
async fn an_end_marker_ends_the_stream_and_an_error_event_keeps_what_the_server_said() {
    let server = Server::start(Protocol::pairs());
    server.route("/complete", axum::routing::post(async || {}));
    let model = model(&server).await;
    server.expire_all();
    let chunk = |text: &str| format!("data: {{\"choices\":[\"{text}\"]}}\n\n");
    let failure = r#"{"error":{"message":"overloaded","type":"server_error"}}"#;
    let body =
        format!("{}data: {failure}\n\n{}data: [DONE]\n\ndata: x\n\n", chunk("a"), chunk("b"));
    server.on("POST /complete").nth(2).response(Reply::text("text/event-stream", body));
    let events: Vec<_> = model.complete("hello").collect().await;
    assert_eq!((server.refreshes(), server.count("POST /complete")), (1, 2));
    assert_eq!(events.len(), 3);
    assert_eq!(events[0].as_ref().unwrap().data.choices, ["a"]);
    let error = events[1].as_ref().unwrap_err();
    assert!(error.kind() == ErrorKind::Api && error.to_string().contains("overloaded"), "{error}");
    assert_eq!(error.bytes(), failure.as_bytes());
    assert_eq!(error.body::<Value>().unwrap()["error"]["type"], "server_error");
    assert_eq!(events[2].as_ref().unwrap().data.choices, ["b"]);
}

#[tokio::test]
async fn a_stream_that_ends_before_its_end_marker_is_an_error() {
    let server = Server::start(Protocol::pairs());
    server.route("/complete", axum::routing::post(async || {}));
    let model = model(&server).await;
    let body = "data: {\"choices\":[\"a\"]}\n\n";
    server.on("POST /complete").response(Reply::text("text/event-stream", body));
    let events: Vec<_> = model.complete("hello").collect().await;
    assert_eq!(events.len(), 2);
    let error = events[1].as_ref().unwrap_err();
    assert!(
        error.kind() == ErrorKind::Transport && error.to_string().contains("[DONE]"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_get_that_ends_before_its_end_marker_continues_after_an_id_or_is_an_error() {
    let server = Server::start(Protocol::pairs());
    server.route("/answer", get(async || {}));
    let model = model(&server).await;
    let reply = |body: &'static str| Reply::text("text/event-stream", body);
    let answer = async |replies: &[&'static str]| {
        let before = server.count("/answer");
        for (at, body) in replies.iter().enumerate() {
            server.on("/answer").nth(at + 1).response(reply(body));
        }
        server.on("/answer").after(replies.len()).response(Reply::status(500));
        let events: Vec<_> = model.answer().take(100).collect().await;
        let asked = server.recorded_on("/answer");
        let ids = asked.iter().map(|it| it.header("last-event-id").map(str::to_owned));
        let ids: Vec<_> = ids.skip(before).collect();
        server.behave();
        (events, ids)
    };
    // Without an id the server would begin again.
    let (events, ids) = answer(&["data: a\n\ndata: b\n\n"]).await;
    assert_eq!((events.len(), ids.len()), (3, 1));
    let error = events[2].as_ref().unwrap_err();
    assert!(
        error.kind() == ErrorKind::Transport && error.to_string().contains("[DONE]"),
        "{error}"
    );
    // After an id it continues, even if a connection brings nothing.
    let parts = ["id: 1\ndata: a\n\n", ": nothing yet\n\n", "id: 2\ndata: b\n\ndata: [DONE]\n\n"];
    let (events, ids) = answer(&parts).await;
    let texts: Vec<_> = events.into_iter().map(|it| it.unwrap().data).collect();
    assert_eq!(texts, ["a", "b"]);
    assert_eq!(ids, [None, Some("1".to_owned()), Some("1".to_owned())]);
    // A server that does not continue after it is not asked forever.
    let same = "id: 1\ndata: a\n\n";
    let (events, ids) = answer(&[same, same, same]).await;
    assert_eq!((events.len(), ids.len()), (3, 2));
    assert_eq!(events[2].as_ref().unwrap_err().kind(), ErrorKind::Transport);
    // Nor one that sends nothing but comments.
    let comments = [": nothing yet\n\n"; 20];
    let (events, ids) = answer(&[&[same][..], &comments].concat()).await;
    assert_eq!((events.len(), ids.len()), (2, 11));
}

/// A body whose chunks come when the test sends them.
fn trickle(media_type: &'static str) -> (tokio::sync::mpsc::Sender<&'static str>, MethodRouter) {
    let (sender, receiver) = tokio::sync::mpsc::channel::<&'static str>(1);
    let receiver = std::sync::Arc::new(tokio::sync::Mutex::new(receiver));
    let handler = get(async move || {
        let chunks = stream::unfold(receiver.lock_owned().await, |mut receiver| async {
            let chunk = receiver.recv().await?;
            Some((Ok::<_, std::io::Error>(chunk), receiver))
        });
        ([("content-type", media_type)], Body::from_stream(chunks))
    });
    (sender, handler)
}

#[tokio::test]
async fn lines_of_text_arrive_unchanged() {
    let server = Server::start(Protocol::pairs());
    let (sender, handler) = trickle("text/plain");
    server.route("/log", handler);
    let model = model(&server).await;
    server.expire_all();
    let mut lines = model.log();
    sender.send("started\r\n").await.unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap(), "started");
    assert_eq!(server.refreshes(), 1);
    sender.send("\n{not json}\npart").await.unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap(), "");
    assert_eq!(lines.next().await.unwrap().unwrap(), "{not json}");
    sender.send(" of a line").await.unwrap();
    drop(sender);
    assert_eq!(lines.next().await.unwrap().unwrap(), "part of a line");
    assert!(lines.next().await.is_none());
}

#[tokio::test]
async fn a_json_download_without_an_envelope_streams_from_the_first_byte() {
    let server = Server::start(Protocol::pairs());
    let (sender, handler) = trickle("application/json");
    server.route("/slow.json", handler);
    let model = model(&server).await;
    server.expire_all();
    sender.send("{\"first\":").await.unwrap();
    // The rest is not sent before the first chunk has arrived.
    let mut download = model.slow().await.unwrap();
    assert_eq!(server.refreshes(), 1);
    assert_eq!(download.chunk().await.unwrap().unwrap(), "{\"first\":");
    sender.send("1}").await.unwrap();
    drop(sender);
    assert_eq!(download.bytes().await.unwrap(), "1}");
}
