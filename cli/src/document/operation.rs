//! The operations of a document.

use std::collections::HashSet;

use super::schema::{At, Schema};
use super::security::{Requirement, requirements};
use super::{Document, server};
use crate::node::{Node, step};
use crate::notes::Notes;

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// An operation.
pub struct Operation<'a> {
    /// The HTTP method, in lower case.
    pub verb: &'a str,
    /// The path, with its placeholders.
    pub path: &'a str,
    /// `operationId`.
    pub id: Option<&'a str>,
    /// `tags`.
    pub tags: Vec<&'a str>,
    /// `summary`.
    pub summary: Option<&'a str>,
    /// `description`.
    pub description: Option<&'a str>,
    /// `deprecated`.
    pub deprecated: bool,
    /// Its parameters, including those of the path.
    pub parameters: Vec<Parameter<'a>>,
    /// Its body.
    pub body: Option<Body<'a>>,
    /// Its responses, by status or `default`.
    pub responses: Vec<Response<'a>>,
    /// Its own `security`.
    pub security: Option<Vec<Requirement<'a>>>,
    /// Its own server.
    pub server: Option<String>,
    /// Whether an export says that it refreshes the session.
    pub is_refresh: bool,
    /// JSON path.
    pub at: String,
}

/// Where a parameter is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

/// A parameter.
#[derive(Clone)]
pub struct Parameter<'a> {
    /// Its name on the wire.
    pub name: &'a str,
    /// Where it is sent.
    pub place: Place,
    /// Whether it is required.
    pub required: bool,
    /// Whether it is deprecated.
    pub deprecated: bool,
    /// `description`.
    pub description: Option<&'a str>,
    /// `style`.
    pub style: Option<&'a str>,
    /// `explode`.
    pub explode: Option<bool>,
    /// The schema of its value.
    pub schema: Schema<'a>,
    /// The media type of its value.
    pub media: Option<&'a str>,
    /// JSON path.
    pub at: String,
}

/// The body of a request.
pub struct Body<'a> {
    /// Whether it is required.
    pub required: bool,
    /// `description`.
    pub description: Option<&'a str>,
    /// Its possible contents.
    pub content: Vec<Content<'a>>,
    /// JSON path.
    pub at: String,
}

/// A body in one media type.
pub struct Content<'a> {
    /// The media type, without parameters.
    pub media: &'a str,
    /// Its schema; `None` if none is declared.
    pub schema: Option<Schema<'a>>,
    /// Its examples: objects with a `value`, or references to one.
    pub examples: Vec<&'a Node>,
    /// The content types of parts of a multipart body.
    pub encoding: Vec<(&'a str, &'a str)>,
    /// JSON path.
    pub at: String,
}

/// A response.
pub struct Response<'a> {
    /// Its status, `2XX` or `default`.
    pub status: &'a str,
    /// The possible contents of its body.
    pub content: Vec<Content<'a>>,
    /// Names of its headers, in lower case.
    pub headers: Vec<String>,
}

impl Operation<'_> {
    /// `GET /pets/{id}`.
    pub fn shown(&self) -> String {
        format!("{} {}", self.verb.to_uppercase(), self.path)
    }
}

/// All operations of a document.
pub(super) fn all<'a>(document: &Document<'a>, notes: &Notes) -> Vec<Operation<'a>> {
    let mut operations = Vec::new();
    let mut ids = HashSet::new();
    for (path, item) in document.root.get("paths").map(Node::object).unwrap_or_default() {
        if path.starts_with("x-") {
            continue;
        }
        let at = format!("/paths/{}", step(path));
        let Some(target) = document.resolve(item, &at, notes) else { continue };
        // Properties beside a `$ref` come first.
        let items = if std::ptr::eq(item, target) { vec![item] } else { vec![item, target] };
        if !path.starts_with('/') {
            notes.mended(&*at, format!("a path begins with `/`, but `{path}` does not"));
        }
        let mut shared = parameters(document, item, &at, notes);
        if let [_, target] = items[..] {
            shared.extend(parameters(document, target, &at, notes));
        }
        let mut verbs = HashSet::new();
        for (item, (verb, node)) in
            items.iter().flat_map(|it| it.object().iter().map(move |of| (*it, of)))
        {
            let at = format!("{at}/{}", step(verb));
            if !VERBS.contains(&&**verb) {
                if node.get("responses").is_some() || verb == "additionalOperations" {
                    notes.lost(
                        at,
                        format!("`{verb}` is not a verb of the language, and was left out"),
                    );
                }
                continue;
            }
            if !verbs.insert(verb) {
                continue;
            }
            if !matches!(node, Node::Object(_)) {
                notes.lost(at, format!("expected an operation, found {}", node.kind()));
                continue;
            }
            let operation = operation(document, verb, path, node, &shared, item, at, notes);
            if let Some(id) = operation.id
                && !ids.insert(id)
            {
                let text =
                    format!("`{id}` names another operation as well; the method has a number");
                notes.mended(format!("{}/operationId", operation.at), text);
            }
            operations.push(operation);
        }
    }
    operations
}

