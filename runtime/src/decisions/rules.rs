//! What an answer means for the session.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};

use super::code::Code;
use super::envelope;
use crate::words::answer::Answer;
use crate::words::auth::{Credential, HeaderMatch, HeaderRule, Rule};

/// What an answer says of the token that its attempt carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// It is over: renew it and repeat the call.
    Expired,
    /// The session is over.
    Logout,
}

/// What an answer means for one credential. The end of the session outweighs the end of a token.
pub(crate) fn means(
    credential: &Credential,
    answer: &Answer<'_>,
    code: Option<&Code<'_>>,
) -> Option<Means> {
    let one_of = |rules: &[Rule]| rules.iter().any(|rule| matches(rule, answer, code));
    if one_of(credential.logout) {
        Some(Means::Logout)
    } else if one_of(credential.expired) {
        Some(Means::Expired)
    } else {
        None
    }
}

/// Whether an answer that its status and its code call good may still match: a rule looks elsewhere.
pub(crate) fn looks_beyond_code(credential: &Credential) -> bool {
    credential.expired.iter().chain(credential.logout).any(|rule| rule.codes.is_empty())
}

/// Whether everything in a rule matches. The cheap questions come first.
fn matches(rule: &Rule, answer: &Answer<'_>, code: Option<&Code<'_>>) -> bool {
    let Rule { codes, statuses, body, headers, when } = rule;
    let is_empty = codes.is_empty()
        && statuses.is_empty()
        && body.is_empty()
        && headers.is_empty()
        && when.is_none();
    !is_empty
        && (statuses.is_empty() || statuses.contains(&answer.status.as_u16()))
        && (codes.is_empty()
            || code.is_some_and(|code| codes.iter().any(|declared| code.matches(declared))))
        && headers.iter().all(|header| has_header(header, answer.headers))
        && body.iter().all(|(path, declared)| {
            envelope::scan(path, answer.body).is_some_and(|value| value.matches(declared))
        })
        && when.is_none_or(|when| when(answer))
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
    !wanted.is_empty()
        && value
            .as_bytes()
            .windows(wanted.len())
            .any(|window| window.eq_ignore_ascii_case(wanted.as_bytes()))
}

/// Whether an answer may be JSON, by its headers alone. One that does not say what it is may be.
pub(crate) fn may_be_json(headers: &HeaderMap) -> bool {
    let Some(media_type) = headers.get(CONTENT_TYPE) else { return true };
    let Ok(media_type) = media_type.to_str() else { return false };
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}
