//! The meaning of a response for the session.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};

use super::envelope;
use crate::types::auth::{Credential, HeaderMatch, HeaderRule, Rule};
use crate::types::code::Code;
use crate::types::endpoint::Endpoint;
use crate::types::response::RawResponse;

/// The meaning of a response for a token that its attempt carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Means {
    /// It has expired: renew it and replay the call.
    Expired,
    /// The session has ended.
    Logout,
}

/// The meaning of a response for one credential.
pub(crate) fn means(
    credential: &Credential,
    response: &RawResponse<'_>,
    code: Option<&Code<'_>>,
) -> Option<Means> {
    verdict(|| std::iter::once(((), credential)), response, code).map(|((), means)| means)
}

/// The meaning of a response for one of the credentials that its attempt carried, each with an identifier of the
/// caller's choice.
///
/// If several rules match, the more specific one decides: a code together with `soft_logout: true` means something
/// else than the code alone. Of two rules that are equally specific, `logout(..)` takes precedence over
/// `expired(..)`, whatever their order.
pub(crate) fn verdict<'c, I, C: Iterator<Item = (I, &'c Credential)>>(
    credentials: impl Fn() -> C,
    response: &RawResponse<'_>,
    code: Option<&Code<'_>>,
) -> Option<(I, Means)> {
    let most_said = |rules: &[Rule]| {
        rules.iter().filter(|rule| matches(rule, response, code)).map(conditions).max()
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

/// Whether a response matches one of these rules.
pub(crate) fn any_matches(
    rules: &[Rule],
    response: &RawResponse<'_>,
    code: Option<&Code<'_>>,
) -> bool {
    rules.iter().any(|rule| matches(rule, response, code))
}

/// How specific a rule is. Several values for one thing are one condition, since any of them is enough.
fn conditions(rule: &Rule) -> usize {
    let Rule { codes, statuses, body, headers, when } = rule;
    usize::from(!codes.is_empty())
        + usize::from(!statuses.is_empty())
        + body.len()
        + headers.len()
        + usize::from(when.is_some())
}

/// Whether a response with this head may match although its code means success.
pub(crate) fn looks_beyond_code(
    credential: &Credential,
    status: StatusCode,
    headers: &HeaderMap,
) -> bool {
    rules(credential).any(|rule| rule.codes.is_empty() && head_matches(rule, status, headers))
}

/// Whether the body of a response with a success status is judged: for the code of its envelope, or by a rule.
pub(crate) fn read_bodies(endpoint: &Endpoint) -> bool {
    let of_retry = endpoint.retry.map_or(&[] as &[Rule], |retry| retry.rules);
    let mut rules = endpoint.credentials.iter().flat_map(rules).chain(of_retry);
    endpoint.envelope.is_some() || rules.any(|rule| !rule.body.is_empty() || rule.when.is_some())
}

/// Whether a response may be JSON, by its headers alone. A response that states no media type may be.
pub(crate) fn may_be_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(is_json_type)
}

/// Whether a response states that each of its lines is JSON. Of several names for that, none is registered.
pub(crate) fn is_json_lines(headers: &HeaderMap) -> bool {
    const NAMES: [&[u8]; 4] = [b"ndjson", b"jsonl", b"jsonlines", b"json-lines"];
    headers.get(CONTENT_TYPE).is_some_and(|it| {
        let format = format_of(it.as_bytes());
        NAMES.iter().any(|name| format.eq_ignore_ascii_case(name))
    })
}

/// Whether a response may be in this format, by its headers alone: `text/xml` and `application/soap+xml` are XML
/// like `application/xml` (RFC 7303, section 3), and formats use the prefixes `x-` and `vnd.` until they are
/// registered.
pub(crate) fn may_be_in(format: &str, headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_none_or(|it| {
        format_of(it.as_bytes()).eq_ignore_ascii_case(format_of(format.as_bytes()))
    })
}

/// The format that a media type names.
fn format_of(media_type: &[u8]) -> &[u8] {
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let name = essence.rsplit(|byte| matches!(byte, b'/' | b'+')).next().unwrap_or_default();
    let without = |prefix: &[u8]| {
        let (start, rest) = name.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    };
    without(b"x-").or_else(|| without(b"vnd.")).unwrap_or(name)
}

/// Whether a body that begins like this cannot be JSON, however it continues. This matters only for a response that
/// states no media type.
pub(crate) fn cannot_be_json(headers: &HeaderMap, begun: &[u8]) -> bool {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let is_open = begun.trim_ascii().is_empty() || MARK.starts_with(begun);
    let is_open = is_open || begun.strip_prefix(MARK).is_some_and(|it| it.trim_ascii().is_empty());
    !headers.contains_key(CONTENT_TYPE) && !is_open && !looks_like_json(begun)
}

/// Whether a response is JSON. If it states no media type, its beginning decides, for which a part of the body is
/// enough.
pub(crate) fn is_json(headers: &HeaderMap, body: &[u8]) -> bool {
    headers.get(CONTENT_TYPE).map_or_else(|| looks_like_json(body), is_json_type)
}

fn rules(credential: &Credential) -> impl Iterator<Item = &'static Rule> {
    credential.logout.iter().chain(credential.expired)
}

/// Whether all conditions of a rule match. The cheap ones come first.
fn matches(rule: &Rule, response: &RawResponse<'_>, code: Option<&Code<'_>>) -> bool {
    let Rule { codes, body, when, .. } = rule;
    head_matches(rule, response.status, response.headers)
        && (codes.is_empty()
            || code.is_some_and(|code| codes.iter().any(|declared| code.matches(declared))))
        && body.iter().all(|(path, declared)| {
            envelope::scan(path, response.body).is_some_and(|value| value.matches(declared))
        })
        && when.is_none_or(|when| when(response))
}

/// Whether the conditions of a rule on status and headers match. A rule without any condition matches nothing.
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

/// Whether one of the values of a header matches: a response may contain a header several times.
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

/// `application/json`, `text/json` and everything that ends in `+json` (RFC 6839, section 3.1).
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
mod tests;
