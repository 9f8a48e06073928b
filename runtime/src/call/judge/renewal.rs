//! What the response to a refresh means, and what whoever asked for it by hand gets of it.

use http::{HeaderMap, StatusCode};

use super::{refusal, scan};
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, Sink};
use crate::logic::envelope;
use crate::logic::rules;
use crate::ports::response::Received;
use crate::session::renew::{FailureKind, RefreshFailure};
use crate::types::auth::{Credential, Rule};
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::envelope::Scalar;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::tokens::Tokens;

/// What the response to a refresh means. It has no expiry handling of its own: a response that calls the
/// token over ends the session, since nothing else could renew it, and so does one that the refresh
/// itself declares.
pub(crate) fn refresh_outcome(
    parts: &Parts,
    (credential, rejected): (&Credential, &[Rule]),
    received: &mut Received,
    decode: fn(&'static Endpoint, &mut Received) -> TokensOutcome,
) -> std::result::Result<Tokens, RefreshFailure> {
    let endpoint = parts.endpoint;
    let fail = |kind, error: Error| RefreshFailure::new(kind, error.with_endpoint(endpoint));
    let code = scan(endpoint, received).map(Code::into_owned);
    let kind = if code.is_some() { ErrorKind::Api } else { ErrorKind::Status };
    let response = received.as_raw();
    if rules::means(credential, &response, code.as_ref()).is_some()
        || rules::any_matches(rejected, &response, code.as_ref())
    {
        return Err(fail(FailureKind::Permanent, refusal(kind, parts, received, code)));
    }
    if !received.status.is_success() {
        let error = refusal(kind, parts, received, code);
        return Err(fail(failure_kind(received, &error), error));
    }
    match decode(endpoint, received) {
        TokensOutcome::Tokens(tokens) => Ok(tokens),
        TokensOutcome::Refused => Err(fail(
            FailureKind::Refused { retry_after: None },
            refusal(ErrorKind::Api, parts, received, code),
        )),
        TokensOutcome::Broken(error) => {
            let kind = FailureKind::Transient { retry_after: None };
            Err(fail(kind, error))
        }
    }
}

/// What a decoder made of the response to a login or a refresh.
#[derive(Debug)]
pub(crate) enum TokensOutcome {
    /// These tokens.
    Tokens(Tokens),
    /// The envelope bears a code that is not a good one.
    Refused,
    /// The response is not what was declared.
    Broken(Error),
}

/// Statuses that say "later", and those that say "no" (RFC 6749, section 5.2).
fn failure_kind(received: &Received, error: &Error) -> FailureKind {
    let status = received.status;
    if status.is_server_error()
        || status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
    {
        return FailureKind::Transient { retry_after: error.retry_after() };
    }
    let invalid_grant = envelope::scan(&["error"], &received.body)
        .is_some_and(|code| code.matches(&Scalar::Text("invalid_grant")));
    if invalid_grant {
        FailureKind::Permanent
    } else {
        FailureKind::Refused { retry_after: error.retry_after() }
    }
}

/// Decodes the response of a flight for whoever called the refresh method by hand.
pub(crate) fn land_refresh(parts: &Parts, response: &Received, sink: &mut dyn Sink) -> Result<()> {
    let mut received = response.share();
    match sink.land(parts.endpoint, &mut received) {
        Decoded::Taken => Ok(()),
        Decoded::Broken(error) => Err(error),
        Decoded::Refused(_) => Err(refusal(ErrorKind::Api, parts, response, None)),
    }
}

/// The same for a refresh that ended without a response, since another process had made it: the value
/// is decoded from a response as it would be, with the tokens that the session holds now.
pub(crate) fn land_adopted(
    parts: &Parts,
    tokens: Option<Tokens>,
    sink: &mut dyn Sink,
) -> Result<()> {
    let body = tokens.map(|tokens| adopted_body(parts.endpoint, &tokens)).unwrap_or_default();
    let (status, headers) = (StatusCode::OK, HeaderMap::new());
    let response = Received { status, headers, body: body.into(), rest: None };
    land_refresh(parts, &response, sink).map_err(|_| {
        Error::new(ErrorKind::Decode).with_message(
            "the token was renewed without a response of the server, and cannot be shown as this type",
        )
    })
}

fn adopted_body(endpoint: &Endpoint, tokens: &Tokens) -> Vec<u8> {
    let mut value = serde_json::json!({ "access_token": tokens.access() });
    if let Some(refresh) = tokens.refresh() {
        value["refresh_token"] = refresh.into();
    }
    let mut body = value;
    if let Some(envelope) = endpoint.envelope {
        if let Some(data) = envelope.data {
            body = data.iter().rev().fold(body, |inner, name| serde_json::json!({ *name: inner }));
        }
        if let ([name], Some(ok)) = (envelope.code, envelope.ok.first()) {
            body[*name] = match *ok {
                Scalar::Bool(ok) => ok.into(),
                Scalar::Int(ok) => ok.into(),
                Scalar::Text(ok) => ok.into(),
            };
        }
    }
    body.to_string().into_bytes()
}
