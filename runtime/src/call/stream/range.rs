//! The range of the content that a download still needs.

use http::header::{CONTENT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::body_reader::BodyReader;
use crate::types::error::{Error, ErrorKind, Result};

/// A range of bytes of one version of the content.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// The first byte that was requested.
    start: u64,
    /// The number of bytes delivered so far.
    pub(super) done: u64,
    /// The number of bytes from `start` on.
    pub(super) length: Option<u64>,
    /// Whether only a part of the content was requested.
    is_part: bool,
    version: Option<HeaderValue>,
}

impl Range {
    /// The range that a response brings, before any of it is read.
    pub(super) fn of(body: &BodyReader) -> Self {
        let is_part = body.status == StatusCode::PARTIAL_CONTENT;
        let start = if is_part { first_byte(&body.headers).unwrap_or(0) } else { 0 };
        let (length, version) = (body.length(), version(&body.headers));
        Self { start, done: 0, length, is_part, version }
    }

    /// Whether the server names a version of the content, so that the rest can be requested.
    pub(super) const fn is_versioned(&self) -> bool {
        self.version.is_some()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.length.is_none_or(|length| self.done >= length)
    }

    /// The headers that request the rest; `None` without a version, since the rest could then be that of
    /// other content.
    pub(super) fn headers(&self) -> Option<[(HeaderName, HeaderValue); 2]> {
        let version = self.version.clone()?;
        let from = self.start + self.done;
        let range = match self.length {
            Some(length) if self.is_part => format!("bytes={from}-{}", self.start + length - 1),
            _ => format!("bytes={from}-"),
        };
        Some([(RANGE, HeaderValue::try_from(range).ok()?), (IF_RANGE, version)])
    }

    /// How many bytes of a response were delivered before: none if it is the rest, all so far if it is
    /// the same content from its beginning, from a server without ranges. Anything else is refused.
    pub(super) fn follows(&self, body: &BodyReader) -> Result<u64> {
        let version = version(&body.headers);
        let is_same = version.is_some() && version == self.version;
        if body.status == StatusCode::PARTIAL_CONTENT {
            let is_rest = first_byte(&body.headers) == Some(self.start + self.done);
            if is_rest && (is_same || version.is_none()) {
                return Ok(0);
            }
        } else if is_same && !self.is_part {
            return Ok(self.done);
        }
        Err(Error::new(ErrorKind::Transport)
            .with_message("the content has changed since the connection broke"))
    }
}

/// The version of the content: a strong `ETag`, else `Last-Modified`.
fn version(headers: &HeaderMap) -> Option<HeaderValue> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    match headers.get(ETAG) {
        Some(tag) if tag.as_bytes().starts_with(b"W/") => None,
        Some(tag) => Some(tag.clone()),
        None => headers.get(LAST_MODIFIED).cloned(),
    }
}

/// The first byte of `Content-Range: bytes 5-9/100`.
fn first_byte(headers: &HeaderMap) -> Option<u64> {
    let range = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (first, _) = range.trim().strip_prefix("bytes")?.trim_start().split_once('-')?;
    first.parse().ok()
}
