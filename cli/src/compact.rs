//! The compact form of a document: the part with which the compiler compares a trait, one operation or schema per
//! line, so that a reviewer sees what changed.

use std::fmt::Write;

use crate::node::Node;

/// Keys whose values have names as keys, and not keywords.
const MAPS: &[&str] = &[
    "properties",
    "patternProperties",
    "schemas",
    "responses",
    "requestBodies",
    "securitySchemes",
    "headers",
    "content",
    "paths",
    "pathItems",
    "mapping",
    "variables",
    "flows",
    "scopes",
    "encoding",
    "$defs",
];

/// Keywords that no check reads: prose, examples, and limits of values.
const DROPPED: &[&str] = &[
    "description",
    "summary",
    "externalDocs",
    "example",
    "examples",
    "default",
    "tags",
    "links",
    "callbacks",
    "webhooks",
    "contact",
    "license",
    "termsOfService",
    "xml",
    "pattern",
    "minLength",
    "maxLength",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
];

/// Values that are data, which contain no keywords.
const DATA: &[&str] = &["enum", "const", "required", "security", "servers", "mapping", "scopes"];

/// The compact form of a document, as text.
pub fn compact(document: &Node) -> String {
    let mut text = String::new();
    lines(&shrunk(document, true, ""), 0, &mut text);
    text.push('\n');
    text
}

/// A value without the parts that no check reads. `keywords` says that its keys are keywords.
fn shrunk(node: &Node, keywords: bool, key: &str) -> Node {
    match node {
        Node::Object(entries) => {
            let stays = |name: &str| match keywords {
                true => !DROPPED.contains(&name) && !name.starts_with("x-"),
                // An error response has no type in a trait. The keys of the components are names.
                false => key != "responses" || !is_failure(name),
            };
            let inner = |(name, value): &(String, Node)| {
                let is_map = keywords && is_map(name, value);
                let value = match keywords && DATA.contains(&name.as_str()) {
                    true => value.clone(),
                    false => shrunk(value, !is_map, name),
                };
                (name.clone(), value)
            };
            Node::Object(entries.iter().filter(|(name, _)| stays(name)).map(inner).collect())
        }
        Node::List(items) => Node::List(items.iter().map(|it| shrunk(it, true, "")).collect()),
        other => other.clone(),
    }
}

/// `parameters` is a list in an operation, and a map among the components.
fn is_map(name: &str, value: &Node) -> bool {
    MAPS.contains(&name) || (name == "parameters" && matches!(value, Node::Object(_)))
}

fn is_failure(status: &str) -> bool {
    let is_status = status.len() == 3 && status.starts_with(|c: char| c.is_ascii_digit());
    is_status && !status.starts_with('2')
}

/// Writes a value with one line for each operation and each component.
fn lines(node: &Node, depth: usize, text: &mut String) {
    let entries = match node {
        Node::Object(entries) if depth < 3 && !entries.is_empty() => entries,
        node => return line(node, text),
    };
    text.push_str("{\n");
    for (at, (key, value)) in entries.iter().enumerate() {
        let _ = write!(text, "{}{}: ", "  ".repeat(depth + 1), json(key));
        let is_table = depth > 0 || ["paths", "components"].contains(&key.as_str());
        if is_table {
            lines(value, depth + 1, text)
        } else {
            line(value, text)
        }
        text.push_str(if at + 1 < entries.len() { ",\n" } else { "\n" });
    }
    text.push_str(&"  ".repeat(depth));
    text.push('}');
}

/// Writes a value on one line.
fn line(node: &Node, text: &mut String) {
    match node {
        Node::Object(entries) if entries.is_empty() => text.push_str("{}"),
        Node::Object(entries) => {
            text.push_str("{ ");
            for (at, (key, value)) in entries.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                let _ = write!(text, "{}: ", json(key));
                line(value, text);
            }
            text.push_str(" }");
        }
        Node::List(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                line(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_json().to_string()),
    }
}

fn json(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_and_a_schema_are_a_line_each_without_prose_and_failures() {
        let text = r##"{"openapi": "3.1.0", "info": {"title": "Pets", "version": "1", "description": "Long."}, "tags": [1],
          "paths": {"/pets": {"get": {"summary": "All.", "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}, "example": 1}}},
            "404": {"description": "None."}}}, "post": {"responses": {}}}},
          "components": {"schemas": {"Pet": {"type": "object", "x-go": 1, "properties": {
            "description": {"type": "string", "description": "Prose.", "enum": ["example"], "default": "example"}}}}}}"##;
        let node = crate::source::parse(text, "pets").unwrap();
        let compact = compact(&node);
        assert_eq!(
            compact,
            r##"{
  "openapi": "3.1.0",
  "info": { "title": "Pets", "version": "1" },
  "paths": {
    "/pets": {
      "get": { "responses": { "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Pet" } } } } } },
      "post": { "responses": {} }
    }
  },
  "components": {
    "schemas": {
      "Pet": { "type": "object", "properties": { "description": { "type": "string", "enum": ["example"] } } }
    }
  }
}
"##
        );
        // It is itself a document.
        assert_eq!(super::compact(&crate::source::parse(&compact, "again").unwrap()), compact);
    }
}
