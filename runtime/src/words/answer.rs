//! What the server said, as a rule sees it.

use http::{HeaderMap, StatusCode};

/// An answer that has been read, as the function of a `when = path::to::fn` sees it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// Its HTTP status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// Its body; for a streamed answer, as much of it as was read to judge it.
    pub body: &'a [u8],
}
