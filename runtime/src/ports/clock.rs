//! Time.

use std::time::{Duration, SystemTime};

#[cfg(not(target_family = "wasm"))]
use tokio::time::Instant;

use super::BoxFuture;
#[cfg(target_family = "wasm")]
pub use super::browser::clock::SystemClock;

/// Where a client has its time from.
///
/// [`SystemClock`] is the default. A test permits its own; a program that runs elsewhere than on tokio
/// brings another.
pub trait Clock: Send + Sync + 'static {
    /// Time since a fixed point in the past, which never runs backwards.
    fn now(&self) -> Duration;

    /// The time of day, with which the lifetimes of tokens are compared. It may jump.
    fn wall(&self) -> SystemTime;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of the system, and the timer of tokio.
#[cfg(not(target_family = "wasm"))]
#[derive(Debug)]
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
