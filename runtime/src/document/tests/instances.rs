//! The instances of a schema satisfy it, whatever it is composed of.

use serde_json::{Value, json};

use super::super::instances::{self, Instances};
use super::super::schema::Document;

fn of(schema: &Value) -> Instances {
    with(&json!({ "schema": schema }), &json!({}))
}

fn with(content: &Value, schemas: &Value) -> Instances {
    let root = json!({ "content": content, "components": { "schemas": schemas } });
    instances::of_content(Document::new(&root), &root["content"])
}

fn values(instances: Instances) -> Vec<Value> {
    instances.values.into_iter().map(|(_, value)| value).collect()
}

/// The action of an address: what both variants inherit lists the values of both.
fn actions() -> Value {
    let kind = json!({ "type": "string", "enum": ["assign", "unassign"] });
    let action = json!({ "type": "object", "required": ["type"], "properties": { "type": kind } });
    let base = json!({ "$ref": "#/components/schemas/Action" });
    let server = json!({
        "type": "object", "required": ["server"], "properties": { "server": { "type": "integer" } },
    });
    json!({
        "Action": action,
        "Unassign": { "allOf": [base, { "type": "object", "required": ["type"] }] },
        "Assign": { "allOf": [base, server] },
    })
}

fn union_of_actions() -> Value {
    let to = |name: &str| format!("#/components/schemas/{name}");
    json!({
        "oneOf": [{ "$ref": to("Unassign") }, { "$ref": to("Assign") }],
        "discriminator": {
            "propertyName": "type",
            "mapping": { "unassign": to("Unassign"), "assign": to("Assign") },
        },
    })
}

#[test]
fn a_discriminator_has_the_value_that_leads_to_the_variant() {
    let made = with(&json!({ "schema": union_of_actions() }), &actions());
    assert_eq!(
        values(made),
        [json!({ "type": "unassign" }), json!({ "type": "assign", "server": 1 })]
    );
}

#[test]
fn a_value_is_compared_with_the_variant_that_its_discriminator_names() {
    let content = json!({ "schema": union_of_actions(), "example": { "type": "assign" } });
    let contradictions = with(&content, &actions()).contradictions;
    let expected =
        ("the example".to_owned(), "the value: `server` is required, but missing".to_owned());
    assert_eq!(contradictions, [expected]);
}

#[test]
fn without_a_mapping_the_name_of_the_schema_is_the_value() {
    let cat = json!({
        "type": "object", "required": ["kind"], "properties": { "kind": { "type": "string" } },
    });
    let union = json!({
        "oneOf": [{ "$ref": "#/components/schemas/Cat" }, { "$ref": "#/components/schemas/Dog" }],
        "discriminator": { "propertyName": "kind" },
    });
    let made = with(&json!({ "schema": union }), &json!({ "Cat": cat, "Dog": cat }));
    assert_eq!(values(made), [json!({ "kind": "Cat" }), json!({ "kind": "Dog" })]);
}

#[test]
fn variants_that_only_say_what_is_required_add_that_to_the_fields() {
    let made = of(&json!({
        "type": "object",
        "properties": { "id": { "type": "integer" }, "name": { "type": "string" } },
        "anyOf": [{ "required": ["id"] }, { "required": ["name"] }],
    }));
    assert_eq!(
        values(made),
        [json!({ "id": 1 }), json!({ "name": "text" }), json!({ "id": 1, "name": "text" })]
    );
}

#[test]
fn a_required_field_that_is_described_nowhere_has_no_instance() {
    let fields = json!({ "type": "object", "properties": { "id": { "type": "integer" } } });
    let made = of(&json!({ "allOf": [fields], "required": ["id", "method"] }));
    assert_eq!(values(made), [] as [Value; 0]);
    let map = json!({ "additionalProperties": { "type": "boolean" }, "required": ["on"] });
    assert_eq!(values(of(&map))[0], json!({ "on": true }));
}

#[test]
fn parts_without_a_type_do_not_decide_what_the_whole_is() {
    let file = json!({ "properties": { "id": { "type": "string" } }, "required": ["id"] });
    let made =
        of(&json!({ "allOf": [file, { "nullable": true, "description": "When it is ready." }] }));
    assert_eq!(values(made), [json!({ "id": "text" })]);
    let made = of(&json!({ "allOf": [{ "type": "number" }, { "type": "integer", "minimum": 7 }] }));
    assert_eq!(values(made), [json!(7)]);
    let made = of(&json!({ "allOf": [{ "enum": ["a", "b"] }, { "enum": ["b", "c"] }] }));
    assert_eq!(values(made), [json!("b")]);
}

#[test]
fn a_field_that_several_parts_describe_fits_all_of_them() {
    let one = json!({ "type": "object", "properties": { "size": { "type": "integer" } } });
    let two = json!({ "required": ["size"], "properties": { "size": { "minimum": 3 } } });
    assert_eq!(values(of(&json!({ "allOf": [one, two] }))), [json!({ "size": 3 })]);
}

#[test]
fn the_first_items_of_a_list_have_schemas_of_their_own() {
    let pair = json!({
        "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }], "minItems": 2,
    });
    assert_eq!(values(of(&pair)), [json!(["text", 1])]);
    let old = json!({ "type": "array", "items": [{ "type": "string" }], "minItems": 1 });
    let content = json!({ "schema": old, "example": [1] });
    let made = with(&content, &json!({}));
    assert_eq!(made.contradictions[0].1, "/0: expected string");
    assert_eq!(values(made), [json!(["text"])]);
}

#[test]
fn the_fullest_instance_has_an_additional_property_if_any_name_is_allowed() {
    let map = json!({ "type": "object", "additionalProperties": { "type": "boolean" } });
    assert_eq!(values(of(&map)), [json!({}), json!({ "other": true })]);
    let limited = json!({
        "type": "object", "additionalProperties": { "type": "boolean" },
        "propertyNames": { "pattern": "^x-" },
    });
    assert_eq!(values(of(&limited)), [json!({})]);
}

#[test]
fn examples_that_contradict_their_own_schema_are_named_and_not_compared() {
    let content = json!({
        "schema": { "type": "object", "properties": {
            "at": { "type": "integer", "format": "int64" },
            "size": { "type": "integer", "format": "uint64" },
            "file": { "properties": { "id": { "type": "string" } } },
        } },
        "examples": {
            "above": { "value": { "at": 9_223_372_036_854_775_808_u64 } },
            "below": { "value": { "size": -1 } },
            "text": { "value": { "file": "text" } },
            "whole": { "value": { "at": -1, "size": 18_446_744_073_709_551_615_u64 } },
        },
    });
    let made = with(&content, &json!({}));
    let found: Vec<_> =
        made.contradictions.iter().map(|(name, why)| format!("{name}: {why}")).collect();
    assert_eq!(
        found,
        [
            "the example `above`: /at: 9223372036854775808 is not of the format `int64`",
            "the example `below`: /size: -1 is not of the format `uint64`",
            "the example `text`: /file: expected object",
        ]
    );
    assert!(made.values.iter().any(|(name, _)| name == "the example `whole`"));
}
