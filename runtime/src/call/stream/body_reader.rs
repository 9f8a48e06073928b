//! The body of a streamed response.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::call::attempt::chunk;
use crate::call::decode::judge_raw;
use crate::call::parts::Parts;
use crate::call::secrets::StreamSecrets;
use crate::call::sink::{Decoded, Gather, ReadMode, Value};
use crate::ports::http::Incoming;
use crate::ports::response::Received;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind, Result};

/// Reads the body of a response chunk by chunk: first the part that was read to judge it, then the rest.
#[derive(Debug)]
pub(super) struct BodyReader {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    prefix: Bytes,
    rest: Option<Result<Incoming>>,
    /// Present for a response that came from a call.
    pub(super) secrets: ItemSecrets,
}

/// The secrets that an item of a stream may quote.
pub(super) type ItemSecrets = Option<Arc<StreamSecrets>>;

impl BodyReader {
    /// Takes over the body of a response. Status and headers stay in the response.
    pub(super) fn of(received: &mut Received) -> Self {
        Self {
            status: received.status,
            headers: received.headers.clone(),
            // If the body was converted to JSON, the content is the original.
            prefix: match received.native.take() {
                Some(native) => *native,
                None => std::mem::take(&mut received.body),
            },
            rest: received.rest.take().map(|rest| *rest),
            secrets: None,
        }
    }

    /// A response that does not come from a call.
    pub(super) fn given(mut response: Incoming) -> Self {
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Self { status, headers, prefix: Bytes::new(), rest: Some(Ok(response)), secrets: None }
    }

    /// Makes a call and returns its response once it has been judged.
    pub(super) async fn open(
        parts: &mut Parts,
        reads: ReadMode,
        media_type: Option<&'static str>,
    ) -> Result<Self> {
        let opening = parts.gather(reads, Opening { media_type, opened: None }).await?;
        // The executor reports success only after the response was accepted.
        opening.opened.ok_or_else(|| Error::of_kind(ErrorKind::Decode))
    }

    /// The next chunk; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.prefix.is_empty() {
            return Ok(Some(std::mem::take(&mut self.prefix)));
        }
        let Some(Ok(rest)) = &mut self.rest else {
            return self.rest.take().map_or(Ok(None), |broken| broken.map(|_| None));
        };
        let next = chunk(rest).await;
        if !matches!(next, Ok(Some(_))) {
            // A body that has ended or failed yields nothing more.
            self.rest = None;
        }
        next
    }

    /// The length in bytes, if known. Call it before the first chunk is taken.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.rest {
            None => Some(self.prefix.len() as u64),
            // The remaining length no longer counts the part that was read before.
            Some(Err(_)) => self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok(),
            Some(Ok(rest)) => rest.content_length()?.checked_add(self.prefix.len() as u64),
        }
    }
}

/// Gives a response the secrets that its items may quote.
pub(in crate::call) fn keep_secrets(value: &mut Value, make: impl FnOnce() -> StreamSecrets) {
    let opening = value.downcast_mut::<Opening>();
    if let Some(body) = opening.and_then(|opening| opening.opened.as_mut()) {
        body.secrets = Some(Arc::new(make()));
    }
}

/// Stores the response instead of decoding it.
struct Opening {
    /// The media type that a success must have.
    media_type: Option<&'static str>,
    opened: Option<BodyReader>,
}

impl Gather for Opening {
    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a> {
        // The code borrows from the body, so it is judged before the body is moved out.
        if judge_raw(endpoint, received).is_some() {
            return judge_raw(endpoint, received).map_or(Decoded::Taken, Decoded::Rejected);
        }
        if let Some(wanted) = self.media_type
            && received.status != StatusCode::NO_CONTENT
            && !has_media_type(&received.headers, wanted)
        {
            return Decoded::Broken(wrong_media_type(&received.headers, wanted));
        }
        self.opened = Some(BodyReader::of(received));
        Decoded::Taken
    }
}

fn has_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

fn wrong_media_type(headers: &HeaderMap, wanted: &str) -> Error {
    let found = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let found = found.unwrap_or("without a media type");
    Error::of_kind(ErrorKind::Decode)
        .with_message(format!("expected {wanted}, but the response is {found}"))
}
