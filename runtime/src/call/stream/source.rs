//! The body of a response that is read piece by piece.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::call::attempt::chunk;
use crate::call::decode::judge_raw;
use crate::call::execute::execute;
use crate::call::parts::Parts;
use crate::call::sink::{Decoded, ReadMode, Sink};
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, ErrorKind, Result};
use crate::types::response::Received;
use crate::types::tokens::Tokens;

/// What was read to judge a response, and the rest of it.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    prefix: Bytes,
    rest: Option<Result<reqwest::Response>>,
}

impl Source {
    /// Takes the body of a response over. What has yet to be looked at stays.
    pub(super) fn of(received: &mut Received) -> Self {
        Self {
            status: received.status,
            headers: received.headers.clone(),
            prefix: std::mem::take(&mut received.body),
            rest: received.rest.take().map(|rest| *rest),
        }
    }

    /// A response that comes from no call.
    pub(super) fn given(mut response: reqwest::Response) -> Self {
        let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
        Self { status, headers, prefix: Bytes::new(), rest: Some(Ok(response)) }
    }

    /// Makes a call, and gives its response once it has been judged.
    pub(super) async fn open(
        parts: &mut Parts,
        reads: ReadMode,
        media_type: Option<&'static str>,
    ) -> Result<Self> {
        let mut opening = Opening { reads, media_type, opened: None };
        execute(parts, &mut opening).await?;
        // The executor says that a call went well only after the response was kept.
        opened(opening.opened)
    }

    /// The next piece; `None` at the end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if !self.prefix.is_empty() {
            return Ok(Some(std::mem::take(&mut self.prefix)));
        }
        let Some(Ok(rest)) = &mut self.rest else {
            return self.rest.take().map_or(Ok(None), |broken| broken.map(|_| None));
        };
        let next = chunk(rest).await;
        if !matches!(next, Ok(Some(_))) {
            // After its end or its failure a body says nothing more.
            self.rest = None;
        }
        next
    }

    /// How many bytes there are, if that is known. Asked before the first piece is taken.
    pub(super) fn length(&self) -> Option<u64> {
        match &self.rest {
            None => Some(self.prefix.len() as u64),
            // What was read before is no longer counted by the rest.
            Some(Err(_)) => self.headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok(),
            Some(Ok(rest)) => rest.content_length()?.checked_add(self.prefix.len() as u64),
        }
    }
}

fn opened(source: Option<Source>) -> Result<Source> {
    source.ok_or_else(|| Error::new(ErrorKind::Decode))
}

/// Keeps a response instead of decoding it.
struct Opening {
    reads: ReadMode,
    /// What a good response must be.
    media_type: Option<&'static str>,
    opened: Option<Source>,
}

impl Sink for Opening {
    fn reads(&self) -> ReadMode {
        self.reads
    }

    fn land<'a>(&mut self, endpoint: &'static Endpoint, received: &'a mut Received) -> Decoded<'a> {
        // The code is looked at before the body is taken away, and outlives it only if it is bad.
        if judge_raw(endpoint, received).is_some() {
            return judge_raw(endpoint, received).map_or(Decoded::Taken, Decoded::Refused);
        }
        if let Some(wanted) = self.media_type
            && received.status != StatusCode::NO_CONTENT
            && !is(&received.headers, wanted)
        {
            return Decoded::Broken(another_type(&received.headers, wanted));
        }
        self.opened = Some(Source::of(received));
        Decoded::Taken
    }

    fn take_tokens(&mut self) -> Option<Box<Tokens>> {
        None
    }
}

fn is(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

fn another_type(headers: &HeaderMap, wanted: &str) -> Error {
    let found = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let found = found.unwrap_or("of no media type");
    Error::new(ErrorKind::Decode).with_message(format!("the response is {found} and not {wanted}"))
}
