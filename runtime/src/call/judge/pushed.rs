//! The next token that a server pushes with a response, and the cookie that is none.

use http::HeaderMap;
use http::header::SET_COOKIE;

use super::{carried, scan};
use crate::call::parts::{Parts, Pushed};
use crate::logic::rules::{self, Means};
use crate::ports::response::Received;
use crate::session::AttemptTokens;
use crate::types::auth::Credential;
use crate::types::endpoint::{Access, Endpoint, TokenFields, TokenPlace};
use crate::types::set_cookie::cookie;
use crate::types::tokens::{Tokens, is_missing};

/// The next tokens in a redirect, for the credentials of the attempt. The target is requested with them.
pub(crate) fn pushed_on_the_way(passes: &AttemptTokens, headers: &HeaderMap) -> Vec<Pushed> {
    let pushed = passes.iter().filter_map(|pass| {
        let token = pushed_for(pass.credential, headers, true)?;
        let is_cookie = matches!(pass.credential.renewed, Some(TokenPlace::Cookie(_)));
        Tokens::new(&token).is_usable().then_some(Pushed { slot: pass.slot, token, is_cookie })
    });
    pushed.collect()
}

/// The token that a server has pushed to an `optional` call without one, in a response that demands one.
pub(super) fn given(parts: &Parts, received: &Received) -> Option<(usize, String)> {
    if parts.endpoint.access != Access::Optional || parts.is_foreign || received.is_foreign {
        return None;
    }
    let code = scan(parts.endpoint, received);
    parts.endpoint.credentials.iter().find_map(|credential| {
        let token = pushed_for(credential, &received.headers, false)?;
        let means = rules::means(credential, &received.as_raw(), code.as_ref())?;
        let slot = parts.client.slot_of(Some(credential.name)).ok()?;
        matches!(means, Means::Expired).then_some((slot, token))
    })
}

/// The token that a server has pushed with a response.
pub(super) fn pushed(
    passes: &AttemptTokens,
    received: &Received,
    is_accepted: bool,
) -> Option<(usize, String)> {
    carried(passes).find_map(|(slot, credential)| {
        Some((slot, pushed_for(credential, &received.headers, is_accepted)?))
    })
}

/// Servers start an anonymous session with a response that rejects the token, so the cookie of such a response is
/// not the next token.
pub(super) fn pushed_for(
    credential: &Credential,
    headers: &HeaderMap,
    is_accepted: bool,
) -> Option<String> {
    let token = match credential.renewed? {
        TokenPlace::Header(name) => bare(headers.get(name)?.to_str().ok()?),
        TokenPlace::Cookie(name) if is_accepted => cookie(headers, name)?,
        TokenPlace::Cookie(_) | TokenPlace::Body(_) => return None,
    };
    is_token(token).then(|| token.to_owned())
}

/// The token after its scheme. The case of the scheme does not matter (RFC 9110, section 11.1).
fn bare(value: &str) -> &str {
    const SCHEME: &str = "Bearer";
    let value = value.trim();
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => {
            if rest.is_empty() || rest.starts_with(' ') { rest.trim_start() } else { value }
        }
        _ => value,
    }
}

/// Whether a pushed value is a token, and not the text for a missing value, or a whole cookie.
fn is_token(text: &str) -> bool {
    !is_missing(text) && !text.contains(' ')
}

/// Marks a token in a response header as secret, wherever the headers are shown.
pub(crate) fn hide_tokens(endpoint: &Endpoint, passes: &AttemptTokens, headers: &mut HeaderMap) {
    let pushed = carried(passes).filter_map(|(_, credential)| match credential.renewed {
        Some(TokenPlace::Header(name)) => Some(name),
        _ => None,
    });
    let granted = endpoint.tokens.into_iter().flat_map(TokenFields::secret_headers);
    for secret in pushed.chain(granted) {
        for (_, value) in headers.iter_mut().filter(|(name, _)| *name == secret) {
            value.set_sensitive(true);
        }
    }
    if cfg!(target_family = "wasm") {
        // A browser shows this header to no page.
        return;
    }
    // The name of a standard header is compared as a number.
    for (_, value) in headers.iter_mut().filter(|(name, _)| **name == SET_COOKIE) {
        value.set_sensitive(true);
    }
}
