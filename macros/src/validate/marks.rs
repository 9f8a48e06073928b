//! Rules about methods that lack a mark.

use syn::Type;

use crate::diagnostic::Diagnostics;
use crate::model::shape::peeled;
use crate::model::verb::Access;
use crate::model::{Api, Endpoint};

/// Tokens that a method returns reach the session only if the method is marked.
pub(super) fn unmarked_tokens(api: &Api, diagnostics: &Diagnostics) {
    let is_meant = |it: &&Endpoint| {
        it.role().is_none()
            && it.effective.access != Access::Public
            && !it.credentials().is_empty()
            && !api.allows(it, "unmarked-tokens")
    };
    for endpoint in api.endpoints().filter(is_meant) {
        let returned = &endpoint.shape.returned;
        let Some(value) = &returned.value else { continue };
        let Type::Path(path) = peeled(value) else { continue };
        if path.path.segments.last().is_none_or(|last| last.ident != "Tokens") {
            continue;
        }
        let text = format!(
            "`{}` returns tokens, but the session does not keep them\n\
             help: mark it `login` or `refresh` after the path\n\
             help: if the session must not keep them, mark it `public`, or add \
             `allow(unmarked_tokens)`",
            endpoint.name()
        );
        diagnostics.warning("unmarked-tokens", endpoint.name(), text);
    }
}
