//! What an answer means for the session.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::code::Code;
use super::envelope;
use crate::words::answer::Answer;
use crate::words::auth::{Credential, HeaderMatch, HeaderRule, Rule};

/// What an answer says of a token that its attempt carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// It is over: renew it and repeat the call.
    Expired,
    /// The session is over.
    Logout,
}

/// What an answer means for one credential.
pub(crate) fn means(
    credential: &Credential,
    answer: &Answer<'_>,
    code: Option<&Code<'_>>,
) -> Option<Means> {
    verdict(|| std::iter::once(((), credential)), answer, code).map(|((), means)| means)
}

/// What an answer means for one of the credentials that its attempt carried, each with what the
/// caller knows it by.
///
/// Where several rules match, the one that says more decides: `soft_logout: true` beside a code means
/// something else than the code alone. Of two that say as much, the end of a session outweighs the
/// end of a token, whatever the order is.
pub(crate) fn verdict<'c, I, C: Iterator<Item = (I, &'c Credential)>>(
    credentials: impl Fn() -> C,
    answer: &Answer<'_>,
    code: Option<&Code<'_>>,
) -> Option<(I, Means)> {
    let most_said = |rules: &[Rule]| {
        rules.iter().filter(|rule| matches(rule, answer, code)).map(conditions).max()
    };
    let mut found: Option<(usize, I, Means)> = None;
    for means in [Means::Logout, Means::Expired] {
        for (id, credential) in credentials() {
            let rules = match means {
                Means::Logout => credential.logout,
                Means::Expired => credential.expired,
            };
            if let Some(said) = most_said(rules)
                && found.as_ref().is_none_or(|(most, ..)| said > *most)
            {
                found = Some((said, id, means));
            }
        }
    }
    found.map(|(_, id, means)| (id, means))
}

/// Whether an answer matches one of these rules.
pub(crate) fn any_matches(rules: &[Rule], answer: &Answer<'_>, code: Option<&Code<'_>>) -> bool {
    rules.iter().any(|rule| matches(rule, answer, code))
}

/// How much a rule says. Several values of one thing are one condition, since any of them will do.
fn conditions(rule: &Rule) -> usize {
    let Rule { codes, statuses, body, headers, when } = rule;
    usize::from(!codes.is_empty())
        + usize::from(!statuses.is_empty())
        + body.len()
        + headers.len()
        + usize::from(when.is_some())
}

/// Whether an answer with this head may match although its code is a good one.
pub(crate) fn looks_beyond_code(
    credential: &Credential,
    status: StatusCode,
    headers: &HeaderMap,
) -> bool {
    rules(credential).any(|rule| rule.codes.is_empty() && head_matches(rule, status, headers))
}

/// Whether an answer may be JSON, by its headers alone. One that does not say what it is may be.
pub(crate) fn may_be_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(is_json_type)
}

/// Whether an answer is JSON. One that does not say what it is is judged by how it begins, for which
/// a part of the body is enough.
pub(crate) fn is_json(headers: &HeaderMap, body: &[u8]) -> bool {
    headers.get(CONTENT_TYPE).map_or_else(|| looks_like_json(body), is_json_type)
}

fn rules(credential: &Credential) -> impl Iterator<Item = &'static Rule> {
    credential.logout.iter().chain(credential.expired)
}

/// Whether everything in a rule matches. The cheap questions come first.
fn matches(rule: &Rule, answer: &Answer<'_>, code: Option<&Code<'_>>) -> bool {
    let Rule { codes, body, when, .. } = rule;
    head_matches(rule, answer.status, answer.headers)
        && (codes.is_empty()
            || code.is_some_and(|code| codes.iter().any(|declared| code.matches(declared))))
        && body.iter().all(|(path, declared)| {
            envelope::scan(path, answer.body).is_some_and(|value| value.matches(declared))
        })
        && when.is_none_or(|when| when(answer))
}

/// Whether everything matches that a rule says of status and headers. A rule that says nothing at all
/// matches nothing.
fn head_matches(rule: &Rule, status: StatusCode, headers: &HeaderMap) -> bool {
    let Rule { codes, statuses, body, headers: wanted, when } = rule;
    let is_empty = codes.is_empty()
        && statuses.is_empty()
        && body.is_empty()
        && wanted.is_empty()
        && when.is_none();
    !is_empty
        && (statuses.is_empty() || statuses.contains(&status.as_u16()))
        && wanted.iter().all(|wanted| has_header(wanted, headers))
}

/// Whether one of the values of a header says what the rule wants: a header may stand in an answer
/// several times.
fn has_header(rule: &HeaderRule, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(rule.name).iter();
    match rule.value {
        HeaderMatch::Present => values.next().is_some(),
        HeaderMatch::Equals(wanted) => values.any(|value| value.as_bytes() == wanted.as_bytes()),
        HeaderMatch::Contains(wanted) => values.any(|value| contains(value, wanted)),
    }
}

fn contains(value: &HeaderValue, wanted: &str) -> bool {
    let wanted = wanted.as_bytes();
    !wanted.is_empty()
        && value.as_bytes().windows(wanted.len()).any(|part| part.eq_ignore_ascii_case(wanted))
}

/// `application/json`, `text/json` and whatever ends in `+json` (RFC 6839, section 3.1).
fn is_json_type(media_type: &HeaderValue) -> bool {
    let media_type = media_type.as_bytes();
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let ends_in_json = essence
        .len()
        .checked_sub(b"+json".len())
        .is_some_and(|start| essence[start..].eq_ignore_ascii_case(b"+json"));
    ends_in_json
        || essence.eq_ignore_ascii_case(b"application/json")
        || essence.eq_ignore_ascii_case(b"text/json")
}

fn looks_like_json(body: &[u8]) -> bool {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    matches!(body.trim_ascii_start(), [b'{' | b'[', ..])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::header::{HeaderName, WWW_AUTHENTICATE};

    use super::*;
    use crate::words::auth::Placement;
    use crate::words::envelope::Scalar;

    const BEARER: Credential = Credential::new("", Placement::Bearer);

    fn headers(all: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in all {
            headers.append(name, HeaderValue::from_static(value));
        }
        headers
    }

    /// What an answer means, judged as the session does: the code lies in `code`.
    fn judge(
        credentials: &[Credential],
        status: u16,
        headers: &HeaderMap,
        body: &str,
    ) -> Option<(usize, Means)> {
        let status = StatusCode::from_u16(status).unwrap();
        let answer = Answer { status, headers, body: body.as_bytes() };
        let code = envelope::scan(&["code"], answer.body);
        let judged = verdict(|| credentials.iter().enumerate(), &answer, code.as_ref());
        // A match without a code may not come as a surprise.
        if !credentials.iter().any(|each| looks_beyond_code(each, status, headers)) {
            assert_eq!(verdict(|| credentials.iter().enumerate(), &answer, None), None);
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
    fn the_rule_that_says_more_decides() {
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
        // The rule that says more decides, even against a credential declared before it.
        assert_eq!(judge(403, r#"{"code":1234}"#), Some((1, Means::Logout)));
    }

    #[test]
    fn the_users_own_judgement_counts_with_the_rest() {
        const CREDENTIAL: Credential = BEARER.expired(&[Rule::NEW
            .statuses(&[200])
            .when(|answer| answer.body.starts_with(b"please sign in"))]);
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
    fn a_good_code_is_doubted_only_if_a_rule_looks_elsewhere() {
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
    fn json_is_told_by_its_media_type() {
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
}
