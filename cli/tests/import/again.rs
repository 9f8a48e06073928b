//! An export is imported as the text that was exported.

use std::fs;

use super::support::{against_the_official_schema, cargo, folder, manifest, run, workspace};
use super::{document, import, plain, there_and_back, written};

const DOCUMENT: &str = r##"{ "openapi": "3.0.3", "info": { "title": "Odd", "version": "1" }, "servers": [{ "url": "/" }], "paths": {
  "/token": { "post": { "operationId": "grant", "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Grant" } } } }, "responses": { "204": { "description": "" } } } },
  "/token#refresh": { "post": { "operationId": "renew", "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Renewal" } } } }, "responses": { "204": { "description": "" } } } },
  "/labels": {
    "put": { "operationId": "addLabel", "requestBody": { "required": true, "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Grant" } } } }, "responses": { "204": { "description": "" } } }
  },
  "/labels#patched": {
    "put": { "operationId": "changeLabel", "requestBody": { "required": true, "content": { "application/merge-patch+json": { "schema": { "$ref": "#/components/schemas/Grant" } } } }, "responses": { "204": { "description": "" } } }
  },
  "/search": { "get": { "operationId": "search", "parameters": [
      { "name": "limit", "in": "query", "schema": { "type": "integer" } },
      { "name": "fields", "in": "query", "required": true, "explode": false, "schema": { "type": "array", "items": { "type": "string" } } },
      { "name": "device", "in": "query", "required": true, "schema": { "$ref": "#/components/schemas/Device" } } ],
    "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "type": "array", "items": { "$ref": "#/components/schemas/Agent" } } } } } } } },
  "/list": { "get": { "operationId": "list", "parameters": [
      { "name": "a", "in": "query", "schema": { "type": "string" } }, { "name": "b", "in": "query", "schema": { "type": "string" } },
      { "name": "c", "in": "query", "schema": { "type": "string" } }, { "name": "d", "in": "query", "schema": { "type": "string" } },
      { "name": "e", "in": "query", "schema": { "type": "string" } }, { "name": "f", "in": "query", "explode": false, "schema": { "type": "string" } } ],
    "responses": { "204": { "description": "" } } } }
}, "components": { "schemas": {
  "Device": { "type": "string", "enum": ["iOS", "Android"], "x-enum-varnames": ["Ios", "Android"] },
  "Grant": { "type": "object", "properties": { "agent": { "$ref": "#/components/schemas/Agent" } }, "description": "Filters min\\_\\* and max\\_\\*, see <https://odd.example/min>." },
  "Renewal": { "type": "object", "properties": { "token": { "type": "string" } } },
  "Agent": { "oneOf": [{ "$ref": "#/components/schemas/Bot" }, { "$ref": "#/components/schemas/Person" }] },
  "Person": { "type": "object", "required": ["id", "kind"], "properties": { "id": { "type": "string", "readOnly": true }, "kind": { "type": "string" }, "name": { "type": "string" } } },
  "Bot": { "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" }, "owner": { "type": "string" }, "model": { "type": "string" }, "age": { "type": "integer" } } }
} } }"##;

#[test]
fn an_export_keeps_what_only_the_import_knew() {
    let (made, _) = there_and_back(&written("exported-again", &[("odd.json", DOCUMENT)]), &[]);
    for part in [
        "#[query] device: &Device,",
        "Ios = \"iOS\"",
        "/// Filters min\\_\\* and max\\_\\*, see <https://odd.example/min>.",
        "#[post(\"/token\", allow(duplicate_endpoint))]",
        "#[put(\"/labels\", allow(duplicate_endpoint))]",
        "#[json(\"application/merge-patch+json\")] body: &Grant",
        "#[query(flatten)] query: &ListQuery",
        "pub enum Agent {\n    Bot(Bot),\n    Person(Person),",
    ] {
        assert!(made.contains(part), "{part} in:\n{made}");
    }
}

