//! One attempt of a call, and its response.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, StatusCode};

#[cfg(not(target_family = "wasm"))]
use super::follow::follow;
#[cfg(target_family = "wasm")]
use super::follow::left_to_fetch as follow;
use super::parts::{Content, Parts};
use super::proof::prove;
use super::sink::ReadMode;
use crate::logic::{envelope, rules};
use crate::ports::http::{Incoming, TransportError, is_cut, reason};
use crate::ports::rare;
use crate::ports::response::{Received, first_line_view};
use crate::ports::transport::Outgoing;
use crate::session::AttemptTokens;
use crate::types::codec::Coding;
use crate::types::endpoint::{Endpoint, Redirect};
use crate::types::error::{Error, ErrorKind, Phase, Result};
use crate::types::span::Span;

/// The number of bytes of a streamed response that are read to judge it, if it may be an envelope.
const JUDGED_PREFIX: usize = 1024 * 1024;

/// Sends a call once, follows its redirects, and reads its response.
pub(crate) async fn attempt(
    parts: &mut Parts,
    passes: &AttemptTokens,
    reads: ReadMode,
) -> Result<Received> {
    match parts.endpoint.timeouts.attempt {
        None => exchange(parts, passes, reads).await,
        Some(limit) => rare(|| limited(parts, passes, reads, limit)).await,
    }
}

/// Like [`send`], within the time limit of an attempt that the endpoint declares.
async fn limited(
    parts: &mut Parts,
    passes: &AttemptTokens,
    reads: ReadMode,
    limit: Duration,
) -> Result<Received> {
    let clock = Arc::clone(&parts.client.session().policy().clock);
    let received = clock.timeout(limit, pin!(exchange(parts, passes, reads))).await;
    received.unwrap_or_else(|| {
        Err(Error::of_kind(ErrorKind::Timeout(Phase::Attempt))
            .with_message(format!("the limit of an attempt is {}", Span(limit))))
    })
}

/// This future is most of the memory that a call allocates. So it keeps nothing that it can read from the response
/// again, never borrows the request (a borrow would keep it alive), and boxes state that few calls need.
async fn exchange(parts: &mut Parts, passes: &AttemptTokens, reads: ReadMode) -> Result<Received> {
    if let Some(extras) = &mut parts.extras {
        extras.pushed = None;
    }
    let (mut response, mut is_foreign);
    if parts.turned().is_some() {
        (response, is_foreign) = rare(|| follow(parts, passes, None, reads)).await?;
    } else {
        let prepared = if parts.body.is_built() || passes.are_bound() {
            Some(rare(|| prepared(parts, passes)).await?)
        } else {
            None
        };
        response = sent(parts, passes, prepared)?.await?;
        is_foreign = false;
        if response.status().is_redirection() && parts.endpoint.redirect != Redirect::Off {
            let first = Some(response);
            (response, is_foreign) = rare(|| follow(parts, passes, first, reads)).await?;
        }
    }
    if matches!(reads, ReadMode::Stream | ReadMode::Line) || !response.status().is_success() {
        let limit = if is_foreign { 0 } else { limit(parts, &response, reads) };
        let received = rare(|| begun(response, limit, reads, parts.endpoint.codec)).await;
        return Ok(Received { is_foreign, ..received });
    }
    let announced = response.content_length();
    let first = response.chunk().await.map_err(broke_off)?;
    let limit = limit(parts, &response, reads);
    let (body, whole) = match first {
        Some(first) if is_more(&first, announced, limit) => {
            rare(|| gather(&mut response, first, announced, limit)).await?
        }
        Some(first) => {
            let fits = first.len() <= limit;
            (first, fits)
        }
        None => {
            checked_end(&response, parts.endpoint)?;
            (Bytes::new(), true)
        }
    };
    let status = response.status();
    if !whole {
        return Err(too_large(status, limit));
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Received { is_foreign, ..Received::whole(status, headers, body) })
}

/// A request whose body is built for each attempt, or one with a proof.
async fn prepared(parts: &Parts, passes: &AttemptTokens) -> Result<Box<Outgoing>> {
    let mut outgoing = Box::new(parts.build(passes, Content::Taken).await?);
    prove(passes, &mut outgoing).await?;
    Ok(outgoing)
}

/// Sends a request; builds it first unless it was prepared. This is where the stack is deepest, so it has a frame
/// of its own, and the future that polls it has no room for the request.
#[inline(never)]
fn sent(
    parts: &Parts,
    passes: &AttemptTokens,
    prepared: Option<Box<Outgoing>>,
) -> Result<impl Future<Output = Result<Incoming>> + use<>> {
    let outgoing = match prepared {
        Some(outgoing) => *outgoing,
        None => parts.request(passes, Content::Taken, None)?,
    };
    Ok(parts.client.core().transport.send(outgoing, parts.sent()))
}

/// The maximum number of bytes of a response that are read.
fn limit(parts: &Parts, response: &Incoming, reads: ReadMode) -> usize {
    let is_success = response.status().is_success();
    match reads {
        ReadMode::Whole => parts.client.core().body_limit,
        ReadMode::Bytes if is_success => usize::MAX,
        ReadMode::Bytes => parts.client.core().body_limit,
        ReadMode::Stream | ReadMode::Line
            if is_success
                && (!may_be_envelope(parts.endpoint, response.headers(), reads)
                    || !rules::read_bodies(parts.endpoint)) =>
        {
            0
        }
        ReadMode::Stream | ReadMode::Line => JUDGED_PREFIX,
    }
}

