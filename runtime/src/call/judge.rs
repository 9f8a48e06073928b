//! Judges a response: its meaning for the session, and the next step of the call.

mod pushed;
mod redirected;
mod renewal;

use http::HeaderMap;
use http::header::{LOCATION, RANGE};

use super::parts::Parts;
use super::secrets::{self, StreamSecrets};
use super::sink::{Decoded, ReadMode, Value};
use super::stream::keep_secrets;
use crate::logic::json::Scalar;
use crate::logic::rules::{self, Means};
use crate::logic::{envelope, partial, redirect, retry};
use crate::ports::response::Received;
use crate::session::{AttemptTokens, endpoint_id};
use crate::types::auth::{Credential, Placement};
use crate::types::challenge;
use crate::types::code::Code;
use crate::types::endpoint::{Endpoint, Role};
use crate::types::envelope::Envelope;
use crate::types::error::{ADVISES, Error, ErrorKind};
use crate::types::tokens::Tokens;
use pushed::{given, pushed, pushed_for};
pub(crate) use pushed::{hide_tokens, pushed_on_the_way};
use redirected::brings_login;
pub(crate) use redirected::is_answer;
use renewal::without_tokens;
pub(crate) use renewal::{Refresh, decode_adopted, decode_refresh, refresh_outcome};

/// A judged response.
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    /// The next token, which the server has pushed, for the credential of this slot.
    pub(crate) pushed: Option<(usize, String)>,
    /// The tokens in the response to a login.
    pub(crate) tokens: Option<Box<Tokens>>,
}

/// The meaning of a response for its call.
pub(crate) enum Verdict {
    /// The call returns this value.
    Taken(Value),
    /// The token at this slot has expired.
    Expired(usize, Error),
    /// The session at this slot has ended.
    Lost(usize, Error),
    /// The server rejected the call, or the response does not match the declared type.
    Rejected(Error),
    /// A call without a token got a response that says that the token has expired, and that brought a token for
    /// this slot.
    Given(usize, Error, String),
}

/// Judges the response to an attempt that carried these tokens. `value` is set beforehand only if it collects parts
/// of the response, and remains unless the response is accepted.
pub(crate) fn judge(
    parts: &Parts,
    passes: &AttemptTokens,
    mut received: Received,
    value: &mut Option<Value>,
) -> Judged {
    // Another origin knows nothing of this session.
    let none = AttemptTokens::default();
    let passes = if received.is_foreign { &none } else { passes };
    received.view(parts.endpoint.codec, parts.sink.reads == ReadMode::Line);
    hide_tokens(parts.endpoint, passes, &mut received.headers);
    let mut tokens = None;
    let verdict =
        if received.status.is_success() || brings_login(parts.endpoint, &received.as_raw()) {
            match early(parts, passes, &received, parts.sink.reads) {
                Some(verdict) => verdict,
                None if is_not_ready(parts, &received) => {
                    let error = rejection(ErrorKind::Status, parts, &received, None);
                    Verdict::Rejected(error)
                }
                None => match unasked_part(parts, &received) {
                    Some(error) => Verdict::Rejected(responded(error, parts, &received)),
                    None => {
                        let verdict;
                        (verdict, tokens) = decode(parts, passes, &mut received, value);
                        verdict
                    }
                },
            }
        } else {
            failed(parts, passes, &received)
        };
    let is_accepted = speaks_for_the_token(&verdict);
    if is_accepted {
        accepted(parts, passes);
    }
    let pushed = pushed(passes, &received, is_accepted).or_else(|| {
        let pushed = parts.extras.as_ref()?.pushed.as_ref()?;
        (is_accepted || !pushed.is_cookie).then(|| (pushed.slot, pushed.token.clone()))
    });
    Judged { verdict: masked(verdict, parts, passes, &received), pushed, tokens }
}

