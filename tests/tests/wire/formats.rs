//! Media types, nested forms, constants and addresses, each with an expiry before the call.

use crate::support::Renewal;
use axum::routing::any;
use chrono::{DateTime, Utc};
use perennial::body::FileBody;
use perennial::{Response, Result, Tokens, api_client};
use perennial_tests::{Payload, Protocol, Recorded, Server};
use serde::Serialize;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Serialize)]
pub struct Item {
    price: &'static str,
    quantity: Option<u32>,
}

#[derive(Serialize)]
pub struct Order {
    items: Vec<Item>,
    metadata: std::collections::BTreeMap<&'static str, u32>,
    note: Option<&'static str>,
}

#[derive(Serialize)]
pub struct Filter {
    name: &'static str,
    tags: Vec<&'static str>,
}

/// Only serde knows how to write it.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    InTransit,
    Done,
}

#[derive(Serialize)]
pub struct Dates {
    since: DateTime<Utc>,
    at: OffsetDateTime,
}

fn version() -> u32 {
    7
}

#[api_client(
    auth(bearer, expired(status = 401)),
    headers("Content-Type" = "application/vnd.api+json"),
    queries("v" = "60.0"),
    fields("client" = "app"),
    allow(duplicate_endpoint)
)]
pub trait Api {
    #[post("/refresh", refresh, public, queries = off)]
    async fn refresh(&self, #[json] renewal: Renewal) -> Result<Tokens>;

    #[patch("/things")]
    async fn merge(&self, #[json("application/merge-patch+json")] patch: &Filter) -> Result<()>;
    #[post("/things")]
    async fn inherited(&self, #[json] filter: &Filter) -> Result<()>;
    #[get("/things")]
    async fn without_a_body(&self) -> Result<()>;
    #[post("/things")]
    async fn lines(&self, #[body("application/x-ndjson")] lines: &str) -> Result<()>;
    #[post("/things")]
    async fn file(&self, #[body("application/x-ndjson")] file: FileBody) -> Result<()>;

    #[post("/things", queries("v" = off))]
    async fn nested(&self, #[form(style = brackets)] order: &Order) -> Result<()>;
    #[get("/things", queries = off)]
    async fn nested_query(&self, #[query(flatten, style = brackets)] order: &Order) -> Result<()>;
    #[get("/things", queries = off)]
    async fn object(&self, #[query("filter", style = brackets)] filter: &Filter) -> Result<()>;
    #[get("/things", queries = off)]
    async fn objects(&self, #[query(style = brackets)] items: &[Item]) -> Result<()>;
    #[get("/things", queries = off)]
    async fn json(
        &self,
        #[query("filter", json)] filter: Option<&Filter>,
        #[query] page: u32,
    ) -> Result<()>;

    #[get("/things", queries("v" = version, "q" = true))]
    async fn constants(&self) -> Result<()>;
    #[get("/things")]
    async fn replaced(&self, #[query] v: &str) -> Result<()>;
    #[post("/things", queries = off, fields("grant_type" = "client_credentials", "v" = version))]
    async fn constant_form(&self) -> Result<()>;
    #[post("/things", queries = off)]
    async fn constants_in_a_form(&self, #[field] scope: &str) -> Result<()>;

    #[get("/things/{since}/{state}/{until?}", queries = off)]
    async fn dated(
        &self,
        since: DateTime<Utc>,
        state: State,
        until: Option<DateTime<Utc>>,
        #[query("since")] started: &DateTime<Utc>,
        #[query(style = csv)] states: &[State],
        #[query] ended: Option<DateTime<Utc>>,
        #[query] at: OffsetDateTime,
    ) -> Result<()>;
    #[get("/things/flattened", queries = off)]
    async fn flattened(&self, #[query(flatten)] dates: &Dates) -> Result<()>;
    #[post("/things", queries = off)]
    async fn state_field(&self, #[field] state: State, #[field] since: DateTime<Utc>)
    -> Result<()>;

    #[post("/files", queries = off)]
    async fn create(&self, #[body] content: &str) -> Result<Response<()>>;
    #[get(url, queries = off)]
    async fn at(&self, #[url] address: &str) -> Result<()>;
    #[get("?wsdl", queries = off)]
    async fn description(&self) -> Result<()>;
}

async fn started(base: &'static str) -> (Server, ApiClient) {
    let server = Server::start(Protocol { base, ..Protocol::pairs() });
    for path in ["/things", "/files", "/files/24e5"] {
        let location = [("location", format!("{base}/files/24e5"))];
        server.route(path, any(async move || (location, Payload(json!(null)))));
    }
    let api = ApiClient::builder(format!("{}{base}", server.origin())).build().unwrap();
    let issued = server.issue("ann");
    let tokens = Tokens::new(issued.access).with_refresh(issued.refresh.unwrap());
    api.session().login(tokens).await.unwrap();
    server.expire_all();
    (server, api)
}

/// The last two requests, which are the same but for their token.
fn replayed(server: &Server) -> Recorded {
    let mut all = server.recorded();
    all.retain(|it| !it.target.ends_with("/refresh"));
    let (after, before) = (all.pop().unwrap(), all.pop().unwrap());
    assert_eq!((&after.target, &after.body), (&before.target, &before.body));
    assert_eq!(after.header("content-type"), before.header("content-type"));
    assert_ne!(after.header("authorization"), before.header("authorization"));
    server.expire_all();
    after
}

fn text(recorded: &Recorded) -> &str {
    std::str::from_utf8(&recorded.body).unwrap()
}

#[tokio::test]
async fn a_body_has_the_media_type_that_is_declared_nearest_to_it() {
    let (server, api) = started("").await;
    let filter = Filter { name: "a", tags: vec![] };
    api.merge(&filter).await.unwrap();
    let merged = replayed(&server);
    assert_eq!(merged.header("content-type"), Some("application/merge-patch+json"));
    assert_eq!(merged.json(), json!({"name": "a", "tags": []}));
    api.inherited(&filter).await.unwrap();
    assert_eq!(replayed(&server).header("content-type"), Some("application/vnd.api+json"));
    api.without_a_body().await.unwrap();
    assert_eq!(replayed(&server).header("content-type"), None);
    api.constants_in_a_form("a").await.unwrap();
    let form = replayed(&server);
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    api.lines("{}\n{}\n").await.unwrap();
    let lines = replayed(&server);
    assert_eq!(lines.header("content-type"), Some("application/x-ndjson"));
    assert_eq!(text(&lines), "{}\n{}\n");
}

#[tokio::test]
async fn a_file_that_names_its_media_type_keeps_it() {
    let (server, api) = started("").await;
    let path = std::env::temp_dir().join(format!("perennial-formats-{}", std::process::id()));
    std::fs::write(&path, "{}\n").unwrap();
    api.file(FileBody::at(&path)).await.unwrap();
    assert_eq!(replayed(&server).header("content-type"), Some("application/x-ndjson"));
    api.file(FileBody::at(&path).media_type("text/plain")).await.unwrap();
    assert_eq!(replayed(&server).header("content-type"), Some("text/plain"));
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn nested_fields_go_in_brackets_into_forms_and_queries() {
    let (server, api) = started("").await;
    let order = Order {
        items: vec![
            Item { price: "a b&c", quantity: None },
            Item { price: "ü", quantity: Some(2) },
        ],
        metadata: [("order", 7)].into(),
        note: None,
    };
    let expected = "items%5B0%5D%5Bprice%5D=a%20b%26c&items%5B1%5D%5Bprice%5D=%C3%BC&\
                    items%5B1%5D%5Bquantity%5D=2&metadata%5Border%5D=7";
    api.nested(&order).await.unwrap();
    let form = replayed(&server);
    assert_eq!(text(&form), format!("{expected}&client=app"));
    assert_eq!(form.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(form.target, "/things");
    api.nested_query(&order).await.unwrap();
    assert_eq!(replayed(&server).target, format!("/things?{expected}"));
    api.object(&Filter { name: "a", tags: vec!["x", "y"] }).await.unwrap();
    let target = replayed(&server).target;
    assert_eq!(
        target,
        "/things?filter%5Bname%5D=a&filter%5Btags%5D%5B0%5D=x&filter%5Btags%5D%5B1%5D=y"
    );
    api.objects(&[Item { price: "5", quantity: None }]).await.unwrap();
    assert_eq!(replayed(&server).target, "/things?items%5B0%5D%5Bprice%5D=5");
}

#[tokio::test]
async fn a_query_value_may_be_json() {
    let (server, api) = started("").await;
    api.json(Some(&Filter { name: "a b", tags: vec!["x"] }), 1).await.unwrap();
    let target = replayed(&server).target;
    let url = url::Url::parse(&format!("http://h{target}")).unwrap();
    let pairs: Vec<_> = url.query_pairs().into_owned().collect();
    let expected = r#"{"name":"a b","tags":["x"]}"#;
    assert_eq!(pairs, [("filter".into(), expected.into()), ("page".into(), "1".into())]);
    api.json(None, 2).await.unwrap();
    assert_eq!(replayed(&server).target, "/things?page=2");
}

#[tokio::test]
async fn constants_go_into_queries_and_forms_and_a_method_replaces_them() {
    let (server, api) = started("").await;
    api.without_a_body().await.unwrap();
    assert_eq!(replayed(&server).target, "/things?v=60.0");
    api.constants().await.unwrap();
    assert_eq!(replayed(&server).target, "/things?v=7&q=true");
    api.replaced("x").await.unwrap();
    assert_eq!(replayed(&server).target, "/things?v=x");
    api.constant_form().await.unwrap();
    assert_eq!(text(&replayed(&server)), "client=app&grant_type=client_credentials&v=7");
    api.constants_in_a_form("a b").await.unwrap();
    assert_eq!(text(&replayed(&server)), "scope=a%20b&client=app");
}

#[tokio::test]
async fn a_relative_address_is_joined_to_the_base_and_gets_the_token() {
    let (server, api) = started("/api").await;
    api.at("files/24e5").await.unwrap();
    assert_eq!(replayed(&server).target, "/api/files/24e5");
    // The `Location` of a response, which is relative to the host.
    let created = api.create("x").await.unwrap();
    let location = created.headers()["location"].to_str().unwrap();
    assert_eq!(location, "/api/files/24e5");
    server.expire_all();
    api.at(location).await.unwrap();
    assert_eq!(replayed(&server).target, "/api/files/24e5");
    // An address that names another host gets no token.
    let other = Server::start(Protocol::pairs());
    other.offer("/files/24e5", json!(null));
    let address = other.url("/files/24e5").replace("http:", "");
    api.at(&address).await.unwrap_err();
    assert_eq!(other.recorded()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_path_may_be_only_a_query() {
    let (server, api) = started("").await;
    server.route("/", any(async || Payload(json!(null))));
    api.description().await.unwrap();
    assert_eq!(replayed(&server).target, "/?wsdl");
    let below = ApiClient::builder(format!("{}/api", server.origin())).build().unwrap();
    assert!(below.description().to_curl().contains("/api?wsdl"));
}

#[tokio::test]
async fn a_value_has_the_form_of_serde_in_paths_queries_and_forms() {
    let (server, api) = started("").await;
    server.route("/things/{*rest}", any(async || Payload(json!(null))));
    let since = DateTime::from_timestamp(1_767_323_045, 0).unwrap();
    let at = time::macros::datetime!(2026-01-02 03:04:05 UTC);
    let states = [State::InTransit, State::Done];
    api.dated(since, State::InTransit, Some(since), &since, &states, None, at).await.unwrap();
    let target = replayed(&server).target;
    let (path, query) = target.split_once('?').unwrap();
    let encoded = "2026-01-02T03%3A04%3A05Z";
    assert_eq!(path, format!("/things/{encoded}/in-transit/{encoded}"));
    let (values, at_shown) = query.split_once("&at=").unwrap();
    assert_eq!(values, format!("since={encoded}&states=in-transit,done"));
    // It is what a flattened struct sends.
    api.flattened(&Dates { since, at }).await.unwrap();
    let flattened = replayed(&server).target;
    assert_eq!(flattened, format!("/things/flattened?since={encoded}&at={at_shown}"));
    api.state_field(State::Done, since).await.unwrap();
    assert_eq!(text(&replayed(&server)), format!("state=done&since={encoded}&client=app"));
}
