//! Whether a failed attempt is worth another one, and when.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

use super::backoff::Backoff;
use super::page;
use super::rules;
use crate::types::code::Code;
use crate::types::endpoint::{Retry, RetryAfter, WaitPlace, WaitUnit};
use crate::types::response::RawResponse;

/// No call waits for longer than this between two attempts. If a server asks for more, the call fails at once with
/// the time that it asked for, and its caller decides.
pub(crate) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How an attempt failed, as far as a retry depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The connection could not be made, or broke off.
    Connection,
    /// The attempt took too long.
    Timeout,
    /// The server responded with this status, and may have said how long to wait.
    Status(u16, Option<Duration>),
    /// A rule of `on(..)` names the response.
    Rule,
}

/// Whether a retry is worth it. `is_idempotent` says that the call may be sent twice without harm.
pub(crate) fn is_worth(retry: &Retry, failure: Failure, is_idempotent: bool) -> bool {
    match failure {
        Failure::Connection => is_idempotent && retry.connect,
        Failure::Timeout => is_idempotent && retry.timeout,
        // A server that says when to come back has not run the call.
        Failure::Status(429 | 503, Some(_)) => true,
        Failure::Rule => is_idempotent,
        Failure::Status(status, _) => is_idempotent && retry.statuses.contains(&status),
    }
}

/// Whether a rule of `on(..)` asks for a retry. `is_idempotent` as above.
pub(crate) fn is_asked_for(
    retry: &Retry,
    response: &RawResponse<'_>,
    code: Option<&Code<'_>>,
) -> bool {
    !retry.rules.is_empty() && rules::any_matches(retry.rules, response, code)
}

/// Whether a response with a success status is retried nevertheless: a listed 202, or a rule with a condition other
/// than the code, which the envelope judges.
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
        WaitPlace::Body(path) => seconds(page::scalar_at(path, body)?.trim())?,
    };
    Some(match after.unit {
        WaitUnit::Seconds => stated,
        WaitUnit::Millis => stated / 1000,
        WaitUnit::Epoch => {
            let now = server_time(headers).unwrap_or_else(now);
            let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            stated.saturating_sub(now)
        }
    })
}

