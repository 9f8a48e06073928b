//! One attempt of a call, and its response.

use std::pin::pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use http::{HeaderMap, Method, StatusCode};

use super::parts::{Content, Parts};
use super::proof::prove;
use super::request::method;
use super::sink::ReadMode;
use crate::logic::redirect::{self, Hop, Refusal};
use crate::logic::rules;
use crate::ports::http::{Incoming, TransportError, reason};
use crate::ports::rare;
use crate::ports::response::Received;
use crate::ports::transport::Outgoing;
use crate::session::AttemptTokens;
use crate::types::endpoint::{Endpoint, Redirect, Role};
use crate::types::error::{Error, ErrorKind, Phase, Result};
use crate::types::url::Url;

/// How much of a streamed response is read to judge it, if it may be an envelope.
const JUDGED_PREFIX: usize = 1024 * 1024;

/// Sends a call once, follows its redirects, and reads its response.
pub(crate) async fn attempt(
    parts: &Parts,
    passes: &AttemptTokens,
    reads: ReadMode,
) -> Result<Received> {
    match parts.endpoint.timeouts.attempt {
        None => exchange(parts, passes, reads).await,
        Some(limit) => rare(|| limited(parts, passes, reads, limit)).await,
    }
}

/// The same within the time that the endpoint gives to an attempt.
async fn limited(
    parts: &Parts,
    passes: &AttemptTokens,
    reads: ReadMode,
    limit: Duration,
) -> Result<Received> {
    let timer = parts.client.session().policy().clock.sleep(limit);
    match select(pin!(exchange(parts, passes, reads)), timer).await {
        Either::Left((received, _)) => received,
        Either::Right(_) => Err(Error::new(ErrorKind::Timeout(Phase::Attempt))
            .with_message(format!("the limit of an attempt is {limit:?}"))),
    }
}

/// This future is most of the memory that a call allocates. So it keeps nothing that it can read from the response
/// again, never borrows the request, which leaves it whole, and boxes state that few calls need.
async fn exchange(parts: &Parts, passes: &AttemptTokens, reads: ReadMode) -> Result<Received> {
    let prepared = if parts.body.is_built() || passes.are_bound() {
        Some(rare(|| prepared(parts, passes)).await?)
    } else {
        None
    };
    let mut response = sent(parts, passes, prepared)?.await?;
    let mut is_foreign = false;
    if response.status().is_redirection() && parts.endpoint.redirect != Redirect::Off {
        (response, is_foreign) = rare(|| follow(parts, passes, response, reads)).await?;
    }
    if matches!(reads, ReadMode::Stream | ReadMode::Line) || !response.status().is_success() {
        let limit = if is_foreign { 0 } else { limit(parts, &response, reads) };
        let received = rare(|| begun(response, limit, reads)).await;
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
        None => (Bytes::new(), true),
    };
    let status = response.status();
    if !whole {
        return Err(too_large(status, limit));
    }
    let headers = std::mem::take(response.headers_mut());
    Ok(Received { status, headers, body, native: None, rest: None, is_foreign })
}

/// A request whose body is made for each attempt, or one with a proof.
async fn prepared(parts: &Parts, passes: &AttemptTokens) -> Result<Box<Outgoing>> {
    let mut outgoing = Box::new(parts.build(passes, Content::Taken).await?);
    prove(passes, &mut outgoing).await?;
    Ok(outgoing)
}

/// Sends a request, which is made here unless it was prepared. This is where the stack is deepest, so it has a frame of
/// its own, and the future that polls it has no room for the request.
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

/// Follows redirects here: reqwest would send a token in a custom header to another host. Also returns
/// whether a call with a token was redirected to another origin.
async fn follow(
    parts: &Parts,
    passes: &AttemptTokens,
    mut response: Incoming,
    reads: ReadMode,
) -> Result<(Incoming, bool)> {
    let url = Url::parse(&parts.url)
        .map_err(|error| Error::new(ErrorKind::Redirect).with_source(error))?;
    let mut hop = Hop::first(url, method(parts.endpoint)?);
    // The calls of a session's life carry secrets in headers and bodies of any name.
    let bears_token = passes.iter().next().is_some() || parts.endpoint.role != Role::None;
    let crosses = match parts.endpoint.redirect {
        Redirect::Off | Redirect::Same => false,
        Redirect::Auto | Redirect::Follow if !bears_token => true,
        // A download may be kept elsewhere, and is asked for there without a secret.
        Redirect::Auto => {
            reads != ReadMode::Whole && matches!(hop.method, Method::GET | Method::HEAD)
        }
        Redirect::Follow => true,
    } && (!bears_token || parts.endpoint.role == Role::None);
    for hops in 0.. {
        let (status, headers) = (response.status(), response.headers());
        let next = redirect::next(status, headers, &hop, crosses, hops)
            .map_err(|refusal| not_followed(parts.endpoint, &refusal, &response))?;
        let Some(next) = next else { break };
        hop = next;
        // Made anew from the call, so all that was left behind on the way is taken out each time.
        let content = if hop.keeps_body { Content::Taken } else { Content::Left };
        let mut outgoing = parts.build(passes, content).await?;
        outgoing.url = hop.url.clone();
        outgoing.method = hop.method.clone();
        if !hop.keeps_body {
            redirect::forget_body(&mut outgoing.headers);
        }
        if hop.stays_home {
            parts.carry(passes, content, &mut outgoing.url, &mut outgoing.headers)?;
            prove(passes, &mut outgoing).await?;
        } else {
            redirect::forget_secrets(&mut outgoing.headers);
        }
        response = parts.client.core().transport.send(outgoing, parts.sent()).await?;
    }
    Ok((response, bears_token && !hop.stays_home))
}

