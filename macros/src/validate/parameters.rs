//! Rules about parameters that share a place.

use quote::ToTokens;
use syn::Type;

use crate::diagnostic::{At, Diagnostics};
use crate::model::lifetimes::borrows;
use crate::model::param::{Param, Role};
use crate::model::shape::peeled;
use crate::model::verb::{SessionRole, Target};
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// A parameter in two places is mostly one placeholder with the wrong name.
pub(super) fn repeated_placeholder(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !api.allows(it, "repeated-placeholder")) {
        let Some(template) = endpoint.template().filter(|it| !it.is_broken) else { continue };
        for placeholder in template.repeats() {
            let text = format!(
                "placeholder `{{{}}}` stands twice in the path\n{}\n\
                 help: if one of them is a typo, give it the name of another parameter; if both are meant, \
                 say `allow(repeated_placeholder)`",
                placeholder.name,
                template.caret(placeholder)
            );
            diagnostics.warning("repeated-placeholder", &template.literal, text);
        }
    }
}

/// A value that the path fixes cannot be given again.
pub(super) fn query_twice(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some(template) = endpoint.template() else {
            continue;
        };
        for param in &endpoint.params {
            if let Role::Query { name, .. } = &param.role
                && template.query_names().any(|fixed| fixed == name)
            {
                let text = format!(
                    "`{name}` is fixed in the path and given by the parameter `{}`\nhelp: keep one of them",
                    param.name
                );
                diagnostics.error("query-twice", param.at, text);
            }
        }
    }
}

/// Two values of one name: a server takes the first, the last, or both.
pub(super) fn same_wire_name(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let named = |param: &Param| match &param.role {
            Role::Query { name, .. } => Some(("query values", name.clone())),
            Role::Field { name, .. } => Some(("fields", name.clone())),
            Role::Part { name, .. } => Some(("parts", name.clone())),
            _ => None,
        };
        for (param, (what, name)) in repeated(endpoint, named) {
            let text = format!(
                "two {what} are called `{name}`\nhelp: rename one, as `#[{}(\"other\")]`, or take both as one list",
                param.role.word()
            );
            diagnostics.error("same-wire-name", param.at, text);
        }
    }
}

/// Two headers of one name on one level: nobody can say which of them is meant.
pub(super) fn same_header(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let named = |param: &Param| match &param.role {
            Role::Header(name) => Some(name.clone()),
            _ => None,
        };
        for (param, name) in repeated(endpoint, named) {
            let text =
                format!("header `{name}` is given twice\nhelp: keep one of the two parameters");
            diagnostics.error("same-header", param.at, text);
        }
    }
}

/// The header of the token is the session's.
pub(super) fn token_header_by_hand(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !it.is_public()) {
        for credential in endpoint.credentials() {
            let Some(header) = credential.placement.header() else {
                continue;
            };
            let by_hand = |at: At| {
                let text = format!(
                    "header `{header}` carries the token, which `auth` sets\n\
                     help: remove it, or make the method `public`"
                );
                diagnostics.error("token-header-by-hand", at, text);
            };
            for param in &endpoint.params {
                if matches!(&param.role, Role::Header(name) if name == header) {
                    by_hand(param.at);
                }
            }
            for fixed in endpoint.verb.shared.headers.iter().filter(|it| it.name == header) {
                by_hand(At::from(&fixed.literal));
            }
        }
    }
    for credential in api.credentials() {
        for fixed in &api.options.shared.headers {
            if credential.placement.header() == Some(&*fixed.name) {
                let text = format!(
                    "header `{}` carries the token, which `auth` sets\nhelp: remove it",
                    fixed.name
                );
                diagnostics.error("token-header-by-hand", &fixed.literal, text);
            }
        }
    }
}

