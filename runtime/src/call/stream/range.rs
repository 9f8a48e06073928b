//! The range of the content that a download still needs.

use http::header::{IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::body_reader::BodyReader;
use crate::logic::partial::{ContentRange, is_version, version};
use crate::types::error::{Error, ErrorKind, Result};

/// A range of bytes of one version of the content.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// The first byte that was requested.
    start: u64,
    /// The number of bytes delivered so far.
    pub(super) done: u64,
    /// The number of bytes from `start` on. Unknown if the content was decoded, since the server counts encoded
    /// bytes and the delivered bytes are decoded.
    pub(super) length: Option<u64>,
    /// The length of the whole content.
    total: Option<u64>,
    /// Whether only a part of the content was requested.
    is_part: bool,
    version: Option<HeaderValue>,
}

/// The range of bytes in a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    /// How many bytes at its beginning were already delivered.
    pub(super) skip: u64,
    /// How many bytes follow these, if known.
    pub(super) left: Option<u64>,
}

impl Extent {
    /// Counts new bytes; returns whether the response was allowed to send them.
    pub(super) fn takes(&mut self, bytes: usize) -> bool {
        let Some(left) = self.left else { return true };
        self.left = left.checked_sub(bytes as u64);
        self.left.is_some()
    }
}

impl Range {
    /// The range of a response, before any of it is read.
    pub(super) fn of(body: &BodyReader) -> Self {
        let (length, version) = (body.length(), version(&body.headers).cloned());
        if body.status != StatusCode::PARTIAL_CONTENT {
            return Self { start: 0, done: 0, length, total: length, is_part: false, version };
        }
        // A part that was decoded does not say where it ends.
        match ContentRange::of(&body.headers).filter(|_| length.is_some()) {
            Some(part) => Self {
                start: part.first,
                done: 0,
                length: Some(part.length()),
                total: part.total,
                is_part: true,
                version,
            },
            None => Self { start: 0, done: 0, length, total: None, is_part: true, version: None },
        }
    }

    /// The bytes of the first response. A server that says that it sends a part has to send all of that part and
    /// nothing else.
    pub(super) fn extent(&self) -> Extent {
        Extent { skip: 0, left: self.length.filter(|_| self.is_part) }
    }

    /// Whether the server identifies a version of the content, so that the rest can be requested.
    pub(super) const fn is_versioned(&self) -> bool {
        self.version.is_some()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.length.is_none_or(|length| self.done >= length)
    }

    /// Requests the rest, or all of the content if it is unknown where the rest begins. Returns whether it can be
    /// requested: without a version, the rest could belong to other content.
    pub(super) fn request(&self, headers: &mut HeaderMap) -> bool {
        let Some(version) = &self.version else { return false };
        headers.remove(RANGE);
        headers.remove(IF_RANGE);
        let Some(length) = self.length else { return true };
        let from = self.start + self.done;
        let range = match self.is_part {
            true => format!("bytes={from}-{}", self.start + length - 1),
            false => format!("bytes={from}-"),
        };
        let Ok(range) = HeaderValue::try_from(range) else { return false };
        headers.insert(RANGE, range);
        headers.insert(IF_RANGE, version.clone());
        true
    }

    /// The bytes of a response: the rest or a part of it, or, from a server without ranges, the same content from
    /// the start. Anything else is rejected.
    pub(super) fn follows(&self, body: &BodyReader) -> Result<Extent> {
        let extent = self.extent_of(body.status, &body.headers, body.length());
        extent.map_err(|message| Error::of_kind(ErrorKind::Transport).with_message(message))
    }

    fn extent_of(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
        length: Option<u64>,
    ) -> std::result::Result<Extent, &'static str> {
        if !self.version.as_ref().is_some_and(|version| is_version(headers, version)) {
            return Err(CHANGED);
        }
        let is_other =
            |one: Option<u64>, other: Option<u64>| one.is_some() && other.is_some() && one != other;
        if status == StatusCode::PARTIAL_CONTENT {
            let (Some(part), Some(end)) = (ContentRange::of(headers), self.length) else {
                return Err(MISFIT);
            };
            if is_other(part.total, self.total) {
                return Err(CHANGED);
            }
            let is_rest = part.first == self.start + self.done && part.last < self.start + end;
            if !is_rest || is_other(length, Some(part.length())) {
                return Err(MISFIT);
            }
            return Ok(Extent { skip: 0, left: Some(part.length()) });
        }
        if self.is_part || is_other(length, self.length) {
            return Err(CHANGED);
        }
        Ok(Extent { skip: self.done, left: self.length.map(|length| length - self.done) })
    }
}

