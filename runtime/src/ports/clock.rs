//! Time.

use std::time::{Duration, SystemTime};

#[cfg(not(target_family = "wasm"))]
use tokio::time::Instant;

use super::BoxFuture;
#[cfg(target_family = "wasm")]
pub use super::browser::clock::SystemClock;

/// The source of time for a client and its session.
///
/// [`SystemClock`] is the default. A test provides a clock that it controls; a program without tokio provides
/// its own timer.
pub trait Clock: Send + Sync + 'static {
    /// Time since a fixed point in the past. It never runs backwards.
    fn now(&self) -> Duration;

    /// The time of day, which is compared with the expiry of tokens. It may jump.
    fn wall(&self) -> SystemTime;

    /// Completes after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
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
