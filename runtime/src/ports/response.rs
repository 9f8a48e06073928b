//! A response that came over the transport.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::http::Incoming;
use crate::types::error::Result;
use crate::types::response::RawResponse;

/// A response that has been read to its end, or, for a streamed one, to the end of its headers.
#[derive(Debug)]
pub struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The rest of a body that was not read, or why it will never come. Boxed, since few responses have any.
    pub(crate) rest: Option<Box<Result<Incoming>>>,
    /// Whether it came from another origin, to which a redirect led: it says nothing about the session.
    pub(crate) is_foreign: bool,
}

impl Received {
    /// The same, for another reader.
    pub(crate) fn share(&self) -> Self {
        let Self { status, headers, body, .. } = self;
        Self {
            status: *status,
            headers: headers.clone(),
            body: body.clone(),
            rest: None,
            is_foreign: self.is_foreign,
        }
    }

    pub(crate) fn as_raw(&self) -> RawResponse<'_> {
        RawResponse::new(self.status, &self.headers, &self.body)
    }
}
