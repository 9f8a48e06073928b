//! The return type of an operation.

use super::Method;
use super::body::{Media, media_of, possible_too};
use crate::document::{Content, Operation, Response};
use crate::names::Names;
use crate::notes::Notes;
use crate::types::{Context, Kind, Ty, Types};

/// A return type, before it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct ResponseDraft {
    value: Value,
    /// Whether the value may be missing.
    may_be_empty: bool,
    /// Whether a `Link` header leads to the next page.
    has_link: bool,
    /// Besides a value there may be a stream of events.
    events: Option<Ty>,
}

#[derive(Debug, Clone, Default)]
enum Value {
    #[default]
    Nothing,
    Json(Ty),
    Text,
    Bytes,
    Download,
    Events(Ty),
    Lines(Ty),
}

/// Chooses the return type of a method, and creates its types.
pub(super) fn draft<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &'d Operation<'a>,
    pascal: &str,
    notes: &Notes,
) -> ResponseDraft {
    let is_good = |it: &&Response<'_>| it.status.starts_with('2');
    let mut good: Vec<&'d Response<'a>> = operation.responses.iter().filter(is_good).collect();
    good.sort_by_key(|it| it.status);
    if good.is_empty() {
        let moved =
            operation.responses.iter().any(|it| it.status.starts_with("30") && it.status != "304");
        // If there is no other response, `default` is the response.
        let only = operation.responses.iter().find(|it| it.status == "default");
        match (only, moved) {
            (_, true) => {
                return ResponseDraft { value: Value::Download, ..ResponseDraft::default() };
            }
            (Some(only), false) if operation.responses.len() == 1 => good.push(only),
            _ => {
                notes.chosen(
                    format!("{}/responses", operation.at),
                    "no success is listed, so the response is not read",
                );
                return ResponseDraft::default();
            }
        }
    }
    if operation.verb == "head" {
        return ResponseDraft::default();
    }
    let contents: Vec<&'d Content<'a>> = good.iter().filter_map(|it| chosen(it, notes)).collect();
    let mut draft = ResponseDraft {
        may_be_empty: good.iter().any(|it| it.content.is_empty() && it.status == "204"),
        has_link: good.iter().any(|it| it.headers.iter().any(|it| it == "link")),
        ..ResponseDraft::default()
    };
    let Some(first) = contents.first() else { return draft };
    draft.value = value(types, operation, first, pascal, notes);
    several(types, operation, &contents, &mut draft, pascal, notes);
    let events =
        good.iter().flat_map(|it| &it.content).find(|it| it.media.starts_with("text/event-stream"));
    if let Some(events) = events.filter(|_| !matches!(draft.value, Value::Events(_))) {
        let context = Context::new(pascal, &events.at).inside("Event", "schema");
        draft.events = Some(events.schema.as_ref().map_or(Ty::Value, |it| types.of(it, &context)));
    }
    draft
}

/// Other success statuses with a value of another type.
fn several<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &'d Operation<'a>,
    contents: &[&'d Content<'a>],
    draft: &mut ResponseDraft,
    pascal: &str,
    notes: &Notes,
) {
    let Value::Json(first) = &draft.value else { return };
    let mut all = vec![first.clone()];
    for content in &contents[1..] {
        match value(types, operation, content, pascal, notes) {
            Value::Json(ty) if all.contains(&ty) => {}
            Value::Json(ty) => all.push(ty),
            _ => notes.chosen(
                &*content.at,
                "this success has another kind of body, which the client reports as an error",
            ),
        }
    }
    if let [_, _, ..] = all[..] {
        let at = format!("{}/responses", operation.at);
        draft.value =
            Value::Json(types.any_of(all, &Context::new(pascal, &at).inside("Response", "schema")));
    }
}

/// The best of the media types of a response.
fn chosen<'d, 'a>(response: &'d Response<'a>, notes: &Notes) -> Option<&'d Content<'a>> {
    let best = response.content.iter().min_by_key(|it| match media_of(it.media) {
        Media::Json if !it.media.contains(';') => 0,
        Media::OtherJson => 1,
        Media::Json => 2,
        _ if it.media.starts_with("text/event-stream") => 3,
        Media::Text => 4,
        _ => 5,
    })?;
    // A stream of events becomes a method of its own.
    let is_other = |it: &&str| *it != best.media && !it.starts_with("text/event-stream");
    let others: Vec<&str> = response.content.iter().map(|it| it.media).filter(is_other).collect();
    if !others.is_empty() {
        notes.chosen(&*best.at, possible_too(best.media, &others));
    }
    Some(best)
}

