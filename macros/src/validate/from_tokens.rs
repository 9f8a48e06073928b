//! Rules about values that a call takes from the tokens.

use crate::diagnostic::Diagnostics;
use crate::model::Api;
use crate::model::options::HeaderSource;
use crate::model::verb::SessionRole;

/// A part of the tokens is sent with a call that carries them, or to the endpoint that revokes them.
pub(super) fn tokens_of_a_call_without_any(api: &Api, diagnostics: &Diagnostics) {
    for endpoint in api.endpoints() {
        let own = &endpoint.verb.shared;
        let headers = own.headers.iter().map(|it| (&it.literal, &it.value));
        let values = own.queries.values.iter().chain(&own.fields.values);
        let all = headers.chain(values.map(|it| (&it.literal, &it.value)));
        let Some((literal, _)) = { all }.find(|(_, it)| matches!(it, HeaderSource::Tokens(_)))
        else {
            continue;
        };
        let name = endpoint.name();
        let text = match endpoint.role() {
            _ if endpoint.credentials().is_empty() => format!(
                "`{name}` takes a value from the tokens, but no `auth(..)` is declared\n\
                 help: declare how calls carry their token, as in `auth(bearer, expired(status = 401))`"
            ),
            Some(SessionRole::Refresh) => format!(
                "the values of the refresh `{name}` are its parameters, created from the tokens\n\
                 help: write `#[field] refresh_token: RefreshToken`"
            ),
            Some(SessionRole::Login) => format!(
                "`{name}` is a `login`, which brings the tokens\nhelp: remove the value from the tokens"
            ),
            Some(SessionRole::Logout) => continue,
            None if endpoint.is_public() => format!(
                "`{name}` is public, so it carries no part of the tokens\n\
                 help: remove `public`, or mark it `logout` if it revokes the token"
            ),
            None => continue,
        };
        diagnostics.error("tokens-of-no-call", literal, text);
    }
}
