//! The body of a request.

use super::Method;
use super::parameters::{attribute, optional};
use super::travels::{Travels, is_flat, travels};
use crate::document::{Additional, Body, Content, Operation, Schema};
use crate::names::{Names, REFRESH_TOKEN, snake};
use crate::node::Node;
use crate::notes::Notes;
use crate::text::quoted;
use crate::types::{Context, Ty, Types};

/// A request body, before it is written.
#[derive(Clone)]
pub(super) enum BodyDraft<'d, 'a> {
    /// No body.
    None,
    /// One value, in JSON or as a form.
    Value { ty: Ty, media: &'a str, body: &'d Body<'a> },
    /// Parts, each with its property, its type, and whether it is required.
    Parts { parts: Vec<(&'a str, &'d Schema<'a>, Ty, bool)>, content: &'d Content<'a> },
    /// Fields of a form, each a parameter, with its property, its type, and whether it is required; and those that always
    /// have the same value.
    Fields {
        fields: Vec<(&'a str, &'d Schema<'a>, Ty, bool)>,
        constants: Vec<(&'a str, &'a str)>,
        content: &'d Content<'a>,
    },
    /// Bytes or text of this media type.
    Raw { media: &'a str, body: &'d Body<'a> },
}

/// The kind of a media type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    Json,
    OtherJson,
    Form,
    Multipart,
    Text,
    Bytes,
}

/// The kind of a media type, regardless of its parameters.
pub(super) fn media_of(media: &str) -> Media {
    let essence = media.split(';').next().unwrap_or(media).trim().to_ascii_lowercase();
    match &*essence {
        "application/json" | "*/*" | "application/*" | "text/json" | "json" => Media::Json,
        "application/x-www-form-urlencoded" => Media::Form,
        it if it.starts_with("multipart/") => Media::Multipart,
        it if it.ends_with("+json") => Media::OtherJson,
        it if it.starts_with("text/")
            || it.ends_with("xml")
            || it.ends_with("yaml")
            || it == "application/sdp" =>
        {
            Media::Text
        }
        _ => Media::Bytes,
    }
}

/// The note about a choice among media types.
pub(super) fn possible_too(media: &str, others: &[&str]) -> String {
    format!("`{media}`, where `{}` was possible too", others.join("`, `"))
}

/// Chooses one of the media types of a body, and creates its types.
pub(super) fn draft<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &'d Operation<'a>,
    pascal: &str,
    notes: &Notes,
) -> BodyDraft<'d, 'a> {
    let Some(body) = &operation.body else { return BodyDraft::None };
    let rank = |content: &&Content<'a>| match media_of(content.media) {
        Media::Json => 0,
        Media::OtherJson => 1,
        Media::Form => 2,
        Media::Multipart => 3,
        Media::Bytes => 4,
        Media::Text => 5,
    };
    let Some(content) = body.content.iter().min_by_key(rank) else { return BodyDraft::None };
    if let [_, _, ..] = body.content[..] {
        let others: Vec<_> =
            body.content.iter().map(|it| it.media).filter(|it| *it != content.media).collect();
        notes.chosen(&*body.at, possible_too(content.media, &others));
    }
    let context = Context::new(pascal, &content.at).inside("Request", "schema");
    match (media_of(content.media), &content.schema) {
        // An image that is documented under any media type.
        (Media::Json, Some(schema)) if schema.is_binary => {
            BodyDraft::Raw { media: content.media, body }
        }
        (Media::Form, Some(schema)) if schema.has_fields => {
            let (constants, fields) = constants(types.properties(schema));
            let fields = parts(types, fields, &context);
            BodyDraft::Fields { fields, constants, content }
        }
        (Media::Json | Media::OtherJson | Media::Form, Some(schema)) => {
            if matches!(media_of(content.media), Media::Form) && is_empty(schema) {
                return BodyDraft::None;
            }
            BodyDraft::Value { ty: types.with_null(schema, &context), media: content.media, body }
        }
        (Media::Json | Media::OtherJson, None) => {
            BodyDraft::Value { ty: Ty::Value, media: content.media, body }
        }
        (Media::Multipart, Some(schema)) => {
            BodyDraft::Parts { parts: parts(types, types.properties(schema), &context), content }
        }
        _ => BodyDraft::Raw { media: content.media, body },
    }
}

/// The multipart body that an operation accepts besides JSON, if it can carry files, which JSON cannot.
pub(super) fn parts_beside_json<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &'d Operation<'a>,
    pascal: &str,
) -> Option<BodyDraft<'d, 'a>> {
    let body = operation.body.as_ref()?;
    let of = |wanted: Media| body.content.iter().find(|it| media_of(it.media) == wanted);
    let content = of(Media::Json).and(of(Media::Multipart))?;
    let schema = content.schema.as_ref()?;
    let is_file = |it: &Schema<'_>| {
        types.is_binary(it) || it.items.as_deref().is_some_and(|it| types.is_binary(it))
    };
    if !types.properties(schema).iter().any(|(_, it, _)| is_file(it)) {
        return None;
    }
    let context = Context::new(pascal, &content.at).inside("Parts", "schema");
    let properties = types.properties(schema);
    Some(BodyDraft::Parts { parts: parts(types, properties, &context), content })
}