fn not_followed(endpoint: &Endpoint, refusal: &Refusal, response: &Incoming) -> Error {
    let error = Error::new(ErrorKind::Redirect).with_message(refusal.to_string()).with_response(
        response.status(),
        response.headers(),
        &Bytes::new(),
    );
    let can_follow = endpoint.role == Role::None
        && endpoint.redirect == Redirect::Auto
        && matches!(endpoint.method, "GET" | "HEAD");
    match refusal {
        Refusal::LeavesOrigin { .. } if can_follow => {
            error.with_help("declare `redirect = follow` to follow it without the token")
        }
        _ => error,
    }
}

/// How much of a response is read at most.
fn limit(parts: &Parts, response: &Incoming, reads: ReadMode) -> usize {
    let is_success = response.status().is_success();
    match reads {
        ReadMode::Whole => parts.client.core().body_limit,
        ReadMode::Bytes if is_success => usize::MAX,
        ReadMode::Bytes => parts.client.core().body_limit,
        ReadMode::Stream | ReadMode::Line
            if is_success
                && (!rules::may_be_json(response.headers())
                    || !rules::read_bodies(parts.endpoint)) =>
        {
            0
        }
        ReadMode::Stream | ReadMode::Line => JUDGED_PREFIX,
    }
}

/// A response that is streamed, or says failure by its status: its beginning is enough.
async fn begun(mut response: Incoming, limit: usize, reads: ReadMode) -> Received {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    if status.is_success() {
        let (body, rest) = begin(response, &headers, limit, reads).await;
        return Received {
            status,
            headers,
            body,
            native: None,
            rest: rest.map(Box::new),
            is_foreign: false,
        };
    }
    // The status alone suffices: an error page that is too long or breaks off must not hide that the token
    // has expired.
    let (body, _) = begin(response, &headers, limit, ReadMode::Whole).await;
    Received { status, headers, body, native: None, rest: None, is_foreign: false }
}

/// Reads the beginning of a body: up to a limit, or as much as is needed. If the connection breaks, the part
/// that arrived can still be judged.
async fn begin(
    mut response: Incoming,
    headers: &HeaderMap,
    limit: usize,
    reads: ReadMode,
) -> (Bytes, Option<Result<Incoming>>) {
    let mut begun = BytesMut::new();
    while begun.len() < limit && !is_enough(headers, &begun, reads) {
        match chunk(&mut response).await {
            Ok(Some(piece)) => begun.extend_from_slice(&piece),
            Ok(None) => return (begun.freeze(), None),
            Err(error) => return (begun.freeze(), Some(Err(error))),
        }
    }
    (begun.freeze(), Some(Ok(response)))
}

/// Whether this part of a body suffices to judge it. The rest of a body that cannot be an envelope may take long.
fn is_enough(headers: &HeaderMap, begun: &[u8], reads: ReadMode) -> bool {
    match reads {
        ReadMode::Whole | ReadMode::Bytes => false,
        ReadMode::Stream => rules::cannot_be_json(headers, begun),
        ReadMode::Line => begun.contains(&b'\n') || rules::cannot_be_json(headers, begun),
    }
}

/// Whether there may be more of a body than its first piece, which is not copied if it is all. Where
/// nothing is announced, even an empty piece may have others after it.
fn is_more(first: &Bytes, announced: Option<u64>, limit: usize) -> bool {
    first.len() <= limit && announced != Some(first.len() as u64)
}

/// Joins a body that comes in several pieces, up to a limit; says whether that was all of it.
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

/// Memory is reserved for at most this many announced bytes before they arrive.
const ROOM: usize = 1024 * 1024;

pub(crate) async fn chunk(response: &mut Incoming) -> Result<Option<Bytes>> {
    response.chunk().await.map_err(broke_off)
}

fn broke_off(error: TransportError) -> Error {
    let kind =
        if error.is_timeout() { ErrorKind::Timeout(Phase::Attempt) } else { ErrorKind::Transport };
    let error = error.without_url();
    Error::new(kind).with_reason(format!("the response broke off: {}", reason(&error)), error)
}

fn too_large(status: StatusCode, limit: usize) -> Error {
    Error::new(ErrorKind::TooLarge).with_message(format!(
        "a response with status {status} is longer than {limit} bytes; raise `body_limit`, or return a \
         `Download`"
    ))
}
