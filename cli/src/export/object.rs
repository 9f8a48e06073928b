//! The schema of a struct, while its fields are read.

use super::options::Opt;
use super::{entry, text_node};
use crate::node::Node;

#[derive(Default)]
pub(super) struct Object {
    properties: Vec<(String, Node)>,
    required: Vec<Node>,
    /// The schema of whatever else is there.
    pub(super) more: Option<Node>,
    /// Unions whose fields lie beside its own.
    pub(super) beside: Vec<Node>,
    /// Whether other fields are an error.
    pub(super) is_closed: bool,
}

impl Object {
    pub(super) fn property(&mut self, name: String, schema: Node, is_required: bool) {
        if is_required {
            self.required.push(text_node(&name));
        }
        self.properties.push((name, schema));
    }

    /// A field that always has the same value, which the options of the struct declare.
    pub(super) fn constant(&mut self, options: &[Opt], has_json: bool, item: &syn::ItemStruct) {
        let text = |name: &str| options.iter().find(|it| it.is(name)).and_then(Opt::text);
        let Some(tag) = text("tag") else { return };
        let value = text(if has_json { "value" } else { "rename" });
        let value = value.unwrap_or_else(|| item.ident.to_string());
        let values = Node::List(vec![text_node(&value)]);
        let schema = Node::Object(vec![entry("type", text_node("string")), entry("enum", values)]);
        self.property(tag, schema, true);
    }

    pub(super) fn schema(self) -> Node {
        let mut schema = vec![entry("type", text_node("object"))];
        if !self.required.is_empty() {
            schema.push(entry("required", Node::List(self.required)));
        }
        schema.push(entry("properties", Node::Object(self.properties)));
        if let Some(more) = self.more {
            let is_any = more.object().is_empty();
            let more = if is_any { Node::Bool(true) } else { more };
            schema.push(entry("additionalProperties", more));
        } else if self.is_closed {
            schema.push(entry("additionalProperties", Node::Bool(false)));
        }
        if !self.beside.is_empty() {
            schema.push(entry("oneOf", Node::List(self.beside)));
        }
        Node::Object(schema)
    }
}
