//! Exports the types of a file as schemas, as far as serde's attributes define them.

use std::collections::HashMap;

use proc_macro2::TokenTree;

use super::object::Object;
use super::options::{Opt, options_of};
use super::schema::{argument, described, titled};
use super::words::{arms, pairs, renamed, unquoted, variant_name};
use super::{Known, attribute, entry, paragraphs, text_node};
use crate::document::UNTAGGED;
use crate::node::Node;
use crate::types::named_texts;

/// The types of a file.
pub(super) struct Items<'f> {
    pub(super) known: Known<'f>,
    order: Vec<(String, &'f syn::Item)>,
    /// The contents of `text_enum!` and similar macros, by type.
    macros: HashMap<String, (String, Vec<TokenTree>)>,
}

impl<'f> Items<'f> {
    pub(super) fn new(file: &'f syn::File) -> Self {
        let mut items = Self { known: HashMap::new(), order: Vec::new(), macros: HashMap::new() };
        for item in &file.items {
            let name = match item {
                syn::Item::Struct(it) => it.ident.to_string(),
                syn::Item::Enum(it) => it.ident.to_string(),
                syn::Item::Type(it) => it.ident.to_string(),
                syn::Item::Macro(it) if it.ident.is_none() => {
                    items.take_macro(&it.mac);
                    continue;
                }
                _ => continue,
            };
            items.known.insert(name.clone(), item);
            items.order.push((name, item));
        }
        items
    }

    fn take_macro(&mut self, mac: &syn::Macro) {
        let tokens: Vec<TokenTree> = mac.tokens.clone().into_iter().collect();
        let name = tokens.iter().find_map(|it| match it {
            TokenTree::Ident(word) if word != "only" => Some(word.to_string()),
            _ => None,
        });
        if let (Some(name), Some(last)) = (name, mac.path.segments.last()) {
            self.macros.insert(name, (last.ident.to_string(), tokens));
        }
    }

    /// All schemas, in the order of the file.
    pub(super) fn schemas(&self) -> Node {
        Node::Object(
            self.order.iter().map(|(name, item)| (name.clone(), self.schema(name, item))).collect(),
        )
    }

    /// A struct with an access token, which a signature calls `Tokens`.
    pub(super) fn tokens(&self) -> Option<&str> {
        let has = |item: &syn::Item| match item {
            syn::Item::Struct(it) => it.fields.iter().any(|it| {
                it.ident.as_ref().is_some_and(|it| {
                    ["access_token", "token", "jwt"].contains(&it.to_string().as_str())
                })
            }),
            _ => false,
        };
        self.order.iter().find(|(_, item)| has(item)).map(|(name, _)| name.as_str())
    }

    fn schema(&self, name: &str, item: &syn::Item) -> Node {
        let (attributes, mut schema) = match item {
            syn::Item::Type(it) => (&it.attrs, self.of(&it.ty)),
            syn::Item::Struct(it) => (&it.attrs, self.of_struct(it)),
            syn::Item::Enum(it) => (&it.attrs, self.of_enum(name, it)),
            _ => return Node::Object(Vec::new()),
        };
        if let Node::Object(entries) = &mut schema {
            let mut docs = paragraphs(attributes);
            if docs.last().is_some_and(|it| it == "Deprecated.") {
                docs.pop();
                entries.insert(0, entry("deprecated", Node::Bool(true)));
            }
            if !docs.is_empty() {
                entries.insert(0, entry("description", text_node(&docs.join("\n\n"))));
            }
        }
        schema
    }

    fn of_struct(&self, item: &syn::ItemStruct) -> Node {
        let has_json = derives_json(&item.attrs);
        let serde = serde(&item.attrs);
        let is_transparent = serde.iter().any(|it| it.is("transparent"));
        if let Some(only) =
            item.fields.iter().next().filter(|it| is_transparent || it.ident.is_none())
        {
            return self.of(&only.ty);
        }
        let case =
            serde.iter().find(|it| it.is("rename_all")).and_then(Opt::text).unwrap_or_default();
        let mut object = Object::default();
        object.constant(&serde, has_json, item);
        for field in &item.fields {
            self.field(field, &case, has_json, &mut object);
        }
        object.is_closed = serde.iter().any(|it| it.is("deny_unknown_fields"));
        object.schema()
    }

    /// Adds a field to the schema of its struct.
    fn field(&self, field: &syn::Field, case: &str, has_json: bool, object: &mut Object) {
        let Some(name) = &field.ident else { return };
        let options = serde_of(&field.attrs);
        if options.iter().any(|it| it.is("skip")) {
            return;
        }
        if options.iter().any(|it| it.is("flatten")) {
            match argument(&field.ty, "BTreeMap").or_else(|| argument(&field.ty, "HashMap")) {
                Some(it) => object.more = Some(self.of(&it)),
                None => object.beside.push(self.of(&field.ty)),
            }
            return;
        }
        let own = options.iter().find(|it| it.is("rename")).and_then(Opt::text);
        let wire = own.unwrap_or_else(|| renamed(&name.to_string(), case));
        // The runtime's derive leaves out what is `None`, unless it is told to write it.
        let may_be_missing = match has_json {
            true => !options.iter().any(|it| it.is("required")),
            false => options.iter().any(|it| it.is("default") || it.is("skip_serializing_if")),
        };
        let is_option = argument(&field.ty, "Option").is_some();
        let may_be_missing = may_be_missing && (is_option || !has_json);
        let (schema, is_required) = self.of_field(&field.ty, may_be_missing);
        object.property(wire, described(schema, &paragraphs(&field.attrs)), is_required);
    }

