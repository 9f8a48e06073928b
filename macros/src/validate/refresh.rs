//! Rules about the method that refreshes, and about its arguments, which the runtime creates.

use syn::Type;

use super::parameters::pointee;
use crate::diagnostic::{At, Diagnostics};
use crate::model::auth::Early;
use crate::model::case::Case;
use crate::model::options::Level;
use crate::model::param::{Param, Role};
use crate::model::shape::{is_named, peeled};
use crate::model::verb::SessionRole;
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// Only the response to a refresh is judged by `rejected`.
pub(super) fn rejected_elsewhere(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| it.role() != Some(SessionRole::Refresh)) {
        for rule in &endpoint.verb.rejected {
            let text = format!(
                "`rejected` needs a `refresh` method, but `{}` is not marked `refresh`\n\
                 help: move it to the `refresh` method\n\
                 help: for the response to any call, write `auth(logout(..))`",
                endpoint.name()
            );
            diagnostics.error("rejected-elsewhere", rule, text);
        }
    }
}

/// A refresh needs a reason to start.
pub(super) fn refresh_without_expiry(api: &Api, diagnostics: &Diagnostics) {
    // The reason may be beside `auth(..)` instead of in it, which has its own error.
    if api.options.names_auth {
        return;
    }
    for (endpoint, at) in refreshes(api) {
        let name = endpoint.effective.credential.as_str();
        let credential = endpoint.credentials().iter().find(|it| it.name == name);
        if credential.is_some_and(|it| {
            !it.is_broken && it.expired.is_empty() && !matches!(it.early, Early::By(_))
        }) {
            let text = format!(
                "`{}` is marked `refresh`, but neither `expired(..)` nor `early` is declared\n\
                 help: add `expired(code = 1234)`, `expired(status = 401)` or `early = \"30s\"` to `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("refresh-without-expiry", at, text);
        }
    }
}

/// An expiry without a refresh ends the session.
pub(super) fn expiry_without_refresh(api: &Api, diagnostics: &Diagnostics) {
    if !api.is_whole || api.options.shared.allows("expiry-without-refresh") {
        return;
    }
    // An OAuth 2 server renews its tokens without a method of the trait.
    for credential in api.credentials().iter().filter(|it| !it.is_oauth2 && !it.names_refresh) {
        // A refresh of an unknown credential has its own error.
        let is_its_own = |name: &str| {
            name == credential.name || !api.credentials().iter().any(|it| it.name == name)
        };
        let has_refresh =
            refreshes(api).any(|(endpoint, _)| is_its_own(&endpoint.effective.credential));
        if let Some(rule) = credential.expired.first().filter(|_| !has_refresh) {
            let text = "`expired` is declared, but no method is marked `refresh`\n\
                        help: mark the method that refreshes the token, as in \
                        `#[post(\"/refresh\", refresh)]`\n\
                        help: if the session ends with the token, write `logout(..)` instead of \
                        `expired(..)`\n\
                        help: if an OAuth 2 server renews the token, write `auth(oauth2)`\n\
                        help: if another API of the same session refreshes the token, add \
                        `allow(expiry_without_refresh)`";
            diagnostics.error("expiry-without-refresh", rule, text);
        }
    }
}

/// The runtime calls the refresh, so all its types must be fixed.
pub(super) fn refresh_is_generic(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        if super::api::is_generic(endpoint) {
            let text = format!(
                "`{}` is marked `refresh`, so it cannot be generic: the runtime creates its \
                 arguments\n\
                 help: use concrete types that implement `From<&Tokens>`",
                endpoint.name()
            );
            diagnostics.error("refresh-is-generic", endpoint.name(), text);
        }
    }
}

/// On strict servers, a refresh token that is used twice ends the session.
pub(super) fn retry_of_a_refresh(api: &Api, diagnostics: &Diagnostics) {
    for (endpoint, _) in refreshes(api) {
        if let Level::Set(retry) = &endpoint.verb.shared.retry {
            let text = format!(
                "`{}` is marked `refresh`, so it cannot be retried: its refresh token may already \
                 be used\n\
                 help: remove `retry`\n\
                 help: if the server accepts a used token for a while, add `grace = \"10s\"` to \
                 `auth(..)`",
                endpoint.name()
            );
            diagnostics.error("retry-of-a-refresh", retry.at, text);
        }
    }
}

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
                    "for a form, write `#[field] {name}: perennial::RefreshToken`\n\
                     help: for `{{\"{name}\": \"..\"}}`, take a struct with that field, and \
                     implement `From<&perennial::Tokens>` for it"
                ),
                _ => format!("write `{name}: perennial::RefreshToken`"),
            };
            let text = format!(
                "a refresh token comes from the session, but `{ty}` can be any text\n\
                 help: {help}"
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
                "`#[json]` sends this refresh token as a JSON string, not as a field of an \
                 object\n\
                 help: for a form, write `#[field] {name}: RefreshToken`\n\
                 help: for `{{\"{name}\": \"..\"}}`, take a struct with that field, and implement \
                 `From<&perennial::Tokens>` for it\n\
                 help: if the server reads a string, add `allow(bare_refresh_token)`"
            );
            diagnostics.error("bare-refresh-token", &param.ty, text);
        }
    }
}

fn is_refresh_token(ty: &Type) -> bool {
    is_named(ty, "RefreshToken")
}

/// All tokens are not a body, since each server reads other fields.
pub(super) fn tokens_as_a_body(api: &Api, diagnostics: &Diagnostics) {
    for param in of_refreshes(api).filter(|it| is_named(&it.ty, "Tokens")) {
        let text = "`Tokens` cannot be sent as a whole\n\
                    help: for a form, write `#[field] refresh_token: perennial::RefreshToken`\n\
                    help: for JSON, take a struct with the fields that the server reads, and \
                    implement `From<&perennial::Tokens>` for it";
        diagnostics.error("tokens-as-a-body", &param.ty, text);
    }
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
                "a parameter of a `refresh` method cannot be `'static`\n\
                 help: write `{}: {owned}`, and pass the value to the client builder with \
                 `.value(..)`",
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
                    "`{one}` and `{other}` have the same type `{ty}`, so the client builder gives \
                     both the same value\n\
                     help: give each its own type, such as `struct {}({ty})` with `Clone` and \
                     `Display`",
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
    refreshes(api).flat_map(|(endpoint, _)| &endpoint.params)
}

fn refreshes(api: &Api) -> impl Iterator<Item = (&Endpoint, At)> {
    api.endpoints().filter_map(|endpoint| match &endpoint.verb.mark {
        Some(part) if part.role == SessionRole::Refresh => Some((endpoint, part.at)),
        _ => None,
    })
}
