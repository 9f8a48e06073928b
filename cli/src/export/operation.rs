//! Exports the methods of a trait as operations.

use super::options::{Opt, options_of};
use super::responses::{also, responses};
use super::schema::argument;
use super::types::Items;
use super::{Credential, above, attribute, entry, guesses, paragraphs, text_node};
use crate::node::Node;

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "http"];

/// All paths, in the order of the trait.
pub(super) fn paths(
    api: &syn::ItemTrait,
    text: &str,
    options: &[Opt],
    credentials: &[Credential],
    items: &Items<'_>,
) -> Node {
    let case =
        options.iter().find(|it| it.is("rename_all")).and_then(Opt::text).unwrap_or_default();
    let mut paths: Vec<(String, Node)> = Vec::new();
    for member in &api.items {
        let syn::TraitItem::Fn(function) = member else { continue };
        let Some((verb, path, options)) = verb_of(&function.attrs) else { continue };
        let method = Method { function, options: &options, credentials, items, case: &case, text };
        let operation = method.operation(&path);
        let item = item_of(&mut paths, &path);
        match item.iter_mut().find(|(other, _)| *other == verb) {
            None => item.push((verb, operation)),
            Some((_, first)) if is_the_same(first, &operation) => {
                also(first, function, items);
                also_body(first, method.body());
            }
            // A document has one operation at an address. An import leaves out what is behind `#`.
            Some(_) => {
                let path = format!("{path}#{}", function.sig.ident);
                item_of(&mut paths, &path).push((verb, operation));
            }
        }
    }
    Node::Object(paths)
}

/// The operations at a path.
fn item_of<'p>(paths: &'p mut Vec<(String, Node)>, path: &str) -> &'p mut Vec<(String, Node)> {
    let at = paths.iter().position(|(other, _)| other == path).unwrap_or_else(|| {
        paths.push((path.to_owned(), Node::Object(Vec::new())));
        paths.len() - 1
    });
    match &mut paths[at].1 {
        Node::Object(item) => item,
        _ => unreachable!("each path is an object"),
    }
}

/// Whether two methods are one operation: they return different media types, or one of them takes files as well.
fn is_the_same(first: &Node, second: &Node) -> bool {
    let body = |it: &Node| it.get("requestBody").and_then(|it| it.get("content")).cloned();
    let good = |it: &Node| {
        it.get("responses").and_then(|it| it.get("200")).and_then(|it| it.get("content")).cloned()
    };
    let agree = |first: Option<Node>, second: Option<Node>| {
        let (Some(first), Some(second)) = (first, second) else { return true };
        first.object().iter().all(|(media, it)| second.get(media).is_none_or(|other| other == it))
    };
    let (body, other) = (body(first), body(second));
    let takes_files =
        |it: &Option<Node>| it.as_ref().is_some_and(|it| it.get("multipart/form-data").is_some());
    let has_one_body = body == other || takes_files(&body) != takes_files(&other);
    first.get("parameters") == second.get("parameters")
        && has_one_body
        && agree(body, other)
        && agree(good(first), good(second))
}

/// Another media type in which an operation takes its body.
fn also_body(operation: &mut Node, body: Option<Node>) {
    let Some(Node::Object(body)) = body else { return };
    let Some((_, Node::Object(more))) = body.into_iter().find(|(key, _)| key == "content") else {
        return;
    };
    let Node::Object(entries) = operation else { return };
    let Some((_, Node::Object(first))) = entries.iter_mut().find(|(key, _)| key == "requestBody")
    else {
        return;
    };
    if let Some((_, Node::Object(content))) = first.iter_mut().find(|(key, _)| key == "content") {
        let is_new = |media: &str| content.iter().all(|(other, _)| other != media);
        let more: Vec<_> = more.into_iter().filter(|(media, _)| is_new(media)).collect();
        content.extend(more);
    }
}

