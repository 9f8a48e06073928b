//! Fields that the server always sends though the document does not say so: in its examples they are `null` in some and
//! missing in none.

use std::collections::HashSet;

use super::Types;
use crate::document::{Additional, Content, Schema};
use crate::node::Node;

/// Schemas within schemas are looked at this deep.
const DEEP: usize = 8;

/// The properties that were seen in examples, by the address of their schema.
#[derive(Debug, Default)]
pub(super) struct Shown {
    null: HashSet<usize>,
    missing: HashSet<usize>,
}

impl Shown {
    /// Whether an example has `null` in a property, and each example has the property.
    pub(super) fn is_always_sent(&self, property: &Schema<'_>) -> bool {
        let at = address(property);
        self.null.contains(&at) && !self.missing.contains(&at)
    }
}

impl<'d, 'a> Types<'d, 'a> {
    /// Looks at all examples of a document that does not use `required`. Elsewhere, what is not required is left out.
    pub(super) fn seen_in_examples(&self) -> Shown {
        let mut shown = Shown::default();
        let components = &self.document.schemas[..self.document.components];
        if components.iter().any(|(_, it)| !it.required.is_empty()) {
            return shown;
        }
        for (_, schema) in &self.document.schemas {
            self.look(schema, &mut shown);
        }
        for operation in &self.document.operations {
            let contents = operation.responses.iter().flat_map(|it| &it.content);
            for content in contents {
                self.look_at_content(content, &mut shown);
            }
        }
        shown
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

/// A number that tells a schema from its equals.
pub(super) fn address(schema: &Schema<'_>) -> usize {
    std::ptr::from_ref(schema) as usize
}
