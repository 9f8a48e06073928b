//! A response as it came from the server.

use crate::ports::http::Incoming;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::error::Result;

/// A response that has been read, as the function of a `when = path::to::fn` sees it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RawResponse<'a> {
    /// Its HTTP status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body; for a streamed response, as much of it as was read to judge it.
    pub body: &'a [u8],
}

impl<'a> RawResponse<'a> {
    /// A response, for a test of such a function.
    ///
    /// ```
    /// use perennial::declared::RawResponse;
    /// use perennial::http::{HeaderMap, StatusCode};
    ///
    /// fn is_over(response: &RawResponse<'_>) -> bool {
    ///     response.status == StatusCode::FORBIDDEN && response.body == b"expired"
    /// }
    ///
    /// let headers = HeaderMap::new();
    /// assert!(is_over(&RawResponse::new(StatusCode::FORBIDDEN, &headers, b"expired")));
    /// assert!(!is_over(&RawResponse::new(StatusCode::FORBIDDEN, &headers, b"not yours")));
    /// ```
    #[must_use]
    pub const fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a [u8]) -> Self {
        Self { status, headers, body }
    }
}

/// A response that has been read to its end, or, for a streamed one, to the end of its headers.
#[derive(Debug)]
pub struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The rest of a body that was not read, or why it will never come. Boxed, since few answers have any.
    pub(crate) rest: Option<Box<Result<Incoming>>>,
}

impl Received {
    /// The same, for another reader.
    pub(crate) fn share(&self) -> Self {
        let Self { status, headers, body, .. } = self;
        Self { status: *status, headers: headers.clone(), body: body.clone(), rest: None }
    }

    pub(crate) fn as_raw(&self) -> RawResponse<'_> {
        RawResponse::new(self.status, &self.headers, &self.body)
    }
}