/// The verb, the path and the options of a method.
fn verb_of(attributes: &[syn::Attribute]) -> Option<(String, String, Vec<Opt>)> {
    let (verb, attribute) =
        VERBS.iter().find_map(|verb| Some((*verb, attribute(attributes, verb)?)))?;
    let mut options = options_of(attribute);
    let mut verb = verb.to_owned();
    if verb == "http" && options.first().is_some_and(|it| it.is_text) {
        verb = options.remove(0).key.to_lowercase();
    }
    let first = options.first().filter(|it| it.is_text)?;
    // `{id?}` and `{*rest}` are placeholders of OpenAPI as well, without these signs.
    let path = first.key.replace("?}", "}").replace("{*", "{");
    options.remove(0);
    Some((verb, path, options))
}

/// A parameter: its name, its type, and its role with options.
type Input<'m> = (String, &'m syn::Type, Option<(String, Vec<Opt>)>);

struct Method<'m> {
    function: &'m syn::TraitItemFn,
    options: &'m [Opt],
    credentials: &'m [Credential],
    items: &'m Items<'m>,
    case: &'m str,
    text: &'m str,
}

impl Method<'_> {
    fn operation(&self, path: &str) -> Node {
        let name = self.function.sig.ident.to_string();
        let mut operation = vec![entry("operationId", text_node(name.trim_start_matches("r#")))];
        let docs = paragraphs(&self.function.attrs);
        operation.extend(docs.first().map(|it| entry("summary", text_node(it))));
        if docs.len() > 1 {
            operation.push(entry("description", text_node(&docs[1..].join("\n\n"))));
        }
        if attribute(&self.function.attrs, "deprecated").is_some() {
            operation.push(entry("deprecated", Node::Bool(true)));
        }
        operation.extend(self.security().map(|it| entry("security", it)));
        let parameters = self.parameters(path);
        if !parameters.is_empty() {
            operation.push(entry("parameters", Node::List(parameters)));
        }
        operation.extend(self.body().map(|it| entry("requestBody", it)));
        operation.push(entry("responses", responses(self.function, self.options, self.items)));
        operation.extend(self.ours().map(|it| entry("x-perennial", it)));
        Node::Object(operation)
    }

    fn has(&self, word: &str) -> bool {
        self.options.iter().any(|it| it.is(word))
    }

    /// Options that OpenAPI cannot express.
    fn ours(&self) -> Option<Node> {
        let role = ["login", "refresh", "logout"].into_iter().find(|it| self.has(it))?;
        let guessed = guesses(above(self.text, &self.function.attrs, &self.function.sig.ident));
        let mut ours = vec![entry("role", text_node(role))];
        if !guessed.is_empty() {
            ours.push(entry(
                "guessed",
                Node::List(guessed.iter().map(|it| text_node(it)).collect()),
            ));
        }
        Some(Node::Object(ours))
    }

    fn security(&self) -> Option<Node> {
        if self.credentials.is_empty() {
            return None;
        }
        if self.has("public") || self.has("login") {
            return Some(Node::List(Vec::new()));
        }
        let own: Vec<&Opt> = self.options.iter().filter(|it| it.is("auth")).collect();
        let optional = self.has("optional");
        if own.is_empty() && !optional {
            return None;
        }
        let carried = self.carried(&own);
        if carried.is_empty() {
            return Some(Node::List(Vec::new()));
        }
        let carried = carried.iter().map(|it| entry(&it.scheme, Node::List(Vec::new()))).collect();
        let mut all = vec![Node::Object(carried)];
        if optional {
            all.insert(0, Node::Object(Vec::new()));
        }
        Some(Node::List(all))
    }

    /// The credentials that remain with the method's own `auth(..)`: each replaces those of the trait, except that
    /// `auth("csrf" = off)` leaves one out.
    fn carried(&self, own: &[&Opt]) -> Vec<&Credential> {
        let switches = |it: &&&Opt| it.list().iter().any(|it| it.is_text);
        let (off, own): (Vec<&Opt>, Vec<&Opt>) = own.iter().partition(switches);
        let off: Vec<&str> = off.iter().flat_map(|it| it.list()).map(|it| &*it.key).collect();
        let name = |it: &&Opt| {
            it.list().iter().find(|it| it.is("name")).and_then(Opt::text).unwrap_or_default()
        };
        let names: Vec<String> = own.iter().map(name).collect();
        let is_carried = |it: &&Credential| match own.is_empty() {
            true => !off.contains(&&*it.name),
            false => names.contains(&it.name),
        };
        self.credentials.iter().filter(is_carried).collect()
    }

    /// The parameters with their roles.
    fn inputs(&self) -> Vec<Input<'_>> {
        let roles =
            ["query", "header", "headers", "json", "form", "field", "part", "body", "url", "ext"];
        let typed = self.function.sig.inputs.iter().filter_map(|it| match it {
            syn::FnArg::Typed(typed) => Some(typed),
            syn::FnArg::Receiver(_) => None,
        });
        typed
            .filter_map(|typed| {
                let syn::Pat::Ident(pat) = &*typed.pat else { return None };
                let name = pat.ident.to_string().trim_start_matches("r#").to_owned();
                let role = roles.into_iter().find_map(|role| {
                    Some((role.to_owned(), options_of(attribute(&typed.attrs, role)?)))
                });
                Some((name, &*typed.ty, role))
            })
            .collect()
    }

    fn parameters(&self, path: &str) -> Vec<Node> {
        let mut parameters = Vec::new();
        for (name, ty, role) in self.inputs() {
            let wire = |options: &[Opt]| {
                options
                    .iter()
                    .find(|it| it.is_text)
                    .map(|it| it.key.clone())
                    .unwrap_or_else(|| self.renamed(&name))
            };
            let is_optional = argument(ty, "Option").is_some();
            let inner = argument(ty, "Option").unwrap_or_else(|| ty.clone());
            let schema = self.items.of(&inner);
            let is_list = schema.text_of("type") == Some("array");
            match role {
                None if path.contains(&format!("{{{name}}}")) => {
                    parameters.push(parameter(&name, "path", true, schema, &[]))
                }
                Some((role, options)) if role == "query" => {
                    if options.iter().any(|it| it.is("json")) {
                        let name = wire(&options);
                        parameters.push(in_json(&name, !is_optional, schema));
                        continue;
                    }
                    let is_flat = options.iter().any(|it| it.is("flatten"));
                    let name = if is_flat { name.clone() } else { wire(&options) };
                    parameters.push(parameter(
                        &name,
                        "query",
                        !is_optional && !is_list && !is_flat,
                        schema,
                        &style(&options),
                    ));
                }
                Some((role, options)) if role == "header" => {
                    let wire = options.iter().find(|it| it.is_text).map(|it| it.key.clone());
                    let wire = wire.unwrap_or_else(|| name.replace('_', "-"));
                    parameters.push(parameter(&wire, "header", !is_optional, schema, &[]));
                }
                _ => {}
            }
        }
        let key = self
            .options
            .iter()
            .find(|it| it.is("idempotent"))
            .and_then(|it| it.list().first().map(|it| it.key.clone()));
        let text = || Node::Object(vec![entry("type", text_node("string"))]);
        parameters.extend(key.map(|it| parameter(&it, "header", false, text(), &[])));
        parameters
    }

    fn renamed(&self, name: &str) -> String {
        match self.case {
            "camelCase" => {
                let pascal = crate::names::pascal(name);
                pascal
                    .chars()
                    .take(1)
                    .flat_map(char::to_lowercase)
                    .chain(pascal.chars().skip(1))
                    .collect()
            }
            "PascalCase" => crate::names::pascal(name),
            "kebab-case" => name.replace('_', "-"),
            _ => name.to_owned(),
        }
    }

    fn body(&self) -> Option<Node> {
        let inputs = self.inputs();
        let media = self.options.iter().find(|it| it.is("headers")).and_then(|it| {
            it.list()
                .iter()
                .find(|it| it.key.eq_ignore_ascii_case("content-type"))
                .and_then(Opt::text)
        });
        let mut pieces = Vec::new();
        for (name, ty, role) in &inputs {
            let Some((role, options)) = role else { continue };
            match role.as_str() {
                "json" => {
                    let media = options
                        .iter()
                        .find(|it| it.is_text)
                        .map_or("application/json", |it| &*it.key);
                    return Some(body(media, self.items.of(ty)));
                }
                "form" => {
                    return Some(body("application/x-www-form-urlencoded", self.items.of(ty)));
                }
                "body" => {
                    let named = options.iter().find(|it| it.is_text).map(|it| it.key.clone());
                    let is_text = matches!(&self.items.of(ty), it if it.get("format").is_none());
                    let schema = if is_text {
                        vec![entry("type", text_node("string"))]
                    } else {
                        vec![
                            entry("type", text_node("string")),
                            entry("format", text_node("binary")),
                        ]
                    };
                    return Some(body(
                        &named.or(media).unwrap_or_else(|| "*/*".to_owned()),
                        Node::Object(schema),
                    ));
                }
                "part" | "field" => {
                    let wire = options
                        .iter()
                        .find(|it| it.is_text)
                        .map_or_else(|| self.renamed(name), |it| it.key.clone());
                    let mime = options.iter().find(|it| it.is("mime")).and_then(Opt::text);
                    pieces.push((role.clone(), wire, *ty, mime));
                }
                _ => {}
            }
        }
        let is_form = pieces.first()?.0 == "field";
        Some(self.pieces(
            &pieces,
            if is_form { "application/x-www-form-urlencoded" } else { "multipart/form-data" },
        ))
    }

    fn pieces(&self, pieces: &[(String, String, &syn::Type, Option<String>)], media: &str) -> Node {
        let (mut properties, mut required, mut encoding) = (Vec::new(), Vec::new(), Vec::new());
        for (_, wire, ty, mime) in pieces {
            let inner = argument(ty, "Option");
            let schema = self.items.of(inner.as_ref().unwrap_or(ty));
            if inner.is_none() && schema.text_of("type") != Some("array") {
                required.push(text_node(wire));
            }
            properties.push((wire.clone(), schema));
            if let Some(mime) = mime {
                encoding
                    .push(entry(wire, Node::Object(vec![entry("contentType", text_node(mime))])));
            }
        }
        let mut schema = vec![entry("type", text_node("object"))];
        if !required.is_empty() {
            schema.push(entry("required", Node::List(required)));
        }
        schema.push(entry("properties", Node::Object(properties)));
        let mut content = vec![entry("schema", Node::Object(schema))];
        if !encoding.is_empty() {
            content.push(entry("encoding", Node::Object(encoding)));
        }
        let content = Node::Object(vec![(media.to_owned(), Node::Object(content))]);
        Node::Object(vec![entry("required", Node::Bool(true)), entry("content", content)])
    }
}

