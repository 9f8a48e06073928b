//! What a response means, and what becomes of the call.

mod renewal;

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER, SET_COOKIE};

use super::parts::Parts;
use super::sink::{Decoded, Sink};
use crate::logic::envelope;
use crate::logic::rules::{self, Means};
use crate::ports::clock::Clock;
use crate::ports::response::Received;
use crate::session::{AttemptTokens, Session, endpoint_id};
use crate::types::auth::Credential;
use crate::types::code::Code;
use crate::types::endpoint::{Access, Endpoint};
use crate::types::error::{Error, ErrorKind};
pub(crate) use renewal::{TokensOutcome, land_adopted, land_refresh, refresh_outcome};

/// What the executor does next.
pub(crate) enum Step {
    /// The value is kept. The server may have pushed the next token along, for this slot.
    Taken(Option<(usize, String)>),
    /// The token at this slot is over. The server may have pushed the next one along.
    Expired(usize, Error, Option<(usize, String)>),
    /// The session at this slot is over.
    Lost(usize, Error),
    /// The server refused; it may have pushed a token all the same.
    Refused(Error, Option<(usize, String)>),
    /// A call without a token was told that it has expired, and given one for this slot.
    Given(usize, Error, String),
    /// No response came.
    Unsent(Error),
}

impl Step {
    /// Where nothing can renew the token, its end is the end of the session.
    pub(crate) fn within(self, session: &Session) -> Self {
        match self {
            Self::Expired(slot, error, None) if !session.can_renew(slot) => {
                Self::Lost(slot, error.into_kind(ErrorKind::SessionLost))
            }
            step => step,
        }
    }
}

/// Judges the response to an attempt that carried these tokens.
pub(crate) fn judge(
    parts: &Parts,
    passes: &AttemptTokens,
    mut received: Received,
    sink: &mut dyn Sink,
) -> Step {
    hush(passes, &mut received.headers);
    let step = if received.status.is_success() {
        match early(parts, passes, &received) {
            Some(step) => step,
            None => land(parts, passes, &mut received, sink),
        }
    } else {
        refused(parts, passes, &received, sink)
    };
    if speaks_for_the_token(&step) {
        accepted(parts, passes);
    }
    match step {
        Step::Taken(_) => Step::Taken(pushed(passes, &received)),
        Step::Expired(slot, error, _) => {
            Step::Expired(slot, hide(error, passes), pushed(passes, &received))
        }
        Step::Refused(error, _) if passes.iter().next().is_none() => {
            match given(parts, &received) {
                Some((slot, token)) => Step::Given(slot, error, token),
                None => Step::Refused(error, None),
            }
        }
        Step::Lost(slot, error) => Step::Lost(slot, hide(error, passes)),
        Step::Refused(error, _) => Step::Refused(hide(error, passes), pushed(passes, &received)),
        step @ (Step::Given(..) | Step::Unsent(_)) => step,
    }
}

/// The token that a server has pushed to an optional call that went without one, with a response that asks
/// for one.
fn given(parts: &Parts, received: &Received) -> Option<(usize, String)> {
    if parts.endpoint.access != Access::Optional || parts.is_foreign {
        return None;
    }
    let code = scan(parts.endpoint, received);
    parts.endpoint.credentials.iter().find_map(|credential| {
        let token = pushed_for(credential, received)?;
        let means = rules::means(credential, &received.as_raw(), code.as_ref())?;
        let slot = parts.client.slot_of(Some(credential.name)).ok()?;
        matches!(means, Means::Expired).then_some((slot, token))
    })
}

fn pushed_for(credential: &Credential, received: &Received) -> Option<String> {
    let token = received.headers.get(credential.renewed?)?.to_str().ok()?;
    let token = token.strip_prefix("Bearer ").unwrap_or(token);
    (!token.is_empty()).then(|| token.to_owned())
}

