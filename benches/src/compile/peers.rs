//! The same API for progenitor and feignhttp.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::api::{self, Kind};
use crate::Outcome;

/// The dependencies of a program with feignhttp.
pub(super) const FEIGNHTTP: &str = "feignhttp = { version = \"0.6.3\", default-features = false, \
                                    features = [\"reqwest-json\"] }\n";

/// The code that progenitor writes, as by its command line, with the parts that the program expects beside it.
pub(super) fn progenitor(endpoints: usize) -> Outcome<Vec<(String, String)>> {
    let described = serde_json::from_value(description(endpoints))?;
    let generated = progenitor::Generator::default().generate_tokens(&described)?;
    let api = "pub use crate::generated::Client;
pub use crate::generated::types::*;

pub type Error = progenitor_client::Error<()>;

pub fn client(base: &str) -> Result<Client, Error> {
    Ok(Client::new(base))
}
";
    let generated = format!("#![allow(warnings)]\n{generated}");
    let main = api::program(endpoints).replace("mod types;", "mod generated;");
    Ok(vec![
        ("main.rs".to_owned(), main),
        ("api.rs".to_owned(), api.to_owned()),
        ("generated.rs".to_owned(), generated),
    ])
}

/// The API in OpenAPI.
fn description(endpoints: usize) -> Value {
    let (mut paths, mut schemas) = (Map::new(), Map::new());
    for n in 0..endpoints {
        let named = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}{n}") });
        let id = json!({
            "name": "id", "in": "path", "required": true, "schema": number(),
        });
        let query = |name: &str, required: bool, schema: Value| json!({ "name": name, "in": "query", "required": required, "schema": schema });
        let count = json!({ "type": "integer", "format": "uint32", "minimum": 0 });
        let (path, method, id_of, parameters, data) = match Kind::of(n) {
            Kind::One => {
                (format!("/orders{n}/{{id}}"), "get", "order", json!([id]), named("Order"))
            }
            Kind::Found => (
                format!("/found{n}"),
                "get",
                "found",
                json!([
                    query("page", true, count.clone()),
                    query("size", true, count),
                    query("word", false, text()),
                ]),
                named("Page"),
            ),
            Kind::Added => (format!("/added{n}"), "post", "add", json!([]), named("Added")),
            Kind::Listed => (
                format!("/listed{n}/{{id}}/entries"),
                "get",
                "list",
                json!([id]),
                json!({ "type": "array", "items": named("Entry") }),
            ),
        };
        let mut operation = json!({
            "operationId": format!("{id_of}{n}"),
            "parameters": parameters,
            "responses": { "200": {
                "description": "ok",
                "content": { "application/json": { "schema": named("RawResponse") } },
            } },
        });
        if method == "post" {
            operation["requestBody"] = json!({
                "required": true,
                "content": { "application/json": { "schema": named("NewOrder") } },
            });
        }
        let response = json!({
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": { "type": "integer", "format": "int64" }, "message": text(), "data": data,
            },
        });
        schemas.insert(format!("RawResponse{n}"), response);
        for (name, schema) in types(n) {
            schemas.insert(format!("{name}{n}"), schema);
        }
        let mut methods = Map::new();
        methods.insert(method.to_owned(), operation);
        paths.insert(path, Value::Object(methods));
    }
    json!({
        "openapi": "3.0.3",
        "info": { "title": "shop", "version": "1" },
        "paths": paths,
        "components": { "schemas": schemas },
    })
}

fn number() -> Value {
    json!({ "type": "integer", "format": "uint64", "minimum": 0 })
}

fn text() -> Value {
    json!({ "type": "string" })
}

/// The types of one endpoint.
fn types(n: usize) -> Vec<(&'static str, Value)> {
    let list = |items: Value| json!({ "type": "array", "items": items });
    let object = |fields: &[(&str, Value)], optional: &[&str]| {
        let required: Vec<_> =
            fields.iter().map(|(name, _)| *name).filter(|it| !optional.contains(it)).collect();
        let fields: Map<String, Value> =
            fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
        json!({ "type": "object", "required": required, "properties": fields })
    };
    match Kind::of(n) {
        Kind::One => vec![(
            "Order",
            object(
                &[
                    ("id", number()),
                    ("customer", text()),
                    ("total", number()),
                    ("currency", text()),
                    ("note", text()),
                ],
                &["note"],
            ),
        )],
        Kind::Found => vec![
            (
                "Page",
                object(
                    &[
                        ("total", number()),
                        ("items", list(json!({ "$ref": format!("#/components/schemas/Item{n}") }))),
                    ],
                    &[],
                ),
            ),
            ("Item", object(&[("id", number()), ("name", text()), ("tags", list(text()))], &[])),
        ],
        Kind::Added => vec![
            (
                "NewOrder",
                object(
                    &[("customer", text()), ("items", list(number())), ("note", text())],
                    &["note"],
                ),
            ),
            ("Added", object(&[("id", number()), ("total", number()), ("state", text())], &[])),
        ],
        Kind::Listed => {
            vec![("Entry", object(&[("id", number()), ("at", text()), ("text", text())], &[]))]
        }
    }
}

/// The trait for feignhttp.
pub(super) fn feignhttp(endpoints: usize) -> Vec<(String, String)> {
    let mut text = String::from(
        "use feignhttp::{Context, FeignClientBuilder as _, feign};
use serde::Deserialize;

pub use crate::types::*;

pub use feignhttp::Error;

pub type Client = Shop;

#[derive(Debug, Deserialize)]
pub struct Envelope<T> {
    pub code: i64,
    pub message: String,
    pub data: Option<T>,
}

#[derive(Context)]
struct Shared {
    #[url_path]
    host: String,
    #[header(\"x-token\")]
    token: String,
}

pub fn client(base: &str) -> feignhttp::Result<Client> {
    let host = base.trim_start_matches(\"http://\").to_owned();
    Shop::builder().context(Shared { host, token: \"token\".to_owned() }).build()
}

#[feign(url = \"http://{host}\")]
pub trait Shop {
",
    );
    for n in 0..endpoints {
        let written = match Kind::of(n) {
            Kind::One => write!(
                text,
                "
    /// One order.
    #[get(\"/orders{n}/{{id}}\")]
    async fn order{n}(&self, #[path] id: u64) -> feignhttp::Result<Envelope<Order{n}>>;
"
            ),
            Kind::Found => write!(
                text,
                "
    /// A page of what was found.
    #[get(\"/found{n}\")]
    async fn found{n}(
        &self,
        #[query] page: u32,
        #[query] size: u32,
        #[query] word: Option<&str>,
    ) -> feignhttp::Result<Envelope<Page{n}>>;
"
            ),
            Kind::Added => write!(
                text,
                "
    /// Adds an order.
    #[post(\"/added{n}\")]
    async fn add{n}(&self, #[body] new: &NewOrder{n}) -> feignhttp::Result<Envelope<Added{n}>>;
"
            ),
            Kind::Listed => write!(
                text,
                "
    /// All entries.
    #[get(\"/listed{n}/{{id}}/entries\")]
    async fn list{n}(&self, #[path] id: u64) -> feignhttp::Result<Envelope<Vec<Entry{n}>>>;
"
            ),
        };
        written.expect("a string takes everything");
    }
    text.push_str("}\n");
    vec![("types.rs".to_owned(), api::types(endpoints)), ("api.rs".to_owned(), text)]
}
