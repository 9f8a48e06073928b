//! A response as it comes from the transport.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::http::Incoming;
use crate::logic::rules;
use crate::types::codec::Coding;
use crate::types::error::Result;
use crate::types::response::RawResponse;

/// A response that has been read to its end or, if it is streamed, to the end of its headers.
#[derive(Debug)]
pub struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The original body, if `body` is its conversion to JSON. Boxed, since few APIs use another format.
    pub(crate) native: Option<Box<Bytes>>,
    /// The rest of a body that was not read yet, or why it cannot be read. Boxed, since few responses have one.
    pub(crate) rest: Option<Box<Result<Incoming>>>,
    /// Whether it came from another origin to which a redirect led. It then says nothing about the session.
    pub(crate) is_foreign: bool,
}

impl Received {
    /// A response that was read to its end.
    pub(crate) const fn whole(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body, native: None, rest: None, is_foreign: false }
    }

    /// A copy for another reader.
    pub(crate) fn share(&self) -> Self {
        let Self { status, headers, body, native, is_foreign, .. } = self;
        let whole = Self::whole(*status, headers.clone(), body.clone());
        Self { native: native.clone(), is_foreign: *is_foreign, ..whole }
    }

    /// The original body.
    pub(crate) fn raw(&self) -> &Bytes {
        self.native.as_deref().unwrap_or(&self.body)
    }

    /// Converts the body to JSON, if it is in another declared format. A body in neither format stays unchanged. If
    /// a response is read `by_line`, its first line may be a separate value.
    pub(crate) fn view(&mut self, codec: Option<&'static Coding>, by_line: bool) {
        let Some(codec) = codec.filter(|_| !self.is_foreign) else { return };
        let is_blank = self.body.trim_ascii().is_empty();
        if is_blank || rules::is_json(&self.headers, &self.body) {
            return;
        }
        let goes_on = self.rest.as_deref().is_some_and(Result::is_ok);
        let whole = if goes_on { None } else { codec.view(&self.body) };
        let view = whole.or_else(|| by_line.then(|| first_line_view(codec, &self.body)).flatten());
        if let Some(json) = view {
            self.native = Some(Box::new(std::mem::replace(&mut self.body, json.into())));
        }
    }

    pub(crate) fn as_raw(&self) -> RawResponse<'_> {
        RawResponse::new(self.status, &self.headers, &self.body)
    }
}

/// The first line of a body as JSON, if there is one and it is in this format.
pub(crate) fn first_line_view(codec: &Coding, body: &[u8]) -> Option<Vec<u8>> {
    codec.view(&body[..body.iter().position(|byte| *byte == b'\n')?])
}