#[test]
fn a_field_is_written_as_null_where_the_examples_alone_say_that_it_is_always_sent() {
    let text = |required: &str| {
        format!(
            r##"{{ "openapi": "3.0.3", "info": {{ "title": "Calls", "version": "1" }}, "paths": {{
  "/call": {{ "get": {{ "operationId": "call", "responses": {{ "200": {{ "description": "", "content": {{ "application/json": {{
    "schema": {{ "$ref": "#/components/schemas/Call" }},
    "examples": {{ "new": {{ "value": {{ "id": "1", "price": null, "parts": [{{ "note": "a" }}] }} }}, "old": {{ "$ref": "#/components/examples/Old" }} }} }} }} }} }} }} }},
  "/other": {{ "post": {{ "operationId": "change", "requestBody": {{ "required": true, "content": {{ "application/json": {{ "schema": {{ "$ref": "#/components/schemas/Change" }}, "example": {{ "price": null }} }} }} }}, "responses": {{ "204": {{ "description": "" }} }} }} }}
}}, "components": {{ "examples": {{ "Old": {{ "value": {{ "id": "2", "price": "1.5", "answered_by": null, "parts": [{{ "note": null }}] }} }} }}, "schemas": {{
  "Call": {{ "type": "object", {required} "properties": {{ "id": {{ "type": "string" }}, "price": {{ "type": "string", "nullable": true }}, "answered_by": {{ "type": "string", "nullable": true }},
    "parts": {{ "type": "array", "items": {{ "type": "object", "properties": {{ "note": {{ "type": "string", "nullable": true }} }} }} }} }} }},
  "Change": {{ "type": "object", "properties": {{ "price": {{ "type": "string", "nullable": true }} }} }}
}} }} }}"##
        )
    };
    let made = |name: &str, required: &str| {
        let document = written(name, &[("calls.json", &text(required))]);
        let (code, made, said) = import(&document, &document.with_extension("rs"), &[]);
        assert_eq!(code, 0, "{said}");
        made
    };
    let silent = made("always-sent", "");
    for part in [
        "    #[json(required)]\n    pub price: Option<String>,\n    pub answered_by: Option<String>,",
        "    #[json(required)]\n    pub note: Option<String>,",
        // What is sent can be either.
        "    #[json(null)]\n    pub price: Option<Option<String>>,",
    ] {
        assert!(silent.contains(part), "{part} in:\n{silent}");
    }
    // A document that says what is required means that the rest is not.
    let clear = made("not-always-sent", r#""required": ["id"],"#);
    assert!(!clear.contains("json(required)"), "{clear}");
}

#[test]
fn the_official_schema_rejects_a_broken_document() {
    for broken in [
        serde_json::json!({ "openapi": "3.1.0" }),
        serde_json::json!({
            "openapi": "3.1.0", "info": { "title": "A", "version": "1" },
            "paths": { "/a": { "get": { "parameters": [{ "name": "a", "in": "nowhere" }] } } },
        }),
    ] {
        assert!(!against_the_official_schema(&broken).is_empty(), "{broken}");
    }
}

#[test]
fn the_same_text_comes_of_an_import_an_export_and_an_import() {
    for (document, flags) in [
        (workspace().join("examples/src/openapi/shop.json"), &[][..]),
        (document("shelf.yaml"), &["--scheme", "Bearer"]),
    ] {
        let name = document.file_name().unwrap().to_str().unwrap();
        let text = fs::read_to_string(&document).unwrap();
        there_and_back(&written("again", &[(name, &text)]), flags);
    }
}

