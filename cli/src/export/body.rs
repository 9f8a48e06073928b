//! Exports the parameters of a method that are its body.

use super::operation::Method;
use super::options::{Opt, wire_name};
use super::schema::argument;
use super::{entry, text_node};
use crate::document::FIELDS;
use crate::node::Node;

/// One field of a form, or one part of a multipart body.
struct Piece<'m> {
    is_field: bool,
    name: String,
    ty: &'m syn::Type,
    mime: Option<String>,
}

impl Method<'_> {
    pub(super) fn body(&self) -> Option<Node> {
        let inputs = self.inputs();
        let mut pieces = Vec::new();
        for (name, ty, role) in &inputs {
            let Some((role, options)) = role else { continue };
            match role.as_str() {
                "json" => {
                    let media = wire_name(options).unwrap_or("application/json");
                    return Some(body(media, self.items.of(ty)));
                }
                "form" => {
                    return Some(body("application/x-www-form-urlencoded", self.items.of(ty)));
                }
                "body" => {
                    let declared = self.content_type();
                    let media = wire_name(options).or(declared.as_deref()).unwrap_or("*/*");
                    let mut schema = vec![entry("type", text_node("string"))];
                    if self.items.of(ty).get("format").is_some() {
                        schema.push(entry("format", text_node("binary")));
                    }
                    return Some(body(media, Node::Object(schema)));
                }
                "part" | "field" => pieces.push(Piece {
                    is_field: role == "field",
                    name: wire_name(options).map_or_else(|| self.renamed(name), str::to_owned),
                    ty,
                    mime: options.iter().find(|it| it.is("mime")).and_then(Opt::text),
                }),
                _ => {}
            }
        }
        let is_form = pieces.first()?.is_field;
        Some(self.pieces(&pieces, is_form))
    }

    /// The media type that `headers(..)` declares.
    fn content_type(&self) -> Option<String> {
        let headers = self.options.iter().find(|it| it.is("headers"))?;
        let is_it = |it: &&Opt| it.key.eq_ignore_ascii_case("content-type");
        headers.list().iter().find(is_it).and_then(Opt::text)
    }

    /// The fields of a form whose values `fields(..)` declares.
    fn constants(&self) -> Vec<(String, Node)> {
        let fields = self.options.iter().find(|it| it.is("fields"));
        let constant = |it: &Opt| {
            let value = text_node(&it.text()?);
            Some((it.key.clone(), Node::Object(vec![entry("const", value)])))
        };
        fields.map(Opt::list).unwrap_or_default().iter().filter_map(constant).collect()
    }

    fn pieces(&self, pieces: &[Piece<'_>], is_form: bool) -> Node {
        let media =
            if is_form { "application/x-www-form-urlencoded" } else { "multipart/form-data" };
        let (mut properties, mut required, mut encoding) = (Vec::new(), Vec::new(), Vec::new());
        for Piece { name, ty, mime, .. } in pieces {
            let inner = argument(ty, "Option");
            let schema = self.items.of(inner.as_ref().unwrap_or(ty));
            if inner.is_none() && schema.text_of("type") != Some("array") {
                required.push(text_node(name));
            }
            properties.push((name.clone(), schema));
            if let Some(mime) = mime {
                let mime = vec![entry("contentType", text_node(mime))];
                encoding.push(entry(name, Node::Object(mime)));
            }
        }
        let mut schema = vec![entry("type", text_node("object"))];
        if is_form {
            for constant in self.constants() {
                required.push(text_node(&constant.0));
                properties.push(constant);
            }
            schema.push(entry(FIELDS, Node::Bool(true)));
        }
        if !required.is_empty() {
            schema.push(entry("required", Node::List(required)));
        }
        schema.push(entry("properties", Node::Object(properties)));
        let mut content = vec![entry("schema", Node::Object(schema))];
        if !encoding.is_empty() {
            content.push(entry("encoding", Node::Object(encoding)));
        }
        of_content(media, content)
    }
}

/// Another media type in which an operation takes its body.
pub(super) fn also_body(operation: &mut Node, body: Option<Node>) {
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

fn body(media: &str, schema: Node) -> Node {
    of_content(media, vec![entry("schema", schema)])
}

fn of_content(media: &str, content: Vec<(String, Node)>) -> Node {
    let content = Node::Object(vec![entry(media, Node::Object(content))]);
    Node::Object(vec![entry("required", Node::Bool(true)), entry("content", content)])
}
