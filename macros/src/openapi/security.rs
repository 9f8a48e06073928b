//! Whether a call carries a token, and where.

use super::document::{Operation, Placement};
use crate::diagnostic::Diagnostics;
use crate::model::auth::{Credential, Placement as Own};
use crate::model::param::Role;
use crate::model::verb::{Access, SessionRole};
use crate::model::{Api, Endpoint};

/// Compares how a call carries its token.
pub(super) fn check(
    api: &Api,
    endpoint: &Endpoint,
    operation: Operation<'_>,
    diagnostics: &Diagnostics,
) {
    let Some(alternatives) = operation.security() else { return };
    // A refresh and a login treat the token in their own way.
    if endpoint.role().is_some_and(|it| it != SessionRole::Logout) {
        return;
    }
    let schemes: Vec<&str> = alternatives.iter().flatten().copied().collect();
    let may_be_left_out = alternatives.is_empty() || alternatives.iter().any(Vec::is_empty);
    let is_signed =
        !endpoint.credentials().is_empty() && endpoint.effective.access != Access::Public;
    if let (false, Some((access, at))) = (may_be_left_out, &endpoint.verb.access) {
        // A scheme that cannot be declared is not reported as missing, and a cookie may come from the client's own
        // cookie store.
        let is_declarable =
            |it: &Placement| !matches!(it, Placement::Elsewhere | Placement::Cookie(_));
        let can = places(&alternatives, operation).iter().any(|it| it.iter().all(is_declarable));
        if *access != Access::Required && can {
            let word = if *access == Access::Public { "public" } else { "optional" };
            let text = format!(
                "the document requires `{}` for `{}`\nhelp: remove `{word}`",
                schemes[0],
                operation.shown()
            );
            diagnostics.error("openapi-security", *at, text);
        }
        return;
    }
    if schemes.is_empty() && is_signed && endpoint.effective.access == Access::Required {
        let text =
            format!("`{}` needs no token in the document\nhelp: add `public`", operation.shown());
        diagnostics.error("openapi-security", endpoint.name(), text);
        return;
    }
    if !is_signed || schemes.is_empty() {
        return;
    }
    placement(api, endpoint, &alternatives, operation, diagnostics);
}

/// How the schemes of each alternative are sent.
fn places(alternatives: &[Vec<&str>], operation: Operation<'_>) -> Vec<Vec<Placement>> {
    let of = |it: &&str| operation.document().placement(it).unwrap_or(Placement::Elsewhere);
    alternatives.iter().map(|it| it.iter().map(of).collect()).collect()
}

/// Compares where a call sends its tokens with the schemes of the document.
fn placement(
    api: &Api,
    endpoint: &Endpoint,
    alternatives: &[Vec<&str>],
    operation: Operation<'_>,
    diagnostics: &Diagnostics,
) {
    let all = places(alternatives, operation);
    let carries =
        |place: &Placement| endpoint.credentials().iter().any(|it| is_same(place, &it.placement));
    let Some(first) = all.iter().flatten().next() else { return };
    if !all.iter().flatten().any(|it| carries(it) || *it == Placement::Elsewhere) {
        let text = format!(
            "the document sends the token of `{}` in another place\n\
             help: write `auth({})`",
            operation.shown(),
            shown(first)
        );
        diagnostics.error("openapi-placement", endpoint.name(), text);
        return;
    }
    let has_cookie = endpoint.credentials().iter().any(|it| matches!(it.placement, Own::Cookie(_)));
    let is_given = |place: &Placement| match place {
        Placement::Elsewhere => true,
        // It may be in the client's own cookie store.
        Placement::Cookie(_) if !has_cookie => true,
        place => carries(place) || is_sent_otherwise(endpoint, place),
    };
    // Among the alternatives that name a scheme, the one with the fewest missing.
    let missing = alternatives
        .iter()
        .zip(&all)
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, places)| {
            names.iter().zip(places).filter(|(_, place)| !is_given(place)).collect::<Vec<_>>()
        })
        .min_by_key(Vec::len);
    for (name, place) in missing.unwrap_or_default() {
        let is_it = |it: &&Credential| is_same(place, &it.placement);
        let off = api.credentials().iter().filter(is_it).find_map(|credential| {
            let dropped = endpoint.verb.shared.dropped.iter();
            dropped.clone().find(|it| it.value() == credential.name)
        });
        let text = format!("the document also requires `{name}` for `{}`", operation.shown());
        match off {
            Some(off) => {
                let text = format!("{text}\nhelp: remove `{:?} = off`", off.value());
                diagnostics.error("openapi-placement", off, text);
            }
            None => {
                let text = format!("{text}\nhelp: add `auth(name = {name:?}, {})`", shown(place));
                diagnostics.error("openapi-placement", endpoint.name(), text);
            }
        }
    }
}

/// Whether a header, a query value or a constant of the method is what a scheme requires.
fn is_sent_otherwise(endpoint: &Endpoint, place: &Placement) -> bool {
    let has = |is_it: &dyn Fn(&Role) -> bool| endpoint.params.iter().any(|it| is_it(&it.role));
    let header = |name: &str| {
        has(&|it| matches!(it, Role::Headers))
            || has(&|it| matches!(it, Role::Header(other) if other == name))
            || endpoint.effective.headers.iter().any(|it| it.name == name)
    };
    match place {
        Placement::Header(name) => header(name),
        Placement::Authorization(_) => header("authorization"),
        Placement::Query(name) => {
            has(&|it| matches!(it, Role::QueryStruct { .. }))
                || has(&|it| matches!(it, Role::Query { name: other, .. } if other == name))
                || endpoint.effective.queries.iter().any(|it| it.name == *name)
                || endpoint.template().is_some_and(|it| it.query_names().any(|it| it == name))
        }
        Placement::Cookie(_) | Placement::Elsewhere => false,
    }
}

fn is_same(place: &Placement, own: &Own) -> bool {
    match (place, own) {
        (Placement::Query(name), Own::Query(other))
        | (Placement::Cookie(name), Own::Cookie(other)) => name == other,
        (Placement::Header(name), Own::Cookie(_)) => name == "cookie",
        (Placement::Header(name), own) => own.header() == Some(name),
        (Placement::Authorization(None), own) => own.header() == Some("authorization"),
        (Placement::Authorization(Some(scheme)), Own::Bearer) => scheme == "bearer",
        (Placement::Authorization(Some(scheme)), Own::Header { name, scheme: other }) => {
            name == "authorization"
                && other.as_ref().is_none_or(|it| it.eq_ignore_ascii_case(scheme))
        }
        _ => false,
    }
}

fn shown(place: &Placement) -> String {
    match place {
        Placement::Authorization(Some(scheme)) if scheme == "basic" => "basic".to_owned(),
        Placement::Authorization(Some(scheme)) if scheme != "bearer" => {
            format!("scheme = {scheme:?}")
        }
        Placement::Authorization(_) | Placement::Elsewhere => "bearer".to_owned(),
        Placement::Header(name) => format!("header = {name:?}"),
        Placement::Query(name) => format!("query = {name:?}"),
        Placement::Cookie(name) => format!("cookie = {name:?}"),
    }
}
