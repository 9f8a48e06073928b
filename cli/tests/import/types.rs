//! The types of an import hold what its document mentions: they pass the test that the macro writes for them.

use std::fs;

use super::import;
use super::support::{cargo, folder, manifest, run};

const DOCUMENT: &str = r##"{ "openapi": "3.1.0", "info": { "title": "Topics", "version": "1" }, "servers": [{ "url": "https://topics.example" }], "paths": {
  "/topics/{id}": { "get": { "operationId": "topic",
    "parameters": [
      { "name": "id", "in": "path", "required": true, "schema": { "type": "integer" } },
      { "name": "offset", "in": "query", "schema": { "type": "integer", "minimum": -1, "maximum": 18446744073709551615 } } ],
    "responses": { "200": { "description": "", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Topic" },
      "examples": {
        "large": { "value": { "id": 1, "shown": 9223372036854776000, "size": { "bytes": 18446744073709551615 } } },
        "wrong": { "value": { "id": 1, "offset": 9223372036854776000 } } } } } } } } },
  "/actions": { "post": { "operationId": "act",
    "requestBody": { "required": true, "content": { "application/json": { "schema": {
      "oneOf": [{ "$ref": "#/components/schemas/Unassign" }, { "$ref": "#/components/schemas/Assign" }],
      "discriminator": { "propertyName": "type", "mapping": { "assign": "#/components/schemas/Assign", "unassign": "#/components/schemas/Unassign" } } } } } },
    "responses": { "204": { "description": "" } } } },
  "/checks": { "post": { "operationId": "check",
    "requestBody": { "content": { "application/json": { "schema": { "properties": { "suite": { "type": "string" } } }, "example": null } } },
    "responses": { "204": { "description": "" } } } },
  "/users": { "get": { "operationId": "user",
    "responses": { "200": { "description": "", "content": { "application/json": { "schema": {
      "oneOf": [{ "$ref": "#/components/schemas/Owner" }, { "$ref": "#/components/schemas/Guest" }],
      "discriminator": { "propertyName": "view", "mapping": { "owner": "#/components/schemas/Owner", "guest": "#/components/schemas/Guest" } } },
      "examples": { "owner": { "value": { "name": "Ann", "plan": "pro", "note": "a" } }, "guest": { "value": { "view": "guest", "name": "Bob" } } } } } } } } }
}, "components": { "schemas": {
  "Topic": { "type": "object", "required": ["id"], "properties": {
    "id": { "type": "integer", "minimum": 0, "maximum": 9223372036854776000 },
    "flush": { "type": "integer", "default": 9223372036854776000 },
    "cache": { "type": "integer", "minimum": 0, "maximum": 18446744073709552000 },
    "seed": { "type": "integer", "minimum": -9223372036854776000, "maximum": 9223372036854776000 },
    "balance": { "type": "integer", "examples": [-1, 18446744073709551615] },
    "mass": { "type": "integer", "example": 100000000000000000000 },
    "limit": { "type": "integer", "enum": [1, 18446744073709551615] },
    "offset": { "type": "integer", "format": "int64" },
    "serial": { "type": "integer", "format": "int64", "maximum": 18446744073709551615 },
    "stamp": { "type": "integer", "format": "int64", "example": 18446744073709551615 },
    "ticks": { "type": "integer", "format": "int64", "maximum": 9223372036854776000, "example": 9223372036854776000 },
    "shown": { "type": "integer" },
    "size": { "$ref": "#/components/schemas/Size" },
    "file": { "allOf": [{ "$ref": "#/components/schemas/File" }, { "nullable": true, "description": "When it is ready." }] } } },
  "Size": { "type": "object", "properties": { "bytes": { "type": "integer" } } },
  "File": { "properties": { "id": { "type": "string" } }, "required": ["id"] },
  "Action": { "type": "object", "required": ["type"], "properties": { "type": { "type": "string", "enum": ["assign", "unassign"] } } },
  "Unassign": { "allOf": [{ "$ref": "#/components/schemas/Action" }, { "type": "object", "required": ["type"] }] },
  "Assign": { "allOf": [{ "$ref": "#/components/schemas/Action" }, { "type": "object", "required": ["type", "server"], "properties": { "server": { "type": "integer" } } }] },
  "Owner": { "type": "object", "required": ["name", "plan"], "properties": { "view": { "type": "string" }, "name": { "type": "string" }, "plan": { "type": "string" } } },
  "Guest": { "type": "object", "required": ["name"], "properties": { "view": { "type": "string" }, "name": { "type": "string" }, "note": { "type": "string" } } }
} } }"##;

/// Decodes unions with and without the field that tells their variants apart.
const MORE: &str = r##"
#[cfg(test)]
mod views {
    use super::topics::UserResponse;