/// The verdict with the secrets in its error masked, and with what a rejection says beyond its code.
fn masked(verdict: Verdict, parts: &Parts, passes: &AttemptTokens, received: &Received) -> Verdict {
    // The tokens that the response brings are the session's from now on.
    let hide = |error| {
        let brought = brought(parts.endpoint, &received.headers, &received.body);
        secrets::hide_with(error, parts, passes, brought)
    };
    match verdict {
        Verdict::Taken(_) | Verdict::Given(..) => verdict,
        Verdict::Expired(slot, error) => Verdict::Expired(slot, hide(error)),
        Verdict::Lost(slot, error) => Verdict::Lost(slot, hide(error)),
        Verdict::Rejected(error) => {
            let error = hide(scoped(error, passes, received));
            match given(parts, received).filter(|_| passes.iter().next().is_none()) {
                Some((slot, token)) => Verdict::Given(slot, error, token),
                None => Verdict::Rejected(error),
            }
        }
    }
}

/// The error of a response that reported an expired token, if the caller gets it: with the text of the response.
pub(crate) fn returned(error: Error, parts: &Parts, passes: &AttemptTokens) -> Error {
    let headers = error.headers().cloned().unwrap_or_default();
    let brought = brought(parts.endpoint, &headers, error.bytes());
    let brought = brought.collect::<Vec<_>>();
    secrets::hide_returned(error, parts, passes, brought.into_iter())
}

/// The tokens that a response brings.
fn brought(endpoint: &Endpoint, headers: &HeaderMap, body: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let credentials = endpoint.credentials.iter();
    let pushed = credentials.filter_map(|credential| pushed_for(credential, headers, true));
    pushed.map(String::into_bytes).chain(secrets::of_grant(endpoint, headers, body))
}

/// A rejection because the token lacks a scope has its own kind.
fn scoped(error: Error, passes: &AttemptTokens, received: &Received) -> Error {
    let mut declared = carried(passes).map(|(_, credential)| credential.insufficient_scope);
    let is_meant = error.is_rejected()
        && declared.any(|rules| rules::any_matches(rules, &received.as_raw(), error.raw_code()));
    if !is_meant {
        return error;
    }
    let scope = challenge::parameter(&received.headers, "scope");
    let error = match (error.message(), scope) {
        (None, Some(scope)) => error.with_message(scope),
        _ => error,
    };
    error.into_kind(ErrorKind::InsufficientScope)
}

/// Whether a response shows that the server accepted the token: a success, or a rejection by an API that has looked
/// at the call. The response of a gateway says nothing about the token if the call did not reach the API, or was
/// rejected before.
fn speaks_for_the_token(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Taken(_) => true,
        Verdict::Rejected(error) => match error.kind() {
            ErrorKind::Api => true,
            ErrorKind::Status => error.status().is_some_and(|status| {
                status.is_client_error() && !matches!(status.as_u16(), 401 | 407 | 408 | 425 | 429)
            }),
            _ => false,
        },
        Verdict::Expired(..) | Verdict::Lost(..) | Verdict::Given(..) => false,
    }
}

/// A rule that looks beyond status and code may treat a success as expired. So may any rule if lines of JSON begin
/// with an envelope; a code that no rule names is that of its line.
fn early(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &Received,
    reads: ReadMode,
) -> Option<Verdict> {
    let beyond = carried(passes)
        .any(|(_, each)| rules::looks_beyond_code(each, received.status, &received.headers));
    let is_lines = reads == ReadMode::Line && rules::is_json_lines(&received.headers);
    if !beyond && !is_lines {
        return None;
    }
    // A raw body may be anything, and may look like an envelope by chance.
    let is_json = received.native.is_some() || rules::is_json(&received.headers, &received.body);
    let is_content = reads != ReadMode::Whole && !is_json && !is_lines;
    let code = if is_content { None } else { scan(parts.endpoint, received) };
    session_verdict(parts, passes, received, code.as_ref())
}

/// Whether `retry(..)` names a response with a success status. If the call is not retried, the response is treated
/// as usual.
fn is_not_ready(parts: &Parts, received: &Received) -> bool {
    let retry = parts.retry().filter(|_| !received.is_foreign && parts.is_idempotent());
    retry.is_some_and(|retry| retry::is_not_ready(&retry, &received.as_raw()))
}

