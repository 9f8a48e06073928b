//! Judges the response to a refresh, and decodes it for a caller who called the refresh method.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderMap, StatusCode};

use super::{hide_tokens, rejection, responded, scan};
use crate::call::parts::Parts;
use crate::call::secrets;
use crate::call::sink::{Decoded, TokensDecoder, TokensOutcome, Value};
use crate::logic::excerpt;
use crate::logic::json::{self, Scalar};
use crate::logic::mask;
use crate::logic::rules::{self, Means};
use crate::ports::response::Received;
use crate::session::AttemptTokens;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::types::auth::{Credential, Rule};
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::envelope::Envelope;
use crate::types::error::{ADVISES, Error, ErrorKind, Result};
use crate::types::tokens::{Tokens, Written};

/// OAuth 2 errors about the client or about the moment (RFC 6749, sections 4.1.2.1 and 5.2; RFC 8628). The refresh
/// token remains valid, whatever the status.
const NOT_ABOUT_THE_TOKEN: [&str; 8] = [
    "invalid_client",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "slow_down",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_grant_type",
];

/// The help for a rejection that may be final but is not known to be.
const DECLARE: &str = "if this rejection is final, declare it with `rejected(..)` on the refresh";

/// The help for a response without tokens in the expected place.
const ELSEWHERE: &str = "if the tokens have other names or paths, declare them with `tokens(..)`";

/// The help for a response without tokens in the data of an envelope.
const BESIDE_THE_CODE: &str = "if the tokens are next to the code, declare `envelope(data = off)` on this method, or \
    their paths with `tokens(..)`";

/// The help for a refresh that is rejected like a call whose token has expired, which may be the token that it carries.
const CARRIES_THE_TOKEN: &str = "the refresh carried the access token: if the server rejects one that has expired, mark the \
    refresh `public`, and send it the refresh token, as in `#[field] refresh_token: RefreshToken`";

/// How a refresh is judged.
pub(crate) struct Refresh<'a> {
    pub(crate) credential: &'a Credential,
    pub(crate) rejected: &'a [Rule],
    /// Whether it carried the token that it renews.
    pub(crate) carries_token: bool,
    /// No sign-in: the refresh needs no tokens, and the API has no login. So no response to it means that a user
    /// has to sign in.
    pub(crate) is_unattended: bool,
}

/// Judges the response to a refresh. The session ends with a response that the refresh declares as final, with one that
/// reports an expired token and brings no tokens, since nothing else could renew it (unless no sign-in is needed), and
/// with OAuth 2's `invalid_grant`. After any other rejection the next attempt may succeed.
pub(crate) fn refresh_outcome(
    parts: &Parts,
    refresh: &Refresh<'_>,
    received: &mut Received,
    presented: &Tokens,
    decode: TokensDecoder,
) -> std::result::Result<Tokens, RefreshFailure> {
    let endpoint = parts.endpoint;
    hide_tokens(endpoint, &AttemptTokens::default(), &mut received.headers);
    let code = scan(endpoint, received).map(Code::into_owned);
    let matches = |rules, received: &Received| {
        unless_panics(|| rules::any_matches(rules, &received.as_raw(), code.as_ref()))
    };
    let is_rejected = matches(refresh.rejected, received);
    let is_logout = matches(refresh.credential.logout, received);
    let may_bring = received.status.is_success() && is_rejected != Some(true);
    let decoded = may_bring.then(|| decode.0(endpoint, received));
    // A server that sends tokens has renewed them, and the old ones may be used up. What an `expired(..)` rule finds
    // is about the old token: ASP.NET Core marks each response to a request that carried it. A rule that panics does not
    // match.
    let is_certain = is_logout != Some(true) && are_certain(endpoint, received);
    let decoded = match decoded {
        Some(TokensOutcome::Tokens(tokens)) if is_certain => return Ok(tokens),
        decoded => decoded,
    };
    let means =
        unless_panics(|| rules::means(refresh.credential, &received.as_raw(), code.as_ref()));
    match (is_rejected, is_logout, means) {
        (Some(true), ..) => {}
        (None, ..) => return Err(panicked("rejected", parts, received)),
        (_, None, _) => return Err(panicked("logout", parts, received)),
        (_, _, None) => return Err(panicked("expired", parts, received)),
        _ => {}
    }
    let means = means.flatten();
    let is_final = is_rejected == Some(true) || is_final(refresh, means, received);
    let names_error = || excerpt::error_of(&received.body).is_some();
    let kind = if code.is_some() { ErrorKind::Api } else { ErrorKind::Status };
    let rejected = || rejection(kind, parts, received, code.clone());
    let (kind, error) = match decoded {
        _ if is_final => {
            let is_like_a_call = is_rejected != Some(true) && means == Some(Means::Expired);
            let error = match refresh.carries_token && is_like_a_call {
                true => rejected().with_help(CARRIES_THE_TOKEN),
                false => rejected(),
            };
            (FailureKind::Permanent, error)
        }
        Some(TokensOutcome::Tokens(tokens)) => return Ok(tokens),
        None => {
            let error = rejected();
            (FailureKind::of_status(received.status, error.retry_after()), error)
        }
        Some(TokensOutcome::Broken(error)) if !names_error() => {
            (FailureKind::Unusable, responded(error, parts, received))
        }
        // A body that names an error is a rejection, whatever the status.
        Some(_) if code.is_some() || names_error() => {
            (FailureKind::Rejected { retry_after: None }, rejected())
        }
        Some(_) => (FailureKind::Unusable, rejected()),
    };
    let mut secrets = secrets::of_refresh(parts, presented);
    secrets.extend(secrets::of_grant(endpoint, &received.headers, &received.body));
    let error = mask::hide(worded(error, received, &secrets), &secrets);
    let error = error.with_endpoint(endpoint).with_address(|| parts.shown_address());
    Err(RefreshFailure::of(kind, with_declaration(error, kind, endpoint, received)))
}

