//! Streamed responses: downloads, lines, server-sent events, and pages of a list.

/// The part that all streams of items have in common. They poll an [`ItemSource`], or run the given expression.
macro_rules! item_stream {
    ($stream:ident($($source:ident).+) of $item:ty) => {
        item_stream!($stream($($source).+) of $item, |this, context| this.$($source).+.poll(context));
    };
    ($stream:ident($($source:ident).+) of $item:ty, |$this:ident, $context:ident| $poll:expr) => {
        impl<T, E> $stream<T, E> {
            /// Returns the next item; `None` at the end.
            ///
            /// This is cancel safe: dropping the future loses nothing.
            pub async fn next(&mut self) -> Option<Result<$item, E>> {
                std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
            }

            /// Collects all items up to the end, like the method of `futures::TryStreamExt`, but without that trait.
            ///
            /// # Errors
            ///
            /// The first failure; the items before it are lost.
            pub async fn try_collect<C: Default + Extend<$item>>(mut self) -> Result<C, E> {
                let mut items = C::default();
                while let Some(item) = self.next().await {
                    items.extend([item?]);
                }
                Ok(items)
            }
        }

        impl<T, E> Stream for $stream<T, E> {
            type Item = Result<$item, E>;

            fn poll_next(
                self: Pin<&mut Self>,
                $context: &mut Context<'_>,
            ) -> Poll<Option<Self::Item>> {
                let $this = self.get_mut();
                $poll
            }
        }

        // None of it is pinned.
        impl<T, E> Unpin for $stream<T, E> {}

        impl<T, E> fmt::Debug for $stream<T, E> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($stream)).field(&self.$($source).+).finish()
            }
        }
    };
}

/// A stream of values that a fake of an API has already.
macro_rules! given_stream {
    ($stream:ident of $item:ty, |$items:ident| $made:expr) => {
        /// A stream of these items, for a fake of an API. Adjusting it has no effect.
        impl<T, E> From<Vec<$item>> for $stream<T, E>
        where
            T: Send + 'static,
            E: Send + 'static,
        {
            fn from($items: Vec<$item>) -> Self {
                $made
            }
        }
    };
}

/// The part that the streams which an endpoint can return have in common.
macro_rules! returned_stream {
    ($stream:ident($($source:ident).+)) => {
        $crate::call::adjust::adjustments!($stream);

        impl<T, E> $stream<T, E> {
            fn parts_mut(&mut self) -> Option<&mut Parts> {
                self.$($source).+.parts_mut()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, E> $crate::call::Returned for $stream<T, E> {
            type Value = T;
            type Error = E;
            type Call = Self;

            fn from_call(call: Self) -> Self {
                call
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T, E> $crate::call::output::StreamReturn for $stream<T, E> {
            type Item = T;
        }
    };
}

/// A stream whose items are always JSON, even if a response of their type would be decoded differently.
macro_rules! json_stream {
    ($stream:ident: |$parts:ident, $error:ident| $made:expr) => {
        json_stream!(@ $stream, $parts, $error, $made, Json, Unit, Maybe, Custom, Undecoded);
    };
    (@ $stream:ident, $parts:ident, $error:ident, $made:expr, $($kind:ident),*) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: DeserializeOwned, E> StreamItem<$stream<T, E>, $crate::call::decode::$kind> for T {
            fn streamed($parts: Box<Parts>, $error: fn(Error) -> E) -> $stream<T, E> {
                $made
            }
        }
    )*};
}

mod body_reader;
mod download;
mod event_source;
mod events;
mod item_error;
mod lines;
mod page_request;
mod page_walk;
mod pages;
mod parse;
mod range;
mod resume;
#[cfg(not(target_family = "wasm"))]
mod save;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::{StreamExt as _, stream};

use super::parts::Parts;
use crate::types::endpoint::Endpoint;
use crate::types::error::{Error, Result};

pub(super) use body_reader::keep_secrets;
pub(crate) use download::accept_identity;
pub use download::{Download, DownloadStream};
pub use events::{Events, ServerEvent};
pub use lines::Lines;
pub use pages::{PageStream, Pages};

type BoxStream<I> = Pin<Box<dyn Stream<Item = I> + Send>>;

/// A stream that starts when it is first polled. Until then its call can be adjusted.
struct LazyStream<I> {
    endpoint: &'static Endpoint,
    parts: Option<Box<Parts>>,
    start: fn(Box<Parts>) -> BoxStream<Result<I>>,
    running: Option<BoxStream<Result<I>>>,
}

impl<I> LazyStream<I> {
    fn new(parts: Box<Parts>, start: fn(Box<Parts>) -> BoxStream<Result<I>>) -> Self {
        Self { endpoint: parts.endpoint, parts: Some(parts), start, running: None }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<I>>> {
        if let Some(parts) = self.parts.take() {
            self.running = Some((self.start)(parts));
        }
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        let next = std::task::ready!(running.as_mut().poll_next(context));
        if next.is_none() {
            self.running = None;
        }
        Poll::Ready(next)
    }
}

impl<I> fmt::Debug for LazyStream<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.parts {
            Some(parts) => fmt::Debug::fmt(parts.endpoint, f),
            None => f.write_str("running"),
        }
    }
}

/// The source of a stream's items.
enum ItemSource<I, T, E> {
    /// A call: `make` turns each raw item into a value, `error` turns a failure into the declared error.
    Call { call: LazyStream<I>, make: fn(&'static Endpoint, I) -> Result<T>, error: fn(Error) -> E },
    /// The items that were given to a fake of an API.
    Given(BoxStream<Result<T, E>>),
}

impl<I, T, E> ItemSource<I, T, E> {
    /// The stream is fused: it is not polled again after its end.
    fn given(items: impl Stream<Item = Result<T, E>> + Send + 'static) -> Self
    where
        Result<T, E>: 'static,
    {
        Self::Given(Box::pin(items.fuse()))
    }

    /// The parts of the call, as long as it can still be adjusted.
    fn parts_mut(&mut self) -> Option<&mut Parts> {
        match self {
            Self::Call { call, .. } => call.parts.as_deref_mut(),
            Self::Given(_) => None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T, E>>> {
        match self {
            Self::Call { call, make, error } => {
                let item = std::task::ready!(call.poll(context));
                let endpoint = call.endpoint;
                let declared = |failure: Error| error(failure.with_endpoint(endpoint));
                let made = |item: Result<I>| item.and_then(|item| make(endpoint, item));
                Poll::Ready(item.map(|item| made(item).map_err(declared)))
            }
            Self::Given(items) => items.as_mut().poll_next(context),
        }
    }
}

impl<I, T, E> fmt::Debug for ItemSource<I, T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { call, .. } => call.fmt(f),
            Self::Given(_) => f.write_str("given"),
        }
    }
}

/// Produces one item after another, until the end or the first failure.
trait NextItem: Send + Sized + 'static {
    type Item: Send + 'static;

    fn next(&mut self) -> impl Future<Output = Result<Option<Self::Item>>> + Send;

    fn into_boxed_stream(self) -> BoxStream<Result<Self::Item>> {
        Box::pin(stream::try_unfold(self, async |mut this| {
            this.next().await.map(|item| item.map(|item| (item, this)))
        }))
    }
}
