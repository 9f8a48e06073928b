//! Query parameters and headers.

use quote::ToTokens;
use syn::Type;

use super::document::{Operation, Parameter, Shape};
use crate::diagnostic::Diagnostics;
use crate::model::Endpoint;
use crate::model::auth::Placement;
use crate::model::page::PageParam;
use crate::model::param::{Param, Role, Style};
use crate::model::shape::{is_option, peeled};
use crate::suggest::near;

/// Headers of HTTP itself, which documents rarely list.
const OF_HTTP: &[&str] = &[
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "cookie",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-unmodified-since",
    "range",
    "user-agent",
];

/// Compares the parameters.
pub(super) fn check(endpoint: &Endpoint, operation: Operation<'_>, diagnostics: &Diagnostics) {
    let all = operation.parameters();
    for param in &endpoint.params {
        match &param.role {
            Role::Query { name, style } => {
                given(param, name, "query", Some(*style), &all, diagnostics)
            }
            Role::QueryJson(name) | Role::QueryObject(name) => {
                given(param, name, "query", None, &all, diagnostics);
            }
            Role::Header(name) if !OF_HTTP.contains(&name.as_str()) => {
                given(param, name, "header", None, &all, diagnostics);
            }
            _ => {}
        }
    }
    missing(endpoint, operation, &all, diagnostics);
    pages(endpoint, &all, diagnostics);
}

/// Whether two names mean the same parameter.
fn is_named(parameter: &Parameter<'_>, name: &str, place: &str) -> bool {
    parameter.place == place
        && match place {
            "header" => parameter.name.eq_ignore_ascii_case(name),
            // `ids[]` is how some servers want the list `ids`, and `filter[a]` a field of `filter`.
            _ => {
                parameter.name == name
                    || name.strip_prefix(parameter.name).is_some_and(|it| it.starts_with('['))
            }
        }
}

