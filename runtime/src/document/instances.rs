//! Values of a schema: the examples of the document, and the smallest and the fullest instance.

use serde_json::{Map, Value, json};

use super::joined::Joined;
use super::schema::{Document, list};

/// Below this depth even the fullest instance has only what is required.
const FULL: usize = 5;

/// Below this depth no instance is created.
const DEEP: usize = 14;

/// The values of the schema of a body.
#[derive(Debug, Default)]
pub(super) struct Instances {
    /// Each with its name.
    pub(super) values: Vec<(String, Value)>,
    /// The names of examples that contradict their own schema, and why.
    pub(super) contradictions: Vec<(String, String)>,
}

/// All values of the schema of a body.
pub(super) fn of_content<'d>(document: Document<'d>, content: &'d Value) -> Instances {
    let mut instances = Instances::default();
    let Some(schema) = content.get("schema") else { return instances };
    let mut add = |name: &str, value: Value| match document.problem(schema, &value, "", 0) {
        None if instances.values.iter().all(|(_, other)| *other != value) => {
            instances.values.push((name.to_owned(), value));
        }
        None => {}
        Some(problem) => instances.contradictions.push((name.to_owned(), problem)),
    };
    for (name, full) in [("the smallest instance", false), ("the fullest instance", true)] {
        for choice in 0..Joined::of(document, &[schema], 0).choices {
            let made = Maker { document, full, choice }.make(&[schema], 0);
            // What is created may not fit a schema with limits that are not looked at here.
            let made = made.filter(|it| document.problem(schema, it, "", 0).is_none());
            made.into_iter().for_each(|it| add(name, it));
        }
    }
    for (name, value) in examples(document, content, schema) {
        add(&name, value);
    }
    instances
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

struct Maker<'d> {
    document: Document<'d>,
    full: bool,
    choice: usize,
}

impl<'d> Maker<'d> {
    /// A value that fits all of these schemas.
    fn make(&self, schemas: &[&'d Value], depth: usize) -> Option<Value> {
        if depth > DEEP {
            return None;
        }
        // Only at the top is each variant tried.
        let choice = if depth == 0 { self.choice } else { 0 };
        let joined = Joined::of(self.document, schemas, choice);
        if let Some(values) = joined.values() {
            return Some((*values.get(self.choice % values.len().max(1))?).clone());
        }
        Some(match joined.kind()? {
            "object" => return self.object(&joined, depth),
            "array" => return self.array(&joined, depth),
            "null" => Value::Null,
            "boolean" => json!(true),
            "integer" => joined.number(json!(1), Value::is_i64),
            "number" => joined.number(json!(1.5), Value::is_number),
            _ => json!(text(joined.format())),
        })
    }

    fn object(&self, joined: &Joined<'d>, depth: usize) -> Option<Value> {
        let mut object = Map::new();
        let is_full = self.full && depth < FULL;
        let required = joined.required();
        for (name, schemas) in joined.properties() {
            let told = joined.told(self.document, name, &schemas);
            let is_required = told.is_some() || required.contains(&name);
            if is_required || is_full {
                match told.or_else(|| self.make(&schemas, depth + 1)) {
                    Some(value) => drop(object.insert(name.to_owned(), value)),
                    None if is_required => return None,
                    None => {}
                }
            }
        }
        let others = joined.additional();
        for name in required {
            if !object.contains_key(name) {
                // What is required and described nowhere has no value that is known to be right.
                let value = (!others.is_empty()).then(|| self.make(&others, depth + 1));
                object.insert(name.to_owned(), value??);
            }
        }
        if is_full && !others.is_empty() && joined.names_are_free() {
            let other = self.make(&others, depth + 1);
            object.extend(other.map(|it| ("other".to_owned(), it)));
        }
        Some(Value::Object(object))
    }

    fn array(&self, joined: &Joined<'d>, depth: usize) -> Option<Value> {
        let least = joined.least_items();
        if least == 0 && (!self.full || depth > FULL) {
            return Some(json!([]));
        }
        let count = usize::try_from(least.clamp(1, 100)).ok()?;
        let items = (0..count).map(|at| self.make(&joined.item(at), depth + 1));
        match items.collect() {
            Some(items) => Some(Value::Array(items)),
            None => (least == 0).then(|| json!([])),
        }
    }
}

fn text(format: Option<&str>) -> &'static str {
    match format {
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
    }
}
