#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use super::*;

fn decode(json: &str) -> serde_json::Result<Tokens> {
    serde_json::from_str(json)
}

fn seconds(seconds: u64) -> Option<Expiry> {
    Some(Expiry::In(Duration::from_secs(seconds)))
}

fn at(seconds: u64) -> Option<Expiry> {
    Some(Expiry::At(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)))
}

#[test]
fn values_come_out_as_they_were_put_in() {
    let tokens = Tokens::new("abc").with_refresh("def").expires_in(Duration::from_millis(1500));
    assert_eq!(tokens.access(), "abc");
    assert_eq!(tokens.refresh(), Some("def"));
    assert_eq!(tokens.expiry(), Some(Expiry::In(Duration::from_millis(1500))));
    assert_eq!(tokens.authorization(), "Bearer abc");
    assert_eq!(tokens.raw(), "abc");
    assert_eq!(tokens, tokens.clone());
    assert_ne!(tokens, Tokens::new("abc"));
    assert_eq!(Tokens::new("abc").with_refresh("").refresh(), None);
}

#[test]
fn every_point_in_time_survives_to_the_nanosecond() {
    let epoch = SystemTime::UNIX_EPOCH;
    for end in [
        epoch,
        epoch + Duration::new(1_700_000_000, 123_456_789),
        epoch - Duration::new(5, 1),
        epoch - Duration::from_secs(5),
        epoch - Duration::from_nanos(1),
    ] {
        assert_eq!(Tokens::new("a").expires_at(end).expiry(), Some(Expiry::At(end)));
    }
    assert_eq!(
        Tokens::new("a").expires_in(Duration::MAX).expiry(),
        Some(Expiry::In(Duration::MAX))
    );
}

#[test]
fn both_headers_share_the_one_buffer() {
    let tokens = Tokens::new("abc");
    assert_eq!(tokens.authorization().as_ptr(), tokens.authorization().as_ptr());
    assert_eq!(tokens.raw().as_ptr(), tokens.authorization()[BEARER.len()..].as_ptr());
    let value = http::HeaderValue::from_maybe_shared(tokens.authorization()).unwrap();
    assert_eq!(value.as_bytes().as_ptr(), tokens.authorization().as_ptr());
}

#[test]
fn a_token_with_its_scheme_already_is_sent_with_it_once() {
    assert_eq!(Tokens::new("Bearer abc").authorization(), "Bearer abc");
    assert_eq!(Tokens::new("bearer abc").with_refresh("def").authorization(), "bearer abc");
    for token in ["Bearer", "bearerabc", "Basic abc", "é abc", ""] {
        assert_eq!(Tokens::new(token).authorization(), format!("Bearer {token}"));
    }
}

#[test]
fn tokens_take_no_more_room_than_they_need() {
    assert!(size_of::<Tokens>() <= 48, "{}", size_of::<Tokens>());
}

#[test]
fn debug_shows_no_token() {
    let shown = format!("{:?}", Tokens::new("secret-a").with_refresh("secret-r"));
    assert_eq!(shown, "Tokens { access: ***, refresh: Some(***), expiry: None }");
}

#[test]
fn a_token_that_no_header_can_carry_is_not_usable() {
    for (access, usable) in
        [("abc", true), ("a b", true), ("", false), ("  ", false), ("a\nb", false), ("a\0", false)]
    {
        assert_eq!(Tokens::new(access).is_usable(), usable, "{access:?}");
    }
}

#[test]
fn the_text_for_a_missing_value_is_no_token() {
    for text in ["null", "undefined", "None", "NaN", "false", "\"\""] {
        assert!(!Tokens::new(text).is_usable(), "{text}");
        assert_eq!(Tokens::new("a").with_refresh(text).refresh(), None, "{text}");
    }
    assert!(Tokens::new("nullable").with_refresh("falsetto").refresh().is_some());
}