/// The error for a part of the content that the call did not request (RFC 9110, section 15.3.7): it must not be
/// taken for the whole.
fn unasked_part(parts: &Parts, received: &Received) -> Option<Error> {
    let part = partial::part_only(received.status, &received.headers)?;
    let asks = parts.extras.as_ref().is_some_and(|extras| extras.headers.contains_key(RANGE));
    let bytes = part.map_or_else(
        || "a part in bytes".to_owned(),
        |part| {
            let total = part.total.map_or_else(String::new, |total| format!(" of {total}"));
            format!("the bytes {}-{}{total}", part.first, part.last)
        },
    );
    let message = format!("the response is only {bytes}, but the call asked for no `Range`");
    (!asks).then(|| Error::of_kind(ErrorKind::Decode).with_message(message))
}

fn decode(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &mut Received,
    value: &mut Option<Value>,
) -> (Verdict, Option<Box<Tokens>>) {
    let gathers = value.is_some();
    let (decoded, tokens) = parts.sink.land(parts.endpoint, received, value);
    if gathers
        && matches!(decoded, Decoded::Taken)
        && let Some(value) = value
    {
        keep_secrets(value, || StreamSecrets::of(parts, passes));
    }
    // A value may have come before the code that says that the call failed.
    let value = if gathers && !matches!(decoded, Decoded::Taken) { None } else { value.take() };
    let code = match (decoded, value) {
        (Decoded::Taken, Some(value)) => return (Verdict::Taken(value), tokens),
        (Decoded::Broken(error), _) => {
            let error = match parts.endpoint.role {
                Role::Login => without_tokens(error, parts, passes, received),
                _ => error,
            };
            return (Verdict::Rejected(responded(error, parts, received)), None);
        }
        (Decoded::Rejected(code), _) => code.map(Code::into_owned),
        (Decoded::Taken, None) => None,
    };
    let verdict = session_verdict(parts, passes, received, code.as_ref())
        .unwrap_or_else(|| Verdict::Rejected(not_good(parts, received, code)));
    (verdict, None)
}

/// The error of a response whose status means success but whose code does not.
fn not_good(parts: &Parts, received: &Received, code: Option<Code<'static>>) -> Error {
    let is_missing = code.is_none();
    let error = rejection(ErrorKind::Api, parts, received, code);
    match parts.endpoint.envelope {
        Some(envelope) if is_missing && error.message().is_none() => {
            error.with_message(match envelope.ok_without {
                Some(errors) => format!("the body has `{}`", errors.join(".")),
                None => format!(
                    "there is no code at `{}`, and `ok` does not list `absent`",
                    envelope.code.join(".")
                ),
            })
        }
        Some(envelope)
            if ADVISES && error.raw_code().is_some_and(|code| may_be_good(envelope, code)) =>
        {
            error.with_help(MAY_BE_GOOD)
        }
        _ => error,
    }
}

/// The help for a code that servers send with a success.
const MAY_BE_GOOD: &str =
    "if this code means success, list it in `ok` of the envelope, in quotes if it is a string";

/// Whether a code that is not listed as good is zero or 200, or is a listed one in another form: `"0000"` and 0.
fn may_be_good(envelope: &Envelope, code: &Code<'_>) -> bool {
    let number = |code: &str| code.parse::<i64>().ok();
    let Some(code) = number(&code.to_string()) else { return false };
    let mut listed = envelope.ok.iter().map(|good| number(Scalar::from(good).as_str()));
    matches!(code, 0 | 200) || listed.any(|good| good == Some(code))
}

fn failed(parts: &Parts, passes: &AttemptTokens, received: &Received) -> Verdict {
    // Whatever media type an error page states: if an envelope is declared, its code is used.
    let code = if received.is_foreign { None } else { scan(parts.endpoint, received) };
    let code = code.map(Code::into_owned);
    if let Some(verdict) = session_verdict(parts, passes, received, code.as_ref()) {
        return verdict;
    }
    if let Some(value) = parts.sink.without(received.status, &received.headers) {
        return Verdict::Taken(value);
    }
    let is_redirect =
        redirect::is_redirect(received.status) && received.headers.contains_key(LOCATION);
    let kind = match code {
        Some(_) => ErrorKind::Api,
        None if is_redirect => ErrorKind::Redirect,
        None => ErrorKind::Status,
    };
    Verdict::Rejected(rejection(kind, parts, received, code))
}

