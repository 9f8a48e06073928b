//! `cargo perennial export`: turns a trait and its types into an OpenAPI 3.1 document.

mod body;
mod object;
mod operation;
mod options;
mod parameters;
mod responses;
mod schema;
mod types;
mod words;

use std::collections::HashMap;
use std::path::Path;

use crate::node::Node;
use options::{Opt, options_of};

/// The document of a trait in a file.
///
/// # Errors
///
/// If the file is not Rust, or has no such trait.
pub fn of_file(path: &Path, name: Option<&str>) -> Result<Node, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    of_text(&text, name).map_err(|error| format!("{}: {error}", path.display()))
}

/// The document of a trait in a text.
///
/// # Errors
///
/// Those of [`of_file`].
pub fn of_text(text: &str, name: Option<&str>) -> Result<Node, String> {
    let file = syn::parse_file(text)
        .map_err(|error| format!("line {}: {error}", error.span().start().line))?;
    let traits: Vec<&syn::ItemTrait> = file
        .items
        .iter()
        .filter_map(|item| match item {
            syn::Item::Trait(it) if attribute(&it.attrs, "api_client").is_some() => Some(it),
            _ => None,
        })
        .collect();
    let api = match (name, &traits[..]) {
        (None, [only]) => only,
        (None, []) => return Err("no trait with `#[api_client]`".to_owned()),
        (None, several) => {
            let names: Vec<String> = several.iter().map(|it| format!("`{}`", it.ident)).collect();
            return Err(format!(
                "there are several traits, {}\nhelp: name one, as in `--trait {}`",
                names.join(", "),
                several[0].ident
            ));
        }
        (Some(name), all) => all
            .iter()
            .find(|it| it.ident == name)
            .ok_or_else(|| format!("no trait `{name}` with `#[api_client]`"))?,
    };
    let items = types::Items::new(&file);
    let options = attribute(&api.attrs, "api_client").map(options_of).unwrap_or_default();
    let credentials = credentials(&options);
    Ok(document(api, text, &options, &credentials, &items))
}

fn document(
    api: &syn::ItemTrait,
    text: &str,
    options: &[Opt],
    credentials: &[Credential],
    items: &types::Items<'_>,
) -> Node {
    let docs = paragraphs(&api.attrs);
    let first = docs
        .first()
        .map_or_else(|| api.ident.to_string(), |it| it.trim_end_matches('.').to_owned());
    let said = first.rsplit_once(", version ");
    let (title, version) = said.unwrap_or((&first, "1"));
    let mut info = vec![entry("title", text_node(title)), entry("version", text_node(version))];
    info.extend(docs.get(1).map(|it| entry("description", text_node(it))));
    let mut root = vec![entry("openapi", text_node("3.1.0")), entry("info", Node::Object(info))];
    if let Some(base) = options.iter().find(|it| it.is("base")).and_then(Opt::text) {
        root.push(entry(
            "servers",
            Node::List(vec![Node::Object(vec![entry("url", text_node(&base))])]),
        ));
    }
    if !credentials.is_empty() {
        let all = credentials.iter().map(|it| entry(&it.scheme, Node::List(Vec::new()))).collect();
        root.push(entry("security", Node::List(vec![Node::Object(all)])));
    }
    root.push(entry("paths", operation::paths(api, text, options, credentials, items)));
    let mut components = Vec::new();
    if !credentials.is_empty() {
        let schemes = credentials.iter().map(|it| entry(&it.scheme, it.node.clone())).collect();
        components.push(entry("securitySchemes", Node::Object(schemes)));
    }
    components.push(entry("schemas", items.schemas()));
    root.push(entry("components", Node::Object(components)));
    root.push(entry("x-perennial", ours(api, text, said.is_some(), credentials)));
    Node::Object(root)
}

/// Options that OpenAPI cannot express, from which an import restores them.
fn ours(api: &syn::ItemTrait, text: &str, has_version: bool, credentials: &[Credential]) -> Node {
    let mut ours = vec![entry("trait", text_node(&api.ident.to_string()))];
    ours.extend((!has_version).then(|| entry("version", Node::Bool(false))));
    let rules = |it: &Credential| {
        entry(&it.scheme, Node::List(it.expired.iter().map(|it| text_node(it)).collect()))
    };
    let expired: Vec<_> =
        credentials.iter().filter(|it| !it.expired.is_empty()).map(rules).collect();
    if !expired.is_empty() {
        ours.push(entry("expired", Node::Object(expired)));
    }
    ours.push(entry(
        "guessed",
        Node::List(
            guesses(above(text, &api.attrs, &api.ident)).iter().map(|it| text_node(it)).collect(),
        ),
    ));
    Node::Object(ours)
}

