//! An OpenAPI document, 3.0 or 3.1, as the few structs that a declaration needs.

mod operation;
mod schema;
mod security;

use std::collections::{HashMap, HashSet};

use crate::node::{Node, step};
use crate::notes::Notes;

pub use operation::{Body, Content, Operation, Parameter, Place, Response};
pub use schema::{Additional, At, EXACT, FIELDS, REFRESH_TOKEN, Schema, UNTAGGED};
pub use security::{Requirement, Scheme, SchemeKind};

/// A document.
pub struct Document<'a> {
    /// The whole document.
    pub root: &'a Node,
    /// The first line of `info.title`.
    pub title: &'a str,
    /// The first line of `info.version`.
    pub version: Option<&'a str>,
    /// `info.description`.
    pub description: Option<&'a str>,
    /// URL of the first server, with the defaults of its variables filled in.
    pub server: Option<String>,
    /// The default security of operations; `None` if none is declared.
    pub security: Option<Vec<Requirement<'a>>>,
    /// `components.securitySchemes`.
    pub schemes: Vec<(&'a str, Scheme<'a>)>,
    /// `components.schemas`, and all other targets of a `$ref` of a schema.
    pub schemas: Vec<(&'a str, Schema<'a>)>,
    /// The number of these that are components.
    pub components: usize,
    /// The index of a schema, by the reference that leads to it.
    by_reference: HashMap<String, usize>,
    /// All operations, in the order of the document.
    pub operations: Vec<Operation<'a>>,
}

impl<'a> Document<'a> {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// If it is not an OpenAPI document of version 3. Errors further inside become notes.
    pub fn read(root: &'a Node, notes: &Notes) -> Result<Self, String> {
        version(root, notes)?;
        let webhooks = root.get("webhooks").map(Node::object).unwrap_or_default();
        if !webhooks.is_empty() {
            let text = format!(
                "{} webhooks are not declared: a client does not receive them; their types are imported where they \
                 are components",
                webhooks.len()
            );
            notes.lost("/webhooks", text);
        }
        callbacks(root, notes);
        duplicates(root, &At::root(""), notes);
        let info = root.get("info").unwrap_or(&Node::Null);
        // In YAML, such a text may end with its line.
        let line_of = |key: &str| {
            let line = info.text_of(key)?.trim().lines().next()?.trim_end();
            (!line.is_empty()).then_some(line)
        };
        // OpenAPI requires one, so an export says that there was none.
        let has_version =
            root.get("x-perennial").and_then(|it| it.get("version")) != Some(&Node::Bool(false));
        let components = root.get("components").unwrap_or(&Node::Null);
        let Schemas { list: schemas, components: components_count, by_reference } =
            Schemas::read(root, components, notes);
        let mut document = Self {
            root,
            title: line_of("title").unwrap_or("Api"),
            version: line_of("version").filter(|_| has_version),
            description: info.text_of("description"),
            server: server(root, "/servers/0", notes),
            security: security::requirements(root),
            schemes: security::schemes(root, components, notes),
            schemas,
            components: components_count,
            by_reference,
            operations: Vec::new(),
        };
        document.operations = operation::all(&document, notes);
        // If every path declares it, it applies to the document.
        if document.server.is_none()
            && let Some(first) = document.operations.first().and_then(|it| it.server.clone())
            && document.operations.iter().all(|it| it.server.as_ref() == Some(&first))
        {
            document.server = Some(first);
        }
        Ok(document)
    }

    /// The schema that a reference leads to.
    pub fn schema_of(&self, reference: &str) -> Option<usize> {
        self.by_reference.get(reference).copied()
    }

    /// JSON path of a schema.
    pub fn path_of(&self, schema: usize) -> String {
        format!("/components/schemas/{}", step(self.schemas[schema].0))
    }

