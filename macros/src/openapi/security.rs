//! Whether a call carries a token, and where.

use super::document::{Operation, Placement};
use crate::diagnostic::Diagnostics;
use crate::model::Endpoint;
use crate::model::auth::{Credential, Placement as Own};
use crate::model::verb::{Access, SessionRole};

/// Compares how a call carries its token.
pub(super) fn check(endpoint: &Endpoint, operation: Operation<'_>, diagnostics: &Diagnostics) {
    let Some(alternatives) = operation.security() else { return };
    // A refresh and a login have a way of their own with the token.
    if endpoint.role().is_some_and(|it| it != SessionRole::Logout) {
        return;
    }
    let schemes: Vec<&str> = alternatives.iter().flatten().copied().collect();
    let may_be_left_out = alternatives.is_empty() || alternatives.iter().any(Vec::is_empty);
    let is_signed =
        !endpoint.credentials().is_empty() && endpoint.effective.access != Access::Public;
    if let (false, Some((access, at))) = (may_be_left_out, &endpoint.verb.access) {
        // A scheme that cannot be declared is not reported as missing.
        let can = schemes.iter().any(|it| {
            !matches!(operation.document().placement(it), None | Some(Placement::Elsewhere))
        });
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
    let places: Vec<Placement> =
        schemes.iter().filter_map(|it| operation.document().placement(it)).collect();
    let fits =
        |credential: &Credential| places.iter().any(|place| is_same(place, &credential.placement));
    if !places.is_empty()
        && !endpoint.credentials().iter().any(fits)
        && !places.contains(&Placement::Elsewhere)
    {
        let text = format!(
            "the token of `{}` travels in another way in the document\nhelp: write `auth({})`",
            operation.shown(),
            shown(&places[0])
        );
        diagnostics.error("openapi-placement", endpoint.name(), text);
    }
}

fn is_same(place: &Placement, own: &Own) -> bool {
    match (place, own) {
        (Placement::Query(name), Own::Query(other)) => name == other,
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
        Placement::Authorization(Some(scheme)) if scheme != "bearer" => {
            format!("scheme = {scheme:?}")
        }
        Placement::Authorization(_) | Placement::Elsewhere => "bearer".to_owned(),
        Placement::Header(name) => format!("header = {name:?}"),
        Placement::Query(name) => format!("query = {name:?}"),
    }
}