/// Whether a response may be an envelope, judged by its headers alone: in JSON, or in the declared format. Of lines,
/// the first may be one.
fn may_be_envelope(endpoint: &Endpoint, headers: &HeaderMap, reads: ReadMode) -> bool {
    let is_in = |codec: &Coding| rules::may_be_in(codec.media_type, headers);
    rules::may_be_json(headers)
        || endpoint.codec.is_some_and(is_in)
        || (reads == ReadMode::Line && rules::is_json_lines(headers))
}

/// Whether the beginning of the body is enough: the response is streamed, or its status denotes a failure.
async fn begun(
    mut response: Incoming,
    limit: usize,
    reads: ReadMode,
    codec: Option<&'static Coding>,
) -> Received {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    // If it denotes a failure, the status alone is enough: an error page that is too long or breaks off must not hide
    // that the token has expired.
    let reads = if status.is_success() { reads } else { ReadMode::Whole };
    let (body, rest) = begin(response, &headers, limit, reads, codec).await;
    let rest = rest.filter(|_| status.is_success()).map(Box::new);
    Received { rest, ..Received::whole(status, headers, body) }
}

/// Reads the beginning of a body: up to a limit, or as much as is needed. If the connection breaks, the part
/// that arrived can still be judged.
async fn begin(
    mut response: Incoming,
    headers: &HeaderMap,
    limit: usize,
    reads: ReadMode,
    codec: Option<&'static Coding>,
) -> (Bytes, Option<Result<Incoming>>) {
    let (mut begun, mut looks) = (BytesMut::new(), envelope::Looks::default());
    while begun.len() < limit {
        match chunk(&mut response).await {
            Ok(Some(piece)) => {
                begun.extend_from_slice(&piece);
                if looks.are_due(&piece) && is_enough(headers, &begun, reads, codec) {
                    break;
                }
            }
            Ok(None) => return (begun.freeze(), None),
            Err(error) => return (begun.freeze(), Some(Err(error))),
        }
    }
    (begun.freeze(), Some(Ok(response)))
}

/// Whether this part of a body is enough to judge it. The rest of a body that cannot be an envelope may take long.
fn is_enough(
    headers: &HeaderMap,
    begun: &[u8],
    reads: ReadMode,
    codec: Option<&'static Coding>,
) -> bool {
    let cannot_be_envelope = || {
        rules::cannot_be_json(headers, begun) && codec.is_none_or(|codec| !codec.may_begin(begun))
    };
    match (reads, codec) {
        (ReadMode::Whole | ReadMode::Bytes, _) => false,
        (ReadMode::Stream | ReadMode::Line, Some(codec)) if !rules::is_json(headers, begun) => {
            cannot_be_envelope()
                || (reads == ReadMode::Line && first_line_view(codec, begun).is_some())
        }
        // An envelope may come in any number of lines and chunks.
        (ReadMode::Stream | ReadMode::Line, _) => {
            cannot_be_envelope() || envelope::has_first(begun)
        }
    }
}

/// Whether the body may have more than its first chunk; if not, that chunk need not be copied. If no length is
/// announced, even an empty chunk may be followed by others.
fn is_more(first: &Bytes, announced: Option<u64>, limit: usize) -> bool {
    first.len() <= limit && announced != Some(first.len() as u64)
}

/// Joins a body that comes in several chunks, up to a limit; says whether that was the whole body.
async fn gather(
    response: &mut Incoming,
    first: Bytes,
    announced: Option<u64>,
    limit: usize,
) -> Result<(Bytes, bool)> {
    let Some(second) = chunk(response).await? else { return Ok((first, true)) };
    let expected = usize::try_from(announced.unwrap_or(0)).unwrap_or(usize::MAX).min(limit);
    let mut body = BytesMut::with_capacity(expected.min(ROOM).max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut next = Some(second);
    while let Some(piece) = next {
        body.extend_from_slice(&piece);
        if body.len() > limit {
            return Ok((body.freeze(), false));
        }
        next = chunk(response).await?;
    }
    Ok((body.freeze(), true))
}

/// At most this many announced bytes are reserved before they arrive.
const ROOM: usize = 1024 * 1024;

pub(crate) async fn chunk(response: &mut Incoming) -> Result<Option<Bytes>> {
    match response.chunk().await.map_err(broke_off)? {
        None if is_cut(response) => Err(cut_off()),
        next => Ok(next),
    }
}

/// The end of a response without any content, which its declared length may deny. Some responses have none whatever
/// length they state (RFC 9110, section 8.6).
#[cold]
fn checked_end(response: &Incoming, endpoint: &Endpoint) -> Result<()> {
    let has_content =
        endpoint.method != Method::HEAD.as_str() && response.status() != StatusCode::NO_CONTENT;
    if has_content && is_cut(response) { Err(cut_off()) } else { Ok(()) }
}

#[cold]
fn cut_off() -> Error {
    Error::of_kind(ErrorKind::Transport)
        .with_message("the response broke off: it is shorter than its declared length")
}

fn broke_off(error: TransportError) -> Error {
    let kind =
        if error.is_timeout() { ErrorKind::Timeout(Phase::Attempt) } else { ErrorKind::Transport };
    let error = error.without_url();
    Error::of_kind(kind).with_reason(format!("the response broke off: {}", reason(&error)), error)
}

fn too_large(status: StatusCode, limit: usize) -> Error {
    Error::of_kind(ErrorKind::TooLarge).with_message(format!(
        "a response with status {status} is longer than {limit} bytes; raise `body_limit`, or return a \
         `Download`"
    ))
}
