//! The path of an operation becomes a template.

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
    let (route, query) = operation.path.split_once('?').unwrap_or((operation.path, ""));
    let route = route.split('#').next().unwrap_or(route);
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
                notes.mended(
                    &*operation.at,
                    format!("`{{{wire}}}` is not declared as a parameter, and is a string"),
                );
                "&str".to_owned()
            }
        };
        path.push_str(&format!("{{{}}}", name.strip_prefix("r#").unwrap_or(&name)));
        method.parameters.push((String::new(), name.clone(), ty));
        seen.push((wire, name));
    }
    path.push_str(&literal(rest));
    for (parameter, _) in draft.parameters.iter().filter(|it| it.0.place == Place::Path) {
        if !seen.iter().any(|(wire, _)| *wire == parameter.name) {
            notes.mended(
                &*parameter.at,
                format!(
                    "`{}` is not in the path `{}` and was left out",
                    parameter.name, operation.path
                ),
            );
        }
    }
    if !path.starts_with('/') {
        path.insert(0, '/');
    }
    if !query.is_empty() && !query.contains(['{', '}']) {
        path.push('?');
        path.push_str(query);
    }
    method.path = path;
}

/// Literal text of a path, as it goes on the wire.
fn literal(text: &str) -> String {
    let mut literal = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%".contains(c) => literal.push(c),
            c => c.to_string().bytes().for_each(|it| literal.push_str(&format!("%{it:02X}"))),
        }
    }
    while literal.contains("//") {
        literal = literal.replace("//", "/");
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