/// The server's own clock counts where it shows it: ours may be wrong by hours.
fn server_time(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
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

/// `Retry-After` in seconds, which may be a fraction, or as a date (RFC 9110, section 10.2.3). `now` is asked
/// only where a date is compared and the server does not say what its own clock shows.
pub(crate) fn retry_after(
    headers: &HeaderMap,
    now: impl FnOnce() -> SystemTime,
) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Some(wait) = seconds(value) {
        return Some(wait);
    }
    let until = httpdate::parse_http_date(value).ok()?;
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
    // A number that is too large to be held is a long time, and not none.
    let whole = whole.parse().unwrap_or(u64::MAX);
    let nanos = fraction.bytes().chain(std::iter::repeat(b'0')).take(9);
    let nanos = nanos.fold(0, |nanos, digit| nanos * 10 + u32::from(digit - b'0'));
    Some(Duration::new(whole, nanos))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::StatusCode;
    use proptest::prelude::*;

    use super::*;
    use crate::types::auth::Rule;
    use crate::types::envelope::Scalar;

    const RETRY: Retry = Retry::new(2);

    #[test]
    fn what_is_not_idempotent_is_retried_only_where_the_server_says_when() {
        let wait = Some(Duration::from_secs(1));
        for (failure, idempotent, expected) in [
            (Failure::Connection, true, true),
            (Failure::Connection, false, false),
            (Failure::Timeout, true, false),
            (Failure::Status(503, None), true, true),
            (Failure::Status(503, None), false, false),
            (Failure::Status(503, wait), false, true),
            (Failure::Status(429, wait), false, true),
            (Failure::Status(429, wait), true, true),
            (Failure::Status(429, None), true, false),
            (Failure::Status(500, wait), false, false),
            (Failure::Status(404, wait), true, false),
        ] {
            assert_eq!(is_worth(&RETRY, failure, idempotent), expected, "{failure:?} {idempotent}");
        }
    }

    #[test]
    fn a_pause_is_never_shorter_than_the_server_asked_for_and_never_endless() {
        let secs = Duration::from_secs;
        assert_eq!(pause(&RETRY, 0, Some(secs(7)), 0.0), Some(secs(7)));
        assert_eq!(pause(&RETRY, 0, Some(secs(61)), 0.0), None);
        assert_eq!(pause(&RETRY, 2, None, 0.0), None);
        assert!(pause(&RETRY, 1, None, 0.5).unwrap() >= RETRY.shortest);
    }

    #[test]
    fn retry_after_is_read_as_servers_write_it() {
        let epoch = SystemTime::UNIX_EPOCH;
        let of = |pairs: &[(http::HeaderName, &str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
            retry_after(&headers.collect(), || epoch + Duration::from_secs(784_111_777))
        };
        for (value, expected) in [
            ("30", Some(Duration::from_secs(30))),
            ("0.4", Some(Duration::from_millis(400))),
            ("1.0000000019", Some(Duration::new(1, 1))),
            ("99999999999999999999", Some(Duration::from_secs(u64::MAX))),
            ("Sun, 06 Nov 1994 08:49:47 GMT", Some(Duration::from_secs(10))),
            ("Sun, 06 Nov 1994 08:49:07 GMT", Some(Duration::ZERO)),
            ("", None),
            ("-1", None),
            ("1.2.3", None),
            (".5", None),
            ("soon", None),
        ] {
            assert_eq!(of(&[(RETRY_AFTER, value)]), expected, "{value}");
        }
        let own = [
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:47 GMT"),
            (DATE, "Sun, 06 Nov 1994 08:49:46 GMT"),
        ];
        assert_eq!(of(&own), Some(Duration::from_secs(1)));
    }

    /// A 409 is retried with the code 7 or with a body that says so, a 202 always.
    const BY_RULE: Retry = RETRY.on(&[202], true, true).rules(&[
        Rule::NEW.statuses(&[409]).codes(&[Scalar::Int(7)]),
        Rule::NEW.statuses(&[409]).body(&[(&["busy"], Scalar::Bool(true))]),
    ]);

    #[test]
    fn a_failure_that_may_be_retried_is_so_only_where_the_call_may_be_sent_twice() {
        for failure in
            [Failure::Connection, Failure::Timeout, Failure::Rule, Failure::Status(202, None)]
        {
            assert!(is_worth(&BY_RULE, failure, true), "{failure:?}");
            assert!(!is_worth(&BY_RULE, failure, false), "{failure:?}");
        }
    }

    #[test]
    fn a_rule_asks_for_a_retry_and_a_good_status_is_doubted_without_its_code() {
        let none = HeaderMap::new();
        let (busy, idle): (&[u8], &[u8]) = (br#"{"busy":true}"#, b"{}");
        for (status, body, code, asked, not_ready) in [
            (409, idle, Some(7), true, false),
            (409, idle, Some(8), false, false),
            (409, idle, None, false, false),
            (409, busy, None, true, true),
            (200, busy, Some(7), false, false),
            (202, idle, None, false, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let response = RawResponse::new(status, &none, body);
            let code = code.map(Code::Int);
            let said = (
                is_asked_for(&BY_RULE, &response, code.as_ref()),
                is_not_ready(&BY_RULE, &response),
            );
            assert_eq!(said, (asked, not_ready), "{status} {code:?}");
            assert!(!is_asked_for(&RETRY, &response, code.as_ref()), "{status} {code:?}");
        }
    }

    #[test]
    fn a_declared_wait_is_read_from_its_place_in_its_unit() {
        let place = WaitPlace::Header("x-wait");
        let read = |place, unit, pairs: &[(&'static str, &'static str)], body: &str| {
            let headers = pairs.iter().map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            });
            let now = || SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
            declared(&RetryAfter::new(place, unit), &headers.collect(), body.as_bytes(), now)
        };
        let date = ("date", "Sun, 06 Nov 1994 08:49:46 GMT");
        for (unit, value, expected) in [
            (WaitUnit::Seconds, " 1.5 ", Some(Duration::from_millis(1500))),
            (WaitUnit::Millis, "1500", Some(Duration::from_millis(1500))),
            (WaitUnit::Epoch, "784111790", Some(Duration::from_secs(13))),
            (WaitUnit::Epoch, "784111770", Some(Duration::ZERO)),
            (WaitUnit::Seconds, "soon", None),
        ] {
            assert_eq!(read(place, unit, &[("x-wait", value)], ""), expected, "{value}");
        }
        let own = read(place, WaitUnit::Epoch, &[("x-wait", "784111790"), date], "");
        assert_eq!(own, Some(Duration::from_secs(4)));
        assert_eq!(read(place, WaitUnit::Seconds, &[], r#"{"wait":7}"#), None);
        let body = WaitPlace::Body(&["error", "wait"]);
        for (text, expected) in [
            (r#"{"error":{"wait":7}}"#, Some(Duration::from_secs(7))),
            (r#"{"error":{"wait":" 7 "}}"#, Some(Duration::from_secs(7))),
            (r#"{"error":{"wait":true}}"#, None),
            (r#"{"error":{}}"#, None),
        ] {
            assert_eq!(read(body, WaitUnit::Seconds, &[], text), expected, "{text}");
        }
    }

    #[test]
    fn the_last_retry_and_the_longest_wait_are_still_granted() {
        let stated = Some(LONGEST_RETRY_AFTER);
        assert_eq!(pause(&RETRY, 1, stated, 0.5), stated);
        assert_eq!(pause(&RETRY, 2, stated, 0.5), None);
        assert_eq!(pause(&RETRY, 3, None, 0.5), None);
    }

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
            let expected = Some(Duration::from_secs(seconds));
            let read = |headers: &HeaderMap| retry_after(headers, SystemTime::now);
            prop_assert_eq!(read(&headers(&seconds.to_string(), None)), expected);
            let date = |at| httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(at));
            let (now, until) = (date(now), date(now + seconds));
            prop_assert_eq!(read(&headers(&until, Some(&now))), expected);
            prop_assert_eq!(read(&headers(&now, Some(&until))), Some(Duration::ZERO));
        }

        #[test]
        fn any_other_retry_after_is_no_pause(value in "[ -~]{0,30}") {
            let value = value.trim();
            let is_date = httpdate::parse_http_date(value).is_ok();
            let pause = retry_after(&headers(value, None), SystemTime::now);
            let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
            let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
            let is_seconds = !whole.is_empty() && is_digits(whole) && is_digits(fraction);
            prop_assert_eq!(pause.is_some(), is_seconds || is_date);
        }
    }
}