#[allow(clippy::too_many_arguments)]
fn operation<'a>(
    document: &Document<'a>,
    verb: &'a str,
    path: &'a str,
    node: &'a Node,
    shared: &[Parameter<'a>],
    item: &'a Node,
    at: String,
    notes: &Notes,
) -> Operation<'a> {
    let own = parameters(document, node, &at, notes);
    let is_own =
        |it: &&Parameter<'a>| own.iter().any(|own| own.name == it.name && own.place == it.place);
    let mut all: Vec<_> = shared.iter().filter(|it| !is_own(it)).cloned().collect();
    all.extend(own.iter().cloned());
    let texts =
        |key: &str| node.get(key).map(Node::list).unwrap_or_default().iter().filter_map(Node::text);
    Operation {
        verb,
        path,
        id: node.text_of("operationId").filter(|it| !it.is_empty()),
        tags: texts("tags").collect(),
        summary: node.text_of("summary"),
        description: node.text_of("description"),
        deprecated: node.is("deprecated"),
        parameters: all,
        body: node.get("requestBody").and_then(|body| request_body(document, body, &at, notes)),
        responses: responses(document, node, &at, notes),
        security: requirements(node),
        is_refresh: node.get("x-perennial").and_then(|it| it.text_of("role")) == Some("refresh"),
        server: server(node, &at, notes).or_else(|| server(item, &at, notes)),
        at,
    }
}

fn parameters<'a>(
    document: &Document<'a>,
    node: &'a Node,
    at: &str,
    notes: &Notes,
) -> Vec<Parameter<'a>> {
    let list = node.get("parameters").map(Node::list).unwrap_or_default();
    let mut parameters: Vec<Parameter<'a>> = Vec::new();
    for (index, node) in list.iter().enumerate() {
        let at = format!("{at}/parameters/{index}");
        let Some(node) = document.resolve(node, &at, notes) else { continue };
        let Some(parameter) = parameter(node, at, notes) else { continue };
        if parameters.iter().any(|it| it.name == parameter.name && it.place == parameter.place) {
            notes.mended(
                parameter.at,
                format!("`{}` is declared twice; the first one is used", parameter.name),
            );
        } else {
            parameters.push(parameter);
        }
    }
    parameters
}

fn parameter<'a>(node: &'a Node, at: String, notes: &Notes) -> Option<Parameter<'a>> {
    let Some(name) = node.text_of("name").filter(|it| !it.is_empty()) else {
        notes.lost(at, "a parameter without a name");
        return None;
    };
    let place = match node.text_of("in") {
        Some("path") => Place::Path,
        Some("query") => Place::Query,
        Some("header") => Place::Header,
        Some("cookie") => Place::Cookie,
        other => {
            let text = match other {
                Some(other) => {
                    format!("`{name}` is in `{other}`, which is not a place for a parameter")
                }
                None => format!("`{name}` has no `in`, so it is not known where it is sent"),
            };
            notes.lost(at, text);
            return None;
        }
    };
    let content = node.get("content").and_then(|it| it.object().first());
    let schema = node.get("schema").or_else(|| content?.1.get("schema"));
    let place_of_schema = format!("{at}/schema");
    let schema = schema.map(|it| Schema::read(it, &At::root(&place_of_schema), notes));
    Some(Parameter {
        name,
        place,
        required: node.is("required") || place == Place::Path,
        deprecated: node.is("deprecated"),
        description: node.text_of("description"),
        style: node.text_of("style"),
        explode: match node.get("explode") {
            Some(Node::Bool(explode)) => Some(*explode),
            _ => None,
        },
        // A parameter without a schema is text.
        schema: schema.unwrap_or_else(|| Schema { types: vec!["string"], ..Schema::default() }),
        media: content.map(|(media, _)| &**media),
        at,
    })
}

fn request_body<'a>(
    document: &Document<'a>,
    node: &'a Node,
    at: &str,
    notes: &Notes,
) -> Option<Body<'a>> {
    let at = format!("{at}/requestBody");
    let node = document.resolve(node, &at, notes)?;
    let content = content(node, &at, notes);
    Some(Body {
        required: node.is("required"),
        description: node.text_of("description"),
        content,
        at,
    })
}

fn responses<'a>(
    document: &Document<'a>,
    node: &'a Node,
    at: &str,
    notes: &Notes,
) -> Vec<Response<'a>> {
    let mut responses = Vec::new();
    for (status, node) in node.get("responses").map(Node::object).unwrap_or_default() {
        if status.starts_with("x-") {
            continue;
        }
        let at = format!("{at}/responses/{}", step(status));
        let Some(node) = document.resolve(node, &at, notes) else { continue };
        let headers = node.get("headers").map(Node::object).unwrap_or_default();
        responses.push(Response {
            status,
            content: content(node, &at, notes),
            headers: headers.iter().map(|(name, _)| name.to_lowercase()).collect(),
        });
    }
    responses
}

fn content<'a>(node: &'a Node, at: &str, notes: &Notes) -> Vec<Content<'a>> {
    let all = node.get("content").map(Node::object).unwrap_or_default();
    all.iter()
        .map(|(media, node)| {
            let at = format!("{at}/content/{}", step(media));
            let place = format!("{at}/schema");
            let mut schema =
                node.get("schema").map(|it| Schema::read(it, &At::root(&place), notes));
            if let Some(schema) = &mut schema {
                schema.examples.extend(node.get("example"));
            }
            let examples = node.get("examples").map(Node::object).unwrap_or_default();
            let examples = examples.iter().map(|(_, it)| it).collect();
            let encoding = node.get("encoding").map(Node::object).unwrap_or_default();
            let encoding = encoding
                .iter()
                .filter_map(|(name, it)| Some((&**name, it.text_of("contentType")?)));
            Content { media, schema, examples, encoding: encoding.collect(), at }
        })
        .collect()
}