/// What a server hands out in a header is a secret wherever the headers are shown.
fn hush(passes: &AttemptTokens, headers: &mut HeaderMap) {
    for (_, value) in headers.iter_mut().filter(|(name, _)| *name == SET_COOKIE) {
        value.set_sensitive(true);
    }
    for pushed in carried(passes).filter_map(|(_, credential)| credential.renewed) {
        for (_, value) in headers.iter_mut().filter(|(name, _)| *name == pushed) {
            value.set_sensitive(true);
        }
    }
}

/// Whether a response says that the server took the token: its value, or the refusal of an API that has
/// looked at the call. What a gateway says that did not reach the API, or turned the call away before it,
/// says nothing about the token.
fn speaks_for_the_token(step: &Step) -> bool {
    match step {
        Step::Taken(_) => true,
        Step::Refused(error, _) => match error.kind() {
            ErrorKind::Api => true,
            ErrorKind::Status => error.status().is_some_and(|status| {
                status.is_client_error() && !matches!(status.as_u16(), 401 | 407 | 408 | 425 | 429)
            }),
            _ => false,
        },
        Step::Expired(..) | Step::Lost(..) | Step::Given(..) | Step::Unsent(_) => false,
    }
}

/// A server that quotes the token in its message must not get it into a log.
fn hide(error: Error, passes: &AttemptTokens) -> Error {
    passes.iter().fold(error, |error, pass| {
        let token = pass.token.strip_prefix(b"Bearer ").unwrap_or(&pass.token);
        match std::str::from_utf8(token) {
            Ok(token) => error.hiding(token),
            Err(_) => error,
        }
    })
}

/// A rule that looks beyond status and code may call a response expired that is good otherwise.
fn early(parts: &Parts, passes: &AttemptTokens, received: &Received) -> Option<Step> {
    let beyond = carried(passes)
        .any(|(_, each)| rules::looks_beyond_code(each, received.status, &received.headers));
    if !beyond {
        return None;
    }
    let code = scan(parts.endpoint, received);
    session_step(parts, passes, received, code.as_ref())
}

fn land(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &mut Received,
    sink: &mut dyn Sink,
) -> Step {
    let endpoint = parts.endpoint;
    let code = match sink.land(endpoint, received) {
        Decoded::Taken => return Step::Taken(None),
        Decoded::Broken(error) => return Step::Refused(answered(error, parts, received), None),
        Decoded::Refused(code) => code.map(Code::into_owned),
    };
    session_step(parts, passes, received, code.as_ref())
        .unwrap_or_else(|| Step::Refused(not_good(parts, received, code), None))
}

/// The error of a response whose status is good and whose code is not.
fn not_good(parts: &Parts, received: &Received, code: Option<Code<'static>>) -> Error {
    let is_missing = code.is_none();
    let error = refusal(ErrorKind::Api, parts, received, code);
    match parts.endpoint.envelope {
        Some(envelope) if is_missing && error.message().is_none() => error.with_message(format!(
            "there is no code at `{}`, and `ok` does not list `absent`",
            envelope.code.join(".")
        )),
        _ => error,
    }
}

fn refused(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &Received,
    sink: &mut dyn Sink,
) -> Step {
    let code = scan(parts.endpoint, received).map(Code::into_owned);
    if let Some(step) = session_step(parts, passes, received, code.as_ref()) {
        return step;
    }
    if sink.lands_without(received.status, &received.headers) {
        return Step::Taken(None);
    }
    let kind = if code.is_some() { ErrorKind::Api } else { ErrorKind::Status };
    Step::Refused(refusal(kind, parts, received, code), None)
}

/// What the response means for one of the tokens that the attempt carried, if it does. The code of an
/// response belongs to one credential, and finds it here. Where it may mean several, the one that this call
/// has not been repeated for is meant: it was told apart by the repeat.
fn session_step(
    parts: &Parts,
    passes: &AttemptTokens,
    received: &Received,
    code: Option<&Code<'_>>,
) -> Option<Step> {
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
            Step::Expired(slot, refusal(ErrorKind::Expired, parts, received, code), None)
        }
        Means::Logout => Step::Lost(slot, refusal(ErrorKind::SessionLost, parts, received, code)),
    })
}