    /// Follows the `$ref` of anything except a schema. A missing target is noted.
    pub fn resolve(&self, node: &'a Node, at: &str, notes: &Notes) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..32 {
            let Some(reference) = node.text_of("$ref") else { return Some(node) };
            let Some(pointer) = reference.strip_prefix('#') else {
                notes.lost(at, format!("`{reference}` {}", elsewhere(reference)));
                return None;
            };
            let Some(target) = self.root.at(pointer) else {
                notes.lost(at, format!("`{reference}` leads nowhere"));
                return None;
            };
            node = target;
        }
        notes.lost(at, "this `$ref` leads to itself");
        None
    }
}

/// The schemas of a document.
struct Schemas<'a> {
    list: Vec<(&'a str, Schema<'a>)>,
    /// How many of them are components; the others are behind references to other places.
    components: usize,
    by_reference: HashMap<String, usize>,
}

impl<'a> Schemas<'a> {
    fn read(root: &'a Node, components: &'a Node, notes: &Notes) -> Self {
        let mut schemas = Self { list: Vec::new(), components: 0, by_reference: HashMap::new() };
        for (name, node) in components.get("schemas").map(Node::object).unwrap_or_default() {
            let at = format!("/components/schemas/{}", step(name));
            if schemas.by_reference.insert(format!("#{at}"), schemas.list.len()).is_none() {
                schemas.list.push((&**name, Schema::read(node, &At::root(&at), notes)));
            }
        }
        schemas.components = schemas.list.len();
        let mut references = Vec::new();
        collect_references(root, &mut references);
        for reference in references {
            if leads_to_a_schema(reference) && !schemas.by_reference.contains_key(reference) {
                schemas.add(root, components, reference, notes);
            }
        }
        schemas
    }

    /// Adds the schema that a reference leads to, unless it is another spelling of a component.
    fn add(&mut self, root: &'a Node, components: &'a Node, reference: &'a str, notes: &Notes) {
        let Some(node) = reference.strip_prefix('#').and_then(|it| root.at(it)) else { return };
        let same = self.list[..self.components].iter().position(|(name, _)| {
            let component = components.get("schemas").and_then(|it| it.get(name));
            component.is_some_and(|it| std::ptr::eq(it, node))
        });
        self.by_reference.insert(reference.to_owned(), same.unwrap_or(self.list.len()));
        if same.is_none() {
            let is_name = |it: &&str| it.parse::<u32>().is_err() && *it != "schema";
            let name = reference.rsplit('/').find(is_name).unwrap_or("Schema");
            self.list.push((name, Schema::read(node, &At::root(&reference[1..]), notes)));
        }
    }
}

/// Requests that the server sends to its client, of which none is declared.
fn callbacks(root: &Node, notes: &Notes) {
    let paths = root.get("paths").map(Node::object).unwrap_or_default();
    let all = paths.iter().flat_map(|(_, item)| item.object());
    let count = all.filter(|(_, it)| it.get("callbacks").is_some()).count();
    if count > 0 {
        let text = format!(
            "the callbacks of {count} operations are not declared: a client does not receive them"
        );
        notes.lost("/paths", text);
    }
}

/// Why a reference to another place was not followed.
pub(crate) fn elsewhere(reference: &str) -> &'static str {
    match reference.contains("://") {
        true => {
            "is on another host, and nothing is fetched; bundle the document into one file first"
        }
        false => "is in a file that is not there, or not in it",
    }
}

fn version(root: &Node, notes: &Notes) -> Result<(), String> {
    if let Some(version) = root.text_of("swagger") {
        return Err(format!(
            "/swagger: this is Swagger {version}, only OpenAPI 3.0 and 3.1 are read\n\
             help: convert it first, for example with `npx swagger2openapi FILE --outfile openapi.json`, or load it at \
             https://editor.swagger.io and choose Edit, Convert to OpenAPI 3.0"
        ));
    }
    match root.get("openapi") {
        Some(Node::Text(version)) if version.starts_with("3.0") || version.starts_with("3.1") => {}
        Some(Node::Text(version)) if version.starts_with("3.") => {
            notes.mended("/openapi", format!("version {version} is read as 3.1"));
        }
        // YAML without quotes.
        Some(Node::Number(version)) if version.to_string().starts_with("3.") => {}
        Some(Node::Text(version)) => {
            return Err(format!(
                "/openapi: version {version} is not supported, only 3.0 and 3.1 are"
            ));
        }
        Some(other) => {
            return Err(format!(
                "/openapi: expected a version, as \"3.1.0\", found {}",
                other.kind()
            ));
        }
        None => {
            return Err(
                "/openapi: the version is missing, this is not an OpenAPI document".to_owned()
            );
        }
    }
    match root.get("paths") {
        Some(Node::Object(_)) => Ok(()),
        None if root.get("components").is_some() || root.get("webhooks").is_some() => Ok(()),
        None => Err("/paths: this document has neither paths nor components".to_owned()),
        Some(other) => Err(format!("/paths: expected an object, found {}", other.kind())),
    }
}

