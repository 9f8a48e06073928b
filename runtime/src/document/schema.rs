//! The schemas of a document, as far as a value can contradict them.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// Schemas below this depth are assumed to match.
const DEEP: usize = 40;

/// A document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document<'d> {
    root: &'d Value,
}

/// Turns a `$ref` with properties beside it into an `allOf` of both, so that a reference always stands alone.
pub(super) fn separated(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(separated),
        Value::Object(entries) => {
            entries.values_mut().for_each(separated);
            let has_more = ["properties", "allOf"].iter().any(|it| entries.contains_key(*it));
            let reference = entries.get("$ref").filter(|it| has_more && it.is_string()).cloned();
            if let Some(reference) = reference {
                entries.remove("$ref");
                let own = Value::Object(std::mem::take(entries));
                *value = json!({ "allOf": [{ "$ref": reference }, own] });
            }
        }
        _ => {}
    }
}

impl<'d> Document<'d> {
    pub(super) fn new(root: &'d Value) -> Self {
        Self { root }
    }

    /// The target of a reference, or the value itself; `None` if it leads nowhere.
    pub(super) fn resolve(self, value: &'d Value) -> Option<&'d Value> {
        let mut value = value;
        for _ in 0..20 {
            let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
                return Some(value);
            };
            let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
            value = self.root.pointer(&pointer)?;
        }
        None
    }