/// Whether a form has no fields, like that of a `GET` in some documents.
fn is_empty(schema: &Schema<'_>) -> bool {
    schema.properties.is_empty()
        && schema.reference.is_none()
        && schema.all_of.is_empty()
        && schema.one_of.is_empty()
        && !matches!(schema.additional, Additional::Of(_) | Additional::Any)
}

/// A property: its name, its schema, and whether it is required.
type Property<'d, 'a> = (&'a str, &'d Schema<'a>, bool);

/// The properties that always have the same string, and the others.
fn constants<'d, 'a>(
    properties: Vec<Property<'d, 'a>>,
) -> (Vec<(&'a str, &'a str)>, Vec<Property<'d, 'a>>) {
    let (mut constants, mut others) = (Vec::new(), Vec::new());
    for (name, schema, required) in properties {
        match schema.values[..] {
            [Node::Text(value)] if required => constants.push((name, &**value)),
            _ => others.push((name, schema, required)),
        }
    }
    (constants, others)
}

fn parts<'d, 'a>(
    types: &mut Types<'d, 'a>,
    properties: Vec<Property<'d, 'a>>,
    context: &Context,
) -> Vec<(&'a str, &'d Schema<'a>, Ty, bool)> {
    let part = |(name, schema, required): (&'a str, &'d Schema<'a>, bool)| {
        let ty = types.of(schema, &context.inside(name, &format!("properties/{name}")));
        (name, schema, ty, required)
    };
    properties.into_iter().map(part).collect()
}

/// Writes the body of a method.
pub(super) fn write(
    types: &Types<'_, '_>,
    operation: &Operation<'_>,
    draft: BodyDraft<'_, '_>,
    method: &mut Method,
    notes: &Notes,
) {
    match draft {
        BodyDraft::None => {}
        BodyDraft::Raw { media, body } => raw(media, method, body),
        BodyDraft::Value { ty, media, body } => value(types, ty, media, body, method, notes),
        BodyDraft::Fields { fields, constants, content } => {
            let mut names = taken(method);
            for (wire, schema, ty, required) in fields {
                let name = names.unique(&snake(wire.trim_end_matches("[]")));
                let shown = match travels(types, &ty) {
                    _ if is_refresh_token(operation, schema) => optional(REFRESH_TOKEN, required),
                    Travels::One(shown) => optional(&shown, required),
                    Travels::Many(shown) => shown,
                    Travels::Object | Travels::Json => {
                        let text = format!("`{wire}` is nested; pass it as a string");
                        notes.lost(&*content.at, text);
                        optional("&str", required)
                    }
                };
                method.parameters.push((attribute("field", &name, wire, &[]), name, shown));
            }
            if !constants.is_empty() {
                let one =
                    |(name, value): &(&str, &str)| format!("{} = {}", quoted(name), quoted(value));
                let all: Vec<_> = constants.iter().map(one).collect();
                method.options.push(format!("fields({})", all.join(", ")));
            }
        }
        BodyDraft::Parts { parts, content } => {
            if parts.is_empty() {
                notes.lost(&*content.at, "a multipart body of which no part is named");
            }
            let mut names = taken(method);
            for (wire, schema, ty, required) in parts {
                part(types, wire, schema, &ty, required, content, method, &mut names, notes);
            }
        }
    }
    if ["get", "head"].contains(&&*method.verb) && has_body(method) {
        method.allows.push("body_on_get");
    }
}

/// Whether a parameter of an operation is the refresh token, as an export says.
pub(super) fn is_refresh_token(operation: &Operation<'_>, schema: &Schema<'_>) -> bool {
    operation.is_refresh && schema.is_refresh_token
}

fn has_body(method: &Method) -> bool {
    let is_body = |it: &str| {
        ["#[json", "#[form", "#[part", "#[body", "#[field"].iter().any(|role| it.starts_with(role))
    };
    method.parameters.iter().any(|it| is_body(&it.0))
}

fn taken(method: &Method) -> Names {
    let mut names = Names::default();
    for (_, name, _) in &method.parameters {
        names.take(name);
    }
    names
}

fn raw(media: &str, method: &mut Method, _: &Body<'_>) {
    let name = taken(method).unique("body");
    let is_text = media_of(media) == Media::Text;
    let ty = if is_text { "String" } else { "Bytes" };
    let role = if media.contains('*') {
        "#[body]".to_owned()
    } else {
        format!("#[body({})]", quoted(media))
    };
    method.parameters.push((role, name, ty.to_owned()));
}

fn value(
    types: &Types<'_, '_>,
    ty: Ty,
    media: &str,
    body: &Body<'_>,
    method: &mut Method,
    notes: &Notes,
) {
    let name = taken(method).unique("body");
    let mut role = "#[json]".to_owned();
    match media_of(media) {
        Media::Form => {
            let style = if is_flat(types, &ty) { "" } else { "(style = brackets)" };
            role = format!("#[form{style}]");
        }
        Media::OtherJson => role = format!("#[json({})]", quoted(media)),
        _ => {}
    }
    if !body.required {
        notes.chosen(&*body.at, "the body is optional, but is always sent");
    }
    method.parameters.push((role, name, borrowed(types, &ty)));
    method.sent.push(ty);
}

/// A type as the parameter of a body.
pub(super) fn borrowed(types: &Types<'_, '_>, ty: &Ty) -> String {
    match ty {
        Ty::Bool | Ty::I64 | Ty::U64 | Ty::F64 => types.name_of(ty),
        Ty::Text => "&str".to_owned(),
        Ty::List(item) => format!("&[{}]", types.name_of(item)),
        Ty::Maybe(inner) => format!("Option<{}>", borrowed(types, inner)),
        ty => format!("&{}", types.name_of(ty)),
    }
}

#[allow(clippy::too_many_arguments)]
fn part(
    types: &Types<'_, '_>,
    wire: &str,
    schema: &Schema<'_>,
    ty: &Ty,
    required: bool,
    content: &Content<'_>,
    method: &mut Method,
    names: &mut Names,
    notes: &Notes,
) {
    let name = names.unique(&snake(wire.trim_end_matches("[]")));
    let mime = content.encoding.iter().find(|(name, _)| *name == wire).map(|(_, mime)| *mime);
    // Several media types, or a pattern of them, are not a single one.
    let mime = mime.filter(|it| !it.contains([',', '*']));
    let options: Vec<String> =
        mime.map(|it| format!("mime = {}", quoted(it))).into_iter().collect();
    let is_file = |it: &Schema<'_>| types.is_binary(it);
    if is_file(schema) {
        method.parameters.push((
            attribute("part", &name, wire, &options),
            name,
            optional("Part", required),
        ));
        return;
    }
    if schema.items.as_deref().is_some_and(is_file) {
        method.parameters.push((
            attribute("part", &name, wire, &options),
            name,
            "Vec<Part>".to_owned(),
        ));
        return;
    }
    match travels(types, ty) {
        // A value of any kind is most likely text.
        Travels::One(shown) => method.parameters.push((
            attribute("part", &name, wire, &options),
            name,
            optional(&shown, required),
        )),
        Travels::Many(_) if mime.is_none() => {
            notes.chosen(&*content.at, format!("`{wire}` is a list: each of its values is a part"));
            method.parameters.push((
                attribute("part", &name, wire, &[]),
                name,
                "Vec<Part>".to_owned(),
            ));
        }
        _ => {
            let json = vec!["json".to_owned()];
            method.parameters.push((
                attribute("part", &name, wire, &json),
                name,
                optional(&borrowed(types, ty), required),
            ));
            method.sent.push(ty.clone());
        }
    }
}
