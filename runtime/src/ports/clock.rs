//! Time.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
#[cfg(not(target_family = "wasm"))]
use tokio::time::Instant;

use super::BoxFuture;
#[cfg(target_family = "wasm")]
pub use super::browser::clock::SystemClock;

/// The source of time for a client and its session.
///
/// [`SystemClock`] is the default. A test can provide a clock that it controls, and a program without tokio can provide
/// its own timer.
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use perennial::BoxFuture;
/// use perennial::system::{Clock, SystemClock};
///
/// /// A clock that is an hour ahead of the system's.
/// #[derive(Default)]
/// struct Ahead(SystemClock);
///
/// impl Clock for Ahead {
///     fn now(&self) -> Duration {
///         self.0.now()
///     }
///
///     fn wall(&self) -> SystemTime {
///         self.0.wall() + Duration::from_secs(3600)
///     }
///
///     fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
///         self.0.sleep(duration)
///     }
/// }
///
/// # use perennial::{Result, api_client};
/// # #[api_client(auth(bearer))]
/// # pub trait Shop {
/// #     #[get("/orders")]
/// #     async fn orders(&self) -> Result<String>;
/// # }
/// # fn main() -> Result<()> {
/// let shop = ShopClient::builder("https://shop.example").clock(Ahead::default()).build()?;
/// # Ok(())
/// # }
/// ```
pub trait Clock: Send + Sync + 'static {
    /// Time since a fixed point in the past. It never runs backwards.
    fn now(&self) -> Duration;

    /// The time of day, which is compared with the expiry of tokens. It may jump.
    fn wall(&self) -> SystemTime;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

impl dyn Clock {
    /// The result of `work`; `None` if it takes longer than `limit`.
    pub(crate) fn timeout<F: Future + Unpin>(
        &self,
        limit: Duration,
        mut work: F,
    ) -> impl Future<Output = Option<F::Output>> + use<F> {
        let mut late = self.sleep(limit);
        poll_fn(move |context| match work.poll_unpin(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => late.poll_unpin(context).map(|()| None),
        })
    }
}

/// The system's clock and tokio's timer.
#[cfg(not(target_family = "wasm"))]
#[derive(Debug, Clone)]
pub struct SystemClock {
    start: Instant,
}

#[cfg(not(target_family = "wasm"))]
impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

#[cfg(not(target_family = "wasm"))]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}
