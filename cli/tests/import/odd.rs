//! Documents that cannot be read, and one that contradicts itself.

use std::fs;

use super::support::{self, folder};
use super::{import, there_and_back, written};

#[test]
fn a_document_that_cannot_be_read_is_an_error_that_says_where() {
    let folder = folder("bad");
    for (text, words) in [
        ("{\"openapi\": \"3.1.0\", \"paths\": {\"/a\": {\"get\": [}}}", "/paths/~1a/get"),
        ("{\"swagger\": \"2.0\"}", "this is Swagger 2.0"),
        ("{\"openapi\": \"4.0\", \"paths\": {}}", "version 4.0 is not supported"),
        ("{\"info\": {}}", "/openapi: the version is missing"),
        ("{\"openapi\": \"3.0.0\"}", "neither paths nor components"),
        ("{\"openapi\": \"3.0.0\", \"paths\": []}", "/paths: expected an object, found a list"),
        ("a: [1", "not valid YAML"),
        ("", "expected an OpenAPI document"),
    ] {
        let path = folder.join("bad.json");
        fs::write(&path, text).unwrap();
        let (code, _, said) = import(&path, &folder.join("bad.rs"), &[]);
        assert!(code == 2 && said.contains(words), "{text}: {said}");
    }
    let (code, _, said) = import(&folder.join("absent.json"), &folder.join("bad.rs"), &[]);
    assert!(code == 2 && said.contains("cannot read"), "{said}");
}

/// A document that contradicts itself in every way that was thought of.
const ODD: &str = r##"{
  "openapi": "3.0.0", "info": { "title": "Odd" }, "servers": [{ "url": "ftp://odd.example" }],
  "webhooks": { "ping": { "post": { "responses": {} } } },
  "paths": {
    "/a/{id}/{id}": { "get": {
      "operationId": "same", "parameters": [{ "name": "gone", "in": "path" }, { "in": "query" }, { "name": "x", "in": "nowhere" }, { "name": "a b", "in": "header" }],
      "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Nowhere" } } } } } } },
    "/b": { "get": { "operationId": "same", "responses": { "200": { "$ref": "#/components/responses/None" } } }, "post": 7 },
    "/c": { "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "other.yaml#/A" } } } } } } },
    "/c": { "put": { "responses": {} } },
    "/d": { "$ref": "#/paths/~1d" },
    "/e": { "post": { "security": [{ "missing": [] }], "responses": { "2XX": { "description": "" } } } }
  },
  "components": { "schemas": {
    "Loop": { "$ref": "#/components/schemas/Loop" },
    "Ping": { "$ref": "#/components/schemas/Pong" }, "Pong": { "$ref": "#/components/schemas/Ping" },
    "Lists": { "type": "array", "items": { "$ref": "#/components/schemas/Lists" } },
    "Self": { "allOf": [{ "$ref": "#/components/schemas/Self" }, { "type": "object", "properties": { "self": { "$ref": "#/components/schemas/Self" }, "type": 3, "": { "type": "string" }, "Type": { "type": "wrong" } } }] },
    "Both": { "allOf": [{ "type": "string" }, { "type": "object", "properties": { "a": {} } }] },
    "Values": { "type": "string", "enum": ["", "+1", "-1", "self", "Self", "other", "a b", "a-b", 3, null] },
    "A": { "type": "object", "properties": { "s": { "$ref": "#/components/schemas/S" } } },
    "S": { "type": "object", "properties": { "d": { "$ref": "#/components/schemas/D" }, "a": { "$ref": "#/components/schemas/A" } } },
    "D": { "type": "object", "properties": { "from": { "type": "string" }, "to": { "$ref": "#/components/schemas/Values" } } },
    "Union": { "oneOf": [] }, "Many": { "type": ["string", "integer", "null"] }, "None": false, "All": true, "Odd": 5,
    "option": { "type": "object", "properties": { "fn": { "type": "integer", "enum": [1, 2] } }, "required": ["absent"] }
  } }
}"##;

