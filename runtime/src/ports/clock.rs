//! Time.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::BoxFuture;

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
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

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
