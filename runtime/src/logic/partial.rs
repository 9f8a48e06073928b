//! Parts of a content, and the version to which they belong (RFC 9110, sections 8.8 and 14).

use std::time::Duration;

use http::header::{CONTENT_ENCODING, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, LAST_MODIFIED};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::types::parse;

/// The bytes in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ContentRange {
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The length of the whole content, if the server knows it.
    pub(crate) total: Option<u64>,
}

impl ContentRange {
    /// `Content-Range: bytes 5-9/100`. `None` if it is missing, uses another unit, is invalid, or occurs twice with
    /// different values.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let value = the_one(headers, CONTENT_RANGE)?.to_str().ok()?.trim();
        let (unit, value) = value.split_at_checked(5)?;
        if !unit.eq_ignore_ascii_case("bytes") {
            return None;
        }
        let (range, total) = value.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let (first, last) = (number(first)?, number(last)?);
        let total = match total.trim() {
            "*" => None,
            total => Some(number(total)?),
        };
        let is_valid = first <= last && last < u64::MAX && total.is_none_or(|total| last < total);
        is_valid.then_some(Self { first, last, total })
    }

    pub(crate) const fn length(self) -> u64 {
        self.last - self.first + 1
    }

    fn is_whole(self) -> bool {
        self.total == Some(self.length())
    }
}

/// The bytes of a response that has only a part of the content; inner `None` if it does not say which, or has several
/// parts. Units other than bytes are the API's own, such as the rows of a list.
pub(crate) fn part_only(status: StatusCode, headers: &HeaderMap) -> Option<Option<ContentRange>> {
    let in_bytes = |value: &HeaderValue| {
        let unit = value.as_bytes().trim_ascii_start().get(..5);
        unit.is_some_and(|unit| unit.eq_ignore_ascii_case(b"bytes"))
    };
    if status != StatusCode::PARTIAL_CONTENT {
        return None;
    }
    // Each part has a range of its own (RFC 9110, section 15.3.7.2).
    let essence =
        headers.get(CONTENT_TYPE).and_then(|it| it.as_bytes().split(|it| *it == b';').next());
    if essence.is_some_and(|it| it.trim_ascii().eq_ignore_ascii_case(b"multipart/byteranges")) {
        return Some(None);
    }
    if !headers.get_all(CONTENT_RANGE).iter().any(in_bytes) {
        return None;
    }
    let range = ContentRange::of(headers);
    (!range.is_some_and(ContentRange::is_whole)).then_some(range)
}

/// The value of a header that a response has only once; `None` if it has two different ones.
fn the_one(headers: &HeaderMap, name: HeaderName) -> Option<&HeaderValue> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.all(|other| other == first).then_some(first)
}

/// The version of the content, if no other content can have the same: a strong `ETag`, or a `Last-Modified` that
/// was at least a second old when the response was made. Encoded content has none, since it may have been decoded
/// on the way.
pub(crate) fn version(headers: &HeaderMap) -> Option<&HeaderValue> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    if headers.contains_key(ETAG) {
        let tag = the_one(headers, ETAG)?;
        return (!tag.is_empty() && !tag.as_bytes().starts_with(b"W/")).then_some(tag);
    }
    let modified = the_one(headers, LAST_MODIFIED)?;
    let date = |value: &HeaderValue| parse::http_date(value.to_str().ok()?.trim());
    let age = date(headers.get(DATE)?)?.duration_since(date(modified)?).ok()?;
    (age >= Duration::from_secs(1)).then_some(modified)
}