/// All references of a document, each once.
fn collect_references<'a>(node: &'a Node, found: &mut Vec<&'a str>) {
    fn walk<'a>(node: &'a Node, seen: &mut HashSet<&'a str>, found: &mut Vec<&'a str>) {
        match node {
            Node::Object(entries) => {
                for (key, value) in entries {
                    match value {
                        Node::Text(reference) if key == "$ref" && seen.insert(reference) => {
                            found.push(reference)
                        }
                        value => walk(value, seen, found),
                    }
                }
            }
            Node::List(items) => items.iter().for_each(|item| walk(item, seen, found)),
            _ => {}
        }
    }
    walk(node, &mut HashSet::new(), found);
}

/// Whether a reference can lead to a schema, and not to a response or a parameter.
fn leads_to_a_schema(reference: &str) -> bool {
    let mut steps = reference.trim_start_matches("#/").split('/');
    match (steps.next(), steps.next()) {
        (Some("components"), Some("schemas")) => true,
        (Some("components" | "paths"), _) => {
            ["/schema", "/properties/", "/items"].iter().any(|it| reference.contains(it))
        }
        (Some("$defs" | "definitions"), _) => true,
        _ => false,
    }
}

/// Keys that occur twice: some readers use the first, others the last.
fn duplicates(node: &Node, at: &At<'_>, notes: &Notes) {
    match node {
        Node::Object(entries) => {
            let mut seen = HashSet::with_capacity(entries.len());
            for (key, value) in entries {
                let at = at.key(key);
                if !seen.insert(key) {
                    notes.mended(at.to_string(), "this key is given twice; the first one is used");
                }
                duplicates(value, &at, notes);
            }
        }
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                duplicates(item, &at.key(&index.to_string()), notes);
            }
        }
        _ => {}
    }
}

/// The URL of the first server of a node, with the defaults of its variables.
pub(super) fn server(node: &Node, at: &str, notes: &Notes) -> Option<String> {
    let server = node.get("servers")?.list().first()?;
    let mut url = server.text_of("url")?.to_owned();
    for (name, variable) in server.get("variables").map(Node::object).unwrap_or_default() {
        let value = match variable.get("default") {
            Some(Node::Text(text)) => text.clone(),
            Some(Node::Number(number)) => number.to_string(),
            _ => continue,
        };
        notes.guessed(
            at,
            format!("`{{{name}}}` of the server is `{value}`, the default of the document"),
        );
        url = url.replace(&format!("{{{name}}}"), &value);
    }
    let url = url.trim().trim_end_matches('/');
    if url.contains(|c: char| "{}?#\"<>\\".contains(c) || c.is_whitespace() || c.is_control()) {
        notes.lost(
            at,
            format!("the server `{url}` is not a URL; pass the URL to the builder of the client"),
        );
        return None;
    }
    if !url.is_empty() && !url.contains("://") && (!url.starts_with('/') || url.starts_with("//")) {
        let text = format!(
            "the server `{url}` is relative to where the document is; pass the URL to the builder of the client"
        );
        notes.lost(at, text);
        return None;
    }
    if url.contains("://") && !["http://", "https://"].iter().any(|it| url.starts_with(it)) {
        notes
            .lost(at, format!("the server `{url}` is not an http(s) URL; pass one to the builder"));
        return None;
    }
    (!url.is_empty()).then(|| url.to_owned())
}