    /// The schema of a field, and whether it is required.
    fn of_field(&self, ty: &syn::Type, may_be_missing: bool) -> (Node, bool) {
        let Some(inner) = argument(ty, "Option") else { return (self.of(ty), !may_be_missing) };
        match (argument(&inner, "Option"), may_be_missing) {
            // A missing field and `null` differ.
            (Some(_), _) => (self.of(&inner), false),
            (None, true) => (self.of(&inner), false),
            // serde writes `null`.
            (None, false) => (self.of(ty), true),
        }
    }

    fn of_enum(&self, name: &str, item: &syn::ItemEnum) -> Node {
        let listed = self.macros.get(name).and_then(|(kind, tokens)| match kind.as_str() {
            "text_enum" => Some(texts(tokens)),
            "number_enum" => Some(numbers(tokens)),
            _ => None,
        });
        if let Some(schema) = listed {
            return schema;
        }
        let serde = serde(&item.attrs);
        let variants = item.variants.iter().filter(|it| !it.fields.is_empty() || serde.is_empty());
        let case =
            serde.iter().find(|it| it.is("rename_all")).and_then(Opt::text).unwrap_or_default();
        if item.variants.iter().all(|it| it.fields.is_empty()) {
            let values = variants.map(|it| {
                let own = serde_of(&it.attrs).iter().find(|it| it.is("rename")).and_then(Opt::text);
                Node::Text(own.unwrap_or_else(|| variant_name(&it.ident.to_string(), &case)))
            });
            return Node::Object(vec![
                entry("type", text_node("string")),
                entry("enum", Node::List(values.collect())),
            ]);
        }
        let all = variants
            .filter_map(|it| {
                Some(titled(self.of(&it.fields.iter().next()?.ty), &it.ident.to_string()))
            })
            .collect();
        let mut schema = vec![entry("oneOf", Node::List(all))];
        let is_tagged = |kind: &str| ["tagged_union", "tagged_or_closest_union"].contains(&kind);
        if let Some((_, tokens)) = self.macros.get(name).filter(|(kind, _)| is_tagged(kind)) {
            schema.push(entry("discriminator", self.discriminator(item, tokens)));
        } else {
            // A field of the variants may look as if it distinguished them.
            schema.push(entry(UNTAGGED, Node::Bool(true)));
        }
        Node::Object(schema)
    }

    fn discriminator(&self, item: &syn::ItemEnum, tokens: &[TokenTree]) -> Node {
        let property = tokens.iter().find_map(|it| match it {
            TokenTree::Literal(it) => Some(unquoted(&it.to_string())),
            _ => None,
        });
        let mut mapping = Vec::new();
        for (values, variant) in arms(tokens) {
            let Some(ty) = item
                .variants
                .iter()
                .find(|it| it.ident == variant)
                .and_then(|it| it.fields.iter().next())
            else {
                continue;
            };
            let schema = self.of(&ty.ty);
            if let Some(to) = schema.text_of("$ref") {
                mapping.extend(values.into_iter().map(|it| entry(&it, text_node(to))));
            }
        }
        Node::Object(vec![
            entry("propertyName", text_node(&property.unwrap_or_default())),
            entry("mapping", Node::Object(mapping)),
        ])
    }
}

/// The values of `text_enum!`, with the names of variants that an import would give others.
fn texts(tokens: &[TokenTree]) -> Node {
    let pairs = pairs(tokens);
    let texts: Vec<String> = pairs.iter().map(|(_, value)| unquoted(value)).collect();
    let only = tokens.iter().any(|it| matches!(it, TokenTree::Ident(word) if word == "only"));
    let is_open_one = texts.len() == 1 && !only;
    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let usual = named_texts(&borrowed, None, !only);
    let has_usual_names = usual.iter().map(|(name, _)| name).eq(pairs.iter().map(|(name, _)| name));
    let text = || entry("type", text_node("string"));
    let values = texts.iter().map(|it| text_node(it)).collect();
    let mut listed = vec![text(), entry("enum", Node::List(values))];
    if !has_usual_names {
        let names = pairs.iter().map(|(name, _)| text_node(name)).collect();
        listed.push(entry("x-enum-varnames", Node::List(names)));
    }
    let listed = Node::Object(listed);
    // A single value alone would be a constant.
    match is_open_one {
        true => {
            Node::Object(vec![entry("anyOf", Node::List(vec![Node::Object(vec![text()]), listed]))])
        }
        false => listed,
    }
}

/// The values of `number_enum!`.
fn numbers(tokens: &[TokenTree]) -> Node {
    let one = |(name, value): (String, String)| {
        let value = value.replace(' ', "").parse::<i64>().unwrap_or_default();
        Node::Object(vec![
            entry("title", text_node(&name)),
            entry("const", Node::Number(value.into())),
        ])
    };
    let all = pairs(tokens).into_iter().map(one).collect();
    Node::Object(vec![entry("type", text_node("integer")), entry("oneOf", Node::List(all))])
}

fn serde(attributes: &[syn::Attribute]) -> Vec<Opt> {
    serde_of(attributes)
}

/// The options of serde, and those of the runtime's derive, which mean the same.
fn serde_of(attributes: &[syn::Attribute]) -> Vec<Opt> {
    let is_ours = |it: &&syn::Attribute| {
        ["serde", "json"].iter().any(|name| attribute(std::slice::from_ref(*it), name).is_some())
    };
    attributes.iter().filter(is_ours).flat_map(options_of).collect()
}

/// Whether a struct has the runtime's derive.
fn derives_json(attributes: &[syn::Attribute]) -> bool {
    let derives = attributes.iter().filter(|it| it.path().is_ident("derive")).flat_map(options_of);
    derives.into_iter().any(|it| it.last_word() == "Json")
}
