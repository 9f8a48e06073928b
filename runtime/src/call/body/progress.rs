//! Progress of an upload or a download.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::watch;

use crate::ports::BoxFuture;
use crate::ports::http::HttpBody;
use crate::types::error::BoxError;

/// Progress of an upload or a download, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Progress {
    /// The number of bytes transferred so far. Each attempt of an upload starts from 0.
    pub done: u64,
    /// The total number of bytes, if known.
    pub total: Option<u64>,
}

impl Progress {
    /// Returns the progress as a fraction between 0 and 1, if the total is known.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let total = self.total?;
        Some(if total == 0 { 1.0 } else { self.done as f64 / total as f64 })
    }
}

/// A function that receives progress.
pub(crate) type Watcher = Arc<dyn Fn(Progress) + Send + Sync>;

/// Progress as a stream. Each item is the latest state; unread states are dropped, so that a slow reader neither
/// delays the transfer nor fills memory. The stream ends with the transfer.
///
/// ```
/// use perennial::Download;
/// use perennial::body::{Progress, ProgressEvents};
///
/// /// Shows the progress while the bytes arrive.
/// async fn show(download: Download) -> perennial::Result<usize> {
///     let (download, mut events): (Download, ProgressEvents) = download.progress_events();
///     let shown = async {
///         while let Some(Progress { done, total, .. }) = events.next().await {
///             println!("{done} of {total:?} bytes");
///         }
///     };
///     let (bytes, ()) = tokio::join!(download.bytes(), shown);
///     Ok(bytes?.len())
/// }
///
/// # #[tokio::main]
/// # async fn main() -> perennial::Result<()> {
/// let download = Download::from_response(perennial::http::Response::new("seven b"));
/// assert_eq!(show(download).await?, 7);
/// # Ok(())
/// # }
/// ```
pub struct ProgressEvents {
    wait: Waiting,
}

type Waiting = BoxFuture<'static, Option<(Progress, watch::Receiver<Progress>)>>;

impl ProgressEvents {
    pub(crate) fn new() -> (Watcher, Self) {
        let (sender, receiver) = watch::channel(Progress::default());
        let watcher: Watcher = Arc::new(move |progress| {
            sender.send_replace(progress);
        });
        (watcher, Self { wait: wait(receiver) })
    }

    /// Returns the latest progress, as soon as it has changed; `None` after the end of the transfer.
    pub async fn next(&mut self) -> Option<Progress> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

fn wait(mut receiver: watch::Receiver<Progress>) -> Waiting {
    Box::pin(async move {
        receiver.changed().await.ok()?;
        let progress = *receiver.borrow_and_update();
        Some((progress, receiver))
    })
}

impl Stream for ProgressEvents {
    type Item = Progress;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Progress>> {
        let next = std::task::ready!(self.wait.as_mut().poll(context));
        Poll::Ready(match next {
            Some((progress, receiver)) => {
                self.wait = wait(receiver);
                Some(progress)
            }
            None => {
                self.wait = Box::pin(std::future::ready(None));
                None
            }
        })
    }
}

impl fmt::Debug for ProgressEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProgressEvents")
    }
}

/// Counts bytes and reports them.
#[derive(Clone)]
pub(crate) struct Counter {
    watcher: Watcher,
    progress: Progress,
}

impl Counter {
    pub(crate) fn new(watcher: Watcher, done: u64, total: Option<u64>) -> Self {
        Self { watcher, progress: Progress { done, total } }
    }

    pub(crate) fn add(&mut self, bytes: usize) {
        self.progress.done += bytes as u64;
        (self.watcher)(self.progress);
    }
}

/// A body that reports its progress.
pub(crate) fn counted(body: HttpBody, watcher: &Watcher) -> HttpBody {
    let counter = Counter::new(Arc::clone(watcher), 0, body.size_hint().exact());
    HttpBody::wrap(Counted { body, counter })
}

struct Counted {
    body: HttpBody,
    counter: Counter,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = BoxError;

    // In a browser, the error of a body is already boxed.
    #[cfg_attr(target_family = "wasm", allow(clippy::useless_conversion))]
    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.counter.add(data.len());
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
