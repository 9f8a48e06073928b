//! The response: a value, nothing, or a stream.

use syn::Type;

use super::document::Operation;
use super::json::Json;
use crate::diagnostic::Diagnostics;
use crate::model::Endpoint;
use crate::model::page::PageStep;
use crate::model::shape::peeled;

/// Compares the response.
pub(super) fn check(endpoint: &Endpoint, operation: Operation<'_>, diagnostics: &Diagnostics) {
    let successes = operation.successes();
    if successes.is_empty() || operation.verb == "head" {
        return;
    }
    let returned = &endpoint.shape.returned;
    let media =
        |response: &&Json| response.get("content").map(Json::entries).unwrap_or_default().len();
    let contents: Vec<&(String, Json)> = successes
        .iter()
        .flat_map(|it| it.get("content").map(Json::entries).unwrap_or_default())
        .collect();
    let is_stream = |it: &&&(String, Json)| it.0.starts_with("text/event-stream");
    let streams = contents.iter().filter(is_stream).count();
    if returned.is_named("Events") && streams == 0 {
        let text = format!(
            "`{}` is not a stream of events in the document\nhelp: return a `Result`",
            operation.shown()
        );
        diagnostics.error("openapi-stream", &returned.whole, text);
    }
    if returned.is_named("Result") && streams > 0 && streams == contents.len() && !is_raw(endpoint)
    {
        let text = format!(
            "`{}` is a stream of events in the document\nhelp: return `Events<..>`, without `async`",
            operation.shown()
        );
        diagnostics.error("openapi-stream", &returned.whole, text);
    }
    links(endpoint, operation, &successes, diagnostics);
    let Some(value) = returned
        .value
        .as_ref()
        .filter(|_| returned.is_named("Result") && endpoint.role().is_none())
    else {
        return;
    };
    let says_something =
        |it: &&&(String, Json)| it.0.ends_with("json") && it.1.get("schema").is_some();
    let all_have_values = successes.iter().all(|it| media(it) > 0);
    if is_unit(value) && all_have_values && contents.iter().any(|it| says_something(&it)) {
        let text = format!(
            "`{}` returns a value in the document\nhelp: return its type instead of `()`",
            operation.shown()
        );
        diagnostics.error("openapi-unit", value, text);
    }
    if contents.is_empty() && is_value(value) {
        let text = format!(
            "`{}` returns nothing in the document\nhelp: return `Result<()>`",
            operation.shown()
        );
        diagnostics.error("openapi-value", value, text);
    }
}

/// Pages that use a header which the document does not have.
fn links(
    endpoint: &Endpoint,
    operation: Operation<'_>,
    successes: &[&Json],
    diagnostics: &Diagnostics,
) {
    let Some((page, at)) = &endpoint.verb.page else { return };
    if !matches!(page.step, PageStep::Link { next: None, .. }) {
        return;
    }
    let headers: Vec<&str> = successes
        .iter()
        .flat_map(|it| it.get("headers").map(Json::entries).unwrap_or_default())
        .map(|(name, _)| name.as_str())
        .collect();
    if !headers.is_empty() && !headers.iter().any(|it| it.eq_ignore_ascii_case("link")) {
        let text = format!(
            "`{}` has no `Link` header in the document\n\
             help: the response has {}",
            operation.shown(),
            crate::suggest::all(&headers)
        );
        diagnostics.error("openapi-pages", *at, text);
    }
}

/// Whether the body is returned unchanged, whatever it is.
fn is_raw(endpoint: &Endpoint) -> bool {
    endpoint.shape.returned.value.as_ref().is_some_and(|it| !is_unit(it) && !is_value(it))
}

fn is_unit(ty: &Type) -> bool {
    matches!(peeled(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// Whether it must be decoded from a body, and cannot be created without one.
fn is_value(ty: &Type) -> bool {
    match peeled(ty) {
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            !["Response", "Option", "Bytes", "String", "Download"]
                .contains(&last.ident.to_string().as_str())
        }),
        Type::Tuple(tuple) => !tuple.elems.is_empty(),
        _ => true,
    }
}