/// Whether a response ends the session, unless it brings tokens.
fn is_final(refresh: &Refresh<'_>, means: Option<Means>, received: &Received) -> bool {
    let error = || excerpt::error_of(&received.body);
    // Without a refresh token, none can have become invalid: the cause may be temporary.
    !refresh.is_unattended
        && match means {
            Some(Means::Logout) => true,
            Some(Means::Expired) => {
                error().is_none_or(|error| !NOT_ABOUT_THE_TOKEN.contains(&error.as_str()))
            }
            None => error().as_deref() == Some("invalid_grant"),
        }
}

/// The failure of a refresh whose rule panics.
fn panicked(rule: &str, parts: &Parts, received: &Received) -> RefreshFailure {
    let error = Error::of_kind(ErrorKind::RefreshFailed)
        .with_message(format!("`{rule}(when = ..)` panicked at the response to the refresh"));
    let error = responded(error, parts, received).with_endpoint(parts.endpoint);
    let kind = match received.status.is_success() {
        true => FailureKind::Unusable,
        false => FailureKind::of_status(received.status, error.retry_after()),
    };
    RefreshFailure::of(kind, error)
}

/// `None` if a function of the program panics.
fn unless_panics<T>(judge: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(judge)).ok()
}

/// Whether tokens that are found in a response are beyond doubt. A bare text may be a message as well as a token.
fn are_certain(endpoint: &Endpoint, received: &Received) -> bool {
    let is_object = received.body.trim_ascii_start().first() == Some(&b'{');
    is_object || endpoint.tokens.is_some()
}

/// The error with the declaration that may be missing.
fn with_declaration(
    error: Error,
    kind: FailureKind,
    endpoint: &Endpoint,
    received: &Received,
) -> Error {
    let may_be_final = matches!(kind, FailureKind::Rejected { .. } | FailureKind::Unusable);
    match place_of_tokens(&error, endpoint, received) {
        Some(help) => error.with_help(help),
        None if may_be_final => error.with_help(DECLARE),
        None => error,
    }
}

/// The declaration that is missing if a response in JSON has no tokens in the expected place.
fn place_of_tokens(
    error: &Error,
    endpoint: &Endpoint,
    received: &Received,
) -> Option<&'static str> {
    let is_shapeless = ADVISES
        && error.kind() == ErrorKind::Decode
        && rules::is_json(&received.headers, &received.body);
    is_shapeless.then_some(match endpoint.envelope {
        Some(Envelope { data: Some(_), .. }) => BESIDE_THE_CODE,
        _ => ELSEWHERE,
    })
}

