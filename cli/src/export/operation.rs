//! Exports the methods of a trait as operations.

use super::body::also_body;
use super::options::{Opt, options_of};
use super::responses::{also, responses};
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
pub(super) type Input<'m> = (String, &'m syn::Type, Option<(String, Vec<Opt>)>);

/// A method of the trait, with what its operation depends on.
pub(super) struct Method<'m> {
    function: &'m syn::TraitItemFn,
    pub(super) options: &'m [Opt],
    credentials: &'m [Credential],
    pub(super) items: &'m Items<'m>,
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
    pub(super) fn inputs(&self) -> Vec<Input<'_>> {
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

    pub(super) fn renamed(&self, name: &str) -> String {
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
}
