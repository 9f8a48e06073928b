//! Values of a schema: the examples of the document, and the smallest and the fullest instance.

use serde_json::{Map, Value, json};

use super::schema::{Document, list, types};

/// Below this depth even the fullest instance has only what is required.
const FULL: usize = 5;

/// Below this depth no instance is created.
const DEEP: usize = 14;

/// All values of the schema of a body, each with a name. Values that do not fit the schema themselves are left out.
pub(super) fn of_content<'d>(document: Document<'d>, content: &'d Value) -> Vec<(String, Value)> {
    let Some(schema) = content.get("schema") else { return Vec::new() };
    let mut all = Vec::new();
    for (name, full) in [("the least instance", false), ("the fullest instance", true)] {
        for choice in 0..choices(document, schema) {
            let made = Maker { document, full, choice }.make(schema, 0);
            all.extend(made.map(|it| (name.to_owned(), it)));
        }
    }
    all.extend(examples(document, content, schema));
    let mut seen: Vec<Value> = Vec::new();
    all.retain(|(_, value)| {
        let fits = document.problem(schema, value, "", 0).is_none();
        let is_new = fits && !seen.contains(value);
        if is_new {
            seen.push(value.clone());
        }
        is_new
    });
    all
}

fn examples<'d>(
    document: Document<'d>,
    content: &'d Value,
    schema: &'d Value,
) -> Vec<(String, Value)> {
    let one = content.get("example").into_iter().map(|it| ("the example".to_owned(), it.clone()));
    let several = content.get("examples").and_then(Value::as_object).into_iter().flatten();
    let several = several.filter_map(|(name, it)| {
        let value = document.resolve(it)?.get("value")?;
        Some((format!("the example `{name}`"), value.clone()))
    });
    let schema = document.resolve(schema).unwrap_or(schema);
    let of_schema = schema.get("example").into_iter().chain(list(schema, "examples"));
    let of_schema = of_schema.map(|it| ("the example of the schema".to_owned(), it.clone()));
    one.chain(several).chain(of_schema).collect()
}

/// The number of alternatives at the top of a schema.
fn choices<'d>(document: Document<'d>, schema: &'d Value) -> usize {
    let schema = document.resolve(schema).unwrap_or(schema);
    ["oneOf", "anyOf"].iter().map(|word| list(schema, word).len()).max().unwrap_or(1).clamp(1, 24)
}

struct Maker<'d> {
    document: Document<'d>,
    full: bool,
    choice: usize,
}

impl<'d> Maker<'d> {
    fn make(&self, schema: &'d Value, depth: usize) -> Option<Value> {
        if depth > DEEP {
            return None;
        }
        let schema = self.document.resolve(schema)?;
        if let Some(value) = schema.get("const") {
            return Some(value.clone());
        }
        let values = list(schema, "enum");
        if !values.is_empty() {
            return Some(values[self.choice % values.len()].clone());
        }
        let mut object = None;
        for part in list(schema, "allOf") {
            match self.make(part, depth + 1)? {
                Value::Object(fields) => object.get_or_insert_with(Map::new).extend(fields),
                other => return Some(other),
            }
        }
        for word in ["oneOf", "anyOf"] {
            let variants = list(schema, word);
            let at = if depth == 0 { self.choice } else { 0 };
            let Some(variant) = variants.get(at % variants.len().max(1)) else { continue };
            match self.make(variant, depth + 1)? {
                Value::Object(fields) => object.get_or_insert_with(Map::new).extend(fields),
                other if schema.get("properties").is_none() => return Some(other),
                _ => {}
            }
        }
        let kinds = types(schema);
        let kind = match kinds.iter().find(|it| **it != "null") {
            Some(kind) => kind,
            None if !kinds.is_empty() => return Some(Value::Null),
            None if schema.get("properties").is_some() || object.is_some() => "object",
            None if schema.get("items").is_some() => "array",
            None => return Some(json!("anything")),
        };
        Some(match kind {
            "object" => return self.object(schema, object.unwrap_or_default(), depth),
            "array" => return self.array(schema, depth),
            "boolean" => json!(true),
            "integer" => {
                schema.get("minimum").filter(|it| it.is_i64()).cloned().unwrap_or(json!(1))
            }
            "number" => {
                schema.get("minimum").filter(|it| it.is_number()).cloned().unwrap_or(json!(1.5))
            }
            _ => json!(text(schema)),
        })
    }

    fn object(
        &self,
        schema: &'d Value,
        mut object: Map<String, Value>,
        depth: usize,
    ) -> Option<Value> {
        let required: Vec<&str> =
            list(schema, "required").iter().filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            if is_required || (self.full && depth < FULL) {
                match self.make(property, depth + 1) {
                    Some(value) => drop(object.insert(name.clone(), value)),
                    None if is_required => return None,
                    None => {}
                }
            }
        }
        Some(Value::Object(object))
    }

    fn array(&self, schema: &'d Value, depth: usize) -> Option<Value> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        if least == 0 && (!self.full || depth > FULL) {
            return Some(json!([]));
        }
        let item =
            schema.get("items").map_or(Some(json!("anything")), |it| self.make(it, depth + 1));
        match item {
            Some(item) => {
                Some(Value::Array(vec![item; usize::try_from(least.clamp(1, 100)).ok()?]))
            }
            None => (least == 0).then(|| json!([])),
        }
    }
}

fn text(schema: &Value) -> String {
    let format = schema.get("format").and_then(Value::as_str);
    let text = match format {
        Some("date-time") => "2024-02-29T12:00:00Z",
        Some("date") => "2024-02-29",
        Some("time") => "12:00:00Z",
        Some("uri" | "url") => "https://example.com/",
        Some("email") => "ann@example.com",
        Some("uuid") => "123e4567-e89b-12d3-a456-426614174000",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("byte") => "dGV4dA==",
        _ => "text",
    };
    text.to_owned()
}
