//! Turns the parameters of an operation into parameters of its method.

use super::body::is_refresh_token;
use super::travels::{Travels, as_text, is_flat, travels};
use super::{Draft, Method};
use crate::document::{Operation, Parameter, Place};
use crate::names::{Names, REFRESH_TOKEN, snake};
use crate::notes::Notes;
use crate::text::quoted;
use crate::types::{Aside, Field, Ty, Types};

/// A larger number of optional query parameters becomes a struct.
const MANY: usize = 5;

/// Writes the parameters of a method.
pub(super) fn write<'a>(
    types: &mut Types<'_, 'a>,
    operation: &Operation<'a>,
    draft: &Draft<'_, 'a>,
    method: &mut Method,
    notes: &Notes,
) {
    let mut names = Names::default();
    names.take("self_");
    super::path::write(types, operation, draft, method, &mut names, notes);
    let queries = draft.parameters.iter().filter(|it| it.0.place == Place::Query);
    // A parameter that becomes several values comes last, as in a document that is exported again.
    let is_object = |ty: &Ty| matches!(travels(types, ty), Travels::Object);
    let (objects, values): (Vec<_>, Vec<_>) =
        queries.partition(|it| is_object(&it.1) && it.0.media.is_none());
    // A list may be empty in any case, so that no signature says whether it is required.
    let is_list = |ty: &Ty| matches!(travels(types, ty), Travels::Many(_));
    let (required, optional): (Vec<_>, Vec<_>) = values
        .into_iter()
        .partition(|it| it.0.required && (it.0.media.is_some() || !is_list(&it.1)));
    let fits = |parameter: &Parameter<'_>, ty: &Ty| {
        let is_joined = is_list(ty) && list_style(parameter).is_some();
        !(parameter.required || is_joined || parameter.media.is_some())
            && matches!(travels(types, ty), Travels::One(_) | Travels::Many(_))
    };
    let (fields, single): (Vec<_>, Vec<_>) =
        match optional.iter().filter(|it| fits(it.0, &it.1)).count() > MANY {
            true => optional.into_iter().partition(|it| fits(it.0, &it.1)),
            false => (Vec::new(), optional),
        };
    for (parameter, ty) in required.into_iter().chain(single).chain(objects) {
        match is_refresh_token(operation, &parameter.schema) {
            true => refresh_token("query", parameter, method, &mut names),
            false => query(types, parameter, ty, method, &mut names, notes),
        }
    }
    if !fields.is_empty() {
        query_struct(types, &fields, method, &mut names, &draft.pascal);
    }
    for (parameter, ty) in &draft.parameters {
        match parameter.place {
            Place::Header if !is_header_name(parameter.name) => notes.lost(
                &*parameter.at,
                format!("`{}` cannot be the name of a header, and was left out", parameter.name),
            ),
            Place::Header if is_refresh_token(operation, &parameter.schema) => {
                refresh_token("header", parameter, method, &mut names);
            }
            Place::Header => header(types, parameter, ty, method, &mut names, notes),
            Place::Cookie => notes.lost(
                &*parameter.at,
                format!(
                    "`{}` is a cookie: give the client a cookie store, or send a `Cookie` header",
                    parameter.name
                ),
            ),
            Place::Path | Place::Query => {}
        }
    }
}

/// A parameter that is created from the tokens.
fn refresh_token(role: &str, parameter: &Parameter<'_>, method: &mut Method, names: &mut Names) {
    let name = names.unique(&snake(parameter.name));
    let attribute = match role {
        "header" => format!("#[header({})]", quoted(parameter.name)),
        role => attribute(role, &name, parameter.name, &[]),
    };
    method.parameters.push((attribute, name, optional(REFRESH_TOKEN, parameter.required)));
}

/// Whether HTTP allows it as the name of a header (RFC 9110, section 5.6.2).
fn is_header_name(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_token)
}

