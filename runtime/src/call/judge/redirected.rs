//! Redirects that have a meaning for the session, before they are followed.

use super::carried;
use crate::call::decode::tokens_at_places;
use crate::logic::{redirect, rules};
use crate::session::AttemptTokens;
use crate::types::endpoint::{Endpoint, Role, TokenPlace};
use crate::types::response::RawResponse;

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
