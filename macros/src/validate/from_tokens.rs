//! Rules about values that a call takes from the tokens.

use crate::diagnostic::Diagnostics;
use crate::model::Api;
use crate::model::options::{HeaderSource, TokenPart};
use crate::model::verb::SessionRole;
use crate::suggest::{all, near};

/// A value that no response brings is left out, which a typo should not cause.
pub(super) fn unknown_extra(api: &Api, diagnostics: &Diagnostics) {
    let levels =
        || std::iter::once(&api.options.shared).chain(api.endpoints().map(|it| &it.verb.shared));
    let tokens = levels().filter_map(|it| it.tokens.given());
    let known: Vec<_> = tokens.flat_map(|it| it.extra.iter().map(|(name, _)| &**name)).collect();
    if known.is_empty() || api.options.shared.allows("unknown-extra") {
        return;
    }
    for shared in levels().filter(|it| !it.allows("unknown-extra")) {
        for (literal, value) in shared.constants() {
            let HeaderSource::Tokens(TokenPart::Extra(name)) = value else { continue };
            if known.contains(&&**name) {
                continue;
            }
            let way_out = match near(name, &known) {
                Some(near) => format!("write `{near}`"),
                None => format!("declare it beside {}", all(&known)),
            };
            let text = format!(
                "no `extra(..)` of `tokens(..)` is named `{name}`\n\
                 help: {way_out}\n\
                 help: if the program adds it to the tokens, add `allow(unknown_extra)`"
            );
            diagnostics.warning("unknown-extra", literal, text);
        }
    }
}

/// A part of the tokens is sent with a call that carries them, or to the endpoint that revokes them.
pub(super) fn tokens_of_a_call_without_any(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let mut all = endpoint.verb.shared.constants();
        let Some((literal, _)) = all.find(|(_, it)| matches!(it, HeaderSource::Tokens(_))) else {
            continue;
        };
        let name = endpoint.name();
        let text = match endpoint.role() {
            _ if endpoint.credentials().is_empty() => format!(
                "`{name}` takes a value from the tokens, but no `auth(..)` is declared\n\
                 help: declare how calls carry their token, as in `auth(bearer, expired(status = 401))`"
            ),
            Some(SessionRole::Refresh) => format!(
                "`{name}` is marked `refresh`, so it takes values from the tokens as parameters\n\
                 help: write `#[field] refresh_token: RefreshToken`"
            ),
            Some(SessionRole::Login) => format!(
                "`{name}` is marked `login`, so there are no tokens yet\n\
                 help: remove `tokens(..)`"
            ),
            Some(SessionRole::Logout) => continue,
            None if endpoint.is_public() => format!(
                "`{name}` is public, so it carries no token\n\
                 help: remove `public`, or mark it `logout` if it revokes the token"
            ),
            None => continue,
        };
        diagnostics.error("tokens-of-no-call", literal, text);
    }
}
