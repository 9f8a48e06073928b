//! Whether a value fits a schema: what the tests need of JSON Schema, and no more.

use perennial_cli::node::Node;
use serde_json::Value;

use super::examples::resolved;

/// Whether a value fits a schema.
pub fn fits(root: &Node, schema: &Node, value: &Value, depth: usize) -> bool {
    let Some(schema) = resolved(root, schema).filter(|_| depth < 40) else { return false };
    if let Node::Bool(any) = schema {
        return *any;
    }
    if value.is_null() && schema.is("nullable") {
        return true;
    }
    let of = |schema: &Node| fits(root, schema, value, depth + 1);
    let list = |word: &str| schema.get(word).map(Node::list).filter(|it| !it.is_empty());
    is_of_type(schema, value)
        && schema.get("const").is_none_or(|it| same(&it.to_json(), value))
        && list("enum").is_none_or(|it| it.iter().any(|it| same(&it.to_json(), value)))
        && list("allOf").is_none_or(|it| it.iter().all(of))
        && list("anyOf").is_none_or(|it| it.iter().any(of))
        // That no other fits is what the documents themselves do not keep.
        && list("oneOf").is_none_or(|it| it.iter().any(of))
        && object_fits(root, schema, value, depth)
        && array_fits(root, schema, value, depth)
}

fn is_of_type(schema: &Node, value: &Value) -> bool {
    let one = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    };
    match schema.get("type") {
        Some(Node::Text(kind)) => one(kind),
        Some(Node::List(kinds)) => kinds.iter().filter_map(Node::text).any(one),
        _ => true,
    }
}

fn object_fits(root: &Node, schema: &Node, value: &Value, depth: usize) -> bool {
    let Value::Object(fields) = value else { return true };
    let required = schema.get("required").map(Node::list).unwrap_or_default();
    if !required.iter().filter_map(Node::text).all(|it| fields.contains_key(it)) {
        return false;
    }
    let properties = schema.get("properties").map(Node::object).unwrap_or_default();
    fields.iter().all(|(name, value)| match properties.iter().find(|(other, _)| other == name) {
        Some((_, property)) => fits(root, property, value, depth + 1),
        None => match schema.get("additionalProperties") {
            Some(Node::Bool(false)) => false,
            Some(more @ Node::Object(_)) => fits(root, more, value, depth + 1),
            _ => true,
        },
    })
}

fn array_fits(root: &Node, schema: &Node, value: &Value, depth: usize) -> bool {
    let (Value::Array(values), Some(items)) = (value, schema.get("items")) else { return true };
    let least = schema.get("minItems").and_then(Node::integer).unwrap_or(0);
    i64::try_from(values.len()).is_ok_and(|it| it >= least)
        && values.iter().all(|it| fits(root, items, it, depth + 1))
}

/// Whether two values are the same, `1` and `1.0` included.
pub fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
