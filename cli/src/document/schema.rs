//! A schema of OpenAPI 3.0 or 3.1, read leniently: `type` is one or several, `nullable` and `"null"` mean the same,
//! and unreadable parts are noted and left out.

mod values;

use std::collections::HashSet;

use crate::node::{Node, step};
use crate::notes::Notes;

/// The keyword with which an export says that no field distinguishes the variants of a union.
pub const UNTAGGED: &str = "x-perennial-untagged";

/// The keyword with which an export says that a number is kept as it is written, in `serde_json::Number`.
pub const EXACT: &str = "x-perennial-exact";

/// The keyword with which an export says that each property of a form is a parameter of the method.
pub const FIELDS: &str = "x-perennial-fields";

/// The keyword with which an export says that a value is the refresh token of the session.
pub const REFRESH_TOKEN: &str = "x-perennial-refresh-token";

/// A schema.
#[derive(Debug, Clone, Default)]
pub struct Schema<'a> {
    /// `$ref`.
    pub reference: Option<&'a str>,
    /// The named types, without `null`.
    pub types: Vec<&'a str>,
    /// Whether `null` is allowed in addition to them.
    pub nullable: bool,
    /// `format`.
    pub format: Option<&'a str>,
    /// `title`.
    pub title: Option<&'a str>,
    /// `description`.
    pub description: Option<&'a str>,
    /// The values of `enum`, without `null`; `const` is an `enum` of one.
    pub values: Vec<&'a Node>,
    /// Names for them, from `x-enum-varnames`.
    pub value_names: Vec<&'a str>,
    /// `minimum` and `maximum`, exclusive or not.
    pub bounds: Vec<&'a Node>,
    /// `default`.
    pub default: Option<&'a Node>,
    /// Whether a number is kept as it is written, as an export says.
    pub is_exact: bool,
    /// Whether each property is a parameter of the method, as an export says.
    pub has_fields: bool,
    /// Whether it is the refresh token, as an export says.
    pub is_refresh_token: bool,
    /// `properties`, in order.
    pub properties: Vec<(&'a str, Schema<'a>)>,
    /// `required`.
    pub required: Vec<&'a str>,
    /// `additionalProperties`.
    pub additional: Additional<'a>,
    /// `items`.
    pub items: Option<Box<Schema<'a>>>,
    /// `prefixItems`.
    pub prefix: Vec<Schema<'a>>,
    /// `allOf`.
    pub all_of: Vec<Schema<'a>>,
    /// `oneOf` or `anyOf`, without `null`.
    pub one_of: Vec<Schema<'a>>,
    /// `discriminator`: the name of the property, and which value leads where.
    pub discriminator: Option<(&'a str, Vec<(&'a str, &'a str)>)>,
    /// Whether no field distinguishes the variants, as an export says.
    pub is_untagged: bool,
    /// `deprecated`.
    pub deprecated: bool,
    /// `readOnly`.
    pub read_only: bool,
    /// `writeOnly`.
    pub write_only: bool,
    /// `contentMediaType`, or `format: binary`.
    pub is_binary: bool,
    /// The schema `false`, which nothing matches.
    pub is_never: bool,
    /// `example` and `examples`.
    pub examples: Vec<&'a Node>,
}

/// The additional properties of an object.
#[derive(Debug, Clone, Default)]
pub enum Additional<'a> {
    /// Not specified.
    #[default]
    Unsaid,
    /// Nothing.
    No,
    /// Anything.
    Any,
    /// Values of this kind.
    Of(Box<Schema<'a>>),
}

