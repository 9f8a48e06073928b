//! Rules about the arguments of a refresh, which the runtime creates.

use syn::Type;

use super::parameters::pointee;
use crate::diagnostic::Diagnostics;
use crate::model::Api;
use crate::model::case::Case;
use crate::model::param::{Param, Role};
use crate::model::shape::peeled;
use crate::model::verb::SessionRole;
use crate::suggest::text_of;

/// A refresh token is taken from the session, which is not possible for a parameter that is plain text.
pub(super) fn token_as_text(api: &Api, diagnostics: &Diagnostics) {
    for param in of_refreshes(api) {
        let name = match &param.role {
            Role::Field { name, .. } | Role::Query { name, .. } | Role::Header(name) => {
                name.clone()
            }
            _ => param.name.to_string(),
        };
        let plain = name.to_lowercase().replace(['_', '-'], "");
        let ty = text_of(pointee(&param.ty));
        if matches!(plain.as_str(), "refreshtoken" | "xrefreshtoken")
            && (ty == "str" || ty == "String")
        {
            let name = &param.name;
            let help = match param.role {
                Role::Json { .. } => format!(
                    "for a form, write `#[field] {name}: perennial::RefreshToken`; for `{{\"{name}\": \"..\"}}`, take a \
                     struct with that field, and implement `From<&perennial::Tokens>` for it"
                ),
                _ => format!("write `{name}: perennial::RefreshToken`"),
            };
            let text = format!(
                "a refresh token comes from the session, and `{ty}` is any text\nhelp: {help}"
            );
            diagnostics.error("refresh-token-as-text", &param.ty, text);
        }
    }
}

/// A refresh token alone is a JSON string, while servers read a field of an object.
pub(super) fn bare_token(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let bodies = endpoint.params.iter().filter(|it| matches!(it.role, Role::Json { .. }));
        for param in bodies.filter(|it| is_refresh_token(&it.ty)) {
            if api.allows(endpoint, "bare-refresh-token") {
                continue;
            }
            let name = &param.name;
            let text = format!(
                "`#[json]` sends this refresh token as a JSON string, not as a field of an object\n\
                 help: for a form, write `#[field] {name}: RefreshToken`; for `{{\"{name}\": \"..\"}}`, take a struct \
                 with that field, and implement `From<&perennial::Tokens>` for it; if the server reads a string, add \
                 `allow(bare_refresh_token)`"
            );
            diagnostics.error("bare-refresh-token", &param.ty, text);
        }
    }
}

fn is_refresh_token(ty: &Type) -> bool {
    let Type::Path(path) = pointee(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "RefreshToken")
}

/// The arguments of a refresh are created for it, and live as long as it.
pub(super) fn static_parameter(api: &Api, diagnostics: &Diagnostics) {
    for param in of_refreshes(api) {
        if let Type::Reference(reference) = peeled(&param.ty)
            && let Some(lifetime) = &reference.lifetime
            && lifetime.ident == "static"
        {
            let owned = match text_of(&reference.elem).as_str() {
                "str" => "String".to_owned(),
                other => other.to_owned(),
            };
            let text = format!(
                "an argument of a refresh is made for it, and cannot be `'static`\n\
                 help: write `{}: {owned}`, and give the value to the builder: `.value(..)`",
                param.name
            );
            diagnostics.error("static-parameter", &param.ty, text);
        }
    }
}

/// The values of the builder are found by their types, so two texts would be one value.
pub(super) fn same_value(api: &Api, diagnostics: &Diagnostics) {
    let mut seen: Vec<(String, &Param)> = Vec::new();
    for param in of_refreshes(api) {
        let ty = match text_of(pointee(&param.ty)) {
            text if text == "str" => "String".to_owned(),
            other => other,
        };
        if !PLAIN.contains(&ty.as_str()) {
            continue;
        }
        match seen.iter().find(|(other, _)| *other == ty) {
            // Two credentials may use one value of the same name.
            Some((_, first)) if first.name == param.name => {}
            Some((_, first)) => {
                let (one, other) = (&first.name, &param.name);
                let text = format!(
                    "the builder gives `{one}` and `{other}` one value, since values are found by their type, \
                     and both are a `{ty}`\nhelp: give each a type of its own, such as `struct {}({ty})` with \
                     `Clone` and `Display`",
                    Case::Pascal.rename(&other.to_string())
                );
                diagnostics.error("same-value", &param.ty, text);
            }
            None => seen.push((ty, param)),
        }
    }
}

/// Types that do not say what a value is.
const PLAIN: &[&str] = &[
    "String", "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32",
    "i64", "i128", "isize",
];

/// The parameters of the methods that refresh.
fn of_refreshes(api: &Api) -> impl Iterator<Item = &Param> {
    let refreshes = api.endpoints().filter(|it| it.role() == Some(SessionRole::Refresh));
    refreshes.flat_map(|endpoint| &endpoint.params)
}