/// A file that was written by hand, with a refresh whose parameters are created from the tokens.
const BY_HAND: &str = r#"use perennial::{RefreshToken, Result, Tokens, api_client};
#[api_client(base = "https://x.example/v1", auth(bearer, expired(status = 401)))]
pub trait Shop {
    ENDPOINT
    #[post("/notes")]
    async fn note(&self, #[field] text: &str, #[field] page: Option<u64>, #[field] tags: &[&str]) -> Result<()>;
    #[get("/a/{id}")]
    async fn a(&self, id: u64) -> Result<Vec<String>>;
}
"#;

#[test]
fn the_refresh_of_a_file_written_by_hand_comes_back_as_it_was_and_compiles() {
    let root = folder("by-hand-refresh");
    manifest(&root, true);
    let mut modules = String::new();
    for (at, endpoint) in [
        r#"#[post("/refresh", refresh, public)] async fn refresh(&self, #[field] refresh_token: RefreshToken) -> Result<Tokens>;"#,
        r#"#[post("/refresh", refresh, public)] async fn refresh(&self, #[field] token: Option<RefreshToken>) -> Result<Tokens>;"#,
        r#"#[post("/refresh", refresh, public)] async fn refresh(&self, #[query] refresh_token: RefreshToken) -> Result<Tokens>;"#,
        r#"#[post("/refresh", refresh)] async fn refresh(&self, #[header("X-Refresh")] x_refresh: RefreshToken) -> Result<Tokens>;"#,
        r#"#[post("/refresh", refresh, public, fields("grant_type" = "refresh_token"))] async fn refresh(&self, #[field] client_id: &str, #[field] refresh_token: RefreshToken) -> Result<Tokens>;"#,
    ]
    .into_iter()
    .enumerate()
    {
        let text = BY_HAND.replace("ENDPOINT", endpoint);
        let (file, exported) = (root.join(format!("by_hand{at}.rs")), root.join(format!("{at}.json")));
        fs::write(&file, &text).unwrap();
        let paths = [file.to_str().unwrap(), "--out", exported.to_str().unwrap()];
        let (code, _, said) = run(&[&["export"], &paths[..]].concat());
        assert_eq!(code, 0, "{said}");
        let document = serde_json::from_str(&fs::read_to_string(&exported).unwrap()).unwrap();
        assert_eq!(against_the_official_schema(&document), [""; 0]);
        let (code, made, said) = import(&exported, &root.join(format!("src/m{at}.rs")), &[]);
        assert_eq!(code, 0, "{said}");
        let declared = |text: &str| plain(&text[text.find("#[api_client").unwrap()..]);
        assert_eq!(declared(&made), declared(&text), "{made}");
        modules.push_str(&format!("pub mod m{at};\n"));
    }
    fs::write(root.join("src/lib.rs"), modules).unwrap();
    let output = cargo(&root, &["check"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("warning"), "{said}");
}

#[test]
fn the_body_of_a_refresh_is_created_from_the_tokens_whatever_types_its_fields_have() {
    let root = folder("refresh-bodies");
    manifest(&root, true);
    let mut modules = String::new();
    for (at, (properties, words)) in [
        (r#""refresh_token": {}, "grant_type": {}"#, "refresh_token: tokens.refresh()"),
        (r#""refresh_token": { "type": "string", "writeOnly": true }, "grant_type": { "type": "string" }"#, "refresh_token: Some("),
        (r#""refresh_token": { "enum": ["a", "b"] }, "grant_type": { "const": "refresh_token" }"#, "::from(tokens.refresh()"),
        (r#""refresh_token": { "type": "string", "nullable": true }, "grant_type": { "type": "string", "readOnly": true }"#, "refresh_token: Some("),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!(
            r##"{{ "openapi": "3.0.3", "info": {{ "title": "Shop", "version": "1" }},
              "components": {{ "securitySchemes": {{ "token": {{ "type": "http", "scheme": "bearer" }} }} }}, "security": [{{ "token": [] }}],
              "paths": {{ "/renew": {{ "post": {{ "operationId": "renew", "requestBody": {{ "required": true, "content": {{ "application/json": {{
                "schema": {{ "type": "object", "required": ["refresh_token", "grant_type"], "properties": {{ {properties} }} }} }} }} }},
                "responses": {{ "200": {{ "description": "", "content": {{ "application/json": {{ "schema": {{ "type": "object", "properties": {{
                  "data": {{ "type": "object", "properties": {{ "access_token": {{}}, "refresh_token": {{ "type": "integer" }} }} }} }} }} }} }} }} }} }} }} }} }}"##
        );
        let document = root.join(format!("{at}.json"));
        fs::write(&document, text).unwrap();
        let file = root.join(format!("src/m{at}.rs"));
        let (code, made, said) = import(&document, &file, &["--refresh", "POST:/renew"]);
        assert_eq!(code, 0, "{said}");
        assert!(made.contains(words), "{words} in:\n{made}");
        modules.push_str(&format!("pub mod m{at};\n"));
    }
    fs::write(root.join("src/lib.rs"), modules).unwrap();
    let output = cargo(&root, &["check"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && !said.contains("warning"), "{said}");
    // A number is not a token.
    let text = fs::read_to_string(root.join("0.json")).unwrap();
    let document = root.join("number.json");
    fs::write(
        &document,
        text.replace(r#""refresh_token": {},"#, r#""refresh_token": { "type": "integer" },"#),
    )
    .unwrap();
    let (code, _, said) = import(&document, &root.join("number.rs"), &["--refresh", "POST:/renew"]);
    assert!(
        code == 2
            && said.contains(
                "the field `refresh_token` of the refresh's body cannot be a refresh token"
            ),
        "{said}"
    );
}
