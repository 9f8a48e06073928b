//! Answers that come piece by piece: downloads, lines, events, and pages one after another.

mod download;
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
use futures_util::stream;

use super::parts::Parts;
use crate::words::endpoint::Endpoint;
use crate::words::error::Result;

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
