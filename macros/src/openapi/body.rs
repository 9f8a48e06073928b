//! The body of a request: its kind, its parts and its fields.

use super::document::Operation;
use crate::diagnostic::{At, Diagnostics};
use crate::model::Endpoint;
use crate::model::param::Role;
use crate::suggest::{choices, near};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Json,
    Form,
    Multipart,
    Raw,
}

impl Kind {
    fn of(media: &str) -> Self {
        let essence = media.split(';').next().unwrap_or(media).trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/x-www-form-urlencoded" => Self::Form,
            it if it.starts_with("multipart/") => Self::Multipart,
            it if it.ends_with("json") || it.contains('*') => Self::Json,
            _ => Self::Raw,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Json => "#[json]",
            Self::Form => "#[form]",
            Self::Multipart => "#[part]",
            Self::Raw => "#[body]",
        }
    }
}

/// Compares the body.
pub(super) fn check(endpoint: &Endpoint, operation: Operation<'_>, diagnostics: &Diagnostics) {
    let own = endpoint.params.iter().find_map(|param| {
        let kind = match param.role {
            Role::Json { .. } => Kind::Json,
            Role::Form { .. } | Role::Field { .. } => Kind::Form,
            Role::Part { .. } => Kind::Multipart,
            Role::Body { .. } | Role::Encoded { .. } => Kind::Raw,
            _ => return None,
        };
        Some((kind, param))
    });
    match (own, operation.body()) {
        (None, Some((true, content))) if !content.is_empty() => {
            let kind = Kind::of(&content[0].0);
            let text = format!(
                "the document requires a body for `{}`\n\
                 help: add a parameter `{}`",
                operation.shown(),
                kind.word()
            );
            diagnostics.error("openapi-missing-body", endpoint.name(), text);
        }
        (Some((_, param)), None) => {
            let text = format!(
                "`{}` has no body in the document\nhelp: remove `{}`",
                operation.shown(),
                param.name
            );
            diagnostics.error("openapi-unknown-body", param.at, text);
        }
        (Some((kind, param)), Some((_, content))) if !content.is_empty() => {
            let fits =
                |media: &str| Kind::of(media) == kind || kind == Kind::Raw || media.contains('*');
            let Some((_, media)) = content.iter().find(|(media, _)| fits(media)) else {
                let all: Vec<&str> = content.iter().map(|(media, _)| media.as_str()).collect();
                let text = format!(
                    "the body of `{}` is {} in the document\nhelp: write `{}`",
                    operation.shown(),
                    choices(&all),
                    Kind::of(all[0]).word()
                );
                diagnostics.error("openapi-body-kind", param.at, text);
                return;
            };
            if let Some(properties) = operation.properties(media) {
                pieces(endpoint, &properties, diagnostics);
            }
        }
        _ => {}
    }
}

/// The parts of a multipart body, and the fields of a form.
fn pieces(endpoint: &Endpoint, properties: &[(&str, bool)], diagnostics: &Diagnostics) {
    let own: Vec<(&str, At, &str)> = endpoint
        .params
        .iter()
        .filter_map(|param| match &param.role {
            Role::Part { name, .. } => Some((name.as_str(), param.at, "part")),
            Role::Field { name, .. } => Some((name.as_str(), param.at, "field")),
            _ => None,
        })
        .collect();
    let Some((_, _, what)) = own.first() else { return };
    // A list of parts may be called `files[]`.
    let same =
        |name: &str, other: &str| name.trim_end_matches("[]") == other.trim_end_matches("[]");
    let names: Vec<&str> = properties.iter().map(|it| it.0).collect();
    for (name, at, what) in &own {
        if !names.iter().any(|it| same(it, name)) {
            let help = near(name, &names)
                .map_or_else(|| "remove it".to_owned(), |near| format!("did you mean `{near}`?"));
            let text = format!("the document has no {what} `{name}` here\nhelp: {help}");
            diagnostics.error("openapi-unknown-part", *at, text);
        }
    }
    for (name, _) in properties.iter().filter(|(_, required)| *required) {
        if !own.iter().any(|it| same(it.0, name)) {
            let text = format!(
                "the document requires the {what} `{name}`\nhelp: add a parameter `#[{what}({name:?})]`"
            );
            diagnostics.error("openapi-missing-part", endpoint.name(), text);
        }
    }
}