    /// The operation of a path and a verb.
    pub(super) fn operation(self, path: &str, verb: &str) -> Option<&'d Value> {
        let item = self.root.get("paths")?.get(path)?;
        // Properties beside a `$ref` come first.
        item.get(verb).or_else(|| self.resolve(item)?.get(verb))
    }

    /// The JSON contents of a body or a response.
    pub(super) fn json_of(self, body: &'d Value) -> Option<&'d Value> {
        let contents = self.resolve(body)?.get("content")?.as_object()?;
        let is_json = |media: &str| {
            let essence = media.split(';').next().unwrap_or(media).trim();
            essence == "application/json" || essence.ends_with("+json")
        };
        contents.iter().find(|(media, _)| is_json(media)).map(|(_, content)| content)
    }

    /// The properties that a schema names, including those of its parts and variants. `None` if there may be
    /// others, or if it is not an object.
    pub(super) fn properties(self, schema: &'d Value) -> Option<Vec<(&'d str, &'d Value)>> {
        let mut found = Vec::new();
        self.collect(schema, &mut found, 0)?;
        (!found.is_empty()).then_some(found)
    }

    fn collect(
        self,
        schema: &'d Value,
        found: &mut Vec<(&'d str, &'d Value)>,
        depth: usize,
    ) -> Option<()> {
        let schema = self.resolve(schema).filter(|_| depth < DEEP)?;
        if schema.get("additionalProperties").is_some_and(|it| *it != Value::Bool(false)) {
            return None;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            found.extend(properties.iter().map(|(name, it)| (name.as_str(), it)));
        }
        let parts = ["allOf", "oneOf", "anyOf"].iter().flat_map(|word| list(schema, word));
        parts.filter(|it| !is_null(it)).try_for_each(|it| self.collect(it, found, depth + 1))
    }

    /// The schema of the items of a list.
    pub(super) fn items(self, schema: &'d Value) -> Option<&'d Value> {
        let schema = self.resolve(schema)?;
        let parts = ["allOf", "oneOf", "anyOf"].iter().flat_map(|word| list(schema, word));
        schema.get("items").or_else(|| {
            let mut parts = parts.filter_map(|it| self.resolve(it)?.get("items"));
            parts.next()
        })
    }

    /// Why a value does not match a schema, if it does not.
    pub(super) fn problem(
        self,
        schema: &'d Value,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Option<String> {
        let schema = self.resolve(schema).filter(|_| depth < DEEP)?;
        if *schema == Value::Bool(false) {
            return Some(format!("{}: nothing is allowed here", place(at)));
        }
        if value.is_null() && schema.get("nullable") == Some(&Value::Bool(true)) {
            return None;
        }
        let of = |schema| self.problem(schema, value, at, depth + 1);
        let kinds = types(schema);
        if !kinds.is_empty() && !kinds.iter().any(|kind| is_of(kind, value)) {
            return Some(format!("{}: expected {}", place(at), kinds.join(" or ")));
        }
        // What has properties is meant to be an object.
        let is_object = kinds.is_empty() && schema.get("properties").is_some();
        let is_union = ["oneOf", "anyOf"].iter().any(|it| schema.get(it).is_some());
        if is_object && !is_union && !value.is_object() {
            return Some(format!("{}: expected object", place(at)));
        }
        if !is_in_format(schema, value) {
            let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
            return Some(format!("{}: {value} is not of the format `{format}`", place(at)));
        }
        let values = list(schema, "enum");
        if schema.get("const").is_some_and(|it| !same(it, value))
            || (!values.is_empty() && !values.iter().any(|it| same(it, value)))
        {
            return Some(format!("{}: {value} is not one of the values", place(at)));
        }
        if let Some(problem) = list(schema, "allOf").iter().find_map(of) {
            return Some(problem);
        }
        // Documents often violate that exactly one variant of `oneOf` matches.
        for word in ["oneOf", "anyOf"] {
            let variants = list(schema, word);
            if let Some(told) = variants.iter().find(|it| tells(self, schema, it, value)) {
                if let Some(problem) = of(told) {
                    return Some(problem);
                }
                continue;
            }
            let problems: Vec<_> = variants.iter().map_while(of).collect();
            if !variants.is_empty() && problems.len() == variants.len() {
                return problems.into_iter().next();
            }
        }
        match value {
            Value::Object(fields) => self.object(schema, fields, at, depth),
            Value::Array(items) => items.iter().enumerate().find_map(|(index, it)| {
                self.problem(item(schema, index)?, it, &format!("{at}/{index}"), depth + 1)
            }),
            _ => None,
        }
    }

    fn object(
        self,
        schema: &'d Value,
        fields: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Option<String> {
        let required = list(schema, "required").iter().filter_map(Value::as_str);
        if let Some(name) = required.into_iter().find(|it| !fields.contains_key(*it)) {
            return Some(format!("{}: `{name}` is required, but missing", place(at)));
        }
        let properties = schema.get("properties");
        // Whether a name matches a pattern is not checked.
        let has_patterns = schema.get("patternProperties").is_some();
        fields.iter().find_map(|(name, value)| {
            let at = format!("{at}/{name}");
            match properties.and_then(|it| it.get(name)) {
                Some(property) => self.problem(property, value, &at, depth + 1),
                None if has_patterns => None,
                None => match schema.get("additionalProperties")? {
                    Value::Bool(false) => Some(format!("{at}: the document has no such field")),
                    more @ Value::Object(_) => self.problem(more, value, &at, depth + 1),
                    _ => None,
                },
            }
        })
    }
}

/// The schemas in a list; empty if there is none.
pub(super) fn list<'d>(schema: &'d Value, word: &str) -> &'d [Value] {
    schema.get(word).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The types of a schema: none, one, or several.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The schema of the item at a position of a list.
pub(super) fn item(schema: &Value, at: usize) -> Option<&Value> {
    let items = schema.get("items");
    // Older drafts list the first items in `items`.
    let first = schema.get("prefixItems").or(items).and_then(Value::as_array);
    match first.and_then(|it| it.get(at)) {
        Some(schema) => Some(schema),
        None => items.filter(|it| !it.is_array()),
    }
}

/// The field of a discriminator, and the values of it that lead to a variant.
pub(super) fn told_by<'d>(
    document: Document<'d>,
    union: &'d Value,
    variant: &'d Value,
) -> Option<(&'d str, Vec<&'d str>)> {
    let discriminator = union.get("discriminator")?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let reference = variant.get("$ref")?.as_str()?;
    let own = reference.rsplit('/').next()?;
    let mapping = discriminator.get("mapping").and_then(Value::as_object);
    let is_own = |to: &str| to == reference || to == own;
    let mapped = mapping.into_iter().flatten().filter(|(_, to)| to.as_str().is_some_and(is_own));
    let mut values: Vec<&str> = mapped.map(|(value, _)| value.as_str()).collect();
    // Without a mapping, the name of the schema is the value.
    if values.is_empty() && !mapping.is_some_and(|it| it.contains_key(own)) {
        values.push(own);
    }
    document.resolve(variant).map(|_| (name, values))
}

/// Whether the discriminator of a union leads from a value to this variant.
fn tells<'d>(document: Document<'d>, union: &'d Value, variant: &'d Value, value: &Value) -> bool {
    told_by(document, union, variant).is_some_and(|(name, values)| {
        value.get(name).and_then(Value::as_str).is_some_and(|it| values.contains(&it))
    })
}

/// Whether an integer is within the limits that its format has. Other formats are not checked.
fn is_in_format(schema: &Value, value: &Value) -> bool {
    let is_float = value.is_f64() && value.as_f64().is_some_and(|it| it.abs() < 9e15);
    match schema.get("format").and_then(Value::as_str) {
        Some("int64") => !value.is_number() || value.is_i64() || is_float,
        Some("uint64") => !value.is_number() || value.is_u64() || is_float,
        _ => true,
    }
}

fn is_null(schema: &Value) -> bool {
    types(schema) == ["null"]
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => {
            value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|it| it.fract() == 0.0)
        }
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

/// Whether two values are equal; `1` equals `1.0`.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (a, b) => a == b,
    }
}

/// The name of a place; the whole body has none.
pub(super) fn place(at: &str) -> &str {
    if at.is_empty() { "the value" } else { at }
}