fn given(
    param: &Param,
    name: &str,
    place: &str,
    style: Option<Style>,
    all: &[Parameter<'_>],
    diagnostics: &Diagnostics,
) {
    let Some(parameter) = all.iter().find(|it| is_named(it, name, place)) else {
        let names: Vec<&str> =
            all.iter().filter(|it| it.place == place).map(|it| it.name).collect();
        let what = if place == "query" { "query parameter" } else { "header" };
        let help = near(name, &names)
            .map_or_else(|| "remove it".to_owned(), |near| format!("did you mean `{near}`?"));
        let text = format!("the document has no {what} `{name}` here\nhelp: {help}");
        diagnostics.error("openapi-unknown-parameter", param.at, text);
        return;
    };
    if parameter.required && is_option(&param.ty) {
        let text = format!(
            "the document requires `{name}`\n\
             help: take the value without `Option`"
        );
        diagnostics.error("openapi-optional", &param.ty, text);
    }
    let Some(style) = style else { return };
    match (parameter.shape(), shape_of(&param.ty)) {
        (Shape::Many, Shape::One) => {
            let text = format!(
                "`{name}` is a list in the document\n\
                 help: take a slice, such as `&[&str]`"
            );
            diagnostics.error("openapi-list", &param.ty, text);
        }
        (Shape::One, Shape::Many) => {
            let text = format!(
                "`{name}` is a single value in the document\n\
                 help: take a single value"
            );
            diagnostics.error("openapi-list", &param.ty, text);
        }
        (Shape::Many, _) => {
            let word = match style {
                Style::Repeated => "repeated",
                Style::Comma => "csv",
                Style::Pipe => "pipe",
                Style::Json => return,
            };
            if let Some(wanted) = parameter.style().filter(|wanted| *wanted != word) {
                let text = format!(
                    "the document writes the list `{name}` in another style\n\
                     help: write `#[query(style = {wanted})]`"
                );
                diagnostics.error("openapi-list-style", param.at, text);
            }
        }
        _ => {}
    }
}

/// Required parameters that are missing.
fn missing(
    endpoint: &Endpoint,
    operation: Operation<'_>,
    all: &[Parameter<'_>],
    diagnostics: &Diagnostics,
) {
    let has = |role: fn(&Role) -> bool| endpoint.params.iter().any(|it| role(&it.role));
    let (any_query, any_header) =
        (has(|it| matches!(it, Role::QueryStruct { .. })), has(|it| matches!(it, Role::Headers)));
    for parameter in all.iter().filter(|it| it.required) {
        let name = parameter.name;
        let is_given = match parameter.place {
            "query" => any_query || is_query_given(endpoint, parameter),
            "header" => any_header || is_header_given(endpoint, name),
            _ => true,
        };
        if !is_given {
            let role = parameter.place;
            let what = if role == "query" { "query parameter" } else { "header" };
            let text = format!(
                "the document requires the {what} `{name}` for `{}`\n\
                 help: add a parameter `#[{role}({name:?})]`",
                operation.shown()
            );
            diagnostics.error("openapi-missing-parameter", endpoint.name(), text);
        }
    }
}

fn is_query_given(endpoint: &Endpoint, parameter: &Parameter<'_>) -> bool {
    let by_param = endpoint.params.iter().any(|it| match &it.role {
        Role::Query { name, .. } | Role::QueryJson(name) | Role::QueryObject(name) => {
            is_named(parameter, name, "query")
        }
        _ => false,
    });
    let in_path =
        endpoint.template().is_some_and(|it| it.query_names().any(|name| name == parameter.name));
    let by_token = endpoint
        .credentials()
        .iter()
        .any(|it| matches!(&it.placement, Placement::Query(name) | Placement::Field(name) if *name == parameter.name));
    let by_page = endpoint.verb.page.as_ref().is_some_and(|(page, _)| {
        page.params().any(|it| matches!(it, PageParam::Query(name) if name == parameter.name))
    });
    by_param || in_path || by_token || by_page
}

fn is_header_given(endpoint: &Endpoint, name: &str) -> bool {
    let lower = name.to_lowercase();
    OF_HTTP.contains(&lower.as_str())
        || endpoint
            .params
            .iter()
            .any(|it| matches!(&it.role, Role::Header(other) if *other == lower))
        || endpoint.effective.headers.iter().any(|it| it.name == lower)
        || endpoint.credentials().iter().any(|it| it.placement.header() == Some(&lower))
        || endpoint.verb.page.as_ref().is_some_and(|(page, _)| {
            page.params().any(|it| matches!(it, PageParam::Header(name) if *name == lower))
        })
        || endpoint.verb.idempotent.as_ref().and_then(|it| it.header.as_deref()) == Some(&lower)
}

/// The parameters that select a page.
fn pages(endpoint: &Endpoint, all: &[Parameter<'_>], diagnostics: &Diagnostics) {
    let Some((page, at)) = &endpoint.verb.page else { return };
    for param in page.params() {
        let (name, place) = match param {
            PageParam::Query(name) => (name, "query"),
            PageParam::Header(name) => (name, "header"),
            PageParam::Body(_) => continue,
        };
        if all.iter().any(|it| is_named(it, name, place)) {
            continue;
        }
        let names: Vec<&str> =
            all.iter().filter(|it| it.place == place).map(|it| it.name).collect();
        let what = if place == "query" { "query parameter" } else { "header" };
        let help = near(name, &names).map_or_else(
            || format!("name the {what} that leads to the next page"),
            |near| format!("did you mean `{near}`?"),
        );
        let text = format!(
            "the document has no {what} `{name}` for the next page\n\
             help: {help}"
        );
        diagnostics.error("openapi-pages", *at, text);
    }
}

/// Whether a type is clearly one value or several; a type of the user could be either.
fn shape_of(ty: &Type) -> Shape {
    match peeled(ty) {
        Type::Reference(reference) => shape_of(&reference.elem),
        Type::Slice(_) | Type::Array(_) => Shape::Many,
        ty => match last_name(ty).as_deref() {
            Some("Vec") => Shape::Many,
            Some("Option") => inner(ty).map_or(Shape::Unknown, |it| shape_of(&it)),
            Some(
                "str" | "String" | "bool" | "char" | "u8" | "u16" | "u32" | "u64" | "i8" | "i16"
                | "i32" | "i64" | "f32" | "f64" | "usize" | "isize" | "u128" | "i128",
            ) => Shape::One,
            _ => Shape::Unknown,
        },
    }
}

fn last_name(ty: &Type) -> Option<String> {
    match peeled(ty) {
        Type::Path(path) => path.path.segments.last().map(|it| it.ident.to_string()),
        _ => None,
    }
}

/// The first argument of a generic type.
fn inner(ty: &Type) -> Option<Type> {
    let Type::Path(path) = peeled(ty) else { return None };
    match &path.path.segments.last()?.arguments {
        syn::PathArguments::AngleBracketed(arguments) => {
            syn::parse2(arguments.args.first()?.to_token_stream()).ok()
        }
        _ => None,
    }
}
