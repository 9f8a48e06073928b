//! Examples of schemas: those of the document, and the smallest and the fullest instance of each.

use perennial_cli::node::Node;
use serde_json::{Map, Value, json};

/// Deeper than this even the fullest instance has what is required only.
const DEEP: usize = 5;

/// All examples of the components of a document, by component.
pub fn of_components(root: &Node) -> Vec<(String, Value)> {
    let mut examples = Vec::new();
    let schemas = root.at("/components/schemas").map(Node::object).unwrap_or_default();
    for (name, schema) in schemas {
        for full in [false, true] {
            for choice in 0..choices(root, schema) {
                examples.extend(
                    Maker { root, full, choice }.make(schema, 0).map(|it| (name.clone(), it)),
                );
            }
        }
        let own = schema
            .get("example")
            .into_iter()
            .chain(schema.get("examples").map(Node::list).unwrap_or_default());
        examples.extend(own.map(|it| (name.clone(), it.to_json())));
    }
    of_contents(root, root, &mut examples);
    examples.retain(|(name, value)| {
        schemas
            .iter()
            .find(|(other, _)| other == name)
            .is_some_and(|(_, schema)| super::valid::fits(root, schema, value, 0))
    });
    examples.dedup();
    examples
}

/// The examples of bodies whose schema is a component.
fn of_contents(root: &Node, node: &Node, examples: &mut Vec<(String, Value)>) {
    if let Some(reference) = node.get("schema").and_then(|it| it.text_of("$ref")) {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let listed = node.get("examples").map(Node::object).unwrap_or_default().iter().filter_map(
            |(_, it)| {
                let it =
                    it.text_of("$ref").and_then(|to| root.at(to.strip_prefix('#')?)).unwrap_or(it);
                it.get("value")
            },
        );
        examples.extend(
            node.get("example").into_iter().chain(listed).map(|it| (name.to_owned(), it.to_json())),
        );
    }
    match node {
        Node::Object(entries) => entries.iter().for_each(|(_, it)| of_contents(root, it, examples)),
        Node::List(items) => items.iter().for_each(|it| of_contents(root, it, examples)),
        _ => {}
    }
}

/// In how many ways a schema can be chosen from at its top.
fn choices(root: &Node, schema: &Node) -> usize {
    let schema = resolved(root, schema).unwrap_or(schema);
    ["oneOf", "anyOf"]
        .iter()
        .filter_map(|it| schema.get(it))
        .map(|it| it.list().len())
        .max()
        .unwrap_or(1)
        .clamp(1, 24)
}

/// The target of a schema's reference.
pub fn resolved<'n>(root: &'n Node, node: &'n Node) -> Option<&'n Node> {
    let mut node = node;
    for _ in 0..20 {
        match node.text_of("$ref") {
            Some(reference) => node = root.at(reference.strip_prefix('#')?)?,
            None => return Some(node),
        }
    }
    None
}

struct Maker<'n> {
    root: &'n Node,
    full: bool,
    choice: usize,
}

impl Maker<'_> {
    fn make(&self, schema: &Node, depth: usize) -> Option<Value> {
        if depth > 14 {
            return None;
        }
        let schema = resolved(self.root, schema)?;
        if let Some(value) = schema.get("const") {
            return Some(value.to_json());
        }
        if let Some(values) = schema.get("enum").map(Node::list).filter(|it| !it.is_empty()) {
            return Some(values[self.choice % values.len()].to_json());
        }
        let mut object = None;
        for part in schema.get("allOf").map(Node::list).unwrap_or_default() {
            match self.make(part, depth + 1)? {
                Value::Object(fields) => object.get_or_insert_with(Map::new).extend(fields),
                other => return Some(other),
            }
        }
        for word in ["oneOf", "anyOf"] {
            let Some(variants) = schema.get(word).map(Node::list).filter(|it| !it.is_empty())
            else {
                continue;
            };
            let at = if depth == 0 { self.choice % variants.len() } else { 0 };
            match self.make(&variants[at], depth + 1)? {
                Value::Object(fields) => object.get_or_insert_with(Map::new).extend(fields),
                other if schema.get("properties").is_none() => return Some(other),
                _ => {}
            }
        }
        let kind = match schema.get("type") {
            Some(Node::Text(kind)) => kind.as_str(),
            Some(Node::List(kinds)) => {
                kinds.iter().filter_map(Node::text).find(|it| *it != "null")?
            }
            _ if schema.get("properties").is_some() || object.is_some() => "object",
            _ if schema.get("items").is_some() => "array",
            _ => return Some(json!("anything")),
        };
        match kind {
            "object" => self.object(schema, object.unwrap_or_default(), depth),
            "array" => self.array(schema, depth),
            "boolean" => Some(json!(true)),
            "integer" => {
                Some(schema.get("minimum").and_then(Node::integer).map_or(json!(1), |it| json!(it)))
            }
            "number" => Some(schema.get("minimum").map_or(json!(1.5), Node::to_json)),
            _ => Some(json!(text(schema))),
        }
    }

    fn object(&self, schema: &Node, mut object: Map<String, Value>, depth: usize) -> Option<Value> {
        let required: Vec<&str> = schema
            .get("required")
            .map(Node::list)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .collect();
        for (name, property) in schema.get("properties").map(Node::object).unwrap_or_default() {
            let is_required = required.contains(&name.as_str());
            if is_required || (self.full && depth < DEEP) {
                match self.make(property, depth + 1) {
                    Some(value) => drop(object.insert(name.clone(), value)),
                    None if is_required => return None,
                    None => {}
                }
            }
        }
        if self.full
            && let Some(more @ Node::Object(_)) = schema.get("additionalProperties")
        {
            object.extend(self.make(more, depth + 1).map(|it| ("another".to_owned(), it)));
        }
        Some(Value::Object(object))
    }

    fn array(&self, schema: &Node, depth: usize) -> Option<Value> {
        let least = schema.get("minItems").and_then(Node::integer).unwrap_or(0);
        if least == 0 && (!self.full || depth > DEEP) {
            return Some(json!([]));
        }
        let item =
            schema.get("items").map_or(Some(json!("anything")), |it| self.make(it, depth + 1));
        match item {
            Some(item) => Some(Value::Array(vec![item; usize::try_from(least.max(1)).ok()?])),
            None => (least == 0).then(|| json!([])),
        }
    }
}

fn text(schema: &Node) -> &'static str {
    match schema.text_of("format") {
        Some("date-time") => "2024-02-29T12:00:00Z",
        Some("date") => "2024-02-29",
        Some("uri" | "url") => "https://example.com/",
        Some("email") => "ann@example.com",
        Some("uuid") => "123e4567-e89b-12d3-a456-426614174000",
        _ => "text",
    }
}