/// How a credential is sent, by the name that its scheme gets.
struct Credential {
    /// Its name in the trait; empty for the first.
    name: String,
    scheme: String,
    node: Node,
    /// The rules of `expired(..)`.
    expired: Vec<String>,
}

fn credentials(options: &[Opt]) -> Vec<Credential> {
    // OpenAPI has no scheme for a field of the body.
    let can_be_said = |it: &&Opt| it.is("auth") && !it.list().iter().any(|it| it.is("field"));
    options.iter().filter(can_be_said).map(|it| credential(it.list())).collect()
}

fn credential(options: &[Opt]) -> Credential {
    let of = |key: &str| options.iter().find(|it| it.is(key)).and_then(Opt::text);
    let name = of("name").unwrap_or_default();
    let pairs = |pairs: &[(&str, &str)]| {
        Node::Object(pairs.iter().map(|(key, value)| entry(key, text_node(value))).collect())
    };
    let has = |word: &str| options.iter().any(|it| it.is(word));
    let key = ["header", "query", "cookie"].into_iter().find_map(|it| Some((it, of(it)?)));
    let node = match (key, of("scheme")) {
        (Some((place, key)), _) => pairs(&[("type", "apiKey"), ("in", place), ("name", &key)]),
        (_, Some(scheme)) => pairs(&[("type", "http"), ("scheme", &scheme)]),
        _ if has("basic") => pairs(&[("type", "http"), ("scheme", "basic")]),
        // The trait does not name the server, so no flow can be described.
        _ if has("oauth2") => Node::Object(vec![
            entry("type", text_node("oauth2")),
            entry("flows", Node::Object(Vec::new())),
        ]),
        _ => pairs(&[("type", "http"), ("scheme", "bearer")]),
    };
    let scheme = if name.is_empty() { "token".to_owned() } else { name.clone() };
    let expired = options.iter().filter(|it| it.is("expired")).map(Opt::inside).collect();
    Credential { name, scheme, node, expired }
}

/// The comments directly above an item and within its attributes, up to its name.
fn above(text: &str, attributes: &[syn::Attribute], name: &syn::Ident) -> String {
    let end = name.span().byte_range().start;
    let start = attributes.first().map_or(end, |it| it.pound_token.spans[0].byte_range().start);
    // Without documentation the comments come before the first attribute.
    let before = text[..start].trim_end();
    let lines: Vec<&str> =
        before.lines().rev().take_while(|it| it.trim_start().starts_with("//")).collect();
    let lines: Vec<&str> = lines.into_iter().rev().chain(text[start..end].lines()).collect();
    lines.join("\n")
}

/// The texts of `// guessed:` comments; a comment may continue on the next line.
fn guesses(text: String) -> Vec<String> {
    let mut guesses: Vec<String> = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        match line.strip_prefix("// guessed: ") {
            Some(guess) => {
                guesses.push(guess.to_owned());
                inside = true;
            }
            None if inside && line.starts_with("// ") => {
                if let Some(last) = guesses.last_mut() {
                    last.push(' ');
                    last.push_str(&line[3..]);
                }
            }
            None => inside = false,
        }
    }
    guesses
}

/// The attribute of this name.
fn attribute<'f>(attributes: &'f [syn::Attribute], name: &str) -> Option<&'f syn::Attribute> {
    attributes.iter().find(|it| it.path().segments.last().is_some_and(|it| it.ident == name))
}

/// The paragraphs of the documentation, as they were in the document.
fn paragraphs(attributes: &[syn::Attribute]) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for attribute in attributes.iter().filter(|it| it.path().is_ident("doc")) {
        let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(line), .. }) = &pair.value else {
            continue;
        };
        let line = line.value();
        match (line.trim(), paragraphs.last_mut()) {
            ("", _) => paragraphs.push(String::new()),
            (line, Some(last)) => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(&crate::text::unescaped_line(line));
            }
            (_, None) => {}
        }
    }
    paragraphs
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(|it| crate::text::unescaped(&it))
        .collect()
}

fn entry(key: &str, value: Node) -> (String, Node) {
    (key.to_owned(), value)
}

fn text_node(text: &str) -> Node {
    Node::Text(text.to_owned())
}

fn reference(name: &str) -> Node {
    Node::Object(vec![entry("$ref", text_node(&format!("#/components/schemas/{name}")))])
}

/// Names of types in the file.
type Known<'f> = HashMap<String, &'f syn::Item>;
