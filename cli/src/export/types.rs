//! Types of a file as schemas, as far as serde shows them.

use std::collections::HashMap;

use proc_macro2::TokenTree;
use quote::ToTokens;

use super::options::{Opt, options, options_of};
use super::{Known, attribute, entry, paragraphs, reference, text_node};
use crate::node::Node;

/// The types of a file.
pub(super) struct Items<'f> {
    known: Known<'f>,
    order: Vec<(String, &'f syn::Item)>,
    /// What `text_enum!` and its like say, by type.
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

    /// A struct that has an access token, which `Tokens` stands for in a signature.
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
        let serde = serde(&item.attrs);
        let is_transparent = serde.iter().any(|it| it.is("transparent"));
        if let Some(only) =
            item.fields.iter().next().filter(|it| is_transparent || it.ident.is_none())
        {
            return self.of(&only.ty);
        }
        let case =
            serde.iter().find(|it| it.is("rename_all")).and_then(Opt::text).unwrap_or_default();
        let (mut properties, mut required) = (Vec::new(), Vec::new());
        let mut more = None;
        if let Some(tag) = serde.iter().find(|it| it.is("tag")).and_then(Opt::text) {
            let value = serde
                .iter()
                .find(|it| it.is("rename"))
                .and_then(Opt::text)
                .unwrap_or_else(|| item.ident.to_string());
            required.push(text_node(&tag));
            let values = Node::List(vec![text_node(&value)]);
            properties.push((
                tag,
                Node::Object(vec![entry("type", text_node("string")), entry("enum", values)]),
            ));
        }
        for field in &item.fields {
            let Some(name) = &field.ident else { continue };
            let of_field = serde_of(&field.attrs);
            if of_field.iter().any(|it| it.is("skip")) {
                continue;
            }
            if of_field.iter().any(|it| it.is("flatten")) {
                more = argument(&field.ty, "BTreeMap")
                    .or_else(|| argument(&field.ty, "HashMap"))
                    .map(|it| self.of(&it));
                continue;
            }
            let name = name.to_string();
            let wire = of_field
                .iter()
                .find(|it| it.is("rename"))
                .and_then(Opt::text)
                .unwrap_or_else(|| renamed(&name, &case));
            let may_be_missing =
                of_field.iter().any(|it| it.is("default") || it.is("skip_serializing_if"));
            let (schema, is_required) = self.of_field(&field.ty, may_be_missing);
            let schema = described(schema, &paragraphs(&field.attrs));
            if is_required {
                required.push(text_node(&wire));
            }
            properties.push((wire, schema));
        }
        let mut schema = vec![entry("type", text_node("object"))];
        if !required.is_empty() {
            schema.push(entry("required", Node::List(required)));
        }
        schema.push(entry("properties", Node::Object(properties)));
        if let Some(more) = more {
            let is_any = more.object().is_empty();
            schema
                .push(entry("additionalProperties", if is_any { Node::Bool(true) } else { more }));
        } else if serde.iter().any(|it| it.is("deny_unknown_fields")) {
            schema.push(entry("additionalProperties", Node::Bool(false)));
        }
        Node::Object(schema)
    }

    /// The schema of a field, and whether it must be there.
    fn of_field(&self, ty: &syn::Type, may_be_missing: bool) -> (Node, bool) {
        let Some(inner) = argument(ty, "Option") else { return (self.of(ty), !may_be_missing) };
        match (argument(&inner, "Option"), may_be_missing) {
            // Nothing and `null` are two things.
            (Some(_), _) => (self.of(&inner), false),
            (None, true) => (self.of(&inner), false),
            // serde writes `null`.
            (None, false) => (self.of(ty), true),
        }
    }

    fn of_enum(&self, name: &str, item: &syn::ItemEnum) -> Node {
        if let Some((kind, tokens)) = self.macros.get(name) {
            match kind.as_str() {
                "text_enum" => {
                    let values: Vec<Node> = pairs(tokens)
                        .into_iter()
                        .map(|(_, value)| Node::Text(unquoted(&value)))
                        .collect();
                    let only = tokens
                        .iter()
                        .any(|it| matches!(it, TokenTree::Ident(word) if word == "only"));
                    let is_open_one = values.len() == 1 && !only;
                    let listed = Node::Object(vec![
                        entry("type", text_node("string")),
                        entry("enum", Node::List(values)),
                    ]);
                    // A single value alone would be a constant.
                    let any = Node::Object(vec![entry("type", text_node("string"))]);
                    return if is_open_one {
                        Node::Object(vec![entry("anyOf", Node::List(vec![any, listed]))])
                    } else {
                        listed
                    };
                }
                "number_enum" => {
                    let one = |(name, value): (String, String)| {
                        let value = value.replace(' ', "").parse::<i64>().unwrap_or_default();
                        Node::Object(vec![
                            entry("title", text_node(&name)),
                            entry("const", Node::Number(value.into())),
                        ])
                    };
                    let all = pairs(tokens).into_iter().map(one).collect();
                    return Node::Object(vec![
                        entry("type", text_node("integer")),
                        entry("oneOf", Node::List(all)),
                    ]);
                }
                _ => {}
            }
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
        if let Some((_, tokens)) = self.macros.get(name).filter(|(kind, _)| kind == "tagged_union")
        {
            schema.push(entry("discriminator", self.discriminator(item, tokens)));
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
        if self.known.contains_key(&name) {
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
            "String" | "str" | "char" | "Cow" => plain("string"),
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

fn array(items: Node) -> Node {
    Node::Object(vec![entry("type", text_node("array")), entry("items", items)])
}

fn nullable(schema: Node) -> Node {
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

fn described(schema: Node, docs: &[String]) -> Node {
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
fn titled(schema: Node, name: &str) -> Node {
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

fn serde(attributes: &[syn::Attribute]) -> Vec<Opt> {
    serde_of(attributes)
}

fn serde_of(attributes: &[syn::Attribute]) -> Vec<Opt> {
    attributes
        .iter()
        .filter(|it| attribute(std::slice::from_ref(it), "serde").is_some())
        .flat_map(options_of)
        .collect()
}

/// The pairs of `text_enum!(Name { A = "a", })`.
fn pairs(tokens: &[TokenTree]) -> Vec<(String, String)> {
    let Some(TokenTree::Group(group)) =
        tokens.iter().rev().find(|it| matches!(it, TokenTree::Group(_)))
    else {
        return Vec::new();
    };
    options(group.stream())
        .into_iter()
        .filter_map(|it| Some((it.key.clone(), it.word()?)))
        .collect()
}

/// The arms of `tagged_union!(Name by "field" { "a" | "b" => A, })`.
fn arms(tokens: &[TokenTree]) -> Vec<(Vec<String>, String)> {
    let Some(TokenTree::Group(group)) =
        tokens.iter().rev().find(|it| matches!(it, TokenTree::Group(_)))
    else {
        return Vec::new();
    };
    let (mut arms, mut values) = (Vec::new(), Vec::new());
    for token in group.stream() {
        match token {
            TokenTree::Literal(it) => values.push(unquoted(&it.to_string())),
            TokenTree::Ident(it) => arms.push((std::mem::take(&mut values), it.to_string())),
            _ => {}
        }
    }
    arms
}

fn unquoted(literal: &str) -> String {
    syn::parse_str::<syn::LitStr>(literal).map_or_else(|_| literal.to_owned(), |it| it.value())
}

/// The name of a field on the wire, as serde's `rename_all` makes it.
fn renamed(field: &str, case: &str) -> String {
    let field = field.strip_prefix("r#").unwrap_or(field);
    let words = || field.split('_').filter(|it| !it.is_empty());
    let capital = |word: &str| {
        word.chars()
            .take(1)
            .flat_map(char::to_uppercase)
            .chain(word.chars().skip(1))
            .collect::<String>()
    };
    match case {
        "PascalCase" => words().map(capital).collect(),
        "camelCase" => words()
            .enumerate()
            .map(|(at, word)| if at == 0 { word.to_owned() } else { capital(word) })
            .collect(),
        "kebab-case" => field.replace('_', "-"),
        "SCREAMING_SNAKE_CASE" => field.to_uppercase(),
        "SCREAMING-KEBAB-CASE" => field.to_uppercase().replace('_', "-"),
        _ => field.to_owned(),
    }
}

fn variant_name(variant: &str, case: &str) -> String {
    let snake = crate::names::words(variant).join("_");
    match case {
        "" | "PascalCase" => variant.to_owned(),
        "lowercase" => variant.to_lowercase(),
        "UPPERCASE" => variant.to_uppercase(),
        "snake_case" => snake,
        case => renamed(&snake, case),
    }
}
