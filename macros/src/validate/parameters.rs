//! Rules about parameters.

use quote::ToTokens;
use syn::Type;

use crate::diagnostic::{At, Diagnostics};
use crate::model::lifetimes::borrows;
use crate::model::param::{Param, Role, Style};
use crate::model::shape::peeled;
use crate::model::template::{Piece, PlaceholderKind};
use crate::model::verb::{SessionRole, Target};
use crate::model::{Api, Endpoint};
use crate::suggest::text_of;

/// A repeated placeholder is probably a misspelt one.
pub(super) fn repeated_placeholder(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !api.allows(it, "repeated-placeholder")) {
        let Some(template) = endpoint.template().filter(|it| !it.is_broken) else { continue };
        for placeholder in template.repeats() {
            let text = format!(
                "placeholder `{{{}}}` is repeated\n{}\n\
                 help: rename one of the two, or add `allow(repeated_placeholder)`",
                placeholder.name,
                template.caret(placeholder)
            );
            diagnostics.warning("repeated-placeholder", &template.literal, text);
        }
    }
}

/// A query value that the path fixes cannot be a parameter as well.
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
                    "query value `{name}` is set both in the path and by the parameter `{}`\n\
                     help: keep one of the two",
                    param.name
                );
                diagnostics.error("query-twice", param.at, text);
            }
        }
    }
}

/// A token is never sent to another host, so only a method without a token may call one.
pub(super) fn absolute_path(api: &Api, diagnostics: &Diagnostics) {
    let carries = |it: &Endpoint| !it.is_public() && !it.credentials().is_empty();
    for endpoint in api.endpoints().filter(|it| it.verb.is_elsewhere() && carries(it)) {
        let text = "expected a path below `base`, found a URL that would send the token to another \
                    host\n\
                    help: for a call without a token, add `public`\n\
                    help: or declare the host in `base`";
        match (&endpoint.verb.host, endpoint.template()) {
            (Some(host), _) => diagnostics.error("absolute-path", host, text),
            (None, Some(template)) => diagnostics.error("absolute-path", &template.literal, text),
            (None, None) => {}
        }
    }
    for endpoint in api.endpoints() {
        if let (Some(host), Some(template)) = (&endpoint.verb.host, endpoint.template())
            && template.origin.is_some()
        {
            let text = "the path already has a host\n\
                        help: remove `host`, or remove the host from the path";
            diagnostics.error("absolute-path", host, text);
        }
    }
}

/// Servers disagree on two values of one name: the first, the last, or both.
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
                "two {what} have the name `{name}`\nhelp: rename one, as in `#[{}(\"other\")]`, or pass both as one list",
                param.role.word()
            );
            diagnostics.error("same-wire-name", param.at, text);
        }
    }
}

/// Two parameters cannot set one header.
pub(super) fn same_header(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let named = |param: &Param| match &param.role {
            Role::Header(name) => Some(name.clone()),
            _ => None,
        };
        for (param, name) in repeated(endpoint, named) {
            let text = format!("duplicate header `{name}`\nhelp: keep one of the two parameters");
            diagnostics.error("same-header", param.at, text);
        }
    }
}

/// The header of the token belongs to the session.
pub(super) fn token_header_by_hand(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints().filter(|it| !it.is_public()) {
        for credential in endpoint.credentials() {
            let Some(header) = credential.placement.header() else {
                continue;
            };
            let by_hand = |at: At| {
                let text = format!(
                    "`auth` sets the header `{header}` to the token\n\
                     help: remove it here, or make the method `public`"
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
                    "`auth` sets the header `{}` to the token\n\
                     help: remove it here",
                    fixed.name
                );
                diagnostics.error("token-header-by-hand", &fixed.literal, text);
            }
        }
    }
}

/// Extensions are stored by type, so the second would replace the first.
pub(super) fn same_extension(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let typed = |param: &Param| match &param.role {
            Role::Extension => Some(param.ty.to_token_stream().to_string()),
            _ => None,
        };
        for (param, _) in repeated(endpoint, typed) {
            let text = format!(
                "two extensions have the type `{}`\n\
                 help: wrap one of them in a newtype: extensions are stored by type",
                text_of(&param.ty)
            );
            diagnostics.error("same-extension", &param.ty, text);
        }
    }
}