impl<'a> Schema<'a> {
    /// Reads a schema.
    pub fn read(node: &'a Node, at: &At<'_>, notes: &Notes) -> Self {
        match node {
            Node::Object(_) => {}
            Node::Bool(true) => return Self::default(),
            Node::Bool(false) => return Self { is_never: true, ..Self::default() },
            other => {
                notes.mended(
                    at.to_string(),
                    format!("expected a schema, found {}; read as any value", other.kind()),
                );
                return Self::default();
            }
        }
        let mut schema = Self {
            reference: node.text_of("$ref"),
            format: node.text_of("format"),
            title: node.text_of("title"),
            description: node.text_of("description"),
            is_untagged: node.is(UNTAGGED),
            is_exact: node.is(EXACT),
            has_fields: node.is(FIELDS),
            is_refresh_token: node.is(REFRESH_TOKEN),
            default: node.get("default"),
            deprecated: node.is("deprecated"),
            nullable: node.is("nullable"),
            read_only: node.is("readOnly"),
            write_only: node.is("writeOnly"),
            ..Self::default()
        };
        schema.read_types(node, at, notes);
        schema.read_values(node, at, notes);
        schema.read_bounds(node);
        schema.read_object(node, at, notes);
        schema.read_list(node, at, notes);
        schema.read_parts(node, at, notes);
        schema.read_reference(node, at, notes);
        let listed = node.get("examples").map(Node::list).unwrap_or_default();
        schema.examples = node.get("example").into_iter().chain(listed).collect();
        let media = node.text_of("contentMediaType");
        schema.is_binary = schema.format == Some("binary")
            || node.text_of("contentEncoding") == Some("binary")
            || media.is_some_and(|it| {
                it == "application/octet-stream" && node.get("contentEncoding").is_none()
            });
        schema
    }