/// Whether a response belongs to the same version.
pub(crate) fn is_version(headers: &HeaderMap, version: &HeaderValue) -> bool {
    let name = if headers.contains_key(ETAG) { ETAG } else { LAST_MODIFIED };
    the_one(headers, name) == Some(version) && !headers.contains_key(CONTENT_ENCODING)
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    // The parser would accept a sign as well.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::HeaderName;

    use super::*;

    fn headers<const N: usize>(all: [(HeaderName, &'static str); N]) -> HeaderMap {
        all.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn a_content_range_is_read_and_nothing_else() {
        let of = |value| ContentRange::of(&headers([(CONTENT_RANGE, value)]));
        let range = |first, last, total| Some(ContentRange { first, last, total });
        assert_eq!(of("bytes 5-9/100"), range(5, 9, Some(100)));
        assert_eq!(of(" Bytes  0-0/1 "), range(0, 0, Some(1)));
        assert_eq!(of("bytes 5-9/*"), range(5, 9, None));
        for invalid in [
            "",
            "bytes",
            "bytes */100",
            "bytes 9-5/100",
            "bytes 5-9",
            "bytes 5-100/100",
            "bytes +5-9/100",
            "bytes -9/100",
            "bytes 0-18446744073709551615/*",
            "rows 0-24/3573",
            "0-24/3573",
            "\u{e9}\u{e9}\u{e9} 5-9/100",
        ] {
            let value = HeaderValue::from_bytes(invalid.as_bytes()).unwrap();
            let found = ContentRange::of(&HeaderMap::from_iter([(CONTENT_RANGE, value)]));
            assert_eq!(found, None, "{invalid}");
        }
    }

    #[test]
    fn a_range_that_is_stated_twice_counts_only_if_both_are_the_same() {
        for (second, length) in [("bytes 5-9/100", Some(5)), ("bytes 6-9/100", None)] {
            let mut both = headers([(CONTENT_RANGE, "bytes 5-9/100")]);
            both.append(CONTENT_RANGE, HeaderValue::from_static(second));
            assert_eq!(ContentRange::of(&both).map(ContentRange::length), length, "{second}");
        }
    }

    #[test]
    fn a_partial_response_is_one_with_a_range_in_bytes_that_is_not_the_whole() {
        let is_part = |status: u16, range| {
            let status = StatusCode::from_u16(status).unwrap();
            part_only(status, &headers([(CONTENT_RANGE, range)])).is_some()
        };
        assert!(is_part(206, "bytes 0-4/5000") && is_part(206, "bytes 5-9/10"));
        assert!(is_part(206, "bytes 0-4/*"));
        assert!(!is_part(206, "bytes 0-4/5") && !is_part(206, "0-24/3573"));
        assert!(!is_part(200, "bytes 0-4/5000"));
        // Several parts, each with its own range (RFC 9110, section 15.3.7.2).
        let parts = [(CONTENT_TYPE, "Multipart/ByteRanges; boundary=x")];
        assert!(part_only(StatusCode::PARTIAL_CONTENT, &headers(parts.clone())).is_some());
        assert!(part_only(StatusCode::OK, &headers(parts)).is_none());
        let text = [(CONTENT_TYPE, "multipart/mixed; boundary=x")];
        assert!(part_only(StatusCode::PARTIAL_CONTENT, &headers(text)).is_none());
    }

    #[test]
    fn only_a_unique_version_counts_as_one() {
        let (at, later) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:38 GMT");
        for (found, expected) in [
            (headers([(ETAG, "\"a\"")]), Some("\"a\"")),
            (headers([(ETAG, "\"a\""), (LAST_MODIFIED, at), (DATE, later)]), Some("\"a\"")),
            (headers([(LAST_MODIFIED, at), (DATE, later)]), Some(at)),
            (headers([(LAST_MODIFIED, at), (DATE, at)]), None),
            (headers([(LAST_MODIFIED, later), (DATE, at)]), None),
            (headers([(LAST_MODIFIED, at)]), None),
            (headers([(LAST_MODIFIED, "yesterday"), (DATE, at)]), None),
            (headers([(ETAG, "W/\"a\""), (LAST_MODIFIED, at), (DATE, later)]), None),
            (headers([(ETAG, ""), (LAST_MODIFIED, at), (DATE, later)]), None),
            (headers([(ETAG, "\"a\""), (CONTENT_ENCODING, "gzip")]), None),
            (headers([]), None),
        ] {
            assert_eq!(version(&found).map(|it| it.to_str().unwrap()), expected, "{found:?}");
        }
    }

    #[test]
    fn a_response_that_does_not_identify_the_version_does_not_belong_to_it() {
        let version = HeaderValue::from_static("\"a\"");
        assert!(is_version(&headers([(ETAG, "\"a\"")]), &version));
        assert!(!is_version(&headers([(ETAG, "\"b\"")]), &version));
        assert!(!is_version(&headers([(ETAG, "W/\"a\"")]), &version));
        assert!(!is_version(&headers([(ETAG, "\"a\""), (CONTENT_ENCODING, "gzip")]), &version));
        assert!(!is_version(&headers([]), &version));
        let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:49:37 GMT");
        let same = (LAST_MODIFIED, "Sun, 06 Nov 1994 08:49:37 GMT");
        assert!(is_version(&headers([same.clone()]), &date));
        assert!(!is_version(&headers([same, (ETAG, "\"a\"")]), &date));
    }
}
