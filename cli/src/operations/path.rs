//! Turns the path of an operation into a template.

use super::travels::{Travels, travels};
use super::{Draft, Method};
use crate::document::{Operation, Parameter, Place};
use crate::names::{Names, snake};
use crate::notes::Notes;
use crate::types::{Ty, Types};

/// Writes the path of a method, and its parameters.
pub(super) fn write<'a>(
    types: &Types<'_, 'a>,
    operation: &Operation<'a>,
    draft: &Draft<'_, 'a>,
    method: &mut Method,
    names: &mut Names,
    notes: &Notes,
) {
    let (route, query) = parts(operation, notes);
    let route = &*resolved(route, operation, notes);
    let mut path = String::new();
    let mut rest = route;
    let mut seen: Vec<(&str, String)> = Vec::new();
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}').map(|it| start + it) else { break };
        path.push_str(&literal(&rest[..start]));
        let wire = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some((_, name)) = seen.iter().find(|(other, _)| *other == wire) {
            notes.mended(&*operation.at, format!("`{{{wire}}}` is in the path twice"));
            path.push_str(&format!("{{{name}}}"));
            method.allows.push("repeated_placeholder");
            continue;
        }
        let name = names.unique(&snake(wire));
        let declared =
            draft.parameters.iter().find(|(it, _)| it.place == Place::Path && it.name == wire);
        let ty = match declared {
            Some((parameter, ty)) => path_type(types, parameter, ty, notes),
            None => {
                let text = format!("`{{{wire}}}` is not declared as a parameter, and is a string");
                notes.mended(&*operation.at, text);
                "&str".to_owned()
            }
        };
        path.push_str(&format!("{{{}}}", name.strip_prefix("r#").unwrap_or(&name)));
        method.parameters.push((String::new(), name.clone(), ty));
        seen.push((wire, name));
    }
    path.push_str(&literal(rest));
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    for (parameter, _) in draft.parameters.iter().filter(|it| it.0.place == Place::Path) {
        let name = parameter.name;
        if !seen.iter().any(|(wire, _)| *wire == name) {
            let text = format!("`{name}` is not in the path `{}` and was left out", operation.path);
            notes.mended(&*parameter.at, text);
        }
    }
    if !query.is_empty() {
        path.push('?');
        path.push_str(&literal(query));
    }
    method.path = path;
}

/// The path and the query of an operation.
fn parts<'a>(operation: &Operation<'a>, notes: &Notes) -> (&'a str, &'a str) {
    let (whole, fragment) = operation.path.split_once('#').unwrap_or((operation.path, ""));
    if !fragment.is_empty() {
        notes.mended(&*operation.at, format!("`#{fragment}` is never sent, and was left out"));
    }
    let (route, query) = whole.split_once('?').unwrap_or((whole, ""));
    if query.contains(['{', '}']) {
        let text = format!(
            "`?{query}` was left out; the parameters that are declared in the query are there"
        );
        notes.mended(&*operation.at, text);
        return (route, "");
    }
    (route, query)
}

/// A path without empty segments, `.` and `..`, which lead elsewhere or nowhere.
fn resolved(route: &str, operation: &Operation<'_>, notes: &Notes) -> String {
    let mut segments: Vec<&str> = Vec::new();
    let all: Vec<&str> = route.trim_start_matches('/').split('/').collect();
    for (at, segment) in all.iter().enumerate() {
        match &*segment.to_ascii_lowercase().replace("%2e", ".") {
            "." => {}
            ".." => drop(segments.pop()),
            "" if at + 1 < all.len() => {}
            _ => segments.push(segment),
        }
    }
    let resolved = format!("/{}", segments.join("/"));
    if resolved.trim_start_matches('/') != route.trim_start_matches('/') || route.starts_with("//")
    {
        notes.mended(&*operation.at, format!("the path `{route}` leads to `{resolved}`"));
    }
    resolved
}

/// Literal text of a path, as it is sent.
fn literal(text: &str) -> String {
    let mut literal = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%?".contains(c) => literal.push(c),
            c => c.to_string().bytes().for_each(|it| literal.push_str(&format!("%{it:02X}"))),
        }
    }
    literal
}

fn path_type(types: &Types<'_, '_>, parameter: &Parameter<'_>, ty: &Ty, notes: &Notes) -> String {
    if !matches!(parameter.style, None | Some("simple")) {
        notes.lost(
            &*parameter.at,
            format!("the style `{}` of a path parameter", parameter.style.unwrap_or_default()),
        );
    }
    match travels(types, ty) {
        Travels::One(ty) => ty,
        Travels::Many(_) => {
            notes.chosen(&*parameter.at, "a list in a path is text with commas between its values");
            "&str".to_owned()
        }
        Travels::Object | Travels::Json => {
            notes.lost(&*parameter.at, "an object in a path is text");
            "&str".to_owned()
        }
    }
}
