//! The meaning of a response under different declarations.

#![allow(clippy::unwrap_used)]

mod media_types;

use http::header::{HeaderName, WWW_AUTHENTICATE};

use super::*;
use crate::types::auth::Placement;
use crate::types::endpoint::Retry;
use crate::types::envelope::{Envelope, Scalar};

const BEARER: Credential = Credential::new("", Placement::Bearer);

fn headers(all: &[(HeaderName, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in all {
        headers.append(name, HeaderValue::from_static(value));
    }
    headers
}

/// The meaning of a response, judged as the session does: the code is in `code`.
fn judge(
    credentials: &[Credential],
    status: u16,
    headers: &HeaderMap,
    body: &str,
) -> Option<(usize, Means)> {
    let status = StatusCode::from_u16(status).unwrap();
    let response = RawResponse { status, headers, body: body.as_bytes() };
    let code = envelope::scan(&["code"], response.body);
    let judged = verdict(|| credentials.iter().enumerate(), &response, code.as_ref());
    // Must not panic if a rule matches although there is no code.
    if !credentials.iter().any(|each| looks_beyond_code(each, status, headers)) {
        assert_eq!(verdict(|| credentials.iter().enumerate(), &response, None), None);
    }
    judged
}

const EXPIRED: Option<(usize, Means)> = Some((0, Means::Expired));
const LOGOUT: Option<(usize, Means)> = Some((0, Means::Logout));

#[test]
fn codes_and_statuses_stand_side_by_side() {
    const CREDENTIAL: Credential = BEARER
        .expired(&[
            Rule::NEW.codes(&[Scalar::Int(1234), Scalar::Text("TOKEN_EXPIRED")]),
            Rule::NEW.statuses(&[401]),
        ])
        .logout(&[
            Rule::NEW.codes(&[Scalar::Int(50008), Scalar::Int(50012)]),
            Rule::NEW.statuses(&[401, 403]).codes(&[Scalar::Text("INVALID_CREDENTIALS")]),
        ]);
    for (status, body, expected) in [
        (200, r#"{"code":1234}"#, EXPIRED),
        (200, r#"{"code":"1234"}"#, EXPIRED),
        (200, r#"{"code":"TOKEN_EXPIRED"}"#, EXPIRED),
        (500, r#"{"code":1234}"#, EXPIRED),
        (401, "", EXPIRED),
        (401, "<html>", EXPIRED),
        (401, r#"{"code":0}"#, EXPIRED),
        (200, r#"{"code":50012}"#, LOGOUT),
        (401, r#"{"code":50008}"#, LOGOUT),
        (401, r#"{"code":"INVALID_CREDENTIALS"}"#, LOGOUT),
        (403, r#"{"code":"INVALID_CREDENTIALS"}"#, LOGOUT),
        (200, r#"{"code":"INVALID_CREDENTIALS"}"#, None),
        (403, r#"{"code":7}"#, None),
        (403, "", None),
        (200, r#"{"code":0}"#, None),
        (200, "", None),
    ] {
        assert_eq!(judge(&[CREDENTIAL], status, &HeaderMap::new(), body), expected, "{body}");
    }
}

#[test]
fn one_code_may_mean_two_things_that_the_body_tells_apart() {
    const CODE: &[Scalar] = &[Scalar::Text("M_UNKNOWN_TOKEN")];
    const CREDENTIAL: Credential = BEARER
        .expired(&[Rule::NEW
            .statuses(&[401])
            .codes(CODE)
            .body(&[(&["soft_logout"], Scalar::Bool(true))])])
        .logout(&[Rule::NEW
            .codes(CODE)
            .body(&[(&["soft_logout"], Scalar::Bool(false)), (&["n", "1"], Scalar::Int(7))])]);
    for (status, body, expected) in [
        (401, r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":true}"#, EXPIRED),
        (403, r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":true}"#, None),
        (401, r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":"true"}"#, None),
        (401, r#"{"code":"M_UNKNOWN_TOKEN"}"#, None),
        (401, r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":false,"n":[1,7]}"#, LOGOUT),
        (401, r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":false,"n":[7]}"#, None),
        (401, r#"{"code":"M_FORBIDDEN","soft_logout":true}"#, None),
    ] {
        assert_eq!(judge(&[CREDENTIAL], status, &HeaderMap::new(), body), expected, "{body}");
    }
}

#[test]
fn the_more_specific_rule_decides() {
    const CODE: &[Scalar] = &[Scalar::Text("M_UNKNOWN_TOKEN")];
    const SOFT: Rule = Rule::NEW.codes(CODE).body(&[(&["soft_logout"], Scalar::Bool(true))]);
    const GONE: Rule = Rule::NEW.codes(CODE);
    const MATRIX: Credential = BEARER.expired(&[SOFT]).logout(&[GONE]);
    const REVERSED: Credential = BEARER.expired(&[GONE]).logout(&[SOFT]);
    const EQUAL: Credential = BEARER.expired(&[GONE]).logout(&[GONE]);
    let soft = r#"{"code":"M_UNKNOWN_TOKEN","soft_logout":true}"#;
    let gone = r#"{"code":"M_UNKNOWN_TOKEN"}"#;
    for (credential, body, expected) in [
        (MATRIX, soft, EXPIRED),
        (MATRIX, gone, LOGOUT),
        (REVERSED, soft, LOGOUT),
        (REVERSED, gone, EXPIRED),
        (EQUAL, gone, LOGOUT),
    ] {
        assert_eq!(judge(&[credential], 401, &HeaderMap::new(), body), expected, "{body}");
    }
}

#[test]
fn every_value_of_a_repeated_header_is_looked_at() {
    const CREDENTIAL: Credential = BEARER
        .expired(&[Rule::NEW.headers(&[HeaderRule::new(
            "www-authenticate",
            HeaderMatch::Contains("error=\"invalid_token\""),
        )])])
        .logout(&[Rule::NEW.headers(&[
            HeaderRule::new("x-session", HeaderMatch::Equals("gone")),
            HeaderRule::new("x-reason", HeaderMatch::Present),
        ])]);
    let session = HeaderName::from_static("x-session");
    let reason = HeaderName::from_static("x-reason");
    let cases: [(&[_], _); 9] = [
        (&[(WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")], EXPIRED),
        (
            &[
                (WWW_AUTHENTICATE, "Basic realm=\"x\""),
                (WWW_AUTHENTICATE, "bearer ERROR=\"Invalid_Token\", more"),
            ],
            EXPIRED,
        ),
        (&[(WWW_AUTHENTICATE, "Bearer error=\"insufficient_scope\"")], None),
        (&[(WWW_AUTHENTICATE, "")], None),
        (&[(session.clone(), "gone"), (reason.clone(), "")], LOGOUT),
        (&[(session.clone(), "x"), (session.clone(), "gone"), (reason.clone(), "1")], LOGOUT),
        (&[(session.clone(), "Gone"), (reason.clone(), "1")], None),
        (&[(session.clone(), "gone")], None),
        (&[], None),
    ];
    for (all, expected) in cases {
        assert_eq!(judge(&[CREDENTIAL], 200, &headers(all), ""), expected, "{all:?}");
    }
}

#[test]
fn a_code_finds_the_credential_that_it_belongs_to() {
    const USER: Credential = BEARER.expired(&[Rule::NEW.codes(&[Scalar::Int(1234)])]);
    const DEVICE: Credential = Credential::new("device", Placement::Bearer)
        .expired(&[Rule::NEW.codes(&[Scalar::Int(5678)])])
        .logout(&[Rule::NEW.codes(&[Scalar::Int(1234)]).statuses(&[403])]);
    let judge = |status, body| judge(&[USER, DEVICE], status, &HeaderMap::new(), body);
    assert_eq!(judge(200, r#"{"code":1234}"#), Some((0, Means::Expired)));
    assert_eq!(judge(200, r#"{"code":5678}"#), Some((1, Means::Expired)));
    // The more specific rule decides, even against a credential that was declared earlier.
    assert_eq!(judge(403, r#"{"code":1234}"#), Some((1, Means::Logout)));
}

#[test]
fn the_users_own_condition_counts_like_the_others() {
    const CREDENTIAL: Credential = BEARER.expired(&[Rule::NEW
        .statuses(&[200])
        .when(|response| response.body.starts_with(b"please sign in"))]);
    let judge = |status, body| judge(&[CREDENTIAL], status, &HeaderMap::new(), body);
    assert_eq!(judge(200, "please sign in"), EXPIRED);
    assert_eq!(judge(200, "hello"), None);
    assert_eq!(judge(404, "please sign in"), None);
}

#[test]
fn a_rule_that_says_nothing_matches_nothing() {
    const EMPTY: Credential = BEARER.expired(&[Rule::NEW]).logout(&[Rule::NEW]);
    assert_eq!(judge(&[EMPTY], 401, &HeaderMap::new(), r#"{"code":1}"#), None);
}

#[test]
fn a_success_code_is_overruled_only_by_a_rule_about_something_else() {
    const BY_STATUS: Credential = BEARER.expired(&[Rule::NEW.statuses(&[401])]);
    const BY_CODE: Credential = BEARER.logout(&[Rule::NEW.codes(&[Scalar::Int(1)])]);
    const BY_BODY: Credential =
        BEARER.logout(&[Rule::NEW.statuses(&[200]).body(&[(&["over"], Scalar::Bool(true))])]);
    for (credential, status, expected) in [
        (BY_STATUS, 200, false),
        (BY_STATUS, 401, true),
        (BY_CODE, 200, false),
        (BY_BODY, 200, true),
        (BY_BODY, 201, false),
        (BEARER, 401, false),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let doubted = looks_beyond_code(&credential, status, &HeaderMap::new());
        assert_eq!(doubted, expected, "{credential:?}");
    }
}

#[test]
fn json_is_recognized_by_its_media_type() {
    for (media_type, expected) in [
        ("application/json", true),
        ("Application/JSON; charset=utf-8", true),
        ("application/json;charset=UTF-8", true),
        ("text/json", true),
        ("application/problem+json", true),
        ("application/vnd.api+JSON ; v=1", true),
        ("text/html", false),
        ("application/octet-stream", false),
        ("application/jsonl", false),
        ("json", false),
        ("", false),
    ] {
        let headers = headers(&[(CONTENT_TYPE, media_type)]);
        assert_eq!(is_json(&headers, b"{}"), expected, "{media_type}");
        assert_eq!(may_be_json(&headers), expected, "{media_type}");
    }
    let none = HeaderMap::new();
    assert!(may_be_json(&none));
    for (body, expected) in [
        ("{\"code\"", true),
        (" \r\n[1", true),
        ("\u{feff}{}", true),
        ("", false),
        ("<html>", false),
        ("7", false),
        ("\0{", false),
    ] {
        assert_eq!(is_json(&none, body.as_bytes()), expected, "{body:?}");
    }
}

#[test]
fn a_body_that_does_not_begin_like_json_is_not_json_unless_it_says_so() {
    let silent = HeaderMap::new();
    for (begun, cannot) in [
        (&b""[..], false),
        (b" \r\n", false),
        (b"\xef\xbb", false),
        (b"\xef\xbb\xbf ", false),
        (b"\xef\xbb\xbf {", false),
        (b" {\"code\"", false),
        (b"[", false),
        (b"abc", true),
        (b" \x00", true),
        (b"\xefx", true),
        (b"\xef\xbb\xbfabc", true),
    ] {
        assert_eq!(cannot_be_json(&silent, begun), cannot, "{begun:?}");
    }
    let json = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    assert!(!cannot_be_json(&json, b"abc"));
}

#[test]
fn a_body_is_read_for_an_envelope_or_for_a_rule_that_looks_into_it() {
    const ENVELOPE: Envelope = Envelope::new(&["code"]);
    const BY_STATUS: Rule = Rule::NEW.statuses(&[401]);
    const BY_BODY: Rule = Rule::NEW.body(&[(&["over"], Scalar::Bool(true))]);
    const BY_HAND: Rule = Rule::NEW.when(|_| true);
    const PLAIN: Endpoint = Endpoint::new("Shop", "order", "GET", "/order");
    const RETRY: Retry = Retry::new(1);
    const CASES: [(Endpoint, bool); 8] = [
        (PLAIN, false),
        (PLAIN.envelope(&ENVELOPE), true),
        (PLAIN.credentials(&[BEARER.expired(&[BY_STATUS]).logout(&[BY_STATUS])]), false),
        (PLAIN.credentials(&[BEARER.expired(&[BY_BODY])]), true),
        (PLAIN.credentials(&[BEARER.logout(&[BY_HAND])]), true),
        (PLAIN.retry(RETRY.rules(&[BY_STATUS])), false),
        (PLAIN.retry(RETRY.rules(&[BY_STATUS, BY_BODY])), true),
        (PLAIN.retry(RETRY.rules(&[BY_HAND])), true),
    ];
    for (endpoint, expected) in CASES {
        assert_eq!(read_bodies(&endpoint), expected, "{endpoint:?}");
    }
}

#[test]
fn each_kind_of_condition_counts_once_and_each_value_and_header_separately() {
    const HEADER: HeaderRule = HeaderRule::new("x-session", HeaderMatch::Present);
    const CODES: Rule = Rule::NEW.codes(&[Scalar::Int(1), Scalar::Int(2)]);
    const STATUSES: Rule = Rule::NEW.statuses(&[401, 403]);
    const BODY: Rule = Rule::NEW.body(&[(&["a"], Scalar::Int(1)), (&["b"], Scalar::Int(2))]);
    const HEADERS: Rule = Rule::NEW.headers(&[HEADER, HEADER, HEADER]);
    const ALL: Rule = Rule { body: BODY.body, headers: HEADERS.headers, ..CODES }
        .statuses(STATUSES.statuses)
        .when(|_| true);
    for (rule, expected) in [
        (Rule::NEW, 0),
        (CODES, 1),
        (STATUSES, 1),
        (BODY, 2),
        (HEADERS, 3),
        (Rule::NEW.when(|_| true), 1),
        (ALL, 8),
    ] {
        assert_eq!(conditions(&rule), expected, "{rule:?}");
    }
}

#[test]
fn one_credential_and_one_list_of_rules_are_judged_alike() {
    const RULES: [Rule; 2] = [Rule::NEW.statuses(&[401]), Rule::NEW.codes(&[Scalar::Int(7)])];
    const CREDENTIAL: Credential = BEARER.expired(&RULES);
    let none = HeaderMap::new();
    for (status, code, expected) in
        [(401, None, true), (200, Some(7), true), (200, Some(8), false), (200, None, false)]
    {
        let status = StatusCode::from_u16(status).unwrap();
        let response = RawResponse { status, headers: &none, body: b"" };
        let code = code.map(Code::Int);
        assert_eq!(any_matches(&RULES, &response, code.as_ref()), expected, "{status} {code:?}");
        let meaning = means(&CREDENTIAL, &response, code.as_ref());
        assert_eq!(meaning, expected.then_some(Means::Expired), "{status} {code:?}");
    }
}