    fn read(text: &str) -> Result<UserResponse, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    #[test]
    fn the_field_decides_where_it_is_there_and_else_what_keeps_most() {
        let owner = r#"{"view":"owner","name":"Ann","plan":"pro","note":"a"}"#;
        assert!(matches!(read(owner), Ok(UserResponse::Owner(_))));
        let guest = r#"{"view":"guest","name":"Ann","plan":"pro"}"#;
        assert!(matches!(read(guest), Ok(UserResponse::Guest(_))));
        assert!(matches!(read(r#"{"name":"Ann","plan":"pro"}"#), Ok(UserResponse::Owner(_))));
        assert!(matches!(read(r#"{"name":"Ann","note":"a"}"#), Ok(UserResponse::Guest(_))));
        assert!(read(r#"{"view":"robot","name":"Ann"}"#).unwrap_err().contains("unknown variant `robot`"));
        assert!(read(r#"{"plan":"pro"}"#).unwrap_err().contains("missing field `view`"));
    }
}
"##;

#[test]
fn the_types_of_an_import_pass_the_test_that_the_macro_writes_for_them() {
    let root = folder("own-test");
    manifest(&root, true);
    let (document, file) = (root.join("topics.json"), root.join("src/topics.rs"));
    fs::write(&document, DOCUMENT).unwrap();
    let (code, text, said) = import(&document, &file, &[]);
    assert_eq!(code, 0, "{said}");
    for part in [
        "#[query] offset: Option<&serde_json::Number>,",
        // A limit that JavaScript rounded is that of `i64`, and no more.
        "pub id: i64,",
        "pub flush: Option<u64>,",
        "pub cache: Option<u64>,",
        "pub seed: Option<i64>,",
        "pub balance: Option<serde_json::Number>,",
        "pub mass: Option<serde_json::Number>,",
        "pub limit: Option<u64>,",
        "pub offset: Option<i64>,",
        // What the schema says itself corrects its format.
        "pub serial: Option<u64>,",
        "pub stamp: Option<u64>,",
        "pub ticks: Option<i64>,",
        // Only an example of the operation says so.
        "pub shown: Option<u64>,",
        "pub bytes: Option<u64>,",
        "tagged_or_closest_union!(UserResponse by \"view\" {",
        "tagged_union!(ActRequest by \"type\" {",
    ] {
        assert!(text.contains(part), "{part} in:\n{text}");
    }
    let checked = text.replacen("#[api_client(", "#[api_client(openapi = \"topics.json\", ", 1);
    assert_ne!(checked, text);
    fs::write(&file, checked).unwrap();
    fs::write(root.join("src/lib.rs"), format!("pub mod topics;\n{MORE}")).unwrap();
    let tests = ["test", "--lib", "--", "--nocapture", "--test-threads=1"];
    let output = cargo(&root, &tests[..2]).args(&tests[2..]).output().unwrap();
    let (made, said) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !said.contains("warning"), "{made}\n{said}\n{text}");
    assert!(made.contains("2 passed"), "{made}");
    for note in [
        "`topic`, the response of GET /topics/{id}: the example `wrong` is not compared, since it contradicts its own \
         schema: /offset: 9223372036854776000 is not of the format `int64`",
        "`check`, the body of POST /checks: the example is not compared, since it contradicts its own schema: the \
         value: expected object",
    ] {
        assert!(made.contains(note), "{note} in:\n{made}");
    }
}

#[test]
fn an_export_keeps_numbers_that_are_as_they_are_written() {
    let root = folder("exact");
    let (document, first) = (root.join("topics.json"), root.join("first.rs"));
    let (exported, second) = (root.join("exported.json"), root.join("second.rs"));
    fs::write(&document, DOCUMENT).unwrap();
    let (code, text, said) = import(&document, &first, &[]);
    assert_eq!(code, 0, "{said}");
    let paths = [first.to_str().unwrap(), "--out", exported.to_str().unwrap()];
    let (code, _, said) = run(&[&["export"], &paths[..]].concat());
    assert_eq!(code, 0, "{said}");
    let (code, again, said) = import(&exported, &second, &[]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(text, again);
    // The trait fits the document that it was made of, whose integers it has as numbers.
    let (code, said, _) = run(&["check", first.to_str().unwrap(), document.to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn names_that_match_no_pattern_may_have_any_value_unless_the_document_excludes_them() {
    let schemas = [
        (
            "Open",
            r#""patternProperties": { "^x-": { "type": "integer" } }"#,
            "BTreeMap<String, serde_json::Value>",
        ),
        (
            "Closed",
            r#""patternProperties": { "^x-": { "type": "integer" } }, "additionalProperties": false"#,
            "BTreeMap<String, i64>",
        ),
        (
            "All",
            r#""patternProperties": { "^.*$": { "type": "integer" } }"#,
            "BTreeMap<String, i64>",
        ),
        (
            "Same",
            r#""patternProperties": { "^x-": { "type": "integer" } }, "additionalProperties": { "type": "integer" }"#,
            "BTreeMap<String, i64>",
        ),
        (
            "Other",
            r#""patternProperties": { "^x-": { "type": "integer" } }, "additionalProperties": { "type": "string" }"#,
            "BTreeMap<String, serde_json::Value>",
        ),
        (
            "Several",
            r#""patternProperties": { "^x-": { "type": "integer" }, "^y-": { "type": "string" } }, "additionalProperties": false"#,
            "BTreeMap<String, serde_json::Value>",
        ),
        (
            "AllAndOther",
            r#""patternProperties": { "": { "type": "integer" }, "^y-": { "type": "string" } }"#,
            "BTreeMap<String, serde_json::Value>",
        ),
    ];
    let of = |(name, keywords, _): &(&str, &str, &str)| {
        format!(r#""{name}": {{ "type": "object", {keywords} }}"#)
    };
    let beside = r#""Beside": { "type": "object", "properties": { "id": { "type": "integer" } }, "patternProperties": { "^x-": { "type": "integer" } } }"#;
    let all: Vec<String> = schemas.iter().map(of).chain([beside.to_owned()]).collect();
    let text = format!(
        r#"{{ "openapi": "3.1.0", "info": {{ "title": "Maps" }}, "paths": {{}}, "components": {{ "schemas": {{ {} }} }} }}"#,
        all.join(", ")
    );
    let document = super::written("patterns", &[("maps.json", &text)]);
    let (code, made, said) = import(&document, &document.with_extension("rs"), &["--notes"]);
    assert_eq!(code, 0, "{said}");
    for (name, _, ty) in schemas {
        assert!(made.contains(&format!("pub type {name} = {ty};")), "{name} = {ty} in:\n{made}");
    }
    assert!(made.contains("pub extra: BTreeMap<String, serde_json::Value>,"), "{made}");
    let note = "chosen: /components/schemas/Open/patternProperties: a property whose name does not match `^x-`";
    assert!(said.contains(note), "{said}");
    assert_eq!(said.matches("whose name does not match").count(), 2, "{said}");
}

#[test]
fn a_body_of_any_kind_is_bytes_and_not_nothing() {
    let text = r#"{ "openapi": "3.1.0", "info": { "title": "Any" }, "paths": {
        "/a": { "get": { "operationId": "a", "responses": { "200": { "description": "", "content": { "*/*": {} } } } },
                "delete": { "operationId": "b", "responses": { "200": { "description": "", "content": { "*/*": {} } } } } },
        "/c": { "get": { "operationId": "c", "responses": { "200": { "description": "", "content": { "application/json": {} } } } } } } }"#;
    let (made, _) = super::there_and_back(&super::written("any-kind", &[("any.json", text)]), &[]);
    for part in [
        "async fn a(&self) -> Result<Bytes>;",
        "async fn b(&self) -> Result<()>;",
        "async fn c(&self) -> Result<serde_json::Value>;",
    ] {
        assert!(made.contains(part), "{part} in:\n{made}");
    }
}

#[test]
fn a_response_in_several_media_types_is_a_choice_that_is_noted() {
    let text = r#"{ "openapi": "3.1.0", "info": { "title": "Any", "version": "1" }, "paths": {
        "/a": { "get": { "operationId": "a", "responses": { "200": { "description": "", "content": {
            "text/csv": { "schema": { "type": "string" } }, "application/json": { "schema": { "type": "integer" } },
            "text/event-stream": { "schema": { "type": "string" } } } } } } } } }"#;
    let document = super::written("several-kinds", &[("any.json", text)]);
    let (code, made, said) = import(&document, &document.with_extension("rs"), &["--notes"]);
    assert!(code == 0 && made.contains("async fn a(&self) -> Result<i64>;"), "{made}\n{said}");
    assert!(said.contains("`application/json`, where `text/csv` was possible too"), "{said}");
}

#[test]
fn a_tag_with_the_name_of_the_file_of_the_types_has_another_file() {
    let text = r#"{ "openapi": "3.1.0", "info": { "title": "Any", "version": "1" }, "paths": {
        "/a": { "get": { "operationId": "a", "tags": ["mod"], "responses": { "204": { "description": "" } } } },
        "/b": { "get": { "operationId": "b", "tags": ["self"], "responses": { "204": { "description": "" } } } } } }"#;
    let document = super::written("mod-tag", &[("any.json", text)]);
    let out = document.with_file_name("api");
    let (code, _, said) = import(&document, &out, &["--per-tag"]);
    assert_eq!(code, 0, "{said}");
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert!(read("mod.rs").contains("pub mod mod_;\npub mod self_;"), "{}", read("mod.rs"));
    assert!(read("mod_.rs").contains("pub trait Mod {"), "{}", read("mod_.rs"));
    assert!(read("self_.rs").contains("pub trait SelfApi {"), "{}", read("self_.rs"));
}