fn parameter(name: &str, place: &str, required: bool, schema: Node, more: &[(&str, Node)]) -> Node {
    let mut parameter = vec![entry("name", text_node(name)), entry("in", text_node(place))];
    if required {
        parameter.push(entry("required", Node::Bool(true)));
    }
    parameter.extend(more.iter().map(|(key, value)| entry(key, value.clone())));
    parameter.push(entry("schema", schema));
    Node::Object(parameter)
}

/// A query parameter whose value is JSON.
/// How a list or an object is written in the query.
fn style(options: &[Opt]) -> Vec<(&'static str, Node)> {
    let style = options.iter().find(|it| it.is("style")).and_then(Opt::word);
    let (name, explodes) = match style.as_deref() {
        Some("csv") => ("form", false),
        Some("pipe") => ("pipeDelimited", false),
        // Flattened, the fields of the value are parameters of their own, whatever is in them.
        Some("brackets") if !options.iter().any(|it| it.is("flatten")) => ("deepObject", true),
        _ => return Vec::new(),
    };
    vec![("style", text_node(name)), ("explode", Node::Bool(explodes))]
}

fn in_json(name: &str, required: bool, schema: Node) -> Node {
    let content = Node::Object(vec![entry("schema", schema)]);
    let content = Node::Object(vec![entry("application/json", content)]);
    let mut parameter = vec![entry("name", text_node(name)), entry("in", text_node("query"))];
    if required {
        parameter.push(entry("required", Node::Bool(true)));
    }
    parameter.push(entry("content", content));
    Node::Object(parameter)
}

fn body(media: &str, schema: Node) -> Node {
    let content =
        Node::Object(vec![(media.to_owned(), Node::Object(vec![entry("schema", schema)]))]);
    Node::Object(vec![entry("required", Node::Bool(true)), entry("content", content)])
}
