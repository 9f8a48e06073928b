//! Responses that come piece by piece: downloads, lines, events, and pages one after another.

mod download;
mod event_source;
mod events;
mod lines;
mod pages;
mod parse;
mod range;
mod resume;
mod save;
mod source;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::{StreamExt as _, stream};

use super::parts::Parts;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, Result};

pub(crate) use download::ask_for_plain;
pub use download::{Download, DownloadStream};
pub use events::{Events, ServerEvent};
pub use lines::Lines;
pub use pages::{PageStream, Pages};

type BoxStream<I> = Pin<Box<dyn Stream<Item = I> + Send>>;

/// A stream that begins when it is first asked: until then its call can be adjusted.
struct Lazy<I> {
    endpoint: &'static Endpoint,
    parts: Option<Box<Parts>>,
    begin: fn(Box<Parts>) -> BoxStream<Result<I>>,
    running: Option<BoxStream<Result<I>>>,
}

impl<I> Lazy<I> {
    fn new(parts: Box<Parts>, begin: fn(Box<Parts>) -> BoxStream<Result<I>>) -> Self {
        Self { endpoint: parts.endpoint, parts: Some(parts), begin, running: None }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<I>>> {
        if let Some(parts) = self.parts.take() {
            self.running = Some((self.begin)(parts));
        }
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        let next = std::task::ready!(running.as_mut().poll_next(context));
        if next.is_none() {
            self.running = None;
        }
        Poll::Ready(next)
    }
}

impl<I> fmt::Debug for Lazy<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parts {
            Some(parts) => fmt::Debug::fmt(parts.endpoint, f),
            None => f.write_str("running"),
        }
    }
}

/// Where the items of a stream come from.
enum Supply<I, T, E> {
    /// From a call, whose pieces become items, and whose failures become the declared error.
    Call { call: Lazy<I>, make: fn(I) -> Result<T>, error: fn(Error) -> E },
    /// From what a fake of an API was given.
    Given(BoxStream<Result<T, E>>),
}

impl<I, T, E> Supply<I, T, E> {
    /// The stream is not asked again after its end.
    fn given(items: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        Result<T, E>: 'static,
    {
        Self::Given(Box::pin(items.fuse()))
    }

    /// What the call is made of, as long as it can be adjusted.
    fn parts_mut(&mut self) -> Option<&mut Parts> {
        match self {
            Self::Call { call, .. } => call.parts.as_deref_mut(),
            Self::Given(_) => None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        match self {
            Self::Call { call, make, error } => {
                let piece = std::task::ready!(call.poll(context));
                let told = |failure: Error| error(failure.with_endpoint(call.endpoint));
                Poll::Ready(piece.map(|piece| piece.and_then(*make).map_err(told)))
            }
            Self::Given(items) => items.as_mut().poll_next(context),
        }
    }
}

impl<I, T, E> fmt::Debug for Supply<I, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { call, .. } => call.fmt(f),
            Self::Given(_) => f.write_str("given"),
        }
    }
}

/// What gives one item after another, until the first failure.
trait Piecewise: Send + Sized + 'static {
    type Item: Send + 'static;

    fn next(&mut self) -> impl Future<Output = Result<Option<Self::Item>>> + Send;

    fn streamed(self) -> BoxStream<Result<Self::Item>> {
        Box::pin(stream::unfold(Some(self), async |this| {
            let mut this = this?;
            match this.next().await {
                Ok(Some(item)) => Some((Ok(item), Some(this))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}