/// How the values of a list are joined, if not by repeating the name.
fn list_style(parameter: &Parameter<'_>) -> Option<&'static str> {
    match (parameter.style, parameter.explode) {
        (None | Some("form"), Some(false)) => Some("csv"),
        (Some("pipeDelimited"), Some(false) | None) => Some("pipe"),
        (Some("spaceDelimited"), Some(false) | None) => Some("space"),
        _ => None,
    }
}

fn query(
    types: &Types<'_, '_>,
    parameter: &Parameter<'_>,
    ty: &Ty,
    method: &mut Method,
    names: &mut Names,
    notes: &Notes,
) {
    let wire = parameter.name;
    let name = names.unique(&snake(wire.trim_end_matches("[]")));
    let is_deep = parameter.style == Some("deepObject");
    if parameter.media.is_some() {
        let shown = optional(&super::body::borrowed(types, ty), parameter.required);
        let attribute = attribute("query", &name, wire, &["json".to_owned()]);
        method.parameters.push((attribute, name, shown));
        method.sent.push(ty.clone());
        return;
    }
    match travels(types, ty) {
        Travels::One(shown) => {
            let shown = optional(&shown, parameter.required);
            method.parameters.push((attribute("query", &name, wire, &[]), name, shown));
        }
        Travels::Many(shown) => {
            let style = list_style(parameter).filter(|style| {
                if *style == "space" {
                    notes.lost(
                        &*parameter.at,
                        format!(
                            "`{wire}` is a list with spaces between its values; it is repeated"
                        ),
                    );
                }
                *style != "space"
            });
            let options: Vec<String> =
                style.map(|it| format!("style = {it}")).into_iter().collect();
            // Lists in the style `deepObject` have brackets.
            let wire =
                if is_deep && !wire.ends_with(']') { format!("{wire}[]") } else { wire.to_owned() };
            method.parameters.push((attribute("query", &name, &wire, &options), name, shown));
        }
        Travels::Object => object(types, parameter, ty, method, name, notes),
        Travels::Json if is_deep => object(types, parameter, ty, method, name, notes),
        Travels::Json => {
            let text = format!(
                "`{wire}` is nested, and no style defines how it is sent; pass it as a string"
            );
            notes.lost(&*parameter.at, text);
            let shown = optional("&str", parameter.required);
            method.parameters.push((attribute("query", &name, wire, &[]), name, shown));
        }
    }
}

/// An object in a query: its fields, under their own names or in brackets after its name.
fn object(
    types: &Types<'_, '_>,
    parameter: &Parameter<'_>,
    ty: &Ty,
    method: &mut Method,
    name: String,
    notes: &Notes,
) {
    let wire = parameter.name;
    let shown = super::body::borrowed(types, ty);
    if parameter.style == Some("deepObject") {
        let attribute = attribute("query", &name, wire, &["style = brackets".to_owned()]);
        method.parameters.push((attribute, name, optional(&shown, parameter.required)));
    } else if parameter.explode == Some(false) {
        notes.lost(
            &*parameter.at,
            format!("`{wire}` is an object in one value; pass it as a string"),
        );
        let shown = optional("&str", parameter.required);
        method.parameters.push((attribute("query", &name, wire, &[]), name, shown));
        return;
    } else {
        let style = if is_flat(types, ty) { "" } else { ", style = brackets" };
        method.parameters.push((format!("#[query(flatten{style})]"), name, shown));
    }
    method.sent.push(ty.clone());
}

fn query_struct(
    types: &mut Types<'_, '_>,
    fields: &[&(&Parameter<'_>, Ty)],
    method: &mut Method,
    names: &mut Names,
    pascal: &str,
) {
    let mut used = Names::default();
    let mut docs = Vec::new();
    let fields: Vec<Field> = fields
        .iter()
        .map(|(parameter, ty)| {
            docs.push(parameter.description.unwrap_or_default().to_owned());
            let is_deep_list = parameter.style == Some("deepObject")
                && matches!(travels(types, ty), Travels::Many(_))
                && !parameter.name.ends_with(']');
            Field {
                name: used.unique(&snake(parameter.name.trim_end_matches("[]"))),
                wire: if is_deep_list {
                    format!("{}[]", parameter.name)
                } else {
                    parameter.name.to_owned()
                },
                ty: as_text(types, ty),
                required: false,
                nullable: false,
                read_only: false,
                write_only: false,
                deprecated: parameter.deprecated,
                sends_null: Aside::default(),
            }
        })
        .collect();
    let ty = types.add_struct_with_docs(&format!("{pascal}Query"), fields, docs, "");
    let name = names.unique("query");
    method.parameters.push((
        "#[query(flatten)]".to_owned(),
        name,
        format!("&{}", types.name_of(&ty)),
    ));
    method.sent.push(ty);
}

fn header(
    types: &Types<'_, '_>,
    parameter: &Parameter<'_>,
    ty: &Ty,
    method: &mut Method,
    names: &mut Names,
    notes: &Notes,
) {
    let lower = parameter.name.to_lowercase();
    // OpenAPI itself says that these are not parameters.
    if ["accept", "content-type", "authorization"].contains(&&*lower) {
        return;
    }
    if lower == "idempotency-key" {
        method.options.push(format!("idempotent({})", quoted(parameter.name)));
        return;
    }
    if syn::parse_str::<syn::Ident>(&snake(parameter.name)).is_err() && parameter.name.contains(' ')
    {
        notes.lost(&*parameter.at, format!("`{}` cannot be the name of a header", parameter.name));
        return;
    }
    let shown = match travels(types, ty) {
        Travels::One(shown) => shown,
        Travels::Many(_) => {
            notes.chosen(
                &*parameter.at,
                "a list in a header is text with commas between its values",
            );
            "&str".to_owned()
        }
        Travels::Object | Travels::Json => "&str".to_owned(),
    };
    let name = names.unique(&snake(parameter.name));
    method.parameters.push((
        format!("#[header({})]", quoted(parameter.name)),
        name,
        optional(&shown, parameter.required),
    ));
}

/// `#[query]`, `#[query("page[size]", style = csv)]`.
pub(super) fn attribute(role: &str, name: &str, wire: &str, options: &[String]) -> String {
    let mut inside = Vec::new();
    if name.strip_prefix("r#").unwrap_or(name) != wire {
        inside.push(quoted(wire));
    }
    inside.extend(options.iter().cloned());
    match inside.is_empty() {
        true => format!("#[{role}]"),
        false => format!("#[{role}({})]", inside.join(", ")),
    }
}

pub(super) fn optional(ty: &str, required: bool) -> String {
    if required { ty.to_owned() } else { format!("Option<{ty}>") }
}