const CHANGED: &str = "the content has changed since the connection broke";
const MISFIT: &str = "the server sent a different part of the content than requested";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::header::{CONTENT_RANGE, ETAG};

    use super::*;

    /// Ten bytes, six of which were delivered.
    fn interrupted() -> Range {
        let version = Some(HeaderValue::from_static("\"a\""));
        Range { start: 0, done: 6, length: Some(10), total: Some(10), is_part: false, version }
    }

    fn extent(
        range: &Range,
        status: u16,
        tag: &'static str,
        part: Option<&'static str>,
        length: Option<u64>,
    ) -> std::result::Result<Extent, &'static str> {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_static(tag));
        headers.extend(part.map(|part| (CONTENT_RANGE, HeaderValue::from_static(part))));
        range.extent_of(StatusCode::from_u16(status).unwrap(), &headers, length)
    }

    #[test]
    fn the_rest_is_exactly_the_requested_range_or_a_part_of_it() {
        let range = interrupted();
        let of = |part, length| extent(&range, 206, "\"a\"", Some(part), length);
        let left = |left| Ok(Extent { skip: 0, left: Some(left) });
        assert_eq!(of("bytes 6-9/10", Some(4)), left(4));
        assert_eq!(of("bytes 6-9/*", None), left(4));
        assert_eq!(of("bytes 6-7/10", Some(2)), left(2));
        assert_eq!(of("bytes 5-9/10", Some(5)), Err(MISFIT));
        assert_eq!(of("bytes 6-9/10", Some(5)), Err(MISFIT));
        assert_eq!(of("bytes 6-10/*", Some(5)), Err(MISFIT));
        assert_eq!(of("bytes 6-15/16", Some(10)), Err(CHANGED));
        assert_eq!(extent(&range, 206, "\"a\"", None, Some(4)), Err(MISFIT));
        assert_eq!(extent(&range, 206, "\"b\"", Some("bytes 6-9/10"), Some(4)), Err(CHANGED));
    }

    #[test]
    fn the_content_from_its_beginning_has_the_same_length_and_version() {
        let range = interrupted();
        let again = Ok(Extent { skip: 6, left: Some(4) });
        assert_eq!(extent(&range, 200, "\"a\"", None, Some(10)), again);
        assert_eq!(extent(&range, 200, "\"a\"", None, None), again);
        assert_eq!(extent(&range, 200, "\"a\"", None, Some(11)), Err(CHANGED));
        assert_eq!(extent(&range, 200, "\"b\"", None, Some(10)), Err(CHANGED));
        let part = Range { start: 20, total: None, is_part: true, ..interrupted() };
        assert_eq!(extent(&part, 200, "\"a\"", None, Some(10)), Err(CHANGED));
    }

    #[test]
    fn the_rest_of_a_content_of_unknown_length_is_not_requested_by_offset() {
        let mut headers = HeaderMap::new();
        assert!(interrupted().request(&mut headers));
        assert_eq!(
            (&headers[RANGE], &headers[IF_RANGE]),
            (&"bytes=6-".parse().unwrap(), &"\"a\"".parse().unwrap())
        );
        let decoded = Range { length: None, total: None, ..interrupted() };
        assert!(decoded.request(&mut headers));
        assert!(headers.is_empty());
        let of = |status, part, length| extent(&decoded, status, "\"a\"", part, length);
        assert_eq!(of(206, Some("bytes 6-9/10"), Some(4)), Err(MISFIT));
        assert_eq!(of(200, None, None), Ok(Extent { skip: 6, left: None }));
        let unversioned = Range { version: None, ..interrupted() };
        assert!(!unversioned.request(&mut headers));
    }
}
