//! Rules about bodies.

use crate::diagnostic::{At, Diagnostics};
use crate::model::param::{Param, Role};
use crate::model::{Api, Endpoint};

/// A request has one body.
pub(super) fn two_bodies(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let mut whole = endpoint.params.iter().filter(|param| is_whole(param));
        let Some(first) = whole.next() else { continue };
        for second in whole {
            let text = format!(
                "`{}` has two bodies, `{}` and `{}`\nhelp: combine both in one struct",
                endpoint.name(),
                first.name,
                second.name
            );
            diagnostics.error("two-bodies", second.at, text);
        }
    }
}

/// Fields and parts already form a body.
pub(super) fn body_with_fields(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some(whole) = endpoint.params.iter().find(|param| is_whole(param)) else {
            continue;
        };
        let Some(piece) = endpoint.params.iter().find(|param| is_field(param) || is_part(param))
        else {
            continue;
        };
        let text = format!(
            "`#[{}]` is a whole body, so it cannot be combined with `#[{}]`\n\
             help: keep one of the two",
            whole.role.word(),
            piece.role.word()
        );
        diagnostics.error("body-with-fields", later(endpoint, whole, piece), text);
    }
}

/// A form and a multipart body are two bodies.
pub(super) fn fields_with_parts(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let field = endpoint.params.iter().find(|param| is_field(param));
        let part = endpoint.params.iter().find(|param| is_part(param));
        if let (Some(field), Some(part)) = (field, part) {
            let text = "`#[field]` and `#[part]` cannot be combined\n\
                        help: for a multipart body, write `#[part]` for all of them\n\
                        help: for a form, write `#[field]` for all of them";
            diagnostics.error("fields-with-parts", later(endpoint, field, part), text);
        }
    }
}

/// Many servers ignore the body of a `GET`; `HEAD` and `TRACE` cannot have one.
pub(super) fn body_on_get(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some(body) = endpoint.params.iter().find(|param| is_body(param)) else {
            continue;
        };
        match endpoint.verb.method.as_str() {
            method @ ("HEAD" | "TRACE") => {
                let text = format!(
                    "a `{method}` request has no body\nhelp: make `{}` a `#[query]`, or use another verb",
                    body.name
                );
                diagnostics.error("body-on-get", body.at, text);
            }
            "GET" if !api.allows(endpoint, "body-on-get") => {
                let text = format!(
                    "`{}` sends a body with `GET`, which many servers ignore\n\
                     help: make `{}` a `#[query]`, or add `allow(body_on_get)`",
                    endpoint.name(),
                    body.name
                );
                diagnostics.warning("body-on-get", body.word, text);
            }
            _ => {}
        }
    }
}

/// The role of a body sets its media type, except for a raw body.
pub(super) fn content_type_by_hand(api: &Api, diagnostics: &Diagnostics) {
    let by_hand = |at: At, role: &str| {
        let text = format!(
            "`#[{role}]` sets the header `Content-Type`\n\
             help: remove the header"
        );
        diagnostics.error("content-type-by-hand", at, text);
    };
    for endpoint in api.endpoints() {
        let typed = endpoint
            .params
            .iter()
            .find(|param| is_body(param) && !matches!(param.role, Role::Body { .. }));
        let Some(body) = typed else { continue };
        for param in &endpoint.params {
            if matches!(&param.role, Role::Header(name) if name == "content-type") {
                by_hand(param.at, body.role.word());
            }
        }
        for fixed in endpoint.verb.shared.headers.iter().filter(|it| it.name == "content-type") {
            by_hand(At::from(&fixed.literal), body.role.word());
        }
    }
}

/// `fields(..)` of a method are fields of a form, or members of the object in JSON.
pub(super) fn fields_without_a_form(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let Some(first) = endpoint.verb.shared.fields.values.first() else { continue };
        // In JSON they are members of the object.
        let fits = |it: &Param| {
            matches!(it.role, Role::Form { .. } | Role::Field { .. } | Role::Json { .. })
        };
        let other = endpoint.params.iter().find(|it| is_body(it) && !fits(it));
        let what = match other {
            Some(other) => format!("has the body `#[{}]`", other.role.word()),
            None if ["GET", "HEAD", "TRACE"].contains(&&*endpoint.verb.method)
                && !endpoint.params.iter().any(fits) =>
            {
                format!("is a `{}` without a body", endpoint.verb.method)
            }
            None => continue,
        };
        let text = format!(
            "`fields(..)` needs a form or a JSON body, but `{}` {what}\n\
             help: for constants in the query, write `queries(..)`\n\
             help: or add the values to the body",
            endpoint.name()
        );
        diagnostics.error("fields-without-a-form", At::from(&first.literal), text);
    }
}

fn is_whole(param: &Param) -> bool {
    matches!(
        param.role,
        Role::Json { .. } | Role::Encoded { .. } | Role::Form { .. } | Role::Body { .. }
    )
}

fn is_field(param: &Param) -> bool {
    matches!(param.role, Role::Field { .. })
}

fn is_part(param: &Param) -> bool {
    matches!(param.role, Role::Part { .. })
}

fn is_body(param: &Param) -> bool {
    is_whole(param) || is_field(param) || is_part(param)
}

/// The place of the later of the two.
fn later(endpoint: &Endpoint, a: &Param, b: &Param) -> At {
    let at = |wanted: &Param| endpoint.params.iter().position(|param| std::ptr::eq(param, wanted));
    if at(a) > at(b) { a.at } else { b.at }
}
