//! Facts that examples show and schemas do not say: fields that are always sent, since they are `null` in some examples and
//! missing in none, and integers that `i64` does not hold.

use std::collections::{HashMap, HashSet};

use super::Types;
use super::integer::Reach;
use crate::document::{Additional, Content, Schema};
use crate::node::Node;

/// Schemas within schemas are looked at this deep.
const DEEP: usize = 8;

/// The properties that were seen in examples, by the address of their schema.
#[derive(Debug, Default)]
pub(super) struct Shown {
    null: HashSet<usize>,
    missing: HashSet<usize>,
    /// The integers beyond `i64`, by the address of their schema.
    wide: HashMap<usize, Reach>,
}

impl Shown {
    /// Whether an example has `null` in a property, and each example has the property.
    pub(super) fn is_always_sent(&self, property: &Schema<'_>) -> bool {
        let at = address(property);
        self.null.contains(&at) && !self.missing.contains(&at)
    }

    /// How far the integers reach that the examples have for a schema, if that is beyond `i64`.
    pub(super) fn reach(&self, schema: &Schema<'_>) -> Reach {
        self.wide.get(&address(schema)).copied().unwrap_or_default()
    }
}

impl<'d, 'a> Types<'d, 'a> {
    /// Looks at all examples, if they can show something.
    pub(super) fn seen_in_examples(&self) -> Shown {
        let mut shown = Shown::default();
        // In a document that uses `required`, what is not required is left out.
        let components = &self.document.schemas[..self.document.components];
        let uses_required = components.iter().any(|(_, it)| !it.required.is_empty());
        if uses_required && !has_wide(self.document.root) {
            return shown;
        }
        self.look_at_all(&mut shown);
        if uses_required {
            shown.null.clear();
        }
        shown
    }

    fn look_at_all(&self, shown: &mut Shown) {
        let bodies = self.document.operations.iter().filter_map(|it| it.body.as_ref());
        bodies.flat_map(|it| &it.content).for_each(|it| self.look_at_content(it, shown));
        // What is left out of a body is the client's choice.
        shown.null.clear();
        shown.missing.clear();
        for (_, schema) in &self.document.schemas {
            self.look(schema, shown);
        }
        for operation in &self.document.operations {
            let contents = operation.responses.iter().flat_map(|it| &it.content);
            for content in contents {
                self.look_at_content(content, shown);
            }
        }
    }

    fn look_at_content(&self, content: &'d Content<'a>, shown: &mut Shown) {
        let Some(schema) = &content.schema else { return };
        self.look(schema, shown);
        for example in &content.examples {
            let target = example.text_of("$ref").and_then(|it| it.strip_prefix('#'));
            let target = target.and_then(|it| self.document.root.at(it)).unwrap_or(example);
            if let Some(value) = target.get("value") {
                self.compare(schema, value, shown);
            }
        }
    }

    /// The examples of a schema, and of those within it.
    fn look(&self, schema: &'d Schema<'a>, shown: &mut Shown) {
        for example in &schema.examples {
            self.compare(schema, example, shown);
        }
        for (_, property) in &schema.properties {
            if property.examples.contains(&&Node::Null) {
                shown.null.insert(address(property));
            }
        }
        let inner = schema.properties.iter().map(|(_, it)| it).chain(&schema.all_of);
        let inner = inner.chain(&schema.one_of).chain(&schema.prefix);
        inner.chain(schema.items.as_deref()).for_each(|it| self.look(it, shown));
        if let Additional::Of(inner) = &schema.additional {
            self.look(inner, shown);
        }
    }

    /// Which properties an example has. An example ends somewhere, and so does this.
    fn compare(&self, schema: &'d Schema<'a>, example: &Node, shown: &mut Shown) {
        let mut parts = Vec::new();
        self.parts(schema, 0, &mut parts);
        match example {
            Node::Object(_) => {
                for (name, property) in parts.iter().flat_map(|it| &it.properties) {
                    match example.get(name) {
                        None => drop(shown.missing.insert(address(property))),
                        Some(Node::Null) => drop(shown.null.insert(address(property))),
                        Some(value) => self.compare(property, value, shown),
                    }
                }
            }
            Node::List(values) => {
                for items in parts.iter().filter_map(|it| it.items.as_deref()) {
                    values.iter().for_each(|it| self.compare(items, it, shown));
                }
            }
            Node::Number(number) => {
                let reach = Reach::of(number);
                for part in parts.iter().filter(|_| reach.is_wide()) {
                    shown.wide.entry(address(part)).or_default().extend(reach);
                }
            }
            _ => {}
        }
    }

    /// A schema with those that are joined in it.
    fn parts(&self, schema: &'d Schema<'a>, depth: usize, parts: &mut Vec<&'d Schema<'a>>) {
        let Some(target) = self.target(schema).filter(|_| depth < DEEP) else { return };
        parts.push(target);
        let inner = target.all_of.iter().chain(&target.one_of);
        inner.for_each(|it| self.parts(it, depth + 1, parts));
    }
}

/// Whether a number in a document is an integer that `i64` does not hold.
fn has_wide(node: &Node) -> bool {
    match node {
        Node::Number(number) => Reach::of(number).is_wide(),
        Node::List(items) => items.iter().any(has_wide),
        Node::Object(entries) => entries.iter().any(|(_, it)| has_wide(it)),
        _ => false,
    }
}

/// A number that tells a schema from its equals.
pub(super) fn address(schema: &Schema<'_>) -> usize {
    std::ptr::from_ref(schema) as usize
}