    fn read_types(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        let mut add = |name: &'a str| match name {
            "null" => self.nullable = true,
            "string" | "number" | "integer" | "boolean" | "array" | "object" => {
                self.types.push(name)
            }
            "any" => {}
            "file" => self.types.push("string"),
            // Names from other languages.
            "int" | "long" => self.types.push("integer"),
            "float" | "double" => self.types.push("number"),
            "bool" => self.types.push("boolean"),
            other => {
                notes.mended(at.to_string(), format!("`{other}` is not a type; read as any value"))
            }
        };
        match node.get("type") {
            Some(Node::Text(name)) => add(name),
            Some(Node::List(names)) => names.iter().filter_map(Node::text).for_each(add),
            Some(other) if *other != Node::Null => {
                notes.mended(
                    at.to_string(),
                    format!("expected the name of a type, found {}", other.kind()),
                );
            }
            _ => {}
        }
    }

    fn read_object(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        if let Some(properties) = node.get("properties") {
            if !matches!(properties, Node::Object(_)) {
                notes.mended(
                    at.to_string(),
                    format!("`properties` is {} and was left out", properties.kind()),
                );
            }
            let at = at.key("properties");
            let mut seen = HashSet::new();
            for (name, property) in properties.object() {
                if seen.insert(name) {
                    self.properties.push((name, Self::read(property, &at.key(name), notes)));
                }
            }
        }
        self.required = node
            .get("required")
            .map(Node::list)
            .unwrap_or_default()
            .iter()
            .filter_map(Node::text)
            .collect();
        let more = node.get("additionalProperties").or_else(|| node.get("unevaluatedProperties"));
        self.additional = match more {
            None | Some(Node::Null) => Additional::Unsaid,
            Some(Node::Bool(false)) => Additional::No,
            Some(Node::Bool(true)) => Additional::Any,
            Some(of) if of.object().is_empty() => Additional::Any,
            Some(of) => {
                Additional::Of(Box::new(Self::read(of, &at.key("additionalProperties"), notes)))
            }
        };
        self.read_patterns(node, at, notes);
    }

    /// Properties whose names match a pattern are additional properties: of their type, if all have the same, and no other
    /// name may have another one.
    fn read_patterns(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        let patterns = node.get("patternProperties").map(Node::object).unwrap_or_default();
        let Some(((first, of), rest)) = patterns.split_first() else { return };
        let are_equal = rest.iter().all(|(_, it)| it == of);
        let is_of_all = match (&self.additional, node.get("additionalProperties")) {
            (Additional::No, _) => true,
            (Additional::Of(_), Some(others)) if others == of => true,
            _ => patterns.iter().any(|(pattern, _)| matches_all(pattern)),
        };
        if are_equal && matches!(self.additional, Additional::Unsaid) && !is_of_all {
            let text = format!(
                "a property whose name does not match `{first}` may have any value, so each of them may; \
                 `additionalProperties: false` would exclude them"
            );
            notes.chosen(at.key("patternProperties").to_string(), text);
        }
        self.additional = match are_equal && is_of_all {
            true => {
                let at = at.key("patternProperties");
                Additional::Of(Box::new(Self::read(of, &at.key(first), notes)))
            }
            false => Additional::Any,
        };
    }

    /// Joins a `$ref` with the keywords beside it, as if both were in an `allOf`.
    fn read_reference(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        if node.get("$dynamicRef").is_some() {
            let text = "`$dynamicRef` is read as `$ref` to the first schema with this anchor";
            notes.guessed(at.to_string(), text);
        }
        for word in ["if", "then", "else", "dependentSchemas"] {
            if node.get(word).is_some_and(has_properties) {
                let text = format!("the properties in `{word}` are not declared");
                notes.lost(at.to_string(), text);
            }
        }
        let says_more = !self.properties.is_empty() || !self.all_of.is_empty();
        if says_more && let Some(reference) = self.reference.take() {
            self.all_of.insert(0, Self { reference: Some(reference), ..Self::default() });
        }
    }

    fn read_list(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        match node.get("items") {
            // The tuples of older drafts.
            Some(Node::List(items)) => self.prefix = Self::all(items, &at.key("items"), notes),
            Some(items) => self.items = Some(Box::new(Self::read(items, &at.key("items"), notes))),
            None => {}
        }
        if let Some(prefix) = node.get("prefixItems") {
            self.prefix = Self::all(prefix.list(), &at.key("prefixItems"), notes);
        }
    }

    fn read_parts(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        if let Some(all) = node.get("allOf") {
            self.all_of = Self::all(all.list(), &at.key("allOf"), notes);
        }
        for word in ["oneOf", "anyOf"] {
            let Some(parts) = node.get(word) else { continue };
            for part in Self::all(parts.list(), &at.key(word), notes) {
                if part.is_null() { self.nullable = true } else { self.one_of.push(part) }
            }
        }
        if let Some(discriminator) = node.get("discriminator")
            && let Some(property) = discriminator.text_of("propertyName")
        {
            let mapping = discriminator.get("mapping").map(Node::object).unwrap_or_default();
            let mapping = mapping.iter().filter_map(|(value, to)| Some((&**value, to.text()?)));
            self.discriminator = Some((property, mapping.collect()));
        }
    }

    fn all(nodes: &'a [Node], at: &At<'_>, notes: &Notes) -> Vec<Self> {
        nodes
            .iter()
            .enumerate()
            .map(|(index, node)| Self::read(node, &at.key(&index.to_string()), notes))
            .collect()
    }

    /// Whether it allows only `null`.
    fn is_null(&self) -> bool {
        self.nullable && self.types.is_empty() && self.says_nothing()
    }

    /// Whether it does not restrict the value.
    pub fn says_nothing(&self) -> bool {
        self.reference.is_none()
            && self.types.is_empty()
            && self.values.is_empty()
            && self.properties.is_empty()
            && self.items.is_none()
            && self.prefix.is_empty()
            && self.all_of.is_empty()
            && self.one_of.is_empty()
            && !self.is_binary
            && self.format.is_none()
            && matches!(self.additional, Additional::Unsaid | Additional::Any)
    }

    /// Whether it names this type, or names none and looks like it.
    pub fn is_object(&self) -> bool {
        match &self.types[..] {
            [] => {
                !self.properties.is_empty()
                    || matches!(
                        self.additional,
                        Additional::Of(_) | Additional::Any | Additional::No
                    )
            }
            types => types.contains(&"object"),
        }
    }
}

/// Whether a pattern matches every name.
fn matches_all(pattern: &str) -> bool {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    ["", ".*", ".+", "(.*)", "(.+)", "[\\s\\S]*", "[\\s\\S]+"].contains(&pattern)
}

/// Whether a schema, or one within it, has properties.
fn has_properties(node: &Node) -> bool {
    match node {
        Node::Object(entries) => {
            entries.iter().any(|(key, it)| key == "properties" || has_properties(it))
        }
        Node::List(items) => items.iter().any(has_properties),
        _ => false,
    }
}

/// A place in a document. Its path is written out only when it is needed.
#[derive(Clone, Copy)]
pub struct At<'p> {
    parent: Option<&'p At<'p>>,
    key: &'p str,
}

impl<'p> At<'p> {
    /// A place with a known path.
    pub fn root(path: &'p str) -> Self {
        Self { parent: None, key: path }
    }

    /// The value under a key of this place.
    pub fn key<'q>(&'q self, key: &'q str) -> At<'q>
    where
        'p: 'q,
    {
        At { parent: Some(self), key }
    }
}

impl std::fmt::Display for At<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.parent {
            None => f.write_str(self.key),
            Some(parent) => write!(f, "{parent}/{}", step(self.key)),
        }
    }
}