/// The meaning of the response for one of the tokens that the attempt carried, if it has one. A code belongs to one
/// credential, which is found here. If the response could refer to several credentials, it refers to the one for
/// which this call has not been replayed yet: a replay rules the other out.
fn session_verdict(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &Received,
    code: Option<&Code<'_>>,
) -> Option<Verdict> {
    let auth = &parts.auth;
    let response = received.as_raw();
    let found = rules::verdict(|| carried(passes), &response, code)?;
    let (slot, means) = match found {
        (slot, Means::Expired) if auth.was_replayed(slot) => {
            let others = || carried(passes).filter(|(slot, _)| !auth.was_replayed(*slot));
            rules::verdict(others, &response, code).unwrap_or(found)
        }
        found => found,
    };
    let code = code.cloned().map(Code::into_owned);
    Some(match means {
        Means::Expired => {
            let error = rejection(ErrorKind::Expired, parts, received, code);
            Verdict::Expired(slot, with_advice(error, parts.endpoint, slot))
        }
        Means::Logout => {
            Verdict::Lost(slot, rejection(ErrorKind::SessionLost, parts, received, code))
        }
    })
}

/// The header `Authorization` has a scheme before its token (RFC 9110, section 11.6.2), which is easily forgotten.
fn with_advice(error: Error, endpoint: &Endpoint, slot: usize) -> Error {
    let placement = endpoint.credentials.get(slot).map(|it| it.placement);
    match placement {
        Some(Placement::Header { name: "authorization", scheme: None }) => error.with_help(
            "`Authorization` carries the token alone: for `Bearer <token>` write `auth(bearer)`, and for another word \
             `scheme = \"Token\"`",
        ),
        _ => error,
    }
}

/// Judges the response to a refresh for the other tokens that it carried; `None` if the response says nothing about
/// them.
pub(crate) fn judge_others(
    parts: &Parts,
    others: &AttemptTokens,
    received: &Received,
) -> Option<Verdict> {
    let code = scan(parts.endpoint, received).map(Code::into_owned);
    let verdict = session_verdict(parts, others, received, code.as_ref());
    if verdict.is_none() && received.status.is_success() {
        accepted(parts, others);
    }
    verdict
}

/// The credentials whose tokens the attempt carried. The response to a call without a token says nothing about a
/// token.
fn carried(passes: &AttemptTokens) -> impl Iterator<Item = (usize, &'static Credential)> {
    passes.iter().map(|pass| (pass.slot, pass.credential))
}

fn accepted(parts: &Parts, passes: &AttemptTokens) {
    for pass in passes.iter() {
        parts.client.session().slot(pass.slot).accepted(pass.ticket, endpoint_id(parts.endpoint));
    }
}

/// The code of the envelope, whatever media type the response states. A body that is not JSON has none.
fn scan<'a>(endpoint: &Endpoint, received: &'a Received) -> Option<Code<'a>> {
    envelope::code(endpoint.envelope?, &received.body)
}

/// The error of a response that reports a failure.
pub(crate) fn rejection(
    kind: ErrorKind,
    parts: &Parts,
    received: &Received,
    code: Option<Code<'static>>,
) -> Error {
    let envelope = parts.endpoint.envelope.filter(|_| !received.is_foreign);
    let message = envelope.and_then(|envelope| envelope::message(envelope, &received.body));
    let error = Error::of_kind(kind).with_code(code);
    let error = match message {
        Some(message) => error.with_message(message),
        None => error,
    };
    responded(error, parts, received)
}

fn responded(error: Error, parts: &Parts, received: &Received) -> Error {
    let clock = &parts.client.session().policy().clock;
    let Received { headers, body, .. } = received;
    let declared = parts.endpoint.retry.and_then(|retry| retry.after);
    let declared = declared.filter(|_| !received.is_foreign);
    let stated = declared.and_then(|after| retry::declared(&after, headers, body, || clock.wall()));
    let stated = stated.or_else(|| retry::retry_after(headers, || clock.wall()));
    error.with_response(received.status, headers, body).with_retry_after(stated)
}
