//! Which part of which content a download still wants.

use http::header::{CONTENT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::source::Source;
use crate::types::error::{Error, ErrorKind, Result};

/// Which bytes of which version of the content.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// The first byte that was asked for.
    start: u64,
    /// How many have been handed out.
    pub(super) done: u64,
    /// How many there are from `start` on.
    pub(super) length: Option<u64>,
    /// Whether only a part of the content was asked for.
    is_part: bool,
    version: Option<HeaderValue>,
}

impl Range {
    /// What a response brings, before any of it is taken.
    pub(super) fn of(source: &Source) -> Self {
        let is_part = source.status == StatusCode::PARTIAL_CONTENT;
        let start = if is_part { first_byte(&source.headers).unwrap_or(0) } else { 0 };
        let (length, version) = (source.length(), version(&source.headers));
        Self { start, done: 0, length, is_part, version }
    }

    /// Whether the server names a version of the content, so that its rest can be asked for.
    pub(super) const fn is_versioned(&self) -> bool {
        self.version.is_some()
    }

    pub(super) fn is_complete(&self) -> bool {
        self.length.is_none_or(|length| self.done >= length)
    }

    /// The headers that ask for the rest; `None` if nothing says that it is the rest of the same.
    pub(super) fn headers(&self) -> Option<[(HeaderName, HeaderValue); 2]> {
        let version = self.version.clone()?;
        let from = self.start + self.done;
        let range = match self.length {
            Some(length) if self.is_part => format!("bytes={from}-{}", self.start + length - 1),
            _ => format!("bytes={from}-"),
        };
        Some([(RANGE, HeaderValue::try_from(range).ok()?), (IF_RANGE, version)])
    }

    /// How much of a response was handed out before. Refuses what is not the rest of the same content,
    /// nor the same content from its beginning, which a server may send that knows no ranges.
    pub(super) fn follows(&self, source: &Source) -> Result<u64> {
        let version = version(&source.headers);
        let is_same = version.is_some() && version == self.version;
        if source.status == StatusCode::PARTIAL_CONTENT {
            let is_rest = first_byte(&source.headers) == Some(self.start + self.done);
            if is_rest && (is_same || version.is_none()) {
                return Ok(0);
            }
        } else if is_same && !self.is_part {
            return Ok(self.done);
        }
        Err(Error::new(ErrorKind::Transport)
            .with_message("the connection broke, and the content has changed since"))
    }
}

/// What names the version of the content: a strong `ETag`, else the time of its last change.
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