fn value<'d, 'a>(
    types: &mut Types<'d, 'a>,
    operation: &Operation<'_>,
    content: &'d Content<'a>,
    pascal: &str,
    notes: &Notes,
) -> Value {
    let context = Context::new(pascal, &content.at).inside("Response", "schema");
    let lower = content.media.to_ascii_lowercase();
    let ty = |types: &mut Types<'d, 'a>| {
        content.schema.as_ref().map_or(Ty::Value, |it| types.with_null(it, &context))
    };
    if content.schema.as_ref().is_some_and(|it| types.is_binary(it)) {
        return if lower.starts_with("image/") { Value::Bytes } else { Value::Download };
    }
    if lower.starts_with("text/event-stream") {
        return Value::Events(ty(types));
    }
    if [
        "application/x-ndjson",
        "application/jsonl",
        "application/x-jsonlines",
        "application/json-seq",
    ]
    .iter()
    .any(|it| lower.starts_with(it))
    {
        return Value::Lines(ty(types));
    }
    match media_of(content.media) {
        // No schema, and the verb implies no body: nothing is known about it.
        Media::Json if content.schema.is_none() && operation.verb == "delete" => {
            notes.chosen(&*content.at, "no schema is declared for this body, so it is not read");
            Value::Nothing
        }
        // It need not be JSON.
        Media::Json if content.schema.is_none() && content.media.contains('*') => {
            notes.chosen(&*content.at, "no schema is declared for this body, so it is bytes");
            Value::Bytes
        }
        Media::Json | Media::OtherJson => Value::Json(ty(types)),
        Media::Text => Value::Text,
        _ if lower.starts_with("image/") => Value::Bytes,
        _ => Value::Download,
    }
}

/// Writes the return type of a method.
pub(super) fn write(
    types: &Types<'_, '_>,
    operation: &Operation<'_>,
    draft: ResponseDraft,
    method: &mut Method,
    notes: &Notes,
) {
    if matches!(&draft.value, Value::Json(ty) if *types.behind(ty) == Ty::Text) {
        let at = format!("{}/responses", operation.at);
        notes.chosen(at, "a JSON string is returned as the text of the body, with quotes if the server sends them");
    }
    let maybe = |ty: String| {
        if draft.may_be_empty && !ty.starts_with("Option<") { format!("Option<{ty}>") } else { ty }
    };
    let mut returns = match &draft.value {
        Value::Nothing => "()".to_owned(),
        Value::Json(ty) => {
            method.received.push(ty.clone());
            maybe(types.name_of(ty))
        }
        Value::Text => "String".to_owned(),
        Value::Bytes => "Bytes".to_owned(),
        Value::Download => "Download".to_owned(),
        Value::Events(ty) | Value::Lines(ty) => {
            method.received.push(ty.clone());
            types.name_of(ty)
        }
    };
    if operation.verb == "head" {
        returns = "()".to_owned();
    }
    if let (Value::Json(ty), true) = (&draft.value, draft.has_link && operation.verb == "get")
        && let Ty::List(item) = types.behind(ty)
    {
        method.returns = format!("Pages<{}>", types.name_of(item));
        method.is_stream = true;
        method.options.push("page(link)".to_owned());
        return;
    }
    (method.returns, method.is_stream) = match draft.value {
        Value::Events(_) => (format!("Events<{returns}>"), true),
        Value::Lines(_) => (format!("Lines<{returns}>"), true),
        _ => (format!("Result<{returns}>"), false),
    };
    if let Some(events) = draft.events {
        // The second method is made from this.
        method.received.push(events.clone());
        method.events = Some(types.name_of(&events));
    }
}

/// A second method for an operation that may respond with a stream of events.
pub(super) fn second_method(method: &Method, names: &mut Names) -> Option<Method> {
    let events = method.events.as_deref()?;
    let mut second = method.clone();
    second.name = names.unique(&format!("{}_stream", method.name.trim_start_matches("r#")));
    second.docs.push("As a stream of events, which the request asks for.".to_owned());
    second.returns = format!("Events<{events}>");
    second.is_stream = true;
    second.allows.push("duplicate_endpoint");
    Some(second)
}

/// Where a body may have one of several types.
impl<'d, 'a> Types<'d, 'a> {
    pub(super) fn any_of(&mut self, all: Vec<Ty>, context: &Context) -> Ty {
        let variants = all.into_iter().map(|ty| (String::new(), ty)).collect();
        self.any(variants, context)
    }

    /// Whether a struct has a field, by its name on the wire.
    pub(super) fn field_named<'t>(
        &'t self,
        ty: &'t Ty,
        wire: &[&str],
    ) -> Option<&'t crate::types::Field> {
        match self.kind_of(ty) {
            Some(Kind::Struct { fields, .. }) => fields.iter().find(|it| wire.contains(&&*it.wire)),
            _ => None,
        }
    }
}
