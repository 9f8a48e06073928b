#![allow(clippy::unwrap_used)]

use http::StatusCode;
use proptest::prelude::*;

use super::*;
use crate::types::auth::Rule;
use crate::types::envelope::Scalar;

const RETRY: Retry = Retry::new(2);

#[test]
fn a_call_that_is_not_idempotent_is_retried_only_where_the_server_says_when() {
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
fn a_pause_is_never_shorter_than_the_server_requested_and_never_endless() {
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
    let own =
        [(RETRY_AFTER, "Sun, 06 Nov 1994 08:49:47 GMT"), (DATE, "Sun, 06 Nov 1994 08:49:46 GMT")];
    assert_eq!(of(&own), Some(Duration::from_secs(1)));
}

/// A 409 is retried with the code 7 or if the body says so, a 202 always.
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
fn a_rule_may_demand_a_retry_even_for_a_success_status() {
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
        let said =
            (is_asked_for(&BY_RULE, &response, code.as_ref()), is_not_ready(&BY_RULE, &response));
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
        (WaitUnit::Epoch, "784111790000", Some(Duration::from_secs(13))),
        (WaitUnit::Epoch, "784111790500.5", Some(Duration::new(13, 500_500_000))),
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
