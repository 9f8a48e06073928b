//! A response of the server.

use http::{HeaderMap, StatusCode};

/// A response that has been read, for the function in `when = path::to::fn`.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct RawResponse<'a> {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body; for a streamed response, the part that was read to judge the response.
    pub body: &'a [u8],
}

impl<'a> RawResponse<'a> {
    /// Creates a response, to test such a function.
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
