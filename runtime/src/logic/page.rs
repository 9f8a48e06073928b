//! How to get from one page of a list to the next.

use http::header::LINK;
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::encode;
use super::envelope::{self, Opened};
use crate::types::JsonPath;
use crate::types::code::Code;
use crate::types::endpoint::Page;
use crate::types::envelope::Envelope;

/// What leads to the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A query value, in place of another of this name.
    Query { name: &'static str, value: String },
    /// An address, which may be relative to that of the page before.
    Link(String),
}

/// Stands for the envelope of an API that has none. Its code is where no response has one.
const NONE: Envelope = Envelope::new(&["\0"]).ok(&[], true);

/// Decodes the items of a page; null is an empty list, and stays none.
pub(crate) fn items<'de, T: DeserializeOwned>(
    declared: Option<&Envelope>,
    place: JsonPath,
    body: &'de [u8],
    items: &mut Option<Vec<T>>,
) -> Opened<'de> {
    let mut envelope = *declared.unwrap_or(&NONE);
    if !place.is_empty() {
        envelope.data = Some(place);
    }
    let opened = envelope::open(&envelope, body, &mut envelope::decoding(|it| *items = it));
    match envelope.data {
        // What is null is empty; what is not there at all was declared wrongly.
        Some(place)
            if matches!(opened, Opened::Taken) && items.is_none() && !is_there(place, body) =>
        {
            Opened::Broken(envelope::Broken::absent(place, body))
        }
        _ => opened,
    }
}

/// What leads to the page after this one; `None` if it is the last. So many items were before it,
/// those passed over at the beginning included.
pub(crate) fn next(page: &Page, headers: &HeaderMap, body: &[u8], came: u64) -> Option<Next> {
    match *page {
        Page::Cursor { param, next, .. } => match envelope::scan(next, body)? {
            Code::Bool(_) => None,
            cursor => {
                let value = cursor.to_string();
                (!value.is_empty()).then_some(Next::Query { name: param, value })
            }
        },
        Page::Offset { param, .. } => Some(Next::Query { name: param, value: came.to_string() }),
        Page::Link { .. } => headers.get_all(LINK).iter().find_map(next_link).map(Next::Link),
    }
}

/// How many items a walk passes over at its beginning, if its address says so.
pub(crate) fn passed_over(page: &Page, url: &str) -> u64 {
    let Page::Offset { param, .. } = page else { return 0 };
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.find(|(name, _)| is(name, param)).map(|(_, value)| value);
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// The address with one query value in place of all others of its name.
pub(crate) fn with_query(url: &str, name: &str, value: &str) -> String {
    let mut changed = without_query(url, name);
    let mut has_query = changed.contains('?');
    encode::query(&mut changed, &mut has_query, name, &value).expect("text can be displayed");
    changed
}

/// The address without the query values of one name.
pub(crate) fn without_query(url: &str, name: &str) -> String {
    let Some((path, query)) = url.split_once('?') else { return url.to_owned() };
    let mut changed = path.to_owned();
    let others =
        query.split('&').filter(|pair| !is(pair.split('=').next().unwrap_or_default(), name));
    for (at, pair) in others.enumerate() {
        changed.push(if at == 0 { '?' } else { '&' });
        changed.push_str(pair);
    }
    changed
}

fn is(encoded: &str, name: &str) -> bool {
    let spaced = encoded.replace('+', " ");
    percent_decode_str(&spaced).eq(name.bytes())
}

fn is_there(place: JsonPath, body: &[u8]) -> bool {
    let Ok(whole) = serde_json::from_slice::<Value>(body) else { return false };
    let step = |value: &'_ Value, name: &str| match value {
        Value::Object(fields) => fields.get(name).cloned(),
        Value::Array(items) => items.get(name.parse::<usize>().ok()?).cloned(),
        _ => None,
    };
    place.iter().try_fold(whole, |value, name| step(&value, name)).is_some()
}

/// The address in `Link: <address>; rel="next"` (RFC 8288).
fn next_link(value: &HeaderValue) -> Option<String> {
    let mut rest = value.to_str().ok()?;
    loop {
        let (_, link) = rest.split_once('<')?;
        let (address, after) = link.split_once('>')?;
        let end = end_of_parameters(after);
        if is_next(&after[..end]) {
            return Some(address.trim().to_owned());
        }
        rest = &after[end..];
    }
}