#[test]
fn a_document_that_contradicts_itself_is_read_as_well_as_it_can_be_and_says_so() {
    let document = written("odd", &[("odd.json", ODD)]);
    let folder = document.parent().unwrap();
    let (code, text, said) = import(&document, &folder.join("src/lib.rs"), &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for words in [
        "/paths/~1c: this key is given twice",
        "`#/components/schemas/Nowhere` leads nowhere",
        "`other.yaml#/A` is in a file that is not there",
        "`#/components/responses/None` leads nowhere",
        "/paths/~1d: this `$ref` leads to itself",
        "`missing`",
        "/paths/~1b/post: expected an operation, found a number",
        "`gone` is not in the path",
        "`wrong` is not a type",
        "/components/schemas/Odd: expected a schema, found a number",
        "`a b` cannot be the name of a header",
        "`same` names another operation as well",
        "1 webhooks are not declared",
        "the server `ftp://odd.example` is not an http(s) URL",
    ] {
        assert!(said.contains(words), "{words} in:\n{said}");
    }
    assert!(text.contains("async fn same2("), "{text}");
    // What was made is Rust that compiles, which only the compiler can say.
    support::manifest(folder, true);
    let output = support::cargo(folder, &["check"]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

/// Schemas that have the names of the types that methods are written with.
const NAMES: &str = "
openapi: 3.0.3
info: { title: Names, version: '1' }
security: [{ bearer: [] }]
paths:
  /login:
    post:
      operationId: login
      security: []
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Result' } } } }
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Tokens' } } } } }
  /files:
    get:
      operationId: file
      tags: [Events]
      responses: { '200': { content: { application/octet-stream: { schema: { type: string, format: binary } } } } }
    put:
      operationId: putFile
      requestBody: { content: { application/octet-stream: { schema: { type: string, format: binary } } } }
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Bytes' } } } } }
    post:
      operationId: postFile
      requestBody: { content: { multipart/form-data: { schema: { type: object, required: [file], properties: { file: { type: string, format: binary } } } } } }
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Part' } } } } }
  /grants:
    post:
      operationId: grant
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/RefreshToken' } } } }
      responses: { '200': { content: { application/json: { schema: { $ref: '#/components/schemas/Result' } } } } }
components:
  securitySchemes: { bearer: { type: http, scheme: bearer } }
  schemas:
    Tokens: { type: object, required: [access_token], properties: { access_token: { type: string }, refresh_token: { type: string } } }
    Bytes: { type: object, properties: { count: { type: integer } } }
    Part: { type: object, properties: { text: { type: string } } }
    RefreshToken: { type: object, properties: { id: { type: integer } } }
    Result: { type: object, properties: { pages: { $ref: '#/components/schemas/Pages' } } }
    Pages: { type: object, properties: { lines: { $ref: '#/components/schemas/Lines' } } }
    Lines: { type: object, properties: { events: { $ref: '#/components/schemas/Events' } } }
    Events: { type: object, properties: { download: { $ref: '#/components/schemas/Download' } } }
    Download: { type: object, properties: { option: { type: string } } }
";

#[test]
fn a_schema_with_the_name_of_a_type_of_the_runtime_gets_another() {
    let document = written("names", &[("names.yaml", NAMES)]);
    let folder = document.parent().unwrap();
    let (code, text, said) = import(&document, &folder.join("src/lib.rs"), &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for words in [
        ") -> Result<Tokens>;",
        ") -> Result<Download>;",
        ") -> Result<BytesValue>;",
        ") -> Result<PartValue>;",
        "body: &RefreshTokenValue) -> Result<ResultValue>;",
    ] {
        assert!(text.contains(words), "{words} in:\n{text}");
    }
    support::manifest(folder, true);
    let output = support::cargo(folder, &["check"]).output().unwrap();
    assert!(output.status.success(), "{}\n{text}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_type_of_another_crate_is_not_exported_as_the_own_type_of_that_name() {
    let text = r##"{"openapi": "3.1.0", "info": {"title": "Any", "version": "1"}, "paths": {"/any": {"post": {
        "operationId": "any",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {}}}},
        "responses": {"200": {"description": "", "content": {"application/json": {"schema": {
            "$ref": "#/components/schemas/Value"}}}}}
    }}}, "components": {"schemas": {"Value": {"type": "object", "required": ["any"], "properties": {
        "any": {}, "more": {"type": "object", "additionalProperties": true},
        "next": {"$ref": "#/components/schemas/Value"}}}}}}"##;
    let document = written("foreign", &[("foreign.json", text)]);
    let (made, exported) = there_and_back(&document, &[]);
    assert!(made.contains("body: &serde_json::Value) -> Result<Value>"), "{made}");
    let body = "/paths/~1any/post/requestBody/content/application~1json/schema";
    assert!(exported.pointer(body).is_none_or(|it| it.get("$ref").is_none()), "{exported}");
    let value = &exported["components"]["schemas"]["Value"]["properties"];
    assert!(value["any"].get("$ref").is_none(), "{value}");
    assert!(value["next"].to_string().contains("schemas/Value"), "{value}");
}
