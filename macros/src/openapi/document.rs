//! The operations of a document, as far as a declaration can contradict them.

use std::collections::BTreeMap;

use super::json::Json;

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "trace"];

/// A document.
pub(crate) struct Document {
    root: Json,
    /// Operations, by the path with nameless placeholders, in an order that suggestions can rely on.
    by_shape: BTreeMap<String, Vec<Place>>,
    /// The path of the first server.
    server: String,
}

/// The position of an operation: its path, and its verb.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Place {
    path: usize,
    verb: &'static str,
}

/// An operation.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'d> {
    document: &'d Document,
    /// The path, with its placeholders.
    pub(crate) path: &'d str,
    /// In lower case.
    pub(crate) verb: &'static str,
    item: &'d Json,
    node: &'d Json,
}

/// A parameter.
#[derive(Clone, Copy)]
pub(crate) struct Parameter<'d> {
    pub(crate) name: &'d str,
    pub(crate) place: &'d str,
    pub(crate) required: bool,
    node: &'d Json,
    document: &'d Document,
}

/// The type of a schema's values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    One,
    Many,
    /// An object, a union, or not specified.
    Unknown,
}

/// How a credential is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placement {
    /// In `Authorization`, after this scheme if it is known, in lower case.
    Authorization(Option<String>),
    /// In this header, in lower case.
    Header(String),
    Query(String),
    Cookie(String),
    /// By a certificate, or in a way that is not understood.
    Elsewhere,
}

impl Document {
    /// Parses a document.
    ///
    /// # Errors
    ///
    /// The offset of the byte at which it is not JSON.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let root = Json::parse(text)?;
        let mut by_shape: BTreeMap<String, Vec<Place>> = BTreeMap::new();
        let paths = root.get("paths").map(Json::entries).unwrap_or_default();
        for (path, (name, item)) in paths.iter().enumerate() {
            let target = resolved(&root, item);
            let has = |verb: &str| {
                item.get(verb).or_else(|| target.and_then(|it| it.get(verb))).is_some()
            };
            for verb in VERBS.iter().filter(|verb| has(verb)) {
                by_shape.entry(shape(name)).or_default().push(Place { path, verb });
            }
        }
        let server =
            root.get("servers").and_then(|it| it.items().first()).and_then(|it| it.text_of("url"));
        let server = path_of(server.unwrap_or_default()).to_owned();
        Ok(Self { root, by_shape, server })
    }

    /// The operations of a path, which may be written with or without the path of the server.
    pub(crate) fn at(&self, base: &str, path: &str) -> Vec<Operation<'_>> {
        let whole = format!("{}{path}", path_of(base));
        let without_server = whole.strip_prefix(&self.server).unwrap_or(&whole);
        let places =
            [path, without_server, &whole].into_iter().find_map(|it| self.by_shape.get(&shape(it)));
        places.into_iter().flatten().filter_map(|it| self.operation(*it)).collect()
    }

    /// The operation of this name.
    pub(crate) fn named(&self, id: &str) -> Option<Operation<'_>> {
        self.operations().find(|it| it.id() == Some(id))
    }

    /// All operations.
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        self.by_shape.values().flatten().filter_map(|it| self.operation(*it))
    }

    fn operation(&self, place: Place) -> Option<Operation<'_>> {
        let (path, item) = self.root.get("paths")?.entries().get(place.path)?;
        // Properties beside a `$ref` come first.
        let target = self.resolve(item).unwrap_or(item);
        let (item, node) = match item.get(place.verb) {
            Some(node) => (item, node),
            None => (target, target.get(place.verb)?),
        };
        Some(Operation { document: self, path, verb: place.verb, item, node })
    }

    /// Follows `$ref`.
    fn resolve<'d>(&'d self, node: &'d Json) -> Option<&'d Json> {
        resolved(&self.root, node)
    }

    /// How the credential of a scheme is sent; `None` if there is no such scheme.
    pub(crate) fn placement(&self, scheme: &str) -> Option<Placement> {
        let node =
            self.resolve(self.root.get("components")?.get("securitySchemes")?.get(scheme)?)?;
        let lower = |key: &str| node.text_of(key).unwrap_or_default().to_lowercase();
        Some(match (node.text_of("type")?, node.text_of("in")) {
            ("http", _) => Placement::Authorization(Some(lower("scheme"))),
            ("oauth2" | "openIdConnect", _) => Placement::Authorization(Some("bearer".to_owned())),
            ("apiKey", Some("header")) if lower("name") == "authorization" => {
                Placement::Authorization(None)
            }
            ("apiKey", Some("header")) => Placement::Header(lower("name")),
            ("apiKey", Some("query")) => {
                Placement::Query(node.text_of("name").unwrap_or_default().to_owned())
            }
            ("apiKey", Some("cookie")) => {
                Placement::Cookie(node.text_of("name").unwrap_or_default().to_owned())
            }
            _ => Placement::Elsewhere,
        })
    }
}