/// The credentials whose tokens the attempt carried. A response to a call without a token says nothing
/// about one.
fn carried(passes: &AttemptTokens) -> impl Iterator<Item = (usize, &'static Credential)> {
    passes.iter().map(|pass| (usize::from(pass.slot), pass.credential))
}

fn accepted(parts: &Parts, passes: &AttemptTokens) {
    for pass in passes.iter() {
        parts
            .client
            .session()
            .slot(pass.slot.into())
            .accepted(pass.ticket, endpoint_id(parts.endpoint));
    }
}

/// The token that a server has pushed in the headers of a response.
fn pushed(passes: &AttemptTokens, received: &Received) -> Option<(usize, String)> {
    carried(passes).find_map(|(slot, credential)| Some((slot, pushed_for(credential, received)?)))
}

fn scan<'a>(endpoint: &Endpoint, received: &'a Received) -> Option<Code<'a>> {
    let envelope = endpoint.envelope?;
    if !rules::is_json(&received.headers, &received.body) {
        return None;
    }
    envelope::scan(envelope.code, &received.body)
}

/// The error of a response that says failure.
pub(crate) fn refusal(
    kind: ErrorKind,
    parts: &Parts,
    received: &Received,
    code: Option<Code<'static>>,
) -> Error {
    let message =
        parts.endpoint.envelope.and_then(|envelope| envelope::message(envelope, &received.body));
    let error = Error::new(kind).with_code(code);
    let error = match message {
        Some(message) => error.with_message(Cow::Owned(message)),
        None => error,
    };
    answered(error, parts, received)
}

fn answered(error: Error, parts: &Parts, received: &Received) -> Error {
    let clock = &*parts.client.session().policy().clock;
    error
        .with_response(received.status, &received.headers, &received.body)
        .with_retry_after(retry_after(&received.headers, clock))
}

/// `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, clock: &dyn Clock) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit()) {
        // A number that is too large to be held is a long time, and not none.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let until = httpdate::parse_http_date(value).ok()?;
    // The server's own clock counts, where it tells it: ours may be wrong by hours.
    let told =
        headers.get(DATE).and_then(|date| httpdate::parse_http_date(date.to_str().ok()?).ok());
    Some(until.duration_since(told.unwrap_or_else(|| clock.wall())).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::time::UNIX_EPOCH;

    use proptest::prelude::*;

    use super::*;
    use crate::ports::clock::SystemClock;

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let date = date.map(|date| (DATE, date.parse().unwrap()));
        [(RETRY_AFTER, retry_after.parse().unwrap())].into_iter().chain(date).collect()
    }

    proptest! {
        #[test]
        fn a_retry_after_is_seconds_or_the_distance_of_two_dates(
            now in 0..200_000_000_000_u64,
            seconds in 0..50_000_000_000_u64,
        ) {
            let clock = SystemClock::default();
            let expected = Some(Duration::from_secs(seconds));
            prop_assert_eq!(retry_after(&headers(&seconds.to_string(), None), &clock), expected);
            let date = |at| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(at));
            let (now, until) = (date(now), date(now + seconds));
            prop_assert_eq!(retry_after(&headers(&until, Some(&now)), &clock), expected);
            let past = headers(&now, Some(&until));
            prop_assert_eq!(retry_after(&past, &clock), Some(Duration::ZERO));
        }

        #[test]
        fn any_other_retry_after_is_no_pause(value in "[ -~]{0,30}") {
            let is_seconds = !value.trim().is_empty() && value.trim().bytes().all(|byte| byte.is_ascii_digit());
            let is_date = httpdate::parse_http_date(value.trim()).is_ok();
            let pause = retry_after(&headers(&value, None), &SystemClock::default());
            prop_assert_eq!(pause.is_some(), is_seconds || is_date);
        }
    }
}
