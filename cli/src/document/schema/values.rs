//! The values of `enum` and `const`, and what they imply in addition to the type.

use std::collections::HashSet;

use super::{At, Schema};
use crate::node::Node;
use crate::notes::Notes;

impl<'a> Schema<'a> {
    pub(super) fn read_values(&mut self, node: &'a Node, at: &At<'_>, notes: &Notes) {
        let mended = |text: String| notes.mended(at.key("enum").to_string(), text);
        let listed = match node.get("enum") {
            None => &[][..],
            Some(Node::List(values)) => {
                if values.is_empty() {
                    mended("`enum` is empty, which no value fits; it was left out".to_owned());
                }
                values
            }
            Some(other) => {
                mended(format!("`enum` is {} and was left out", other.kind()));
                &[]
            }
        };
        // If both are present, only the constant matches both.
        let constant = node.get("const");
        if let Some(constant) = constant
            && !listed.is_empty()
            && !listed.contains(constant)
        {
            mended("`const` is not one of the values of `enum`; `const` is used".to_owned());
        }
        let values = constant.map_or(listed, std::slice::from_ref);
        let mut seen = HashSet::with_capacity(values.len());
        for value in values {
            match value {
                Node::Null => self.nullable = true,
                value if seen.insert(value) => self.values.push(value),
                _ => {}
            }
        }
        let names = node.get("x-enum-varnames").or_else(|| node.get("x-enumNames"));
        self.value_names =
            names.map(Node::list).unwrap_or_default().iter().filter_map(Node::text).collect();
        self.contradiction(at, notes);
    }

    pub(super) fn read_bounds(&mut self, node: &'a Node) {
        let words = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        // `true` and `false` say in 3.0 whether the limit itself is excluded.
        let bounds = words.iter().filter_map(|word| node.get(word));
        self.bounds.extend(bounds.filter(|it| it.number().is_some()));
    }

    /// Values that the type does not allow. Values that it would accept keep the type; otherwise the values are
    /// more specific.
    fn contradiction(&mut self, at: &At<'_>, notes: &Notes) {
        let [kind] = self.types[..] else { return };
        let fits = |value: &Node| match (kind, value) {
            ("string", Node::Text(_))
            | ("boolean", Node::Bool(_))
            | ("number", Node::Number(_)) => true,
            ("integer", value) => value.integer().is_some(),
            ("array", value) => matches!(value, Node::List(_)),
            ("object", value) => matches!(value, Node::Object(_)),
            _ => false,
        };
        if self.values.iter().all(|it| fits(it)) {
            return;
        }
        let mended = |text: String| notes.mended(at.key("enum").to_string(), text);
        let is_text = |it: &&Node| matches!(it, Node::Text(_));
        match kind {
            // `[1.0, true]` in YAML, where strings need quotes: their spelling is unknown.
            "string" if !self.values.iter().any(is_text) => {
                mended("`enum` of strings has none; read as any string".to_owned());
                self.values.clear();
            }
            // Which one is meant is known only when a type is made of it.
            "string" => {}
            kind if self.values.iter().all(is_text) && self.are_spelled(kind) => {
                mended(format!("the values of `enum` are strings of {kind}s; read as any {kind}"));
                self.values.clear();
            }
            // Intended for the items, or for a field.
            kind @ ("array" | "object") => {
                mended(format!(
                    "`enum` has values that do not match the type `{kind}`, and was left out"
                ));
                self.values.clear();
            }
            kind => {
                mended(format!(
                    "`enum` has values that do not match the type `{kind}`; the values are used"
                ));
                self.types.clear();
            }
        }
    }

    /// Whether the values are strings that spell values of this type.
    fn are_spelled(&self, kind: &str) -> bool {
        let is_spelled = |text: &str| match kind {
            "integer" => text.parse::<i64>().is_ok(),
            "number" => text.parse::<f64>().is_ok(),
            "boolean" => ["true", "false"].contains(&text),
            _ => false,
        };
        self.values.iter().all(|it| it.text().is_some_and(is_spelled))
    }
}