impl<'d> Operation<'d> {
    /// Its name.
    pub(crate) fn id(&self) -> Option<&'d str> {
        self.node.text_of("operationId")
    }

    /// Whether it is deprecated.
    pub(crate) fn is_deprecated(&self) -> bool {
        self.node.is("deprecated")
    }

    /// Its parameters, including those of its path.
    pub(crate) fn parameters(&self) -> Vec<Parameter<'d>> {
        let mut parameters: Vec<Parameter<'d>> = Vec::new();
        for list in [self.node, self.item].into_iter().filter_map(|it| it.get("parameters")) {
            for node in list.items().iter().filter_map(|it| self.document.resolve(it)) {
                let (Some(name), Some(place)) = (node.text_of("name"), node.text_of("in")) else {
                    continue;
                };
                if parameters.iter().all(|it| (it.name, it.place) != (name, place)) {
                    parameters.push(Parameter {
                        name,
                        place,
                        required: node.is("required"),
                        node,
                        document: self.document,
                    });
                }
            }
        }
        parameters
    }

    /// The body of its request: whether it is required, and its media types with their schemas.
    pub(crate) fn body(&self) -> Option<(bool, &'d [(String, Json)])> {
        let body = self.document.resolve(self.node.get("requestBody")?)?;
        Some((body.is("required"), body.get("content").map(Json::entries).unwrap_or_default()))
    }

    /// The names of the properties of a body, and whether they are required.
    pub(crate) fn properties(&self, content: &'d Json) -> Option<Vec<(&'d str, bool)>> {
        let schema = self.document.resolve(content.get("schema")?)?;
        if ["allOf", "oneOf", "anyOf"].iter().any(|it| schema.get(it).is_some()) {
            return None;
        }
        let required: Vec<_> = schema
            .get("required")
            .map(Json::items)
            .unwrap_or_default()
            .iter()
            .filter_map(Json::text)
            .collect();
        let properties = schema.get("properties")?.entries();
        Some(properties.iter().map(|(name, _)| (&**name, required.contains(&&**name))).collect())
    }

    /// The responses that are a success.
    pub(crate) fn successes(&self) -> Vec<&'d Json> {
        let responses = self.node.get("responses").map(Json::entries).unwrap_or_default();
        let good = responses.iter().filter(|(status, _)| status.starts_with('2'));
        good.filter_map(|(_, it)| self.document.resolve(it)).collect()
    }

    /// The required schemes: alternatives, each of which may name several. `None` if nothing is specified.
    pub(crate) fn security(&self) -> Option<Vec<Vec<&'d str>>> {
        let said = self.node.get("security").or_else(|| self.document.root.get("security"))?;
        Some(
            said.items()
                .iter()
                .map(|it| it.entries().iter().map(|(name, _)| &**name).collect())
                .collect(),
        )
    }

    /// How it is shown in messages.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.verb.to_uppercase(), self.path)
    }

    /// The document that it is in.
    pub(crate) fn document(&self) -> &'d Document {
        self.document
    }
}

impl Parameter<'_> {
    /// Whether it is one value or several.
    pub(crate) fn shape(&self) -> Shape {
        let Some(schema) = self.node.get("schema").and_then(|it| self.document.resolve(it)) else {
            return Shape::Unknown;
        };
        match schema.text_of("type") {
            _ if schema.get("oneOf").is_some() || schema.get("anyOf").is_some() => Shape::Unknown,
            // No style says how objects in a list are written.
            Some("array") if self.has_objects(schema) => Shape::Unknown,
            Some("array") => Shape::Many,
            Some("string" | "integer" | "number" | "boolean") => Shape::One,
            _ => Shape::Unknown,
        }
    }

    /// Whether the items of a list are objects or lists themselves.
    fn has_objects(&self, list: &Json) -> bool {
        let items = list.get("items").and_then(|it| self.document.resolve(it));
        items.is_some_and(|it| {
            matches!(it.text_of("type"), Some("object" | "array"))
                || it.get("properties").is_some()
                || it.get("allOf").is_some()
        })
    }

    /// How the values of a list are joined, in the terms of the attribute language; `None` for other ways.
    pub(crate) fn style(&self) -> Option<&'static str> {
        let explode = self.node.get("explode");
        match (self.node.text_of("style").unwrap_or("form"), explode) {
            ("form", Some(Json::Bool(false))) => Some("csv"),
            ("form", _) => Some("repeated"),
            ("pipeDelimited", None | Some(Json::Bool(false))) => Some("pipe"),
            _ => None,
        }
    }
}

/// Follows `$ref`.
fn resolved<'d>(root: &'d Json, node: &'d Json) -> Option<&'d Json> {
    let mut node = node;
    for _ in 0..16 {
        let Some(reference) = node.text_of("$ref") else { return Some(node) };
        node = reference.strip_prefix("#/")?.split('/').try_fold(root, |node, step| {
            let step = percent_decoded(step).replace("~1", "/").replace("~0", "~");
            match node {
                Json::List(items) => items.get(step.parse::<usize>().ok()?),
                node => node.get(&step),
            }
        })?;
    }
    None
}

/// A step of a reference; `%7B` in a URL means `{`.
fn percent_decoded(step: &str) -> String {
    let mut decoded = String::with_capacity(step.len());
    let mut rest = step;
    while let Some((before, after)) = rest.split_once('%') {
        decoded.push_str(before);
        let code = after.get(..2).and_then(|it| u8::from_str_radix(it, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                decoded.push(char::from(code));
                rest = &after[2..];
            }
            None => {
                decoded.push('%');
                rest = after;
            }
        }
    }
    decoded.push_str(rest);
    decoded
}

/// The path with unnamed placeholders, as it is sent: encoded, without empty segments, and without the query and the
/// fragment, by which some documents distinguish operations at one address.
fn shape(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or(path);
    let mut shape = String::with_capacity(path.len());
    let mut inside = false;
    for c in path.chars() {
        match c {
            '{' => {
                inside = true;
                shape.push_str("{}");
            }
            '}' => inside = false,
            _ if inside => {}
            '/' if shape.ends_with('/') => {}
            c if c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c) => shape.push(c),
            c => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    shape.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    shape
}

/// The query that a path brings along. One with placeholders repeats what the parameters say.
pub(crate) fn query_of(path: &str) -> &str {
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    let query = path.split_once('?').map_or("", |(_, query)| query);
    if query.contains('{') { "" } else { query }
}

/// The path of an address, without a trailing slash.
fn path_of(url: &str) -> &str {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    path.trim_end_matches('/')
}
