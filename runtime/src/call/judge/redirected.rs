//! Redirects that have a meaning for the session, before they are followed.

use http::HeaderMap;

use super::{carried, pushed_for};
use crate::call::decode::tokens_at_places;
use crate::call::parts::Pushed;
use crate::logic::{redirect, rules};
use crate::session::AttemptTokens;
use crate::types::endpoint::{Endpoint, Role, TokenPlace};
use crate::types::response::RawResponse;
use crate::types::tokens::Tokens;

/// The next tokens in a redirect, for the credentials of the attempt. The target is requested with them.
pub(crate) fn pushed_on_the_way(passes: &AttemptTokens, headers: &HeaderMap) -> Vec<Pushed> {
    let pushed = passes.iter().filter_map(|pass| {
        let token = pushed_for(pass.credential, headers, true)?;
        let is_cookie = matches!(pass.credential.renewed, Some(TokenPlace::Cookie(_)));
        Tokens::new(&token).is_usable().then_some(Pushed { slot: pass.slot, token, is_cookie })
    });
    pushed.collect()
}

/// Whether a redirect is itself a response to the call, and so is not followed: it says that a token has expired or
/// that the session has ended, or it brings the tokens of a login.
pub(crate) fn is_answer(
    endpoint: &Endpoint,
    passes: &AttemptTokens,
    response: &RawResponse<'_>,
) -> bool {
    rules::verdict(|| carried(passes), response, None).is_some() || brings_login(endpoint, response)
}

/// Whether the head of a redirect brings the tokens of a login, as after a login form.
pub(super) fn brings_login(endpoint: &Endpoint, response: &RawResponse<'_>) -> bool {
    let Some(fields) = endpoint
        .tokens
        .filter(|_| endpoint.role == Role::Login && redirect::is_redirect(response.status))
    else {
        return false;
    };
    let in_head = matches!(fields.access, Some(TokenPlace::Header(_) | TokenPlace::Cookie(_)));
    let is_rejection = |credential| rules::means(credential, response, None).is_some();
    in_head
        && matches!(tokens_at_places(endpoint, fields, response.headers, b""), Ok(Some(_)))
        && !endpoint.credentials.iter().any(is_rejection)
}
