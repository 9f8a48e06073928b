//! Parses the name of the HTTP method in `#[http("NAME", ..)]`.

use syn::{Attribute, LitStr};

use super::option::{Body, Opt, first_text};
use super::verb::VERBS;
use crate::diagnostic::Diagnostics;
use crate::suggest::near;

/// Names to suggest, from the registry of HTTP methods.
const REGISTERED: &[&str] = &[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "OPTIONS",
    "PATCH",
    "TRACE",
    "QUERY",
    "PROPFIND",
    "PROPPATCH",
    "MKCOL",
    "COPY",
    "MOVE",
    "LOCK",
    "UNLOCK",
    "SEARCH",
    "REPORT",
    "LINK",
    "UNLINK",
    "PURGE",
    "MERGE",
    "BIND",
];

/// `#[http("/files", "REPORT")]` and `#[http("REPORT /files")]`: both strings are present, but in other positions.
fn swapped(literal: &LitStr, list: &mut Vec<Opt>, diagnostics: &Diagnostics) -> Option<String> {
    let text = literal.value();
    let (name, path) = match text.split_once(' ') {
        Some((name, path)) if path.starts_with('/') && !name.contains('/') => {
            (name.to_owned(), path.to_owned())
        }
        _ if text.starts_with('/') => {
            let name = first_text(list).map(|name| name.value());
            (name.unwrap_or_else(|| "PROPFIND".to_owned()), text.clone())
        }
        _ => return None,
    };
    let verb = name.to_lowercase();
    let ours = match VERBS.contains(&verb.as_str()) {
        true => format!("#[{verb}({path:?})]"),
        false => format!("#[http({name:?}, {path:?})]"),
    };
    let text = format!(
        "expected the name of an HTTP method before the path\n\
         help: write `{ours}`"
    );
    diagnostics.error("unknown-verb", literal, text);
    list.insert(0, Opt::text(LitStr::new(&path, literal.span())));
    Some(name.to_uppercase())
}

/// Takes the name before the path.
pub(super) fn name(
    attribute: &Attribute,
    list: &mut Vec<Opt>,
    diagnostics: &Diagnostics,
) -> String {
    let Some(literal) = first_text(list) else {
        if let Some(first) = list.first().filter(|it| matches!(it.body, Body::Flag)) {
            let text = crate::suggest::text_of(first);
            let text =
                format!("the name of the HTTP method must be a string\nhelp: write `\"{text}\"`");
            diagnostics.error("unknown-verb", first, text);
            list.remove(0);
            return "GET".to_owned();
        }
        let text =
            "expected the name of an HTTP method\nhelp: write `#[http(\"PROPFIND\", \"/files\")]`";
        diagnostics.error("unknown-verb", attribute, text);
        return "GET".to_owned();
    };
    let name = literal.value();
    if let Some(first) = swapped(&literal, list, diagnostics) {
        return first;
    }
    let is_token = !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
    let verb = name.to_lowercase();
    if VERBS.contains(&verb.as_str()) && name == name.to_uppercase() {
        return name;
    }
    let near = near(&name, REGISTERED).filter(|near| *near != name);
    let known = REGISTERED.contains(&name.as_str());
    match near {
        _ if known => {}
        Some(near) => {
            let text = format!("unknown HTTP method `{name}`\nhelp: did you mean `{near}`?");
            diagnostics.error("unknown-verb", &literal, text);
        }
        None if !is_token || name != name.to_uppercase() => {
            let text = format!(
                "`{name}` is not the name of an HTTP method\n\
                 help: write one word in upper case, such as `\"PROPFIND\"`"
            );
            diagnostics.error("unknown-verb", &literal, text);
        }
        None => {}
    }
    name
}