/// Where the parameters of a link end: at a comma that is not quoted.
fn end_of_parameters(text: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => return at,
            _ => {}
        }
    }
    text.len()
}

fn is_next(parameters: &str) -> bool {
    parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
        name.trim().eq_ignore_ascii_case("rel")
            && value
                .trim()
                .trim_matches('"')
                .split_ascii_whitespace()
                .any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_next_link_is_found_however_it_is_written() {
        for (value, expected) in [
            ("</b>; rel=\"next\"", Some("/b")),
            ("</a>; rel=\"prev\", </b>; rel=\"next\"", Some("/b")),
            ("<https://h/?a=1,2>; title=\"x, <y>; rel=next\"; rel=NEXT", Some("https://h/?a=1,2")),
            ("</b>;rel=\"last next\"", Some("/b")),
            ("</a>; rel=\"nextmost\"", None),
            ("</a>; title=\"next\"", None),
            ("</a", None),
            ("", None),
        ] {
            let found = next_link(&HeaderValue::from_str(value).unwrap());
            assert_eq!(found.as_deref(), expected, "{value}");
        }
    }

    #[test]
    fn a_query_value_takes_the_place_of_others_of_its_name() {
        for (url, expected) in [
            ("http://h/p", "http://h/p?after=a%26b"),
            ("http://h/p?after=1", "http://h/p?after=a%26b"),
            ("http://h/p?x=1&after=1&y=2&%61fter=3", "http://h/p?x=1&y=2&after=a%26b"),
            ("http://h/p?afterwards=1", "http://h/p?afterwards=1&after=a%26b"),
        ] {
            assert_eq!(with_query(url, "after", "a&b"), expected);
        }
    }

    #[test]
    fn a_cursor_that_says_nothing_is_the_end() {
        let page = Page::Cursor { param: "after", next: &["next"], items: &[] };
        for (body, expected) in [
            (r#"{"next":"x"}"#, Some("x")),
            (r#"{"next":7}"#, Some("7")),
            (r#"{"next":""}"#, None),
            (r#"{"next":null}"#, None),
            (r#"{"next":false}"#, None),
            ("{}", None),
        ] {
            let next = next(&page, &HeaderMap::new(), body.as_bytes(), 0);
            let expected = expected.map(|value| Next::Query { name: "after", value: value.into() });
            assert_eq!(next, expected, "{body}");
        }
    }

    #[test]
    fn items_are_found_with_an_envelope_and_without() {
        use crate::types::envelope::Scalar;
        const DECLARED: Envelope =
            Envelope::new(&["code"]).data(&["data"]).ok(&[Scalar::Int(0)], false);
        fn some(declared: Option<&Envelope>, place: JsonPath, body: &str) -> Option<Vec<u8>> {
            let mut found = None;
            match items(declared, place, body.as_bytes(), &mut found) {
                Opened::Taken => Some(found.unwrap_or_default()),
                _ => None,
            }
        }
        let plain = |place, body: &str| some(None, place, body);
        let enveloped = |place, body: &str| some(Some(&DECLARED), place, body);
        assert_eq!(plain(&[], "[1,2]"), Some(vec![1, 2]));
        assert_eq!(plain(&["a", "b"], r#"{"a":{"b":[1]}}"#), Some(vec![1]));
        assert_eq!(plain(&["a", "b"], r#"{"a":{"b":null}}"#), Some(vec![]));
        assert_eq!(plain(&["a", "b"], r#"{"a":{"c":[1]}}"#), None);
        assert_eq!(plain(&["0"], "[[1],[2]]"), Some(vec![1]));
        assert_eq!(enveloped(&[], r#"{"code":0,"data":[1]}"#), Some(vec![1]));
        assert_eq!(enveloped(&["data", "x"], r#"{"code":0,"data":{"x":[1]}}"#), Some(vec![1]));
        assert_eq!(enveloped(&["data", "x"], r#"{"code":9,"data":{"x":[1]}}"#), None);
    }

    #[test]
    fn a_walk_by_offset_begins_where_its_address_says() {
        let page = Page::Offset { param: "skip", items: &[] };
        assert_eq!(passed_over(&page, "http://h/p?a=1&skip=20"), 20);
        assert_eq!(passed_over(&page, "http://h/p?skip=x"), 0);
        assert_eq!(passed_over(&page, "http://h/p"), 0);
    }
}
