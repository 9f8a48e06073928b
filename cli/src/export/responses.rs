//! Exports the return type of a method as responses.

use super::options::Opt;
use super::schema::{argument, nullable};
use super::types::Items;
use super::{entry, reference, text_node};
use crate::node::Node;

/// The content of a response: a media type and a schema, if it has one.
fn returned(function: &syn::TraitItemFn, items: &Items<'_>) -> Option<(&'static str, Node)> {
    let syn::ReturnType::Type(_, ty) = &function.sig.output else { return None };
    for (name, media) in [("Events", "text/event-stream"), ("Lines", "application/x-ndjson")] {
        if let Some(item) = argument_first(ty, name) {
            return Some((media, items.of(&item)));
        }
    }
    if let Some(item) = argument_first(ty, "Pages") {
        return Some((
            "application/json",
            Node::Object(vec![entry("type", text_node("array")), entry("items", items.of(&item))]),
        ));
    }
    let value = argument_first(ty, "Result")?;
    let value = argument(&value, "Response").unwrap_or(value);
    let optional = argument(&value, "Option");
    let is_optional = optional.is_some();
    let value = optional.unwrap_or(value);
    if matches!(&value, syn::Type::Tuple(it) if it.elems.is_empty()) {
        return None;
    }
    let name = match &value {
        syn::Type::Path(path) => {
            path.path.segments.last().map(|it| it.ident.to_string()).unwrap_or_default()
        }
        _ => String::new(),
    };
    let text = || Node::Object(vec![entry("type", text_node("string"))]);
    Some(match name.as_str() {
        // Only in JSON can a text be `null`.
        "String" if is_optional => ("application/json", nullable(text())),
        "String" => ("text/plain", text()),
        "Bytes" => ("image/*", text()),
        "Download" => ("application/octet-stream", text()),
        "Tokens" => {
            ("application/json", items.tokens().map_or_else(|| Node::Object(Vec::new()), reference))
        }
        _ => ("application/json", items.of(&value)),
    })
}

/// The first argument of a generic type of this name.
fn argument_first(ty: &syn::Type, name: &str) -> Option<syn::Type> {
    let syn::Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|it| it.ident == name)?;
    let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|it| match it {
        syn::GenericArgument::Type(ty) => Some(ty.clone()),
        _ => None,
    })
}

pub(super) fn responses(function: &syn::TraitItemFn, options: &[Opt], items: &Items<'_>) -> Node {
    let described = |text: &str| vec![entry("description", text_node(text))];
    let Some((media, schema)) = returned(function, items) else {
        return Node::Object(vec![entry("204", Node::Object(described("Done.")))]);
    };
    let mut good = described("Done.");
    let pages = options.iter().find(|it| it.is("page"));
    if pages.is_some_and(|it| it.list().iter().any(|it| it.is("link"))) {
        let text = Node::Object(vec![entry("type", text_node("string"))]);
        let link = Node::Object(vec![entry("schema", text)]);
        good.push(entry("headers", Node::Object(vec![entry("Link", link)])));
    }
    good.push(entry(
        "content",
        Node::Object(vec![(media.to_owned(), Node::Object(vec![entry("schema", schema)]))]),
    ));
    let mut all = vec![entry("200", Node::Object(good))];
    if is_optional(function) {
        all.push(entry("204", Node::Object(described("Nothing."))));
    }
    Node::Object(all)
}

fn is_optional(function: &syn::TraitItemFn) -> bool {
    let syn::ReturnType::Type(_, ty) = &function.sig.output else { return false };
    argument_first(ty, "Result").is_some_and(|it| argument(&it, "Option").is_some())
}

/// Another response that an operation may have.
pub(super) fn also(operation: &mut Node, function: &syn::TraitItemFn, items: &Items<'_>) {
    let Some((media, schema)) = returned(function, items) else { return };
    let Node::Object(entries) = operation else { return };
    let Some((_, Node::Object(responses))) = entries.iter_mut().find(|(key, _)| key == "responses")
    else {
        return;
    };
    let Some((_, Node::Object(first))) = responses.first_mut() else { return };
    if let Some((_, Node::Object(content))) = first.iter_mut().find(|(key, _)| key == "content")
        && content.iter().all(|(other, _)| other != media)
    {
        content.push((media.to_owned(), Node::Object(vec![entry("schema", schema)])));
    }
}
