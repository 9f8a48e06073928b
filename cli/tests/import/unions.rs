//! Unions whose variants no field tells apart.

use std::fs;

use super::import;
use super::support::{cargo, folder, manifest};

const DOCUMENT: &str = r##"{ "openapi": "3.1.0", "info": { "title": "Events" }, "components": { "schemas": {
  "Event": { "anyOf": [{ "$ref": "#/components/schemas/Labeled" }, { "$ref": "#/components/schemas/Renamed" }] },
  "Labeled": { "type": "object", "required": ["id", "kind"], "properties": {
    "id": { "type": "integer" }, "kind": { "type": ["string", "null"] }, "label": { "type": "string" }, "note": { "type": ["string", "null"] } } },
  "Renamed": { "type": "object", "required": ["id"], "properties": {
    "id": { "type": "number" }, "name": { "type": "string" }, "old": { "$ref": "#/components/schemas/Options" } } },
  "Whole": { "type": "object", "required": ["id", "name"], "properties": { "id": { "type": "integer" }, "name": { "type": "string" } } },
  "Gone": { "type": "object", "required": ["id", "gone"], "properties": { "id": { "type": "integer" }, "gone": { "type": "boolean" } } },
  "Options": { "anyOf": [{ "type": "object", "properties": { "day": { "type": "string" } } }, { "type": "object", "additionalProperties": { "type": "integer" } }] },
  "Expandable": { "anyOf": [{ "type": "string" }, { "$ref": "#/components/schemas/Whole" }, { "$ref": "#/components/schemas/Gone" }] },
  "Sizes": { "oneOf": [{ "type": "object", "required": ["width"], "properties": { "width": { "type": "integer" } } },
    { "type": "object", "required": ["width"], "properties": { "width": { "type": "string" }, "unit": { "type": "string" } } }] }
} } }"##;

/// Decodes each event, and prints what becomes of it.
const PROGRAM: &str = r#"
#[allow(dead_code)]
mod events;

fn main() {
    for line in std::io::stdin().lines() {
        match serde_json::from_str::<events::Event>(&line.expect("a line")) {
            Ok(event) => println!("{}", serde_json::to_value(&event).expect("JSON")),
            Err(error) => println!("{error}"),
        }
    }
}
"#;

#[test]
fn a_union_is_read_as_the_variant_that_keeps_most_of_the_value() {
    let folder = folder("unions");
    let document = folder.join("events.json");
    fs::write(&document, DOCUMENT).unwrap();
    let (code, text, said) = import(&document, &folder.join("src/events.rs"), &["--types-only"]);
    assert_eq!(code, 0, "{said}");
    assert!(
        text.contains("closest_union!(Event {") && text.contains("closest_union!(Options {"),
        "{text}"
    );
    // Only one of their variants fits, and the first that does is right.
    for clear in ["Expandable", "Sizes"] {
        assert!(
            text.contains(&format!("Deserialize)]\n#[serde(untagged)]\npub enum {clear} {{")),
            "{clear} in:\n{text}"
        );
    }
    manifest(&folder, false);
    fs::write(folder.join("src/main.rs"), PROGRAM).unwrap();
    let lines = [
        r#"{"id":1,"kind":null,"label":"bug"}"#,
        r#"{"id":1,"name":"a"}"#,
        r#"{"id":2}"#,
        r#"{"id":3,"kind":"text","unknown":true}"#,
        r#"{"id":4,"old":{"day":"SUN"}}"#,
        r#"{"id":4,"old":{"hour":20}}"#,
        r#"{"id":5,"kind":"text","note":null}"#,
        r#"{"name":"a"}"#,
    ];
    fs::write(folder.join("events.jsonl"), lines.join("\n")).unwrap();
    let events = fs::File::open(folder.join("events.jsonl")).unwrap();
    let output = cargo(&folder, &["run"]).stdin(events).output().unwrap();
    let (made, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && !errors.contains("warning"), "{errors}\n{text}");
    let expected = [
        r#"{"id":1,"kind":null,"label":"bug"}"#,
        r#"{"id":1.0,"name":"a"}"#,
        r#"{"id":2.0}"#,
        r#"{"id":3,"kind":"text"}"#,
        r#"{"id":4.0,"old":{"day":"SUN"}}"#,
        r#"{"id":4.0,"old":{"hour":20}}"#,
        r#"{"id":5,"kind":"text"}"#,
        "data did not match any variant of Event",
    ];
    assert_eq!(made.lines().collect::<Vec<_>>(), expected);
}
