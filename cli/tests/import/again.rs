//! An export is imported as the text that was exported.

use std::fs;

use super::support::{against_the_official_schema, workspace};
use super::{document, import, there_and_back, written};

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
