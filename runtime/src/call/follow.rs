//! Follows the redirects of an attempt.

use bytes::Bytes;
use http::{Method, StatusCode};

use super::judge::{hide_tokens, is_answer, pushed_on_the_way};
use super::parts::{Content, Parts};
use super::proof::{learn_nonce, prove};
use super::request::method;
use super::secrets;
use super::sink::ReadMode;
use crate::logic::mask;
use crate::logic::redirect::{self, Hop, Refusal, Turned};
use crate::ports::http::Incoming;
use crate::session::AttemptTokens;
use crate::types::endpoint::{Endpoint, Redirect, Role};
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::response::RawResponse;
use crate::types::url::Url;

/// In a browser, `fetch` follows redirects, or refuses them; only a layer can have made this response.
#[cfg(target_family = "wasm")]
pub(super) fn left_to_fetch(
    _: &mut Parts,
    _: &AttemptTokens,
    first: Option<Incoming>,
    _: ReadMode,
) -> std::future::Ready<Result<(Incoming, bool)>> {
    let response = first.ok_or_else(|| Error::of_kind(ErrorKind::Redirect));
    std::future::ready(response.map(|response| (response, false)))
}

/// Follows redirects here, since reqwest would send a token in a custom header to another host. Starts with the
/// response to the call, or with the request that an earlier redirect has made of the call. Also returns whether a
/// call with a token was redirected to another origin.
#[cfg_attr(
    target_family = "wasm",
    expect(dead_code, reason = "the linter checks it there as well")
)]
pub(super) async fn follow(
    parts: &mut Parts,
    passes: &AttemptTokens,
    first: Option<Incoming>,
    reads: ReadMode,
) -> Result<(Incoming, bool)> {
    let mut hop = first_hop(parts, first.is_none())?;
    let mut response = match first {
        Some(response) => response,
        None => redirected(parts, passes, &hop).await?,
    };
    // Logins, refreshes and logouts carry secrets in headers and bodies of any name.
    let bears_token = passes.iter().next().is_some() || parts.endpoint.role != Role::None;
    let crosses = may_cross(parts.endpoint, bears_token, reads, &hop.method);
    let mut carried = None;
    for hops in 0.. {
        let (status, headers) = (response.status(), response.headers());
        // The response is judged for the session before it is followed.
        if hop.stays_home
            && redirect::is_redirect(status)
            && is_answer(parts.endpoint, passes, &RawResponse::new(status, headers, &[]))
        {
            break;
        }
        let refused = |refusal| {
            secrets::hide(not_followed(parts, passes, &refusal, &response), parts, passes)
        };
        let next = redirect::next(status, headers, &hop, crosses, hops).map_err(refused)?;
        let Some(next) = next else { break };
        if next.keeps_body && !parts.body.is_repeatable() {
            return Err(refused(Refusal::RepeatsBody));
        }
        let pushed = if hop.stays_home { pushed_on_the_way(passes, headers) } else { Vec::new() };
        for pushed in pushed {
            let before = carried.take().unwrap_or_else(|| passes.clone());
            carried = Some(before.renewed(pushed.slot, &pushed.token));
            parts.extras().pushed = Some(pushed);
        }
        if next.method != hop.method {
            let is_result = status == StatusCode::SEE_OTHER;
            parts.extras().turned = Some(Box::new(Turned { hop: next.clone(), is_result }));
        }
        if let Some(query) = next.url.query() {
            parts.hide_query(query);
        }
        if hop.stays_home {
            learn_nonce(passes, &hop.url, status, headers);
        }
        hop = next;
        response = redirected(parts, carried.as_ref().unwrap_or(passes), &hop).await?;
    }
    Ok((response, bears_token && !hop.stays_home))
}

/// The request from which redirects are followed: that of the call, or the one that an earlier redirect has made of
/// it.
fn first_hop(parts: &Parts, is_turned: bool) -> Result<Hop> {
    let url = Url::parse(&parts.url)
        .map_err(|error| Error::of_kind(ErrorKind::Redirect).with_source(error))?;
    let Some(turned) = parts.turned().filter(|_| is_turned) else {
        return Ok(Hop::first(url, method(parts.endpoint)?));
    };
    if turned.hop.stays_home && turned.hop.url.origin() != url.origin() {
        // The tokens came with another address of the API meanwhile.
        return Err(Error::of_kind(ErrorKind::Redirect)
            .with_message("the address of the API has changed since the redirect"));
    }
    Ok(turned.hop.clone())
}

/// Whether the call may be redirected to another origin.
fn may_cross(endpoint: &Endpoint, bears_token: bool, reads: ReadMode, method: &Method) -> bool {
    if bears_token && endpoint.role != Role::None {
        return false;
    }
    match endpoint.redirect {
        Redirect::Off | Redirect::Same => false,
        Redirect::Auto | Redirect::Follow if !bears_token => true,
        // A download may be stored elsewhere, and is requested there without a secret.
        Redirect::Auto => reads != ReadMode::Whole && matches!(*method, Method::GET | Method::HEAD),
        Redirect::Follow => true,
    }
}

/// Sends the request that a redirect has made of the call.
async fn redirected(parts: &Parts, passes: &AttemptTokens, hop: &Hop) -> Result<Incoming> {
    // It is built from the call again, so everything that was dropped on the way is removed each time.
    let content = if hop.keeps_body { Content::Taken } else { Content::Left };
    let mut outgoing = parts.build(passes, content).await?;
    outgoing.url = hop.url.clone();
    outgoing.method = hop.method.clone();
    if !hop.keeps_body {
        redirect::forget_body(&mut outgoing.headers);
    }
    if hop.stays_home {
        parts.carry(passes, content, &mut outgoing.url, &mut outgoing.headers)?;
        prove(passes, &mut outgoing).await?;
    } else {
        redirect::forget_secrets(&mut outgoing.headers);
    }
    let sent = parts.client.core().transport.send(outgoing, parts.sent()).await;
    // The error has the address of the call, which did respond.
    sent.map_err(|error| error.at_redirect(&mask::address(hop.url.as_str())))
}

fn not_followed(
    parts: &Parts,
    passes: &AttemptTokens,
    refusal: &Refusal,
    response: &Incoming,
) -> Error {
    let endpoint = parts.endpoint;
    let mut headers = response.headers().clone();
    hide_tokens(endpoint, passes, &mut headers);
    let error = Error::of_kind(ErrorKind::Redirect)
        .with_message(refusal.to_string())
        .with_response(response.status(), &headers, &Bytes::new());
    let can_follow = endpoint.role == Role::None
        && endpoint.redirect == Redirect::Auto
        && matches!(endpoint.method, "GET" | "HEAD");
    match refusal {
        Refusal::LeavesOrigin { .. } if can_follow => {
            error.with_help("declare `redirect = follow` to follow it without the token")
        }
        _ => error,
    }
}