/// Extensions are found by their type, so that the second would replace the first.
pub(super) fn same_extension(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let typed = |param: &Param| match &param.role {
            Role::Extension => Some(param.ty.to_token_stream().to_string()),
            _ => None,
        };
        for (param, _) in repeated(endpoint, typed) {
            let text = format!(
                "two extensions have the type `{}`, by which they are found\nhelp: put one of them into a newtype",
                text_of(&param.ty)
            );
            diagnostics.error("same-extension", &param.ty, text);
        }
    }
}

/// A call borrows nothing, and its extensions go along with it.
pub(super) fn borrowed_extension(api: &Api, diagnostics: &Diagnostics) {
    for param in api.endpoints().flat_map(|it| &it.params) {
        if matches!(param.role, Role::Extension) && borrows(&param.ty).is_some() {
            let text = format!(
                "extension `{}` is borrowed, but a call may outlive what it was made of\n\
                 help: take it by value, or in an `Arc`",
                param.name
            );
            diagnostics.error("borrowed-extension", &param.ty, text);
        }
    }
}

/// Only a struct has fields that can be laid out as values of a query. Serde would say so when the
/// call is made; of the types that everybody knows it can be said now.
pub(super) fn flatten_a_scalar(api: &Api, diagnostics: &Diagnostics) {
    const SCALARS: &[&str] = &[
        "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16",
        "i32", "i64", "i128", "isize", "f32", "f64",
    ];
    for param in api.endpoints().flat_map(|it| &it.params) {
        let name = text_of(pointee(&param.ty));
        if matches!(param.role, Role::QueryStruct) && SCALARS.contains(&name.as_str()) {
            let text = format!(
                "`#[query(flatten)]` takes a struct, `{name}` has no fields\nhelp: write `#[query] {}: {name}`",
                param.name
            );
            diagnostics.error("flatten-a-scalar", &param.ty, text);
        }
    }
}

/// `#[get(url)]` and `#[url]` belong together.
pub(super) fn url_and_parameter(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let mut urls = endpoint.params.iter().filter(|param| matches!(param.role, Role::Url));
        let first = urls.next();
        for second in urls {
            diagnostics.error(
                "two-urls",
                second.at,
                "a call goes to one URL\nhelp: keep one `#[url]` parameter",
            );
        }
        let verb = endpoint.verb.method.to_lowercase();
        match (&endpoint.verb.target, first) {
            (Target::Url(at), None) => {
                let text = format!(
                    "`{}` takes its URL from a parameter, and none has the role `#[url]`\nhelp: add `#[url] url: &str`",
                    endpoint.name()
                );
                diagnostics.error("url-without-parameter", *at, text);
            }
            (Target::Path(_), Some(param)) => {
                let text = format!(
                    "`{}` has a path, and a parameter `{}` with the role `#[url]`\n\
                     help: write `#[{verb}(url)]` in place of the path, or remove the parameter",
                    endpoint.name(),
                    param.name
                );
                diagnostics.error("url-without-parameter", param.at, text);
            }
            _ => {}
        }
        if matches!(endpoint.verb.target, Target::Url(_))
            && endpoint.role() == Some(SessionRole::Refresh)
        {
            let text = "a `refresh` goes to a fixed path, since nobody is there to say the URL\nhelp: write its path";
            diagnostics.error("url-without-parameter", &endpoint.verb.attribute, text);
        }
    }
}

fn pointee(ty: &Type) -> &Type {
    match peeled(ty) {
        Type::Reference(reference) => pointee(&reference.elem),
        ty => ty,
    }
}

/// The parameters whose key an earlier one has already.
fn repeated<K: PartialEq>(
    endpoint: &Endpoint,
    key: impl Fn(&Param) -> Option<K>,
) -> Vec<(&Param, K)> {
    let mut seen: Vec<K> = Vec::new();
    let mut repeated = Vec::new();
    for param in &endpoint.params {
        let Some(key) = key(param) else { continue };
        if seen.contains(&key) {
            repeated.push((param, key));
        } else {
            seen.push(key);
        }
    }
    repeated
}