#[test]
fn the_spellings_of_real_servers_are_understood() {
    let cases: &[(&str, Option<&str>, Option<Expiry>)] = &[
        (r#""a""#, None, None),
        (r#"{"access_token":"a","token_type":"Bearer","expires_in":3600}"#, None, seconds(3600)),
        (
            r#"{"access_token":"a","refresh_token":"r","expires_in":"7200"}"#,
            Some("r"),
            seconds(7200),
        ),
        (r#"{"token":"a","tokenExprieIn":7200}"#, None, seconds(7200)),
        (r#"{"token":"a","tokenExpireIn":7200}"#, None, seconds(7200)),
        (r#"{"token":"a","expireIn":60}"#, None, seconds(60)),
        (r#"{"token":"a","refreshToken":"r"}"#, Some("r"), None),
        (r#"{"jwt":"a","expiresIn":60.5}"#, None, Some(Expiry::In(Duration::from_millis(60_500)))),
        (r#"{"token":"a","expire":6000,"code":0}"#, None, seconds(6000)),
        (r#"{"access_token":"a","expires_in_ms":900000}"#, None, seconds(900)),
        (r#"{"access_token":"a","expiresInMs":900000}"#, None, seconds(900)),
        (r#"{"access_token":"a","refresh_token":"r","expires":900000}"#, Some("r"), seconds(900)),
        (r#"{"access_token":"a","expires":240000}"#, None, seconds(240)),
        (r#"{"access_token":"a","expires":2592000000}"#, None, seconds(2_592_000)),
        (r#"{"access_token":"a","expires":1900000000000}"#, None, at(1_900_000_000)),
        (
            r#"{"accessToken":"a","refreshToken":"r","expiresTime":1900000000000}"#,
            Some("r"),
            at(1_900_000_000),
        ),
        (r#"{"access_token":"a","expires_at":1900000000}"#, None, at(1_900_000_000)),
        (r#"{"access_token":"a","expiresAt":"1900000000"}"#, None, at(1_900_000_000)),
        (r#"{"access_token":"a","exp":1900000000}"#, None, at(1_900_000_000)),
        (r#"{"access_token":"a","expires_in":1900000000}"#, None, at(1_900_000_000)),
        (r#"{"access_token":"a","expires_at":1900000000,"expires_in":60}"#, None, seconds(60)),
        (r#"{"access_token":"a","expires_in":60,"expires_at":1900000000}"#, None, seconds(60)),
        (r#"{"token":"x","access_token":"a","jwt":"y"}"#, None, None),
        (r#"{"jwt":7,"token":[1],"access_token":"a","more":{"token":"x"}}"#, None, None),
        (r#"{"token":null,"jwt":"a","refresh_token":null,"expires_in":null}"#, None, None),
        (r#"{"token":"a","refresh_token":""}"#, None, None),
        (r#"{"token":"a","refresh_token":false}"#, None, None),
        (r#"{"token":"a","refresh_token":{}}"#, None, None),
        (r#"{"token":"a","refresh_token":[]}"#, None, None),
        (r#"{"token":"a","refresh_token":1.5,"refreshToken":"r"}"#, Some("r"), None),
        (
            r#"{"token":"a","refresh_token":18446744073709551615}"#,
            Some("18446744073709551615"),
            None,
        ),
    ];
    for (json, refresh, expiry) in cases {
        let tokens = decode(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(tokens.access(), "a", "{json}");
        assert_eq!(tokens.refresh(), *refresh, "{json}");
        assert_eq!(tokens.expiry(), *expiry, "{json}");
        assert!(!tokens.expiry_unreadable(), "{json}");
    }
}

#[test]
fn a_lifetime_that_cannot_be_read_is_unknown_and_costs_no_token() {
    for value in [
        "0",
        "-1",
        "-0.0",
        "1e300",
        "-1e300",
        "18446744073709551615",
        "\"\"",
        "\"soon\"",
        "\"NaN\"",
        "\"inf\"",
        "\"2030/10/30 23:59:59\"",
        "\"2030-10-30T23:59:59\"",
        "[60]",
        "{\"in\":60}",
        "true",
        "\"99999999999999999999999999999999999999\"",
    ] {
        for name in ["expires_in", "expires_in_ms", "expires_at", "expires", "exp"] {
            let json = format!(r#"{{"access_token":"a","{name}":{value}}}"#);
            let tokens = decode(&json).unwrap_or_else(|error| panic!("{json}: {error}"));
            assert_eq!(tokens.expiry(), None, "{json}");
            assert!(tokens.expiry_unreadable(), "{json}");
            assert_eq!(tokens, Tokens::new("a"), "{json}");
        }
    }
}

#[test]
fn an_unreadable_lifetime_beside_a_readable_one_is_ignored() {
    let tokens = decode(r#"{"token":"a","expires":"2030/10/30","expires_in":60}"#).unwrap();
    assert_eq!(tokens.expiry(), seconds(60));
    assert!(!tokens.expiry_unreadable());
}

#[test]
fn a_response_without_an_access_token_is_an_error_that_shows_no_value() {
    for json in [
        r"{}",
        r"null",
        r"[]",
        r#"["hunter2"]"#,
        r"true",
        r"31337",
        r"-31337",
        r"313.37",
        r#""""#,
        r#"{"refresh_token":"hunter2"}"#,
        r#"{"access_token":""}"#,
        r#"{"access_token":31337}"#,
        r#"{"access_token":null}"#,
        r#"{"token":{"value":"hunter2"}}"#,
        r#"{"access_token":31337,"token":"hunter2"}"#,
        r#"{"id_token":"hunter2"}"#,
        r#"{"access_token":"a","refresh_token":313.37}"#,
        r#"{"access_token":"a","refresh_token":-31337}"#,
        r#"{"access_token":"a","refresh_token":true}"#,
        r#"{"access_token":"a","refreshToken":{"value":"hunter2"}}"#,
    ] {
        let error = decode(json).unwrap_err().to_string();
        assert!(
            error.contains("access token") || error.contains("is not a string"),
            "{json}: {error}"
        );
        for secret in ["hunter2", "31337", "313.37"] {
            assert!(!error.contains(secret), "{json}: {error}");
        }
    }
}

#[test]
fn strings_and_tokens_become_tokens() {
    assert_eq!(String::from("a").into_tokens(), Tokens::new("a"));
    assert_eq!(Tokens::new("a").with_refresh("r").into_tokens().refresh(), Some("r"));
}

#[test]
fn extra_values_come_out_beside_the_refresh_token() {
    let tokens = Tokens::new("a").with_extra("host", "eu5").with_refresh("r").with_extra("t", "");
    assert_eq!(tokens.refresh(), Some("r"));
    assert_eq!(
        (tokens.extra("host"), tokens.extra("t"), tokens.extra("x")),
        (Some("eu5"), Some(""), None)
    );
    assert_eq!(tokens.extras().collect::<Vec<_>>(), [("host", "eu5"), ("t", "")]);
    let other = tokens.clone().with_extra("host", "us1:ü\0");
    assert_eq!(other.extra("host"), Some("us1:ü\0"));
    assert_eq!(other.extras().count(), 2);
    assert_ne!(tokens, other);
    let without = other.with_refresh("");
    assert_eq!((without.refresh(), without.extra("t")), (None, Some("")));
    for odd in ["\0", "\u{0}3:abc", ":", "7", "ü"] {
        assert_eq!(Tokens::new("a").with_refresh(odd).refresh(), Some(odd), "{odd:?}");
        assert_eq!(Tokens::new("a").with_refresh(odd).extras().count(), 0, "{odd:?}");
    }
}

#[test]
fn a_renewed_token_keeps_the_extra_values_unless_it_comes_with_new_ones() {
    let old =
        Tokens::new("a").with_refresh("r").with_extra("host", "eu5").with_extra("tenant", "7");
    let new = Tokens::new("b").with_extra("host", "us1").completed_by(&old);
    assert_eq!((new.access(), new.refresh()), ("b", Some("r")));
    assert_eq!((new.extra("host"), new.extra("tenant")), (Some("us1"), Some("7")));
    assert_eq!(Tokens::new("b").completed_by(&Tokens::new("a")), Tokens::new("b"));
}

#[test]
fn debug_shows_no_extra_value() {
    let shown = format!("{:?}", Tokens::new("secret-a").with_extra("cookie", "secret-x"));
    assert!(!shown.contains("secret"), "{shown}");
}
