//! Calls with every kind of body and response, each with a token that has expired when it starts.

use futures::{StreamExt, TryStreamExt, stream};
use perennial::body::{BodyFactory, Part, StreamBody};
use perennial::{
    Bytes, Download, ErrorKind, Events, Lines, Pages, Response, Result, Tokens, api_client,
};
use serde_json::{Value, json};

use super::{drop_after, each_poll, works};
use crate::support::World;

#[api_client(
    base = "/api",
    envelope(code = "code", message = "message", data = "data", ok = 0),
    auth(header = "X-Token", expired(code = 1234)),
    allow(duplicate_endpoint)
)]
pub trait Kinds {
    #[post("/refreshtoken", refresh)]
    async fn refresh(&self) -> Result<Tokens>;
    #[post("/echo")]
    async fn json(&self, #[json] body: &Value) -> Result<Value>;
    #[post("/echo")]
    async fn form(&self, #[field] a: &str) -> Result<Value>;
    #[post("/upload")]
    async fn multipart(&self, #[part] title: &str, #[part] more: Vec<Part>) -> Result<Value>;
    #[post("/echo")]
    async fn factory(&self, #[body] body: BodyFactory) -> Result<Value>;
    #[post("/echo", replay = off)]
    async fn stream(&self, #[body] body: StreamBody) -> Result<Value>;
    #[post("/echo", replay = off)]
    async fn once(&self, #[json] body: &Value) -> Result<Value>;
    #[get("/download")]
    async fn bytes(&self, #[query] bytes: u64) -> Result<Bytes>;
    #[get("/download")]
    async fn download(&self, #[query] bytes: u64) -> Result<Download>;
    #[get("/fast")]
    async fn with_head(&self) -> Result<Response<Value>>;
    #[get("/pages/cursor", page(cursor = "cursor", next = "data.next", items = "data.items"))]
    fn pages(&self) -> Pages<u64>;
    #[get("/events")]
    fn events(&self, #[query] count: u64) -> Events<Value>;
    #[get("/ndjson")]
    fn lines(&self, #[query] count: u64) -> Lines<Value>;
}

/// Drops such a call after each of its polls: whatever it is, one refresh serves it and the next call.
async fn each_kind_of<T>(call: impl AsyncFn(&KindsClient) -> T) {
    each_poll(async |polls| {
        let world = World::expired().await;
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let kinds = KindsClient::builder(world.server.origin())
            .http(http)
            .session(world.session())
            .build()
            .unwrap();
        let done = drop_after(polls, call(&kinds)).await;
        works(&world, 1).await;
        done.is_some()
    })
    .await;
}

fn pieces() -> impl futures::Stream<Item = std::io::Result<&'static str>> + Send + 'static {
    stream::iter(["on", "ce"].map(Ok))
}

macro_rules! kinds {
    ($($name:ident: $call:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            each_kind_of($call).await;
        }
    )*};
}

kinds! {
    a_call_with_a_json_body: async |kinds| kinds.json(&json!({"n": 1})).await.unwrap();
    a_call_with_a_form: async |kinds| kinds.form("1").await.unwrap();
    a_call_that_is_not_to_be_repeated: async |kinds| {
        assert!(kinds.once(&json!(1)).await.unwrap_err().kind() == ErrorKind::Expired);
    };
    a_call_with_a_multipart_body: async |kinds| {
        let more = vec![Part::bytes(vec![7; 100_000])];
        kinds.multipart("a", more).await.unwrap()
    };
    a_call_with_a_factory_of_streams: async |kinds| {
        kinds.factory(BodyFactory::stream(pieces)).await.unwrap()
    };
    a_call_with_a_stream: async |kinds| {
        let error = kinds.stream(StreamBody::new(pieces())).await.unwrap_err();
        assert!(error.kind() == ErrorKind::ReplayImpossible, "{error}");
    };
    a_call_for_bytes: async |kinds| kinds.bytes(100_000).await.unwrap();
    a_download: async |kinds| {
        let mut download = kinds.download(100_000).await.unwrap();
        while download.chunk().await.unwrap().is_some() {}
        assert_eq!(download.position(), 100_000);
    };
    a_call_for_a_value_with_its_head: async |kinds| kinds.with_head().await.unwrap();
    a_walk_over_pages: async |kinds| {
        assert_eq!(kinds.pages().try_collect::<Vec<_>>().await.unwrap(), [1, 2, 3, 4, 5]);
    };
    events: async |kinds| {
        let events: Vec<_> = kinds.events(3).take(3).try_collect().await.unwrap();
        assert_eq!(events.len(), 3);
    };
    lines: async |kinds| {
        assert_eq!(kinds.lines(3).try_collect::<Vec<_>>().await.unwrap().len(), 3);
    };
}
