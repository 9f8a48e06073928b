//! Whether a failed attempt is retried, and when.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use super::backoff::Backoff;
use super::json;
use super::rules;
use crate::types::code::Code;
use crate::types::endpoint::{Retry, RetryAfter, WaitPlace, WaitUnit};
use crate::types::parse;
use crate::types::response::RawResponse;

/// No call waits longer than this between two attempts. If a server asks for more, the call fails at once and its
/// error has the requested time, so that the caller can decide.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// A point in time with more seconds than this, in the year 5138, is in milliseconds.
const LATEST_POINT: Duration = Duration::from_secs(100_000_000_000);

/// How an attempt failed, as far as retries depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection could not be established, or broke.
    Connection,
    /// The attempt timed out.
    Timeout,
    /// The server responded with this status, and may have said how long to wait.
    Status(u16, Option<Duration>),
    /// A rule of `on(..)` matches the response.
    Rule,
}

/// Whether the failure is retried. `is_idempotent` says that the call may be sent twice without harm.
pub(crate) fn is_worth(retry: &Retry, failure: Failure, is_idempotent: bool) -> bool {
    match failure {
        Failure::Connection => is_idempotent && retry.connect,
        Failure::Timeout => is_idempotent && retry.timeout,
        // A server that says when to come back has not processed the call.
        Failure::Status(429 | 503, Some(_)) => true,
        Failure::Rule => is_idempotent,
        Failure::Status(status, _) => is_idempotent && retry.statuses.contains(&status),
    }
}

/// Whether a rule of `on(..)` demands a retry. `is_idempotent` as above.
pub(crate) fn is_asked_for(
    retry: &Retry,
    response: &RawResponse<'_>,
    code: Option<&Code<'_>>,
) -> bool {
    !retry.rules.is_empty() && rules::any_matches(retry.rules, response, code)
}

/// Whether a response with a success status is retried nevertheless: because of a listed 202, or because of a rule
/// with a condition other than the code, which the envelope judges.
pub(crate) fn is_not_ready(retry: &Retry, response: &RawResponse<'_>) -> bool {
    let is_listed = retry.statuses.contains(&response.status.as_u16());
    let mut beyond_code = retry.rules.iter().filter(|rule| rule.codes.is_empty());
    is_listed
        || beyond_code.any(|rule| rules::any_matches(std::slice::from_ref(rule), response, None))
}

/// The wait that a response states in the declared place.
pub(crate) fn declared(
    after: &RetryAfter,
    headers: &HeaderMap,
    body: &[u8],
    now: impl FnOnce() -> SystemTime,
) -> Option<Duration> {
    let stated = match after.place {
        WaitPlace::Header(name) => seconds(headers.get(name)?.to_str().ok()?.trim())?,
        WaitPlace::Body(path) => seconds(json::scalar_at(path, body)?.trim())?,
    };
    Some(match after.unit {
        WaitUnit::Seconds => stated,
        WaitUnit::Millis => stated / 1000,
        WaitUnit::Epoch => {
            let now = server_time(headers).unwrap_or_else(now);
            let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let point = if stated < LATEST_POINT { stated } else { stated / 1000 };
            point.saturating_sub(now)
        }
    })
}

/// If the server states its own time, that is used: our clock may be wrong by hours.
fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    parse::http_date(headers.get(DATE)?.to_str().ok()?)
}

/// How long to wait before the next attempt; `None` if there is none. `before` counts the retries so far.
pub(crate) fn pause(
    retry: &Retry,
    before: u32,
    stated: Option<Duration>,
    jitter: f64,
) -> Option<Duration> {
    let stated = stated.unwrap_or_default();
    if before >= retry.limit || stated > LONGEST_RETRY_AFTER {
        return None;
    }
    Some(Backoff::new(retry.shortest, retry.longest).pause(before, jitter).max(stated))
}

/// `Retry-After` in seconds, which may be a fraction, or as a date (RFC 9110, section 10.2.3). `now` is called only
/// if a date is compared and the server does not state its own time.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    now: impl FnOnce() -> SystemTime,
) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(wait) = seconds(value) {
        return Some(wait);
    }
    let until = parse::http_date(value)?;
    let from = server_time(headers).unwrap_or_else(now);
    Some(until.duration_since(from).unwrap_or_default())
}

/// A number of seconds as servers write it: `30`, `0.4`.
pub(crate) fn seconds(text: &str) -> Option<Duration> {
    let is_number = text.starts_with(|first: char| first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if !is_number {
        return None;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.contains('.') {
        return None;
    }
    // A number that is too large to be represented is a long time, not a missing one.
    let whole = whole.parse().unwrap_or(u64::MAX);
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'));
    Some(Duration::new(whole, nanos))
}

#[cfg(test)]
mod tests;