/// The error of a login whose response has no tokens, with what the server says: it may reject the login with a success.
pub(super) fn without_tokens(
    error: Error,
    parts: &Parts,
    passes: &AttemptTokens,
    received: &Received,
) -> Error {
    let endpoint = parts.endpoint;
    // The error of declared places names them.
    let help = place_of_tokens(&error, endpoint, received).filter(|_| endpoint.tokens.is_none());
    let error = match endpoint.envelope {
        // Its code says that this is a success, as does its message.
        Some(_) => error,
        // The text is cut, so its secrets are masked before.
        None => worded(error, received, &secrets::of_login(parts, passes, received)),
    };
    match help {
        Some(help) => error.with_help(help),
        None => error,
    }
}

/// The error with the text of the response, if it has none yet.
fn worded(error: Error, received: &Received, secrets: &[Vec<u8>]) -> Error {
    let is_decode = error.kind() == ErrorKind::Decode;
    if error.message().is_some() && !is_decode {
        return error;
    }
    let error = mask::hide(error, secrets);
    let hide = |text: &str, longest| mask::concealed(text, secrets, longest);
    match (excerpt::excerpt(&received.body, received.status.is_success(), hide), error.message()) {
        (Some(words), Some(message)) => {
            let message = format!("{message}: {words}");
            error.with_message(message)
        }
        (Some(words), None) => error.with_message(words),
        (None, _) => error,
    }
}

/// Decodes the response of a flight for the caller of the refresh method.
pub(crate) fn decode_refresh(parts: &Parts, response: &Received) -> Result<Value> {
    let mut received = response.share();
    let mut value = None;
    match parts.sink.land(parts.endpoint, &mut received, &mut value).0 {
        Decoded::Taken => value.ok_or_else(|| Error::of_kind(ErrorKind::Decode)),
        Decoded::Broken(error) => Err(secrets::hide(error, parts, &AttemptTokens::default())),
        Decoded::Rejected(_) => {
            let error = rejection(ErrorKind::Api, parts, response, None);
            Err(secrets::hide(error, parts, &AttemptTokens::default()))
        }
    }
}

/// The same for a refresh that ended without a response, since another process had made it: the value is decoded
/// from an artificial response with the tokens that the session holds now.
pub(crate) fn decode_adopted(parts: &Parts, tokens: Option<Tokens>) -> Result<Value> {
    let mut headers = HeaderMap::new();
    let body = tokens.map(|tokens| adopted_body(parts.endpoint, &tokens, &mut headers));
    let response = Received::whole(StatusCode::OK, headers, body.unwrap_or_default().into());
    decode_refresh(parts, &response).map_err(|_| {
        Error::of_kind(ErrorKind::Decode).with_message(
            "the token was refreshed without a response, so there is no value of this type",
        )
    })
}

fn adopted_body(endpoint: &Endpoint, tokens: &Tokens, headers: &mut HeaderMap) -> String {
    let mut body = "{}".to_owned();
    // A place inside another value stays empty.
    let mut put = |path: &[&str], value: Scalar| {
        body = json::with_value(&body, path, &value).unwrap_or_else(|_| body.clone());
    };
    let data = endpoint.envelope.and_then(|envelope| envelope.data).unwrap_or_default();
    let usual = [("access_token", Some(tokens.access())), ("refresh_token", tokens.refresh())];
    for (name, value) in usual {
        if let Some(value) = value {
            put(&[data, &[name]].concat(), Scalar::text(value));
        }
    }
    if let Some(envelope) = endpoint.envelope
        && let ([_], Some(ok)) = (envelope.code, envelope.ok.first())
    {
        put(envelope.code, Scalar::from(ok));
    }
    if let Some(fields) = endpoint.tokens {
        fields.write(tokens, headers, &mut |path, value| {
            put(
                path,
                match value {
                    Written::Text(text) => Scalar::text(text),
                    Written::Number(number) => Scalar::from(number),
                },
            );
        });
    }
    body
}
