//! A type of Rust as a schema.

use quote::ToTokens;

use super::types::Items;
use super::{entry, reference, text_node};
use crate::document::{EXACT, REFRESH_TOKEN};
use crate::node::Node;

impl Items<'_> {
    /// The schema of a type.
    pub(super) fn of(&self, ty: &syn::Type) -> Node {
        let plain = |kind: &str| Node::Object(vec![entry("type", text_node(kind))]);
        match ty {
            syn::Type::Reference(it) => return self.of(&it.elem),
            syn::Type::Paren(it) => return self.of(&it.elem),
            syn::Type::Group(it) => return self.of(&it.elem),
            syn::Type::Slice(it) => return array(self.of(&it.elem)),
            syn::Type::Array(it) => return array(self.of(&it.elem)),
            _ => {}
        }
        let syn::Type::Path(path) = ty else { return Node::Object(Vec::new()) };
        let Some(last) = path.path.segments.last() else { return Node::Object(Vec::new()) };
        let name = last.ident.to_string();
        if self.known.contains_key(&name) && !is_foreign(&path.path) {
            return reference(&name);
        }
        match name.as_str() {
            "bool" => plain("boolean"),
            "u64" | "usize" => Node::Object(vec![
                entry("type", text_node("integer")),
                entry("format", text_node("uint64")),
            ]),
            "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "isize" => plain("integer"),
            "f32" | "f64" => plain("number"),
            "Number" => Node::Object(vec![
                entry("type", text_node("number")),
                entry(EXACT, Node::Bool(true)),
            ]),
            "String" | "str" | "char" | "Cow" => plain("string"),
            "RefreshToken" => Node::Object(vec![
                entry("type", text_node("string")),
                entry(REFRESH_TOKEN, Node::Bool(true)),
            ]),
            "Bytes" | "Part" | "FileBody" => Node::Object(vec![
                entry("type", text_node("string")),
                entry("format", text_node("binary")),
            ]),
            "Vec" | "HashSet" | "BTreeSet" => array(
                argument(ty, &name).map_or_else(|| Node::Object(Vec::new()), |it| self.of(&it)),
            ),
            "Box" | "Arc" | "Rc" => {
                argument(ty, &name).map_or_else(|| Node::Object(Vec::new()), |it| self.of(&it))
            }
            "Option" => argument(ty, "Option")
                .map_or_else(|| Node::Object(Vec::new()), |it| nullable(self.of(&it))),
            "BTreeMap" | "HashMap" | "Map" => {
                let value =
                    argument(ty, &name).map_or_else(|| Node::Object(Vec::new()), |it| self.of(&it));
                let value = if value.object().is_empty() { Node::Bool(true) } else { value };
                Node::Object(vec![
                    entry("type", text_node("object")),
                    entry("additionalProperties", value),
                ])
            }
            _ => Node::Object(Vec::new()),
        }
    }
}

/// Whether a path leads to a crate whose types have a schema of their own, such as `serde_json::Value`.
fn is_foreign(path: &syn::Path) -> bool {
    const CRATES: [&str; 6] = ["alloc", "bytes", "core", "perennial", "serde_json", "std"];
    let first = path.segments.first().filter(|_| path.segments.len() > 1);
    first.is_some_and(|it| CRATES.iter().any(|name| it.ident == name))
}

fn array(items: Node) -> Node {
    Node::Object(vec![entry("type", text_node("array")), entry("items", items)])
}

pub(super) fn nullable(schema: Node) -> Node {
    let null = text_node("null");
    match schema.get("type") {
        Some(Node::Text(kind)) if schema.get("enum").is_none() => {
            let kinds = Node::List(vec![text_node(kind), null]);
            let with = |(key, value): &(String, Node)| {
                (key.clone(), if key == "type" { kinds.clone() } else { value.clone() })
            };
            Node::Object(schema.object().iter().map(with).collect())
        }
        _ if schema.object().is_empty() => schema,
        _ => Node::Object(vec![entry(
            "oneOf",
            Node::List(vec![schema, Node::Object(vec![entry("type", null)])]),
        )]),
    }
}

pub(super) fn described(schema: Node, docs: &[String]) -> Node {
    match (schema, docs) {
        (schema, []) => schema,
        (Node::Object(mut entries), docs) => {
            entries.push(entry("description", text_node(&docs.join("\n\n"))));
            Node::Object(entries)
        }
        (schema, _) => schema,
    }
}

/// A variant keeps its name, if that is not the name of its type.
pub(super) fn titled(schema: Node, name: &str) -> Node {
    let is_same = schema.text_of("$ref").is_some_and(|it| it.rsplit('/').next() == Some(name));
    match schema {
        Node::Object(mut entries) if !is_same => {
            entries.push(entry("title", text_node(name)));
            Node::Object(entries)
        }
        schema => schema,
    }
}

/// The argument of a generic type of this name, the last if it has several.
pub(super) fn argument(ty: &syn::Type, name: &str) -> Option<syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|it| it.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().rev().find_map(|it| syn::parse2::<syn::Type>(it.to_token_stream()).ok())
}
