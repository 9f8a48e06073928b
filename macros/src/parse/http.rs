//! Parses the name of the HTTP method in `#[http("NAME", ..)]`.

use syn::Attribute;

use super::option::{Body, Opt};
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

/// Takes the name before the path.
pub(super) fn name(
    attribute: &Attribute,
    list: &mut Vec<Opt>,
    diagnostics: &Diagnostics,
) -> String {
    let Some(literal) = super::auth::first_text(list) else {
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