/// A call borrows nothing, so its extensions are owned.
pub(super) fn borrowed_extension(api: &Api, diagnostics: &Diagnostics) {
    for param in api.endpoints().flat_map(|it| &it.params) {
        if matches!(param.role, Role::Extension) && borrows(&param.ty).is_some() {
            let text = format!(
                "extension `{}` cannot be borrowed, since a call may outlive it\n\
                 help: take it by value, or in an `Arc`",
                param.name
            );
            diagnostics.error("borrowed-extension", &param.ty, text);
        }
    }
}

/// Only a struct can be flattened. Serde reports this at run time; for primitive types it is known here.
pub(super) fn flatten_a_scalar(api: &Api, diagnostics: &Diagnostics) {
    const SCALARS: &[&str] = &[
        "bool", "char", "str", "String", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16",
        "i32", "i64", "i128", "isize", "f32", "f64",
    ];
    let is_flat = |it: &&Param| matches!(it.role, Role::QueryStruct { .. });
    for param in api.endpoints().flat_map(|it| &it.params).filter(is_flat) {
        let name = text_of(pointee(&param.ty));
        if SCALARS.contains(&name.as_str()) {
            let text = format!(
                "`#[query(flatten)]` needs a struct, found `{name}`\nhelp: write `#[query] {}: {name}`",
                param.name
            );
            diagnostics.error("flatten-a-scalar", &param.ty, text);
        }
    }
}

/// A map consists of many values, so it cannot be the value of one name.
pub(super) fn map_without_flatten(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        for param in &endpoint.params {
            let word = match &param.role {
                Role::Field { style: Style::Json, .. } => continue,
                Role::Query { .. } => "query",
                Role::Field { .. } => "field",
                _ => continue,
            };
            let Type::Path(path) = peeled(pointee(&param.ty)) else { continue };
            let Some(last) = path.path.segments.last() else { continue };
            let is_map = ["HashMap", "BTreeMap", "IndexMap"].iter().any(|name| last.ident == name);
            if is_map {
                let way_out = if word == "query" { "#[query(flatten)]" } else { "#[form]" };
                let text = format!(
                    "a `{}` cannot be a single value\n\
                     help: to send each entry as a value, write `{way_out} {}: ..`",
                    last.ident, param.name
                );
                diagnostics.error("map-without-flatten", &param.ty, text);
            }
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
                "a call has only one URL\nhelp: keep one `#[url]` parameter",
            );
        }
        let verb = endpoint.verb.method.to_lowercase();
        match (&endpoint.verb.target, first) {
            (Target::Url(at), None) => {
                let text = format!(
                    "`{}` has no `#[url]` parameter\nhelp: add `#[url] url: &str`",
                    endpoint.name()
                );
                diagnostics.error("url-without-parameter", *at, text);
            }
            (Target::Path(_), Some(param)) => {
                let text = format!(
                    "`{}` has both a path and the `#[url]` parameter `{}`\n\
                     help: write `#[{verb}(url)]` instead of the path, or remove the parameter",
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
            let text = "a `refresh` method needs a fixed path, since no caller passes a URL\n\
                        help: write its path\n\
                        help: to call another host, write an absolute URL as the path, or `host = \
                        \"accounts\"` for a host that the builder sets";
            diagnostics.error("url-without-parameter", &endpoint.verb.attribute, text);
        }
    }
}

pub(super) fn pointee(ty: &Type) -> &Type {
    match peeled(ty) {
        Type::Reference(reference) => pointee(&reference.elem),
        ty => ty,
    }
}

/// The parameters whose key is already used by an earlier one.
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

/// A served path must end with the placeholder that takes the rest. A client may have more after it, as for the
/// names in a container registry.
pub(super) fn served_tail(api: &Api, diagnostics: &Diagnostics) {
    for template in api.endpoints().filter_map(Endpoint::template) {
        let is_tail = |piece: &Piece| matches!(piece, Piece::Placeholder(it) if it.kind == PlaceholderKind::Tail);
        let Some(Piece::Placeholder(tail)) =
            template.pieces.iter().rev().skip(1).find(|piece| is_tail(piece))
        else {
            continue;
        };
        if api.options.serve.is_some() {
            let text = format!(
                "`{{*{}}}` must be the last segment of a path in a trait with `serve`\n\
                 {}\n\
                 help: move it to the end, or remove `serve`",
                tail.name,
                template.caret(tail)
            );
            diagnostics.error("tail-not-last", &template.literal, text);
        }
    }
}
